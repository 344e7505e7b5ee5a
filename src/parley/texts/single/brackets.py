"""Brackets: words that are not agreed, with who proposed which.

Alternatives stand side by side in square brackets, each with those who propose it, as in practice:
``within [north: 30] [south: 60] days``. They may hold brackets again. ``[^1]`` is a footnote, no
bracket. A bracket with one alternative is a proposal that nobody has answered; one with nothing in
it proposes to leave the words out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

DEEPEST = 8
"""How deep brackets may stand in one another; deeper ones nobody can read."""
_BY = re.compile(r"(?P<by>[a-z0-9][a-z0-9-]*(?:\s*[+&]\s*[a-z0-9][a-z0-9-]*)*)\s*:\s?")
NOTE = re.compile(r"\[\^[^\]\s]{1,20}\]")


@dataclass(frozen=True)
class Alternative:
    """One wording in a bracket: what it says, and who proposes it."""

    content: Content
    by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Bracket:
    """Words that are not agreed. `id` is unique in a single text; empty where it was only read."""

    id: str
    alternatives: tuple[Alternative, ...]


Node = str | Bracket
Content = tuple[Node, ...]


class BracketError(ValueError):
    """A bracket that is not closed, or not opened; `at` is the place of the letter."""

    def __init__(self, what: str, remedy: str, at: int) -> None:
        self.what, self.remedy, self.at = what, remedy, at
        super().__init__(what)


def read(text: str) -> Content:
    """The words and brackets of a text.

    Raises
    ------
    BracketError
        If a bracket is not closed, or closed without being opened, or they stand too deep.
    """
    content, end = _read(text, 0, ())
    if end < len(text):
        near = _near(text, end)
        what = f"A bracket is closed here that was not opened: {near}"
        raise BracketError(what, "Open it with [, or take the ] out.", end)
    return content


def _read(text: str, begin: int, opened: tuple[int, ...]) -> tuple[Content, int]:
    """Content from `begin` up to the bracket that closes the last `opened`, or to the end."""
    if len(opened) > DEEPEST:
        near = _near(text, opened[-1])
        what = f"Brackets stand in one another more than {DEEPEST} deep: {near}"
        raise BracketError(what, "Take some of them out.", opened[-1])
    nodes: list[Node] = []
    words = ""
    at = begin
    while at < len(text):
        note = NOTE.match(text, at)
        if note:
            words += note[0]
            at = note.end()
        elif text[at] == "[":
            nodes += [words] if words else []
            words = ""
            bracket, at = _bracket(text, at, opened)
            nodes.append(bracket)
        elif text[at] == "]":
            break
        else:
            words += text[at]
            at += 1
    if opened and at >= len(text):
        what = f"A bracket is opened here and never closed: {_near(text, opened[-1])}"
        raise BracketError(what, "Close it with ].", opened[-1])
    nodes += [words] if words else []
    return tuple(nodes), at


def _bracket(text: str, at: int, around: tuple[int, ...]) -> tuple[Bracket, int]:
    """Alternatives that stand side by side, with nothing but a blank between them."""
    alternatives = []
    while True:
        found = _BY.match(text, at + 1)
        start = found.end() if found else at + 1
        content, end = _read(text, start, (*around, at))
        by = tuple(re.split(r"\s*[+&]\s*", found["by"])) if found else ()
        alternatives.append(Alternative(content, by))
        at = end + 1
        following = at + 1 if text[at : at + 1] == " " else at
        if text[following : following + 1] != "[" or NOTE.match(text, following):
            return Bracket("", tuple(alternatives)), at
        at = following


def _near(text: str, at: int) -> str:
    return f"“{text[max(0, at - 20) : at + 30].strip()}”"


def written(content: Content, *, ids: bool = False) -> str:
    """Content as text with brackets; with the names of brackets before them if wanted."""
    return "".join(_written(node, ids) for node in content)


def _written(node: Node, ids: bool) -> str:
    if isinstance(node, str):
        return node
    parts = []
    for k, alternative in enumerate(node.alternatives, start=1):
        by = f"{'+'.join(alternative.by)}: " if alternative.by else ""
        name = f"{node.id}.{k} " if ids and node.id else ""
        parts.append(f"[{name}{by}{written(alternative.content, ids=ids)}]")
    return " ".join(parts)


def brackets_in(content: Content) -> Iterator[Bracket]:
    """Every bracket, also those inside others; outer ones first."""
    for node in content:
        if isinstance(node, Bracket):
            yield node
            for alternative in node.alternatives:
                yield from brackets_in(alternative.content)


def deepest(content: Content) -> int:
    """How deep brackets stand in one another; 0 where there are none."""
    inside = (
        1 + deepest(alternative.content)
        for node in content
        if isinstance(node, Bracket)
        for alternative in node.alternatives
    )
    return max(inside, default=0)


def all_words(content: Content) -> Iterator[str]:
    """All words, of every alternative."""
    for node in content:
        if isinstance(node, str):
            yield node
        else:
            for alternative in node.alternatives:
                yield from all_words(alternative.content)


def with_bracket(content: Content, name: str, new: Content) -> Content:
    """Content with the bracket of that name replaced, wherever it stands."""
    nodes: list[Node] = []
    for node in content:
        if isinstance(node, str):
            nodes.append(node)
        elif node.id == name:
            nodes += new
        else:
            inner = tuple(
                replace(a, content=with_bracket(a.content, name, new)) for a in node.alternatives
            )
            nodes.append(replace(node, alternatives=inner))
    return joined(nodes)


def joined(nodes: Sequence[Node]) -> Content:
    """Neighbouring words put together, nothing left empty."""
    result: list[Node] = []
    for node in nodes:
        if isinstance(node, str) and result and isinstance(result[-1], str):
            result[-1] += node
        elif node != "":
            result.append(node)
    return tuple(result)
