"""``make bench``: measure, print, and write docs/benchmarks.md."""

from __future__ import annotations

import os
import platform
from pathlib import Path

from benchmarks.cases import all_rows
from benchmarks.conflicts import all_ratios, conflict_rows
from benchmarks.peers import VERSION, all_compared
from benchmarks.room import room_rows
from benchmarks.texts import text_rows

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"


def page() -> str:
    """The page as Markdown."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    machine = f"{os.cpu_count()} cores, {memory:.0f} GiB, Python {platform.python_version()}"
    lines = [
        "# Benchmarks",
        "",
        f"Made by `make bench` on a machine with {machine}: least of three runs, after",
        "compilation (the peer: one run). Speed is measured here and never asserted in a test.",
        "",
        "| what | found | measured | aim |",
        "|---|---|---|---|",
        *(
            f"| {r.what} | {r.found} | {r.measured} | {r.aim} |"
            for r in [*all_rows(), *conflict_rows(), *text_rows(), *room_rows()]
        ),
        "",
        f"## Beside NegMAS {VERSION}, in the same run",
        "",
        "The efficient frontier of the same random additive utilities. NegMAS lists all packages;",
        "Parley merges issue by issue and never lists them, so the ratio grows with the packages.",
        "",
        "| frontier | packages | NegMAS | points | Parley | points | ratio |",
        "|---|---|---|---|---|---|---|",
        *(
            f"| {c.what} | {c.packages:,} | {c.peer_seconds:.2f} s | {c.peer_points:,} | "
            f"{_short(c.our_seconds)} | {c.our_points:,} | {c.peer_seconds / c.our_seconds:,.0f} |"
            for c in all_compared()
        ),
        "",
        "## Beside the published matrices, in the same run",
        "",
        "Nash, GMR, SMR and SEQ for three parties, all states, preferences at random. The matrices",
        "are those of Xu, Li, Hipel & Kilgour (2009), written as published with numpy in single",
        "precision on all cores; a Python program of that kind is reported to take 42 to 46 s for",
        "4,096 states. Parley walks the moves of each party as a subcube and multiplies nothing.",
        "",
        "| states | matrices | Parley | ratio | same answers |",
        "|---|---|---|---|---|",
        *(
            f"| {r.states:,} | {_short(r.matrix_seconds)} | {_short(r.our_seconds)} | "
            f"{r.matrix_seconds / r.our_seconds:,.0f} | {'yes' if r.agree else 'NO'} |"
            for r in all_ratios()
        ),
    ]
    return "\n".join(lines) + "\n"


def _short(seconds: float) -> str:
    """Seconds, in a unit that shows three digits."""
    if seconds < 1e-3:
        return f"{seconds * 1e6:.0f} µs"
    return f"{seconds * 1e3:.0f} ms" if seconds < 1 else f"{seconds:.2f} s"


if __name__ == "__main__":
    text = page()
    print(text)
    PAGE.write_text(text, encoding="utf-8")
