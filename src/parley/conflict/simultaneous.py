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

SPARSE = 64
"""Combinations for each feasible one above which bounds over all of them are not worth it."""

UNDEFINED = 2
HIGHEST = np.int32(2**31 - 1)


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


def bounds_for(joint: Joint, makers: int) -> Ints:
    """Room for the bounds of `least_of_others`; empty where they are not worth it."""
    count = joint.at.size
    worth_it = 0 < count <= SPARSE * joint.codes.size + 4096 and makers**2 * count <= 1 << 28
    return np.empty((makers, makers, count) if worth_it else (0, 0, 0), dtype=np.int32)


@compiled()
def place_of(joint: Joint, code: np.uint64) -> int:
    """The place of a combination among the feasible ones; -1 if it is infeasible."""
    if joint.at.size:
        return int(joint.at[code])
    place = int(np.searchsorted(joint.codes, code))
    return place if place < joint.codes.size and joint.codes[place] == code else -1


@compiled()
def improvements(joint: Joint, k: int, s: int, own: Ints, parts: Codes, goals: Ints) -> int:
    """The improvements of k from state s: own options into `parts`, states into `goals`; how many.

    -1 if two ways lead to one merged state.
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
                goals[count] = t
                count += 1
        if part == 0:
            break
        part = (part - np.uint64(1)) & mask
    if joint.codes.size > joint.first.size:  # only then are states merged
        for a in range(count):
            for b in range(a):
                if goals[a] == goals[b]:
                    return -1
    return count


@compiled()
def least_of_others(joint: Joint, values: Ints, bounds: Ints) -> None:
    """For each i, r and combination the least v_i with the options of the last r others free.

    Into `bounds`, shape (D, D, 2^options). It bounds what moves made at once can lead to, so that
    most of them need not be tried.
    """
    makers = values.shape[0]
    for i in range(makers):
        level = bounds[i, 0]
        for code in range(level.size):
            place = joint.at[code]
            level[code] = values[i, joint.state_of[place]] if place >= 0 else HIGHEST
        depth = 0
        for k in range(makers - 1, -1, -1):
            if k == i:
                continue
            depth += 1
            before, after = bounds[i, depth - 1], bounds[i, depth]
            after[:] = before
            left = joint.own[k]
            while left:
                bit = left & (~left + np.uint64(1))
                for code in range(after.size):
                    if not np.uint64(code) & bit:
                        other = np.uint64(code) | bit
                        after[code] = min(after[code], after[other])
                        after[other] = after[code]
                left &= left - np.uint64(1)


@compiled()
def widest(joint: Joint) -> int:
    """The most combinations of own options that a decision maker has."""
    result = 1
    for k in range(joint.own.size):
        bits, left = 1, joint.own[k]
        while left:
            bits *= 2
            left &= left - np.uint64(1)
        result = max(result, bits)
    return result


@compiled()
def sim_stable(joint: Joint, values: Ints, bounds: Ints, begin: int, end: int) -> NDArray[np.uint8]:
    """Shape (D, end - begin), for states `begin` to `end`: 1 if SIM stable, 0 if not, `UNDEFINED`.

    `bounds` are those of `least_of_others`, or empty.
    """
    makers = values.shape[0]
    width = widest(joint)
    parts = np.empty((makers, width), dtype=np.uint64)
    goals = np.empty((makers, width), dtype=np.int32)
    counts = np.zeros(makers, dtype=np.int64)
    chosen = np.zeros(makers, dtype=np.int64)
    codes = np.zeros(makers, dtype=np.uint64)
    result = np.ones((makers, end - begin), dtype=np.uint8)
    for s in range(begin, end):
        if not joint.single[s]:
            for i in range(makers):
                if _improves_merged(joint, i, s, values[i]):
                    result[i, s - begin] = UNDEFINED
            continue
        ambiguous = False
        for k in range(makers):
            counts[k] = improvements(joint, k, s, values[k], parts[k], goals[k])
            ambiguous |= counts[k] < 0
        for i in range(makers):
            if counts[i] == 0:
                continue
            if ambiguous:
                result[i, s - begin] = UNDEFINED
                continue
            for k in range(makers):
                if k != i:
                    _worst_first(parts[k], goals[k], counts[k], values[i])
            for t in range(counts[i]):
                start = (joint.first[s] & ~joint.own[i]) | parts[i, t]
                if not _meets_sanction(
                    joint, i, start, values[i], values[i, s], parts, counts, bounds, chosen, codes
                ):
                    result[i, s - begin] = 0
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
def _least(joint: Joint, own: Ints, open_: int, code: np.uint64) -> int:
    """What i gets where nobody is left to choose; no bound where somebody is."""
    if open_:
        return -1
    place = place_of(joint, code)
    return int(own[joint.state_of[place]]) if place >= 0 else int(HIGHEST)


@compiled()
def _meets_sanction(
    joint: Joint,
    i: int,
    start: np.uint64,
    own: Ints,
    limit: int,
    parts: Codes,
    counts: NDArray[np.int64],
    bounds: Ints,
    chosen: NDArray[np.int64],
    codes: Codes,
) -> bool:
    """Whether moves of the others, made at once with that of i to `start`, bring i to `limit`.

    Depth first over the others, each choosing a move or to stay (which comes last). That all stay
    never counts: it leaves i with its improvement. `chosen` and `codes` are room to work in.
    """
    others, dense = counts.size - 1, bounds.size > 0
    if others == 0:
        return False
    codes[0] = start
    chosen[0] = 0
    depth = 0
    while depth >= 0:
        if depth == others:
            return True  # its bound is its worth
        k = depth if depth < i else depth + 1
        if chosen[depth] > counts[k]:
            depth -= 1
            if depth >= 0:
                chosen[depth] += 1
            continue
        code = codes[depth]
        if chosen[depth] < counts[k]:
            code = (code & ~joint.own[k]) | parts[k, chosen[depth]]
        open_ = others - depth - 1
        least = bounds[i, open_, code] if dense else _least(joint, own, open_, code)
        if least > limit:
            chosen[depth] += 1
            continue
        depth += 1
        codes[depth] = code
        chosen[depth] = 0
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
