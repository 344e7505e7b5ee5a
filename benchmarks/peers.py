"""The same frontiers by NegMAS, in the same run, on the same utilities."""

from __future__ import annotations

import time
from dataclasses import dataclass

import negmas
import numpy as np
from negmas.outcomes import make_issue, make_os
from negmas.preferences import LinearAdditiveUtilityFunction
from negmas.preferences.ops import pareto_frontier
from negmas.preferences.value_fun import TableFun

from benchmarks.cases import frontier, values_of


@dataclass(frozen=True)
class Compared:
    """One frontier by both: packages, seconds and points."""

    what: str
    packages: int
    peer_seconds: float
    peer_points: int
    our_seconds: float
    our_points: int


def compare(parties: int, issues: int, options: int) -> Compared:
    """Find one frontier by NegMAS and by Parley."""
    values = values_of(1, parties, issues, options).reshape(parties, issues, options)
    made = [make_issue(options, f"i{k}") for k in range(issues)]
    outcomes = make_os(made)
    utilities = [
        LinearAdditiveUtilityFunction(
            values=[TableFun(dict(enumerate(row.tolist()))) for row in values[p]],
            weights=[1.0] * issues,
            outcome_space=outcomes,
        )
        for p in range(parties)
    ]
    began = time.perf_counter()
    points, _ = pareto_frontier(utilities, issues=made)
    taken = time.perf_counter() - began
    ours, count = frontier(parties, issues, options)
    distinct = len(np.unique(np.round(np.array(points), 9), axis=0))
    what = f"{parties} parties × {issues} issues of {options} options"
    return Compared(what, options**issues, taken, distinct, ours, count)


def all_compared() -> list[Compared]:
    """Two parties with a million packages; five parties."""
    return [compare(2, 6, 10), compare(5, 10, 4)]


VERSION = str(negmas.__version__)
