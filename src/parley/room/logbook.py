"""Writing into the logs: one entry at a time, in the transaction of what it tells of.

An entry, the nodes of the tree over it and the signed checkpoint are written together with the
deed itself, or not at all. The row of the channel is locked meanwhile, so entries have an order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, MutableMapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from parley.exchange import canonical
from parley.exchange.merkle import HASH, Place, Tree, leaf_hash
from parley.exchange.notes import Checkpoint, Verifier, signed
from parley.exchange.receipts import Receipt, origin
from parley.room.models import Channel, Entry, Kind, Node, Room
from parley.room.rows import ask, insert, insert_all, update
from parley.room.vault import log_signer


@dataclass(frozen=True)
class Placed:
    """An entry that was just written: enough to make its receipt."""

    entry: Entry
    proof: tuple[bytes, ...]
    checkpoint: str
    log: Verifier | None = None


def moment(when: datetime) -> str:
    """A time as logs and charters write it: UTC, whole seconds."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def plenary(room: Room, *, lock: bool = False) -> Channel:
    """The channel of all members of a room; locked, if it is to be written into."""
    found = ask_plenary(room, lock=lock)()
    assert found is not None
    return found


def ask_plenary(room: Room, *, lock: bool) -> Callable[[], Channel | None]:
    """As `plenary`, but the answer is waited for only when it is called for."""
    return ask(Channel, lock=lock, room_id=room.id, kind=Kind.PLENARY)


def append(channel_id: str, kind: str, when: datetime, about: str = "", **fields: Any) -> Placed:
    """Write an entry into the log of a channel; only within a transaction."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("an entry is written with what it tells of, in one transaction")
    channel = Channel.objects.select_for_update().get(id=channel_id)
    return write(channel, kind, when, about, **fields)


def write(channel: Channel, kind: str, when: datetime, about: str = "", **fields: Any) -> Placed:
    """Write an entry into the log of a channel whose row is locked."""
    log = Log(channel)
    entry = log.write(kind, when, about, **fields)
    log.close()
    return log.placed(entry)


def write_all(
    channel: Channel, when: datetime, told: Iterable[tuple[str, str, dict[str, Any]]]
) -> None:
    """As `write`, for several entries; each a kind, what it is about, fields.

    For those who need neither receipt nor proof of each.
    """
    log = Log(channel)
    insert_all([log.next(kind, when, about, **fields) for kind, about, fields in told])
    log.close()


class Log:
    """The log of a channel whose row is locked, while entries are written into it.

    They are in it only once it is closed: one checkpoint is signed for all of them.
    """

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self._nodes = Nodes(channel)
        self._tree = Tree(nodes=self._nodes, size=channel.size)
        self._signer = log_signer(channel.room_id)

    def next(self, kind: str, when: datetime, about: str = "", **fields: Any) -> Entry:
        """The next entry, to be written by whoever asks for it."""
        body = canonical.encode({"kind": kind, "at": moment(when), **fields})
        index = self._tree.append(leaf_hash(body))
        return Entry(channel=self.channel, index=index, body=body, about=about)

    def write(self, kind: str, when: datetime, about: str = "", **fields: Any) -> Entry:
        """Write the next entry."""
        return insert(self.next(kind, when, about, **fields))

    def close(self) -> None:
        """Write the tree over the new entries, and sign its checkpoint."""
        channel, size = self.channel, len(self._tree)
        if size == channel.size:
            return
        self._nodes.save()
        channel.size, channel.peaks = size, self._nodes.peaks(size)
        note = Checkpoint(origin(channel.room_id, channel.id), size, self._tree.root()).text()
        channel.checkpoint = signed(note, self._signer)
        update(channel, "size", "peaks", "checkpoint")

    def placed(self, entry: Entry) -> Placed:
        """What shows that an entry is in the log, after it was closed."""
        proof = self._tree.inclusion(entry.index, self.channel.size)
        return Placed(entry, proof, self.channel.checkpoint, self._signer.verifier)


def receipt_of(placed: Placed, mode: str, **parts: Any) -> Receipt:
    """The receipt of an entry that was just written."""
    channel = placed.entry.channel
    return Receipt(
        mode=mode,
        room=channel.room_id,
        channel=channel.id,
        entry=bytes(placed.entry.body),
        index=placed.entry.index,
        proof=placed.proof,
        checkpoint=placed.checkpoint,
        log=placed.log or log_key(channel.room_id),
        **parts,
    )


def log_key(room: str) -> Verifier:
    """Name and public key of the logs of a room."""
    return log_signer(room).verifier


def tree_of(channel: Channel) -> Tree:
    """The tree over the log of a channel, for proofs of older entries."""
    return Tree(nodes=Nodes(channel), size=channel.size)


def entries_about(about: str, most: int | None = None) -> list[dict[str, Any]]:
    """What the log says about a round or paper, in its order; all of it, or the first entries."""
    found = Entry.objects.filter(about=about).order_by("id")
    return [content(entry) for entry in found[:most]]


def last_about(about: str) -> dict[str, Any]:
    """What the log says last about a round or paper."""
    found = Entry.objects.filter(about=about).order_by("id").last()
    assert found is not None
    return content(found)


def content(entry: Entry) -> dict[str, Any]:
    """An entry as an object."""
    found = canonical.decode(bytes(entry.body))
    assert isinstance(found, dict)
    return found


def peaks_at(size: int) -> list[Place]:
    """Where the roots of the full subtrees of a log stand, largest first."""
    places, begin = [], 0
    for level in reversed(range(size.bit_length())):
        if size >> level & 1:
            places.append((level, begin >> level))
            begin += 1 << level
    return places


class Nodes(MutableMapping[Place, bytes]):
    """The nodes of a tree in the database; its peaks come with the row of the channel."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        raw = bytes(channel.peaks)
        hashes = [raw[at : at + HASH] for at in range(0, len(raw), HASH)]
        self._known = dict(zip(peaks_at(channel.size), hashes, strict=True))
        self._new: dict[Place, bytes] = {}

    def __getitem__(self, place: Place) -> bytes:
        if place not in self._known:
            level, at = place
            found = Node.objects.get(channel=self._channel, level=level, place=at)
            self._known[place] = bytes(found.hash)
        return self._known[place]

    def __setitem__(self, place: Place, node: bytes) -> None:
        self._known[place] = self._new[place] = node

    def __delitem__(self, place: Place) -> None:
        raise TypeError("a log only grows")

    def __iter__(self) -> Iterator[Place]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)

    def save(self) -> None:
        """Write the nodes that are new."""
        rows = [
            Node(channel_id=self._channel.id, level=level, place=place, hash=node)
            for (level, place), node in self._new.items()
        ]
        insert_all(rows)
        self._new = {}

    def peaks(self, size: int) -> bytes:
        """The peaks, as the row of the channel keeps them."""
        return b"".join(self._known[place] for place in peaks_at(size))
