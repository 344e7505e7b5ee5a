"""Nash 1950, Econometrica 18(2): the bargaining problem.

A unit pie with disagreement (.2, .1): each gets the disagreement and half of what is left, so the
first gets .2 + .7/2 = .55. No agreement may be worse than every package, and its depth counts: with
disagreement (-1, 0) and packages (1, .2), (.6, .55), (.2, 1) the products are .4, .88, 1.2.
"""

from __future__ import annotations

import numpy as np

from parley.deals.solutions import Solution, solve
from parley.deals.space import Space
from parley.deals.utilities import Utilities
from tests.build import agenda_of


def nash(points: list[tuple[float, float]], at: tuple[float, float]) -> Solution:
    space = Space.of(agenda_of([len(points)]), [])
    utilities = Utilities(("a", "b"), np.array(points).T.copy(), np.array(at))
    return next(s for s in solve(space, utilities).found if s.name == "Nash")


def test_a_unit_pie() -> None:
    pie = [(k / 100, 1 - k / 100) for k in range(101)]
    found = nash(pie, (0.2, 0.1))
    assert np.allclose(found.points, [[0.55, 0.45]])


def test_war_is_not_the_worst_deal() -> None:
    packages = [(1.0, 0.2), (0.6, 0.55), (0.2, 1.0)]
    assert nash(packages, (-1, 0)).points.tolist() == [[0.2, 1.0]]
    assert nash(packages, (0, 0)).points.tolist() == [[0.6, 0.55]]  # clamped at 0 it would be this


def test_symmetry() -> None:
    found = nash([(3, 1), (1, 3), (2, 1.4), (1.4, 2)], (0, 0))
    assert sorted(found.points.tolist()) == [[1, 3], [3, 1]]


def test_independence_of_irrelevant_alternatives() -> None:
    points = [(4.0, 1.0), (3.0, 2.5), (1.0, 4.0)]
    assert nash(points, (0, 0)).points.tolist() == nash(points[:2], (0, 0)).points.tolist()
