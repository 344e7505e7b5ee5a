"""A picture of the states of a conflict: where it could go, by whose moves, where it would stay.

Columns are moves away from today (by any moves), or a circle where no state of today is given.
Arrows are improvements: each party has a colour of its own and a dash of its own, so that the
picture can be read in grey. Equilibria have a double frame; a star in the label says so too. The
way from today to the state that holds best is drawn bold. Above thirty states a selection is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from math import cos, hypot, pi, sin

from parley.conflict.paths import Step
from parley.report.conflict_view import ConflictView
from parley.report.plots import Plot
from parley.report.words import listed
from parley.workbench.conflict import HEADLINE

COLOURS = ("--first", "--second", "--third", "--ink", "--muted")
DASHES = ("", "7 4", "2 4", "10 3 2 3", "1 3")
BOX = (92, 46)
GAP = (124, 30)
MARGIN = 26
MOST_ARROWS = 120
"""Arrows up to which improvements of all shown states are drawn."""

Point = tuple[float, float]


@dataclass(frozen=True)
class _Arrow:
    start: int
    goal: int
    party: int
    bold: bool


def state_graph(view: ConflictView) -> Plot:
    """The picture, as inline SVG in the colours of the page, with its text alternative."""
    return _Picture(view).plot()


@dataclass(frozen=True)
class _Picture:
    view: ConflictView

    @cached_property
    def shown(self) -> tuple[int, ...]:
        """The states in the picture: those of the page, and those on the way that is told."""
        on_way = [step.state for step in self.way]
        return tuple(sorted(dict.fromkeys([*self.view.holds.shown, *on_way])))

    @cached_property
    def way(self) -> tuple[Step, ...]:
        """The shortest way from today to the state that holds best, by improvements if there is."""
        for state in self.view.holds.ranked:
            found = self.view.holds.paths(state)
            if found is None:
                return ()
            by_any, improving = found
            best = improving if improving is not None and improving.moves > 0 else by_any
            if best.moves > 0:
                return best.listed[0]
        return ()

    @cached_property
    def places(self) -> dict[int, Point]:
        """The middle of each box."""
        ways = self.view.holds.ways
        if ways is None:
            return self._circle()
        columns: dict[int, list[int]] = {}
        far = max((int(ways[0].fewest[s]) for s in self.shown), default=0)
        for s in self.shown:
            steps = int(ways[0].fewest[s])
            columns.setdefault(steps if steps >= 0 else far + 1, []).append(s)
        tallest = max(len(column) for column in columns.values())
        height = tallest * (BOX[1] + GAP[1])
        places = {}
        for x, (_, column) in enumerate(sorted(columns.items())):
            pitch = height / len(column)
            for y, s in enumerate(column):
                shift = 14 if y % 2 else -14  # so that arrows within a column can be told apart
                left = MARGIN + BOX[0] / 2 + 16 + x * (BOX[0] + GAP[0])
                places[s] = (left + (shift if len(column) > 2 else 0), MARGIN + pitch * (y + 0.5))
        return places

    def _circle(self) -> dict[int, Point]:
        count = len(self.shown)
        radius = max(120.0, count * (BOX[0] + 26) / (2 * pi))
        middle = radius + BOX[0] / 2 + MARGIN
        turns = [2 * pi * k / count - pi / 2 for k in range(count)]
        return {
            s: (middle + radius * cos(turn), middle + radius * sin(turn))
            for s, turn in zip(self.shown, turns, strict=True)
        }

    @cached_property
    def arrows(self) -> list[_Arrow]:
        """Improvements between the shown states, and the moves of the way from today."""
        conflict = self.view.holds.conflict
        bold: list[tuple[int, int, int]] = []
        here = conflict.status_quo
        for step in self.way:
            assert here is not None
            bold.append((here, step.state, conflict.parties.index(step.party)))
            here = step.state
        kept = self.improvements
        if self.is_thinned:
            kept = [(s, t, i) for s, t, i in kept if self._is_best(s, t, i)]
        found = [_Arrow(s, t, i, False) for s, t, i in kept if (s, t, i) not in bold]
        return found + [_Arrow(s, t, i, True) for s, t, i in bold]

    @cached_property
    def improvements(self) -> list[tuple[int, int, int]]:
        """Improvements between the shown states: from, to, by whom."""
        conflict = self.view.holds.conflict
        return [
            (s, int(t), i)
            for i in range(len(conflict.parties))
            for s in self.shown
            for t in conflict.reached(i, s)
            if int(t) in self.places and conflict.improves(i, s, int(t))
        ]

    @property
    def is_thinned(self) -> bool:
        """Whether only the best improvements are drawn, because there are too many."""
        return len(self.improvements) > MOST_ARROWS

    def _is_best(self, start: int, goal: int, party: int) -> bool:
        """Whether no move of the party from there is better than this one."""
        conflict = self.view.holds.conflict
        goals = conflict.reached(party, start)
        return not any(conflict.improves(party, goal, int(t)) for t in goals)

    def plot(self) -> Plot:
        """The picture."""
        width = max(x for x, _ in self.places.values()) + BOX[0] / 2 + MARGIN + 64
        parties = self.view.holds.conflict.parties
        rows = -(-len(parties) // max(1, int(width // 230)))
        top = 20 * rows + 10
        height = max(y for _, y in self.places.values()) + BOX[1] / 2 + MARGIN + top
        text = self._words()
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="graph-title '
            f'graph-desc" class="plot" viewBox="0 0 {width:.0f} {height:.0f}" '
            f'style="max-width:{width:.0f}px;min-width:{min(width, 640):.0f}px" '
            f'font-family="sans-serif">',
            '<title id="graph-title">States and moves</title>',
            f'<desc id="graph-desc">{escape(text)}</desc>',
            *self._legend(width),
            f'<g transform="translate(0 {top})">',
            *(self._arrow(arrow) for arrow in sorted(self.arrows, key=lambda a: a.bold)),
            *(self._box(s) for s in self.shown),
            "</g></svg>",
        ]
        return Plot("".join(parts), text)

    def _legend(self, width: float) -> Iterable[str]:
        across = max(1, int(width // 230))
        for i, party in enumerate(self.view.holds.conflict.parties):
            x, y = MARGIN + 230 * (i % across), 16 + 20 * (i // across)
            yield _line([(x, y - 4), (x + 34, y - 4)], i, 1.6)
            yield _head((x + 34, y - 4), (1, 0), i)
            name = escape(self.view.words.party(party))
            yield f'<text x="{x + 42}" y="{y}" font-size="12" fill="var(--ink)">{name}</text>'

    def _box(self, state: int) -> str:
        x, y = self.places[state]
        left, upper = x - BOX[0] / 2, y - BOX[1] / 2
        today = state == self.view.holds.conflict.status_quo
        holds = self._holds(state)
        width = 2.4 if today else 1
        frame = (
            f'<rect x="{left:.1f}" y="{upper:.1f}" width="{BOX[0]}" height="{BOX[1]}" rx="5" '
            f'fill="var(--paper)" stroke="var(--ink)" stroke-width="{width}"/>'
        )
        if holds:
            frame += (
                f'<rect x="{left + 4:.1f}" y="{upper + 4:.1f}" width="{BOX[0] - 8}" '
                f'height="{BOX[1] - 8}" rx="3" fill="var(--soft)" stroke="var(--ink)"/>'
            )
        head = f"{state + 1}{'*' if holds else ''}{' today' if today else ''}"
        letters = self.view.words.pattern(state) or self.view.words.conflict.states.name(state)
        size = 10 if len(letters) <= 12 else 7
        return (
            f"<g><title>{escape(self.view.words.describe(state))}</title>{frame}"
            f'<text x="{x:.1f}" y="{y - 3:.1f}" font-size="13" font-weight="600" '
            f'text-anchor="middle" fill="var(--ink)">{head}</text>'
            f'<text x="{x:.1f}" y="{y + 12:.1f}" font-size="{size}" text-anchor="middle" '
            f'fill="var(--ink)" font-family="monospace">{escape(letters[:20])}</text></g>'
        )

    def _holds(self, state: int) -> bool:
        """Whether the frame is double: an equilibrium in the sense by which states are ranked."""
        found = self.view.holds.stability
        if found is None:
            return False
        return state in found.equilibria.get(HEADLINE, ())

    def _arrow(self, arrow: _Arrow) -> str:
        start, goal = self.places[arrow.start], self.places[arrow.goal]
        dx, dy = goal[0] - start[0], goal[1] - start[1]
        length = hypot(dx, dy) or 1.0
        bend = 14 + 0.09 * length + 5 * arrow.party  # to the left, so that two ways part
        if abs(dx) < BOX[0] and length > 1.5 * (BOX[1] + GAP[1]):
            bend = 150 + 0.06 * length + 10 * arrow.party  # round the boxes between
        middle = (
            (start[0] + goal[0]) / 2 + dy / length * bend,
            (start[1] + goal[1]) / 2 - dx / length * bend,
        )
        first, last = _edge(start, middle), _edge(goal, middle)
        direction = (last[0] - middle[0], last[1] - middle[1])
        size = hypot(*direction) or 1.0
        unit = (direction[0] / size, direction[1] / size)
        tail = (last[0] - unit[0] * 6, last[1] - unit[1] * 6)
        width = 3.2 if arrow.bold else 1.2
        line = _line([first, middle, tail], arrow.party, width)
        return line + _head(last, unit, arrow.party, 1.5 if arrow.bold else 1.0)

    def _words(self) -> str:
        view, conflict = self.view, self.view.holds.conflict
        left = conflict.size - len(self.shown)
        text = f"{len(self.shown)} states as boxes, with number and letters"
        text += (
            " (Y: the option is taken, N: not, in the order of the list of options). "
            if conflict.states.options
            else ". "
        )
        if left:
            text += (
                f"{left:,} more are left out: shown are today, those that hold best, and the ways. "
            )
        text += "Arrows are moves that the party would prefer"
        text += ", each party's best from each state. " if self.is_thinned else ". "
        held = [s + 1 for s in self.shown if self._holds(s)]
        text += f"Double frame and star: holds for all ({HEADLINE.value}): "
        text += f"{listed(map(str, held)) or 'none'}. "
        if self.way:
            start = conflict.status_quo
            assert start is not None
            told = "; ".join(view.words.path(start, self.way))
            text += f"Bold: a shortest way from today, state {start + 1}: {told}."
        return text


def _edge(box: Point, towards: Point) -> Point:
    """Where the line from the middle of a box leaves it."""
    dx, dy = towards[0] - box[0], towards[1] - box[1]
    scale = max(abs(dx) / (BOX[0] / 2 + 3), abs(dy) / (BOX[1] / 2 + 3), 1e-9)
    return box[0] + dx / scale, box[1] + dy / scale


def _line(points: Sequence[Point], party: int, width: float) -> str:
    first, *rest = points
    way = ("Q" if len(rest) > 1 else "L") + " ".join(f"{x:.1f} {y:.1f}" for x, y in rest)
    dash = DASHES[party % len(DASHES)]
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    colour = COLOURS[party % len(COLOURS)]
    return (
        f'<path d="M{first[0]:.1f} {first[1]:.1f}{way}" fill="none" stroke="var({colour})" '
        f'stroke-width="{width}"{dashed}/>'
    )


def _head(tip: Point, unit: Point, party: int, scale: float = 1.0) -> str:
    length, half = 9 * scale, 4 * scale
    back = (tip[0] - unit[0] * length, tip[1] - unit[1] * length)
    a = (back[0] - unit[1] * half, back[1] + unit[0] * half)
    b = (back[0] + unit[1] * half, back[1] - unit[0] * half)
    corners = " ".join(f"{x:.1f},{y:.1f}" for x, y in (tip, a, b))
    return f'<polygon points="{corners}" fill="var({COLOURS[party % len(COLOURS)]})"/>'


def standing_alone(plot: Plot) -> str:
    """The picture as a file of its own: with the colours of the light page inside."""
    style = (
        "<style>svg{--paper:#fff;--ink:#1d1d1b;--muted:#62605a;--soft:#f3f0e8;--first:#00527a;"
        "--second:#a84300;--third:#00664d;background:#fff}</style>"
    )
    head, rest = plot.svg.split(">", 1)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{head}>{style}{rest}\n'
