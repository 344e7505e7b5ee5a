"""Barron & Barrett 1996, Management Science 42(11): rank-order centroid weights.

Uniform weights under w1 ≥ w2 ≥ w3 have means 11/18, 5/18, 2/18.
"""

from __future__ import annotations

import numpy as np

from parley.preferences.sampling import draw_weights
from parley.preferences.streams import Streams
from tests.build import agenda_of

STREAMS = Streams(1, "test", 40_000)
ALL = np.ones(STREAMS.size, dtype=bool)


def test_rank_order_centroid() -> None:
    order = frozenset({(0, 1), (1, 2)})
    weights = draw_weights(agenda_of([2, 2, 2]), "a", [(order, ALL)], STREAMS)
    error = 5 * weights.std(axis=0) / np.sqrt(STREAMS.size)
    assert (np.abs(weights.mean(axis=0) - np.array([11, 5, 2]) / 18) < error).all()
