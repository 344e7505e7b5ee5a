"""Numbers in words: an estimate is never called exact."""

from __future__ import annotations

from parley.deals.counting import Count
from parley.report.words import counted


def test_an_estimated_count_says_so() -> None:
    assert counted(Count(1234, True, 0, 0, "")) == "1,234"
    assert counted(Count(12_345_678, False, 1_000, 200_000, "")) == (
        "about 12,345,678 (± 2,000: estimated from 200,000 packages drawn at random)"
    )
    huge = counted(Count(7 * 10**400, False, 10**398, 200_000, ""))
    assert huge.startswith("about 7.0 × 10^400 (± 2.0 × 10^398: ")
