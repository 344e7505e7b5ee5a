"""The table that a mediator puts on the screen: point by point, what each text says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from parley.case.model import Case, Issue
from parley.errors import SettingError
from parley.texts.articles import Draft
from parley.texts.comparing.align import Alignment, align
from parley.texts.comparing.redline import Piece, redline
from parley.texts.comparing.relation import Reading, Relation, by_options, by_words
from parley.texts.comparing.units import Unit, units_of

SURE = 0.35
"""Likeness from which paragraphs are taken to be rightly put side by side."""

MOST_TEXTS = 8


@dataclass(frozen=True)
class Cell:
    """What one text says on a point: provisions, where they stand, their words."""

    ids: tuple[str, ...] = ()
    place: str = ""
    text: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether the text says nothing here."""
        return not self.ids


@dataclass(frozen=True)
class Row:
    """One point.

    Parameters
    ----------
    topic
        Name of the issue, or heading of the article.
    cells
        One for each text.
    readings
        For each text how it stands to the first text that speaks; ``None`` for that one.
    issue
        Id of the issue, where the row is one of the case.
    unsure
        Whether the paragraphs may have been put side by side wrongly.
    moved
        Whether they stand in another order.
    """

    topic: str
    cells: tuple[Cell, ...]
    readings: tuple[Reading | None, ...]
    issue: str | None = None
    unsure: bool = False
    moved: bool = False

    @property
    def relation(self) -> Relation:
        """The gravest of the relations of the row."""
        found = [reading.relation for reading in self.readings if reading is not None]
        return next((r for r in GRAVITY if r in found), Relation.SAME)

    def redline(self, k: int) -> tuple[Piece, ...]:
        """Text `k` word by word against the first that speaks."""
        first = next((cell for cell in self.cells if not cell.is_empty), Cell())
        return redline(first.text, self.cells[k].text)


GRAVITY = (
    Relation.CONFLICTING,
    Relation.MISSING,
    Relation.UNCLEAR,
    Relation.NARROWER,
    Relation.WIDER,
    Relation.REWORDED,
    Relation.SAME,
)


@dataclass(frozen=True)
class Comparison:
    """Texts side by side: by the issues of the case, and paragraph by paragraph."""

    texts: tuple[Draft, ...]
    issues: tuple[Row, ...]
    paragraphs: tuple[Row, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Titles of the texts, made different by their files where two are called alike."""
        titles = [text.front.title for text in self.texts]
        return tuple(
            title if titles.count(title) == 1 else f"{title} ({text.name})"
            for title, text in zip(titles, self.texts, strict=True)
        )

    def count(self, relation: Relation) -> int:
        """How many paragraphs stand so to one another."""
        return sum(row.relation is relation for row in self.paragraphs)


def compare(texts: Sequence[Draft], case: Case | None = None) -> Comparison:
    """Put texts side by side.

    Raises
    ------
    SettingError
        If there are fewer than two texts, or too many.
    """
    if not 2 <= len(texts) <= MOST_TEXTS:
        raise SettingError(
            f"{len(texts)} texts were given to compare.", f"Give from 2 to {MOST_TEXTS}."
        )
    issues = () if case is None else tuple(_issue_row(texts, issue) for issue in case.issues)
    return Comparison(tuple(texts), issues, _paragraph_rows(texts))


def options_on(draft: Draft, issue: str) -> frozenset[str]:
    """The options of an issue that a text names."""
    links = (link.partition(".") for p in draft.all for link in p.issues)
    return frozenset(option for name, _, option in links if name == issue and option)


def speaks_on(draft: Draft, issue: str) -> tuple[str, ...]:
    """The provisions of a text that are tied to an issue."""
    return tuple(
        p.id for p in draft.all if any(link.partition(".")[0] == issue for link in p.issues)
    )


def _issue_row(texts: Sequence[Draft], issue: Issue) -> Row:
    cells = tuple(_cell(text, speaks_on(text, issue.id)) for text in texts)
    options = [options_on(text, issue.id) for text in texts]
    first = next((k for k, cell in enumerate(cells) if not cell.is_empty), 0)
    readings: list[Reading | None] = []
    for k, cell in enumerate(cells):
        if k == first:
            silent = cell.is_empty
            why = "no text speaks of this issue"
            readings.append(Reading(Relation.MISSING, why) if silent else None)
        elif cell.is_empty:
            readings.append(Reading(Relation.MISSING, "it is silent on this issue"))
        elif options[first] and options[k]:
            readings.append(by_options(issue, options[first], options[k]))
        else:
            why = "a text speaks of it without naming an option of the case"
            readings.append(Reading(Relation.UNCLEAR, why))
    return Row(issue.name, cells, tuple(readings), issue.id)


def _cell(text: Draft, ids: Sequence[str]) -> Cell:
    if not ids:
        return Cell()
    inside = {child.id for name in ids for child in text.by_id[name].walk() if child.id != name}
    tops = [name for name in ids if name not in inside]
    words = ["\n".join(p.words for p in text.by_id[name].walk() if p.words) for name in tops]
    place = "; ".join(dict.fromkeys(text.place(name) for name in tops))
    return Cell(tuple(tops), place, "\n".join(word.replace("\t", " ") for word in words))


def _paragraph_rows(texts: Sequence[Draft]) -> tuple[Row, ...]:
    """Paragraphs side by side: each text joins the rows of the earlier one it is most like."""
    units = [units_of(text) for text in texts]
    rows: list[_Row] = [_Row({0: [unit.id]}) for unit in units[0]]
    for k in range(1, len(texts)):
        found = [align(texts[j], texts[k]) for j in range(k)]
        _join(rows, units[k], found, k)
    return tuple(_made(row, texts, units) for row in rows)


@dataclass
class _Row:
    ids: dict[int, list[str]]
    likeness: float = 1.0
    moved: bool = False


def _join(rows: list[_Row], units: Sequence[Unit], found: list[Alignment], k: int) -> None:
    """Put the paragraphs of text `k` into rows; new ones after the row that stands before them."""
    before: _Row | None = None
    for unit in units:
        options = [
            (match.likeness, j, match)
            for j, alignment in enumerate(found)
            for match in alignment.matches
            if unit.id in match.right
        ]
        target: _Row | None = None
        if options:
            likeness, j, match = max(options, key=lambda option: option[:2])
            target = next((r for r in rows if match.left[0] in r.ids.get(j, ())), None)
            if target is not None:
                _merge(rows, target, j, match.left[1:])
                target.likeness = min(target.likeness, likeness)
                target.moved |= match.moved
                target.ids.setdefault(k, []).append(unit.id)
        if target is None:
            target = _Row({k: [unit.id]})
            place = 0 if before is None else _at(rows, before) + 1
            rows.insert(place, target)
        before = target


def _at(rows: list[_Row], wanted: _Row) -> int:
    return next(k for k, row in enumerate(rows) if row is wanted)


def _merge(rows: list[_Row], target: _Row, j: int, others: Sequence[str]) -> None:
    """Rows whose paragraphs were merged in the other text become one."""
    for name in others:
        row = next((r for r in rows if name in r.ids.get(j, ())), None)
        if row is None or row is target:
            continue
        for text, ids in row.ids.items():
            target.ids.setdefault(text, []).extend(ids)
        del rows[_at(rows, row)]


def _made(row: _Row, texts: Sequence[Draft], units: Sequence[Sequence[Unit]]) -> Row:
    cells = tuple(_cell(text, row.ids.get(k, ())) for k, text in enumerate(texts))
    first = next(k for k, cell in enumerate(cells) if not cell.is_empty)
    language = texts[first].language
    readings: list[Reading | None] = []
    for k, cell in enumerate(cells):
        if k == first:
            readings.append(None)
        elif cell.is_empty:
            readings.append(Reading(Relation.MISSING, "it has no such paragraph"))
        elif texts[k].language != language:
            readings.append(Reading(Relation.UNCLEAR, "the languages differ"))
        else:
            readings.append(by_words(cells[first].text, cell.text, language))
    name = row.ids[first][0]
    heading = next((u.heading for u in units[first] if u.id == name), "")
    topic = heading or texts[first].place(name)
    unsure = row.likeness < SURE and not all(_belongs(cells[first], cells[k]) for k in row.ids)
    return Row(topic, cells, tuple(readings), None, unsure, row.moved)


def _belongs(first: Cell, other: Cell) -> bool:
    """Whether more than likeness tells that two cells belong together: an identifier in common, or
    half of the words.
    """
    if set(first.ids) & set(other.ids):
        return True
    pieces = redline(first.text, other.text)
    shared = sum(len(piece.text) for piece in pieces if piece.kind == "same")
    return 2 * shared >= max(len(first.text), len(other.text))
