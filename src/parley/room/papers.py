"""Messages and documents in the channels, and who has had which before them."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from parley.errors import OperationError
from parley.exchange.core import LARGEST, NONCE, text_of
from parley.room import clock
from parley.room.access import Actor
from parley.room.deposits import header_of
from parley.room.logbook import append, plenary, write_all
from parley.room.models import Channel, Deposit, Kind, Once, Paper, Party, Reading, Round
from parley.room.rows import insert_all
from parley.room.vault import mark

LONGEST_NAME = 200


def put(
    actor: Actor,
    channel: Channel,
    content: bytes,
    key: str,
    *,
    name: str = "",
    is_message: bool = False,
) -> Paper:
    """Put a message or document into a channel; the same key puts it there once only.

    Parameters
    ----------
    name
        The file's name, kept as words; it is never used as a path.

    Raises
    ------
    OperationError
        If it is empty or too large, or the key was used for something else.
    """
    if not content.strip():
        raise OperationError("There is nothing in it.", "Write something, or choose another file.")
    if len(content) > LARGEST:
        raise OperationError(f"It is larger than {LARGEST // 1024 // 1024} MB.", "Send a part.")
    digest = mark(actor.room.id, channel.id.encode() + content)
    with transaction.atomic():
        Channel.objects.select_for_update().get(id=channel.id)
        before = Once.objects.filter(member=actor.here, key=key).first()
        if before is not None:
            if before.digest != digest:
                raise OperationError(
                    "This was sent before with other words.", "Open the page anew."
                )
            return Paper.objects.get(id=before.answer)
        paper = _write(actor, channel, content, name=name, is_message=is_message)
        Once.objects.create(member=actor.here, key=key, digest=digest, answer=paper.id)
    return paper


def _write(
    actor: Actor,
    channel: Channel,
    content: bytes,
    *,
    name: str,
    is_message: bool,
    nonce: bytes | None = None,
    party: Party | None = None,
    round_: Round | None = None,
) -> Paper:
    now = clock.now()
    body = (nonce or secrets.token_bytes(NONCE)) + content
    digest = hashlib.sha256(body).hexdigest()
    paper = Paper(
        channel=channel,
        author=actor.here,
        party=party if party is not None else actor.party,
        round=round_,
        is_message=is_message,
        name=_one_line(name),
        body=body,
        digest=digest,
        size=len(content),
        at=now,
    )
    paper.save(force_insert=True)
    kind = "message" if is_message else "document"
    fields = {"id": paper.id, "who": actor.who, "core": digest, "size": paper.size}
    if round_ is not None and party is not None:
        fields |= {"of": round_.id, "party": party.slug}
    append(channel.id, kind, now, paper.id, **fields)
    return paper


def _one_line(name: str) -> str:
    """A file's name as words on one line: no path, nothing that cannot be shown."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(c if c.isprintable() else " " for c in last).strip()[:LONGEST_NAME]


def publish(actor: Actor, round_: Round, party: Party, core: bytes, name: str) -> Paper:
    """Lay a text that is open before all in the plenary, so that the room can work with it.

    Raises
    ------
    OperationError
        If the texts of the round are not open, or this is not the text that was laid down.
    """
    digest = hashlib.sha256(core).hexdigest()
    deposit = Deposit.objects.filter(round=round_, party=party, core=digest, current=True).first()
    if deposit is None or round_.state not in {"RELEASED", "EXPIRED"}:
        raise OperationError("This is not a text that was laid down and is open.")
    text = text_of(core, header_of(round_, party.slug))
    with transaction.atomic():
        channel = plenary(actor.room)
        before = Paper.objects.filter(channel=channel, round=round_, party=party).first()
        if before is not None:
            return before
        return _write(actor, channel, text, name=name, is_message=False, party=party, round_=round_)


def content_of(actor: Actor, paper: Paper) -> bytes:
    """The content of a paper, noting that somebody has had it before him.

    Raises
    ------
    OperationError
        If it was erased.
    """
    if paper.erased is not None:
        raise OperationError("It was erased.", "Ask who wrote it.")
    if actor.here != paper.author:
        note_readings(actor, [paper.id], clock.now())
    return bytes(paper.body)[NONCE:]


def contents_of(actor: Actor, papers: Sequence[Paper]) -> dict[str, bytes]:
    """The contents of several papers by their ids, as `content_of`; without those erased."""
    there = [paper for paper in papers if paper.erased is None]
    others = [paper.id for paper in there if paper.author_id != actor.here.id]
    note_readings(actor, others, clock.now())
    bodies = Paper.objects.filter(id__in=[paper.id for paper in there], erased__isnull=True)
    return {name: bytes(body)[NONCE:] for name, body in bodies.values_list("id", "body")}


def note_readings(actor: Actor, papers: Sequence[str], when: datetime) -> None:
    """Note the first time that somebody has papers before him; the mediators can see it.

    All that are given at once are written in one transaction.
    """
    if len(_had(actor, papers)) == len(papers):
        return
    with transaction.atomic():
        channel = Channel.objects.select_for_update().get(room=actor.room, kind=Kind.MEDIATION)
        had, who = _had(actor, papers), actor.here.id
        new = [paper for paper in papers if paper not in had]
        insert_all([Reading(paper_id=paper, member_id=who, at=when) for paper in new])
        told = (("reading", paper, {"document": paper, "who": who}) for paper in new)
        write_all(channel, when, told)


def _had(actor: Actor, papers: Sequence[str]) -> set[str]:
    """Which of these papers somebody has had before him."""
    if not papers:
        return set()
    found = Reading.objects.filter(member=actor.here, paper__in=papers)
    return set(found.values_list("paper_id", flat=True))


def erase(actor: Actor, paper: Paper) -> None:
    """Erase the content of a paper of one's own; the log keeps that it was there.

    Raises
    ------
    OperationError
        If it is somebody else's.
    """
    if paper.author != actor.here:
        raise OperationError("Only who wrote it can erase it.")
    if paper.erased is not None:
        return
    now = clock.now()
    with transaction.atomic():
        Paper.objects.filter(id=paper.id).update(body=b"", name="", erased=now)
        append(paper.channel_id, "erased", now, paper.id, id=paper.id, who=actor.who)
