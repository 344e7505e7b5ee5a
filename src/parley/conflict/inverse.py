"""The inverse question: whose mind must change, about what, so that an outcome would hold?

Whether s is stable for i depends on the preferences of i only through the set of states that i
does not prefer to s; the conditions are those of Kinsara, Kilgour & Hipel 2015:

    for every t in R_i(s):  i does not prefer t to s, or t meets a sanction,

and every sanction asks that i does not prefer some states to s. From that follow exactly the least
number of states of which i would have to think otherwise, by an integer program, and the number of
rankings for which s is stable. The preferences of the others stay as they are; only for SEQ and SIM
do they matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import factorial

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from parley.conflict.joint_moves import joint_results
from parley.conflict.model import Conflict
from parley.conflict.preference import by_importance, prioritised, truths
from parley.conflict.stability import Concept, stability
from parley.conflict.unknown import refuse_unknown
from parley.errors import SettingError, TooLargeError

MAX_STATES = 4_096
"""Most states in which the inverse question is answered."""

MAX_RANKED = 16
"""Most states whose rankings are counted."""

ALTERNATIVES = 5
"""Ways that are listed, of those with the fewest changes."""

Need = tuple[int, tuple[frozenset[int], ...]]
"""A state that i could move to, and its sanctions: what i must not prefer for each to count."""


@dataclass(frozen=True)
class Edit:
    """One change in a list of preference statements; places are counted from 1.

    `place` is where the statement stands, `to` where it would stand; 0 if it is dropped.
    """

    statement: str
    place: int
    to: int


@dataclass(frozen=True)
class Change:
    """What would make a state stable for one decision maker.

    Parameters
    ----------
    party
        The decision maker.
    stable
        Whether the state is stable for it as things are; then nothing need change.
    fewest
        The least number of states of which it would have to think otherwise.
    alternatives
        Sets of states (from 0), each of that size: if it came to find each of them no better
        than the state in question, that would be stable. The mildest first.
    edits
        Where preferences are statements: single changes that would do.
    rankings, possible
        Of all rankings without ties of its states, how many make the state stable, and how many
        there are; 0 and 0 where there are too many states to count.
    """

    party: str
    stable: bool
    fewest: int
    alternatives: tuple[frozenset[int], ...]
    edits: tuple[Edit, ...]
    rankings: int
    possible: int


def whose_mind_must_change(conflict: Conflict, state: int, concept: Concept) -> tuple[Change, ...]:
    """For every decision maker what would make `state` (from 0) stable for it.

    Raises
    ------
    SettingError
        If comparisons are unknown, or SIM is asked for where it is not always defined.
    TooLargeError
        If there are more than `MAX_STATES` states.
    """
    refuse_unknown(conflict)
    if conflict.size > MAX_STATES:
        raise TooLargeError(
            f"The inverse question is answered for up to {MAX_STATES:,} states; here are "
            f"{conflict.size:,}.",
            "Say in `infeasible` what cannot be, or leave options out.",
        )
    return tuple(_change(conflict, i, state, concept) for i in range(len(conflict.parties)))


def count_rankings(conflict: Conflict, party: str, state: int, concept: Concept) -> int:
    """Of all rankings of one decision maker without ties, those for which `state` is stable.

    Raises
    ------
    TooLargeError
        If there are more than `MAX_RANKED` states.
    """
    if conflict.size > MAX_RANKED:
        raise TooLargeError(
            f"Rankings are counted for up to {MAX_RANKED} states; here are {conflict.size:,}.",
            "Ask for the fewest changes instead.",
        )
    return _count(
        conflict.size, state, needs(conflict, conflict.parties.index(party), state, concept)
    )


def changed(conflict: Conflict, party: str, state: int, states: Iterable[int]) -> Conflict:
    """The conflict if a decision maker found each of `states` only as good as `state`."""
    values = conflict.preferences.values.copy()
    i = conflict.parties.index(party)
    values[i, list(states)] = values[i, state]
    return conflict.with_values(values)


def needs(conflict: Conflict, i: int, state: int, concept: Concept) -> list[Need]:
    """For every state that i reaches from `state`, the sanctions that there may be.

    Raises
    ------
    SettingError
        For SIM, if states are merged or there are no options: it is then not always defined.
    """
    if concept is Concept.SIM and not conflict.states.is_plain:
        raise SettingError(
            "SIM is not defined for merged states and models given as a graph.",
            "Ask for another concept.",
        )
    return [
        (int(t), tuple(sorted(set(_sanctions(conflict, i, state, int(t), concept)), key=sorted)))
        for t in conflict.reached(i, state)
    ]


def _sanctions(
    conflict: Conflict, i: int, state: int, move: int, concept: Concept
) -> Iterable[frozenset[int]]:
    if concept is Concept.NASH:
        return
    if concept is Concept.SIM:
        for goal in joint_results(conflict, i, state, move):
            yield frozenset({goal}) - {state}
        return
    for goal in _reached(conflict, i, move, improving=concept is Concept.SEQ):
        escape = conflict.reached(i, goal).tolist() if concept is Concept.SMR else []
        yield frozenset({goal, *escape}) - {state}


def _reached(conflict: Conflict, i: int, start: int, *, improving: bool) -> set[int]:
    """What the others reach from `start` by legal moves."""
    values = conflict.preferences.values
    pairs: set[tuple[int, int]] = set()
    front = [(start, -1)]
    while front:
        here, last = front.pop()
        for j in range(len(values)):
            if j in {i, last}:
                continue
            for goal in conflict.reached(j, here).tolist():
                fine = not improving or values[j, goal] > values[j, here]
                if fine and (goal, j) not in pairs:
                    pairs.add((goal, j))
                    front.append((goal, j))
    return {goal for goal, _ in pairs}


def _change(conflict: Conflict, i: int, state: int, concept: Concept) -> Change:
    party = conflict.parties[i]
    wanted = needs(conflict, i, state, concept)
    own = conflict.preferences.values[i]
    above = frozenset(int(s) for s in np.flatnonzero(own > own[state]))
    open_ = _open(wanted, above)
    ways = _fewest(open_, own, state) if open_ else []
    countable = conflict.size <= MAX_RANKED
    return Change(
        party=party,
        stable=not open_,
        fewest=len(ways[0]) if ways else 0,
        alternatives=tuple(ways),
        edits=tuple(_edits(conflict, i, state, concept)) if open_ else (),
        rankings=_count(conflict.size, state, wanted) if countable else 0,
        possible=factorial(conflict.size) if countable else 0,
    )


def _open(wanted: list[Need], above: frozenset[int]) -> list[Need]:
    """Improvements that meet no sanction, with what each sanction lacks."""
    found = []
    for move, sanctions in wanted:
        lacking = [sanction & above for sanction in sanctions]
        if move in above and all(lacking):
            least = [s for s in set(lacking) if not any(other < s for other in lacking)]
            found.append((move, tuple(sorted(least, key=sorted))))
    return found


def _fewest(open_: list[Need], own: np.ndarray, state: int) -> list[frozenset[int]]:
    """The smallest sets of states to think otherwise of, the mildest first.

    An integer program: x_w for each state of which i would think otherwise, y_k for each sanction
    that then counts; each open improvement needs x of itself or some y, each y all of its x.
    """
    sanctions = sorted({s for _, some in open_ for s in some}, key=sorted)
    states = sorted({w for s in sanctions for w in s} | {move for move, _ in open_})
    x = {w: k for k, w in enumerate(states)}
    y = {s: len(states) + k for k, s in enumerate(sanctions)}
    rows: list[tuple[dict[int, float], float]] = []
    for move, some in open_:
        rows.append(({x[move]: 1.0} | {y[s]: 1.0 for s in some}, 1.0))
    for s in sanctions:
        rows += [({x[w]: 1.0, y[s]: -1.0}, 0.0) for w in s]
    span = float(own.max() - own.min()) or 1.0
    mild = [(own[w] - own[state]) / (span * (len(states) + 1) * 2) for w in states]
    cost = np.array([1.0 + m for m in mild] + [0.0] * len(sanctions))
    found: list[frozenset[int]] = []
    while len(found) < ALTERNATIVES:
        solved = _solve(cost, rows)
        if solved is None:
            break
        chosen = frozenset(w for w in states if solved[x[w]] > 0.5)
        if found and len(chosen) > len(found[0]):
            break
        found.append(chosen)
        rows.append(({x[w]: -1.0 for w in chosen}, 1.0 - len(chosen)))
    return found


def _solve(cost: np.ndarray, rows: list[tuple[dict[int, float], float]]) -> np.ndarray | None:
    count = len(cost)
    data = [v for row, _ in rows for v in row.values()]
    columns = [k for row, _ in rows for k in row]
    starts = np.cumsum([0, *(len(row) for row, _ in rows)])
    matrix = csr_array((data, columns, starts), shape=(len(rows), count))
    least = np.array([bound for _, bound in rows])
    found = milp(
        cost,
        constraints=LinearConstraint(matrix, lb=least),
        integrality=np.ones(count),
        bounds=Bounds(0, 1),
    )
    return np.asarray(found.x) if found.success else None


def _count(size: int, state: int, wanted: list[Need]) -> int:
    """Rankings without ties for which a state is stable, by the set of states ranked below it."""
    others = [s for s in range(size) if s != state]
    bit = {s: 1 << k for k, s in enumerate(others)}
    below = np.arange(1 << len(others), dtype=np.int64)
    fine = np.ones(below.size, dtype=bool)
    for move, sanctions in wanted:
        met = below & bit[move] != 0
        for sanction in sanctions:
            mask = sum(bit[s] for s in sanction)
            met |= below & mask == mask
        fine &= met
    counts = np.bincount(np.bitwise_count(below[fine]), minlength=size)
    return sum(int(c) * factorial(k) * factorial(size - 1 - k) for k, c in enumerate(counts))


def _edits(conflict: Conflict, i: int, state: int, concept: Concept) -> Iterable[Edit]:
    """Single changes in the list of statements that make a state stable for i."""
    maker = conflict.moves.decision_makers[i]
    if maker.statements is None:
        return
    order = by_importance(maker)
    rows = truths(maker, conflict.states)
    texts = [statement.prefer for statement in maker.statements]
    is_stable = _tester(conflict, i, state, concept)
    for k, number in enumerate(order):
        without = [*order[:k], *order[k + 1 :]]
        if is_stable(prioritised([rows[n] for n in without]) if without else None):
            yield Edit(texts[number], k + 1, 0)
        for place in range(len(order)):
            moved = [*without[:place], number, *without[place:]]
            if place != k and is_stable(prioritised([rows[n] for n in moved])):
                yield Edit(texts[number], k + 1, place + 1)


def _tester(
    conflict: Conflict, i: int, state: int, concept: Concept
) -> Callable[[np.ndarray | None], bool]:
    def is_stable(own: np.ndarray | None) -> bool:
        values = conflict.preferences.values.copy()
        values[i] = 0 if own is None else own
        found = stability(conflict.with_values(values), [concept])
        return bool(found.stable[concept][i, state])

    return is_stable
