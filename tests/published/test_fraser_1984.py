"""N. M. Fraser & K. W. Hipel, Conflict Analysis: Models and Resolutions, North-Holland, 1984.

The Cuban missile crisis with an air strike that cannot be undone. The rankings are those that the
shipped preference statements give; the table was computed twice over from the definitions.
"""

from __future__ import annotations

import numpy as np

from parley.case.moves import MoveOption
from parley.conflict.horizon import limited
from parley.conflict.model import Conflict
from parley.conflict.paths import reached_from
from tests.conflicts import states_where
from tests.published.conflicts import Table, equilibria, example, table

RANKINGS = {
    "us": [5, 7, 6, 8, 3, 2, 4, 1, 12, 10, 11, 9],
    "ussr": [1, 5, 7, 3, 6, 2, 8, 4, 12, 10, 11, 9],
}
TABLE: Table = {
    "Nash": {"us": [2, 3, 5, 6, 12], "ussr": [1, 6, 7, 8]},
    "GMR": {"us": [1, 2, 3, 4, 5, 6, 7, 8, 12], "ussr": [1, 2, 3, 5, 6, 7, 8]},
    "SMR": {"us": [1, 2, 3, 4, 5, 6, 7, 8, 12], "ussr": [1, 2, 3, 5, 6, 7, 8]},
    "SEQ": {"us": [2, 3, 5, 6, 7, 12], "ussr": [1, 5, 6, 7, 8]},
    "SIM": {"us": [2, 3, 5, 6, 12], "ussr": [1, 6, 7, 8]},
}
HORIZONS = {
    1: {"us": [2, 3, 5, 6, 12], "ussr": [1, 6, 7, 8]},
    2: {"us": [5, 6, 7], "ussr": [1, 5, 6, 7]},
    3: {"us": [5, 6], "ussr": [1, 5, 6, 7]},
    4: {"us": [5, 6], "ussr": [1, 5, 6]},
    5: {"us": [5, 6], "ussr": [1, 5, 6]},
    6: {"us": [5, 6], "ussr": [1, 5, 6]},
    7: {"us": [5, 6], "ussr": [1, 5, 6]},
    8: {"us": [5, 6], "ussr": [1, 5, 6]},
}
FEWEST = {
    False: {1: 0, 2: 1, 3: 1, 4: 1, 5: 1, 6: 2, 7: 2, 8: 2, 9: 1, 10: 2, 11: 2, 12: 2},
    True: {1: 0, 2: 1, 3: 1, 4: 1, 5: 3, 6: 2, 7: 2, 8: 2},
}
NAME = "fraser-hipel-1984/cuban-missile-crisis"


def test_the_statements_give_the_rankings() -> None:
    conflict = example(NAME)
    for i, party in enumerate(conflict.parties):
        order = np.argsort(-conflict.preferences.values[i], kind="stable")
        assert [int(s) + 1 for s in order] == RANKINGS[party]
        assert len(set(conflict.preferences.values[i].tolist())) == 12


def test_table_and_equilibria() -> None:
    conflict = example(NAME)
    assert table(conflict) == TABLE
    assert equilibria(conflict) == {
        "Nash": [6],
        "GMR": [1, 2, 3, 5, 6, 7, 8],
        "SMR": [1, 2, 3, 5, 6, 7, 8],
        "SEQ": [5, 6, 7],
        "SIM": [6],
    }


def test_an_air_strike_that_could_be_undone_changes_what_holds() -> None:
    conflict = example(NAME)
    makers = list(conflict.moves.decision_makers)
    strike, blockade = makers[0].options
    undone = MoveOption(id=strike.id, name=strike.name)
    makers[0] = makers[0].model_copy(update={"options": (undone, blockade)})
    other = Conflict.of(conflict.moves.model_copy(update={"decision_makers": tuple(makers)}))
    assert 6 not in equilibria(other)["Nash"]
    assert equilibria(other) != equilibria(conflict)


def test_horizons() -> None:
    conflict = example(NAME)
    for horizon, expected in HORIZONS.items():
        found = limited(conflict, horizon)
        for i, party in enumerate(conflict.parties):
            assert states_where(found.stable[i]) == expected[party], (horizon, party)


def test_moves_from_the_status_quo() -> None:
    conflict = example(NAME)
    for improving, expected in FEWEST.items():
        found = reached_from(conflict, 0, improving=improving).fewest
        assert {s + 1: int(n) for s, n in enumerate(found) if n >= 0} == expected
