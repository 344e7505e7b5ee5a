"""Moves over the structure of options: fibers instead of lists of moves.

The states that agree in all options but those of decision maker i form a *fiber* of i. Within it i
moves from any state to any other in one move, but for its irreversible options. So what i can
reach at best or at worst from every state is one pass over the fibers, without listing moves; with
q irreversible options a state has a *class* (which of them are used up), and t can be reached
from s if it is in the same fiber and its class contains that of s.

Within a fiber reachability is transitive, and so is improvement. Then the states that others
reach by legal sequences (no one twice in a row) and the closure of their moves taken in any order
are the same set, apart from the state where they start (docs/methods/conflict.md, 2).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from parley.case.moves import Moves
from parley.case.states import States
from parley.compiled import compiled

Ints = NDArray[np.int32]
HIGHEST = np.int32(2**31 - 1)


class Fibers(NamedTuple):
    """The fibers of all decision makers.

    Parameters
    ----------
    members
        Shape (D, n): the states, grouped by fiber of each decision maker.
    starts
        Shape (D, n + 1): where each fiber begins in `members`; beyond the last fiber: n.
    counts
        Shape (D,): number of fibers.
    classes
        Shape (D, n): for each state which irreversible options of the decision maker are used up.
    spent
        Shape (D,): number of irreversible options of each.
    """

    members: Ints
    starts: Ints
    counts: Ints
    classes: Ints
    spent: Ints


def fibers_of(states: States, moves: Moves) -> Fibers:
    """The fibers of a conflict whose states are single combinations."""
    codes = np.zeros(states.size, dtype=np.uint64)
    codes[states.state_of] = states.combinations
    rows = [_fibers(codes, states, moves, i) for i in range(len(moves.decision_makers))]
    members, starts, counts, classes, spent = zip(*rows, strict=True)
    return Fibers(
        np.stack(members),
        np.stack(starts),
        np.array(counts, dtype=np.int32),
        np.stack(classes),
        np.array(spent, dtype=np.int32),
    )


def _fibers(
    codes: NDArray[np.uint64], states: States, moves: Moves, maker: int
) -> tuple[Ints, Ints, int, Ints, int]:
    own = np.uint64(sum(1 << int(k) for k in np.flatnonzero(states.owners == maker)))
    outside = codes & ~own
    members = np.argsort(outside, kind="stable").astype(np.int32)
    ordered = outside[members]
    breaks = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    starts = np.full(states.size + 1, states.size, dtype=np.int32)
    starts[: len(breaks)] = breaks
    classes = np.zeros(states.size, dtype=np.int32)
    spent = 0
    for k, option in enumerate(moves.options):
        if states.owners[k] == maker and option.irreversible:
            taken = (codes >> np.uint64(k)) & np.uint64(1) == 1
            used = taken if option.irreversible == "forward" else ~taken
            classes |= used.astype(np.int32) << spent
            spent += 1
    return members, starts, len(breaks), classes, spent


@compiled()
def reach_least(fibers: Fibers, i: int, worth: Ints, result: Ints) -> None:
    """For every state the least `worth` over it and what i can reach from it, into `result`."""
    spent = fibers.spent[i]
    best = np.empty(1 << spent, dtype=np.int32)
    for f in range(fibers.counts[i]):
        start, end = fibers.starts[i, f], fibers.starts[i, f + 1]
        best[:] = HIGHEST
        for k in range(start, end):
            state = fibers.members[i, k]
            c = fibers.classes[i, state]
            best[c] = min(best[c], worth[state])
        for b in range(spent):
            for c in range(best.size):
                if not c & (1 << b):
                    best[c] = min(best[c], best[c | (1 << b)])
        for k in range(start, end):
            state = fibers.members[i, k]
            result[state] = min(worth[state], best[fibers.classes[i, state]])


@compiled()
def sort_fibers(fibers: Fibers, i: int, values: Ints, order: Ints) -> None:
    """The members of each fiber of i with the best for i first, into `order`."""
    order[:] = fibers.members[i]
    for f in range(fibers.counts[i]):
        start, end = fibers.starts[i, f], fibers.starts[i, f + 1]
        if end - start > 32:
            order[start:end] = order[start:end][np.argsort(-values[order[start:end]])]
            continue
        for k in range(start + 1, end):
            state, place = order[k], k
            while place > start and values[order[place - 1]] < values[state]:
                order[place] = order[place - 1]
                place -= 1
            order[place] = state


@compiled()
def improve_least(fibers: Fibers, i: int, order: Ints, values: Ints, worth: Ints) -> bool:
    """Lower `worth` of every state to the least over what i reaches by an improvement from it.

    `order` is that of `sort_fibers`; tells whether anything was lowered.
    """
    best = np.empty(1 << fibers.spent[i], dtype=np.int32)
    changed = False
    for f in range(fibers.counts[i]):
        end = fibers.starts[i, f + 1]
        best[:] = HIGHEST
        k = fibers.starts[i, f]
        while k < end:
            stop = k  # states that are equally good for i lie together
            while stop < end and values[order[stop]] == values[order[k]]:
                state = order[stop]
                found = best[fibers.classes[i, state]]
                if found < worth[state]:
                    worth[state] = found
                    changed = True
                stop += 1
            for j in range(k, stop):
                c, low = fibers.classes[i, order[j]], worth[order[j]]
                part = c
                while True:  # all classes that c contains
                    best[part] = min(best[part], low)
                    if part == 0:
                        break
                    part = (part - 1) & c
            k = stop
    return changed


@compiled()
def closure(
    fibers: Fibers, movers: NDArray[np.bool_], worth: Ints, orders: Ints, values: Ints, better: bool
) -> None:
    """Lower `worth` of every state to the least over all that the movers reach from it.

    With `better` each move improves on the state from which it is made, for the one who makes it.
    """
    found = np.empty(worth.size, dtype=np.int32)
    several = movers.sum() > 1
    changed = True
    while changed:
        changed = False
        for j in range(movers.size):
            if not movers[j]:
                continue
            if better:
                changed |= improve_least(fibers, j, orders[j], values[j], worth)
                continue
            reach_least(fibers, j, worth, found)
            for s in range(worth.size):
                if found[s] < worth[s]:
                    worth[s] = found[s]
                    changed = True
        changed &= several  # one mover has gone as far as it can


@compiled()
def is_deterred(
    fibers: Fibers, i: int, own: Ints, base: Ints, orders: Ints, values: Ints, better: bool
) -> NDArray[np.bool_]:
    """Shape (n,): whether every improvement of i meets a sanction.

    `own` are the values of i, `base` what a state is worth as a sanction: an improvement from s is
    deterred if the others can bring i to a state with `base` at most ``own[s]``.
    """
    worth = base.copy()
    movers = np.ones(values.shape[0], dtype=np.bool_)
    movers[i] = False
    closure(fibers, movers, worth, orders, values, better)
    for s in range(worth.size):
        worth[s] = -min(own[s], worth[s])  # what is no improvement needs no sanction
    found = np.empty(worth.size, dtype=np.int32)
    reach_least(fibers, i, worth, found)
    return -found <= own


@compiled()
def best_reach(fibers: Fibers, i: int, own: Ints) -> Ints:
    """Shape (n,): the most of `own` over each state and what i reaches from it."""
    found = np.empty(own.size, dtype=np.int32)
    reach_least(fibers, i, -own, found)
    return -found


@compiled()
def sort_all(fibers: Fibers, values: Ints) -> Ints:
    """Shape (D, n): the orders of `sort_fibers` for every decision maker."""
    orders = np.empty(fibers.members.shape, dtype=np.int32)
    for j in range(values.shape[0]):
        sort_fibers(fibers, j, values[j], orders[j])
    return orders
