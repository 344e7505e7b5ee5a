"""Times as people at a table read them: the round's own zone first, UTC beside it."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django import template
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import pgettext

from parley.room.models import Round

register = template.Library()


@register.filter
def when(moment: datetime | str | None, round_: Round | None = None) -> SafeString | str:
    """A time, in the zone of a round and in UTC; a time of the log may be given as it stands."""
    if not moment:
        return ""
    at = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    utc = at.astimezone(UTC)
    there = utc.astimezone(zone_of(round_))
    written = utc.strftime("%Y-%m-%dT%H:%M:%SZ")
    if there.utcoffset() == utc.utcoffset():
        return format_html('<time datetime="{}">{} UTC</time>', written, _full(utc))
    beside = _clock(utc) if there.date() == utc.date() else _full(utc)
    return format_html(
        '<time datetime="{}">{} {}</time> ({} UTC)',
        written,
        _full(there),
        str(there.tzinfo).replace("_", " "),
        beside,
    )


def zone_of(round_: Round | None) -> ZoneInfo:
    """The zone of a round; UTC where there is none."""
    try:
        return ZoneInfo(round_.zone if round_ is not None else "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def _full(at: datetime) -> str:
    day = pgettext("a day, in the letters of Django", "j F Y")
    return f"{date_format(at, day)}, {_clock(at)}"


def _clock(at: datetime) -> str:
    return f"{at:%H:%M}"
