"""Pages about texts, each complete in itself: a comparison, the terms, a text, a single text."""

from __future__ import annotations

from collections import Counter
from importlib.resources import files
from typing import Any

from jinja2 import DictLoader, Environment, StrictUndefined

import parley
from parley.report.step_picture import step_picture
from parley.texts.articles import CELL, HEADED, Draft, ProvisionKind
from parley.texts.comparing.relation import Relation
from parley.texts.comparing.table import Comparison
from parley.texts.single.log import Kept
from parley.texts.single.views import count_by_article, count_by_round, draft_of, open_points
from parley.texts.terms.check import Terms
from parley.texts.terms.definitions import term_graph
from parley.texts.terms.findings import Status
from parley.texts.terms.ledger import ledger
from parley.texts.terms.order import steps_of
from parley.texts.terms.reading import Reading
from parley.texts.terms.references import references
from parley.texts.terms.times import deadlines, t0_of
from parley.texts.word.writing import RIGHT_TO_LEFT
from parley.workbench.texts import TextFinding

STATUS_ORDER = (Status.DEFECTIVE, Status.ABSENT, Status.OPEN, Status.NOT_READ)


def comparison_page(comparison: Comparison, findings: tuple[TextFinding, ...] = ()) -> str:
    """The table point by point, as a page for the screen and for print."""
    relations = Counter(row.relation for row in comparison.paragraphs)
    counts = [(relation, relations[relation]) for relation in Relation if relations[relation]]
    return _page("comparison", "Comparison", comparison=comparison, counts=counts, found=findings)


def terms_page(terms: Terms) -> str:
    """What a text defines and what not."""
    reading = Reading(terms.draft)
    steps = steps_of(reading)
    return _page(
        "terms",
        f"Terms of: {terms.draft.front.title}",
        terms=terms,
        groups=[(status, terms.of(status)) for status in STATUS_ORDER if terms.of(status)],
        stated=terms.of(Status.PASSES),
        not_asked=terms.of(Status.NOT_ASKED),
        picture=step_picture(steps) if steps else None,
        ledger=ledger(steps),
        deadlines=deadlines(reading),
        t0=t0_of(reading),
        graph=term_graph(reading),
        references=[r for r in references(reading) if r.target is None],
    )


def text_page(draft: Draft) -> str:
    """A text as a page, for reading and print."""
    return _page("text", draft.front.title, draft=draft)


def single_page(kept: Kept, title: str) -> str:
    """A single text with its brackets, what is open by article and round, and what was done."""
    return _page(
        "single",
        title,
        kept=kept,
        draft=draft_of(kept.text),
        points=open_points(kept.text),
        by_article=count_by_article(kept.text),
        by_round=count_by_round(kept.states),
    )


def _page(kind: str, title: str, **values: Any) -> str:
    source = files("parley.report") / "templates"
    names = ("texts.html.j2", "style.css", "texts.css")
    contents = {name: (source / name).read_text(encoding="utf-8") for name in names}
    environment = Environment(
        loader=DictLoader(contents),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("texts.html.j2").render(
        kind=kind,
        title=title,
        version=parley.__version__,
        style=contents["style.css"] + contents["texts.css"],
        HEADED=HEADED,
        ROW=ProvisionKind.ROW,
        CELL=CELL,
        direction=direction,
        **values,
    )


def direction(draft: Draft) -> str:
    """The way in which a text runs."""
    return "rtl" if draft.language.split("-")[0] in RIGHT_TO_LEFT else "ltr"
