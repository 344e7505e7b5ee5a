"""Stanley 1986, Discrete & Computational Geometry 1: order polytopes and linear extensions.

The volume of the order polytope of n elements is the number of linear extensions over n!. Known
counts: the 5×5 product order has 701,149,020 (hook length formula; standard Young tableaux); zigzag
orders have the Euler numbers 1, 1, 2, 5, 16, 61, 272, 1385.
"""

from __future__ import annotations

import pytest

from parley.preferences.grades import _grades
from parley.preferences.orders import Order


def test_the_grades_are_a_young_tableau() -> None:
    order = _grades()
    assert order.extensions(order.everything) == 701_149_020


@pytest.mark.parametrize(
    ("size", "count"), list(enumerate([1, 1, 2, 5, 16, 61, 272, 1385], start=1))
)
def test_zigzags(size: int, count: int) -> None:
    pairs = {(k, k + 1) if k % 2 else (k + 1, k) for k in range(size - 1)}
    order = Order(size, frozenset(pairs))
    assert order.extensions(order.everything) == count
