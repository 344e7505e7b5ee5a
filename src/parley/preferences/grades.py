"""The probability behind a grade, drawn anew in each world. See docs/methods/worlds.md, 3.1."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from parley.preferences.orders import Order, draw_ordered
from parley.preferences.streams import Streams
from parley.record.claims import Assertion, Bounds

ICD_203: dict[str, tuple[float, float]] = {
    "almost no chance": (0.01, 0.05),
    "very unlikely": (0.05, 0.20),
    "unlikely": (0.20, 0.45),
    "roughly even chance": (0.45, 0.55),
    "likely": (0.55, 0.80),
    "very likely": (0.80, 0.95),
    "almost certain": (0.95, 0.99),
}
"""Bounds of the terms of Intelligence Community Directive 203."""

LETTERS = "ABCDE"
UNJUDGED = "F6"


def standing_key(assertion: Assertion) -> str:
    """What decides how probable it is that an assertion stands.

    Assertions of one origin with the same key stand together.
    """
    if assertion.certain or assertion.utilities is not None:
        return "certain"
    if assertion.judgement is not None:
        return f"judgement {assertion.id}"
    return str(assertion.grade) if assertion.grade else UNJUDGED


def grid(streams: Streams) -> NDArray[np.float64]:
    """Shape (W, 5, 5): for each world the probability behind each grade A1 to E5."""
    everywhere = np.arange(streams.size)
    return draw_ordered(_grades(), streams, ("grades",), everywhere).reshape(-1, 5, 5)


@cache
def _grades() -> Order:
    """The product order of letters and digits: each grade above its next worse neighbours."""
    down = [(5 * i + j, 5 * i + 5 + j) for i in range(4) for j in range(5)]
    along = [(5 * i + j, 5 * i + j + 1) for i in range(5) for j in range(4)]
    return Order(25, frozenset(down + along))


def probability(
    assertion: Assertion, origin: str, grades: NDArray[np.float64], streams: Streams
) -> NDArray[np.float64]:
    """Shape (W,): the probability in each world that an assertion stands."""
    if assertion.certain or assertion.utilities is not None:
        return np.ones(streams.size)
    if assertion.judgement is not None:
        low, high = _bounds(assertion.judgement.likelihood)
        return low + (high - low) * streams.uniform("judgement", assertion.id)[:, 0]
    grade = standing_key(assertion)
    row = _place(LETTERS.find(grade[0]), "letter", origin, streams)
    column = _place("12345".find(grade[1]), "digit", origin, streams)
    result: NDArray[np.float64] = grades[np.arange(streams.size), row, column]
    return result


def _place(known: int, what: str, origin: str, streams: Streams) -> NDArray[np.intp]:
    """The row or column of a grade; drawn for the origin where it cannot be judged."""
    if known >= 0:
        return np.full(streams.size, known, dtype=np.intp)
    return (streams.uniform(what, origin)[:, 0] * 5).astype(np.intp)


def _bounds(likelihood: str | Bounds) -> tuple[float, float]:
    if isinstance(likelihood, Bounds):
        return likelihood.low, likelihood.high
    return ICD_203[likelihood]
