"""K. W. Hipel, D. M. Kilgour & R. A. Kinsara, Group Decision and Negotiation 23, 2014.

Syria and Iraq, 1975. The rankings are published; the table was computed twice over from the
definitions. Of the inverse counts the one for Nash, 240, is published; for SEQ a program's guide
prints 420, and the definitions give 384: both are told in docs/methods/conflict.md.
"""

from __future__ import annotations

from itertools import permutations

import numpy as np

from parley.conflict.inverse import count_rankings, whose_mind_must_change
from parley.conflict.stability import Concept, stability
from tests.published.conflicts import Table, equilibria, example, table

TABLE: Table = {
    "Nash": {"syria": [1, 6], "iraq": [2, 4, 6]},
    "GMR": {"syria": [1, 3, 6], "iraq": [1, 2, 4, 5, 6]},
    "SMR": {"syria": [1, 3, 6], "iraq": [2, 4, 6]},
    "SEQ": {"syria": [1, 3, 6], "iraq": [2, 4, 5, 6]},
    "SIM": {"syria": [1, 3, 6], "iraq": [2, 4, 5, 6]},
}
RANKINGS = {"syria": [1, 3, 6, 2, 4, 5], "iraq": [2, 4, 6, 1, 5, 3]}
BY_DEFINITION = {"Nash": 240, "GMR": 384, "SMR": 300, "SEQ": 384, "SIM": 240}
PRINTED_IN_A_GUIDE = {"Nash": 240, "SEQ": 420}
NAME = "hipel-kilgour-kinsara-2014/syria-iraq-1975"


def test_the_statements_give_the_rankings() -> None:
    conflict = example(NAME)
    for i, party in enumerate(conflict.parties):
        order = np.argsort(-conflict.preferences.values[i], kind="stable")
        assert [int(s) + 1 for s in order] == RANKINGS[party]


def test_table_and_equilibria() -> None:
    conflict = example(NAME)
    assert table(conflict) == TABLE
    assert equilibria(conflict) == {"Nash": [6], "GMR": [1, 6], "SMR": [6], "SEQ": [6], "SIM": [6]}


def test_rankings_that_would_make_state_2_hold() -> None:
    conflict = example(NAME)
    found = {c.value: count_rankings(conflict, "syria", 1, c) for c in Concept}
    assert found == BY_DEFINITION
    differing = [c for c, count in PRINTED_IN_A_GUIDE.items() if count != found[c]]
    assert differing == ["SEQ"]


def test_the_counts_are_those_of_trying_every_ranking() -> None:
    conflict = example(NAME)
    counts = dict.fromkeys(Concept, 0)
    for order in permutations(range(6)):
        values = conflict.preferences.values.copy()
        values[0, list(order)] = np.arange(6)
        found = stability(conflict.with_values(values))
        for concept in Concept:
            counts[concept] += bool(found.stable[concept][0, 1])
    assert {c.value: n for c, n in counts.items()} == BY_DEFINITION


def test_whose_mind_must_change() -> None:
    syria, iraq = whose_mind_must_change(example(NAME), 1, Concept.SEQ)
    assert iraq.stable
    assert (syria.stable, syria.fewest, syria.possible) == (False, 1, 720)
    assert set(syria.alternatives) == {frozenset({2}), frozenset({5})}
