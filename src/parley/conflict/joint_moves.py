"""Moves made at once, one by one: what SIM sanctions consist of. For explanations, not speed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from parley.conflict.model import Conflict


@dataclass(frozen=True)
class Joint:
    """Moves of several made at once: who would go where alone, and where it leads together."""

    movers: tuple[tuple[str, int], ...]
    goal: int


def joint_results(conflict: Conflict, i: int, state: int, move: int) -> set[int]:
    """Where improvements of others from `state` lead if made at once with the move of i."""
    return {joint.goal for joint in joint_moves(conflict, i, state, move)}


def joint_moves(conflict: Conflict, i: int, state: int, move: int) -> Iterator[Joint]:
    """Improvements of others from `state` made at once with the move of i, fewest movers first.

    Nothing where SIM is not defined.
    """
    if not is_defined(conflict, i, state):
        return
    states = conflict.states
    others = [k for k in range(len(conflict.parties)) if k != i]
    ways: list[list[tuple[int, int] | None]] = [
        [None, *improving_ways(conflict, k, state)] for k in others
    ]
    base = next(code for code, goal in all_ways(conflict, i, state) if goal == move)
    places = {int(code): k for k, code in enumerate(states.combinations)}
    for chosen in sorted(product(*ways), key=lambda some: sum(way is not None for way in some)):
        movers = [(k, way) for k, way in zip(others, chosen, strict=True) if way is not None]
        code = base
        for k, (other, _) in movers:
            code = (code & ~_own(conflict, k)) | (other & _own(conflict, k))
        if movers and code in places:
            named = tuple((conflict.parties[k], goal) for k, (_, goal) in movers)
            yield Joint(named, int(states.state_of[places[code]]))


def is_defined(conflict: Conflict, i: int, state: int) -> bool:
    """Whether SIM is defined for i at a state; see `parley.conflict.simultaneous`."""
    values = conflict.preferences.values
    better = [int(t) for t in conflict.reached(i, state) if values[i, t] > values[i, state]]
    if not better:
        return True
    if not conflict.states.options or conflict.states.members[state] != 1:
        return False
    goals = [
        [goal for _, goal in improving_ways(conflict, k, state)]
        for k in range(len(conflict.parties))
    ]
    return all(len(set(some)) == len(some) for some in goals)


def improving_ways(conflict: Conflict, k: int, state: int) -> list[tuple[int, int]]:
    """Improvements of k from a single combination: the combinations reached, and their states."""
    own = conflict.preferences.values[k]
    return [(code, goal) for code, goal in all_ways(conflict, k, state) if own[goal] > own[state]]


def all_ways(conflict: Conflict, k: int, state: int) -> list[tuple[int, int]]:
    """Moves of k from a single combination: the combinations reached, and their states."""
    states = conflict.states
    here, mask = int(states.codes[state]), _own(conflict, k)
    forward, back = (_irreversible(conflict, way) for way in ("forward", "back"))
    found = []
    for goal in conflict.reached(k, state).tolist():
        for number in states.combinations[states.state_of == goal]:
            code = int(number)
            stuck = (here & ~code & forward) | (code & ~here & back)
            if not (code ^ here) & ~mask and not stuck:
                found.append((code, goal))
    return found


def _own(conflict: Conflict, maker: int) -> int:
    return sum(1 << k for k, owner in enumerate(conflict.states.owners) if owner == maker)


def _irreversible(conflict: Conflict, way: str) -> int:
    return sum(1 << k for k, o in enumerate(conflict.moves.options) if o.irreversible == way)
