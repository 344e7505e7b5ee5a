"""Bargaining solutions: ties, parties who cannot gain, nobody suited."""

from __future__ import annotations

import numpy as np
import pytest

from parley.case.agenda import Clause
from parley.deals.counting import count_rational, sample_packages
from parley.deals.frontier import efficient_frontier, packages_at, partial_fronts
from parley.deals.solutions import Solution, solve
from parley.deals.space import Space
from parley.deals.utilities import Utilities
from parley.errors import SettingError
from tests.build import agenda_of


def one_issue(
    *points: tuple[float, ...], at: tuple[float, ...] = (0.0, 0.0)
) -> tuple[Space, Utilities]:
    space = Space.of(agenda_of([len(points)]), [])
    return space, Utilities(("a", "b", "c")[: len(at)], np.array(points).T.copy(), np.array(at))


def pick(name: str, space: Space, utilities: Utilities) -> Solution:
    return next(s for s in solve(space, utilities).found if s.name == name)


def test_ties_and_near_ties_are_all_reported() -> None:
    space, utilities = one_issue((4, 1), (2, 2), (1 + 1e-10, 4 - 1e-10), (1, 1))
    assert pick("Nash", space, utilities).packages.ravel().tolist() == [0, 1, 2]


def test_packages_with_one_and_the_same_point_are_all_listed() -> None:
    space = Space.of(agenda_of([2, 2]), [])
    utilities = Utilities(("a", "b"), np.array([[1.0, 0, 1, 0], [0, 1, 0, 1]]), np.zeros(2))
    nash = pick("Nash", space, utilities)
    assert nash.packages.tolist() == [[0, 3], [1, 2]]
    assert nash.points.tolist() == [[1, 1], [1, 1]]
    assert len(efficient_frontier(space, utilities).points) == 3


def test_a_party_that_cannot_gain_is_left_out_of_the_product() -> None:
    space, utilities = one_issue((0, 1), (0, 3), at=(0, 0))
    assert pick("Nash", space, utilities).points.tolist() == [[0, 3]]


def test_nobody_suited() -> None:
    space, utilities = one_issue((1, 0), (0, 1), at=(0.5, 0.5))
    assert solve(space, utilities).found == ()


def test_every_output_names_its_definition() -> None:
    space, utilities = one_issue((1, 0), (0, 1))
    found = solve(space, utilities).found
    assert [s.name for s in found[:4]] == [
        "Nash",
        "Kalai-Smorodinsky",
        "egalitarian",
        "utilitarian",
    ]
    assert all(s.definition for s in found)
    assert all(s.source for s in found[:4])
    assert len({s.definition for s in found}) == len(found)


def test_listing_stops_at_a_limit_and_says_so() -> None:
    space = Space.of(agenda_of([2] * 10), [])
    utilities = Utilities(("a",), np.zeros((1, 20)), np.zeros(1))
    packages, whole = packages_at(partial_fronts(space, utilities), np.zeros(1), limit=7)
    assert (len(packages), whole) == (7, False)


def test_counts_say_whether_they_are_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    space = Space.of(agenda_of([4] * 7), [Clause((frozenset({0}), frozenset({5})))])
    utilities = Utilities(("a", "b"), rng.random((2, 28)), np.array([3.4, 3.6]))
    exact = count_rational(space, utilities)
    assert exact.exact
    monkeypatch.setattr("parley.deals.counting.MAX_EXACT_POINTS", 10)
    sampled = count_rational(space, utilities, seed=4)
    assert not sampled.exact
    assert sampled.samples > 0
    assert abs(sampled.value - exact.value) < 4 * sampled.standard_error


def test_equal_worths_keep_large_counts_exact() -> None:
    space = Space.of(agenda_of([2] * 60), [])
    utilities = Utilities(("a", "b"), np.tile([[0.0, 1.0], [1.0, 0.0]], 60), np.array([30.0, 30.0]))
    count = count_rational(space, utilities)
    assert (count.exact, count.value) == (True, 118264581564861424)  # 60 choose 30


def test_samples_are_uniform_over_the_feasible() -> None:
    space = Space.of(agenda_of([2, 2]), [Clause((frozenset({0}), frozenset({2})))])
    drawn = sample_packages(space, 30_000, np.random.default_rng(1))
    _, counts = np.unique(drawn, axis=0, return_counts=True)
    assert len(counts) == 3
    assert np.abs(counts / 10_000 - 1).max() < 0.05


def test_utilities_are_checked() -> None:
    with pytest.raises(SettingError, match="not a finite number"):
        Utilities(("a",), np.array([[np.nan]]), np.zeros(1))
    with pytest.raises(SettingError, match="Give one row"):
        Utilities(("a", "b"), np.zeros((1, 3)), np.zeros(2))
