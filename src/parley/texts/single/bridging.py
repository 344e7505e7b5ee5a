"""A bridging draft: agreed wording where texts agree, brackets where they do not.

Where a package is given, the wording of a text that names the option which it holds comes first
in a bracket.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from parley.errors import SettingError
from parley.texts.articles import Draft, Front, Provision, ProvisionKind
from parley.texts.comparing.redline import Piece, redline
from parley.texts.comparing.relation import Reading, Relation
from parley.texts.comparing.table import Cell, Comparison, Row, compare, options_on
from parley.texts.outline import slug

NOTHING = ""
SHARED = 0.6
"""Share of a wording that must be common for brackets to stand within it, not around it."""
SHORT = 14
"""Letters below which common words between two changes stand inside the brackets."""
MISSING = Reading(Relation.MISSING, "it has no such paragraph")


def bridge(texts: Sequence[Draft], package: Mapping[str, str] | None = None) -> Draft:
    """Put texts together into one with brackets.

    Parameters
    ----------
    texts
        Two or more, each with its party at its head.
    package
        Option id by issue id; wordings that hold its option come first in a bracket.

    Raises
    ------
    SettingError
        If a text does not say whose it is, or two are of the same party.
    """
    parties = [text.front.party for text in texts]
    if None in parties or len(set(parties)) < len(parties):
        raise SettingError(
            "A bridging draft needs to know whose each text is.",
            "Give each text a `party` of its own at its head.",
        )
    comparison = compare(texts)
    articles: dict[str, list[Provision]] = {}
    headings: dict[str, str] = {}
    taken: set[str] = set()
    for row in [part for whole in comparison.paragraphs for part in _parts(whole)]:
        topic = slug(row.topic) or "text"
        headings.setdefault(topic, row.topic)
        articles.setdefault(topic, []).append(_paragraph(row, comparison, package or {}, taken))
    tops = []
    for number, (topic, paragraphs) in enumerate(articles.items(), start=1):
        numbered = tuple(replace(p, label=f"{k}.") for k, p in enumerate(paragraphs, start=1))
        name = _free(f"article-{topic}"[:80].rstrip("-"), taken)
        label = f"Article {number}"
        tops.append(Provision(name, ProvisionKind.ARTICLE, label, headings[topic], "", numbered))
    front = Front(
        parley=1, title=_title(texts), language=texts[0].language, status="bridging draft"
    )
    return Draft("bridging draft", front, tuple(tops), _notes(texts))


def _parts(row: Row) -> list[Row]:
    """A row, or one for each text where they may not belong together."""
    if not row.unsure:
        return [row]
    cells = [(k, cell) for k, cell in enumerate(row.cells) if not cell.is_empty]
    return [
        replace(
            row,
            cells=tuple(cell if j == k else Cell() for j in range(len(row.cells))),
            readings=tuple(None if j == k else MISSING for j in range(len(row.cells))),
        )
        for k, cell in cells
    ]


def _title(texts: Sequence[Draft]) -> str:
    return "Bridging draft of: " + "; ".join(text.front.title for text in texts)[:3900]


def _notes(texts: Sequence[Draft]) -> tuple[tuple[str, str], ...]:
    """Footnotes of all texts; a mark that two of them use keeps the first."""
    found: dict[str, str] = {}
    for text in texts:
        for mark, words in text.footnotes:
            found.setdefault(mark, words)
    return tuple(found.items())


def _paragraph(
    row: Row, comparison: Comparison, package: Mapping[str, str], taken: set[str]
) -> Provision:
    first = next(cell for cell in row.cells if not cell.is_empty)
    name = _free(first.ids[0], taken)
    issues = tuple(dict.fromkeys(_issues(row, comparison)))
    same = row.relation is Relation.SAME
    words = _plain(first) if same else _bracket(row, comparison, package)
    return Provision(name, ProvisionKind.PARAGRAPH, "", "", words, (), issues)


def _issues(row: Row, comparison: Comparison) -> list[str]:
    return [
        link.partition(".")[0]
        for text, cell in zip(comparison.texts, row.cells, strict=True)
        for name in cell.ids
        for p in text.by_id[name].walk()
        for link in p.issues
    ]


def _bracket(row: Row, comparison: Comparison, package: Mapping[str, str]) -> str:
    """The wordings side by side; like ones under one bracket, those of the package first."""
    by_words: dict[str, list[str]] = {}
    fits: dict[str, bool] = {}
    for text, cell in zip(comparison.texts, row.cells, strict=True):
        party = text.front.party or ""
        words = NOTHING if cell.is_empty else _plain(cell)
        by_words.setdefault(words, []).append(party)
        fits[words] = fits.get(words, False) or _fits(text, cell, package)
    spoken = {words: by for words, by in by_words.items() if words != NOTHING}
    if len(spoken) == 2:
        (one, by_one), (other, by_other) = spoken.items()
        inside = _within(redline(one, other), "+".join(by_one), "+".join(by_other))
        if inside:
            return inside
    ordered = sorted(spoken, key=lambda words: not fits[words])
    return " ".join(f"[{'+'.join(spoken[words])}: {words}]" for words in ordered)


def _within(pieces: Sequence[Piece], one: str, other: str) -> str:
    """Words that both have, with brackets around the others; empty if they share too little."""
    shared = sum(len(p.text) for p in pieces if p.kind == "same")
    longest = max(sum(len(p.text) for p in pieces if p.kind != k) for k in ("deleted", "inserted"))
    if shared < SHARED * longest:
        return ""
    result, gone, new = "", "", ""
    last = len(pieces) - 1
    for k, piece in enumerate([*pieces, Piece("same", "")]):
        between = 0 < k < last and (gone or new) and len(piece.text) < SHORT
        if piece.kind == "deleted":
            gone += piece.text
        elif piece.kind == "inserted":
            new += piece.text
        elif between:  # a word or two between changes read better inside
            gone, new = gone + piece.text, new + piece.text
        else:
            result += _alternatives(gone, new, one, other) + piece.text
            gone, new = "", ""
    return " ".join(result.split())


def _alternatives(gone: str, new: str, one: str, other: str) -> str:
    """Two wordings side by side, blanks at their edges outside of the brackets."""
    parts = [(one, gone.strip()), (other, new.strip())]
    words = " ".join(f"[{by}: {text}]" for by, text in parts if text)
    before = " " if (gone or new)[:1].isspace() else ""
    after = " " if (new or gone)[-1:].isspace() else ""
    return f"{before}{words}{after}" if words else before or after


def _fits(text: Draft, cell: Cell, package: Mapping[str, str]) -> bool:
    links = [link for name in cell.ids for p in text.by_id[name].walk() for link in p.issues]
    issues = {link.partition(".")[0] for link in links}
    return any(package.get(issue) in options_on(text, issue) for issue in issues)


def _plain(cell: Cell) -> str:
    """Words of a cell, without brackets of their own."""
    return " ".join(cell.text.split()).replace("[", "(").replace("]", ")").replace("(^", "[^")


def _free(wanted: str, taken: set[str]) -> str:
    name, k = wanted, 1
    while name in taken:
        k += 1
        name = f"{wanted}-{k}"
    taken.add(name)
    return name
