"""A single text as it is shown: with brackets, by delegation, clean; and how much is open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from parley.errors import OperationError
from parley.texts.articles import HEADED, Draft, Provision, ProvisionKind
from parley.texts.single.brackets import Bracket, Content, brackets_in, joined, written
from parley.texts.single.state import SingleText


@dataclass(frozen=True)
class OpenPoint:
    """A bracket that is open: where, its wordings, by whom, and who has reservations."""

    bracket: str
    at: str
    place: str
    alternatives: tuple[tuple[str, tuple[str, ...]], ...]
    reserved_by: tuple[str, ...]
    depth: int


def draft_of(text: SingleText, *, ids: bool = False) -> Draft:
    """The text with its brackets, as a text."""
    return _draft(text, lambda content: written(content, ids=ids))


def clean(text: SingleText) -> Draft:
    """The agreed text.

    Raises
    ------
    OperationError
        If brackets or reservations are left.
    """
    left = len(text.open)
    if left or text.reservations:
        held = len(text.reservations)
        what = f"There are {left} open brackets and {held} reservations."
        raise OperationError(what, "A clean text has none.")
    return _draft(text, written)


def reading_of(text: SingleText, delegation: str) -> Draft:
    """The text as it would read if every bracket were settled as one delegation proposes.

    Where it proposed nothing, the words stay as they stood before; where there were none, the words
    that others propose stay out.
    """
    if delegation not in text.delegations:
        known = ", ".join(text.delegations)
        raise OperationError(f"`{delegation}` has no part in this text.", f"Known are: {known}.")
    return _draft(text, lambda content: written(_settled(content, delegation)))


def _settled(content: Content, delegation: str) -> Content:
    nodes: list[str | Bracket] = []
    for node in content:
        if isinstance(node, str):
            nodes.append(node)
            continue
        own = [a for a in node.alternatives if delegation in a.by]
        base = [a for a in node.alternatives if not a.by]
        for chosen in (own or base)[-1:]:
            nodes += _settled(chosen.content, delegation)
    return joined(nodes)


def _draft(text: SingleText, show: Callable[[Content], str]) -> Draft:
    after: dict[str, list[str]] = {}
    for name, before in text.inserted.items():
        after.setdefault(before, []).insert(0, name)

    def followers(name: str, kind: ProvisionKind) -> list[Provision]:
        result = []
        for new in after.get(name, ()):
            words = show(text.content[new])
            if words.strip():
                result.append(Provision(new, kind, text=words))
            result += followers(new, kind)
        return result

    def made(provision: Provision) -> list[Provision]:
        words = show(text.content[provision.id])
        children = [c for child in provision.children for c in made(child)]
        if provision.kind in HEADED:
            first = followers(provision.id, ProvisionKind.PARAGRAPH)
            return [replace(provision, heading=words, children=(*first, *children))]
        new = replace(provision, text=words, children=tuple(children))
        kept = [new] if words.strip() or children else []
        return [*kept, *followers(provision.id, ProvisionKind.PARAGRAPH)]

    tops = tuple(p for top in text.base.provisions for p in made(top))
    return Draft(text.base.name, text.base.front, tops, text.base.footnotes)


def open_points(text: SingleText) -> tuple[OpenPoint, ...]:
    """Every open bracket, in order of the text."""
    found = []
    for name in text.order():
        for bracket, depth in _with_depth(text.content[name], 0):
            reserved = sorted(r.who for r in text.reservations if r.on in {bracket.id, name})
            alternatives = tuple((written(a.content), a.by) for a in bracket.alternatives)
            place = place_in(text, name)
            point = OpenPoint(bracket.id, name, place, alternatives, tuple(reserved), depth)
            found.append(point)
    return tuple(found)


def place_in(text: SingleText, name: str) -> str:
    """Where a provision stands, also one that was put in."""
    steps = 0
    while name in text.inserted:
        name, steps = text.inserted[name], steps + 1
    return f"after {text.base.place(name)}" if steps else text.base.place(name)


def _with_depth(content: Content, depth: int) -> list[tuple[Bracket, int]]:
    found: list[tuple[Bracket, int]] = []
    for node in content:
        if isinstance(node, Bracket):
            found.append((node, depth))
            for alternative in node.alternatives:
                found += _with_depth(alternative.content, depth + 1)
    return found


def count_by_article(text: SingleText) -> dict[str, int]:
    """Open brackets by article, articles without any included."""
    counts: dict[str, int] = {}
    for name in text.order():
        base = name
        while base in text.inserted:
            base = text.inserted[base]
        article = text.base.article_of(base)
        label = " ".join(x for x in (article.label, article.heading) if x) or "Opening words"
        counts[label] = counts.get(label, 0) + len(list(brackets_in(text.content[name])))
    return counts


def count_by_round(states: Sequence[SingleText]) -> dict[int, int]:
    """Open brackets at the end of each round, the last one as it stands."""
    return {state.round: len(state.open) for state in states}
