"""Texts on the terminal: side by side, their terms, the single text, what a Word file holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from parley.report import words
from parley.texts.articles import CELL, HEADED, Draft, Provision
from parley.texts.comparing.relation import Relation
from parley.texts.comparing.table import Comparison, Row
from parley.texts.parallel import Divergence
from parley.texts.single.log import Kept
from parley.texts.single.views import count_by_article, count_by_round
from parley.texts.terms.check import Terms
from parley.texts.terms.findings import Finding, Status
from parley.texts.word.reading import WordText
from parley.workbench.texts import TextFinding

SHOWN_CHANGES = 12


def _heading(text: str) -> RenderableType:
    return Padding(Text(text, style="bold underline"), (1, 0, 0, 0))


def show_comparison(comparison: Comparison, found: Sequence[TextFinding]) -> RenderableType:
    """How texts stand to one another, and to the case."""
    parts: list[RenderableType] = [Text(" / ".join(comparison.names), style="bold")]
    if comparison.issues:
        parts += [_heading("By issue"), _issue_table(comparison)]
    for item in found:
        parts += [_heading(f"{item.title}, in the light of the case"), _in_case(item)]
    parts.append(_heading("Paragraph by paragraph"))
    counts = Counter(row.relation for row in comparison.paragraphs)
    said = [f"{relation.value} {counts[relation]}" for relation in Relation if counts[relation]]
    parts.append(Text("; ".join(said) + ". Read off words: it shows where to look."))
    grave = [r for r in comparison.paragraphs if r.relation is not Relation.SAME]
    if grave:
        parts.append(_row_table(grave))
    return Group(*parts)


def _issue_table(comparison: Comparison) -> RenderableType:
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("issue")
    table.add_column("relation")
    table.add_column("why", ratio=1)
    for row in comparison.issues:
        table.add_row(row.topic, row.relation.value, _why(row))
    return table


def _why(row: Row) -> str:
    return "; ".join(r.why for r in row.readings if r is not None)


def _row_table(rows: Sequence[Row]) -> RenderableType:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("point", "where", "relation"):
        table.add_column(name)
    table.add_column("why", ratio=1)
    for row in rows:
        places = " / ".join(cell.place or "—" for cell in row.cells)
        unsure = " (may not belong together)" if row.unsure else ""
        table.add_row(row.topic, places, row.relation.value, _why(row) + unsure)
    return table


def _in_case(item: TextFinding) -> RenderableType:
    if item.some is None:
        return Text("The rules of the case leave no package that fits its words.")
    lines = [
        f"It leaves {item.packages:,} packages. In {words.with_margin(item.some)} of the worlds "
        "one of them suits every party whose consent is needed (a share of worlds, no forecast)."
    ]
    gives = [f"{i.issue} ({', '.join(i.gives)})" for i in item.issues if i.gives]
    against = [f"{i.issue} ({', '.join(i.against)})" for i in item.issues if i.against]
    departs = [f"{i.issue} ({', '.join(i.departs)})" for i in item.issues if i.departs]
    for title, found in (
        ("Gives what others wanted on", gives),
        ("Others reject it on", against),
        ("Departs from its own party's words on", departs),
    ):
        if found:
            lines.append(f"{title}: {'; '.join(found)}.")
    if item.silent:
        lines.append(f"Silent on: {', '.join(item.silent)}.")
    worth = [
        f"{w.party} {w.low:.2f} to {w.high:.2f} (better than no agreement in "
        f"{words.percent(w.some.value)} of the worlds)"
        for w in item.worth
    ]
    lines.append(f"Worth, from 0 (the worst package) to 1 (the best): {'; '.join(worth)}.")
    return Text("\n".join(lines))


def show_terms(terms: Terms) -> RenderableType:
    """What a text defines and what not."""
    title = f"{terms.draft.front.title} ({terms.kind.value})"
    parts: list[RenderableType] = [Text(title, style="bold")]
    for status in (Status.DEFECTIVE, Status.ABSENT, Status.OPEN, Status.NOT_READ):
        found = terms.of(status)
        if found:
            parts += [_heading(status.value.capitalize()), _finding_table(found)]
    stated = len({f.element for f in terms.of(Status.PASSES)})
    parts.append(_heading("Stated"))
    parts.append(
        Text(
            f"{words.several(stated, 'element')}. Stated means said, not wise; tests that read "
            "words (marked *) need a human eye either way."
        )
    )
    return Group(*parts)


def _finding_table(found: Sequence[Finding]) -> RenderableType:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("element", "", "where"):
        table.add_column(name)
    table.add_column("what", ratio=2)
    table.add_column("what would mend it", ratio=2)
    for f in found:
        mark = "*" if f.eye else ""
        name = f"{f.element}. {f.name}{mark}"
        table.add_row(name, f.severity.value, f.place or "—", f.what, f.remedy)
    return table


def show_single(kept: Kept, draft: Draft) -> RenderableType:
    """A single text, and how much of it is open."""
    parts: list[RenderableType] = [Text(draft.front.title, style="bold")]
    parts += [_provision(top, 0) for top in draft.provisions]
    counts = count_by_article(kept.text)
    opened = [f"{article}: {count}" for article, count in counts.items() if count]
    parts += [_heading("Open brackets"), Text("\n".join(opened) or "None.")]
    rounds = [f"round {number}: {count}" for number, count in count_by_round(kept.states).items()]
    parts.append(Text(f"At the end of each round: {', '.join(rounds)}."))
    held = sorted(f"{r.who} on {r.on}" for r in kept.text.reservations)
    if held:
        parts.append(Text(f"Reservations: {', '.join(held)}."))
    return Group(*parts)


def _provision(provision: Provision, depth: int) -> RenderableType:
    if provision.kind in HEADED:
        heading = ". ".join(p for p in (provision.label, provision.heading) if p)
        children = [_provision(child, 0) for child in provision.children]
        return Group(_heading(f"{heading}  ({provision.id})"), *children)
    words_ = provision.text.replace(CELL, " | ")
    label = f"{provision.label} " if provision.label else ""
    line = Padding(Text(f"{label}{words_}  ({provision.id})"), (0, 0, 0, 3 * depth))
    return Group(line, *(_provision(child, depth + 1) for child in provision.children))


def show_word(word: WordText) -> RenderableType:
    """What a Word file holds besides its words."""
    revisions = word.revisions
    people = Counter(revision.change.author or "unknown" for revision in revisions)
    parts: list[RenderableType] = []
    if revisions:
        by = ", ".join(f"{name} {count}" for name, count in sorted(people.items()))
        parts.append(Text(f"{words.several(len(revisions), 'tracked change')}: {by}."))
        for revision in revisions[:SHOWN_CHANGES]:
            text = " ".join(revision.text.split()) or "a paragraph mark"
            when = f", {revision.change.date}" if revision.change.date else ""
            line = f"  {revision.change.kind}: “{text[:70]}” ({revision.change.author}{when})"
            parts.append(Text(line))
        if len(revisions) > SHOWN_CHANGES:
            parts.append(Text(f"  and {len(revisions) - SHOWN_CHANGES} more"))
    if word.formatting:
        count = words.several(word.formatting, "tracked change")
        parts.append(Text(f"{count} of form only, which change no word."))
    if word.comments:
        parts.append(Text(f"{words.several(len(word.comments), 'comment')}."))
    parts += [Text(f"{told.what} {told.remedy}") for told in word.told]
    return Group(*parts)


def show_divergences(found: Sequence[Divergence]) -> RenderableType:
    """Where languages do not go together."""
    if not found:
        return Text("The languages go together: same provisions, numbers and figures.")
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("id", "where"):
        table.add_column(name)
    table.add_column("what", ratio=1)
    table.add_column("languages")
    for d in found:
        table.add_row(d.id, d.place, d.what, ", ".join(d.languages))
    return table
