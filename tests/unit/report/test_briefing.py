"""The page: complete in itself, every link leads somewhere, nothing gets through unescaped."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from lxml import html

from parley.case.model import Case
from parley.record.claims import Record
from parley.record.folder import open_folder
from parley.report.briefing import draw, render, write_briefing
from parley.report.view import View
from parley.workbench import Study, run
from tests.build import case_of, record_of

EXAMPLES = Path(__file__).parents[3] / "examples"


def view_of(case: Case, record: Record, worlds: int = 300) -> View:
    return View(case, record, run(Study(case, record, worlds=worlds)), {})


@cache
def example(name: str) -> View:
    opened = open_folder(EXAMPLES / name)
    return View(
        opened.case,
        opened.record,
        run(Study(opened.case, opened.record, worlds=500)),
        opened.places,
    )


@pytest.mark.parametrize("name", ["istanbul-2025", "two-villages"])
def test_every_link_leads_somewhere(name: str) -> None:
    page = html.fromstring(render(example(name)))
    targets = page.xpath("//@id")
    assert len(targets) == len(set(targets))
    links = [link.removeprefix("#") for link in page.xpath("//a/@href")]
    assert links
    assert set(links) <= set(targets)
    for assertion in example(name).record.assertions:
        assert f"a-{assertion.id}" in targets


def test_every_statement_that_a_finding_cites_is_on_the_page() -> None:
    page = render(example("istanbul-2025"))
    for finding in example("istanbul-2025").findings:
        for name in finding.assertions:
            assert f'id="a-{name}"' in page


def test_hedges_and_chains_are_there_word_for_word() -> None:
    text = " ".join(html.fromstring(render(example("istanbul-2025"))).text_content().split())
    for assertion in example("istanbul-2025").record.assertions:
        assert assertion.hedge is None or assertion.hedge in text
        assert " ".join(assertion.text.split()) in text
    assert "told Reuters" in text


@pytest.mark.parametrize("name", ["istanbul-2025", "two-villages"])
def test_the_page_asks_nothing_of_the_network(name: str) -> None:
    page = render(example(name))
    assert not re.findall(r'(?:src|href)="(?!#)', page)
    assert "<script" not in page
    assert "@import" not in page
    assert "url(" not in page.replace("url(#", "")
    assert "default-src 'none'" in page


def test_plots_have_a_text_alternative_and_no_ids_in_common() -> None:
    drawn = draw(example("istanbul-2025"))
    assert {"map", "shares", "decides", "timeline", "figures-killed-in-ukrainian-cities"} <= set(
        drawn
    )
    seen: set[str] = set()
    for plot in drawn.values():
        assert re.search(r"<title id=[^>]+>[^<]+</title><desc id=[^>]+>[^<]+</desc>", plot.svg)
        ids = set(re.findall(r'id="([^"]+)"', plot.svg))
        assert not ids & seen
        seen |= ids
        colours = set(re.findall(r'(?:fill|stroke)="(#[0-9a-f]+)"', plot.svg))
        assert not colours, colours  # all are variables of the page, for light and dark


def test_more_than_two_parties_get_the_parallel_view() -> None:
    case = case_of({"x": ["p", "q", "r"], "y": ["u", "v"]}, parties=["a", "b", "c"])
    record = record_of(
        *({"party": p, "issue": "x", "options": [o]} for p, o in zip("abc", "pqr", strict=True))
    )
    page = render(view_of(case, record))
    assert "parallel-title" in page
    assert "Each line is a package" in page


def test_what_a_user_writes_is_shown_and_not_run() -> None:
    evil = "<script>alert(1)</script> & <b>"
    case = case_of({"x": ["p", "q"]}, title=evil, summary=evil)
    words = dict.fromkeys(("counts", "unit", "phrase"), evil)
    record = record_of(
        {"party": "a", "issue": "x", "options": ["p"], "text": evil, "hedge": evil},
        {"party": "b", "issue": "x", "options": ["q"], "text": "Other words."},
        {"voice": evil, "act": "claim", "figure": {"topic": "t", "best": 3} | words},
    )
    page = render(view_of(case, record))
    assert "<script" not in page
    assert "<b>" not in page
    assert "&lt;script&gt;" in page


def test_names_in_any_script_survive(tmp_path: Path) -> None:
    case = case_of({"x": ["p", "q"]}, title="Київ — القدس — 北京")
    record = record_of(
        {"party": "a", "issue": "x", "options": ["p"]},
        {"party": "b", "issue": "x", "options": ["q"]},
    )
    written = write_briefing(view_of(case, record), tmp_path)
    assert "Київ — القدس — 北京" in written.page.read_text(encoding="utf-8")


def test_no_page_calls_a_share_a_forecast() -> None:
    for name in ("istanbul-2025", "two-villages"):
        text = html.fromstring(render(example(name))).text_content().lower()
        for word in ("likely to happen", "chance of", "we predict", "will agree"):
            assert word not in text
    assert "It is no forecast" in render(example("istanbul-2025"))
