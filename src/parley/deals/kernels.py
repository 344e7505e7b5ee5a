"""Compiled kernels: the efficient frontier of two parties, in one world and in many.

A front is a staircase: points in falling order of the first party's worth and rising order of
the second's. The front after an issue is the merge of the fronts before it, each shifted by an
option's worth; what another point matches or beats is dropped at once. Since worth is a sum,
a partial package that is dominated at a node stays dominated however it is completed, so
nothing of the frontier is lost (docs/methods/deals.md).

Points that differ by less than `CLOSE` of each party's scale count as one.
"""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

from parley.compiled import compiled
from parley.deals.space import Arcs

CLOSE = 1e-12
"""Points of a merge closer than this part of each party's scale count as one."""

MAX_POINTS = 10_000_000
"""Partial points that one walk may keep before it is refused."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Fronts = tuple[Ints, Ints, Ints]
"""For each front to merge: its next point, its end, and the option that shifts it."""


@compiled()
def is_barred(arc: int, arcs: Arcs, active: Bools) -> bool:
    """Whether an arc completes a veto that is in force."""
    for k in range(arcs.triggers[arc], arcs.triggers[arc + 1]):  # noqa: SIM110 (compiled)
        if active[arcs.vetoes[k]]:
            return True
    return False


@compiled()
def scales(arcs: Arcs, values: Floats) -> Floats:
    """Shape (P,): the most, taken as absolute, that the options can add up to for each party."""
    result = np.zeros(values.shape[0])
    for p in range(values.shape[0]):
        for d in range(arcs.nodes.size - 1):
            most = 0.0
            for a in range(arcs.first[d], arcs.first[d + 1]):
                most = max(most, abs(values[p, arcs.option[a]]))
            result[p] += most
    return result


@compiled()
def suffix_extremes(arcs: Arcs, values: Floats, active: Bools, largest: bool) -> Floats:
    """Most (or least) that each party can still get from each node; shape (all nodes, P).

    Nodes are numbered through, depth after depth. Where no acceptable walk goes on from a
    node it is minus (plus) infinity.
    """
    parties = values.shape[0]
    start = np.zeros(arcs.nodes.size + 1, dtype=np.int64)
    for d in range(arcs.nodes.size):
        start[d + 1] = start[d] + arcs.nodes[d]
    sign = 1.0 if largest else -1.0
    best = np.full((start[-1], parties), -np.inf)
    best[start[-2] :] = 0.0
    for d in range(arcs.nodes.size - 2, -1, -1):
        for a in range(arcs.first[d], arcs.first[d + 1]):
            if is_barred(a, arcs, active):
                continue
            here, there = start[d] + arcs.source[a], start[d + 1] + arcs.target[a]
            for p in range(parties):
                worth = best[there, p] + sign * values[p, arcs.option[a]]
                best[here, p] = max(best[here, p], worth)
    return sign * best


@compiled()
def _grown(x: Floats, y: Floats, prev: Ints, option: Ints) -> tuple[Floats, Floats, Ints, Ints]:
    size = x.size
    x2, y2 = np.empty(2 * size), np.empty(2 * size)
    prev2, option2 = np.empty(2 * size, np.int64), np.empty(2 * size, np.int64)
    x2[:size], y2[:size], prev2[:size], option2[:size] = x, y, prev, option
    return x2, y2, prev2, option2


@compiled()
def _next_head(fronts: Fronts, values: Floats, x: Floats, y: Floats) -> int:
    """Which of the sorted fronts has the next point: largest x, of equals largest y."""
    heads, ends, some = fronts
    best = -1
    best_x, best_y = -np.inf, -np.inf
    for k in range(heads.size):
        if heads[k] < ends[k]:
            px, py = x[heads[k]] + values[0, some[k]], y[heads[k]] + values[1, some[k]]
            if px > best_x or (px == best_x and py > best_y):
                best, best_x, best_y = k, px, py
    return best


@compiled()
def _merge(
    fronts: Fronts,
    values: Floats,
    least: Floats,
    slack: Floats,
    x: Floats,
    y: Floats,
    prev: Ints,
    option: Ints,
    size: int,
) -> tuple[Floats, Floats, Ints, Ints, int]:
    """Merge sorted fronts into one staircase, written from position `size` on."""
    heads, _, some = fronts
    first, anchor = size, np.inf
    while size <= MAX_POINTS:
        k = _next_head(fronts, values, x, y)
        if k < 0:
            break
        came = heads[k]
        px, py = x[came] + values[0, some[k]], y[came] + values[1, some[k]]
        heads[k] += 1
        if px < least[0] or py < least[1] or (size > first and py <= y[size - 1] + slack[1]):
            continue
        if size > first and px >= anchor - slack[0]:
            size -= 1  # as good for the first party within `slack`, better for the second
        else:
            anchor = px
        if size == x.size:
            x, y, prev, option = _grown(x, y, prev, option)
        x[size], y[size], prev[size], option[size] = px, py, came, some[k]
        size += 1
    return x, y, prev, option, size


@compiled()
def walk(
    arcs: Arcs, values: Floats, active: Bools, lower: Floats
) -> tuple[Floats, Floats, Ints, Ints, Ints]:
    """Walk the diagram with two parties' worths.

    Parameters
    ----------
    values
        Shape (2, K).
    active
        Shape (V,): vetoes in force; arcs that complete one are not walked.
    lower
        Shape (2,): partial points that cannot reach this are dropped; minus infinity keeps all.

    Returns
    -------
    x, y, prev, option
        All points kept, node after node, with the point each came from and the option chosen.
    start
        Where the points of each node begin; the last entries are those of the end node. Empty
        if more than `MAX_POINTS` would be kept.
    """
    most = suffix_extremes(arcs, values, active, True)
    slack = CLOSE * scales(arcs, values)
    reach = lower - slack * arcs.nodes.size  # what merging may have cost a point on its way
    x, y = np.empty(256), np.empty(256)
    prev, option = np.empty(256, np.int64), np.empty(256, np.int64)
    x[0], y[0], prev[0], option[0] = 0.0, 0.0, -1, -1
    start = np.zeros(arcs.nodes.sum() + 1, dtype=np.int64)
    start[1] = 1
    size, node, before = 1, 1, 0
    for d in range(arcs.nodes.size - 1):
        a = arcs.first[d]
        widest = arcs.first[d + 1] - a
        heads, ends = np.empty(widest, np.int64), np.empty(widest, np.int64)
        some = np.empty(widest, np.int64)
        for t in range(arcs.nodes[d + 1]):
            count = 0
            while a < arcs.first[d + 1] and arcs.target[a] == t:
                if not is_barred(a, arcs, active):
                    heads[count] = start[before + arcs.source[a]]
                    ends[count] = start[before + arcs.source[a] + 1]
                    some[count] = arcs.option[a]
                    count += 1
                a += 1
            least = reach - most[node]
            fronts = (heads[:count], ends[:count], some[:count])
            x, y, prev, option, size = _merge(
                fronts, values, least, slack, x, y, prev, option, size
            )
            if size > MAX_POINTS:
                return x[:0], y[:0], prev[:0], option[:0], start[:0]
            node += 1
            start[node] = size
        before += arcs.nodes[d]
    return x, y, prev, option, start


@compiled()
def trace(point: int, prev: Ints, option: Ints, package: Ints, issue_of: Ints) -> None:
    """Write the package that leads to a point into `package`, by issue."""
    while prev[point] >= 0:
        package[issue_of[option[point]]] = option[point]
        point = prev[point]


@compiled()
def best_product(x: Floats, y: Floats, first: int, last: int, at: Floats, floor: Floats) -> int:
    """The point with the largest product of gains over `at`, among those not below `floor`.

    Of equal products the one with the larger sum; -1 if every point is below.
    """
    best, best_product, best_sum = -1, -1.0, -np.inf
    for k in range(first, last):
        if x[k] < floor[0] or y[k] < floor[1]:
            continue
        product = max(x[k] - at[0], 0.0) * max(y[k] - at[1], 0.0)
        if product > best_product or (product == best_product and x[k] + y[k] > best_sum):
            best, best_product, best_sum = k, product, x[k] + y[k]
    return best


@compiled(parallel=True)
def walk_worlds(
    arcs: Arcs,
    values: Floats,
    reservation: Floats,
    floor: Floats,
    active: Bools,
    issue_of: Ints,
    whole: bool,
) -> tuple[Ints, Ints, Floats]:
    """Frontier and Nash package of two parties in every world.

    Parameters
    ----------
    values, reservation, floor, active
        Shapes (W, 2, K), (W, 2), (W, 2), (W, V). Gains are over `reservation`; a package suits
        a party that gets at least `floor`, which lies below by what counts as equal.
    whole
        Keep the whole frontier; else only what is individually rational.

    Returns
    -------
    nash
        Shape (W, I): flat options, -1 where no package suits both.
    size
        Shape (W,): points on the frontier; -1 where it was too large.
    points
        Shape (W, 2): the Nash point.
    """
    worlds, issues = values.shape[0], arcs.nodes.size - 1
    nash = np.full((worlds, issues), -1, dtype=np.int64)
    size = np.zeros(worlds, dtype=np.int64)
    points = np.full((worlds, 2), np.nan)
    for w in numba.prange(worlds):
        lower = np.full(2, -np.inf)
        if not whole:
            lower[:] = floor[w]
        x, y, prev, option, start = walk(arcs, values[w], active[w], lower)
        if start.size == 0:
            size[w] = -1
            continue
        first, last = start[-2], start[-1]
        size[w] = last - first
        best = best_product(x, y, first, last, reservation[w], floor[w])
        if best >= 0:
            trace(best, prev, option, nash[w], issue_of)
            points[w, 0], points[w, 1] = x[best], y[best]
    return nash, size, points
