"""The frontier: large cases, bounds, refusals, and packages with one point."""

from __future__ import annotations

import numpy as np
import pytest

from parley.case.agenda import Clause
from parley.deals import frontier as module
from parley.deals.frontier import efficient_frontier, packages_at, partial_fronts
from parley.deals.space import Space
from parley.deals.utilities import Utilities
from parley.errors import TooLargeError
from tests.build import agenda_of


def random_utilities(parties: int, issues: int, options: int) -> tuple[Space, Utilities]:
    space = Space.of(agenda_of([options] * issues), [])
    values = np.random.default_rng(7).random((parties, issues * options)) / issues
    return space, Utilities(("a", "b", "c", "d", "e")[:parties], values, np.zeros(parties))


@pytest.mark.parametrize(("parties", "issues"), [(2, 100), (3, 15)])
def test_large_frontiers_hold_what_they_claim(parties: int, issues: int) -> None:
    space, utilities = random_utilities(parties, issues, 5)
    frontier = efficient_frontier(space, utilities)
    points = frontier.points
    assert np.allclose(utilities.worth(frontier.packages), points)
    assert (np.diff(points[:, 0]) <= 0).all()
    if parties == 2:
        assert (np.diff(points[:, 0]) < 0).all()
        assert (np.diff(points[:, 1]) > 0).all()
    for weights in np.random.default_rng(1).random((20, parties)):
        best = (weights @ utilities.values).reshape(issues, 5).max(axis=1).sum()
        assert (points @ weights).max() == pytest.approx(best)  # every supported point is there


def test_a_bound_drops_what_lies_below_it_and_nothing_else() -> None:
    for parties in (2, 3):
        space, utilities = random_utilities(parties, 6, 4)
        whole = efficient_frontier(space, utilities).points
        bound = np.median(whole, axis=0) - 0.05
        bounded = efficient_frontier(space, utilities, at_least=bound).points
        assert np.allclose(bounded, whole[(whole >= bound).all(axis=1)])
        assert 0 < len(bounded) < len(whole)


@pytest.mark.parametrize("parties", [1, 2, 3])
def test_vetoes_that_bar_everything_leave_no_frontier(parties: int) -> None:
    barred = [Clause((frozenset({0, 1}),))]
    space = Space.of(agenda_of([2, 2]), [], barred)
    utilities = Utilities(("a", "b", "c")[:parties], np.ones((parties, 4)), np.zeros(parties))
    assert len(efficient_frontier(space, utilities).points) == 1
    frontier = efficient_frontier(space, utilities, np.array([True]))
    assert frontier.points.shape == (0, parties)
    assert frontier.packages.shape == (0, 2)


def test_two_parties_who_disagree_on_everything_are_refused() -> None:
    """All 2^26 packages are efficient: one party gains by each option what the other loses."""
    space = Space.of(agenda_of([2] * 26), [])
    values = np.zeros((2, 52))
    values[0, 1::2] = 2.0 ** -np.arange(26)
    with pytest.raises(TooLargeError, match="fewer issues"):
        efficient_frontier(space, Utilities(("a", "b"), values - values[::-1], np.zeros(2)))


@pytest.mark.parametrize("limit", ["MAX_CANDIDATES", "MAX_POINTS"])
def test_more_parties_with_too_many_points_are_refused(
    monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(module, limit, 50)
    space, utilities = random_utilities(3, 6, 4)
    with pytest.raises(TooLargeError, match="fewer issues"):
        efficient_frontier(space, utilities)


def test_packages_with_one_point_are_found_among_very_many() -> None:
    """Forty issues with two options that are worth the same, and one that decides."""
    values = np.zeros((2, 82))
    values[:, :2] = [[1, 0], [0, 1]]
    space = Space.of(agenda_of([2] * 41), [])
    fronts = partial_fronts(space, Utilities(("a", "b"), values, np.zeros(2)))
    packages, whole = packages_at(fronts, np.array([1.0, 0.0]), limit=9)
    assert (len(packages), whole) == (9, False)
    assert set(packages[:, 0].tolist()) == {0}


def test_listing_stops_at_a_limit_and_says_so() -> None:
    space = Space.of(agenda_of([2] * 10), [])
    utilities = Utilities(("a",), np.zeros((1, 20)), np.zeros(1))
    packages, whole = packages_at(partial_fronts(space, utilities), np.zeros(1), limit=7)
    assert (len(packages), whole) == (7, False)
