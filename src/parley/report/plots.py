"""The plots of a briefing, as SVG with a text alternative.

Nothing is told by colour alone: marks differ in shape, lines in dash, and all is legible in grey.
Colours are written as style variables, so that a page in a dark theme shows them rightly. This
is the only module that knows the plotting library; it draws without a browser or a network.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import log10
from typing import Any

import altair as alt
import vl_convert

INK, MUTED, GRID = "#1a1a1a", "#6b6b6b", "#d9d9d9"
FIRST, SECOND, THIRD = "#00527a", "#b34700", "#00664d"
_VARIABLES = {
    INK: "--ink",
    MUTED: "--muted",
    GRID: "--grid",
    FIRST: "--first",
    SECOND: "--second",
    THIRD: "--third",
}
WIDTH = 560


@dataclass(frozen=True)
class Plot:
    """A plot: inline SVG, and what it shows in words."""

    svg: str
    text: str


def _chart(values: Sequence[Mapping[str, object]]) -> Any:
    data: Any = alt.Data  # the library leaves this class untyped
    return alt.Chart(data(values=list(values)))


def _finish(chart: Any, name: str, title: str, text: str) -> Plot:
    themed = chart.configure(
        background="transparent",
        font="sans-serif",
        padding={"left": 4, "right": 12, "top": 6, "bottom": 4},
    )
    themed = (
        themed.configure_axis(
            labelColor=INK,
            titleColor=INK,
            gridColor=GRID,
            domainColor=MUTED,
            tickColor=MUTED,
            labelFontSize=12,
            titleFontSize=12,
            titleFontWeight="normal",
            labelLimit=300,
        )
        .configure_view(stroke=None)
        .configure_legend(
            labelColor=INK, titleColor=INK, labelFontSize=12, titleFontSize=12, orient="top"
        )
    )
    svg = vl_convert.vegalite_to_svg(themed.to_dict())
    return Plot(_inline(svg, name, title, text), text)


def _inline(svg: str, name: str, title: str, text: str) -> str:
    """Make an SVG fit for a page: named, scalable, in the colours of the page."""
    svg = re.sub(r' aria-[a-z]+="[^"]*"', "", svg)
    svg = re.sub(r' role="[^"]*"', "", svg)
    svg = svg.replace(' xmlns:xlink="http://www.w3.org/1999/xlink"', "")
    svg = re.sub(r'id="([^"]+)"', rf'id="{name}-\1"', svg)
    svg = re.sub(r"url\(#([^)]+)\)", rf"url(#{name}-\1)", svg)
    for colour, variable in _VARIABLES.items():
        svg = svg.replace(f'"{colour}"', f'"var({variable})"')
    found = re.match(r'<svg [^>]*? width="(\d+)" height="\d+"', svg)
    width = int(found[1]) if found else WIDTH
    head = (
        f'<svg role="img" aria-labelledby="{name}-title {name}-desc" class="plot" '
        f'style="max-width:{width}px;min-width:{min(round(0.75 * width), 480)}px"'
    )
    svg = re.sub(r'^<svg [^>]*? width="\d+" height="\d+"', head, svg)
    labels = f'<title id="{name}-title">{escape(title)}</title>'
    labels += f'<desc id="{name}-desc">{escape(text)}</desc>'
    return svg.replace(">", f">{labels}", 1)


def _percent_axis(title: str, **more: Any) -> alt.Axis:
    return alt.Axis(title=title, format="%", grid=True, tickCount=5, **more)


@dataclass(frozen=True)
class MapRow:
    """A package on the map: shares of worlds in which each of two parties accepts.

    `rank` is its number among the best, 0 for the others.
    """

    first: float
    second: float
    rank: int


def map_of_packages(rows: Sequence[MapRow], first: str, second: str) -> Plot:
    """Packages by the share of worlds in which each of two parties accepts them."""
    data: list[dict[str, object]] = [
        {"x": r.first, "y": r.second, "rank": str(r.rank)} for r in rows
    ]
    best = [d for d in data if d["rank"] != "0"]
    scale = alt.Scale(domain=[0, 1], nice=False)
    x = alt.X("x:Q", scale=scale, axis=_percent_axis(f"worlds in which {first} accepts"))
    y = alt.Y("y:Q", scale=scale, axis=_percent_axis(f"worlds in which {second} accepts"))
    kinds = ["the best packages", "drawn at random"]
    for d in data:
        d["kind"] = kinds[d["rank"] == "0"]
    shape = alt.Shape(
        "kind:N",
        scale=alt.Scale(domain=kinds, range=["diamond", "circle"]),
        legend=alt.Legend(title=None, symbolFillColor=FIRST, symbolStrokeColor=FIRST),
    )
    others = [d for d in data if d["rank"] == "0"]
    cloud = _chart(others).mark_point(size=22, filled=False, color=MUTED, strokeWidth=1)
    chosen = _chart(best).mark_point(size=110, filled=True, fill=FIRST, opacity=1)
    layers = alt.layer(cloud.encode(x=x, y=y, shape=shape), chosen.encode(x=x, y=y, shape=shape))
    text = (
        f"Each mark is a package. Across: the share of worlds in which {first} accepts it; up: the "
        f"share in which {second} does. Circles are {len(data) - len(best)} packages drawn at "
        f"random, diamonds the {len(best)} best."
    )
    chart = layers.properties(width=380, height=320)
    return _finish(chart, "map", "Map of packages", text)


@dataclass(frozen=True)
class ParallelRow:
    """One package and one party: the share of worlds in which the party accepts."""

    package: str
    party: str
    share: float
    among_best: bool


def parallel_view(rows: Sequence[ParallelRow]) -> Plot:
    """The best packages as lines over the parties."""
    data = [
        {"package": r.package, "party": r.party, "share": r.share, "best": r.among_best}
        for r in rows
    ]
    base = _chart(data).encode(
        x=alt.X("party:N", sort=None, axis=alt.Axis(title=None, labelAngle=0)),
        y=alt.Y(
            "share:Q",
            scale=alt.Scale(domain=[0, 1]),
            axis=_percent_axis("worlds in which it accepts"),
        ),
        detail="package:N",
    )
    others = base.transform_filter("!datum.best").mark_line(
        stroke=MUTED, strokeWidth=0.6, opacity=0.5
    )
    best = base.transform_filter("datum.best").mark_line(
        stroke=FIRST, strokeWidth=2, point=alt.OverlayMarkDef(shape="diamond", fill=FIRST, size=60)
    )
    text = (
        "Each line is a package; its height over a party is the share of worlds in which that "
        "party accepts it. Thick lines with diamonds are the best packages."
    )
    chart = alt.layer(others, best).properties(width=WIDTH - 80, height=300)
    return _finish(chart, "parallel", "Packages over the parties", text)


@dataclass(frozen=True)
class Bar:
    """A labelled share with its margin; `kind` tells sorts of bars apart."""

    label: str
    value: float
    margin: float
    kind: str = ""


def some_and_this(bars: Sequence[Bar]) -> Plot:
    """Some package against single packages: shares of worlds in which all accept."""
    text = (
        "Shares of worlds in which every party whose consent is needed accepts. The first bar is "
        "for some package, whichever; the others are for one and the same package. The "
        "distance between them is what talking can win."
    )
    return _bars(
        bars, "shares", "Some package, and this package", text, (0.0, 1.0), "share of worlds"
    )


def deciders(bars: Sequence[Bar], what: str) -> Plot:
    """What decides: share of an outcome's variation that each thing explains."""
    top = max([0.05, *(b.value + b.margin for b in bars)])
    text = (
        f"How much of the variation of the outcome ({what}) each thing would explain if it were "
        "known. Dark bars: statements on record. Empty bars with a broken edge: what no "
        "statement covers. Lines show the sampling error."
    )
    title = "share of the variation explained"
    return _bars(bars, "decides", "What decides", text, (0.0, min(1.0, top)), title)


def _bars(
    bars: Sequence[Bar], name: str, title: str, text: str, domain: tuple[float, float], axis: str
) -> Plot:
    labels = [_wrapped(b.label) for b in bars]
    data: list[dict[str, object]] = [
        {
            "label": labels[k],
            "value": b.value,
            "low": max(domain[0], b.value - b.margin),
            "high": min(domain[1], b.value + b.margin),
            "kind": b.kind,
        }
        for k, b in enumerate(bars)
    ]
    y = alt.Y(
        "label:N",
        sort=labels,
        axis=alt.Axis(title=None, labelExpr="split(datum.label, '|')", labelLineHeight=13),
    )
    scale = alt.Scale(domain=list(domain), nice=False)
    base = _chart(data).encode(y=y)
    x = alt.X("value:Q", scale=scale, axis=_percent_axis(axis))
    known = base.transform_filter("datum.kind != 'open'").mark_bar(fill=FIRST, height=13)
    unknown = base.transform_filter("datum.kind == 'open'").mark_bar(
        fill="transparent", stroke=SECOND, strokeWidth=1.6, strokeDash=[3, 2], height=12
    )
    error = base.mark_rule(stroke=INK, strokeWidth=1.4).encode(
        x=alt.X("low:Q", scale=scale, title=axis), x2="high:Q"
    )
    tall = max((label.count("|") + 1 for label in labels), default=1)
    chart = alt.layer(known.encode(x=x), unknown.encode(x=x), error).properties(
        width=WIDTH - 240, height=alt.Step(max(22, 14 * tall + 4))
    )
    return _finish(chart, name, title, text)


@dataclass(frozen=True)
class RangeRow:
    """One source's figure, between its bounds; infinite where it named none."""

    label: str
    low: float
    high: float
    best: float | None

    @property
    def named(self) -> float:
        """The value to mark: the best, else the bound that was named."""
        if self.best is not None:
            return self.best
        return self.low if self.high == float("inf") else self.high


def figure_ranges(rows: Sequence[RangeRow], name: str, title: str, unit: str) -> Plot:
    """Figures of different sources side by side, never merged."""
    scale, axis, edge = _figure_axis(rows, unit)
    data: list[dict[str, object]] = [
        {
            "label": _wrapped(r.label),
            "low": max(r.low, edge[0]),
            "high": min(r.high, edge[1]),
            "mark": r.named,
            "open": r.high == float("inf"),
        }
        for r in rows
    ]
    y = alt.Y("label:N", sort=None, axis=alt.Axis(title=None, labelExpr="split(datum.label, '|')"))
    base = _chart(data).encode(y=y)
    line = base.mark_rule(stroke=FIRST, strokeWidth=3)
    dot = base.mark_point(shape="diamond", size=90, filled=True, fill=FIRST, opacity=1)
    arrow = base.transform_filter("datum.open").mark_point(
        shape="triangle-right", size=110, filled=True, fill=FIRST, opacity=1
    )
    chart = alt.layer(
        line.encode(x=alt.X("low:Q", scale=scale, axis=axis), x2="high:Q"),
        dot.encode(x=alt.X("mark:Q", scale=scale)),
        arrow.encode(x=alt.X("high:Q", scale=scale)),
    ).properties(width=WIDTH - 240, height=alt.Step(44))
    text = f"{title}, by source; an arrow means that the source named no upper bound. " + " ".join(
        f"{r.label}: {_said(r)}." for r in rows
    )
    return _finish(chart, name, title, text)


def _figure_axis(
    rows: Sequence[RangeRow], unit: str
) -> tuple[alt.Scale, alt.Axis, tuple[float, float]]:
    """Scale, axis and ends; logarithmic where figures lie far apart."""
    finite = [x for r in rows for x in (r.low, r.high) if abs(x) != float("inf")]
    low, high = min(finite), max(finite)
    if low > 0 and high / low > 30:
        edge = (low / 2, high * 4)
        axis = alt.Axis(title=unit, format=",.0f", values=_decades(*edge))
        return alt.Scale(type="log", domain=list(edge), nice=False), axis, edge
    edge = (min(0.0, low), high + 0.4 * abs(high) + (high == 0))
    return alt.Scale(domain=list(edge), nice=False), alt.Axis(title=unit, tickCount=5), edge


def _decades(low: float, high: float) -> list[float]:
    return [
        10.0**k for k in range(int(log10(low)) - 1, int(log10(high)) + 2) if low <= 10.0**k <= high
    ]


def _said(row: RangeRow) -> str:
    if row.high == float("inf"):
        return f"more than or at least {row.low:,.0f}"
    if row.low == float("-inf"):
        return f"less than or at most {row.high:,.0f}"
    return f"{row.low:,.0f}" if row.low == row.high else f"{row.low:,.0f} to {row.high:,.0f}"


@dataclass(frozen=True)
class TimeRow:
    """A statement on the time line: who made it, when (as given, and its first day), its sort."""

    who: str
    when: str
    day: str
    kind: str


SHAPES = {
    "wants or refuses": "triangle-up",
    "offers or accepts": "circle",
    "threatens": "diamond",
    "says": "square",
}
"""The sorts of statements on the time line, and how they are marked."""

FEW_DAYS = 8
ABREAST = 12


def time_line(rows: Sequence[TimeRow]) -> Plot:
    """When what was said, by whom: by day as it was given, or along time if there are many."""
    seen: dict[tuple[str, str], int] = {}
    data: list[dict[str, object]] = []
    days = list(dict.fromkeys(r.when for r in rows))
    few = len(days) <= FEW_DAYS
    for r in rows:  # statements of one day and speaker stand beside or above each other
        key = (r.who, r.when if few else r.day)
        place = seen[key] = seen.get(key, -1) + 1
        line, column = divmod(place, ABREAST) if few else (place, 0)
        data.append(
            {"who": r.who, "when": r.when, "day": r.day, "kind": r.kind}
            | {"line": line, "column": column}
        )
    lines = max((int(str(d["line"])) for d in data), default=0) + 1
    if few:
        x = {
            "x": alt.X("when:N", sort=days, axis=alt.Axis(title=None, labelAngle=0)),
            "xOffset": alt.XOffset("column:N"),
        }
    else:
        x = {"x": alt.X("day:T", axis=alt.Axis(title=None, tickCount=6, labelAngle=0))}
    kinds = [kind for kind in SHAPES if any(r.kind == kind for r in rows)]
    shape = alt.Shape(
        "kind:N",
        scale=alt.Scale(domain=kinds, range=[SHAPES[kind] for kind in kinds]),
        legend=alt.Legend(title=None, symbolFillColor=FIRST, symbolStrokeColor=FIRST),
    )
    row = alt.Row("who:N", sort=None, header=_row_header())
    chart = (
        _chart(data)
        .mark_point(size=48, filled=True, fill=FIRST, opacity=1)
        .encode(y=alt.Y("line:O", axis=None), shape=shape, row=row, **x)
        .properties(width=max(260, min(WIDTH - 120, 130 * len(days))), height=18 * lines)
    )
    text = "Statements by the day on which they were made or published, one row for each speaker."
    return _finish(chart.configure_facet(spacing=6), "timeline", "Time line of statements", text)


def _row_header() -> alt.Header:
    return alt.Header(
        title=None,
        labelAngle=0,
        labelAlign="left",
        labelColor=INK,
        labelFontSize=12,
        labelLimit=150,
    )


def _wrapped(text: str, width: int = 38) -> str:
    """Break a label into lines, which the axis splits at the bar."""
    lines = [""]
    for word in text.replace("|", "/").split():
        if lines[-1] and len(lines[-1]) + len(word) + 1 > width:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    if len(lines) > 3:
        lines = [*lines[:2], f"{lines[2]} …"]
    return "|".join(lines)
