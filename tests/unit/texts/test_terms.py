"""Each element of the checklist: stated, absent, and defective."""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from parley.texts.articles import Draft
from parley.texts.markdown import parse_markdown
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
