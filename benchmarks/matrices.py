"""The matrix representation of the graph model, as published: a literal peer for the ratio.

Xu, Li, Hipel & Kilgour (2009), "A matrix approach to status quo analysis in the graph model for
conflict resolution", and their stability matrices: J and J⁺ for the moves and the improvements of
one decision maker, M and M⁺ for those of all others by repeated products, and for each concept a
matrix whose diagonal is zero where a state is stable. Simultaneous stability has no matrix there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[Any]


def stable_by_matrices(owners: Sequence[int], values: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Shape (4, P, S), for Nash, GMR, SMR and SEQ; states are all combinations of the options."""
    parties = range(len(values))
    moves = [_moves(owners, i, values.shape[1]) for i in parties]
    better = [(row[None, :] > row[:, None]).astype(np.float32) for row in values]
    gains = [j * p for j, p in zip(moves, better, strict=True)]
    rows = []
    for i in parties:
        others = [k for k in parties if k != i]
        reached = _joint([moves[k] for k in others])
        credible = _joint([gains[k] for k in others])
        worse = 1 - better[i].T  # (t, s): t is no better than s
        stuck = worse * (1 - _sign(moves[i] @ better[i].T))
        nash = gains[i].sum(axis=1)
        rows.append(
            [
                nash,
                _diagonal(gains[i], 1 - _sign(reached @ worse)),
                _diagonal(gains[i], 1 - _sign(reached @ stuck)),
                _diagonal(gains[i], 1 - _sign(credible @ worse)),
            ]
        )
    stable: NDArray[np.bool_] = np.swapaxes(np.array(rows) == 0, 0, 1)
    return stable


def _moves(owners: Sequence[int], party: int, size: int) -> Matrix:
    """J: one where the combinations differ in options of this party alone."""
    fixed = sum(1 << k for k, owner in enumerate(owners) if owner != party)
    codes = np.arange(size) & fixed
    found = (codes[:, None] == codes[None, :]).astype(np.float32)
    np.fill_diagonal(found, 0)
    result: Matrix = found
    return result


def _joint(moves: list[Matrix]) -> Matrix:
    """M: what some legal sequence of these moves reaches, nobody moving twice in a row."""
    last = list(moves)
    while True:
        grown = []
        for i, own in enumerate(moves):
            before = [m for k, m in enumerate(last) if k != i]
            after = _sign(np.maximum.reduce(before) @ own) if before else np.zeros_like(own)
            grown.append(np.maximum(own, after))
        if all(np.array_equal(a, b) for a, b in zip(last, grown, strict=True)):
            result: Matrix = np.maximum.reduce(last)
            return result
        last = grown


def _diagonal(gains: Matrix, open_: Matrix) -> Matrix:
    """The diagonal of a product, the only part of it that is read."""
    result: Matrix = np.einsum("st,ts->s", gains, open_)
    return result


def _sign(matrix: Matrix) -> Matrix:
    result: Matrix = (matrix > 0).astype(np.float32)
    return result
