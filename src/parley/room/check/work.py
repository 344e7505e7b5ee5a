"""What is worked on, against the logs: single texts, what waits for agreement, cases."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from parley.exchange import canonical
from parley.room.check.logs import Log
from parley.room.check.problem import Problem
from parley.room.logbook import moment
from parley.room.models import CaseFile, Kind, Motion, Room, SingleText

ABOUT_MOTIONS = ("motion", "assent", "taken-back")

ById = dict[str, list[dict[str, Any]]]


def work_problems(room: Room, logs: Mapping[str, Log]) -> Iterator[Problem]:
    """Check that single texts, motions and cases are what the logs hold the hashes of."""
    for log in logs.values():
        if log.channel.kind == Kind.PLENARY:
            yield from _single_problems(room, _by_id(log, "single"))
            yield from _motion_problems(room, _by_id(log, *ABOUT_MOTIONS))
        elif log.channel.kind == Kind.MEDIATION:
            yield from _case_problems(room, _by_id(log, "case", "case-removed"))


def _by_id(log: Log, *kinds: str) -> ById:
    found: ById = defaultdict(list)
    for _, entry in log.of(*kinds):
        found[entry["id"]].append(entry)
    return found


def _single_problems(room: Room, told: ById) -> Iterator[Problem]:
    for single in SingleText.objects.filter(room=room).order_by("id"):
        entries = told.pop(single.id, [])
        versions = [entry["version"] for entry in entries]
        right = versions == list(range(1, single.version + 1))
        right = right and entries[0]["at"] == moment(single.at)
        if not right or entries[-1]["text"] != _sha(bytes(single.log)):
            what = "It is not what the log tells of it."
            yield Problem(f"room {room.id}, single text {single.id}", what)
    for lost in told:
        what = "The log tells of it, and it is not there."
        yield Problem(f"room {room.id}, single text {lost}", what)


def _motion_problems(room: Room, told: ById) -> Iterator[Problem]:
    motions = Motion.objects.filter(single__room=room).select_related("member").order_by("id")
    for motion in motions:
        entries = told.pop(motion.id, [])
        fields = (motion.single_id, _sha(canonical.encode(motion.step)))
        right = bool(entries) and entries[0]["kind"] == "motion"
        right = right and entries[0]["at"] == moment(motion.at)
        right = right and all((e["single"], e["step"]) == fields for e in entries)
        if not right or sorted(motion.agreed) not in _agreed(motion, entries):
            what = "It is not what the log tells of it."
            yield Problem(f"room {room.id}, motion {motion.id}", what)
    for lost in told:
        what = "The log tells of it, and it is not there."
        yield Problem(f"room {room.id}, motion {lost}", what)


def _agreed(motion: Motion, entries: list[dict[str, Any]]) -> list[list[str]]:
    """Who has agreed, by the log.

    Whoever put it forward takes all of it back, and others only their agreement; where it was
    closed at its last entry, either may have been.
    """
    agreed: set[str] = set()
    found = [agreed]
    for entry in entries:
        before = set(agreed)
        if entry["kind"] == "assent":
            agreed = agreed | {entry["who"]}
        elif entry["kind"] == "taken-back":
            agreed = agreed - {entry["who"]}
        found = [agreed, before] if motion.closed and entry["kind"] == "taken-back" else [agreed]
    return [sorted(one) for one in found]


def _case_problems(room: Room, told: ById) -> Iterator[Problem]:
    for case in CaseFile.objects.filter(room=room).order_by("id"):
        entries = told.pop(case.id, [])
        said = [(entry.get("digest"), entry["who"], entry["at"]) for entry in entries]
        if said != [(_sha(bytes(case.packed)), case.member_id, moment(case.at))]:
            what = "It is not what the log tells of it."
            yield Problem(f"room {room.id}, case {case.id}", what)
    for lost, entries in told.items():
        if [entry["kind"] for entry in entries] != ["case", "case-removed"]:
            what = "The log tells of it, and it is not there."
            yield Problem(f"room {room.id}, case {lost}", what)


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
