"""What the terminal shows: a briefing in two minutes, the record, the mistakes of a case."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console, Group, JustifyMethod, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from parley.errors import Mistake
from parley.record.claims import Record
from parley.report import words
from parley.report.view import LEADING, View

TOLD = 5
"""Things told of each kind in the summary."""


def show_mistakes(console: Console, mistakes: Iterable[Mistake]) -> None:
    """All mistakes of a case, each with its place and remedy."""
    for mistake in mistakes:
        place = f"{mistake.file}:{mistake.line}" if mistake.line else mistake.file
        style = "bold" if mistake.severity == "error" else "dim"
        head = Text.assemble((place, style), f"  {mistake.severity}: {mistake.what}")
        console.print(head, soft_wrap=True)
        if mistake.remedy:
            console.print(Text(f"    {mistake.remedy}", style="dim"), soft_wrap=True)


def summary(view: View) -> RenderableType:
    """A briefing that can be read in two minutes."""
    parts: list[RenderableType] = [Text(view.case.title, style="bold"), _at_stake(view)]
    if view.one_world is not None:
        parts += [_heading("Bargaining solutions (everything is certain: exact)"), _solutions(view)]
    else:
        parts += [_heading("Where agreement lies"), *_where(view)]
        parts += [_heading("Who blocks the leading package"), _blocks(view)]
        parts += [_heading("What to find out next"), _decides(view)]
    contested = [_contested(view)] if view.topics or view.contradictions else []
    return Group(*parts, *contested)


def _heading(text: str) -> RenderableType:
    return Padding(Text(text, style="bold underline"), (1, 0, 0, 0))


def _at_stake(view: View) -> RenderableType:
    stakes = view.stakes
    assert stakes is not None
    return Text(
        f"As of {stakes.as_of}. {view.consenting_words} must agree on {stakes.issues} "
        f"{'issue' if stakes.issues == 1 else 'issues'}: "
        f"{words.large(stakes.packages)} packages. On record: {stakes.assertions} statements from "
        f"{stakes.origins} known origins."
    )


def _where(view: View) -> list[RenderableType]:
    agreed, leading = view.agreement, view.leading
    assert agreed is not None
    if leading is None:
        return [Text("No package was found.")]
    lines = Table.grid(padding=(0, 2))
    lines.add_row(words.with_margin(agreed.some), "of the worlds: some package suits all")
    lines.add_row(words.with_margin(leading.share), "of the worlds: the leading package suits all")
    lines.add_row(f"{100 * leading.gap.value:.0f} points", "between them: what talking can win")
    note = Text(
        "A share of worlds tells how far the record carries a conclusion. It is no forecast.",
        style="italic",
    )
    table = Table(box=None, show_header=False)
    for issue, option in view.names.package(leading.package):
        table.add_row(issue, option)
    return [lines, note, _heading("The leading package"), table]


def _blocks(view: View) -> RenderableType:
    leading = view.leading
    if leading is None:
        return Text("There is none.")
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("party")
    table.add_column("refuses", justify="right")
    table.add_column("alone", justify="right")
    for party in view.consenting:
        refuses, alone = leading.refuses[party], leading.refuses_alone[party]
        row = (words.with_margin(refuses), words.with_margin(alone))
        table.add_row(view.names.party(party), *row)
    change = Text(f"Change that wins most: {view.change_words(leading)}.")
    return Group(table, change)


def _decides(view: View) -> RenderableType:
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("if it were known …")
    table.add_column("explains", justify="right")
    table.add_column("leading package suits all", justify="right")
    for decider in view.top_deciders(LEADING)[:TOLD]:
        effect = decider.effects[LEADING]
        reach = f"{words.percent(effect.low.value)} → {words.percent(effect.high.value)}"
        table.add_row(view.decider(decider), f"{100 * effect.explained:.1f}%", reach)
    return table if table.row_count else Text(view.settled_words or "Nothing stands out.")


def _solutions(view: View) -> RenderableType:
    one = view.one_world
    assert one is not None
    if not one.solutions.found:
        return Text("No package suits every party.")
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("solution")
    table.add_column("package")
    for party in one.solutions.parties:
        table.add_column(view.names.party(party), justify="right")
    for solution in one.solutions.found:
        for k, package in enumerate(solution.packages.tolist()):
            name = view.names.solution(solution.name) if k == 0 else ""
            worths = [words.number(worth) for worth in solution.points[k].tolist()]
            table.add_row(name, view.in_words(package), *worths)
    count = Text(f"{words.capital(words.counted(one.rational))} packages suit every party.")
    return Group(count, table)


def _contested(view: View) -> RenderableType:
    lines: list[RenderableType] = [_heading("What is contested")]
    for _, topic in view.topics:
        if topic.contested:
            figures = [
                f"{view.who(view.said[row.assertion])}: {view.figure_words(row)}"
                for row in topic.rows
            ]
            lines.append(Text(f"{topic.rows[0].counts}: {'; '.join(figures)}"))
    for _, found in view.contradictions[:TOLD]:
        lines.append(Text(" / ".join(view.record_names[name] for name in found.assertions)))
    return Group(*lines) if len(lines) > 1 else Text("")


def record(view: View) -> RenderableType:
    """The record: by party and issue, by origin, contested figures, contradictions, no source."""
    return Group(
        Text(f"{view.case.title}: the record as of {view.case.as_of}", style="bold"),
        _heading("By party and issue"),
        *_by_party(view),
        _heading("By origin"),
        _by_origin(view),
        _heading("Figures, side by side"),
        _figures(view),
        _heading("Contradictions"),
        _contradictions(view),
        _heading("Without a source"),
        Text(", ".join(view.unsourced) or "none"),
    )


def _by_party(view: View) -> list[RenderableType]:
    tables: list[RenderableType] = []
    for party in view.case.parties:
        rows = [view.positions[party.id, issue.id][1] for issue in view.case.issues]
        said = [row for row in rows if row.assertions]
        about = _elsewhere(view.record, party.id, {a for row in said for a in row.assertions})
        table = Table(
            title=party.name, title_justify="left", title_style="bold", box=None, show_header=False
        )
        for row in said:
            wish = f"{view.wish(row)} [{view.support(row)}]"
            table.add_row(view.names.issue(row.issue), Text(wish), ", ".join(row.assertions))
        if about:
            table.add_row("(on no issue)", "", ", ".join(about))
        if not said and not about:
            table.add_row("nothing on record")
        tables.append(Padding(table, (0, 0, 1, 0)))
    return tables


def _elsewhere(record_: Record, party: str, told: set[str]) -> Sequence[str]:
    return [a.id for a in record_.assertions if a.party == party and a.id not in told]


def _by_origin(view: View) -> RenderableType:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for title in ("origin", "statements", "publications", "which"):
        justify: JustifyMethod = "right" if title in {"statements", "publications"} else "left"
        table.add_column(title, justify=justify, overflow="fold")
    known = 0
    for _, origin in view.origins:
        known += bool(origin.origin)
        name = origin.name if origin.origin else "unknown (not independent)"
        numbers = (str(len(origin.assertions)), str(origin.publications))
        table.add_row(name, *numbers, ", ".join(origin.assertions))
    return Group(table, Text(f"{known} independent origins."))


def _figures(view: View) -> RenderableType:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for title in ("what is counted", "whose", "figure", "words of the source", "statement"):
        table.add_column(title, overflow="fold")
    for _, topic in view.topics:
        for k, row in enumerate(topic.rows):
            mark = " (contested)" if topic.contested else ""
            counts = f"{row.counts}{mark}" if k == 0 else ""
            who = view.who(view.said[row.assertion])
            table.add_row(counts, who, view.figure_words(row), f"“{row.phrase}”", row.assertion)
    return table if table.row_count else Text("none")


def _contradictions(view: View) -> RenderableType:
    lines = [
        Text(f"{' / '.join(found.assertions)}: {view.contradiction_about(found)}")
        for _, found in view.contradictions
    ]
    return Group(*lines) if lines else Text("none")
