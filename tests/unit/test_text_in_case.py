"""A text in the light of a case, small enough to count by hand."""

from __future__ import annotations

import pytest

from parley.texts.articles import Draft
from parley.workbench import Study, TextFinding, text_in_case
from tests.build import case_of, record_of
from tests.texts import text_of

CASE = case_of({"truce": ["none", "short", "long"], "aid": ["off", "on"]})
SAID = (
    {"party": "a", "issue": "truce", "options": ["long"]},
    {"party": "b", "issue": "truce", "options": ["none"]},
    {"party": "b", "issue": "aid", "options": ["on"], "act": "reject"},
    {"party": "b", "issue": "truce", "options": ["short"], "act": "accept"},
)
RECORD = record_of(*SAID)


def text(*lines: str, party: str = "a") -> Draft:
    return text_of("\n\n".join(lines), f"---\nparley: 1\ntitle: T\nparty: {party}\n---\n\n")


def found(*lines: str, party: str = "a") -> TextFinding:
    return text_in_case(Study(CASE, RECORD, worlds=200), text(*lines, party=party))


def names(*places: int) -> tuple[str, ...]:
    return tuple(RECORD.assertions[k].id for k in places)


def test_what_it_gives_and_asks() -> None:
    result = found("Long. {issue=truce.long}", "Aid. {issue=aid.on}")
    truce, aid = result.issues
    assert (truce.asks, truce.gives, truce.departs) == (names(0), (), ())
    assert aid.against == names(2)
    assert result.silent == ()
    assert result.packages == 1


def test_what_departs_from_its_own_party() -> None:
    (truce,) = found("None. {issue=truce.none}").issues
    assert (truce.gives, truce.departs) == (names(1), names(0))
    (truce,) = found("Short. {issue=truce.short}", party="b").issues
    assert (truce.asks, truce.departs) == (names(3), names(1))


def test_it_leaves_open_what_it_does_not_name() -> None:
    result = found("Some truce. {issue=truce.short issue=truce.long}")
    assert result.packages == 4
    assert result.silent == ("aid",)
    for worth in result.worth:
        assert 0 <= worth.low <= worth.high <= 1
    everything = found("Words.")
    assert everything.packages == 6
    assert everything.some is not None
    assert result.some is not None
    assert result.some.value <= everything.some.value
    assert [(w.low, w.high) for w in everything.worth] == [pytest.approx((0, 1))] * 2


def test_a_text_that_the_rules_forbid() -> None:
    rule = {"if": "truce.long", "excludes": "aid.on"}
    case = CASE.model_validate(CASE.model_dump(mode="json", by_alias=True) | {"rules": [rule]})
    study = Study(case, RECORD, worlds=50)
    result = text_in_case(study, text("A. {issue=truce.long}", "B. {issue=aid.on}"))
    assert (result.packages, result.some, result.worth) == (0, None, ())
