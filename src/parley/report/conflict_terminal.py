"""A conflict on the terminal: what would hold and why, one state, ways, coalitions, the inverse."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from parley.conflict.coalitions import Coalition, CoalitionConcept, Jump
from parley.conflict.horizon import Limited
from parley.conflict.reasons import why
from parley.conflict.stability import Concept
from parley.conflict.unknown import TYPES
from parley.report import words
from parley.report.conflict_view import ConflictView
from parley.report.conflict_words import MEANING, ConflictWords
from parley.workbench.conflict import HEADLINE, Holds, MustChange

TOLD = 8
"""States that are told of in the summary."""

EXPLAINED = 2
"""States of which the reasons are told in the summary."""


def overview(view: ConflictView) -> RenderableType:
    """What would hold, and why."""
    holds, speak = view.holds, view.words
    parts: list[RenderableType] = [Text(view.title, style="bold"), Text(view.size_words)]
    parts += [_heading("What would hold"), Text(view.reading_words, style="italic")]
    parts.append(_table(view))
    if holds.outcomes:
        parts += [_heading(f"Outcomes ({HEADLINE.value})"), _outcomes(view)]
    if holds.stability is not None:
        for state in view.explained[:EXPLAINED]:
            parts += [_heading(f"Why {speak.state(state)} ({HEADLINE.value})")]
            parts.append(_reasons(holds, speak, state, HEADLINE))
    if view.deciders:
        parts += [_heading("What to find out next"), _deciders(view)]
    return Group(*parts)


def _heading(text: str) -> RenderableType:
    return Padding(Text(text, style="bold underline"), (1, 0, 0, 0))


def _table(view: ConflictView) -> RenderableType:
    holds, speak = view.holds, view.words
    if holds.stability is None:
        return _unknown_table(holds, speak)
    if not holds.ranked:
        return Text("No state is an equilibrium in any of these senses.")
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("state", justify="right")
    for concept in view.concepts:
        table.add_column(concept.value, justify="right")
    table.add_column("what it is", ratio=1)
    for state in view.told(TOLD):
        cells = [view.cell(concept, state) for concept in view.concepts]
        table.add_row(view.number(state), *cells, speak.describe(state))
    return table


def _outcomes(view: ConflictView) -> RenderableType:
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("outcome")
    if view.holds.ensemble is not None:
        table.add_column("some state that holds has it", justify="right")
        table.add_column("all that hold have it", justify="right")
    table.add_column("as written it holds in states")
    for outcome in view.holds.outcomes:
        cells = []
        if outcome.some is not None and outcome.every is not None:
            cells = [words.with_margin(outcome.some), words.with_margin(outcome.every)]
        table.add_row(outcome.name, *cells, _numbers(outcome.as_written))
    return table


def _unknown_table(holds: Holds, speak: ConflictWords) -> RenderableType:
    assert holds.unknown is not None
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("type")
    concepts = list(dict.fromkeys(concept for _, concept in holds.unknown.stable))
    for concept in concepts:
        table.add_column(f"{concept.value} equilibria")
    for kind in TYPES:
        rows = [holds.unknown.equilibria(kind, concept) for concept in concepts]
        table.add_row(kind, *(", ".join(str(s + 1) for s in row) or "none" for row in rows))
    key = "a, c: would leave also for what may be better; c, d: deterred also by what may be worse."
    states = [f"{s + 1}: {speak.describe(s)}" for s in holds.shown]
    return Group(table, Text(key, style="italic"), *map(Text, states))


def _reasons(holds: Holds, speak: ConflictWords, state: int, concept: Concept) -> RenderableType:
    lines = [
        Text(f"• {speak.why(why(holds.conflict, state, party, concept))}")
        for party in holds.conflict.parties
    ]
    return Group(Text(speak.describe(state), style="italic"), *lines)


def _deciders(view: ConflictView) -> RenderableType:
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("if it were known …")
    table.add_column("explains", justify="right")
    table.add_column(view.decided_words, justify="right")
    for row in view.deciders[:5]:
        table.add_row(row.words, f"{100 * row.explained:.1f}%", f"{row.low} → {row.high}")
    return table


def one_state(view: ConflictView, state: int) -> RenderableType:
    """Everything about one state: for whom it holds, in which sense, and why."""
    holds, speak = view.holds, view.words
    parts: list[RenderableType] = [
        Text(f"{words.capital(speak.state(state))}  {speak.pattern(state)}", style="bold"),
        Text(speak.describe(state)),
    ]
    parts += [Text(line) for line in view.state_words(state)]
    if holds.stability is None:
        return Group(*parts)
    for concept in view.concepts:
        parts.append(_heading(f"{concept.value}: {MEANING[concept]}"))
        for i, party in enumerate(holds.conflict.parties):
            reason = why(holds.conflict, state, party, concept)
            mark = "–" if reason.kind == "undefined" else "holds" if reason.stable else "fails"
            if holds.stability.strong.get(concept) is not None and reason.stable:
                strong = bool(holds.stability.strong[concept][i, state])
                mark += ", strongly" if strong else ", weakly"
            share = ""
            if holds.ensemble is not None:
                found = holds.ensemble.for_party(concept, party, state)
                share = f"; in {words.with_margin(found)} of the worlds"
            parts.append(Text(f"• {speak.party(party)} ({mark}{share}): {speak.why(reason)}"))
    return Group(*parts)


def paths(view: ConflictView, states: Iterable[int]) -> RenderableType:
    """How states can be reached from today."""
    holds, speak = view.holds, view.words
    start = holds.conflict.status_quo
    assert start is not None
    parts: list[RenderableType] = [
        Text(f"From today, {speak.state(start)}: {speak.describe(start)}", style="bold")
    ]
    for state in states:
        found = holds.paths(state)
        if found is None:
            continue
        by_any, improving = found
        parts.append(_heading(f"To {speak.state(state)}: {speak.describe(state)}"))
        parts.append(Text(speak.ways(by_any, improving)))
        best = improving if improving is not None and improving.moves > 0 else by_any
        for number, way in enumerate(best.listed, start=1):
            told = "; then ".join(speak.path(start, way))
            if told:
                parts.append(Text(f"{number}. {told}."))
        if best.count > len(best.listed):
            parts.append(Text(f"… and {best.count - len(best.listed)} more ways as short."))
    return Group(*parts)


def together(
    view: ConflictView, found: Iterable[Coalition], leaps: Iterable[Jump]
) -> RenderableType:
    """What coalitions would do."""
    speak = view.words
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("coalition")
    table.add_column("would go together from → to")
    for concept in CoalitionConcept:
        table.add_column(f"{concept.value} fails in", justify="right")
    for some in found:
        rows = [f"{s + 1} → {_numbers(goals, 3)}" for s, goals in some.improvements.items()]
        moves = "; ".join(rows[:4]) + (f"; and from {len(rows) - 4} more" if len(rows) > 4 else "")
        fails = [_numbers(_failing(some, concept)) for concept in CoalitionConcept]
        names = words.listed(speak.party(p) for p in some.members)
        table.add_row(names, moves or "nowhere", *fails)
    lines: list[RenderableType] = []
    for jump in leaps:
        names = words.listed(speak.party(p) for p in jump.members)
        goal = speak.goal(jump.start, jump.goal)
        lines.append(Text(f"• {names} would together go from {speak.state(jump.start)} to {goal}."))
    heading = _heading("Equilibria that a coalition would leave for another")
    return Group(table, heading, *(lines or [Text("There are none.")]))


def _failing(some: Coalition, concept: CoalitionConcept) -> list[int]:
    return [int(s) for s in (~some.stable[concept]).nonzero()[0]]


def _numbers(states: Iterable[int], most: int = 8) -> str:
    """States as numbers in a row; where they are many, how many."""
    listed = [str(s + 1) for s in states]
    return (
        ", ".join(listed[:most]) + (f" … ({len(listed)})" if len(listed) > most else "") or "none"
    )


def inverse(view: ConflictView, found: MustChange) -> RenderableType:
    """Whose mind must change, about what."""
    speak, state = view.words, found.state - 1
    parts: list[RenderableType] = [
        Text(f"For {speak.state(state)} to hold ({found.concept.value})", style="bold"),
        Text(speak.describe(state), style="italic"),
    ]
    for change in found.changes:
        parts.append(Text(f"• {speak.must_change(change, state)}"))
        for way in change.alternatives[:1]:
            parts += [Text(f"    {speak.state(s)}: {speak.describe(s)}") for s in sorted(way)]
        if change.possible and not change.stable:
            parts.append(
                Text(
                    f"    Of all {change.possible:,} rankings of the states, "
                    f"{change.rankings:,} would do."
                )
            )
    others = "The preferences of the others are taken as they are."
    return Group(*parts, Text(others, style="italic"))


def horizon(view: ConflictView, found: Limited) -> RenderableType:
    """Limited-move stability."""
    speak = view.words
    parts: list[RenderableType] = [
        Text(
            f"Looking {found.horizon} {'move' if found.horizon == 1 else 'moves'} ahead "
            f"(L{found.horizon})",
            style="bold",
        ),
    ]
    for i, party in enumerate(view.holds.conflict.parties):
        stable = [int(s) for s in found.stable[i].nonzero()[0]]
        parts.append(Text(f"• {speak.party(party)} would stay in: {_numbers(stable)}"))
    parts.append(Text(f"Both would stay in: {_numbers(found.equilibria)}"))
    return Group(*parts)
