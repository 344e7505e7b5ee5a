"""A conflict in words, in files and in a picture."""

from __future__ import annotations

import csv
import io
import json
import re
from functools import cache
from pathlib import Path

import pytest
from lxml import etree, html

from parley.case.moves import Moves
from parley.case.moves_check import open_moves
from parley.conflict.reasons import why
from parley.conflict.stability import Concept
from parley.report.briefing import render
from parley.report.conflict_answers import conflict_view
from parley.report.conflict_export import (
    FORMAT,
    conflict_csv,
    conflict_dot,
    conflict_graphml,
    conflict_json,
)
from parley.report.conflict_view import ConflictView
from parley.report.state_graph import standing_alone, state_graph
from parley.workbench import ConflictStudy
from tests.unit.report.test_briefing import example

EXAMPLES = Path(__file__).parents[3] / "examples"
PUBLISHED = sorted((EXAMPLES / "published").glob("*/*.yaml"))


def view_of(moves: Moves, names: dict[str, str] | None = None, worlds: int = 200) -> ConflictView:
    study = ConflictStudy(moves, worlds=worlds)
    known = {maker.party: maker.party.upper() for maker in moves.decision_makers}
    return conflict_view(study, "A conflict", known | (names or {}), {})


@cache
def published(path: Path) -> ConflictView:
    file = open_moves(path)
    return view_of(file.moves, {party.id: party.name for party in file.parties})


def elmira() -> ConflictView:
    return published(EXAMPLES / "published" / "kilgour-hipel-fang-peng-2001" / "elmira.yaml")


def test_states_moves_and_reasons_in_words() -> None:
    say = elmira().words
    assert say.describe(4) == (
        "Ministry of the Environment: none of its options. Uniroyal: draw out the appeal. "
        "Local Government: insist on the first order."
    )
    assert "with or without: modify its control order" in say.describe(8)
    assert say.change(4, 7) == (
        "takes up: modify its control order, accept the order; gives up: draw out the appeal"
    )
    conflict = elmira().holds.conflict
    assert say.why(why(conflict, 0, "local", Concept.GMR)) == (
        "Local Government could move to state 5 (takes up: insist on the first order); but then "
        "Ministry of the Environment can answer with a move to state 6 (takes up: modify its "
        "control order), which is worse for Local Government than now."
    )
    assert say.why(why(conflict, 0, "local", Concept.SEQ)) == (
        "Local Government would move to state 5 (takes up: insist on the first order), which is "
        "preferred, and no answer by moves that those who answer would prefer would leave Local "
        "Government no better off than now."
    )
    assert "no move from here" in say.why(why(conflict, 0, "moe", Concept.NASH))
    assert "cannot change anything" in say.why(why(conflict, 8, "uniroyal", Concept.GMR))


def test_every_state_has_a_reason_in_every_sense() -> None:
    for path in PUBLISHED:
        view = published(path)
        if view.holds.stability is None:
            continue
        for state in range(view.holds.conflict.size):
            for concept in view.concepts:
                for text in view.reasons(state, concept):
                    assert re.fullmatch(r"[A-Z].*\.", text), text
                    assert "None" not in text


def test_parties_are_spoken_of_alike() -> None:
    """Exchanging the names of two parties exchanges them in the words, and nothing else."""
    maker = {"weights": {"x and y": 1}}
    moves = Moves.model_validate(
        {
            "decision_makers": [
                {"party": "a", "options": [{"id": "x", "name": "do it"}]} | maker,
                {"party": "b", "options": [{"id": "y", "name": "do it"}]} | maker,
            ]
        }
    )
    one, two = (
        view_of(moves, {"a": "Alpha", "b": "Beta"}),
        view_of(moves, {"a": "Beta", "b": "Alpha"}),
    )
    for concept in one.concepts:
        for state in range(4):
            swapped = [_exchanged(text) for text in two.reasons(state, concept)]
            assert swapped == one.reasons(state, concept)


def _exchanged(text: str) -> str:
    return text.replace("Alpha", "?").replace("Beta", "Alpha").replace("?", "Beta")


@pytest.mark.parametrize("path", PUBLISHED, ids=lambda p: p.stem)
def test_exports_agree_with_each_other(path: Path) -> None:
    view = published(path)
    holds, size = view.holds, view.holds.conflict.size
    data = json.loads(conflict_json(holds, view.words))
    assert data["format"] == FORMAT
    assert [row["state"] for row in data["detail"]] == list(range(1, size + 1))
    rows = list(csv.DictReader(io.StringIO(conflict_csv(holds, view.words))))
    assert len(rows) == size
    for label, states in data["equilibria"].items():
        assert [int(r["state"]) for r in rows if r[f"{label} equilibrium"] == "1"] == states
    root = etree.fromstring(conflict_graphml(holds, view.words).encode())
    space = {"g": "http://graphml.graphdrawing.org/xmlns"}
    assert len(root.findall(".//g:node", space)) == size
    arcs = len(holds.conflict.arcs.targets)
    assert len(root.findall(".//g:edge", space)) == arcs
    dot = conflict_dot(holds, view.words)
    assert dot.count(" -> ") == arcs
    assert dot.startswith("digraph")
    assert dot.rstrip().endswith("}")


def test_tables_are_safe_to_open_in_a_spreadsheet() -> None:
    moves = Moves.model_validate(
        {
            "decision_makers": [
                {"party": "a", "options": [{"id": "x", "name": "=1+1"}], "weights": {"x": 1}}
            ],
            "merged": [{"when": "x", "name": "=cmd"}],
        }
    )
    text = conflict_csv(view_of(moves).holds, view_of(moves).words)
    for row in csv.reader(io.StringIO(text)):
        for cell in row:
            assert cell[:1] not in {"=", "+", "-", "@"}, cell


@pytest.mark.parametrize("path", PUBLISHED, ids=lambda p: p.stem)
def test_the_picture_shows_every_state_and_says_so_in_words(path: Path) -> None:
    view = published(path)
    plot = state_graph(view)
    root = etree.fromstring(standing_alone(plot).encode())
    space = "{http://www.w3.org/2000/svg}"
    boxes = [g for g in root.iter(f"{space}g") if g.find(f"{space}title") is not None]
    assert len(boxes) == view.holds.conflict.size
    text = root.findtext(f"{space}desc")
    assert text == plot.text
    assert f"{view.holds.conflict.size} states" in plot.text
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    for rect in root.iter(f"{space}rect"):
        assert 0 <= float(rect.attrib["x"]) <= width - float(rect.attrib["width"])
        assert 0 <= float(rect.attrib["y"]) <= height - float(rect.attrib["height"])


def test_parties_differ_by_dash_and_not_by_colour_alone() -> None:
    svg = state_graph(elmira()).svg
    dashes = {
        m[1] for m in re.finditer(r'stroke="var\((--[a-z]+)\)" stroke-width="1.6"( [^/]*)?', svg)
    }
    assert len(dashes) == 3
    assert len(set(re.findall(r'stroke-dasharray="([^"]+)"', svg))) == 2


def test_a_large_conflict_shows_what_matters_and_counts_the_rest() -> None:
    view = example("istanbul-2025").conflict
    assert view is not None
    plot = state_graph(view)
    assert view.holds.conflict.size > 100
    shown = int(plot.text.split()[0])
    assert 20 <= shown <= 40
    assert f"{view.holds.conflict.size - shown:,} more are left out" in plot.text


def test_the_briefing_has_its_section() -> None:
    page = html.fromstring(render(example("istanbul-2025")))
    (section,) = page.xpath("//section[@id='holds']")
    text = section.text_content()
    for part in (
        "What would hold",
        "Both cease fire",
        "Share of worlds",
        "Whose mind must change",
        "What decides whether",
        "It is the state of today",
        "an assumption: it cites nothing",
    ):
        assert part in text, part
    assert section.xpath(".//a[starts-with(@href, '#a-us-06')]")


def test_a_briefing_without_moves_has_no_such_section() -> None:
    page = html.fromstring(render(example("two-villages")))
    assert not page.xpath("//section[@id='holds']")
    assert "What would hold" not in page.text_content()


def test_what_a_user_writes_in_moves_is_shown_and_not_run() -> None:
    evil = "<script>alert(1)</script>"
    moves = Moves.model_validate(
        {
            "decision_makers": [
                {"party": "a", "options": [{"id": "x", "name": evil}], "weights": {"x": 1}}
            ],
            "status_quo": 1,
        }
    )
    view = view_of(moves, {"a": evil})
    for text in (state_graph(view).svg, conflict_graphml(view.holds, view.words)):
        assert "<script" not in text
        assert "&lt;script" in text
    assert (
        '"' not in conflict_dot(view.holds, view.words).replace('\\"', "").split("label=")[1][1:9]
    )
