"""The space of packages as a decision diagram."""

from __future__ import annotations

import random

import pytest

from parley.case.agenda import Clause
from parley.deals import space as module
from parley.deals.search import all_packages
from parley.deals.space import Space, layer_order
from parley.errors import TooLargeError
from tests.build import agenda_of, packages_of, random_space


def test_walks_are_the_feasible_packages() -> None:
    rng = random.Random(1)
    for _ in range(200):
        space = random_space(rng, issues=5)
        feasible = packages_of(space.agenda, space)
        assert space.count == len(feasible)
        assert all_packages(space) == sorted(feasible)


def test_counts_may_be_astronomical() -> None:
    assert Space.of(agenda_of([5] * 100), []).count == 5**100


def test_a_star_of_rules_stays_small() -> None:
    agenda = agenda_of([4] * 30)
    rules = [Clause((frozenset({0}), frozenset({4 * k}))) for k in range(1, 30)]
    space = Space.of(agenda, rules)
    assert space.count == 3 * 4**29 + 3**29
    assert max(layer.nodes for layer in space.layers) <= 2


def test_tied_issues_stand_together() -> None:
    agenda = agenda_of([2] * 6)
    far = [Clause((frozenset({0}), frozenset({10}))), Clause((frozenset({2}), frozenset({8})))]
    order = layer_order(agenda, far)
    assert abs(order.index(0) - order.index(5)) == 1
    assert abs(order.index(1) - order.index(4)) == 1


def test_rules_that_forbid_everything_leave_an_empty_space() -> None:
    agenda = agenda_of([2, 2])
    space = Space.of(agenda, [Clause((frozenset({0, 1}), frozenset({2, 3})))])
    assert space.count == 0
    assert all_packages(space) == []


def test_too_many_ties_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_ARCS", 50)
    agenda = agenda_of([3] * 8)
    rules = [
        Clause((frozenset({3 * a}), frozenset({3 * b}))) for a in range(8) for b in range(a + 1, 8)
    ]
    with pytest.raises(TooLargeError, match="tie too many issues"):
        Space.of(agenda, rules)
