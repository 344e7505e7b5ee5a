"""K. W. Li, K. W. Hipel, D. M. Kilgour & L. Fang, IEEE Transactions SMC-A 34, 2004.

Lake Gisborne with a province whose preference is uncertain. The model is recalled and was not
checked against the text; the table was computed twice over from the definitions.
"""

from __future__ import annotations

from parley.conflict.unknown import CONCEPTS, TYPES, unknown_stability
from tests.conflicts import states_where
from tests.published.conflicts import Table, example

TABLE: Table = {
    "Nash_a": {"federal": [2, 4, 6, 8], "provincial": [], "support": [3, 4, 5, 6]},
    "GMR_a": {"federal": [2, 4, 6, 8], "provincial": [], "support": [3, 4, 5, 6, 7, 8]},
    "SMR_a": {"federal": [2, 4, 6, 8], "provincial": [], "support": [3, 4, 5, 6, 7, 8]},
    "SEQ_a": {"federal": [2, 4, 6, 8], "provincial": [], "support": [3, 4, 5, 6, 7, 8]},
    "Nash_b": {
        "federal": [2, 4, 6, 8],
        "provincial": [1, 2, 3, 4, 5, 6, 7, 8],
        "support": [3, 4, 5, 6],
    },
    "GMR_b": {
        "federal": [2, 4, 6, 8],
        "provincial": [1, 2, 3, 4, 5, 6, 7, 8],
        "support": [3, 4, 5, 6, 7, 8],
    },
    "SMR_b": {
        "federal": [2, 4, 6, 8],
        "provincial": [1, 2, 3, 4, 5, 6, 7, 8],
        "support": [3, 4, 5, 6, 7, 8],
    },
    "SEQ_b": {
        "federal": [2, 4, 6, 8],
        "provincial": [1, 2, 3, 4, 5, 6, 7, 8],
        "support": [3, 4, 5, 6, 7, 8],
    },
    "Nash_c": {"federal": [2, 4, 6, 8], "provincial": [], "support": [3, 4, 5, 6]},
    "GMR_c": {
        "federal": [2, 4, 6, 8],
        "provincial": [1, 2, 3, 4, 5, 6, 7, 8],
        "support": [3, 4, 5, 6, 7, 8],
    },
    "SMR_c": {
        "federal": [2, 4, 6, 8],
        "provincial": [1, 2, 3, 4, 5, 6, 7, 8],
        "support": [3, 4, 5, 6, 7, 8],
    },
    "SEQ_c": {
        "federal": [2, 4, 6, 8],
        "provincial": [1, 3, 4, 5, 6, 7],
        "support": [3, 4, 5, 6, 7, 8],
    },
    "Nash_d": {
        "federal": [2, 4, 6, 8],
        "provincial": [1, 2, 3, 4, 5, 6, 7, 8],
        "support": [3, 4, 5, 6],
    },
    "GMR_d": {
        "federal": [2, 4, 6, 8],
        "provincial": [1, 2, 3, 4, 5, 6, 7, 8],
        "support": [3, 4, 5, 6, 7, 8],
    },
    "SMR_d": {
        "federal": [2, 4, 6, 8],
        "provincial": [1, 2, 3, 4, 5, 6, 7, 8],
        "support": [3, 4, 5, 6, 7, 8],
    },
    "SEQ_d": {
        "federal": [2, 4, 6, 8],
        "provincial": [1, 2, 3, 4, 5, 6, 7, 8],
        "support": [3, 4, 5, 6, 7, 8],
    },
}


def test_the_four_types() -> None:
    conflict = example("li-hipel-kilgour-fang-2004/lake-gisborne")
    found = unknown_stability(conflict)
    for kind in TYPES:
        for concept in CONCEPTS:
            for i, party in enumerate(conflict.parties):
                states = states_where(found.stable[kind, concept][i])
                assert states == TABLE[f"{concept.value}_{kind}"][party]


def test_equilibria() -> None:
    found = unknown_stability(example("li-hipel-kilgour-fang-2004/lake-gisborne"))
    expected = {
        "a": ([], [], [], []),
        "b": ([4, 6], [4, 6, 8], [4, 6, 8], [4, 6, 8]),
        "c": ([], [4, 6, 8], [4, 6, 8], [4, 6]),
        "d": ([4, 6], [4, 6, 8], [4, 6, 8], [4, 6, 8]),
    }
    for kind in TYPES:
        states = tuple([s + 1 for s in found.equilibria(kind, c)] for c in CONCEPTS)
        assert states == expected[kind]
