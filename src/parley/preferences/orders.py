"""Uniform draws from what an order allows.

`draw_ordered` draws from the order polytope of a partial order, `draw_single_peaked` from its
single-peaked linear extensions. Both are exact. See docs/methods/worlds.md, 5.1 and 5.2.

Sources: R. P. Stanley, "Two poset polytopes", Discrete & Computational Geometry 1, 1986;
D. Black, "On the rationale of group decision-making", Journal of Political Economy 56, 1948.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from math import factorial

import numpy as np
from numpy.typing import NDArray

from parley.errors import TooLargeError
from parley.preferences.streams import Streams

MAX_SUBORDERS = 100_000
"""Different sub-orders whose linear extensions are counted before an order is refused."""

Pairs = frozenset[tuple[int, int]]
"""An order on 0..n-1: pairs (a, b) with a above b."""


def is_order(size: int, pairs: Iterable[tuple[int, int]]) -> bool:
    """Whether the pairs have no cycle (Kahn's algorithm)."""
    below: list[set[int]] = [set() for _ in range(size)]
    above = [0] * size
    for a, b in set(pairs):
        below[a].add(b)
        above[b] += 1
    free = [x for x in range(size) if not above[x]]
    placed = 0
    while free:
        placed += 1
        for x in below[free.pop()]:
            above[x] -= 1
            if not above[x]:
                free.append(x)
    return placed == size


@dataclass(frozen=True)
class Order:
    """A partial order on 0..size-1 with the counts of its linear extensions.

    Sets of elements are bit masks.
    """

    size: int
    pairs: Pairs
    _counts: dict[int, int] = field(default_factory=dict, repr=False, compare=False)
    _parts: dict[int, tuple[int, ...]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def everything(self) -> int:
        """The mask of all elements."""
        return (1 << self.size) - 1

    def parts(self, mask: int) -> tuple[int, ...]:
        """The connected parts of a set, as masks."""
        if mask not in self._parts:
            self._parts[mask] = tuple(self._split(mask))
        return self._parts[mask]

    def _split(self, mask: int) -> Iterator[int]:
        near = self._neighbours
        while mask:
            part, frontier = 0, mask & -mask
            while frontier:
                part |= frontier
                reached = 0
                for x in _elements(frontier):
                    reached |= near[x]
                frontier = reached & mask & ~part
            yield part
            mask &= ~part

    @property
    def _neighbours(self) -> list[int]:
        near = [0] * self.size
        for a, b in self.pairs:
            near[a] |= 1 << b
            near[b] |= 1 << a
        return near

    def tops(self, mask: int) -> list[int]:
        """The maximal elements of a set: those with nothing of the set above them."""
        covered = {b for a, b in self.pairs if mask >> a & 1}
        return [x for x in _elements(mask) if x not in covered]

    def extensions(self, mask: int) -> int:
        """Number of linear extensions of the order on a set of elements.

        Raises
        ------
        TooLargeError
            If more than `MAX_SUBORDERS` sub-orders would have to be counted.
        """
        known = self._counts.get(mask)
        if known is None:
            if len(self._counts) >= MAX_SUBORDERS:
                raise TooLargeError(
                    f"An order on {self.size} things has too many sub-orders to count.",
                    "Let fewer 'prefer' or 'priority' statements of one party cross each other.",
                )
            known = self._counts[mask] = self._count(mask)
        return known

    def _count(self, mask: int) -> int:
        parts = self.parts(mask)
        if len(parts) == 1:
            if mask & (mask - 1) == 0:
                return 1
            return sum(self.extensions(mask & ~(1 << x)) for x in self.tops(mask))
        ways = factorial(mask.bit_count())
        for part in parts:
            ways = ways * self.extensions(part) // factorial(part.bit_count())
        return ways


def draw_ordered(
    order: Order, streams: Streams, key: tuple[str, ...], rows: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Draw uniformly from the order polytope of `order`, in some worlds.

    Parameters
    ----------
    key
        What is drawn; names the streams.
    rows
        Shape (R,): the worlds.

    Returns
    -------
    Shape (R, size), in (0, 1): ``v[a] >= v[b]`` wherever a is above b.
    """
    values = np.empty((rows.size, order.size))
    uniform = streams.uniform(*key, "value", columns=order.size)[rows]
    ceiling = np.ones((rows.size, order.size))
    waiting = {part: [np.arange(rows.size)] for part in order.parts(order.everything)}
    while waiting:
        # largest part first, so that all worlds that come to a part are drawn at once
        part = max(waiting, key=lambda mask: (mask.bit_count(), mask))
        who = np.sort(np.concatenate(waiting.pop(part)))
        for top, chosen in _choose_top(order, part, streams, key, rows, who):
            power = 1.0 / part.bit_count()
            values[chosen, top] = ceiling[chosen, top] * uniform[chosen, top] ** power
            left = part & ~(1 << top)
            for rest in order.parts(left):
                for x in _elements(rest):
                    ceiling[chosen, x] = values[chosen, top]
                waiting.setdefault(rest, []).append(chosen)
    return values


def _choose_top(
    order: Order,
    part: int,
    streams: Streams,
    key: tuple[str, ...],
    rows: NDArray[np.intp],
    who: NDArray[np.intp],
) -> Iterator[tuple[int, NDArray[np.intp]]]:
    """Share out the worlds `who` among the elements that can be on top of `part`."""
    tops = order.tops(part)
    if len(tops) == 1:
        yield tops[0], who
        return
    total = order.extensions(part)
    odds = [order.extensions(part & ~(1 << x)) / total for x in tops]
    pick = streams.uniform(*key, "top", str(part))[rows[who], 0]
    choice = np.minimum(np.searchsorted(np.cumsum(odds), pick, side="right"), len(tops) - 1)
    for index, top in enumerate(tops):
        chosen = who[choice == index]
        if chosen.size:
            yield top, chosen


def draw_single_peaked(
    axis: tuple[int, ...],
    pairs: Pairs,
    streams: Streams,
    key: tuple[str, ...],
    rows: NDArray[np.intp],
) -> NDArray[np.float64] | None:
    """Draw uniformly from the single-peaked orders on a scale that respect `pairs`.

    Parameters
    ----------
    axis
        The elements from one end of the scale to the other.

    Returns
    -------
    Shape (R, n), in (0, 1): sorted uniform numbers given out in the drawn order; ``None`` if no
    single-peaked order respects the pairs.
    """
    size = len(axis)
    counts = _peaked_counts(axis, pairs)
    if not counts[0][size - 1]:
        return None
    uniform = streams.uniform(*key, "end", columns=size)[rows]
    ranked = np.sort(streams.uniform(*key, "value", columns=size)[rows], axis=1)
    values = np.empty((rows.size, size))
    left = np.zeros(rows.size, dtype=np.intp)
    right = np.full(rows.size, size - 1, dtype=np.intp)
    odds = _left_odds(counts, axis, pairs)
    along = np.array(axis)
    here = np.arange(rows.size)
    for step in range(size):
        goes_left = uniform[:, step] < odds[left, right]
        worst = np.where(goes_left, left, right)
        values[here, along[worst]] = ranked[:, step]
        left = left + goes_left
        right = right - ~goes_left
        right = np.maximum(right, 0)
        left = np.minimum(left, size - 1)
    return values


def _peaked_counts(axis: tuple[int, ...], pairs: Pairs) -> list[list[int]]:
    """``counts[l][r]``: single-peaked orders of the stretch l..r that respect the pairs."""
    size = len(axis)
    counts = [[0] * size for _ in range(size)]
    for length in range(size):
        for left in range(size - length):
            right = left + length
            counts[left][right] = sum(_peaked_terms(counts, axis, pairs, left, right))
    return counts


def _peaked_terms(
    counts: list[list[int]], axis: tuple[int, ...], pairs: Pairs, left: int, right: int
) -> tuple[int, int]:
    """Orders of the stretch whose worst is its left end, and whose worst is its right end."""
    if left == right:
        return 1, 0
    stretch = axis[left : right + 1]
    low_left = not any((stretch[0], x) in pairs for x in stretch[1:])
    low_right = not any((stretch[-1], x) in pairs for x in stretch[:-1])
    return (
        counts[left + 1][right] if low_left else 0,
        counts[left][right - 1] if low_right else 0,
    )


def _left_odds(counts: list[list[int]], axis: tuple[int, ...], pairs: Pairs) -> NDArray[np.float64]:
    size = len(axis)
    odds = np.ones((size, size))
    for left in range(size):
        for right in range(left, size):
            terms = _peaked_terms(counts, axis, pairs, left, right)
            if sum(terms):
                odds[left, right] = terms[0] / sum(terms)
    return odds


def _elements(mask: int) -> Iterator[int]:
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low
