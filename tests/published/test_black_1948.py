"""Black 1948, Journal of Political Economy 56(1): single-peaked orders.

On a scale of n options there are 2^(n-1) of them.
"""

from __future__ import annotations

import numpy as np
import pytest

from parley.preferences.orders import _peaked_counts, draw_single_peaked
from parley.preferences.streams import Streams


@pytest.mark.parametrize("size", range(1, 12))
def test_their_number(size: int) -> None:
    counts = _peaked_counts(tuple(range(size)), frozenset())
    assert counts[0][size - 1] == 2 ** (size - 1)


def test_who_wants_one_end_prefers_the_middle_to_the_other() -> None:
    streams = Streams(1, "test", 500)
    demand = frozenset({(0, 1), (0, 2)})
    values = draw_single_peaked((0, 1, 2), demand, streams, ("x",), np.arange(500))
    assert values is not None
    assert (values[:, 0] > values[:, 1]).all()
    assert (values[:, 1] > values[:, 2]).all()
