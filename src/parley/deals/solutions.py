"""Bargaining solutions among the efficient, individually rational packages.

Packages come one by one, so each solution is the discrete form of its definition: the package,
or packages, with the largest value of it. Ties, and near-ties within 1e-9, are all reported. What
counts as near is measured by each party's own scale, so the unit of its utilities does not matter.

"Kalai" means three different things in known programs (the Kalai-Smorodinsky solution, Kalai's
egalitarian solution, and the efficient point nearest to equal utilities). So every output here
names its definition.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parley.deals.frontier import Fronts, packages_at, partial_fronts
from parley.deals.space import Space
from parley.deals.utilities import NEAR, Utilities, scale_of

Floats = NDArray[np.float64]
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

    Only packages that every party prefers to no agreement (or finds as good, within 1e-9 of its
    scale) are looked at; `active` tells which vetoes are in force.

    Raises
    ------
    TooLargeError
        If the frontier of these packages has too many points to keep.
    """
    near = NEAR * scale_of(space.agenda, utilities.values)
    fronts = partial_fronts(space, utilities, active, utilities.disagreement - near)
    gains = fronts.frontier.points - utilities.disagreement
    if not len(gains):
        return Solutions(utilities.parties, ())
    gains[gains <= near] = 0.0  # no more than rounding may make of nothing
    picks = [_nash(gains), _kalai_smorodinsky(gains)]
    picks += [_egalitarian(gains, near), _utilitarian(gains, near)]
    picks += [_best_for(p, name, gains, near) for p, name in enumerate(utilities.parties)]
    return Solutions(utilities.parties, tuple(_solution(fronts, pick) for pick in picks))


@dataclass(frozen=True, eq=False)
class _Pick:
    """A definition with its value for each efficient package, and what counts as a tie."""

    name: str
    definition: str
    source: str
    value: Floats
    near: Floats | float


def _nash(gains: Floats) -> _Pick:
    """Where some party can gain nothing at all, the product is over those that can."""
    value = gains[:, gains.any(axis=0)].prod(axis=1)
    return _Pick(
        "Nash",
        "largest product of gains over no agreement",
        "Nash 1950, Econometrica 18(2)",
        value,
        NEAR * float(value.max()),
    )


def _kalai_smorodinsky(gains: Floats) -> _Pick:
    """Where some party can gain nothing at all, the ratios are of those that can."""
    able = gains.any(axis=0)
    best = gains[:, able].max(axis=0)
    return _Pick(
        "Kalai-Smorodinsky",
        "largest smallest ratio of gain to the party's best gain among packages that suit all",
        "Kalai & Smorodinsky 1975, Econometrica 43(3)",
        (gains[:, able] / best).min(axis=1, initial=1.0),
        NEAR,
    )


def _egalitarian(gains: Floats, near: Floats) -> _Pick:
    return _Pick(
        "egalitarian",
        "largest smallest gain over no agreement, in the parties' own units",
        "Kalai 1977, Econometrica 45(7)",
        gains.min(axis=1),
        near[gains.argmin(axis=1)],
    )


def _utilitarian(gains: Floats, near: Floats) -> _Pick:
    return _Pick(
        "utilitarian",
        "largest sum of gains over no agreement, in the parties' own units",
        "Harsanyi 1955, Journal of Political Economy 63(4)",
        gains.sum(axis=1),
        float(near.max()),
    )


def _best_for(party: int, name: str, gains: Floats, near: Floats) -> _Pick:
    return _Pick(
        f"best for {name}",
        f"largest gain of {name} among packages that suit all",
        "",
        gains[:, party],
        float(near[party]),
    )


def _solution(fronts: Fronts, pick: _Pick) -> Solution:
    largest = float(pick.value.max())
    tied = np.flatnonzero(pick.value >= largest - pick.near)
    packages: list[list[int]] = []
    complete = True
    for k in tied:
        if len(packages) >= MAX_TIES:
            complete = False
            break
        listed, whole = packages_at(fronts, fronts.frontier.points[k], limit=MAX_TIES)
        packages += listed.tolist()
        complete &= whole
    rows = np.unique(np.array(packages, dtype=np.int64), axis=0)
    points = fronts.utilities.worth(rows)
    return Solution(pick.name, pick.definition, pick.source, largest, points, rows, complete)
