"""How many packages are feasible, and how many suit every party.

Feasible packages are walks of the diagram, so their number is exact. Those that suit every
party are counted by dynamic programming over the partial worths, exactly while these are few
enough; beyond that a sample is drawn uniformly from the feasible packages, and the count is an
estimate that says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from parley.deals.kernels import suffix_extremes
from parley.deals.space import Space
from parley.deals.utilities import NEAR, Utilities

MAX_EXACT_POINTS = 500_000
"""Different partial worths that are kept at one depth in an exact count."""

SAMPLES = 200_000


@dataclass(frozen=True)
class Count:
    """A number of packages.

    `value` is exact if `exact`; else it was estimated from `samples` packages, with
    `standard_error`.
    """

    value: float
    exact: bool
    standard_error: float
    samples: int
    method: str


def count_rational(
    space: Space,
    utilities: Utilities,
    active: NDArray[np.bool_] | None = None,
    *,
    seed: int = 0,
) -> Count:
    """Count the packages that give every party at least what no agreement is worth.

    `active` tells which vetoes are in force; `seed` serves only where the count is sampled.
    """
    vetoes = np.zeros(len(space.vetoes), dtype=bool) if active is None else active
    exact = _count_exactly(space, utilities, vetoes)
    if exact is not None:
        return Count(exact, True, 0.0, 0, "dynamic programming over partial worths")
    packages = sample_packages(space, SAMPLES, np.random.default_rng(seed))
    suits = (utilities.worth(packages) >= utilities.disagreement - NEAR).all(axis=1)
    for veto, held in zip(space.vetoes, vetoes, strict=True):
        if held:
            inside = [np.isin(packages, sorted(s)).any(axis=1) for s in veto.sets]
            suits &= ~np.all(inside, axis=0)
    share = float(suits.mean())
    spread = sqrt(max(share * (1 - share), 1 / SAMPLES) / SAMPLES)
    total = float(space.count)
    return Count(
        share * total, False, spread * total, SAMPLES, "sample drawn uniformly from the packages"
    )


def _count_exactly(space: Space, utilities: Utilities, vetoes: NDArray[np.bool_]) -> int | None:
    """The count, or ``None`` if there are too many different partial worths."""
    values = np.ascontiguousarray(utilities.values)
    floor = utilities.disagreement - NEAR
    most = suffix_extremes(space.arcs, values, vetoes, True)
    table = [(np.zeros((1, len(floor))), np.ones(1, dtype=object))]
    node = 1
    for layer in space.layers:
        after, kept = [], 0
        for target in range(layer.nodes):
            ways = [
                (table[layer.source[a]], layer.option[a])
                for a in np.flatnonzero(layer.target == target)
                if not vetoes[layer.vetoes[layer.triggers[a] : layer.triggers[a + 1]]].any()
            ]
            if sum(len(counts) for (_, counts), _ in ways) > 8 * MAX_EXACT_POINTS:
                return None
            merged = _merged(ways, values, floor - most[node])
            kept += len(merged[1])
            after.append(merged)
            node += 1
        if kept > MAX_EXACT_POINTS:
            return None
        table = after
    return int(table[0][1].sum()) if len(table[0][1]) else 0


Table = tuple[NDArray[np.float64], NDArray[np.object_]]


def _merged(
    ways: list[tuple[Table, np.int64]],
    values: NDArray[np.float64],
    least: NDArray[np.float64],
) -> Table:
    """Join the tables that come to a node; equal worths are added up, hopeless ones dropped."""
    if not ways:
        return np.empty((0, len(least))), np.empty(0, dtype=object)
    points = np.concatenate([table[0] + values[:, option] for table, option in ways])
    counts = np.concatenate([table[1] for table, _ in ways])
    hopeful = (points >= least).all(axis=1)
    points, counts = points[hopeful], counts[hopeful]
    if not len(points):
        return points, counts
    # worths that differ by rounding alone are one: far below what `NEAR` calls equal
    unique, back = np.unique(np.round(points, 12), axis=0, return_inverse=True)
    totals = np.zeros(len(unique), dtype=object)
    np.add.at(totals, back.reshape(-1), counts)
    return unique, totals


def sample_packages(space: Space, size: int, generator: np.random.Generator) -> NDArray[np.int64]:
    """Draw packages uniformly from the feasible ones; shape (size, I), flat options by issue."""
    packages = np.empty((size, len(space.layers)), dtype=np.int64)
    node = np.zeros(size, dtype=np.int64)
    for depth, layer in enumerate(space.layers):
        onward = space.completions[depth + 1]
        pick = generator.random(size)
        for source in range(len(space.completions[depth])):
            here = np.flatnonzero(node == source)
            arcs = np.flatnonzero(layer.source == source)
            if not here.size:
                continue
            total = space.completions[depth][source]
            odds = np.cumsum([onward[layer.target[a]] / total for a in arcs])
            choice = np.minimum(np.searchsorted(odds, pick[here], side="right"), arcs.size - 1)
            packages[here, layer.issue] = layer.option[arcs[choice]]
            node[here] = layer.target[arcs[choice]]
    return packages
