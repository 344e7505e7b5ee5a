"""The efficient frontier: packages that no other beats for one party without loss to another.

Exact, by dynamic programming over the issues: the partial packages at each node of the decision
diagram are thinned to the nondominated ones after every issue. Packages are never listed. See
docs/methods/deals.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import moocore
import numpy as np
from numpy.typing import NDArray

from parley.deals.kernels import CLOSE, suffix_extremes, walk
from parley.deals.space import Space
from parley.deals.utilities import Utilities
from parley.errors import TooLargeError

MAX_CANDIDATES = 20_000_000
"""Candidate points that one merge may look at before it is refused."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


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


def efficient_frontier(
    space: Space,
    utilities: Utilities,
    active: NDArray[np.bool_] | None = None,
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
    parties = len(utilities.parties)
    vetoes = np.zeros(len(space.vetoes), dtype=bool) if active is None else active
    lower = np.full(parties, -np.inf) if at_least is None else at_least
    values = np.ascontiguousarray(utilities.values)
    if parties == 2:
        points, packages = _walk_two(space, values, vetoes, lower)
    else:
        points, packages = _walk_many(space, values, vetoes, lower)
    order = np.lexsort(points.T[::-1])[::-1]
    return Frontier(utilities.parties, points[order], packages[order])


def _walk_two(
    space: Space, values: Floats, vetoes: NDArray[np.bool_], lower: Floats
) -> tuple[Floats, Ints]:
    x, y, prev, option, start = walk(space.arcs, values, vetoes, lower)
    if not start.size:
        raise _too_large()
    last = np.arange(start[-2], start[-1])
    packages = np.empty((last.size, len(space.layers)), dtype=np.int64)
    here = last.copy()
    for layer in reversed(space.layers):
        packages[:, layer.issue] = option[here]
        here = prev[here]
    return np.column_stack([x[last], y[last]]), packages


def _walk_many(
    space: Space, values: Floats, vetoes: NDArray[np.bool_], lower: Floats
) -> tuple[Floats, Ints]:
    """As `_walk_two`, for any number of parties, with moocore's filter."""
    slack = CLOSE * max(1.0, float(np.abs(values).max())) * len(space.layers)
    most = suffix_extremes(space.arcs, values, vetoes, True)
    parties, issues = values.shape[0], len(space.layers)
    fronts = [(np.zeros((1, parties)), np.zeros((1, issues), dtype=np.int64))]
    node = 1
    for layer in space.layers:
        after = []
        for target in range(layer.nodes):
            ways = [
                (fronts[layer.source[a]], int(layer.option[a]))
                for a in np.flatnonzero(layer.target == target)
                if not vetoes[layer.vetoes[layer.triggers[a] : layer.triggers[a + 1]]].any()
            ]
            points, packages = _joined(ways, values, layer.issue, (parties, issues))
            dead = np.isneginf(most[node])  # vetoes leave no way on from here
            least = np.where(dead, np.inf, lower - slack) - np.where(dead, 0.0, most[node])
            inside = (points >= least).all(axis=1)
            after.append(_nondominated(points[inside], packages[inside], slack))
            node += 1
        fronts = after
    return fronts[0]


def _joined(
    ways: list[tuple[tuple[Floats, Ints], int]],
    values: Floats,
    issue: int,
    shape: tuple[int, int],
) -> tuple[Floats, Ints]:
    """All fronts that come to a node, each shifted by the option chosen on the way."""
    if sum(len(front[0]) for front, _ in ways) > MAX_CANDIDATES:
        raise _too_large()
    if not ways:
        return np.empty((0, shape[0])), np.empty((0, shape[1]), dtype=np.int64)
    points = np.concatenate([front[0] + values[:, option] for front, option in ways])
    packages = np.concatenate([front[1] for front, _ in ways])
    packages[:, issue] = np.repeat([o for _, o in ways], [len(front[0]) for front, _ in ways])
    return points, packages


def _nondominated(points: Floats, packages: Ints, slack: float) -> tuple[Floats, Ints]:
    """Drop what is dominated, and all but the first of points closer than `slack`."""
    if len(points) < 2:
        return points, packages
    # rounding to the grid of `slack` lets points that differ by rounding alone fall together
    grid = np.round(points / slack) * slack if slack > 0 else points
    kept = moocore.is_nondominated(grid, maximise=True, keep_weakly=False)
    return points[kept], packages[kept]


def packages_at(
    space: Space,
    utilities: Utilities,
    point: Floats,
    active: NDArray[np.bool_] | None = None,
    *,
    limit: int = 100,
    near: float = 1e-9,
) -> tuple[Ints, bool]:
    """All packages whose worths are those of `point`, within `near`.

    Returns
    -------
    packages
        Shape (n, I), in canonical order; at most `limit`.
    all_of_them
        Whether there are no more.
    """
    vetoes = np.zeros(len(space.vetoes), dtype=bool) if active is None else active
    values = np.ascontiguousarray(utilities.values)
    most = suffix_extremes(space.arcs, values, vetoes, True)
    least = suffix_extremes(space.arcs, values, vetoes, False)
    starts = np.concatenate([[0], np.cumsum(space.arcs.nodes)])
    found: list[tuple[int, ...]] = []
    waiting: list[tuple[int, int, Floats, tuple[int, ...]]] = [(0, 0, np.zeros(len(point)), ())]
    while waiting and len(found) <= limit:
        depth, node, worth, chosen = waiting.pop()
        if depth == len(space.layers):
            found.append(chosen)
            continue
        layer = space.layers[depth]
        for a in np.flatnonzero(layer.source == node)[::-1]:
            if vetoes[layer.vetoes[layer.triggers[a] : layer.triggers[a + 1]]].any():
                continue
            reached = worth + values[:, layer.option[a]]
            onward = starts[depth + 1] + layer.target[a]
            short = (reached + most[onward] < point - near).any()
            past = (reached + least[onward] > point + near).any()
            if not short and not past:
                step = (depth + 1, int(layer.target[a]), reached, (*chosen, int(layer.option[a])))
                waiting.append(step)
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
