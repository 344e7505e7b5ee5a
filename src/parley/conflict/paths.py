"""Status quo analysis: how a state can be reached from today, in how many moves, and by whom.

S_i^(k)(q) are the states that are reached from q in at most k legal moves with i as last mover (Li,
Kilgour & Hipel 2005); nobody moves twice in a row. Found by a search in breadth over pairs of
state and last mover, once with all moves and once with moves only that are improvements for the
one who makes them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parley.conflict.model import Conflict
from parley.conflict.unknown import refuse_unknown
from parley.errors import TooLargeError

NOT_REACHED = -1
MAX_STATES = 1 << 16
"""Most states in which ways are looked for."""

LISTED = 12
"""Paths that are listed for one state."""


@dataclass(frozen=True)
class Step:
    """One move on a path: who moves, to which state (from 0), and whether it is an improvement."""

    party: str
    state: int
    improves: bool


@dataclass(frozen=True, eq=False)
class Reached:
    """What is reached from a state.

    Parameters
    ----------
    start
        Where it begins, counted from 0.
    improving
        Whether only improvements were made.
    fewest
        Shape (n,): the least number of moves; `NOT_REACHED` where there is no way.
    by_last
        Shape (D, n): the same with that decision maker as last mover.
    """

    start: int
    improving: bool
    fewest: NDArray[np.int32]
    by_last: NDArray[np.int32]


@dataclass(frozen=True)
class Paths:
    """The shortest ways to one state.

    Parameters
    ----------
    goal
        The state, counted from 0.
    moves
        Their length; `NOT_REACHED` if there is none.
    count
        How many there are.
    listed
        The first `LISTED` of them.
    """

    goal: int
    moves: int
    count: int
    listed: tuple[tuple[Step, ...], ...]


def reached_from(conflict: Conflict, start: int, *, improving: bool = False) -> Reached:
    """The least number of legal moves from `start` (from 0) to every state.

    Raises
    ------
    SettingError
        If `improving` is asked for and comparisons are unknown.
    TooLargeError
        If there are more than `MAX_STATES` states.
    """
    if improving:
        refuse_unknown(conflict)
    if conflict.size > MAX_STATES:
        raise TooLargeError(
            f"Ways from a state are looked for in up to {MAX_STATES:,} states; here are "
            f"{conflict.size:,}.",
            "Say in `infeasible` what cannot be, or leave options out.",
        )
    makers = len(conflict.parties)
    by_last = np.full((makers, conflict.size), NOT_REACHED, dtype=np.int32)
    front = [(start, -1)]
    count = 0
    while front:
        count += 1
        further = []
        for state, last in front:
            for j in range(makers):
                if j == last:
                    continue
                for goal in _moves(conflict, j, state, improving):
                    if by_last[j, goal] == NOT_REACHED:
                        by_last[j, goal] = count
                        further.append((goal, j))
        front = further
    least = np.where(by_last == NOT_REACHED, np.iinfo(np.int32).max, by_last).min(axis=0)
    fewest = np.where((by_last != NOT_REACHED).any(axis=0), least, NOT_REACHED).astype(np.int32)
    fewest[start] = 0
    return Reached(start, improving, fewest, by_last)


def shortest_paths(conflict: Conflict, found: Reached, goal: int) -> Paths:
    """All shortest legal ways to a state (from 0): how many, and the first of them."""
    length = int(found.fewest[goal])
    if length <= 0:
        return Paths(goal, length, 1 if length == 0 else 0, ((),) if length == 0 else ())
    before = _predecessors(conflict, found, length)
    counts: dict[tuple[int, int], int] = {}
    nearest = sorted(before, key=lambda pair: int(found.by_last[pair[1], pair[0]]))
    for pair in nearest:
        counts[pair] = sum(1 if last < 0 else counts[t, last] for t, last in before[pair])
    ends = [(goal, j) for j in range(len(conflict.parties)) if found.by_last[j, goal] == length]
    listed: list[tuple[Step, ...]] = []
    for end in ends:
        for path in _walk(conflict, before, end):
            if len(listed) == LISTED:
                break
            listed.append(path)
    return Paths(goal, length, sum(counts[end] for end in ends), tuple(listed))


def _predecessors(
    conflict: Conflict, found: Reached, length: int
) -> dict[tuple[int, int], list[tuple[int, int]]]:
    """For pairs of state and last mover within `length` moves the pairs one move before."""
    before: dict[tuple[int, int], list[tuple[int, int]]] = {}
    makers = range(len(conflict.parties))
    starts = [(found.start, -1, 0)]
    starts += [
        (int(s), j, int(found.by_last[j, s]))
        for j in makers
        for s in np.flatnonzero((found.by_last[j] > 0) & (found.by_last[j] < length))
    ]
    for state, last, distance in sorted(starts):
        for j in makers:
            if j == last:
                continue
            for goal in _moves(conflict, j, state, found.improving):
                if found.by_last[j, goal] == distance + 1:
                    before.setdefault((goal, j), []).append((state, last))
    return before


def _walk(
    conflict: Conflict, before: dict[tuple[int, int], list[tuple[int, int]]], end: tuple[int, int]
) -> Iterator[tuple[Step, ...]]:
    state, j = end
    own = conflict.preferences.values[j]
    complete = conflict.preferences.known[j] is None
    for last in before[end]:
        step = Step(conflict.parties[j], state, complete and bool(own[state] > own[last[0]]))
        if last[1] < 0:
            yield (step,)
        else:
            for path in _walk(conflict, before, last):
                yield (*path, step)


def _moves(conflict: Conflict, j: int, state: int, improving: bool) -> list[int]:
    goals = conflict.reached(j, state)
    if improving:
        own = conflict.preferences.values[j]
        goals = goals[own[goals] > own[state]]
    return [int(goal) for goal in goals]
