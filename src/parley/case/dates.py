"""Dates with their precision.

A source seldom gives a moment; it gives a month, a day, or "between the 20th and the 28th".
The forms taken are a small, strict part of the Extended Date/Time Format (ISO 8601-2:2019):
``2025``, ``2025-05``, ``2025-05-28``, ``2025-05-28T14:00+03:00``, ``2025-05-20/2025-05-28`` for
a span, and a closing ``~`` for "about" (``2025-05~``).
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer, WithJsonSchema

Precision = Literal["year", "month", "day", "minute", "span"]

_FORM = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d{2})(?:-(?P<day>\d{2})"
    r"(?:T(?P<clock>\d{2}:\d{2}(?::\d{2})?)(?P<zone>Z|[+-]\d{2}:\d{2}))?)?)?"
)
_ZONES = timedelta(hours=14)  # a day without a zone may begin so much earlier than in UTC
_HELP = "write 2025, 2025-05, 2025-05-28, 2025-05-28T14:00+03:00 or 2025-05-20/2025-05-28"


class When(BaseModel):
    """A date as it was given: its text, its bounds, and how precise it is.

    `earliest` and `latest` are aware datetimes (UTC where the source names no zone) that
    enclose the moment; `about` tells that the source itself called the date approximate.
    """

    model_config = ConfigDict(frozen=True)

    text: str
    earliest: datetime
    latest: datetime
    precision: Precision
    about: bool = False

    def __str__(self) -> str:
        return self.text

    @property
    def day(self) -> str:
        """The first day of the span, as ``YYYY-MM-DD``."""
        return self.earliest.date().isoformat()

    def precedes(self, other: When) -> bool:
        """Whether all of this lies before all of `other`, wherever on earth each was dated."""
        zones_differ = (self.precision == "minute") != (other.precision == "minute")
        return self.latest + _ZONES * zones_differ < other.earliest


def read_when(text: str) -> When:
    """Read a date with its precision.

    Raises
    ------
    ValueError
        If the text has another form, or names a day that the calendar does not have.
    """
    plain = text.strip()
    about = plain.endswith("~")
    parts = plain.rstrip("~").split("/")
    if len(parts) > 2:
        raise ValueError(f"{text!r} is not a date: {_HELP}")
    bounds = [_bounds(part, text) for part in parts]
    earliest, latest = bounds[0][0], bounds[-1][1]
    if latest < earliest:
        raise ValueError(f"{text!r} ends before it begins: write the earlier date first")
    precision: Precision = "span" if len(parts) == 2 else bounds[0][2]
    return When(text=plain, earliest=earliest, latest=latest, precision=precision, about=about)


def _bounds(part: str, whole: str) -> tuple[datetime, datetime, Precision]:
    found = _FORM.fullmatch(part)
    if found is None:
        raise ValueError(f"{whole!r} is not a date: {_HELP}")
    try:
        return _calendar(found)
    except ValueError as error:
        raise ValueError(f"{whole!r} is not in the calendar: {error}") from None


def _calendar(found: re.Match[str]) -> tuple[datetime, datetime, Precision]:
    year, month, day, clock, zone = found.group("year", "month", "day", "clock", "zone")
    first = date(int(year), int(month or 1), int(day or 1))
    if clock:
        moment = datetime.fromisoformat(f"{first}T{clock}{'+00:00' if zone == 'Z' else zone}")
        return moment, moment, "minute"
    if day:
        last, precision = first, "day"
    elif month:
        last, precision = _month_end(first), "month"
    else:
        last, precision = date(first.year, 12, 31), "year"
    start = datetime.combine(first, time.min, UTC)
    return start, datetime.combine(last, time.max, UTC), precision  # type: ignore[return-value]


def _month_end(first: date) -> date:
    if first.month == 12:
        return date(first.year, 12, 31)
    return date(first.year, first.month + 1, 1) - timedelta(days=1)


def _before(value: Any) -> Any:
    if isinstance(value, When):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not a date: {_HELP}")
    return read_when(value)


Date = Annotated[
    When,
    BeforeValidator(_before),
    PlainSerializer(str),
    WithJsonSchema(
        {
            "type": ["string", "integer"],
            "description": f"A date with its precision: {_HELP}; a closing ~ for 'about'.",
            "examples": ["2025-05-28", "2025-05", "2025-05-20/2025-05-28", "2025-05~"],
        }
    ),
]
"""A field that holds a `When`, read from and written as its text."""
