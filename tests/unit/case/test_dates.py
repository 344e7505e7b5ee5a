"""Dates with their precision."""

from __future__ import annotations

import pytest

from parley.case.dates import read_when


@pytest.mark.parametrize(
    ("text", "precision", "first", "last"),
    [
        ("2025", "year", "2025-01-01", "2025-12-31"),
        ("2025-02", "month", "2025-02-01", "2025-02-28"),
        ("2024-12", "month", "2024-12-01", "2024-12-31"),
        ("2024-02-29", "day", "2024-02-29", "2024-02-29"),
        ("2025-05-28/2025-05-30", "span", "2025-05-28", "2025-05-30"),
        ("2025-05~", "month", "2025-05-01", "2025-05-31"),
        ("2025-05-28T14:00+03:00", "minute", "2025-05-28", "2025-05-28"),
        ("2025-05-28T14:00:30Z", "minute", "2025-05-28", "2025-05-28"),
    ],
)
def test_forms(text: str, precision: str, first: str, last: str) -> None:
    when = read_when(text)
    assert when.precision == precision
    assert when.day == first
    assert when.latest.date().isoformat() == last
    assert when.about == text.endswith("~")
    assert str(when) == text


@pytest.mark.parametrize(
    "text",
    ["", "May 2025", "2025-13", "2025-02-29", "2025-5-1", "2025-05-28T14:00", "2025/2026/2027",
     "2025-05-30/2025-05-28", "2025-05-28T25:00Z", "20250528"],
)  # fmt: skip
def test_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a date|not in the calendar|ends before"):
        read_when(text)


def test_precedes_allows_for_zones() -> None:
    day, moment = read_when("2025-05-28"), read_when("2025-05-29T01:00+03:00")
    assert day.precedes(read_when("2025-05-29"))
    assert not day.precedes(moment)  # the day may have been dated far to the west
    assert day.precedes(read_when("2025-06"))
    assert not read_when("2025-05").precedes(day)
