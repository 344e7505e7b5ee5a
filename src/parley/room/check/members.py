"""Who is a member, against the logs of those whom it concerns.

Whose account a place is, no log holds; nor passwords. Who could write into the database and the
logs could make himself a member, and the delegation would see it in its log.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from parley.room.check.logs import PLACES, Log
from parley.room.check.problem import Problem, Severity
from parley.room.check.rooms import Names, acts_as
from parley.room.models import Kind, Member, Room

APART = timedelta(seconds=5)
"""By how much the time of an entry and that of the row may differ."""


class Event(NamedTuple):
    """That somebody came or went, and for whom he acts; `written` orders them, not the clock."""

    written: int
    at: datetime
    kind: str
    who: str


def member_problems(room: Room, logs: Mapping[str, Log]) -> Iterator[Problem]:
    """Check that those who are members have come as the logs tell, and have not gone."""
    told = _told(logs)
    untold = []
    severity: Severity = "error" if told else "warning"
    for member in Member.objects.filter(room=room).select_related("party").order_by("id"):
        events = told.pop(member.id, [])
        if not events:
            untold.append(member.id)
        elif not _is_as_told(member, sorted(events)):
            what = "The place is not as the logs tell: who it is for, since when or until when."
            yield Problem(f"room {room.id}, member {member.id}", what)
    for member_id in untold:
        what = "Somebody has a place, and the logs do not tell of it."
        remedy = "Ask at the table who it is; remove him."
        yield Problem(f"room {room.id}, member {member_id}", what, remedy, severity)
    for lost in told:
        what = "The logs tell of a place, and it is not there."
        yield Problem(f"room {room.id}, member {lost}", what)


def _told(logs: Mapping[str, Log]) -> dict[str, list[Event]]:
    """Of each member, when he came and went; in a channel only those whom it concerns count."""
    found: dict[str, list[Event]] = defaultdict(list)
    for log in logs.values():
        if log.channel.kind in {Kind.PLENARY, Kind.SHUTTLE}:
            party = log.channel.party
            for index, entry in log.of(*PLACES):
                who = entry["who"]
                if party is None or who == party.slug:
                    at = datetime.fromisoformat(entry["at"])
                    event = Event(log.written[index], at, entry["kind"], who)
                    found[entry["member"]].append(event)
    return found


def names_of(logs: Mapping[str, Log]) -> Names:
    """The names under which each member could ever act, as the logs tell."""
    return {
        member: frozenset(acts_as(event.who) for event in events)
        for member, events in _told(logs).items()
    }


def _is_as_told(member: Member, events: list[Event]) -> bool:
    joined = [event for event in events if event.kind == "joined"]
    last = events[-1]
    who = member.party.slug if member.party else member.role
    if not joined or joined[-1].who != who or not _same(joined[-1].at, member.joined):
        return False
    if member.removed is None:
        return last.kind == "joined"
    return last.kind == "left" and last.who == who and _same(last.at, member.removed)


def _same(one: datetime, other: datetime) -> bool:
    return abs(one - other) <= APART
