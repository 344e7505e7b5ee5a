"""How many packages are feasible, and how many suit every party.

Feasible packages are walks of the diagram, so their number is exact. Those that suit every
party are counted by dynamic programming over the partial worths, exactly while these are few
enough; beyond that a sample is drawn uniformly from the feasible packages, and the count is an
estimate that says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, sqrt

import numpy as np
from numpy.typing import NDArray

from parley.case.agenda import Clause
from parley.deals.kernels import CLOSE, suffix_extremes
from parley.deals.space import Space
from parley.deals.utilities import NEAR, Utilities, scale_of

MAX_EXACT_POINTS = 500_000
"""Different partial worths that are kept at one depth in an exact count."""

SAMPLES = 200_000
"""Packages drawn where a count is estimated."""

AT_ONCE = 2_000_000
"""Options of sampled packages that are held in memory at once."""

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Table = tuple[Floats, NDArray[np.object_]]
"""Partial worths, shape (n, P), and how many partial packages have each."""


@dataclass(frozen=True)
class Count:
    """A number of packages; a whole number of any size.

    `value` is exact if `exact`; else it was estimated from `samples` packages, with
    `standard_error`, in packages too.
    """

    value: int
    exact: bool
    standard_error: int
    samples: int
    method: str


def count_rational(
    space: Space,
    utilities: Utilities,
    active: Bools | None = None,
    *,
    seed: int = 0,
) -> Count:
    """Count the packages that give every party at least what no agreement is worth.

    `active` tells which vetoes are in force; `seed` serves only where the count is sampled.
    """
    vetoes = np.zeros(len(space.vetoes), dtype=bool) if active is None else active
    exact = _count_exactly(space, utilities, vetoes)
    if exact is not None:
        return Count(exact, True, 0, 0, "dynamic programming over partial worths")
    share = _suited(space, utilities, vetoes, seed) / SAMPLES
    spread = sqrt(max(share * (1 - share), 1 / SAMPLES) / SAMPLES)
    return Count(
        round(Fraction(share) * space.count),
        False,
        ceil(Fraction(spread) * space.count),
        SAMPLES,
        "sample drawn uniformly from the packages",
    )


def _suited(space: Space, utilities: Utilities, vetoes: Bools, seed: int) -> int:
    """How many of `SAMPLES` packages drawn uniformly suit every party."""
    generator = np.random.default_rng(seed)
    floor = utilities.disagreement - NEAR * scale_of(space.agenda, utilities.values)
    barred = [clause for clause, held in zip(space.vetoes, vetoes, strict=True) if held]
    step = max(1, AT_ONCE // (len(space.layers) * len(floor)))
    found = 0
    for first in range(0, SAMPLES, step):
        packages = sample_packages(space, min(step, SAMPLES - first), generator)
        suits = (utilities.worth(packages) >= floor).all(axis=1)
        found += int((suits & ~_of_a_kind(packages, barred)).sum())
    return found


def _of_a_kind(packages: NDArray[np.int64], clauses: list[Clause]) -> Bools:
    """Which packages match one of the clauses."""
    result = np.zeros(len(packages), dtype=bool)
    for clause in clauses:
        inside = [np.isin(packages, sorted(options)).any(axis=1) for options in clause.sets]
        result |= np.logical_and.reduce(inside)
    return result


def _count_exactly(space: Space, utilities: Utilities, vetoes: Bools) -> int | None:
    """The count, or ``None`` if there are too many different partial worths."""
    values = np.ascontiguousarray(utilities.values)
    scale = scale_of(space.agenda, values)
    floor = utilities.disagreement - NEAR * scale
    most = suffix_extremes(space.arcs, values, vetoes, True)
    least = suffix_extremes(space.arcs, values, vetoes, False)
    onward = _ways_onward(space, vetoes)
    table: list[Table] = [(np.zeros((1, len(floor))), np.ones(1, dtype=object))]
    count, node = 0, 1
    for layer in space.layers:
        after: list[Table] = []
        for target in range(layer.nodes):
            ways = [
                (table[layer.source[a]], values[:, layer.option[a]])
                for a in layer.into(target)
                if not vetoes[layer.fired(a)].any()
            ]
            if not onward[node]:
                ways = []
            if sum(len(counts) for (_, counts), _ in ways) > 8 * MAX_EXACT_POINTS:
                return None
            points, counts = _merged(ways, scale)
            sure = (points + least[node] >= floor).all(axis=1)  # however they go on
            count += int(counts[sure].sum()) * onward[node]
            open_ = ~sure & (points + most[node] >= floor).all(axis=1)
            after.append((points[open_], counts[open_]))
            node += 1
        if sum(len(counts) for _, counts in after) > MAX_EXACT_POINTS:
            return None
        table = after
    return count


def _ways_onward(space: Space, vetoes: Bools) -> list[int]:
    """For each node, depth after depth, the walks to the end that no veto in force bars."""
    ways: list[list[int]] = [[1]]
    sizes = [1, *(layer.nodes for layer in space.layers)]
    for layer, size in zip(reversed(space.layers), reversed(sizes[:-1]), strict=True):
        here = [0] * size
        for a in range(layer.option.size):
            if not vetoes[layer.fired(a)].any():
                here[layer.source[a]] += ways[0][layer.target[a]]
        ways.insert(0, here)
    return [count for depth in ways for count in depth]


def _merged(ways: list[tuple[Table, Floats]], scale: Floats) -> Table:
    """Join the tables that come to a node; of equal worths the counts are added up."""
    if not ways:
        return np.empty((0, len(scale))), np.empty(0, dtype=object)
    points = np.concatenate([table[0] + shift for table, shift in ways])
    counts = np.concatenate([table[1] for table, _ in ways])
    # worths that differ by rounding alone are one: far below what `NEAR` calls equal
    grid = np.round(points / np.where(scale > 0, CLOSE * scale, 1.0))
    _, first, back = np.unique(grid, axis=0, return_index=True, return_inverse=True)
    totals = np.zeros(len(first), dtype=object)
    np.add.at(totals, back.reshape(-1), counts)
    return points[first], totals


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
