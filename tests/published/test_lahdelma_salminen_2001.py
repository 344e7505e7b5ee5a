"""Lahdelma & Salminen 2001, Operations Research 49(3): acceptability with free weights.

The shares follow from the geometry of the weight simplex. Two criteria, A = (1, 0), B = (0, .6):
A is first where w1 ≥ .6 w2, with share 1/1.6. Three unit vectors and (a, a, a): the last is first
where no weight exceeds a,
 with share 1 - 3(1-a)² + 3·max(0, 1-2a)². (1,0,0) against (0,1,1): 1/4 with free
weights, 3/4 with w1 ≥ w2 ≥ w3.
"""

from __future__ import annotations

import numpy as np
import pytest

from parley.preferences.sampling import draw_weights
from parley.preferences.streams import Streams
from tests.build import agenda_of

STREAMS = Streams(4, "test", 40_000)


def first(alternatives: list[list[float]], ordered: bool = False) -> np.ndarray:
    """Share of weights for which each alternative is first."""
    table = np.array(alternatives)
    count = table.shape[1]
    pairs = frozenset((k, k + 1) for k in range(count - 1)) if ordered else frozenset()
    everywhere = np.ones(STREAMS.size, dtype=bool)
    weights = draw_weights(agenda_of([2] * count), "a", [(pairs, everywhere)], STREAMS)
    ranks = (weights @ table.T).argmax(axis=1)
    return np.bincount(ranks, minlength=len(table)) / STREAMS.size


def close(share: float, truth: float) -> bool:
    return bool(abs(share - truth) < 5 * np.sqrt(truth * (1 - truth) / STREAMS.size))


def test_two_criteria() -> None:
    assert close(first([[1, 0], [0, 0.6]])[0], 1 / 1.6)


@pytest.mark.parametrize(("a", "share"), [(0.4, 0.04), (0.5, 0.25), (0.6, 0.52)])
def test_three_unit_vectors_and_a_middle(a: float, share: float) -> None:
    truth = 1 - 3 * (1 - a) ** 2 + 3 * max(0.0, 1 - 2 * a) ** 2
    assert truth == pytest.approx(share)
    assert close(first([[1, 0, 0], [0, 1, 0], [0, 0, 1], [a, a, a]])[3], truth)


def test_one_against_two() -> None:
    assert close(first([[1, 0, 0], [0, 1, 1]])[0], 1 / 4)
    assert close(first([[1, 0, 0], [0, 1, 1]], ordered=True)[0], 3 / 4)
