"""Which assertions cannot hold together."""

from __future__ import annotations

from collections.abc import Mapping

from parley.preferences.contradictions import contradictions, superseding
from parley.preferences.evidence import gather
from tests.build import case_of, record_of

CASE = case_of({"x": ["p", "q", "r"], "y": ["u", "v"]})


def found(*assertions: Mapping[str, object]) -> list[tuple[str, ...]]:
    filled: list[dict[str, object]] = [{"party": "a", "issue": "x", **item} for item in assertions]
    ties = gather(CASE, record_of(*filled)).ties
    return [c.assertions for c in contradictions(ties.groups, ties.denials)]


def test_two_demands() -> None:
    assert found({"options": ["p"]}, {"options": ["q"]}) == [("s00", "s01")]
    assert found({"options": ["p"]}, {"options": ["p", "q"]}) == []
    assert found({"options": ["p"]}, {"options": ["q"], "party": "b"}) == []


def test_accept_and_reject() -> None:
    assert found({"act": "accept", "options": ["p"]}, {"act": "reject", "options": ["p"]}) == [
        ("s00", "s01")
    ]
    assert found({"act": "accept", "options": ["p"]}, {"act": "reject", "options": ["q"]}) == []
    conditional = {"act": "accept", "options": ["p"], "condition": "y.u"}
    assert found(conditional, {"act": "reject", "options": ["p"]}) == [("s00", "s01")]
    demand = {"options": ["q"], "red_line": True}
    assert found({"act": "offer", "options": ["p"]}, demand) == [("s00", "s01")]


def test_a_circle_of_three() -> None:
    def prefer(high: str, low: str) -> dict[str, object]:
        return {"act": "prefer", "options": [high], "over": [low]}

    assert found(prefer("p", "q"), prefer("q", "r"), prefer("r", "p")) == [("s00", "s01", "s02")]


def test_priorities() -> None:
    one = {"act": "priority", "over": ["y"]}
    two = {"act": "priority", "issue": "y", "over": "all"}
    assert found(one, two) == [("s00", "s01")]


def test_denials_and_given_utilities() -> None:
    assert found({"options": ["p"]}, {"act": "deny", "issue": None, "denies": ["s00"]}) == [
        ("s00", "s01")
    ]
    given = {
        "issue": None,
        "act": "estimate",
        "certain": True,
        "utilities": {"x": {"p": 0, "q": 1, "r": 2}, "y": {"u": 0, "v": 9}},
        "no_agreement": 1,
    }
    assert found(given, {"options": ["p"]}) == [("s01",)]  # it cannot hold at all
    assert found(given, {"options": ["r"]}) == []


def test_corrections_reach_through_chains() -> None:
    record = record_of(
        {"voice": "v", "act": "claim", "id": "a"},
        {"voice": "v", "act": "claim", "id": "b", "corrects": ["a"]},
        {"voice": "v", "act": "claim", "id": "c", "withdraws": ["b"]},
    )
    assert superseding(record) == {"a": {"b", "c"}, "b": {"c"}}
