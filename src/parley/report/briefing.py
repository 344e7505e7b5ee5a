"""The briefing: one page that stands alone, and the findings beside it."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from jinja2 import DictLoader, Environment, StrictUndefined

import parley
from parley.case.file import write_text
from parley.preferences.sensitivity import Decider
from parley.record.claims import Act
from parley.record.summary import FigureTopic, reach
from parley.report import plots, words
from parley.report.conflict_words import MEANING
from parley.report.export import findings_json
from parley.report.plots import Bar, MapRow, ParallelRow, Plot, RangeRow, TimeRow
from parley.report.state_graph import state_graph
from parley.report.text_page import comparison_page, single_page, text_page
from parley.report.view import LEADING, SOME, View
from parley.texts.articles import Draft
from parley.texts.comparing.table import MOST_TEXTS, compare
from parley.texts.outline import slug
from parley.workbench.conflict import HEADLINE

PAGE = "briefing.html"
COMPARISON = "comparison.html"
SINGLE = "single-text.html"
DATA = "findings.json"


@dataclass(frozen=True)
class Written:
    """The files of a briefing."""

    page: Path
    findings: Path


def write_briefing(view: View, folder: Path) -> Written:
    """Write ``briefing.html`` and ``findings.json``; each whole or not at all.

    Raises
    ------
    OutputError
        If the folder cannot be written to.
    """
    text = render(view)
    data = findings_json(view.findings, view.agenda)
    write_text(folder / DATA, data)
    for name, page in text_pages(view).items():
        write_text(folder / name, page)
    write_text(folder / PAGE, text)
    return Written(folder / PAGE, folder / DATA)


def text_pages(view: View) -> dict[str, str]:
    """The pages about texts that a briefing links to, by file name."""
    pages = {page_of(text): text_page(text) for text in view.texts}
    if len(view.texts) > 1:
        found = tuple(result for _, result in view.text_findings)
        shown = view.texts[:MOST_TEXTS]
        pages[COMPARISON] = comparison_page(compare(shown, view.case), found)
    if view.single is not None:
        title = f"Single text: {view.single.text.base.front.title}"
        pages[SINGLE] = single_page(view.single, title)
    return pages


def page_of(text: Draft) -> str:
    """The file name of the page of a text."""
    return f"text-{slug(Path(text.name).stem) or 'without-name'}.html"


def render(view: View) -> str:
    """The page as HTML, with its style and plots inside."""
    source = files("parley.report") / "templates"
    names = (
        "briefing.html.j2",
        "conflict.html.j2",
        "in_case.html.j2",
        "parts.html.j2",
        "style.css",
    )
    loader = DictLoader({name: (source / name).read_text(encoding="utf-8") for name in names})
    environment = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "percent": words.percent,
        "margin": words.with_margin,
        "points": words.points,
        "capital": words.capital,
        "listed": words.listed,
        "number": words.number,
        "large": words.large,
        "issue_name": lambda issue, view: view.names.issue(issue),
    }
    return environment.get_template("briefing.html.j2").render(
        view=view,
        plots=draw(view),
        words=words,
        version=parley.__version__,
        style=(source / "style.css").read_text(encoding="utf-8"),
        LEADING=LEADING,
        SOME=SOME,
        meaning=MEANING,
        headline=HEADLINE,
        page_of=page_of,
        pages=(COMPARISON, SINGLE),
    )


def draw(view: View) -> dict[str, Plot]:
    """The plots of a briefing, by name; those without data are left out."""
    drawn: dict[str, Plot] = {}
    agreed = view.agreement
    if agreed is not None and agreed.cloud:
        drawn["map"] = _map(view)
    if agreed is not None and agreed.best and view.one_world is None:
        drawn["shares"] = _shares(view)
    top = view.top_deciders(LEADING)
    if top:
        what = "whether the leading package suits all"
        drawn["decides"] = plots.deciders([_bar(view, d) for d in top], what)
    for _, topic in view.topics:
        drawn[f"figures-{topic.topic}"] = _figures(view, topic)
    if view.conflict is not None:
        drawn["states"] = state_graph(view.conflict)
    if view.moments:
        drawn["timeline"] = _time_line(view)
    return drawn


def _map(view: View) -> Plot:
    agreed = view.agreement
    assert agreed is not None
    parties = view.consenting
    best = list(enumerate(agreed.best, start=1))
    if len(parties) == 2:
        first, second = parties
        rows = [MapRow(b.by_party[first].value, b.by_party[second].value, k) for k, b in best] + [
            MapRow(p.by_party[first], p.by_party[second], 0) for p in agreed.cloud
        ]
        return plots.map_of_packages(rows, view.names.party(first), view.names.party(second))
    lines = [
        ParallelRow(f"best {k}", view.names.party(p), b.by_party[p].value, True)
        for k, b in best
        for p in parties
    ]
    lines += [
        ParallelRow(f"drawn {k}", view.names.party(p), point.by_party[p], False)
        for k, point in enumerate(agreed.cloud[:120])
        for p in parties
    ]
    return plots.parallel_view(lines)


def _shares(view: View) -> Plot:
    agreed = view.agreement
    assert agreed is not None
    bars = [Bar("some package", agreed.some.value, agreed.some.margin)]
    for k, result in enumerate(agreed.best, start=1):
        bars.append(Bar(f"package {k}", result.share.value, result.share.margin, "open"))
    return plots.some_and_this(bars)


def _bar(view: View, decider: Decider) -> Bar:
    effect = decider.effects[LEADING]
    kind = "said" if decider.kind in {"assertion", "origin"} else "open"
    return Bar(view.decider(decider), effect.explained, 2 * effect.standard_error, kind)


def _figures(view: View, topic: FigureTopic) -> Plot:
    rows = []
    for row in topic.rows:
        low, high = reach(row)
        said = view.said[row.assertion]
        rows.append(RangeRow(view.who(said), low, high, row.best))
    first = topic.rows[0]
    return plots.figure_ranges(rows, f"figures-{topic.topic}", first.counts, first.unit)


def _sort(act: Act) -> str:
    """The sort of a statement, as the time line tells them apart."""
    if act in {Act.DEMAND, Act.PREFER, Act.PRIORITY, Act.REJECT}:
        return "wants or refuses"
    if act in {Act.OFFER, Act.ACCEPT, Act.PROMISE}:
        return "offers or accepts"
    return "threatens" if act is Act.THREAT else "says"


def _time_line(view: View) -> Plot:
    rows = []
    for moment in view.moments:
        said = view.said[moment.assertion]
        rows.append(TimeRow(view.who(said), str(moment.when), moment.when.day, _sort(said.act)))
    return plots.time_line(rows)
