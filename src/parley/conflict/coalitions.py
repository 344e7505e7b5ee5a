"""What decision makers can do together: coalition improvements and coalitional stability.

Kilgour, Hipel, Fang & Peng 2001; Inohara & Hipel 2008. A coalition improvement CI_H(s) is a state
that the members reach by legal moves of their own and that each of them prefers to s; the moves
on the way need not improve. CNash: there is none. CGMR: for each one the others can go on to a
state that some member does not prefer to s; CSMR: and from which the coalition has no way to what
all prefer to s; CSEQ: by improvements of those who move.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from parley.conflict.arcs import Arcs, legal_least, listed
from parley.conflict.model import Conflict
from parley.conflict.unknown import refuse_unknown
from parley.errors import SettingError, TooLargeError

Bools = NDArray[np.bool_]
Ints = NDArray[np.int32]

MAX_STATES = 4_096
"""Most states of which coalitions are looked at."""


class CoalitionConcept(StrEnum):
    """A notion of what holds against a coalition."""

    CNASH = "CNash"
    CGMR = "CGMR"
    CSMR = "CSMR"
    CSEQ = "CSEQ"


@dataclass(frozen=True, eq=False)
class Coalition:
    """One coalition.

    Parameters
    ----------
    members
        Ids of the decision makers.
    improvements
        For each state (from 0) that has some, what the coalition would move to.
    stable
        For each concept, shape (n,).
    """

    members: tuple[str, ...]
    improvements: Mapping[int, tuple[int, ...]]
    stable: Mapping[CoalitionConcept, Bools]


@dataclass(frozen=True)
class Jump:
    """Members go together from one equilibrium to another that each of them prefers."""

    members: tuple[str, ...]
    start: int
    goal: int


def coalition(
    conflict: Conflict, members: Iterable[str], *, responding_coalitions: bool = False
) -> Coalition:
    """Coalition improvements and stability of one coalition.

    Parameters
    ----------
    members
        Ids of decision makers.
    responding_coalitions
        Whether in CSEQ others may respond together, by coalition improvements of any of their
        subcoalitions (Inohara & Hipel 2008); else each improves alone.

    Raises
    ------
    SettingError
        If a member is unknown, or comparisons are unknown.
    TooLargeError
        If there are more than `MAX_STATES` states.
    """
    return _Together(conflict).coalition(tuple(members), responding_coalitions)


def all_coalitions(
    conflict: Conflict, *, responding_coalitions: bool = False
) -> tuple[Coalition, ...]:
    """Every coalition of two or more, the smaller first."""
    together = _Together(conflict)
    return tuple(
        together.coalition(some, responding_coalitions)
        for size in range(2, len(conflict.parties) + 1)
        for some in combinations(conflict.parties, size)
    )


def jumps(coalitions: Iterable[Coalition], equilibria: Iterable[int]) -> tuple[Jump, ...]:
    """Equilibrium jumps: from one equilibrium to another that a coalition prefers and reaches.

    A jump that a smaller coalition can make is not told again of a larger one.
    """
    fixed = sorted(equilibria)
    found: list[Jump] = []
    for some in sorted(coalitions, key=lambda c: len(c.members)):
        for start in fixed:
            for goal in some.improvements.get(start, ()):
                known = any(
                    (j.start, j.goal) == (start, goal) and set(j.members) <= set(some.members)
                    for j in found
                )
                if goal in fixed and not known:
                    found.append(Jump(some.members, start, goal))
    return tuple(found)


def structure_equilibria(
    conflict: Conflict, blocks: Sequence[Sequence[str]]
) -> dict[CoalitionConcept, tuple[int, ...]]:
    """States that are stable for every block of a fixed coalition structure, counted from 0.

    Raises
    ------
    SettingError
        If the blocks are not a partition of the decision makers.
    """
    if sorted(party for block in blocks for party in block) != sorted(conflict.parties):
        raise SettingError(
            "The blocks do not hold every decision maker once.",
            f"They are: {', '.join(conflict.parties)}.",
        )
    together = _Together(conflict)
    found = [together.coalition(tuple(block), False) for block in blocks]
    return {
        concept: tuple(
            int(s)
            for s in np.flatnonzero(np.logical_and.reduce([c.stable[concept] for c in found]))
        )
        for concept in CoalitionConcept
    }


class _Together:
    """What several coalitions of one conflict share."""

    def __init__(self, conflict: Conflict) -> None:
        refuse_unknown(conflict)
        if conflict.size > MAX_STATES:
            raise TooLargeError(
                f"Coalitions are looked at in up to {MAX_STATES:,} states; here are "
                f"{conflict.size:,}.",
                "Say in `infeasible` what cannot be, or leave options out.",
            )
        self.conflict = conflict
        self.values = np.ascontiguousarray(conflict.preferences.values)

    @cached_property
    def arcs(self) -> Arcs:
        return self.conflict.arcs

    def indices(self, members: Sequence[str]) -> list[int]:
        for name in members:
            if name not in self.conflict.parties:
                raise SettingError(
                    f"There is no decision maker `{name}`.",
                    f"They are: {', '.join(self.conflict.parties)}.",
                )
        return sorted({self.conflict.parties.index(name) for name in members})

    def reached(self, movers: Sequence[int], start: int) -> NDArray[np.int64]:
        """R_H(start), ascending."""
        pairs: set[tuple[int, int]] = set()
        front = [(start, -1)]
        while front:
            state, last = front.pop()
            for j in movers:
                if j != last:
                    for goal in self.conflict.reached(j, state).tolist():
                        if (goal, j) not in pairs:
                            pairs.add((goal, j))
                            front.append((goal, j))
        return np.array(sorted({state for state, _ in pairs}), dtype=np.int64)

    def improvements(self, movers: Sequence[int]) -> dict[int, NDArray[np.int64]]:
        """CI_H(s) for each state that has some."""
        found = {}
        for s in range(self.conflict.size):
            goals = self.reached(movers, s)
            mine = self.values[list(movers)]
            goals = goals[(mine[:, goals] > mine[:, [s]]).all(axis=0)]
            if len(goals):
                found[s] = goals
        return found

    def coalition(self, members: tuple[str, ...], responding: bool) -> Coalition:
        inside = self.indices(members)
        outside = [j for j in range(len(self.conflict.parties)) if j not in inside]
        better = self.improvements(inside)
        alone = self._arcs_of_improvements(outside) if responding else None
        general = [self._least(outside, i, None, improving=False) for i in inside]
        credible = [self._least(outside, i, alone, improving=True) for i in inside]
        stable = {concept: np.ones(self.conflict.size, dtype=bool) for concept in CoalitionConcept}
        for s, goals in better.items():
            stable[CoalitionConcept.CNASH][s] = False
            for concept, least in (
                (CoalitionConcept.CGMR, general),
                (CoalitionConcept.CSEQ, credible),
            ):
                met = [
                    row[goals] <= self.values[i, s] for i, row in zip(inside, least, strict=True)
                ]
                stable[concept][s] = bool(np.logical_or.reduce(met).all())
            if stable[CoalitionConcept.CGMR][s]:
                stable[CoalitionConcept.CSMR][s] = self._no_way_back(inside, outside, s, goals)
            else:
                stable[CoalitionConcept.CSMR][s] = False
        names = tuple(self.conflict.parties[i] for i in inside)
        rows = {s: tuple(int(t) for t in goals) for s, goals in better.items()}
        return Coalition(names, rows, stable)

    def _least(
        self, movers: Sequence[int], i: int, instead: Arcs | None, *, improving: bool
    ) -> Ints:
        """The least value to i that the movers reach from each state."""
        if instead is not None:
            count = len(instead.starts)
            values = np.zeros((count, self.conflict.size), dtype=np.int32)
            everybody = np.ones(count, dtype=np.bool_)
            return legal_least(instead, everybody, self.values[i], values, False)
        who = np.zeros(len(self.values), dtype=np.bool_)
        who[list(movers)] = True
        return legal_least(self.arcs, who, self.values[i], self.values, improving)

    def _arcs_of_improvements(self, outside: Sequence[int]) -> Arcs:
        """Coalition improvements of every subcoalition of the others, each as one mover."""
        rows = []
        for size in range(1, len(outside) + 1):
            for some in combinations(outside, size):
                pairs = [(s, int(t)) for s, ts in self.improvements(some).items() for t in ts]
                rows.append(np.array(pairs, dtype=np.int64).reshape(-1, 2))
        if not rows:
            rows = [np.zeros((0, 2), dtype=np.int64)]
        return listed(self.conflict.size, rows)

    def _no_way_back(
        self, inside: Sequence[int], outside: Sequence[int], s: int, goals: NDArray[np.int64]
    ) -> bool:
        """Whether each improvement meets a sanction from which the coalition does not escape."""
        mine = self.values[list(inside)]
        wanted: Bools = np.logical_and.reduce(mine > mine[:, [s]])  # what all members prefer to s
        who = np.zeros(len(self.values), dtype=np.bool_)
        who[list(inside)] = True
        beyond: Ints = (~wanted).astype(np.int32)
        escape = legal_least(self.arcs, who, beyond, self.values, False) == 0
        lost: Bools = ~wanted & ~escape
        who = np.zeros(len(self.values), dtype=np.bool_)
        who[list(outside)] = True
        kept: Ints = (~lost).astype(np.int32)
        found = legal_least(self.arcs, who, kept, self.values, False)
        return bool((found == 0)[goals].all())
