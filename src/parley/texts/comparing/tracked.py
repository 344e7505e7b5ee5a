"""One text against another as tracked changes: what Word shows when a draft comes back.

Read before all changes it is the one text, read after them the other. Numbers are written out,
since a number that Word counts by itself would be the same in both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from parley.texts.articles import CELL, HEADED, Draft, Provision, ProvisionKind
from parley.texts.comparing.align import align, longest_rising
from parley.texts.comparing.redline import redline
from parley.texts.word.runs import Change, ChangeKind, Run
from parley.texts.word.writing import Block


@dataclass(frozen=True)
class _Line:
    """A provision by itself, as it is written in one paragraph."""

    id: str
    text: str
    heading: int
    depth: int
    row: bool
    issues: tuple[str, ...]


def tracked(before: Draft, after: Draft, author: str, date: str = "") -> list[Block]:
    """The paragraphs of a Word file that shows how the one text becomes the other."""
    old, new = list(_lines(before)), list(_lines(after))
    pairs = _paired(before, after, old, new)
    gone = Change("deleted", author, date)
    come = Change("inserted", author, date)
    blocks: list[Block] = []
    i = j = 0
    for a, b in [*pairs, (len(old), len(new))]:
        blocks += [_whole(line, gone) for line in old[i:a]]
        blocks += [_whole(line, come) for line in new[j:b]]
        if a < len(old):
            blocks.append(_changed(old[a], new[b], gone, come))
        i, j = a + 1, b + 1
    return blocks


def _lines(draft: Draft) -> Iterator[_Line]:
    def visit(provision: Provision, depth: int, level: int) -> Iterator[_Line]:
        if provision.kind in HEADED:
            heading = provision.heading
            label = provision.label
            text = f"{label}. {heading}" if label and heading else label or heading
            yield _Line(provision.id, text, min(level, 9), 0, False, provision.issues)
            for child in provision.children:
                yield from visit(child, 0, level + 1)
            return
        row = provision.kind is ProvisionKind.ROW
        text = provision.text if row else f"{provision.label} {provision.text}".strip()
        yield _Line(provision.id, text, 0, depth, row, provision.issues)
        for child in provision.children:
            yield from visit(child, depth + 1, level)

    for top in draft.provisions:
        yield from visit(top, 0, 1)


def _paired(
    before: Draft, after: Draft, old: list[_Line], new: list[_Line]
) -> list[tuple[int, int]]:
    """Lines that are the same provision, in an order that both texts have."""
    place = {line.id: k for k, line in enumerate(new)}
    found: dict[int, int] = {}
    counterpart = _counterparts(before, after)
    taken: set[int] = set()
    for k, line in enumerate(old):
        other = place.get(counterpart.get(line.id, ""))
        if other is None or other in taken:
            continue
        if _form(new[other]) == _form(line):
            found[k] = other
            taken.add(other)
    items = sorted(found.items())
    kept = longest_rising([b for _, b in items])
    return [pair for k, pair in enumerate(items) if k in kept]


def _form(line: _Line) -> tuple[bool, bool, int]:
    """What two lines must have in common to be shown as one: a heading, a row of so many cells."""
    return line.heading > 0, line.row, line.text.count(CELL) if line.row else 0


def _counterparts(before: Draft, after: Draft) -> dict[str, str]:
    """For each provision of one text the one of the other that it became."""
    given = {p.id for p in after.all if p.given_id}
    result = {p.id: p.id for p in before.all if p.given_id and p.id in given}
    for match in align(before, after).matches:
        for a, b in zip(match.left, match.right, strict=False):
            result.setdefault(a, b)
            _children(before.by_id[a], after.by_id[b], result)
    result |= _headings(before, after, result)
    return result


def _headings(before: Draft, after: Draft, known: dict[str, str]) -> dict[str, str]:
    """For each heading that of the most counterparts of what stands under it; one to one."""
    votes: Counter[tuple[str, str]] = Counter()
    old = [p for p in before.all if p.kind in HEADED and p.id not in known]
    for heading in old:
        for same in after.all:
            if same.kind is heading.kind and same.words == heading.words:
                votes[heading.id, same.id] += 1
        for child in heading.children:
            above = after.parent.get(known.get(child.id, ""))
            if above is not None and above.kind is heading.kind:
                votes[heading.id, above.id] += 1
    found: dict[str, str] = {}
    for (one, other), _ in votes.most_common():
        if one not in found and other not in {*found.values(), *known.values()}:
            found[one] = other
    return found


def _children(a: Provision, b: Provision, result: dict[str, str]) -> None:
    left = [c for c in a.children if c.id not in result]
    labels = {c.label: c for c in b.children}
    for child in left:
        other = labels.get(child.label)
        if other is not None:
            result[child.id] = other.id
            _children(child, other, result)


def _whole(line: _Line, change: Change) -> Block:
    """A paragraph or row that only one of the texts has."""
    if line.row:
        cells = tuple((Run(cell, (change,)),) for cell in line.text.split(CELL))
        return Block((), id=_own(line, change), cells=cells, row_change=change)
    return Block(
        (Run(line.text, (change,)),),
        heading=line.heading,
        depth=line.depth,
        id=_own(line, change),
        issues=line.issues if change.kind == "inserted" else (),
        mark=(change,),
    )


def _own(line: _Line, change: Change) -> str:
    return line.id if change.kind == "inserted" else ""


def _changed(old: _Line, new: _Line, gone: Change, come: Change) -> Block:
    if new.row:
        both = zip(old.text.split(CELL), new.text.split(CELL), strict=True)
        cells = tuple(_runs(a, b, gone, come) for a, b in both)
        return Block((), id=new.id, issues=new.issues, cells=cells)
    runs = _runs(old.text, new.text, gone, come)
    return Block(runs, heading=new.heading, depth=new.depth, id=new.id, issues=new.issues)


def _runs(before: str, after: str, gone: Change, come: Change) -> tuple[Run, ...]:
    kinds: dict[ChangeKind | str, tuple[Change, ...]] = {
        "same": (),
        "deleted": (gone,),
        "inserted": (come,),
    }
    return tuple(Run(piece.text, kinds[piece.kind]) for piece in redline(before, after))
