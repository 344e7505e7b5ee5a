"""Stability where some comparisons are unknown: the four types of Li, Hipel, Kilgour & Fang 2004.

They differ in when a decision maker would leave a state, and in what deters it:

====  ==========================  ==========================
type  leaves for t if             u deters if
====  ==========================  ==========================
a     t is better, or unknown     u is no better, and known
b     t is better                 u is no better, and known
c     t is better, or unknown     u is no better, or unknown
d     t is better                 u is no better, or unknown
====  ==========================  ==========================

In SEQ the others respond, in all types, by moves to what is better for them or unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from parley.case.comparisons import MAX_COMPARED, Comparisons
from parley.conflict.model import Conflict
from parley.conflict.stability import Concept
from parley.errors import SettingError, TooLargeError

Bools = NDArray[np.bool_]
Type = Literal["a", "b", "c", "d"]
TYPES: tuple[Type, ...] = ("a", "b", "c", "d")
CONCEPTS = (Concept.NASH, Concept.GMR, Concept.SMR, Concept.SEQ)


@dataclass(frozen=True, eq=False)
class UnknownStability:
    """For each type and concept, shape (D, n): for whom each state is stable."""

    parties: tuple[str, ...]
    stable: Mapping[tuple[Type, Concept], Bools]

    def equilibria(self, kind: Type, concept: Concept) -> tuple[int, ...]:
        """The states that are stable for all, counted from 0."""
        rows = self.stable[kind, concept]
        return tuple(int(s) for s in np.flatnonzero(rows.all(axis=0)))


def unknown_stability(conflict: Conflict) -> UnknownStability:
    """Stability of all four types, by the matrix form of the definitions.

    Raises
    ------
    TooLargeError
        If there are more than `MAX_COMPARED` states.
    """
    size = conflict.size
    if size > MAX_COMPARED:
        raise TooLargeError(
            f"{size:,} states are too many to compare one by one.",
            f"Up to {MAX_COMPARED:,} can be; rule out more.",
        )
    makers = range(len(conflict.parties))
    moves = [_matrix(conflict, i) for i in makers]
    known = [relation(conflict, i) for i in makers]
    unknown = [~(k.better | k.better.T | k.equal) for k in known]
    # rows: where one stands; columns: where one would go
    improves = [m & k.better.T for m, k in zip(moves, known, strict=True)]
    may_improve = [m & (k.better.T | u) for m, k, u in zip(moves, known, unknown, strict=True)]
    stable: dict[tuple[Type, Concept], Bools] = {}
    for i in makers:
        others = [j for j in makers if j != i]
        responses = legal_matrix([moves[j] for j in others], size)
        improving = legal_matrix([may_improve[j] for j in others], size)
        for kind in TYPES:
            leaves = may_improve[i] if kind in "ac" else improves[i]
            # [u, s]: u is no better for i than s
            worse = known[i].better.T | known[i].equal | (unknown[i] if kind in "cd" else False)
            stays = worse & ~_product(moves[i], ~worse)  # nor is what i reaches from u
            found = {
                Concept.NASH: ~leaves.any(axis=1),
                Concept.GMR: ~(leaves & ~_product(responses, worse).T).any(axis=1),
                Concept.SMR: ~(leaves & ~_product(responses, stays).T).any(axis=1),
                Concept.SEQ: ~(leaves & ~_product(improving, worse).T).any(axis=1),
            }
            for concept, row in found.items():
                rows = stable.setdefault((kind, concept), np.zeros((len(makers), size), dtype=bool))
                rows[i] = row
    return UnknownStability(conflict.parties, stable)


def relation(conflict: Conflict, i: int) -> Comparisons:
    """What is known of the preference of one decision maker, as comparisons."""
    known = conflict.preferences.known[i]
    if known is not None:
        return known
    own = conflict.preferences.values[i]
    return Comparisons(own[:, None] > own[None, :], own[:, None] == own[None, :])


def refuse_unknown(conflict: Conflict) -> None:
    """Raise `SettingError` if some comparisons are unknown."""
    if not conflict.preferences.is_complete:
        raise SettingError(
            "Some comparisons of this conflict are unknown.",
            "This needs complete preferences: give `ranking`, `statements` or `weights`.",
        )


def legal_matrix(moves: list[Bools], size: int) -> Bools:
    """Reachability by legal sequences of some movers, shape (n, n): nobody twice in a row."""
    if not moves:
        return np.zeros((size, size), dtype=bool)
    last = [move.copy() for move in moves]
    while True:
        further = [
            _union([row, *(_product(last[k], move) for k in range(len(moves)) if k != j)])
            for j, (row, move) in enumerate(zip(last, moves, strict=True))
        ]
        if all((a == b).all() for a, b in zip(further, last, strict=True)):
            return _union(last)
        last = further


def _union(rows: list[Bools]) -> Bools:
    result: Bools = np.logical_or.reduce(rows)
    return result


def _matrix(conflict: Conflict, i: int) -> Bools:
    result = np.zeros((conflict.size, conflict.size), dtype=bool)
    starts = conflict.arcs.starts[i]
    rows = np.repeat(np.arange(conflict.size), np.diff(starts))
    result[rows, conflict.arcs.targets[starts[0] : starts[-1]]] = True
    return result


def _product(a: Bools, b: Bools) -> Bools:
    return (a.astype(np.float32) @ b.astype(np.float32)) > 0
