"""Published conflicts, from the examples, and their tables."""

from __future__ import annotations

from pathlib import Path

from parley.case.moves_check import open_moves
from parley.conflict.model import Conflict
from parley.conflict.stability import Concept, stability
from tests.conflicts import states_where

FOLDER = Path(__file__).parents[2] / "examples" / "published"
Table = dict[str, dict[str, list[int]]]


def example(name: str) -> Conflict:
    """A conflict of the examples."""
    return Conflict.of(open_moves(FOLDER / f"{name}.yaml").moves)


def table(conflict: Conflict) -> Table:
    """For each concept and party the states, from 1, that are stable; strong ones with an S."""
    found = stability(conflict)
    rows = {c.value: found.stable[c] for c in Concept if c in found.stable}
    rows |= {f"S{c.value}": row for c, row in found.strong.items()}
    return {
        label: {party: states_where(row[i]) for i, party in enumerate(conflict.parties)}
        for label, row in rows.items()
    }


def equilibria(conflict: Conflict) -> dict[str, list[int]]:
    """For each concept the equilibria, from 1."""
    found = stability(conflict)
    return {c.value: [s + 1 for s in states] for c, states in found.equilibria.items()}
