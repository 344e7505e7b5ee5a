"""The efficient frontier: packages that no other beats for one party without loss to another.

Exact, by dynamic programming over the issues: the partial packages at each node of the decision
diagram are thinned to the nondominated ones after every issue. Packages are never listed. See
docs/methods/deals.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import moocore
import numpy as np
from numpy.typing import NDArray

from parley.deals.kernels import CLOSE, MAX_POINTS, suffix_extremes, walk
from parley.deals.space import Space
from parley.deals.utilities import NEAR, Utilities, scale_of
from parley.errors import TooLargeError

MAX_CANDIDATES = 4_000_000
"""Candidate points that one merge for three or more parties may look at."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Kept = tuple[Floats, Ints, Ints]
"""Partial points, the point that each came from, and the option chosen on the way."""


@dataclass(frozen=True, eq=False)
class Frontier:
    """The efficient frontier.

    Parameters
    ----------
    parties
        Ids, in the order of the columns of `points`.
    points
        Shape (n, P): worths, sorted by falling worth to the first party, then the next.
    packages
        Shape (n, I): for each point a package that has it, as flat options by issue. Where
        several packages have the same point this is one of them; see `packages_at`.
    """

    parties: tuple[str, ...]
    points: Floats
    packages: Ints


@dataclass(frozen=True, eq=False)
class Fronts:
    """The nondominated partial packages at every node of the diagram.

    The points of node n, nodes being numbered through depth after depth, are
    ``points[start[n]:start[n + 1]]``; each came from the point ``prev`` by choosing ``option``.
    The last node is the end: its points are the efficient frontier.
    """

    space: Space
    utilities: Utilities
    vetoes: Bools
    points: Floats
    prev: Ints
    option: Ints
    start: Ints

    @cached_property
    def frontier(self) -> Frontier:
        """The efficient frontier, read back through the points that each point came from."""
        here = np.arange(self.start[-2], self.start[-1])
        points = self.points[here]
        packages = np.empty((here.size, len(self.space.layers)), dtype=np.int64)
        for layer in reversed(self.space.layers):
            packages[:, layer.issue] = self.option[here]
            here = self.prev[here]
        order = np.lexsort(points.T[::-1])[::-1]
        return Frontier(self.utilities.parties, points[order], packages[order])


def efficient_frontier(
    space: Space,
    utilities: Utilities,
    active: Bools | None = None,
    at_least: Floats | None = None,
) -> Frontier:
    """The efficient frontier of the packages that nobody vetoes.

    Parameters
    ----------
    active
        Shape (V,): which vetoes of the space are in force; none if left out.
    at_least
        Shape (P,): drop what gives a party less than this.

    Raises
    ------
    TooLargeError
        If more points would have to be kept than memory allows.
    """
    return partial_fronts(space, utilities, active, at_least).frontier


def partial_fronts(
    space: Space,
    utilities: Utilities,
    active: Bools | None = None,
    at_least: Floats | None = None,
) -> Fronts:
    """As `efficient_frontier`, with the nondominated partial packages on the way."""
    parties = len(utilities.parties)
    vetoes = np.zeros(len(space.vetoes), dtype=bool) if active is None else active
    lower = np.full(parties, -np.inf) if at_least is None else at_least
    values = np.ascontiguousarray(utilities.values)
    if parties == 2:
        x, y, prev, option, start = walk(space.arcs, values, vetoes, lower)
        if not start.size:
            raise _too_large()
        return Fronts(space, utilities, vetoes, np.column_stack([x, y]), prev, option, start)
    kept, start = _walk_many(space, values, vetoes, lower)
    return Fronts(space, utilities, vetoes, *kept, start)


def _walk_many(space: Space, values: Floats, vetoes: Bools, lower: Floats) -> tuple[Kept, Ints]:
    """As `kernels.walk`, for any number of parties, with moocore's filter."""
    slack = CLOSE * scale_of(space.agenda, values)
    reach = lower - slack * (len(space.layers) + 1)  # what merging may have cost a point
    most = suffix_extremes(space.arcs, values, vetoes, True)
    root = np.array([-1], dtype=np.int64)
    blocks: list[Kept] = [(np.zeros((1, len(values))), root, root)]
    start, before = [0, 1], 0
    for layer in space.layers:
        first = len(blocks)
        for target in range(layer.nodes):
            ways = [
                (before + int(layer.source[a]), int(layer.option[a]))
                for a in layer.into(target)
                if not vetoes[layer.fired(a)].any()
            ]
            if np.isneginf(most[len(blocks)]).any():  # vetoes leave no way on from here
                ways = []
            points, prev, option = _joined(blocks, start, ways, values)
            inside = np.flatnonzero((points + most[len(blocks)] >= reach).all(axis=1))
            best = inside[_nondominated(points[inside], slack)]
            blocks.append((points[best], prev[best], option[best]))
            start.append(start[-1] + best.size)
            if start[-1] > MAX_POINTS:
                raise _too_large()
        before = first
    points = np.concatenate([block[0] for block in blocks])
    prev = np.concatenate([block[1] for block in blocks])
    option = np.concatenate([block[2] for block in blocks])
    return (points, prev, option), np.array(start, dtype=np.int64)


def _joined(
    blocks: list[Kept], start: list[int], ways: list[tuple[int, int]], values: Floats
) -> Kept:
    """All fronts that come to a node, each shifted by the option chosen on the way."""
    sizes = [len(blocks[node][0]) for node, _ in ways]
    if sum(sizes) > MAX_CANDIDATES:
        raise _too_large()
    if not ways:
        none = np.empty(0, dtype=np.int64)
        return np.empty((0, len(values))), none, none
    points = np.concatenate([blocks[node][0] + values[:, option] for node, option in ways])
    prev = np.concatenate([np.arange(start[node], start[node + 1]) for node, _ in ways])
    return points, prev, np.repeat([option for _, option in ways], sizes)


def _nondominated(points: Floats, slack: Floats) -> Bools:
    """Which points to keep: none dominated, and of points closer than `slack` the first."""
    if len(points) < 2:
        return np.ones(len(points), dtype=bool)
    # on a grid of `slack`, points that differ by rounding alone fall together
    grid = np.round(points / np.where(slack > 0, slack, 1.0))
    return np.asarray(moocore.is_nondominated(grid, maximise=True, keep_weakly=False), dtype=bool)


def packages_at(fronts: Fronts, point: Floats, *, limit: int = 100) -> tuple[Ints, bool]:
    """All packages whose worths are those of a point of the frontier, within `NEAR`.

    Issues are undone from the last to the first. What is left to make up must be matched by a
    point kept at the node before, so hardly a step is taken in vain.

    Returns
    -------
    packages
        Shape (n, I), in canonical order; at most `limit`.
    all_of_them
        Whether there are no more.
    """
    space, values = fronts.space, fronts.utilities.values
    near = NEAR * scale_of(space.agenda, values)
    first = np.cumsum([0, *space.arcs.nodes])
    found: list[tuple[int, ...]] = []
    waiting: list[tuple[int, int, Floats, tuple[int, ...]]] = [(len(space.layers), 0, point, ())]
    while waiting and len(found) <= limit:
        depth, node, left, chosen = waiting.pop()
        if depth == 0:
            if (np.abs(left) <= near).all():
                found.append(chosen)
            continue
        layer = space.layers[depth - 1]
        for a in layer.into(node)[::-1]:
            source, option = int(layer.source[a]), int(layer.option[a])
            rest = left - values[:, option]
            n = first[depth - 1] + source
            before = fronts.points[fronts.start[n] : fronts.start[n + 1]]
            matched = (before >= rest - 1.1 * near).all(axis=1).any()  # .1: what merging may cost
            if matched and not fronts.vetoes[layer.fired(a)].any():
                waiting.append((depth - 1, source, rest, (option, *chosen)))
    listed = np.array(found[:limit], dtype=np.int64).reshape(-1, len(space.layers))
    packages = np.empty_like(listed)
    packages[:, list(space.order)] = listed
    return packages[np.lexsort(packages.T[::-1])], len(found) <= limit


def _too_large() -> TooLargeError:
    return TooLargeError(
        "The efficient frontier has too many points to keep.",
        "Ask for the frontier of fewer issues, fewer parties, or above each party's value of no "
        "agreement.",
    )
