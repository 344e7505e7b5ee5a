"""A conflict: states, moves and preferences, ready for every analysis."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from parley.case.moves import Moves
from parley.case.states import States, states_of
from parley.conflict.arcs import Arcs, arcs_of
from parley.conflict.fibers import Fibers, fibers_of
from parley.conflict.preference import Preferences, as_written
from parley.conflict.simultaneous import Joint, joint_of
from parley.errors import CaseError, Mistake, SettingError

LISTED = 4_096
"""States up to which all moves are listed once; beyond, those of a state when asked for."""


@dataclass(frozen=True, eq=False)
class Conflict:
    """States, moves and preferences of a conflict.

    Parameters
    ----------
    moves
        The section as the file has it.
    states
        Its states; in arrays they are counted from 0, in words from 1.
    preferences
        What each decision maker prefers.
    """

    moves: Moves
    states: States
    preferences: Preferences

    @classmethod
    def of(cls, moves: Moves, preferences: Preferences | None = None) -> Conflict:
        """The conflict of a section, with its preferences as written, or with others.

        Raises
        ------
        CaseError
            If the section has no states, or its states cannot be read.
        """
        states, wrong = states_of(moves)
        if states is None:
            where = [Mistake("moves", 0, w.code, w.what, w.remedy, w.severity) for w in wrong]
            raise CaseError(where)
        return cls(moves, states, preferences or as_written(moves, states))

    def with_values(self, values: NDArray[np.int32]) -> Conflict:
        """The same conflict with other complete preferences, shape (D, n)."""
        same = np.zeros_like(values)
        return Conflict(self.moves, self.states, Preferences(values, same, (None,) * len(values)))

    @property
    def parties(self) -> tuple[str, ...]:
        """Ids of the decision makers, in the order of the file."""
        return tuple(maker.party for maker in self.moves.decision_makers)

    @property
    def size(self) -> int:
        """Number of states."""
        return self.states.size

    @cached_property
    def structure(self) -> Fibers | Arcs:
        """The moves: as fibers where every state is one combination, else listed."""
        return fibers_of(self.states, self.moves) if self.states.is_plain else self.arcs

    @cached_property
    def arcs(self) -> Arcs:
        """The moves, listed."""
        return arcs_of(self.states, self.moves)

    @cached_property
    def joint(self) -> Joint:
        """The combinations, for moves that are made at once."""
        return joint_of(self.states, self.moves)

    @cached_property
    def status_quo(self) -> int | None:
        """The state of today, counted from 0."""
        ref = self.moves.status_quo
        return None if ref is None else self.state(ref)

    def state(self, ref: int | str) -> int:
        """A state by its number (from 1), pattern or name, counted from 0.

        Raises
        ------
        SettingError
            If there is none.
        """
        found = self.states.find(ref)
        if found is None:
            remedy = f"Give a number from 1 to {self.size:,}, or a pattern that fits one state."
            raise SettingError(f"There is no state `{ref}`.", remedy)
        return found

    def improves(self, maker: int, start: int, goal: int) -> bool | None:
        """Whether a decision maker prefers `goal` to `start` (from 0); ``None`` if not known."""
        known = self.preferences.known[maker]
        if known is None:
            own = self.preferences.values[maker]
            return bool(own[goal] > own[start])
        if known.better[goal, start]:
            return True
        return False if known.better[start, goal] or known.equal[start, goal] else None

    def reached(self, maker: int, state: int) -> NDArray[np.int32]:
        """The states that a decision maker reaches from a state in one move, ascending."""
        if self.size > LISTED and self.states.is_plain:
            return self._reached_by_code(maker, state)
        arcs = self.arcs
        return arcs.targets[arcs.starts[maker, state] : arcs.starts[maker, state + 1]]

    def _reached_by_code(self, maker: int, state: int) -> NDArray[np.int32]:
        """The same, without listing the moves of all states."""
        states, joint = self.states, self.joint
        own = np.flatnonzero(states.owners == maker)
        parts = np.zeros(1, dtype=np.uint64)
        for k in own:
            parts = np.concatenate([parts, parts | np.uint64(1 << int(k))])
        here = states.codes[state]
        goals = (here & ~joint.own[maker]) | parts
        stuck = (here & ~goals & joint.forward) | (goals & ~here & joint.back)
        goals = np.sort(goals[(stuck == 0) & (goals != here)])
        places = np.minimum(np.searchsorted(states.combinations, goals), self.size - 1)
        found = states.state_of[places[states.combinations[places] == goals]]
        return np.sort(found).astype(np.int32)
