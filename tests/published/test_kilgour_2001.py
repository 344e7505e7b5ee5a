"""D. M. Kilgour, K. W. Hipel, L. Fang & X. Peng, Group Decision and Negotiation 10, 2001: Elmira.

Rankings, moves, the equilibria 5, 8 and 9 and the jump from 5 to 8 are published; the tables,
state by state, were computed twice over from the definitions. Status quo analysis after K. W. Li,
D. M. Kilgour & K. W. Hipel, Journal of the Operational Research Society 56, 2005.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from parley.conflict.coalitions import (
    CoalitionConcept,
    all_coalitions,
    coalition,
    jumps,
    structure_equilibria,
)
from parley.conflict.paths import reached_from, shortest_paths
from parley.conflict.stability import Concept, stability
from tests.conflicts import states_where
from tests.published.conflicts import Table, equilibria, example, table

TABLE: Table = {
    "Nash": {
        "moe": [1, 2, 3, 4, 5, 6, 7, 8, 9],
        "uniroyal": [1, 4, 5, 8, 9],
        "local": [5, 6, 7, 8, 9],
    },
    "GMR": {
        "moe": [1, 2, 3, 4, 5, 6, 7, 8, 9],
        "uniroyal": [1, 4, 5, 8, 9],
        "local": [1, 2, 3, 4, 5, 6, 7, 8, 9],
    },
    "SMR": {
        "moe": [1, 2, 3, 4, 5, 6, 7, 8, 9],
        "uniroyal": [1, 4, 5, 8, 9],
        "local": [1, 2, 3, 4, 5, 6, 7, 8, 9],
    },
    "SEQ": {
        "moe": [1, 2, 3, 4, 5, 6, 7, 8, 9],
        "uniroyal": [1, 4, 5, 8, 9],
        "local": [2, 3, 5, 6, 7, 8, 9],
    },
    "SIM": {
        "moe": [1, 2, 3, 4, 5, 6, 7, 8, 9],
        "uniroyal": [1, 4, 5, 8, 9],
        "local": [2, 3, 5, 6, 7, 8, 9],
    },
}
MOVES = {
    "moe": [(1, 2), (3, 4), (5, 6), (7, 8)],
    "uniroyal": [
        (1, 3),
        (1, 9),
        (2, 4),
        (2, 9),
        (3, 9),
        (4, 9),
        (5, 7),
        (5, 9),
        (6, 8),
        (6, 9),
        (7, 9),
        (8, 9),
    ],
    "local": [(1, 5), (2, 6), (3, 7), (4, 8), (5, 1), (6, 2), (7, 3), (8, 4)],
}
COALITIONS: dict[tuple[str, ...], dict[str, Any]] = {
    ("moe", "uniroyal"): {
        "improvements": {2: [4], 5: [8], 6: [8]},
        "CNash": [1, 3, 4, 7, 8, 9],
        "CGMR": [1, 3, 4, 7, 8, 9],
        "CSMR": [1, 3, 4, 7, 8, 9],
        "CSEQ": [1, 3, 4, 7, 8, 9],
    },
    ("moe", "local"): {
        "improvements": {1: [5], 3: [7]},
        "CNash": [2, 4, 5, 6, 7, 8, 9],
        "CGMR": [1, 2, 3, 4, 5, 6, 7, 8, 9],
        "CSMR": [1, 2, 3, 4, 5, 6, 7, 8, 9],
        "CSEQ": [2, 3, 4, 5, 6, 7, 8, 9],
    },
    ("uniroyal", "local"): {
        "improvements": {2: [4, 8], 6: [8]},
        "CNash": [1, 3, 4, 5, 7, 8, 9],
        "CGMR": [1, 3, 4, 5, 7, 8, 9],
        "CSMR": [1, 3, 4, 5, 7, 8, 9],
        "CSEQ": [1, 3, 4, 5, 7, 8, 9],
    },
    ("moe", "uniroyal", "local"): {
        "improvements": {2: [4, 8], 6: [8]},
        "CNash": [1, 3, 4, 5, 7, 8, 9],
        "CGMR": [1, 3, 4, 5, 7, 8, 9],
        "CSMR": [1, 3, 4, 5, 7, 8, 9],
        "CSEQ": [1, 3, 4, 5, 7, 8, 9],
    },
}
NAME = "kilgour-hipel-fang-peng-2001/elmira"


def test_states_and_moves() -> None:
    conflict = example(NAME)
    assert conflict.size == 9
    assert conflict.states.pattern(8) == "-NNY-"
    for i, party in enumerate(conflict.parties):
        found = [(s + 1, int(t) + 1) for s in range(9) for t in conflict.reached(i, s)]
        assert sorted(found) == sorted(MOVES[party])


def test_table_and_equilibria() -> None:
    conflict = example(NAME)
    assert table(conflict) == TABLE
    assert equilibria(conflict) == {
        "Nash": [5, 8, 9],
        "GMR": [1, 4, 5, 8, 9],
        "SMR": [1, 4, 5, 8, 9],
        "SEQ": [5, 8, 9],
        "SIM": [5, 8, 9],
    }


def test_a_ranking_that_an_example_file_has_otherwise_changes_no_stability() -> None:
    conflict = example(NAME)
    values = conflict.preferences.values.copy()
    order = [1, 4, 8, 5, 9, 2, 3, 7, 6]
    values[1, [s - 1 for s in order]] = np.arange(9)[::-1]
    assert table(conflict.with_values(values)) == TABLE


def test_coalitions() -> None:
    conflict = example(NAME)
    for members, expected in COALITIONS.items():
        found = coalition(conflict, members)
        better = {s + 1: [t + 1 for t in goals] for s, goals in found.improvements.items()}
        assert better == expected["improvements"]
        for concept in CoalitionConcept:
            assert states_where(found.stable[concept]) == expected[concept.value]


def test_ministry_and_company_jump_from_5_to_8_behind_the_third() -> None:
    conflict = example(NAME)
    fixed = stability(conflict).equilibria[Concept.NASH]
    (jump,) = jumps(all_coalitions(conflict), fixed)
    assert (jump.members, jump.start + 1, jump.goal + 1) == (("moe", "uniroyal"), 5, 8)


def test_coalition_structure() -> None:
    found = structure_equilibria(example(NAME), [["moe", "uniroyal"], ["local"]])
    assert [s + 1 for s in found[CoalitionConcept.CNASH]] == [7, 8, 9]


def test_status_quo() -> None:
    conflict = example(NAME)
    improving = reached_from(conflict, 0, improving=True)
    assert {s + 1: int(n) for s, n in enumerate(improving.fewest) if n >= 0} == {1: 0, 5: 1}
    by_any = reached_from(conflict, 0)
    fewest = {1: 0, 2: 1, 3: 1, 4: 2, 5: 1, 6: 2, 7: 2, 8: 3, 9: 1}
    assert {s + 1: int(n) for s, n in enumerate(by_any.fewest)} == fewest
    paths = shortest_paths(conflict, by_any, 7)
    assert (paths.moves, paths.count, len(paths.listed)) == (3, 6, 6)
    orders = {tuple(step.party for step in path) for path in paths.listed}
    assert len(orders) == 6
