"""Simultaneous stability (SIM): sanctions by moving at the same time.

State s is SIM stable for i if for each improvement of i some of the others have improvements
from s of their own, such that all these moves made at once lead to a feasible state that is no
better for i than s (Fraser & Hipel 1979; Fang, Hipel & Kilgour 1993, for more than two decision
makers any of the others).

It is undefined for a merged state from which i has an improvement, and where an improvement
leads into a merged state in several ways; and for models without options.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from parley.case.moves import Moves
from parley.case.states import States
from parley.compiled import compiled

Ints = NDArray[np.int32]
Codes = NDArray[np.uint64]

MOST_DENSE = 24
"""Options up to which combinations are looked up in a table."""

UNDEFINED = 2


class Joint(NamedTuple):
    """Combinations of options, for moves that are made at once.

    `codes` are ascending and `state_of` goes with them; `first` is for each state its lowest
    combination and `single` whether it has only one; `own`, shape (D,), are the options of each
    decision maker, `forward` and `back` the irreversible ones; `at` is a table from codes to
    places in `codes` (-1 where infeasible), or empty where it would be too large.
    """

    codes: Codes
    state_of: Ints
    first: Codes
    single: NDArray[np.bool_]
    own: Codes
    forward: np.uint64
    back: np.uint64
    at: Ints


def joint_of(states: States, moves: Moves) -> Joint:
    """The combinations of a conflict in option form."""
    count = len(states.options)
    own = [
        sum(1 << int(k) for k in np.flatnonzero(states.owners == i))
        for i in range(len(moves.decision_makers))
    ]
    at = np.zeros(0, dtype=np.int32)
    if count <= MOST_DENSE:
        at = np.full(1 << count, -1, dtype=np.int32)
        at[states.combinations] = np.arange(len(states.combinations))
    ways = [option.irreversible for option in moves.options]
    return Joint(
        states.combinations,
        states.state_of,
        states.codes,
        states.members == 1,
        np.array(own, dtype=np.uint64),
        np.uint64(sum(1 << k for k, way in enumerate(ways) if way == "forward")),
        np.uint64(sum(1 << k for k, way in enumerate(ways) if way == "back")),
        at,
    )


@compiled()
def place_of(joint: Joint, code: np.uint64) -> int:
    """The place of a combination among the feasible ones; -1 if it is infeasible."""
    if joint.at.size:
        return int(joint.at[code])
    place = int(np.searchsorted(joint.codes, code))
    return place if place < joint.codes.size and joint.codes[place] == code else -1


@compiled()
def improvements(joint: Joint, k: int, s: int, own: Ints, parts: Codes, worth: Ints) -> int:
    """The improvements of k from state s: own options into `parts`; how many.

    `worth` on entry holds what a state is worth to somebody; on return its first entries say
    what the states reached are worth to him. -1 if two ways lead to one merged state.
    """
    here, mask = joint.first[s], joint.own[k]
    count = 0
    part = mask
    while True:  # all parts of the own options
        goal = (here & ~mask) | part
        allowed = (here & ~goal & joint.forward) == 0 and (goal & ~here & joint.back) == 0
        place = place_of(joint, goal) if allowed and goal != here else -1
        if place >= 0:
            t = joint.state_of[place]
            if own[t] > own[s]:
                parts[count] = part
                worth[count] = t
                count += 1
        if part == 0:
            break
        part = (part - np.uint64(1)) & mask
    for a in range(count):
        for b in range(a):
            if worth[a] == worth[b]:
                return -1
    return count


@compiled()
def is_sim_stable(joint: Joint, i: int, values: Ints, begin: int, end: int) -> NDArray[np.uint8]:
    """For states `begin` to `end`: 1 if SIM stable for i, 0 if not, `UNDEFINED`."""
    makers = values.shape[0]
    widest = 1
    for k in range(makers):
        bits, mask = 1, joint.own[k]
        while mask:
            bits *= 2
            mask &= mask - np.uint64(1)
        widest = max(widest, bits)
    parts = np.empty((makers, widest), dtype=np.uint64)
    goals = np.empty((makers, widest), dtype=np.int32)
    counts = np.zeros(makers, dtype=np.int64)
    chosen = np.zeros(makers, dtype=np.int64)
    result = np.ones(end - begin, dtype=np.uint8)
    for s in range(begin, end):
        if not joint.single[s]:
            result[s - begin] = 1 if not _improves_merged(joint, i, s, values[i]) else UNDEFINED
            continue
        counts[i] = improvements(joint, i, s, values[i], parts[i], goals[i])
        if counts[i] == 0:
            continue
        ambiguous = counts[i] < 0
        for k in range(makers):
            if k != i and not ambiguous:
                counts[k] = improvements(joint, k, s, values[k], parts[k], goals[k])
                ambiguous = counts[k] < 0
                _worst_first(parts[k], goals[k], counts[k], values[i])
        if ambiguous:
            result[s - begin] = UNDEFINED
            continue
        chosen[:] = 0
        for t in range(counts[i]):
            if not _meets_sanction(joint, i, s, values[i], parts, counts, chosen, parts[i, t]):
                result[s - begin] = 0
                break
    return result


@compiled()
def _worst_first(parts: Codes, goals: Ints, count: int, own: Ints) -> None:
    """Moves of an opponent in the order of what they alone would be worth, the worst first."""
    for a in range(1, count):
        part, goal, b = parts[a], goals[a], a
        while b > 0 and own[goals[b - 1]] > own[goal]:
            parts[b], goals[b] = parts[b - 1], goals[b - 1]
            b -= 1
        parts[b], goals[b] = part, goal


@compiled()
def _meets_sanction(
    joint: Joint,
    i: int,
    s: int,
    own: Ints,
    parts: Codes,
    counts: NDArray[np.int64],
    chosen: NDArray[np.int64],
    part: np.uint64,
) -> bool:
    """Whether moves of the others, made at once with that of i, leave i no better off.

    `chosen` (``counts[k]`` for staying) is where the search begins: at what deterred the
    improvement before.
    """
    makers = counts.size
    total = 1
    for k in range(makers):
        if k != i:
            total *= counts[k] + 1
    for _ in range(total):
        code = (joint.first[s] & ~joint.own[i]) | part
        moved = False
        for k in range(makers):
            if k != i and chosen[k] < counts[k]:
                code = (code & ~joint.own[k]) | parts[k, chosen[k]]
                moved = True
        if moved:
            place = place_of(joint, code)
            if place >= 0 and own[joint.state_of[place]] <= own[s]:
                return True
        for k in range(makers):  # the next combination; after the last the first
            if k == i:
                continue
            chosen[k] += 1
            if chosen[k] <= counts[k]:
                break
            chosen[k] = 0
    return False


@compiled()
def _improves_merged(joint: Joint, i: int, s: int, own: Ints) -> bool:
    """Whether i can improve from some combination of a merged state."""
    mask = joint.own[i]
    for c in range(joint.codes.size):
        if joint.state_of[c] != s:
            continue
        here, part = joint.codes[c], mask
        while True:
            goal = (here & ~mask) | part
            allowed = (here & ~goal & joint.forward) == 0 and (goal & ~here & joint.back) == 0
            place = place_of(joint, goal) if allowed else -1
            if place >= 0 and own[joint.state_of[place]] > own[s]:
                return True
            if part == 0:
                break
            part = (part - np.uint64(1)) & mask
    return False
