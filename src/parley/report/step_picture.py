"""The order of steps as a picture: what comes before what, and when each is due.

Boxes stand in columns by how many steps come before them; an arrow leads from a step to one that
waits for it. Below, the same steps stand on a line of time from T0, where deadlines are known.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from html import escape

from parley.report.plots import Plot
from parley.texts.terms.ledger import Point, ledger
from parley.texts.terms.order import Ordered

BOX = (190, 84)
GAP = (46, 22)
MARGIN = 24
LINE = 26
MOST_LETTERS = 24


def step_picture(steps: Sequence[Ordered]) -> Plot:
    """The picture, as inline SVG in the colours of the page, with its text alternative."""
    points = ledger(steps)
    places = _places(points)
    columns = max((p.depth for p in points), default=0) + 1
    rows = max((row for _, row in places.values()), default=0) + 1
    width = max(620, 2 * MARGIN + columns * BOX[0] + (columns - 1) * GAP[0])
    graph = 2 * MARGIN + rows * BOX[1] + (rows - 1) * GAP[1]
    parts = [_arrow(point.step, places) for point in points]
    parts += [_box(point, places) for point in points]
    axis, bottom = _axis(points, graph, width)
    text = _words(points)
    svg = (
        f'<svg class="plot" role="img" aria-label="{escape(text)}" viewBox="0 0 {width} {bottom}" '
        f'style="min-width:{min(width, 620)}px;max-width:{width}px" '
        'xmlns="http://www.w3.org/2000/svg" font-family="system-ui, sans-serif" font-size="12">'
        f'<title>{escape(text)}</title><defs><marker id="tip" viewBox="0 0 8 8" refX="8" '
        'refY="4" markerWidth="8" markerHeight="8" orient="auto">'
        '<path d="M0 0L8 4L0 8z" fill="var(--muted, #62605a)"/></marker></defs>'
        f"{''.join(parts)}{axis}</svg>"
    )
    return Plot(svg, text)


def _places(points: Sequence[Point]) -> dict[str, tuple[int, int]]:
    """Column and row of each step."""
    taken: dict[int, int] = {}
    places = {}
    for point in points:
        row = taken.get(point.depth, 0)
        taken[point.depth] = row + 1
        places[point.step.id] = (point.depth, row)
    return places


def _corner(place: tuple[int, int]) -> tuple[float, float]:
    return (
        MARGIN + place[0] * (BOX[0] + GAP[0]),
        MARGIN + place[1] * (BOX[1] + GAP[1]),
    )


def _arrow(step: Ordered, places: dict[str, tuple[int, int]]) -> str:
    goal = _corner(places[step.id])
    drawn = []
    for name in step.after:
        if name not in places:
            continue
        start = _corner(places[name])
        x, y = start[0] + BOX[0], start[1] + BOX[1] / 2
        u, v = goal[0], goal[1] + BOX[1] / 2
        if places[name][0] >= places[step.id][0]:  # a circle: around the outside
            x, u = start[0] + BOX[0] / 2, goal[0] + BOX[0] / 2
            y, v = start[1], goal[1]
        bend = (x + u) / 2
        drawn.append(
            f'<path d="M{x} {y}C{bend} {y} {bend} {v} {u} {v}" fill="none" '
            'stroke="var(--muted, #62605a)" stroke-width="1.6" marker-end="url(#tip)"/>'
        )
    return "".join(drawn)


def _box(point: Point, places: dict[str, tuple[int, int]]) -> str:
    x, y = _corner(places[point.step.id])
    name = textwrap.shorten(point.step.name, 2 * MOST_LETTERS, placeholder=" …")
    lines = textwrap.wrap(name, MOST_LETTERS)[:2]
    texts = [
        f'<text x="{x + 10}" y="{y + 20 + 15 * k}" font-weight="650" fill="var(--ink, #1d1d1b)">'
        f"{escape(line)}</text>"
        for k, line in enumerate(lines)
    ]
    due = point.step.deadline or "no deadline"
    below = y + 20 + 15 * len(lines)
    for k, line in enumerate((point.step.actor or "actor not said", due)):
        short = textwrap.shorten(line, MOST_LETTERS + 4, placeholder=" …")
        texts.append(
            f'<text x="{x + 10}" y="{below + 15 * k}" fill="var(--muted, #62605a)">'
            f"{escape(short)}</text>"
        )
    return (
        f'<rect x="{x}" y="{y}" width="{BOX[0]}" height="{BOX[1]}" rx="3" '
        f'fill="var(--soft, #f3f0e8)" stroke="var(--first, #00527a)" stroke-width="1.6"/>'
        f"{''.join(texts)}"
    )


def _axis(points: Sequence[Point], top: float, width: float) -> tuple[str, float]:
    """The line of time, and where the picture ends."""
    timed = sorted((p.step.hours, p.step.name) for p in points if p.step.hours is not None)
    if not timed:
        return "", top
    low, high = min(0.0, timed[0][0]), max(timed[-1][0], 1.0)
    left, right = MARGIN + 10, width - MARGIN - 10
    y = top + 16

    def at(hours: float) -> float:
        return left + (hours - low) / (high - low or 1) * (right - left)

    parts = [
        f'<line x1="{left}" y1="{y}" x2="{right}" y2="{y}" stroke="var(--ink, #1d1d1b)"/>',
        f'<line x1="{at(0):.1f}" y1="{y - 8}" x2="{at(0):.1f}" y2="{y + 8}" '
        'stroke="var(--second, #a84300)" stroke-width="2"/>',
        f'<text x="{at(0):.1f}" y="{y - 12}" text-anchor="middle" fill="var(--second, #a84300)">'
        "T0</text>",
    ]
    for k, (hours, name) in enumerate(timed):
        x, below = at(hours), y + LINE * (k + 1)
        right_half = x > (left + right) / 2
        anchor, shift = ("end", -7) if right_half else ("start", 7)
        label = textwrap.shorten(name, 44, placeholder=" …")
        parts.append(
            f'<line x1="{x:.1f}" y1="{y}" x2="{x:.1f}" y2="{below}" stroke="var(--grid, #dcd8cf)"/>'
            f'<circle cx="{x:.1f}" cy="{y}" r="4" fill="var(--first, #00527a)"/>'
            f'<text x="{x + shift:.1f}" y="{below}" text-anchor="{anchor}" '
            f'fill="var(--ink, #1d1d1b)">{escape(label)}: {_span(hours)}</text>'
        )
    return "".join(parts), y + LINE * (len(timed) + 1)


def _span(hours: float) -> str:
    """A time from T0 as people say it."""
    sign = "−" if hours < 0 else "+"
    size = abs(hours)
    if size >= 48 and size % 24 == 0:
        return f"T0 {sign} {size / 24:g} days"
    return f"T0 {sign} {size:g} h"


def _words(points: Sequence[Point]) -> str:
    said = []
    for point in points:
        after = f" after {', '.join(point.step.after)}" if point.step.after else ""
        due = f", due {point.step.deadline}" if point.step.deadline else ""
        said.append(f"{point.step.name} ({point.step.actor or 'actor not said'}){after}{due}")
    return f"{len(points)} steps: {'; '.join(said)}."
