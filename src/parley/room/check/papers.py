"""Messages and documents, and who has had them, against the logs of their channels."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping

from parley.room.check.known import Known
from parley.room.check.logs import Log
from parley.room.check.problem import Problem
from parley.room.check.rooms import Names, was
from parley.room.logbook import moment
from parley.room.models import Kind, Once, Paper, Reading, Receipt, Room
from parley.room.rooms import RESERVED

FEW = 8
"""How many contents are in memory at once."""
STEP = 200


def paper_problems(
    room: Room, logs: Mapping[str, Log], step: Callable[[int], None], known: Known, names: Names
) -> Iterator[Problem]:
    """Check that every content is what the log holds the hash of, or erased as the log says."""
    told, erased = _told(logs)
    before = _told_before(logs, known)
    papers = Paper.objects.filter(channel__room=room).select_related("author__party", "party")
    if known:
        papers = papers.defer("body")
    for count, paper in enumerate(papers.order_by("id").iterator(FEW), 1):
        key = (paper.channel_id, paper.id)
        entry = told.pop(key, None)
        right = entry is not None and (*_fields(paper), entry[-1]) == entry
        right = right and was(paper.author, str(entry and entry[-1]), room, paper.at, names)
        right = right and (paper.party is None or paper.party.room_id == room.id)
        gone = erased.pop(key, None)
        if paper.erased is not None or gone is not None:
            whole = paper.erased is not None and moment(paper.erased) == gone and not paper.body
        else:
            whole = key in before or _digest(paper) == paper.digest
        if not right or not whole:
            yield Problem(
                f"room {room.id}, paper {paper.id}", "It is not what the log tells of it."
            )
        if count % STEP == 0:
            step(STEP)
    for channel, paper_id in {**told, **erased}:
        what = "The log tells of it, and it is not there."
        yield Problem(f"room {room.id}, channel {channel}, paper {paper_id}", what)


def _digest(paper: Paper) -> str:
    return hashlib.sha256(bytes(paper.body)).hexdigest()


def _fields(paper: Paper) -> tuple[object, ...]:
    kind = "message" if paper.is_message else "document"
    # of a text that was laid down in a round the log says whose it is; else it is its author's
    whose = paper.party and paper.party.slug
    return kind, paper.digest, paper.size, moment(paper.at), paper.round_id, whose


def _told(
    logs: Mapping[str, Log],
) -> tuple[dict[tuple[str, str], tuple[object, ...]], dict[tuple[str, str], str]]:
    """What the logs tell of papers, and which were erased when."""
    told: dict[tuple[str, str], tuple[object, ...]] = {}
    erased: dict[tuple[str, str], str] = {}
    for channel, log in logs.items():
        for _, entry in log.of("message", "document"):
            names = ("kind", "core", "size", "at", "of", "party", "who")
            own = None if entry["who"] in RESERVED else entry["who"]
            fields = tuple(({"party": own} | entry).get(name) for name in names)
            told[channel, entry["id"]] = fields
        erased |= {(channel, entry["id"]): entry["at"] for _, entry in log.of("erased")}
    return told, erased


def _told_before(logs: Mapping[str, Log], known: Known) -> set[tuple[str, str]]:
    """Papers whose contents were found whole before."""
    return {
        (channel, entry["id"])
        for channel, log in logs.items()
        for index, entry in log.of("message", "document")
        if index < known.get(channel, 0)
    }


def reading_problems(room: Room, logs: Mapping[str, Log]) -> Iterator[Problem]:
    """Check that who has had which paper is what the log of the mediation tells."""
    told: set[tuple[str, str, str]] = set()
    for log in logs.values():
        if log.channel.kind == Kind.MEDIATION:
            told |= {(e["document"], e["who"], e["at"]) for _, e in log.of("reading")}
    rows = Reading.objects.filter(paper__channel__room=room).order_by("id")
    there = {
        (paper, member, moment(at))
        for paper, member, at in rows.values_list("paper", "member", "at")
    }
    if there != told:
        what = f"{len(there ^ told)} first readings are not as the log tells them."
        yield Problem(f"room {room.id}", what)


def answer_problems(room: Room) -> Iterator[Problem]:
    """Check that what is answered to a request that is sent again is still there."""
    asked = Once.objects.filter(member__room=room)
    answers = set(asked.values_list("answer", flat=True))
    answers -= set(Receipt.objects.filter(round__room=room).values_list("id", flat=True))
    answers -= set(Paper.objects.filter(channel__room=room).values_list("id", flat=True))
    if answers:
        what = f"{len(answers)} answers to requests sent again are not there."
        yield Problem(f"room {room.id}", what)
