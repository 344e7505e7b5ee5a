"""The logs: every entry hashed anew, up to the checkpoint that was signed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

from parley.errors import ProofError
from parley.exchange import canonical
from parley.exchange.merkle import EMPTY, leaf_hash, node_hash
from parley.exchange.notes import Checkpoint, signed
from parley.exchange.receipts import origin
from parley.room.check.problem import Problem
from parley.room.logbook import peaks_at
from parley.room.models import Channel, Entry, Node
from parley.room.vault import log_signer

CHUNK = 2000
NAMES = {
    "round": "round",
    "message": "id",
    "document": "id",
    "erased": "id",
    "carried": "id",
    "reading": "document",
    "single": "id",
    "motion": "single",
    "assent": "single",
    "taken-back": "single",
    "case": "id",
    "case-removed": "id",
}
"""Which field of an entry names what it is about, where it is of no exchange."""
FIELDS = ("index", "body", "about")
PLACES = frozenset({"joined", "left"})
"""Entries about who came and went: they stand in several logs, and have one order in all."""
OF_THE_ROOM = frozenset(
    {"founded", "party", "keys", "heads", "joined", "left", "reset", "reset-link"}
)
"""Entries that are about nothing but the room."""

Entries = list[tuple[int, dict[str, Any]]]


@dataclass(frozen=True)
class Log:
    """The log of a channel as it was read: the hashes of its tree, its entries by kind.

    `newest` is the latest time in any of them. `written` has, of the entries about who came and
    went, by their index, a number that is larger for what was written later, in whichever log.
    """

    channel: Channel
    levels: list[list[bytes]]
    told: dict[str, Entries] = field(default_factory=dict)
    newest: str = ""
    written: dict[int, int] = field(default_factory=dict)

    @property
    def where(self) -> str:
        """How problems name it."""
        return place(self.channel)

    @property
    def size(self) -> int:
        """How many entries there are."""
        return len(self.levels[0])

    def root(self, size: int) -> bytes:
        """The root over the first `size` entries."""
        peaks = [self.levels[level][at] for level, at in peaks_at(size)]
        return reduce(lambda right, left: node_hash(left, right), peaks[::-1]) if peaks else EMPTY

    def of(self, *kinds: str) -> Entries:
        """The entries of some kinds, in order."""
        found = [told for kind in kinds for told in self.told.get(kind, ())]
        return sorted(found, key=lambda told: told[0])


def place(channel: Channel) -> str:
    """How problems name a channel."""
    return f"room {channel.room_id}, {channel.kind} channel {channel.id}"


def read_log(channel: Channel, found: list[Problem], step: Callable[[int], None]) -> Log:
    """Read the log of a channel; what is wrong with its entries goes to `found`."""
    leaves: list[bytes] = []
    told: dict[str, Entries] = {}
    written: dict[int, int] = {}
    where, gap, newest = place(channel), 0, ""
    rows = Entry.objects.filter(channel=channel).order_by("index")
    for number, index, raw, about in rows.values_list("id", *FIELDS).iterator(CHUNK):
        if index != len(leaves) + gap:
            found.append(Problem(where, f"Before entry {index} others are missing."))
            gap = index - len(leaves)
        body = bytes(raw)
        leaves.append(leaf_hash(body))
        entry = _entry(body)
        if entry is None:
            found.append(Problem(where, f"Entry {index} is none."))
            continue
        if about not in _about(entry, about):
            found.append(Problem(where, f"Entry {index} is told of another thing than it says."))
        told.setdefault(entry["kind"], []).append((index, entry))
        if entry["kind"] in PLACES:
            written[index] = number
        newest = max(newest, entry["at"])
        if len(leaves) % CHUNK == 0:
            step(CHUNK)
    return Log(channel, _levels(leaves), told, newest, written)


def _entry(body: bytes) -> dict[str, Any] | None:
    try:
        return canonical.shaped(canonical.decode(body), kind=str, at=str)
    except ProofError:
        return None


def _about(entry: dict[str, Any], said: str) -> tuple[object, ...]:
    """What an entry may be told of; of kinds that are not known here, whatever is said."""
    kind = entry["kind"]
    if "exchange" in entry:
        return (entry["exchange"],)
    if kind in NAMES:
        return (entry.get(NAMES[kind]),)
    return ("",) if kind in OF_THE_ROOM else (said,)


def _levels(leaves: list[bytes]) -> list[list[bytes]]:
    """The hashes of all full subtrees, from the leaves up."""
    levels = [leaves]
    while len(below := levels[-1]) > 1:
        pairs = zip(below[::2], below[1::2], strict=False)
        levels.append([node_hash(left, right) for left, right in pairs])
    return levels


def log_problems(log: Log) -> Iterator[Problem]:
    """Whether the tree, the row of the channel and the checkpoint are those of the entries."""
    channel = log.channel
    signer = log_signer(channel.room_id)
    root = log.root(log.size)
    text = Checkpoint(origin(channel.room_id, channel.id), log.size, root).text()
    # an Ed25519 signature of one text by one key has one form, so all of the note is compared
    if channel.checkpoint != (signed(text, signer) if log.size else ""):
        what = "The entries are not those of the signed checkpoint: one was changed, added or lost."
        yield Problem(log.where, what)
    if channel.size != log.size:
        what = f"There are {log.size:,} entries, and {channel.size:,} were counted."
        yield Problem(log.where, what)
    peaks = b"".join(log.levels[level][at] for level, at in peaks_at(log.size))
    if bytes(channel.peaks) != peaks:
        yield Problem(log.where, "The peaks of the tree are not those of the entries.")
    yield from _node_problems(log)


def _node_problems(log: Log) -> Iterator[Problem]:
    """Whether the nodes that are kept are just those of the entries."""
    rows = Node.objects.filter(channel=log.channel).order_by("level", "place")
    wanted = (
        (level, at, node) for level, nodes in enumerate(log.levels) for at, node in enumerate(nodes)
    )
    for level, at, raw in rows.values_list("level", "place", "hash").iterator(CHUNK):
        node = next(wanted, None)
        if node != (level, at, bytes(raw)):
            what = f"Node {at} of level {level} of the tree is not that of the entries."
            yield Problem(log.where, what)
            return
    if next(wanted, None) is not None:
        yield Problem(log.where, "A node of the tree is missing.")
