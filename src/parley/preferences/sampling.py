"""Weights, scores and values of no agreement, drawn from what the standing assertions allow.

See docs/methods/worlds.md, section 5.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, betaincinv

from parley.case.agenda import Agenda
from parley.case.parts import Level, Party, Range
from parley.preferences.orders import Order, Pairs, draw_ordered, draw_single_peaked
from parley.preferences.statements import Implication
from parley.preferences.streams import Streams

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

BANDS: dict[Level, tuple[float, float]] = {
    Level.WEAK: (-0.5, 0.2),
    Level.MODERATE: (0.2, 0.5),
    Level.STRONG: (0.5, 0.8),
    Level.UNKNOWN: (-0.5, 0.8),
}
"""Bounds of the value of no agreement behind each word: a convention."""


def band(party: Party) -> tuple[float, float]:
    """Bounds of a party's value of no agreement, on the scale of its packages."""
    given = party.without_agreement
    return (given.low, given.high) if isinstance(given, Range) else BANDS[given]


def draw_weights(
    agenda: Agenda, party: str, priorities: Sequence[tuple[Pairs, Bools]], streams: Streams
) -> Floats:
    """Draw a party's issue weights: uniform on the part of the simplex that its priorities allow.

    Parameters
    ----------
    priorities
        Pairs of issues (i, j), i no lighter than j, with the worlds (W,) in which they hold.

    Returns
    -------
    Shape (W, issues); rows sum to 1.
    """
    count = len(agenda.issues)
    values = np.empty((streams.size, count))
    for pairs, rows in _patterns(priorities, streams.size):
        values[rows] = draw_ordered(Order(count, pairs), streams, ("weights", party), rows)
    spread = -np.log1p(-values)
    result: Floats = spread / spread.sum(axis=1, keepdims=True)
    return result


def draw_scores(
    agenda: Agenda,
    party: str,
    issue: int,
    orders: Sequence[tuple[Pairs, Bools]],
    streams: Streams,
) -> Floats:
    """Draw a party's scores of one issue's options, best 1 and worst 0.

    Parameters
    ----------
    orders
        Pairs of the issue's options (numbered from 0), with the worlds (W,) in which they hold.

    Returns
    -------
    Shape (W, options of the issue).
    """
    count = len(agenda.options[issue])
    key = ("scores", party, agenda.issues[issue])
    values = np.empty((streams.size, count))
    for pairs, rows in _patterns(orders, streams.size):
        values[rows] = _draw_order(count, agenda.axes[issue], pairs, streams, key, rows)
    low = values.min(axis=1, keepdims=True)
    high = values.max(axis=1, keepdims=True)
    result: Floats = (values - low) / (high - low)
    return result


def _draw_order(
    count: int,
    axis: tuple[int, ...] | None,
    pairs: Pairs,
    streams: Streams,
    key: tuple[str, ...],
    rows: NDArray[np.intp],
) -> Floats:
    if axis is not None:
        peaked = draw_single_peaked(axis, pairs, streams, (*key, "peak"), rows)
        if peaked is not None:
            return peaked
    return draw_ordered(Order(count, pairs), streams, key, rows)


def raise_to_acceptable(scores: Floats, acceptable: Bools, reservation: Floats) -> Floats:
    """Condition scores on acceptable options being worth at least what no agreement is worth.

    Parameters
    ----------
    scores
        Shape (W, n): best 1, worst 0, those between sorted uniform given the order.
    acceptable
        Shape (W, n): options that were offered or accepted, where that holds.
    reservation
        Shape (W,): the value of no agreement, at most 1.

    Returns
    -------
    Shape (W, n): as `scores`, but with ``scores >= reservation`` at the acceptable options. See
    docs/methods/worlds.md, 5.3.
    """
    rank = np.argsort(np.argsort(-scores, axis=1), axis=1)
    lowest = np.where(acceptable, rank, -1).max(axis=1)
    bound = np.maximum(reservation, 0.0)
    last = scores.shape[1] - 1
    result = scores.copy()
    shrink = (lowest == last) & (bound > 0)
    result[shrink] = bound[shrink, None] + (1 - bound[shrink, None]) * scores[shrink]
    inner = np.flatnonzero((lowest > 0) & (lowest < last) & (bound > 0))
    for j in range(1, last):
        rows = inner[lowest[inner] == j]
        result[rows] = _stretched(scores[rows], bound[rows], last - 1, j)
    return result


def _stretched(scores: Floats, bound: Floats, inside: int, place: int) -> Floats:
    """Lift the `place`-th from above of `inside` sorted uniform scores to its law above `bound`."""
    old = np.sort(scores, axis=1)[:, -1 - place]
    a, b = inside - place + 1, place
    below = betainc(a, b, bound)
    new = np.maximum(betaincinv(a, b, below + (1 - below) * betainc(a, b, old)), bound)
    old, new = old[:, None], new[:, None]
    above = np.minimum(new + (1 - new) * (scores - old) / (1 - old), 1.0)
    result: Floats = np.where(scores >= old, above, scores * new / old)
    return result


def draw_reservation(
    party: str,
    span: tuple[float, float],
    better: NDArray[np.intp],
    worse: NDArray[np.intp],
    streams: Streams,
) -> Floats:
    """Draw a party's value of no agreement, shape (W,), between the two ends of `span`.

    `better` and `worse`, shape (W,), count the origins that hold and raise or lower it. See
    docs/methods/worlds.md, 5.4.
    """
    uniform = streams.uniform("no agreement", party)[:, 0]
    place: Floats = betaincinv(1.0 + better, 1.0 + worse, uniform)
    return span[0] + (span[1] - span[0]) * place


def orders_held(
    found: Sequence[Implication], holds: Bools, agenda: Agenda, issue: int
) -> list[tuple[Pairs, Bools]]:
    """The orders of one issue's options, numbered from 0, with the worlds in which they hold.

    `holds` has shape (W, len(found)).
    """
    start = int(agenda.offsets[issue])
    return [
        (frozenset((a - start, b - start) for a, b in item.above), holds[:, k])
        for k, item in enumerate(found)
        if item.issue == issue and item.above
    ]


def _patterns(
    orders: Sequence[tuple[Pairs, Bools]], size: int
) -> Iterator[tuple[Pairs, NDArray[np.intp]]]:
    """The different sets of orders that hold together, each with its worlds."""
    if not orders:
        yield frozenset(), np.arange(size)
        return
    table = np.stack([held for _, held in orders], axis=1)
    rows, back = np.unique(np.packbits(table, axis=1), axis=0, return_inverse=True)
    for k in range(len(rows)):
        worlds = np.flatnonzero(back.reshape(-1) == k)
        held = table[worlds[0]]
        chosen = (pairs for (pairs, _), is_held in zip(orders, held, strict=True) if is_held)
        yield frozenset[tuple[int, int]]().union(*chosen), worlds
