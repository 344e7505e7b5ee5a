"""Bargaining solutions: ties, parties who cannot gain, nobody suited."""

from __future__ import annotations

import numpy as np
import pytest

from parley.deals.frontier import efficient_frontier
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


def test_many_issues_do_not_keep_ties_from_being_listed() -> None:
    space = Space.of(agenda_of([5] * 60), [])
    rng = np.random.default_rng(2)
    utilities = Utilities(("a", "b"), rng.random((2, 300)) / 60, np.full(2, 0.6))
    nash = pick("Nash", space, utilities)
    assert nash.complete
    assert np.allclose(utilities.worth(nash.packages), nash.points)
    gains = efficient_frontier(space, utilities).points - utilities.disagreement
    assert nash.value == pytest.approx(gains[(gains >= 0).all(axis=1)].prod(axis=1).max())


@pytest.mark.parametrize("unit", [1e-12, 1e-6, 3.0, 1e6, 1e12])
def test_the_unit_of_a_party_does_not_matter(unit: float) -> None:
    points = [(4, 1), (2, 2), (1, 4), (0, 5), (1.9, 2)]
    space, utilities = one_issue(*points, at=(-1, 0))
    turned, changed = one_issue(*((x * unit, y) for x, y in points), at=(-unit, 0))
    for name in ("Nash", "Kalai-Smorodinsky"):
        one, two = pick(name, space, utilities), pick(name, turned, changed)
        assert one.packages.tolist() == two.packages.tolist()
    assert pick("Nash", space, utilities).packages.tolist() == [[2]]


def test_a_party_in_large_units_does_not_blur_another() -> None:
    space, utilities = one_issue((4e12, 1), (4e12, 1.1), (3e12, 1.2))
    assert len(efficient_frontier(space, utilities).points) == 2
    assert pick("egalitarian", space, utilities).packages.tolist() == [[2]]


def test_utilities_are_checked() -> None:
    with pytest.raises(SettingError, match="not a finite number"):
        Utilities(("a",), np.array([[np.nan]]), np.zeros(1))
    with pytest.raises(SettingError, match="Give one row"):
        Utilities(("a", "b"), np.zeros((1, 3)), np.zeros(2))
