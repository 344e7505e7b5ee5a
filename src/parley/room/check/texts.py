"""What was laid down in an exchange, and the receipts for it, against the log."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import pyrage
from django.db.models import QuerySet
from pyrage import x25519

from parley.errors import ProofError
from parley.exchange import canonical, receipts
from parley.exchange.core import NONCE, Header, text_of
from parley.exchange.receipts import check_receipt, check_statement
from parley.exchange.sealing import check_deposit, from_json, open_lock
from parley.room.check.problem import Problem, guarded
from parley.room.check.rooms import was
from parley.room.check.rounds import Story
from parley.room.logbook import moment
from parley.room.models import Deposit, Member, Party, Receipt

SOME = 100
"""How many receipts are in memory at once."""
Told = tuple[int, dict[str, Any]]
"""An entry of the log, with its place."""
HELD = frozenset({"OPEN", "ARMED", "CHECKED", "RELEASED"})
"""States in which the server holds what was laid down and not taken back."""


def deposit_problems(
    story: Story, key: str | None, nonces: dict[str, bytes], since: int
) -> Iterator[Problem]:
    """Whether every text is what was laid down, or erased where it has to be.

    Parameters
    ----------
    key
        The server's key for the exchange, if it is still there.
    nonces
        Is filled with the random bytes of the texts that the server can read, by their hash.
    since
        Texts told of before this entry were found whole before.
    """
    told = {(entry["who"], entry["core"]): (at, entry) for at, entry in story.of("deposit")}
    rows = Deposit.objects.filter(round=story.round)
    if since:
        rows = rows.filter(id__in=_unlike(story, rows, told, since))
    # there are few of them, and many texts
    parties = Party.objects.in_bulk(set(rows.values_list("party", flat=True)))
    members = Member.objects.select_related("party").in_bulk(
        set(rows.values_list("member", flat=True))
    )
    for deposit in rows.order_by("id").iterator(1):
        where = f"{story.where}, text {deposit.id}"
        deposit.party, deposit.member = parties[deposit.party_id], members[deposit.member_id]
        _, entry = told.pop((deposit.party.slug, deposit.core), (0, None))
        if entry is None or (deposit.size, moment(deposit.at)) != (entry["size"], entry["at"]):
            yield Problem(where, "It is not what the log tells of it.")
            continue
        room, slug = story.round.room, deposit.party.slug
        own = was(deposit.member, slug, room, deposit.at, story.names)
        if deposit.party.room_id != room.id or not own:
            yield Problem(where, "Its author is somebody else.")
        there = story.exchange.deposits.get(deposit.party.slug)
        if deposit.current != (there == deposit.core):
            yield Problem(where, "Whether it counts is not as the log tells.")
        yield from guarded(where, _blob_problems(where, story, deposit, entry, key, nonces))
    for party, _ in told:
        what = f"A text of `{party}` that the log tells of is not there."
        yield Problem(story.where, what)


def _unlike(
    story: Story, rows: QuerySet[Deposit], told: dict[tuple[str, str], Told], since: int
) -> list[str]:
    """Texts that were not found whole before; the others are taken out of what was told."""
    found = []
    for name, slug, core, current in rows.values_list("id", "party__slug", "core", "current"):
        at, _ = told.get((slug, core), (since, {}))
        if at < since and current == (story.exchange.deposits.get(slug) == core):
            told.pop((slug, core))
        else:
            found.append(name)
    return found


def _blob_problems(
    where: str,
    story: Story,
    deposit: Deposit,
    entry: dict[str, Any],
    key: str | None,
    nonces: dict[str, bytes],
) -> Iterator[Problem]:
    """Whether what the server holds of a text is what was laid down."""
    blob, party = bytes(deposit.blob), deposit.party.slug
    simple, state = story.charter.mode == "simple", story.exchange.state
    header = header_of(story, party)
    if story.exchange.alone.get(party) == deposit.core:
        _check_core(blob, deposit.core, header)
    elif not deposit.current or (state not in HELD):
        if blob:
            yield Problem(where, "It should have been erased.")
    elif not simple:
        _check_sealed(blob, story, deposit, entry)
    elif key is not None and (blob or state in HELD):
        core = _opened(blob, key)
        if len(core) != deposit.size:
            yield Problem(where, "It has another size than was told.")
        _check_core(core, deposit.core, header)
        head = canonical.encode(asdict(header))
        begin = core.index(head) + len(head)
        nonces[deposit.core] = core[begin : begin + NONCE]


def header_of(story: Story, party: str) -> Header:
    """What a text of a party in an exchange belongs to."""
    charter = story.charter
    return Header(charter.room, charter.exchange, party, charter.round, charter.hash())


def _check_core(core: bytes, digest: str, header: Header) -> None:
    if hashlib.sha256(core).hexdigest() != digest:
        raise ProofError("It is not the text that was laid down.")
    text_of(core, header)


def _opened(blob: bytes, key: str) -> bytes:
    try:
        core: bytes = pyrage.decrypt(blob, [x25519.Identity.from_str(key)])
    except pyrage.DecryptError:
        raise ProofError("It does not open with the server's key.") from None
    return core


def _check_sealed(blob: bytes, story: Story, deposit: Deposit, entry: dict[str, Any]) -> None:
    """A sealed text is the one that its party signed; if it is open, its lock opens it."""
    sealed, party = from_json(blob), deposit.party.slug
    verifier = story.charter.signers()[party]
    check_deposit(sealed, header_of(story, party), verifier, story.charter.agents)
    check_statement(sealed.signed_text(), sealed.signature, entry, story.charter, verifier)
    if sealed.core_hash.hex() != deposit.core or len(sealed.outer) != deposit.size:
        raise ProofError("It is not the text that was laid down.")
    if story.exchange.state == "RELEASED":
        open_lock(sealed, str(story.round.locks.get(party, "")).encode())


def receipt_problems(story: Story, nonces: dict[str, bytes], since: int) -> Iterator[Problem]:
    """Whether every text has its receipt, and every receipt holds and is of this log."""
    told = dict(story.of("deposit"))
    receipts_ = Receipt.objects.filter(round=story.round)
    before = receipts_.filter(entry__channel=story.plenary.channel, entry__index__lt=since)
    for index in before.values_list("entry__index", flat=True):
        told.pop(index, None)
    rows = receipts_.exclude(id__in=before) if since else receipts_
    for row in rows.select_related("entry", "party").order_by("id").iterator(SOME):
        where = f"{story.where}, receipt {row.id}"
        right = row.entry.channel_id == story.plenary.channel.id
        entry = told.pop(row.entry.index, None) if right else None
        if entry is None or (entry["who"], entry["at"]) != (row.party.slug, moment(row.at)):
            yield Problem(where, "The log tells of no text that it is for.")
            continue
        yield from guarded(where, _one_receipt(where, story, row, nonces))
    for index in told:
        yield Problem(story.where, f"The receipt for entry {index} is missing.")


def _one_receipt(
    where: str, story: Story, row: Receipt, nonces: dict[str, bytes]
) -> Iterator[Problem]:
    receipt = receipts.from_json(bytes(row.body))
    checkpoint, charter = check_receipt(receipt)
    log, channel = story.plenary, story.plenary.channel
    same = (receipt.room, receipt.channel, receipt.entry, receipt.index, charter)
    if same != (
        channel.room_id, channel.id, bytes(row.entry.body), row.entry.index, story.charter,
    ):  # fmt: skip
        yield Problem(where, "It is of another text, or another exchange.")
    if checkpoint.size > log.size or log.root(checkpoint.size) != checkpoint.root:
        yield Problem(where, "The log does not continue what it shows.")
    nonce = nonces.get(receipt.content["core"], receipt.nonce)
    if (receipt.nonce is None) != (story.charter.mode != "simple") or receipt.nonce != nonce:
        yield Problem(where, "Its random bytes are not those of the text.")
