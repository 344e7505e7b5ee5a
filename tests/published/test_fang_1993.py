"""L. Fang, K. W. Hipel & D. M. Kilgour, Interactive Decision Making, Wiley, 1993.

The prisoner's dilemma and chicken: the equilibria are those of the textbooks; the tables, state by
state, were computed twice over from the definitions.
"""

from __future__ import annotations

import numpy as np

from parley.conflict.horizon import limited, non_myopic
from tests.conflicts import states_where
from tests.published.conflicts import Table, equilibria, example, table

DILEMMA: Table = {
    "Nash": {"one": [1, 3], "two": [1, 2]},
    "GMR": {"one": [1, 3, 4], "two": [1, 2, 4]},
    "SMR": {"one": [1, 3, 4], "two": [1, 2, 4]},
    "SEQ": {"one": [1, 3, 4], "two": [1, 2, 4]},
    "SIM": {"one": [1, 3, 4], "two": [1, 2, 4]},
}
CHICKEN: Table = {
    "Nash": {"one": [2, 3], "two": [2, 3]},
    "GMR": {"one": [2, 3, 4], "two": [2, 3, 4]},
    "SMR": {"one": [2, 3, 4], "two": [2, 3, 4]},
    "SEQ": {"one": [2, 3], "two": [2, 3]},
    "SIM": {"one": [2, 3, 4], "two": [2, 3, 4]},
}


def test_prisoners_dilemma() -> None:
    conflict = example("fang-hipel-kilgour-1993/prisoners-dilemma")
    assert table(conflict) == DILEMMA
    assert equilibria(conflict) == {
        "Nash": [1],
        "GMR": [1, 4],
        "SMR": [1, 4],
        "SEQ": [1, 4],
        "SIM": [1, 4],
    }


def test_the_dilemma_is_solved_by_looking_two_moves_ahead() -> None:
    conflict = example("fang-hipel-kilgour-1993/prisoners-dilemma")
    assert [s + 1 for s in limited(conflict, 1).equilibria] == [1]
    for horizon in range(2, 9):
        assert [s + 1 for s in limited(conflict, horizon).equilibria] == [1, 4]
    assert states_where(np.logical_and.reduce(non_myopic(conflict))) == [1, 4]


def test_chicken() -> None:
    conflict = example("fang-hipel-kilgour-1993/chicken")
    assert table(conflict) == CHICKEN
    assert equilibria(conflict) == {
        "Nash": [2, 3],
        "GMR": [2, 3, 4],
        "SMR": [2, 3, 4],
        "SEQ": [2, 3],
        "SIM": [2, 3, 4],
    }


def test_chicken_by_horizon() -> None:
    conflict = example("fang-hipel-kilgour-1993/chicken")
    assert limited(conflict, 2).equilibria == ()
    for horizon in range(3, 7):
        assert [s + 1 for s in limited(conflict, horizon).equilibria] == [4]
