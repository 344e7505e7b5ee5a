"""From paragraphs in a row to articles, paragraphs and points that stand in one another."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from parley.errors import Mistake
from parley.texts.articles import HEADED, Provision, ProvisionKind
from parley.texts.labels import nested_style, split_heading, split_label, style_of

MOST = 50_000
"""Most provisions of one text."""


@dataclass(frozen=True)
class Line:
    """One paragraph as it was read.

    `heading` is the level of a heading, 0 for others. `label` is a number that stands apart from
    the text (Word counts by itself); ``None`` where it is part of the text.
    """

    text: str
    line: int
    heading: int = 0
    label: str | None = None
    id: str | None = None
    issues: tuple[str, ...] = ()
    row: bool = False


@dataclass
class _Node:
    kind: ProvisionKind
    label: str
    heading: str
    text: str
    source: Line
    level: int = 0
    children: list[_Node] = field(default_factory=list)


def outline(lines: Iterable[Line], name: str) -> tuple[tuple[Provision, ...], list[Mistake]]:
    """The provisions of a text, and what is wrong with their numbers and identifiers."""
    builder = _Builder()
    for line in lines:
        builder.add(line)
    mistakes = [*_twice(builder.top, name), *_same_id(builder.top, name)]
    if sum(1 for _ in _walk(builder.top)) > MOST:
        what = f"The text has over {MOST:,} paragraphs."
        mistakes.append(Mistake(name, 0, "too-large", what, "Split it into several texts."))
    taken = {node.source.id for node in _walk(builder.top) if node.source.id}
    return tuple(_freeze(builder.top, "", taken)), mistakes


class _Builder:
    """Puts each line where it belongs, by the level of headings and the style of numbers."""

    def __init__(self) -> None:
        self.top: list[_Node] = []
        self.headings: list[_Node] = []
        self.open: list[tuple[str, _Node]] = []

    def add(self, line: Line) -> None:
        if line.heading:
            self._heading(line)
        elif line.row:
            self._siblings().append(_Node(ProvisionKind.ROW, "", "", line.text, line))
        else:
            self._body(line)

    def _siblings(self) -> list[_Node]:
        return self.headings[-1].children if self.headings else self.top

    def _heading(self, line: Line) -> None:
        if line.label is None:
            kind, label, rest = split_heading(line.text)
        else:
            kind, label, rest = *split_heading(line.label + ".")[:2], line.text
            label = label or line.label.rstrip(".")
        level = line.heading
        node = _Node(ProvisionKind(kind or "part"), label, rest, "", line, level)
        while self.headings and self.headings[-1].level >= level:
            self.headings.pop()
        self._siblings().append(node)
        self.headings.append(node)
        self.open = []

    def _body(self, line: Line) -> None:
        if line.label is None:
            style, label, text = split_label(line.text)
        else:
            style, label, text = style_of(line.label), line.label, line.text
        if not label:
            node = _Node(ProvisionKind.PARAGRAPH, "", "", line.text, line)
            self._siblings().append(node)
            self.open = [("", node)]
            return
        style = nested_style(style, label, {s: n.label for s, n in self.open})
        self._close(style)
        if self.open:
            node = _Node(ProvisionKind.POINT, label, "", text, line)
            self.open[-1][1].children.append(node)
        else:
            node = _Node(ProvisionKind.PARAGRAPH, label, "", text, line)
            self._siblings().append(node)
        self.open.append((style, node))

    def _close(self, style: str) -> None:
        """Close what a number of this style does not stand in."""
        styles = [s for s, _ in self.open]
        if style in styles:
            del self.open[styles.index(style) :]
        elif style in {"1.", "1.1"} and styles[:1] == [""]:
            self.open = []


def _walk(nodes: Sequence[_Node]) -> Iterable[_Node]:
    for node in nodes:
        yield node
        yield from _walk(node.children)


def _freeze(nodes: Sequence[_Node], above: str, taken: set[str]) -> list[Provision]:
    result = []
    for k, node in enumerate(nodes, start=1):
        name = node.source.id or _free(_made_up(node, above, k), taken)
        result.append(
            Provision(
                name,
                node.kind,
                node.label,
                node.heading,
                node.text,
                tuple(_freeze(node.children, name, taken)),
                node.source.issues,
                node.source.line,
                node.source.id is not None,
            )
        )
    return result


def _made_up(node: _Node, above: str, place: int) -> str:
    """An identifier from the words of a heading, or from the number and what it stands in."""
    number = slug(node.label)
    if node.kind in HEADED:
        words = slug(node.heading).split("-")[:5]
        return "-".join(w for w in words if w) or number or f"{node.kind.value}-{place}"
    mark = number or f"{'r' if node.kind is ProvisionKind.ROW else 'p'}{place}"
    return f"{above}.{mark}" if above else mark


def _free(wanted: str, taken: set[str]) -> str:
    wanted = wanted[:100].strip(".-")
    name, k = wanted, 1
    while name in taken:
        k += 1
        name = f"{wanted}-{k}"
    taken.add(name)
    return name


def slug(text: str) -> str:
    """Small letters, digits and hyphens of a text."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _twice(nodes: Sequence[_Node], name: str) -> Iterable[Mistake]:
    """Numbers that stand twice: articles in the whole text, others among their neighbours."""
    seen: dict[str, _Node] = {}
    for node in _walk(nodes):
        if node.kind in {ProvisionKind.ARTICLE, ProvisionKind.ANNEX} and node.label:
            key = node.label.lower()
            if node.kind is ProvisionKind.ARTICLE and "." in key:
                continue
            first = seen.setdefault(key, node)
            if first is not node:
                yield Mistake(
                    name,
                    node.source.line,
                    "number-twice",
                    f"{node.label} stands here twice (first in line {first.source.line}).",
                    "Give each its own number.",
                )
    for group in [nodes, *(node.children for node in _walk(nodes))]:
        yield from _twice_among(group, name)


def _twice_among(nodes: Sequence[_Node], name: str) -> Iterable[Mistake]:
    seen: dict[str, _Node] = {}
    for node in nodes:
        if not node.label or node.kind in HEADED or not any(c.isalnum() for c in node.label):
            continue
        first = seen.setdefault(node.label, node)
        if first is not node:
            yield Mistake(
                name,
                node.source.line,
                "number-twice",
                f"The number {node.label} stands here twice (first in line {first.source.line}).",
                "Give each its own number.",
            )


def _same_id(nodes: Sequence[_Node], name: str) -> Iterable[Mistake]:
    seen: dict[str, int] = {}
    for node in _walk(nodes):
        if node.source.id is None:
            continue
        first = seen.setdefault(node.source.id, node.source.line)
        if first != node.source.line:
            yield Mistake(
                name,
                node.source.line,
                "id-twice",
                f"The id `{node.source.id}` stands here twice (first in line {first}).",
                "Give each its own.",
            )
