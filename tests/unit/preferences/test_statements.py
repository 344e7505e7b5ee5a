"""What each assertion implies."""

from __future__ import annotations

import pytest

from parley.case.agenda import Agenda
from parley.preferences.statements import THRESHOLD, implication
from tests.build import case_of, record_of

AGENDA = Agenda.of(case_of({"x": ["p", "q", "r"], "y": ["u", "v"], "z": ["m", "n"]}))
P, Q, R, U, V, M, N = range(7)


def of(**assertion: object):  # type: ignore[no-untyped-def]
    (made,) = record_of({"party": "a", "issue": "x", "options": ["p"]} | assertion).assertions
    return implication(AGENDA, made)


def test_demand_puts_on_top() -> None:
    made = of(act="demand")
    assert made.above == {(P, Q), (P, R)}
    assert made.vetoes == ()
    made = of(act="demand", options=["p", "q"], red_line=True)
    assert made.above == {(P, R), (Q, R)}
    assert [c.sets for c in made.vetoes] == [(frozenset({R}),)]
    assert (THRESHOLD, R) in made.checks


def test_reject_puts_last() -> None:
    made = of(act="reject")
    assert made.above == {(Q, P), (R, P)}
    assert made.vetoes == ()
    assert [c.sets for c in of(act="reject", red_line=True).vetoes] == [(frozenset({P}),)]


@pytest.mark.parametrize("act", ["offer", "accept", "promise"])
def test_offers_make_acceptable(act: str) -> None:
    made = of(act=act)
    assert (made.acceptable, made.above) == ({P}, frozenset())
    assert made.checks == {(P, THRESHOLD)}


def test_conditions_bind_packages_and_order_nothing() -> None:
    made = of(act="offer", condition=["y.u", "z.m"])
    assert (made.acceptable, made.above) == (frozenset(), frozenset())
    assert [c.sets for c in made.vetoes] == [
        (frozenset({P}), frozenset({V})),
        (frozenset({P}), frozenset({N})),
    ]
    made = of(act="demand", condition="y.u")
    assert [c.sets for c in made.vetoes] == [(frozenset({U}), frozenset({Q, R}))]
    made = of(act="reject", condition="y.u")
    assert [c.sets for c in made.vetoes] == [(frozenset({U}), frozenset({P}))]


def test_preferences_and_priorities() -> None:
    assert of(act="prefer", over=["r"]).above == {(P, R)}
    made = of(act="priority", options=[], over=["z"])
    assert made.heavier == {(0, 2)}
    assert of(act="priority", options=[], over="all").heavier == {(0, 1), (0, 2)}


@pytest.mark.parametrize("act", ["claim", "estimate", "threat", "no comment"])
def test_other_acts_order_nothing(act: str) -> None:
    assert of(act=act).is_empty


def test_bearing_on_no_agreement() -> None:
    made = of(
        act="threat", issue=None, options=[], without_agreement={"party": "b", "becomes": "worse"}
    )
    assert made.alternative == ("b", "worse")
    assert not made.orders_something
