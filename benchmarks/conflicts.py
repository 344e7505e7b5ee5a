"""What is measured of conflicts: five concepts, worlds, and the published matrices beside."""

from __future__ import annotations

import multiprocessing
import resource
import time
from dataclasses import dataclass

import numpy as np

from benchmarks.cases import Row, best_of
from benchmarks.matrices import stable_by_matrices
from parley.case.moves import Moves
from parley.conflict.ensemble import stability_in_worlds
from parley.conflict.model import Conflict
from parley.conflict.stability import Concept, stability
from parley.preferences.standing import Standing
from parley.preferences.streams import Streams

WITH_MATRICES = (Concept.NASH, Concept.GMR, Concept.SMR, Concept.SEQ)


@dataclass(frozen=True)
class Ratio:
    """One conflict by both: states, seconds, and whether they agree on every state."""

    states: int
    matrix_seconds: float
    our_seconds: float
    agree: bool


def owners_of(options: int, parties: int) -> list[int]:
    """The party of each option, in equal shares."""
    return sorted(k % parties for k in range(options))


def conflict_of(options: int, parties: int, *, irreversible: bool = False) -> Conflict:
    """All combinations of so many options; preferences at random."""
    owners = owners_of(options, parties)
    makers = [
        {
            "party": f"p{i}",
            "options": [
                {"id": f"o{k}", "name": f"option {k}"}
                | ({"irreversible": "forward"} if irreversible and k % 3 == 0 else {})
                for k in range(options)
                if owners[k] == i
            ],
            "weights": {},
        }
        for i in range(parties)
    ]
    conflict = Conflict.of(Moves.model_validate({"decision_makers": makers}))
    generator = np.random.default_rng(1)
    values = [generator.permutation(conflict.size) for _ in range(parties)]
    return conflict.with_values(np.stack(values).astype(np.int32))


def ratio(options: int, parties: int) -> Ratio:
    """The four concepts that have matrices, by matrices and by Parley."""
    conflict = conflict_of(options, parties)
    values = conflict.preferences.values
    began = time.perf_counter()
    theirs = stable_by_matrices(owners_of(options, parties), values)
    taken = time.perf_counter() - began
    found = stability(conflict, WITH_MATRICES)
    ours = np.stack([found.stable[concept] for concept in WITH_MATRICES])
    seconds = best_of(3, lambda: stability(conflict, WITH_MATRICES))
    return Ratio(conflict.size, taken, seconds, bool((ours == theirs).all()))


def all_ratios() -> list[Ratio]:
    """Three parties, from 2^6 to 2^12 states."""
    return [ratio(options, 3) for options in (6, 8, 10, 12)]


def timed(options: int, parties: int, irreversible: bool) -> tuple[float, float]:
    """Seconds for all five concepts, and the peak memory of the process in MB."""
    conflict = conflict_of(options, parties, irreversible=irreversible)
    stability(conflict_of(parties, parties, irreversible=irreversible))  # compiles
    seconds = best_of(1 if options > 16 else 3, lambda: stability(conflict))
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def worlds(count: int = 10_000) -> float:
    """Seconds for the five concepts in so many worlds of 2^8 states and four parties."""
    makers = [
        {
            "party": f"p{i}",
            "options": [{"id": f"o{2 * i}", "name": "one"}, {"id": f"o{2 * i + 1}", "name": "two"}],
            "statements": [
                {"prefer": f"o{(2 * i) % 8}", "importance": 1},
                {"prefer": f"not o{(2 * i + 3) % 8}", "importance": 1},
                {"prefer": f"o{(2 * i + 5) % 8} if o1", "importance": 1},
            ],
            "rest": "open",
        }
        for i in range(4)
    ]
    conflict = Conflict.of(Moves.model_validate({"decision_makers": makers}))

    def run(size: int) -> object:
        standing = Standing((), (), np.zeros((size, 0), dtype=bool))
        return stability_in_worlds(conflict, standing, Streams(1, "benchmark", size))

    run(100)
    return best_of(2, lambda: run(count))


def conflict_rows() -> list[Row]:
    """The lines of the table that are about conflicts; each size in a process of its own."""
    rows = []
    sizes = [(12, 3, "0.04 s"), (16, 5, "2 s"), (20, 5, "60 s")]
    fresh = multiprocessing.get_context("spawn")
    for options, parties, aim in sizes:
        for irreversible in (False, True):
            with fresh.Pool(1) as pool:
                seconds, peak = pool.apply(timed, (options, parties, irreversible))
            kind = "a third of the options irreversible" if irreversible else "all reversible"
            what = f"five concepts: 2^{options} states × {parties} parties, {kind}"
            rows.append(Row(what, f"peak {peak:.0f} MB", f"{seconds:.3g} s", aim))
    what = "10,000 worlds × 2^8 states × 4 parties: five concepts in each"
    rows.append(Row(what, "", f"{worlds():.1f} s", "10 s"))
    return rows
