"""Uniform draws from what an order allows."""

from __future__ import annotations

import itertools
from collections import Counter

import numpy as np
import pytest
from scipy.stats import chisquare

from parley.errors import TooLargeError
from parley.preferences import orders
from parley.preferences.orders import Order, draw_ordered, draw_single_peaked, is_order
from parley.preferences.streams import Streams

STREAMS = Streams(3, "test", 30_000)
ROWS = np.arange(STREAMS.size)


def linear_extensions(size: int, pairs: frozenset[tuple[int, int]]) -> list[tuple[int, ...]]:
    found = []
    for order in itertools.permutations(range(size)):
        place = {x: k for k, x in enumerate(order)}
        if all(place[a] < place[b] for a, b in pairs):
            found.append(order)
    return found


@pytest.mark.parametrize(
    ("size", "pairs"),
    [
        (3, set()),
        (4, {(0, 1), (0, 2), (3, 2)}),
        (4, {(0, 1), (1, 2), (2, 3)}),
        (5, {(0, 1), (2, 3)}),
        (5, {(0, 2), (1, 2), (1, 3), (4, 3)}),
    ],
)
def test_every_linear_extension_is_equally_likely(size: int, pairs: set[tuple[int, int]]) -> None:
    order = Order(size, frozenset(pairs))
    every = linear_extensions(size, frozenset(pairs))
    assert order.extensions(order.everything) == len(every)
    values = draw_ordered(order, STREAMS, ("x", str(sorted(pairs))), ROWS)
    seen = Counter(map(tuple, np.argsort(-values, axis=1).tolist()))
    assert set(seen) == set(every)
    if len(every) > 1:
        assert chisquare(list(seen.values())).pvalue > 1e-4


def test_values_are_uniform_given_the_order() -> None:
    values = draw_ordered(Order(2, frozenset({(0, 1)})), STREAMS, ("two",), ROWS)
    error = 5 / np.sqrt(18 * STREAMS.size)
    assert abs(values[:, 0].mean() - 2 / 3) < error
    assert abs(values[:, 1].mean() - 1 / 3) < error


def test_rows_do_not_depend_on_each_other() -> None:
    order = Order(4, frozenset({(0, 1), (0, 2), (3, 2)}))
    whole = draw_ordered(order, STREAMS, ("x",), ROWS)
    some = np.array([3, 77, 4242])
    assert (draw_ordered(order, STREAMS, ("x",), some) == whole[some]).all()


def test_an_order_too_tangled_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orders, "MAX_SUBORDERS", 20)
    pairs = frozenset((a, b) for a in range(8) for b in range(8, 16) if (a + b) % 3)
    with pytest.raises(TooLargeError, match="too many sub-orders"):
        Order(16, pairs).extensions((1 << 16) - 1)


def test_one_above_a_hundred_others_is_no_trouble() -> None:
    order = Order(100, frozenset((0, k) for k in range(1, 100)))
    values = draw_ordered(order, Streams(1, "x", 50), ("star",), np.arange(50))
    assert (values.argmax(axis=1) == 0).all()


@pytest.mark.parametrize("pairs", [set(), {(1, 3)}, {(3, 0)}, {(2, 1), (1, 0)}])
def test_single_peaked_orders_are_equally_likely(pairs: set[tuple[int, int]]) -> None:
    axis = (2, 0, 3, 1)
    place = {x: k for k, x in enumerate(axis)}

    def is_peaked(order: tuple[int, ...]) -> bool:
        held = [place[x] for x in order]
        return all(max(held[: k + 1]) - min(held[: k + 1]) == k for k in range(len(held)))

    every = [o for o in linear_extensions(4, frozenset(pairs)) if is_peaked(o)]
    values = draw_single_peaked(axis, frozenset(pairs), STREAMS, ("p",), ROWS)
    if not every:
        assert values is None
        return
    assert values is not None
    seen = Counter(map(tuple, np.argsort(-values, axis=1).tolist()))
    assert set(seen) == set(every)
    if len(every) > 1:
        assert chisquare(list(seen.values())).pvalue > 1e-4


def test_no_single_peaked_order_where_both_ends_beat_the_middle() -> None:
    pairs = frozenset({(0, 1), (2, 1)})
    assert draw_single_peaked((0, 1, 2), pairs, STREAMS, ("p",), ROWS) is None


def test_cycles_are_seen() -> None:
    assert is_order(3, [(0, 1), (1, 2)])
    assert not is_order(3, [(0, 1), (1, 2), (2, 0)])
    assert not is_order(1, [(0, 0)])
