"""What is measured of Parley."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from parley.case.agenda import Agenda
from parley.deals.frontier import efficient_frontier
from parley.deals.kernels import walk_worlds
from parley.deals.space import Space
from parley.deals.utilities import NEAR, Utilities

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Row:
    """One line of the table: what, what was found, seconds (or another unit), and the aim."""

    what: str
    found: str
    measured: str
    aim: str


def space_of(issues: int, options: int) -> Space:
    """All packages of so many issues, each with so many options."""
    names = tuple(f"i{k:03}" for k in range(issues))
    rows = tuple(tuple(f"o{j}" for j in range(options)) for _ in names)
    return Space.of(Agenda(names, rows, (None,) * issues), [])


def values_of(seed: int, parties: int, issues: int, options: int) -> np.ndarray:
    """Shape (P, K): random weights on the simplex times random scores."""
    generator = np.random.default_rng(seed)
    weights = generator.dirichlet(np.ones(issues), size=parties)
    return np.repeat(weights, options, axis=1) * generator.random((parties, issues * options))


def best_of(count: int, work: Callable[[], object]) -> float:
    """The least of some runs, in seconds."""
    times = []
    for _ in range(count):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return min(times)


def frontier(parties: int, issues: int, options: int) -> tuple[float, int]:
    """Seconds and points of one frontier, after compilation."""
    space = space_of(issues, options)
    names = tuple("abcde"[:parties])
    utilities = Utilities(names, values_of(1, parties, issues, options), np.zeros(parties))
    points = len(efficient_frontier(space, utilities).points)
    return best_of(3, lambda: efficient_frontier(space, utilities)), points


def worlds(count: int = 10_000, issues: int = 15, options: int = 5) -> tuple[float, float]:
    """Seconds for frontier and Nash package of two parties in every world, and mean points."""
    space = space_of(issues, options)
    values = np.stack([values_of(k, 2, issues, options) for k in range(count)])
    reservation, active = np.full((count, 2), 0.5), np.zeros((count, 0), dtype=bool)
    floor = reservation - NEAR

    def work() -> np.ndarray:
        _, size, _ = walk_worlds(
            space.arcs, values, reservation, floor, active, space.agenda.issue_of, True
        )
        return np.asarray(size)

    mean = float(work().mean())
    return best_of(3, work), mean


def command(*arguments: str, times: int = 3) -> tuple[float, float]:
    """Wall seconds (least of some runs) and peak memory in MB of a whole process."""
    best, peak = float("inf"), 0.0
    with tempfile.TemporaryDirectory() as folder:
        filled = [a.replace("OUT", folder) for a in arguments]
        for _ in range(times):
            began = time.perf_counter()
            with subprocess.Popen(
                [sys.executable, "-m", "parley", *filled], stdout=subprocess.DEVNULL, cwd=ROOT
            ) as process:
                _, status, usage = os.wait4(process.pid, 0)
                process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode:
                raise SystemExit(f"parley {' '.join(filled)} ended with {process.returncode}")
            best = min(best, time.perf_counter() - began)
            peak = max(peak, usage.ru_maxrss / 1024)
    return best, peak


def all_rows() -> list[Row]:
    """Every line of Parley's own table."""
    rows = []
    seconds, mean = worlds()
    what = "10,000 worlds × 2 parties × 15 issues of 5 options: frontier and Nash in each"
    rows.append(Row(what, f"{mean:.0f} points on average", f"{seconds:.2f} s", "2 s"))
    for parties, issues, options, aim in ((2, 100, 5, "0.3 s"), (5, 12, 4, "2 s")):
        seconds, points = frontier(parties, issues, options)
        what = f"one frontier: {parties} parties × {issues} issues of {options} options"
        rows.append(Row(what, f"{points:,} points", f"{seconds:.3f} s", aim))
    seconds, peak = command("brief", "examples/istanbul-2025", "--out", "OUT")
    what = "`parley brief examples/istanbul-2025`, whole process, kernels cached"
    rows.append(Row(what, "10,000 worlds", f"{seconds:.1f} s", "10 s"))
    rows.append(Row("the same: peak memory", "", f"{peak:.0f} MB", "600 MB"))
    seconds, _ = command("--help", times=5)
    rows.append(Row("`parley --help`, whole process", "", f"{seconds:.2f} s", "0.4 s"))
    return rows
