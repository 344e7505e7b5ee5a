"""Kalai & Smorodinsky 1975, Econometrica 43(3), and Kalai 1977, Econometrica 45(7).

Kalai and Smorodinsky give each party the same ratio of its gain to its best gain: on the segment
from (0, 1) to (1, 0) cut off at x ≤ .5, best gains are .5 and 1, so the point with equal ratios is
(1/3, 2/3). Kalai's egalitarian solution makes the gains themselves equal: (.5, .5). Adding
alternatives that raise only one party's best gain moves the first and not the second.
"""

from __future__ import annotations

import numpy as np

from parley.deals.solutions import solve
from parley.deals.space import Space
from parley.deals.utilities import Utilities
from tests.build import agenda_of


def solved(points: list[tuple[float, float]]) -> dict[str, list[float]]:
    space = Space.of(agenda_of([len(points)]), [])
    utilities = Utilities(("a", "b"), np.array(points).T.copy(), np.zeros(2))
    return {s.name: s.points[0].tolist() for s in solve(space, utilities).found}


SEGMENT = [(k / 300, 1 - k / 300) for k in range(151)]


def test_equal_ratios_and_equal_gains() -> None:
    found = solved(SEGMENT)
    assert np.allclose(found["Kalai-Smorodinsky"], [1 / 3, 2 / 3])
    assert np.allclose(found["egalitarian"], [0.5, 0.5])
    assert np.allclose(found["Nash"], [0.5, 0.5])


def test_a_larger_aspiration_moves_only_kalai_smorodinsky() -> None:
    found = solved([*SEGMENT, *[(k / 300, 1 - k / 300) for k in range(151, 301)]])
    assert np.allclose(found["Kalai-Smorodinsky"], [0.5, 0.5])
    assert np.allclose(found["egalitarian"], [0.5, 0.5])
