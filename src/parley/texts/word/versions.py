"""Paragraphs of a Word file in one of its two versions, as the outline takes them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from parley.texts.articles import CELL
from parley.texts.labels import opens_article, split_heading
from parley.texts.outline import Line
from parley.texts.word.numbering import Counter
from parley.texts.word.runs import Change, Run, Version


@dataclass(frozen=True)
class Paragraph:
    """A paragraph as the file has it, with both versions in it.

    `number` and `number_before` are instance and level of the list it belongs to, now and before
    a tracked change of its form; `mark` are changes of the mark that ends it; `cells` is how many
    cells of its row follow, counting itself, where it stands in a table.
    """

    runs: tuple[Run, ...]
    heading: int
    title: bool
    number: tuple[str, int] | None
    number_before: tuple[str, int] | None
    mark: tuple[Change, ...]
    place: int
    id: str | None = None
    issues: tuple[str, ...] = ()
    comments: tuple[str, ...] = ()
    row: tuple[int, int] | None = None

    def text(self, version: Version) -> str:
        """The words in one version."""
        return "".join(run.text for run in self.runs if run.is_in(version))


def in_version(paragraphs: tuple[Paragraph, ...], version: Version) -> Iterator[Paragraph]:
    """Paragraphs of one version: where a mark is not in it, the next one is run on."""
    hidden = {"original": {"inserted", "moved to"}, "final": {"deleted", "moved from"}}[version]
    begun: Paragraph | None = None
    for paragraph in paragraphs:
        joins = begun is not None and begun.row == paragraph.row
        if begun is not None and not joins:
            yield begun
            begun = None
        here = paragraph if begun is None else _run_on(begun, paragraph, version)
        if any(change.kind in hidden for change in paragraph.mark):
            begun = here
        else:
            yield here
            begun = None
    if begun is not None:
        yield begun


def _run_on(first: Paragraph, second: Paragraph, version: Version) -> Paragraph:
    """Two paragraphs as one; the mark that is left decides its form."""
    kept = bool(first.text(version).strip())
    return replace(
        second,
        runs=(*first.runs, *second.runs),
        id=first.id if kept and first.id else second.id,
        issues=(first.issues if kept else ()) or second.issues,
        comments=(*first.comments, *second.comments),
    )


_EDGES = " \u00a0\t\n"


def lines_of(paragraphs: list[Paragraph], version: Version, counter: Counter) -> Iterator[Line]:
    """Paragraphs as the outline takes them; rows of tables put together."""
    row: list[Paragraph] = []
    for paragraph in paragraphs:
        if row and _row_of(paragraph) != _row_of(row[0]):
            yield from _row(row, version, counter)
            row = []
        if paragraph.row is not None:
            row.append(paragraph)
            continue
        text = paragraph.text(version).strip(_EDGES)
        if text and not paragraph.title:
            yield _line(paragraph, text, _label(paragraph, version, counter))
    if row:
        yield from _row(row, version, counter)


def _row_of(paragraph: Paragraph) -> int | None:
    return None if paragraph.row is None else paragraph.row[0]


def _label(paragraph: Paragraph, version: Version, counter: Counter) -> str:
    number = paragraph.number if version == "final" else paragraph.number_before
    return counter.label(*number) if number is not None else ""


def _line(paragraph: Paragraph, text: str, label: str) -> Line:
    heading = paragraph.heading
    if not heading and opens_article(f"{label} {text}".strip()):
        heading = 2 if split_heading(f"{label} {text}".strip())[0] != "part" else 1
    return Line(text, paragraph.place, heading, label or None, paragraph.id, paragraph.issues)


def _row(row: list[Paragraph], version: Version, counter: Counter) -> Iterator[Line]:
    cells: dict[int, list[str]] = {}
    for paragraph in row:
        assert paragraph.row is not None
        text = paragraph.text(version).strip(_EDGES)
        label = _label(paragraph, version, counter) if text else ""
        words = f"{label} {text}".strip().replace(CELL, " ")
        cells.setdefault(paragraph.row[1], []).append(words)
    texts = ["\n".join(t for t in cell if t) for cell in cells.values()]
    if any(texts):
        first = row[0]
        ids = [p.id for p in row if p.id]
        issues = next((p.issues for p in row if p.issues), ())
        yield Line(CELL.join(texts), first.place, 0, None, ids[0] if ids else None, issues, True)


def text_of(paragraphs: tuple[Paragraph, ...], version: Version) -> str:
    texts = [p.text(version).strip(_EDGES) for p in in_version(paragraphs, version)]
    return re.sub(r"^\s+", "", "\n".join(t for t in texts if t))
