"""L. Hamouda, D. M. Kilgour & K. W. Hipel, Applied Mathematics and Computation 179, 2006.

Elmira with strength of preference. Where the marks of great preference stand is recalled and was
not checked against the text; the table was computed twice over from the definitions.
"""

from __future__ import annotations

from parley.conflict.stability import stability
from tests.published.conflicts import Table, example, table

TABLE: Table = {
    "SGMR": {
        "moe": [1, 2, 3, 4, 5, 6, 7, 8, 9],
        "uniroyal": [1, 4, 5, 8, 9],
        "local": [1, 2, 3, 4, 5, 6, 7, 8, 9],
    },
    "SSMR": {
        "moe": [1, 2, 3, 4, 5, 6, 7, 8, 9],
        "uniroyal": [1, 4, 5, 8, 9],
        "local": [1, 2, 3, 4, 5, 6, 7, 8, 9],
    },
    "SSEQ": {
        "moe": [1, 2, 3, 4, 5, 6, 7, 8, 9],
        "uniroyal": [1, 4, 5, 8, 9],
        "local": [2, 3, 5, 6, 7, 8, 9],
    },
}


def test_strong_stability() -> None:
    conflict = example("hamouda-kilgour-hipel-2006/elmira-strength")
    found = table(conflict)
    assert {label: found[label] for label in TABLE} == TABLE
    strong = stability(conflict).strong_equilibria
    assert {c.value: [s + 1 for s in states] for c, states in strong.items()} == {
        "GMR": [1, 4, 5, 8, 9],
        "SMR": [1, 4, 5, 8, 9],
        "SEQ": [5, 8, 9],
    }
