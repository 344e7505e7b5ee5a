"""The utilities of one world: what each option adds, and what no agreement is worth."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from parley.case.agenda import Agenda
from parley.errors import SettingError
from parley.preferences.worlds import Worlds

NEAR = 1e-9
"""Worths that differ by no more than this part of a party's scale are called equal."""


def scale_of(agenda: Agenda, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shape (..., P): each party's scale, from `values` of shape (..., P, K).

    The scale is the most, taken as absolute, that options of all issues can add up to. Tolerances
    are parts of it, so that the unit in which a party's utilities are given does not matter.
    """
    bounds = agenda.offsets.tolist()
    parts = [np.abs(values[..., a:b]).max(axis=-1) for a, b in pairwise(bounds)]
    return np.asarray(sum(parts, np.zeros(values.shape[:-1])))


@dataclass(frozen=True, eq=False)
class Utilities:
    """Additive utilities of some parties.

    Parameters
    ----------
    parties
        Ids, in the order of the rows.
    values
        Shape (P, K): what each flat option adds.
    disagreement
        Shape (P,): the worth of no agreement. Never clamped: it may lie below every package.

    Raises
    ------
    SettingError
        If shapes do not fit, or a number is not finite.
    """

    parties: tuple[str, ...]
    values: NDArray[np.float64]
    disagreement: NDArray[np.float64]

    def __post_init__(self) -> None:
        count = len(self.parties)
        if not count or self.values.shape[:1] != (count,) or self.disagreement.shape != (count,):
            raise SettingError(
                f"Utilities of {count} parties have {self.values.shape} values and "
                f"{self.disagreement.shape} values of no agreement.",
                "Give one row of values and one value of no agreement for each party.",
            )
        if not (np.isfinite(self.values).all() and np.isfinite(self.disagreement).all()):
            raise SettingError("A utility is not a finite number.", "Give finite numbers only.")

    def worth(self, packages: NDArray[np.int64]) -> NDArray[np.float64]:
        """Shape (N, P): worth of packages (N, I), given as flat options."""
        result: NDArray[np.float64] = self.values[:, packages].sum(axis=2).T
        return result


def of_world(worlds: Worlds, world: int) -> Utilities:
    """The utilities, in one world, of the parties whose consent is needed."""
    needed = np.flatnonzero(worlds.consent)
    spread = worlds.weights[world][:, worlds.agenda.issue_of] * worlds.scores[world]
    return Utilities(
        tuple(worlds.parties[p] for p in needed),
        spread[needed],
        worlds.reservation[world, needed],
    )


def binding(worlds: Worlds) -> list[int]:
    """The vetoes of those whose consent is needed, as columns of `Worlds.active`."""
    return [k for k, veto in enumerate(worlds.vetoes) if worlds.consent[veto.party]]
