"""The bundle: what a member may see of a room, in one file that anybody can check without it.

For a member it holds what he sees when he has signed in. For whoever runs the server it holds what
proves that the logs are whole, and nothing that can be read: no message, no document, no text of
an exchange but sealed. He could read the database; no command does it for him.

What is in it is settled at one moment; then it is written file by file, so that a room of any size
goes through little memory, while others write on.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, cast

from parley.exchange import bundle, canonical
from parley.exchange.bundle import Bundle, Listed
from parley.exchange.charter import joined
from parley.exchange.heads import salt
from parley.exchange.merkle import EMPTY
from parley.exchange.notes import Checkpoint, signed
from parley.exchange.receipts import origin
from parley.room import clock, config
from parley.room.access import Actor
from parley.room.logbook import log_key, moment
from parley.room.models import (
    Channel,
    Deposit,
    Entry,
    Head,
    Kind,
    Mode,
    Paper,
    Receipt,
    Role,
    Room,
    Round,
)
from parley.room.opening import may_read, opened_core
from parley.room.papers import note_readings
from parley.room.still import still
from parley.room.vault import log_signer

CHUNK = 2000
SOME = 100


@dataclass(frozen=True)
class Extent:
    """What a bundle will hold, as of one moment: rows without their contents, and ids.

    Parameters
    ----------
    channels
        Those whose logs it holds, with the room tree; as long as they were then.
    sealed, opened
        Texts of exchanges, as they were sealed, and as they were opened.
    papers, receipts
        Contents of the channels, and receipts of one's own.
    """

    room: Room
    channels: tuple[Channel, ...]
    rounds: tuple[Round, ...]
    sealed: tuple[str, ...] = ()
    opened: tuple[str, ...] = ()
    papers: tuple[str, ...] = ()
    receipts: tuple[str, ...] = ()


def bundle_of(actor: Actor) -> BinaryIO:
    """The bundle of a member, in a file that nobody else can open and that is gone when closed.

    What he had not read yet he has before him now, and that is noted as when he opens it.

    Raises
    ------
    TooLargeError
        If there is more than one bundle can hold.
    """
    _note_readings(actor)
    return _written(_extent_of(actor))


def proof_of(room: Room) -> BinaryIO:
    """The bundle of a room for whoever runs the server: everything that proves, nothing to read.

    Raises
    ------
    TooLargeError
        If there is more than one bundle can hold.
    """
    with still():
        channels = Channel.objects.filter(room=room).select_related("party")
        rounds = _rounds(room)
        ordered = tuple(channels.order_by("kind", "id"))
        extent = Extent(room, ordered, rounds, sealed=_released(rounds))
    return _written(extent)


def _note_readings(actor: Actor) -> None:
    """Note that somebody has all papers before him that he has not written himself."""
    unread = actor.all(Paper).filter(erased__isnull=True).exclude(author=actor.here)
    unread = unread.exclude(readings__member=actor.here).order_by("at", "id")
    # some at a time: whoever writes meanwhile waits for a moment, not for all of them
    while some := list(unread.values_list("id", flat=True)[:SOME]):
        note_readings(actor, some, clock.now())


def _extent_of(actor: Actor) -> Extent:
    """What somebody may see, at this moment."""
    with still():
        rounds = _rounds(actor.room)
        seen = actor.all(Channel).exclude(kind=Kind.HEADS).select_related("party")
        tree = Channel.objects.filter(room=actor.room, kind=Kind.HEADS)
        own = Deposit.objects.none()
        receipts = Receipt.objects.none()
        if actor.role == Role.DELEGATION:
            own = actor.all(Deposit).filter(party=actor.party, current=True).exclude(blob=b"")
            own = own.exclude(round__mode=Mode.SIMPLE).exclude(round__state="EXPIRED")
            receipts = actor.all(Receipt).filter(party=actor.party)
        papers = actor.all(Paper).filter(erased__isnull=True)
        return Extent(
            actor.room,
            (*seen.order_by("kind", "id"), *tree),
            rounds,
            sealed=tuple(sorted({*_released(rounds), *own.values_list("id", flat=True)})),
            opened=_opened_to(actor, rounds),
            papers=tuple(papers.order_by("id").values_list("id", flat=True)),
            receipts=tuple(receipts.order_by("id").values_list("id", flat=True)),
        )


def _rounds(room: Room) -> tuple[Round, ...]:
    return tuple(Round.objects.filter(room=room).exclude(mode="").order_by("number"))


def _released(rounds: tuple[Round, ...]) -> tuple[str, ...]:
    """Sealed texts that opened for their readers: others need them to check what was signed."""
    over = [r.id for r in rounds if r.state == "RELEASED" and r.mode != Mode.SIMPLE]
    found = Deposit.objects.filter(round__in=over, current=True).exclude(blob=b"")
    return tuple(found.order_by("id").values_list("id", flat=True))


def _opened_to(actor: Actor, rounds: tuple[Round, ...]) -> tuple[str, ...]:
    """Texts that the server can show, and that are open to somebody."""
    if not actor.may("opened.read"):
        return ()
    readable = [r for r in rounds if may_read(actor, r)]
    simple = [r.id for r in readable if r.state == "RELEASED" and r.mode == Mode.SIMPLE]
    found = Deposit.objects.filter(round__in=simple, current=True).values_list("id", flat=True)
    alone = {r.id: r.standing["alone"] for r in readable if r.state == "EXPIRED"}
    late = Deposit.objects.filter(round__in=list(alone), current=True).select_related("party")
    shown = [d.id for d in late.defer("blob") if alone[d.round_id].get(d.party.slug) == d.core]
    return tuple(sorted([*found, *shown]))


def _written(extent: Extent) -> BinaryIO:
    """The bundle in a file without a name, in the data folder."""
    # whoever asked for it closes it
    file = cast(BinaryIO, tempfile.TemporaryFile(dir=config.current().folder))  # noqa: SIM115
    try:
        bundle.write(_files(extent), extent.room.id, log_signer(extent.room.id), file)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def _files(extent: Extent) -> Iterator[tuple[str, bytes]]:
    """Every file of a bundle but its seal, one after another."""
    yield bundle.HEAD, _head(extent)
    yield bundle.SALT_FILE, _salts(extent)
    for channel in extent.channels:
        yield f"logs/{channel.id}.jsonl", _log(channel)
        yield f"logs/{channel.id}.checkpoint", _checkpoint(channel).encode()
    plenary = next(channel for channel in extent.channels if channel.kind == Kind.PLENARY)
    for round_ in extent.rounds:
        yield f"charters/{round_.id}.charter", _charter(round_, plenary).encode()
    yield from _texts(extent)
    for paper in extent.papers:
        body = bytes(Paper.objects.values_list("body", flat=True).get(id=paper))
        if body:  # it may have been erased meanwhile
            yield f"contents/{paper}.bin", body
    for receipt in extent.receipts:
        raw = Receipt.objects.values_list("body", flat=True).get(id=receipt)
        yield f"receipts/{receipt}.json", bytes(raw)


def _texts(extent: Extent) -> Iterator[tuple[str, bytes]]:
    """The texts of exchanges, sealed and opened."""
    rows = Deposit.objects.select_related("party", "round")
    for deposit_id in extent.sealed:
        deposit = rows.get(id=deposit_id)
        if deposit.blob:  # it may have been taken back meanwhile
            name = f"deposits/{deposit.round_id}.{deposit.party.slug}.json"
            yield name, bytes(deposit.blob)
    for deposit_id in extent.opened:
        deposit = rows.get(id=deposit_id)
        core = opened_core(deposit)
        if core is not None:
            yield f"opened/{deposit.round_id}.{deposit.party.slug}.bin", core


def _head(extent: Extent) -> bytes:
    plenary = next(channel.id for channel in extent.channels if channel.kind == Kind.PLENARY)
    channels = tuple(
        bundle.Channel(channel.id, str(channel.kind), channel.party.slug if channel.party else None)
        for channel in extent.channels
    )
    listed = tuple(Listed(r.id, r.number, str(r.mode), plenary) for r in extent.rounds)
    room = extent.room.id
    return bundle.head_file(Bundle(room, moment(clock.now()), log_key(room), channels, listed, {}))


def _salts(extent: Extent) -> bytes:
    """What opens the room tree for the channels in the bundle, up to its last tick there."""
    tree = next(channel for channel in extent.channels if channel.kind == Kind.HEADS)
    last = Entry.objects.filter(channel=tree, index=tree.size - 1).first()
    newest = canonical.decode(bytes(last.body))["tick"] if last else -1  # type: ignore[index]
    found = {}
    for channel in extent.channels:
        rows = Head.objects.filter(channel=channel, tick__lte=newest).order_by("tick")
        secret = bytes(channel.secret)
        ticks = {
            tick: (salt(secret, tick), size)
            for tick, size in rows.values_list("tick", "size").iterator(CHUNK)
        }
        if channel.kind != Kind.HEADS:
            found[channel.id] = ticks
    return bundle.salt_file(found)


def _log(channel: Channel) -> bytes:
    """The entries of a log, as many as there were at that moment."""
    rows = Entry.objects.filter(channel=channel, index__lt=channel.size).order_by("index")
    found = bytearray()
    for body in rows.values_list("body", flat=True).iterator(CHUNK):
        found += bytes(body) + b"\n"
    return bytes(found)


def _checkpoint(channel: Channel) -> str:
    """The signed checkpoint of a log; one that has no entry yet was never signed until now."""
    if channel.size:
        return channel.checkpoint
    empty = Checkpoint(origin(channel.room_id, channel.id), 0, EMPTY)
    return signed(empty.text(), log_signer(channel.room_id))


def _charter(round_: Round, plenary: Channel) -> str:
    """The charter with the signatures that the log held at that moment."""
    rows = Entry.objects.filter(channel=plenary, about=round_.id, index__lt=plenary.size)
    lines = []
    for body in rows.order_by("index").values_list("body", flat=True).iterator(CHUNK):
        if b'"kind":"agree"' in bytes(body):
            entry = canonical.shaped(canonical.decode(bytes(body)), kind=str)
            lines += [entry["signature"]] if entry["signature"] else []
    return joined(round_.charter, lines)
