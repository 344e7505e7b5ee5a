"""Receipts: what a party keeps, so that nobody can later deny, alter or lose what it laid down.

A receipt holds the entry of the log, the proof that it stands there, the signed checkpoint, the
charter, and what the party itself signed. It can be checked by anybody, without the room and
without its operator.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from types import NoneType
from typing import Any

from parley.errors import ProofError
from parley.exchange import canonical
from parley.exchange.charter import MODES, Charter, read_charter
from parley.exchange.merkle import check_inclusion, leaf_hash
from parley.exchange.notes import Checkpoint, Verifier, check_line, read_checkpoint

FORMAT = "parley-receipt-1"
NO_MODE = "none"
"""Mode of a receipt of something that is of no exchange."""


@dataclass(frozen=True)
class Receipt:
    """Proof of one entry in the log of a channel.

    Parameters
    ----------
    mode
        Who holds the texts; printed so that nobody takes one mode for another.
    entry, index, proof
        The entry, its place in the log (from 0), and the proof that it stands there.
    checkpoint
        The signed checkpoint of the log.
    log
        Name and key of the log, for a channel that has no charter.
    charter
        The charter, as signed by all; ``None`` where there is none.
    statement, signature
        What the party signed, and its line of signature; ``None`` in the simple mode.
    nonce
        In the simple mode the random bytes with which the text was committed to.
    """

    mode: str
    room: str
    channel: str
    entry: bytes
    index: int
    proof: tuple[bytes, ...]
    checkpoint: str
    log: Verifier
    charter: str | None = None
    statement: str | None = None
    signature: str | None = None
    nonce: bytes | None = None

    @property
    def origin(self) -> str:
        """The name of the log, as in its checkpoints."""
        return origin(self.room, self.channel)

    @cached_property
    def content(self) -> dict[str, Any]:
        """The entry as an object."""
        found = canonical.decode(self.entry)
        if not isinstance(found, dict):
            raise ProofError("The entry in the receipt is none.")
        return found


def origin(room: str, channel: str) -> str:
    """The name of the log of a channel."""
    return f"parley/{room}/{channel}"


def log_name(room: str) -> str:
    """The name of the key that signs the logs of a room."""
    return f"parley/{room}"


def to_json(receipt: Receipt) -> bytes:
    """The receipt as a file."""
    fields = {
        "format": FORMAT,
        "mode": receipt.mode,
        "room": receipt.room,
        "channel": receipt.channel,
        "entry": receipt.entry.decode(),
        "index": receipt.index,
        "proof": [_b64(step) for step in receipt.proof],
        "checkpoint": receipt.checkpoint,
        "log": {"name": receipt.log.name, "key": _b64(receipt.log.key)},
        "charter": receipt.charter,
        "statement": receipt.statement,
        "signature": receipt.signature,
        "nonce": None if receipt.nonce is None else _b64(receipt.nonce),
    }
    return canonical.encode(fields)


def from_json(raw: bytes) -> Receipt:
    """A receipt from a file; nothing is checked but the form.

    Raises
    ------
    ProofError
        If it is none.
    """
    receipt = canonical.restored(raw, FORMAT, _receipt, to_json)
    if receipt is None:
        raise ProofError("This is no receipt, or it was changed.", "Take the file as it was.")
    return receipt


def _receipt(fields: dict[str, Any]) -> Receipt:
    texts = dict.fromkeys(("mode", "room", "channel", "checkpoint"), str)
    maybe = dict.fromkeys(("charter", "statement", "signature", "nonce"), (str, NoneType))
    canonical.shaped(fields, index=int, **texts, **maybe)
    return Receipt(
        mode=fields["mode"],
        room=fields["room"],
        channel=fields["channel"],
        entry=fields["entry"].encode(),
        index=fields["index"],
        proof=tuple(_raw(step) for step in fields["proof"]),
        checkpoint=fields["checkpoint"],
        log=Verifier(fields["log"]["name"], _raw(fields["log"]["key"])),
        charter=fields["charter"],
        statement=fields["statement"],
        signature=fields["signature"],
        nonce=None if fields["nonce"] is None else _raw(fields["nonce"]),
    )


def check_receipt(receipt: Receipt) -> tuple[Checkpoint, Charter | None]:
    """Check all that a receipt says; its checkpoint, and its charter if it has one.

    Raises
    ------
    ProofError
        If anything in it does not hold.
    """
    charter = None if receipt.charter is None else _charter(receipt.charter)
    if charter is not None:
        _check_charter(receipt, charter)
    elif receipt.mode not in {*MODES, NO_MODE}:
        raise ProofError("The mode in the receipt is none.", "Take the file as it was.")
    checkpoint = log_checkpoint(receipt.checkpoint, receipt.origin, receipt.log)
    leaf = leaf_hash(receipt.entry)
    check_inclusion(leaf, receipt.index, checkpoint.size, checkpoint.root, receipt.proof)
    _check_statement(receipt, charter)
    return checkpoint, charter


# many receipts hold the same charter
_charter = lru_cache(maxsize=16)(read_charter)


def log_checkpoint(note: str, name: str, log: Verifier) -> Checkpoint:
    """The checkpoint of a log, with the signature of its key and nothing else.

    Raises
    ------
    ProofError
        If there is anything in it that nobody here can check, or it does not hold.
    """
    checkpoint = read_checkpoint(note, name, log)
    text, _, lines = note.rpartition("\n\n")
    if f"{text}\n" != checkpoint.text() or lines.count("\n") != 1:
        raise ProofError("The checkpoint holds more than belongs there.", "Ask for it anew.")
    return checkpoint


def _check_charter(receipt: Receipt, charter: Charter) -> None:
    same = (
        charter.room == receipt.room
        and charter.mode == receipt.mode
        and charter.log == receipt.log
        and receipt.content.get("exchange") == charter.exchange
        and receipt.content.get("charter", charter.hash()) == charter.hash()
    )
    if not same:
        raise ProofError("The charter in the receipt is of another exchange.", "Keep both.")


def _check_statement(receipt: Receipt, charter: Charter | None) -> None:
    """What the party signed is what stands in the log, and is of this charter."""
    entry = receipt.content
    if receipt.statement is None:
        if entry.get("statement") is not None or receipt.signature is not None:
            raise ProofError("What the party signed is not in the receipt.", "Ask for it whole.")
        if charter is not None and charter.mode != "simple" and entry.get("kind") == "deposit":
            raise ProofError("What the party signed is not in the receipt.", "Ask for it whole.")
        return
    verifier = None if charter is None else charter.signers().get(str(entry.get("who")))
    if verifier is None or receipt.signature is None or charter is None:
        raise ProofError("Nobody's key is known for the signature in the receipt.")
    check_statement(receipt.statement, receipt.signature, entry, charter, verifier)


def check_statement(
    statement: str, signature: str, entry: dict[str, Any], charter: Charter, verifier: Verifier
) -> None:
    """Check that a party signed the statement whose hash is in an entry, for this charter.

    Raises
    ------
    ProofError
        If it did not.
    """
    digest = hashlib.sha256(statement.encode()).hexdigest()
    if entry.get("statement") != digest or entry.get("signature") != signature:
        raise ProofError("The log holds another statement than the receipt.", "Keep both.")
    check_line(statement, signature, verifier)
    lines = statement.split("\n")
    header = canonical.decode(lines[1].encode()) if len(lines) > 1 else None
    wanted = {
        "room": charter.room,
        "exchange": charter.exchange,
        "party": entry.get("who"),
        "round": charter.round,
        "charter": charter.hash(),
    }
    if header != wanted or f"core {entry.get('core')}" not in lines:
        raise ProofError("What was signed is of another place.", "Keep it as evidence.")


def same_log(older: Checkpoint, newer: Checkpoint, proof: Sequence[bytes]) -> None:
    """Check that one checkpoint continues another of the same log.

    Raises
    ------
    ProofError
        If the log was rewritten, or shown to others in another form.
    """
    from parley.exchange.merkle import check_consistency

    if older.origin != newer.origin:
        raise ProofError("These are checkpoints of different logs.")
    if older.size == newer.size and older.root != newer.root:
        raise ProofError("The log was shown in two forms.", "Keep both checkpoints.")
    if older.size < newer.size and older.size:
        check_consistency(older.size, newer.size, older.root, newer.root, proof)


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _raw(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
