"""All checks of a room, one after another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from itertools import chain

from django.db import DatabaseError

from parley.room import clock
from parley.room.check.database import PLACE, database_problems, schema_problems
from parley.room.check.folder import (
    folder_problems,
    missing_keys,
    second_factor_problems,
)
from parley.room.check.heads import head_problems
from parley.room.check.known import Known
from parley.room.check.logs import Log, log_problems, place, read_log
from parley.room.check.members import member_problems, names_of
from parley.room.check.papers import answer_problems, paper_problems, reading_problems
from parley.room.check.problem import Problem, guarded, noting
from parley.room.check.rooms import Names, room_problems
from parley.room.check.rounds import (
    followed,
    lost_rounds,
    name,
    plan_problems,
    server_key_of,
    standing_problems,
)
from parley.room.check.texts import deposit_problems, receipt_problems
from parley.room.check.work import work_problems
from parley.room.config import current
from parley.room.logbook import moment
from parley.room.models import Channel, Entry, Kind, Paper, Room, Round
from parley.room.still import still

Tell = Callable[[str, float], None]
CLOCK_MAY_DIFFER = timedelta(minutes=5)


def found_in(tell: Tell, known: Known) -> tuple[Problem, ...]:
    """All that is wrong with the active data folder."""
    found = list(folder_problems(current()))
    try:
        found += _of_database(tell, known)
    except DatabaseError as error:
        what = f"The database cannot be read: {str(error).splitlines()[0]}."
        found.append(Problem(PLACE, what))
    return tuple(dict.fromkeys(found))


def _of_database(tell: Tell, known: Known) -> list[Problem]:
    found = list(schema_problems())
    if found:
        return found
    with still():
        found += database_problems()
        missing = list(missing_keys(current()))
        found += missing
        if missing:
            return found
        found += second_factor_problems(current())
        step, newest = _Steps(tell), ""
        for room in Room.objects.order_by("id"):
            logs = _logs_of(room, found, step)
            found += _of_room(room, logs, step, known)
            newest = max(newest, *(log.newest for log in logs.values()), "")
        found += _clock_problems(newest)
    return found


class _Steps:
    """Counts entries and papers that were read, and tells how far it is."""

    def __init__(self, tell: Tell) -> None:
        self._tell, self._done = tell, 0
        self._all = Entry.objects.count() + Paper.objects.count() or 1

    def __call__(self, more: int) -> None:
        self._done += more
        self._tell("Checking", min(1.0, self._done / self._all))


def _logs_of(room: Room, found: list[Problem], step: Callable[[int], None]) -> dict[str, Log]:
    """The logs of a room by their channels; what is wrong with them goes to `found`."""
    logs: dict[str, Log] = {}
    for channel in Channel.objects.filter(room=room).select_related("party").order_by("kind", "id"):
        logs[channel.id] = log = read_log(channel, found, step)
        found += guarded(place(channel), log_problems(log))
    return logs


def _of_room(
    room: Room, logs: Mapping[str, Log], step: Callable[[int], None], known: Known
) -> list[Problem]:
    found: list[Problem] = []
    where, names = f"room {room.id}", names_of(logs)
    checks = (
        head_problems(logs),
        room_problems(room, logs, names),
        member_problems(room, logs),
        paper_problems(room, logs, step, known, names),
        reading_problems(room, logs),
        answer_problems(room),
        work_problems(room, logs),
    )
    found += chain.from_iterable(guarded(where, check) for check in checks)
    for log in logs.values():
        if log.channel.kind == Kind.PLENARY:
            found += _of_rounds(room, log, names, known.get(log.channel.id, 0))
    return found


def _of_rounds(room: Room, plenary: Log, names: Names, since: int) -> list[Problem]:
    rounds = list(Round.objects.filter(room=room).select_related("room").order_by("number"))
    found = list(guarded(f"room {room.id}", lost_rounds(rounds, plenary)))
    for round_ in rounds:
        found += _of_round(round_, plenary, names, since)
    return found


def _of_round(round_: Round, plenary: Log, names: Names, since: int) -> list[Problem]:
    where, story, key = name(round_), None, None
    found = list(guarded(where, plan_problems(round_, plenary)))
    with noting(where, found):
        story = followed(round_, plenary, names, found)
    if story is None:
        return found
    found += guarded(where, standing_problems(story))
    with noting(where, found):
        key = server_key_of(story, found)
    nonces: dict[str, bytes] = {}
    found += guarded(where, deposit_problems(story, key, nonces, since))
    found += guarded(where, receipt_problems(story, nonces, since))
    return found


def _clock_problems(newest: str) -> Iterator[Problem]:
    """Whether the clock of this computer is behind the newest entry of all logs."""
    now = clock.now()
    if newest > moment(now + CLOCK_MAY_DIFFER):
        what = f"It is {moment(now)} here, and the newest entry is of {newest}."
        yield Problem("clock", what, "Set the clock; no order depends on it.", "warning")
