"""Limited-move stability of two decision makers: looking a given number of moves ahead.

Kilgour 1985; Fang, Hipel & Kilgour 1993. With G_0(i, s) = s, G_h(i, s) = s where i cannot move, and
otherwise m the state in R_i(s) for which G_{h-1}(j, m) is best for i:
G_h(i, s) = G_{h-1}(j, m) if i prefers it to s, else s. State s is L_h stable for i if
G_h(i, s) = s; L_1 is Nash stability. Of moves that are equally good the one to the lowest
state is taken.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parley.conflict.model import Conflict
from parley.errors import SettingError

Bools = NDArray[np.bool_]

MOST = 10_000
"""Longest horizon that can be asked for."""


@dataclass(frozen=True, eq=False)
class Limited:
    """Limited-move stability.

    Parameters
    ----------
    horizon
        The number of moves, h.
    stable
        Shape (2, n): whether each state is L_h stable.
    ends
        Shape (2, n): where play ends if that decision maker may begin, G_h(i, s).
    """

    horizon: int
    stable: Bools
    ends: NDArray[np.int32]

    @property
    def equilibria(self) -> tuple[int, ...]:
        """The states that are stable for both, counted from 0."""
        return tuple(int(s) for s in np.flatnonzero(self.stable.all(axis=0)))


def limited(conflict: Conflict, horizon: int) -> Limited:
    """L_h stability for h = `horizon`.

    Raises
    ------
    SettingError
        If there are not two decision makers, comparisons are unknown, or the horizon is
        out of range.
    """
    _refuse(conflict)
    if not 1 <= horizon <= MOST:
        raise SettingError(f"The horizon is {horizon}.", f"Give a number of moves, 1 to {MOST:,}.")
    ends = np.tile(np.arange(conflict.size, dtype=np.int32), (2, 1))
    for _ in range(horizon):
        ends = _one_further(conflict, ends)
    return Limited(horizon, ends == np.arange(conflict.size), ends)


def non_myopic(conflict: Conflict) -> Bools:
    """Shape (2, n): whether a state is L_h stable for all large h.

    The sequence of G_h repeats itself from some h on; a state is non-myopically stable if it is
    stable all along one period.
    """
    _refuse(conflict)
    ends = np.tile(np.arange(conflict.size, dtype=np.int32), (2, 1))
    seen: dict[bytes, int] = {}
    stable: list[Bools] = []
    while ends.tobytes() not in seen:
        seen[ends.tobytes()] = len(stable)
        stable.append(ends == np.arange(conflict.size))
        if len(stable) > MOST:
            raise SettingError("Play does not come round.", f"Ask for a horizon up to {MOST:,}.")
        ends = _one_further(conflict, ends)
    period: Bools = np.logical_and.reduce(stable[seen[ends.tobytes()] :])
    return period


def _refuse(conflict: Conflict) -> None:
    count = len(conflict.parties)
    if count != 2:
        raise SettingError(
            f"Limited-move stability is defined here for two decision makers; these are {count}.",
            "For more, two definitions coexist and both are disputed: ask for GMR, SMR or SEQ.",
        )
    if not conflict.preferences.is_complete:
        raise SettingError(
            "Limited-move stability needs complete preferences.", "Some comparisons are unknown."
        )


def _one_further(conflict: Conflict, ends: NDArray[np.int32]) -> NDArray[np.int32]:
    """G_h from G_{h-1}."""
    arcs, values = conflict.arcs, conflict.preferences.values
    here = np.arange(conflict.size, dtype=np.int32)
    result = np.tile(here, (2, 1))
    for i in (0, 1):
        starts = arcs.starts[i]
        goals = ends[1 - i][arcs.targets[starts[0] : starts[-1]]]
        lengths = np.diff(starts)
        movers = np.flatnonzero(lengths)
        if not len(movers):
            continue
        worth = values[i][goals].astype(np.int64)
        rank = worth * (len(worth) + 1) - np.arange(len(worth))  # of equals the lowest state
        offsets = (starts[:-1] - starts[0])[movers]
        best = np.maximum.reduceat(rank, offsets)
        place = np.flatnonzero(rank == np.repeat(best, lengths[movers]))
        found = goals[place]
        better = values[i][found] > values[i][movers]
        result[i][movers[better]] = found[better]
    return result
