"""Each element of the checklist: stated, absent, and defective."""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from parley.texts.articles import Draft
from parley.texts.markdown import parse_markdown, read_markdown
from parley.texts.terms.check import check_terms
from parley.texts.terms.checklist import checklist
from parley.texts.terms.findings import Status

DATA = YAML(typ="safe").load(
    (Path(__file__).parents[2] / "data" / "terms" / "elements.yaml").read_text(encoding="utf-8")
)
ELEMENTS = [element.id for element in checklist()]


def text(body: str, kind: str = "cessation") -> Draft:
    head = f"---\nparley: 1\ntitle: Agreement\nkind: {kind}\n---\n\n"
    return parse_markdown(head + body, "t.md")


def statuses(body: str, element: int, kind: str = "cessation") -> set[Status]:
    return {f.status for f in check_terms(text(body, kind)).findings if f.element == element}


def test_there_are_sixty() -> None:
    assert list(range(1, 61)) == ELEMENTS
    assert all(element.why and element.source for element in checklist())


@pytest.mark.parametrize("number", ELEMENTS)
def test_stated(number: int) -> None:
    item = DATA[number]
    assert statuses(item["passing"], number, item.get("kind", "cessation")) == {Status.PASSES}


@pytest.mark.parametrize("number", ELEMENTS)
def test_defective(number: int) -> None:
    item = DATA[number]
    assert statuses(item["defective"], number, item.get("kind", "cessation")) == {Status.DEFECTIVE}


@pytest.mark.parametrize("number", ELEMENTS)
def test_absent(number: int) -> None:
    kind = DATA[number].get("kind", "cessation")
    assert statuses(DATA["absent"], number, kind) <= {Status.ABSENT, Status.NOT_ASKED}


EXAMPLES = Path(__file__).parents[3] / "examples" / "ceasefire-text"
PLANTED = YAML(typ="safe").load(
    (Path(__file__).parents[2] / "data" / "terms" / "planted.yaml").read_text(encoding="utf-8")
)


def test_no_false_alarm_on_the_complete_text() -> None:
    found = check_terms(read_markdown(EXAMPLES / "complete.md"))
    assert found.of(Status.ABSENT, Status.DEFECTIVE, Status.NOT_READ) == ()
    assert {f.element for f in found.of(Status.NOT_ASKED)} == {33, 34}


def test_the_defective_example_is_the_complete_one_with_the_planted_slips() -> None:
    text = (EXAMPLES / "complete.md").read_text(encoding="utf-8")
    for slip in PLANTED:
        assert text.count(slip["find"]) == 1, slip["find"]
        text = text.replace(slip["find"], slip["put"])
    shipped = (EXAMPLES / "planted.md").read_text(encoding="utf-8")
    assert shipped.partition("\n\n")[2] == text.partition("\n\n")[2]


def test_all_planted_slips_are_found_and_nothing_else() -> None:
    found = check_terms(read_markdown(EXAMPLES / "planted.md"))
    wrong = {(f.element, f.at) for f in found.of(Status.ABSENT, Status.DEFECTIVE)}
    planted = {(slip["element"], slip["at"]) for slip in PLANTED}
    assert len(planted) == 25
    assert planted <= wrong
    assert {element for element, _ in wrong} == {element for element, _ in planted}
