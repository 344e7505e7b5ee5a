"""Moves as a list: for merged states, and for models that are given as a graph.

Here reachability by one decision maker need not be transitive, so that who moved last matters:
the search goes over pairs of state and last mover (Fang, Hipel & Kilgour 1993; Xu, Hipel, Kilgour &
Fang 2018, ch. 4).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from parley.case.moves import Moves
from parley.case.states import States, read_move
from parley.compiled import compiled
from parley.errors import TooLargeError

Ints = NDArray[np.int32]
HIGHEST = np.int32(2**31 - 1)

MAX_ARCS = 200_000_000
"""Most moves that are listed."""


class Arcs(NamedTuple):
    """The moves of all decision makers.

    Parameters
    ----------
    starts
        Shape (D, n + 1): the moves of i from s are ``targets[starts[i, s]:starts[i, s + 1]]``.
    targets
        The states reached, ascending for each decision maker and state.
    """

    starts: NDArray[np.int64]
    targets: Ints


def arcs_of(states: States, moves: Moves) -> Arcs:
    """The moves of a conflict, listed; those inside a merged state vanish.

    Raises
    ------
    TooLargeError
        If there are more than `MAX_ARCS`.
    """
    makers = range(len(moves.decision_makers))
    if moves.is_graph:
        pairs = [_given(states, moves, i) for i in makers]
    else:
        _refuse_too_many(states, moves)
        pairs = [_between(states, moves, i) for i in makers]
    return listed(states.size, pairs)


def listed(size: int, pairs: list[NDArray[np.int64]]) -> Arcs:
    """Arcs from pairs (from, to), shape (k, 2), of each decision maker; doubles are dropped."""
    starts, targets, before = [], [], 0
    for every in pairs:
        some = np.unique(every.reshape(-1, 2), axis=0)
        some = some[some[:, 0] != some[:, 1]]
        starts.append(before + np.searchsorted(some[:, 0], np.arange(size + 1)))
        targets.append(some[:, 1].astype(np.int32))
        before += len(some)
    return Arcs(np.stack(starts).astype(np.int64), np.concatenate(targets))


def _given(states: States, moves: Moves, maker: int) -> NDArray[np.int64]:
    found = [
        pair for text in moves.decision_makers[maker].moves for pair in read_move(text, states.find)
    ]
    return np.array(found, dtype=np.int64).reshape(-1, 2)


def _refuse_too_many(states: States, moves: Moves) -> None:
    most = sum(1 << len(maker.options) for maker in moves.decision_makers) * states.size
    if most > MAX_ARCS:
        raise TooLargeError(
            f"{states.size:,} states have up to {most:,} moves, too many to list.",
            "Ask it of a conflict with fewer options, or rule out more states.",
        )


def _between(states: States, moves: Moves, maker: int) -> NDArray[np.int64]:
    """Pairs of states between which a decision maker moves in one step."""
    own = [k for k in range(len(states.options)) if states.owners[k] == maker]
    forward = _mask(moves, own, "forward")
    back = _mask(moves, own, "back")
    codes = states.combinations
    found = [np.zeros((0, 2), dtype=np.int64)]
    for change in _changes(own):
        goal = codes ^ change
        place = np.searchsorted(codes, goal)
        place[place == len(codes)] = 0
        fine = codes[place] == goal
        fine &= ((codes & ~goal & forward) == 0) & ((goal & ~codes & back) == 0)
        ends = np.stack([states.state_of[fine], states.state_of[place[fine]]], axis=1)
        found.append(ends.astype(np.int64))
    return np.concatenate(found)


def _mask(moves: Moves, own: list[int], way: str) -> np.uint64:
    return np.uint64(sum(1 << k for k in own if moves.options[k].irreversible == way))


def _changes(own: list[int]) -> Iterator[np.uint64]:
    for number in range(1, 1 << len(own)):
        yield np.uint64(sum(1 << k for b, k in enumerate(own) if number >> b & 1))


@compiled()
def legal_least(
    arcs: Arcs, movers: NDArray[np.bool_], base: Ints, values: Ints, better: bool
) -> Ints:
    """For every state the least `base` over what the movers reach by legal sequences from it.

    A sequence has one move or more, and no one moves twice in a row. With `better` each move
    improves on the state from which it is made, for the one who makes it. `HIGHEST` where
    nothing is reached.
    """
    makers, size = values.shape
    after = np.empty((makers, size), dtype=np.int32)  # least from here on, if k moved last
    for k in range(makers):
        after[k] = base
    result = np.full(size, HIGHEST, dtype=np.int32)
    changed = True
    while changed:
        changed = False
        for s in range(size):
            first, second, who = HIGHEST, HIGHEST, -1
            for j in range(makers):
                if not movers[j]:
                    continue
                least = HIGHEST
                for a in range(arcs.starts[j, s], arcs.starts[j, s + 1]):
                    t = arcs.targets[a]
                    if not better or values[j, t] > values[j, s]:
                        least = min(least, after[j, t])
                if least < first:
                    first, second, who = least, first, j
                elif least < second:
                    second = least
            result[s] = first
            for k in range(makers):
                least = second if k == who else first
                if least < after[k, s]:
                    after[k, s] = least
                    changed = True
    return result


@compiled()
def best_step(arcs: Arcs, i: int, own: Ints) -> Ints:
    """Shape (n,): the most of `own` over each state and what i reaches from it."""
    result = own.copy()
    for s in range(own.size):
        for a in range(arcs.starts[i, s], arcs.starts[i, s + 1]):
            result[s] = max(result[s], own[arcs.targets[a]])
    return result


@compiled()
def is_deterred_listed(
    arcs: Arcs, i: int, own: Ints, base: Ints, values: Ints, better: bool
) -> NDArray[np.bool_]:
    """Shape (n,): whether every improvement of i meets a sanction; see `fibers.is_deterred`."""
    movers = np.ones(values.shape[0], dtype=np.bool_)
    movers[i] = False
    worth = legal_least(arcs, movers, base, values, better)
    result = np.ones(own.size, dtype=np.bool_)
    for s in range(own.size):
        for a in range(arcs.starts[i, s], arcs.starts[i, s + 1]):
            t = arcs.targets[a]
            if own[t] > own[s] and worth[t] > own[s]:
                result[s] = False
                break
    return result
