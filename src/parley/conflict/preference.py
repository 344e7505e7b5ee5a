"""Preferences over states, from what the file says: rankings, statements, weights, comparisons.

A complete preference becomes a value for each state, higher for better, equal where indifferent.
Statements are read as option prioritising (Fang, Hipel, Kilgour & Peng 2003): with Ω_1 … Ω_q in
order of importance, Ψ(s) = Σ_j 2^(q-j) [Ω_j holds at s], and s is preferred to t if Ψ(s) > Ψ(t);
which is the lexicographic order of what holds, and computed as such. In a merged state a condition
holds if it holds in all its combinations.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from parley.case.comparisons import Comparisons, read_known, read_ranking
from parley.case.conditions import read_condition
from parley.case.moves import DecisionMaker, Moves
from parley.case.states import States

Ints = NDArray[np.int32]
Bools = NDArray[np.bool_]

DIGITS = 12
"""Digits to which sums of weights are compared, in parts of the largest."""


@dataclass(frozen=True, eq=False)
class Preferences:
    """What each decision maker prefers.

    Parameters
    ----------
    values
        Shape (D, n): higher is better, equal is indifferent; 0 where comparisons are unknown.
    blocks
        Shape (D, n): states of different blocks are greatly apart, the higher the better.
    known
        For each decision maker what is known, or ``None`` where the preference is complete.
    """

    values: Ints
    blocks: Ints
    known: tuple[Comparisons | None, ...]

    @property
    def is_complete(self) -> bool:
        """Whether every comparison is known."""
        return all(item is None for item in self.known)

    @property
    def has_strength(self) -> bool:
        """Whether somebody greatly prefers something."""
        return bool(self.blocks.any())


def as_written(moves: Moves, states: States) -> Preferences:
    """The preferences as the file has them: every statement holds, what is not told apart ties."""
    rows = [of_maker(maker, states) for maker in moves.decision_makers]
    return Preferences(
        np.stack([row.values for row in rows]).astype(np.int32),
        np.stack([row.blocks for row in rows]).astype(np.int32),
        tuple(row.known for row in rows),
    )


class OfMaker(NamedTuple):
    """The preference of one decision maker: shape (n,) each, as in `Preferences`."""

    values: Ints
    blocks: Ints
    known: Comparisons | None = None


def of_maker(maker: DecisionMaker, states: States) -> OfMaker:
    """The preference of one decision maker as the file has it."""
    flat = np.zeros(states.size, dtype=np.int32)
    if maker.ranking is not None:
        ranking, wrong = read_ranking(maker.ranking, states)
        if ranking is None:
            raise ValueError(wrong[0].what)  # refused before by the check of the section
        return OfMaker(ranking.values, ranking.blocks)
    if maker.known is not None:
        known, wrong = read_known(maker.known, states)
        if known is None:
            raise ValueError(wrong[0].what)
        return OfMaker(flat, flat, known)
    if maker.weights is not None:
        return OfMaker(dense(np.round(weighed(maker, states), DIGITS)), flat)
    return OfMaker(prioritised(truths(maker, states)[by_importance(maker)], states.size), flat)


def truths(maker: DecisionMaker, states: States) -> Bools:
    """Shape (statements, n): in which states each statement holds, in the order of the file."""
    texts = [statement.prefer for statement in maker.statements or ()]
    return np.array([truth(text, states) for text in texts], dtype=bool).reshape(-1, states.size)


def truth(text: str, states: States) -> Bools:
    """Shape (n,): in which states a condition holds, in all their combinations."""
    return states.where(read_condition(text, states.options))


def by_importance(maker: DecisionMaker) -> list[int]:
    """The statements in order of importance; those of one importance as they are listed."""
    statements = maker.statements or ()
    return sorted(range(len(statements)), key=lambda k: (statements[k].importance or 0, k))


def prioritised(rows: Iterable[Bools], size: int = 0) -> Ints:
    """Values from statements, shape (n,) each, the most important first; n is `size` if none."""
    rows = list(rows)
    values = np.zeros(len(rows[0]) if rows else size, dtype=np.int64)
    for row in rows:
        values = dense(2 * values + row).astype(np.int64)
    return values.astype(np.int32)


def weighed(maker: DecisionMaker, states: States) -> NDArray[np.float64]:
    """Shape (n,): the sum of weights, in parts of the largest sum that could be."""
    weights = maker.weights or {}
    total = np.zeros(states.size)
    for text, weight in weights.items():
        total += weight * truth(text, states)
    most = sum(abs(weight) for weight in weights.values())
    return total / most if most else total


def dense(worth: NDArray[np.generic]) -> Ints:
    """Ranks from 0 for the least; equal worth, equal rank."""
    ranks: NDArray[np.intp] = np.unique(worth, return_inverse=True)[1]
    return ranks.reshape(-1).astype(np.int32)
