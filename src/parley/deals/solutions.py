"""Bargaining solutions among the efficient, individually rational packages.

Packages come one by one, so each solution is the discrete form of its definition: the package,
or packages, with the largest value of it. Ties, and near-ties within 1e-9 of the value, are all
reported.

"Kalai" means three different things in known programs (the Kalai-Smorodinsky solution, Kalai's
egalitarian solution, and the efficient point nearest to equal utilities). So every output here
names its definition.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parley.deals.frontier import Frontier, efficient_frontier, packages_at
from parley.deals.space import Space
from parley.deals.utilities import NEAR, Utilities

Floats = NDArray[np.float64]
Value = Callable[[Floats], Floats]
MAX_TIES = 100
"""Most packages that are listed for one solution."""


@dataclass(frozen=True, eq=False)
class Solution:
    """The packages that one definition picks.

    `points` has shape (n, P) and `packages` (n, I): all that tie, in canonical order. `value` is
    what the definition makes largest. `complete` is ``False`` if more than `MAX_TIES` tie.
    """

    name: str
    definition: str
    source: str
    value: float
    points: Floats
    packages: NDArray[np.int64]
    complete: bool


@dataclass(frozen=True, eq=False)
class Solutions:
    """What each definition picks; empty where no package suits every party."""

    parties: tuple[str, ...]
    found: tuple[Solution, ...]


def solve(space: Space, utilities: Utilities, active: NDArray[np.bool_] | None = None) -> Solutions:
    """The bargaining solutions, and each party's best package.

    Only packages that every party prefers to no agreement (or finds as good, within 1e-9) are
    looked at; `active` tells which vetoes are in force.
    """
    floor = utilities.disagreement
    frontier = efficient_frontier(space, utilities, active, floor - NEAR)
    if not len(frontier.points):
        return Solutions(utilities.parties, ())
    gains = np.maximum(frontier.points - floor, 0.0)
    best = gains.max(axis=0)
    picks = [_nash(gains, best), _kalai_smorodinsky(gains, best), _egalitarian(gains)]
    picks += [_utilitarian(gains)]
    picks += [_best_for(p, name, gains) for p, name in enumerate(utilities.parties)]
    found = tuple(_solution(space, utilities, active, frontier, pick) for pick in picks)
    return Solutions(utilities.parties, found)


Pick = tuple[str, str, str, Floats]
"""Name, definition, source, and the value of each efficient package."""


def _nash(gains: Floats, best: Floats) -> Pick:
    """Where some party can gain nothing at all, the product is over those that can."""
    able = best > NEAR
    value = np.prod(gains[:, able], axis=1) if able.any() else np.ones(len(gains))
    return (
        "Nash",
        "largest product of gains over no agreement",
        "Nash 1950, Econometrica 18(2)",
        value,
    )


def _kalai_smorodinsky(gains: Floats, best: Floats) -> Pick:
    able = best > NEAR
    ratios = gains[:, able] / best[able] if able.any() else np.ones((len(gains), 1))
    return (
        "Kalai-Smorodinsky",
        "largest smallest ratio of gain to the party's best gain among packages that suit all",
        "Kalai & Smorodinsky 1975, Econometrica 43(3)",
        ratios.min(axis=1),
    )


def _egalitarian(gains: Floats) -> Pick:
    return (
        "egalitarian",
        "largest smallest gain over no agreement, in the parties' own units",
        "Kalai 1977, Econometrica 45(7)",
        gains.min(axis=1),
    )


def _utilitarian(gains: Floats) -> Pick:
    return (
        "utilitarian",
        "largest sum of gains over no agreement, in the parties' own units",
        "Harsanyi 1955, Journal of Political Economy 63(4)",
        gains.sum(axis=1),
    )


def _best_for(party: int, name: str, gains: Floats) -> Pick:
    return (
        f"best for {name}",
        f"largest gain of {name} among packages that suit all",
        "",
        gains[:, party],
    )


def _solution(
    space: Space,
    utilities: Utilities,
    active: NDArray[np.bool_] | None,
    frontier: Frontier,
    pick: Pick,
) -> Solution:
    name, definition, source, value = pick
    largest = float(value.max())
    tied = np.flatnonzero(value >= largest - NEAR * max(1.0, abs(largest)))
    packages: list[list[int]] = []
    complete = True
    for k in tied:
        if len(packages) >= MAX_TIES:
            complete = False
            break
        listed, whole = packages_at(space, utilities, frontier.points[k], active, limit=MAX_TIES)
        packages += listed.tolist()
        complete &= whole
    rows = np.unique(np.array(packages, dtype=np.int64), axis=0)
    return Solution(name, definition, source, largest, utilities.worth(rows), rows, complete)
