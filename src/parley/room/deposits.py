"""Laying down a text, taking it back, and the receipt that proves it.

A request bears a key of its own; the same key brings the same receipt, however often it is sent,
so that a browser whose connection broke can ask again without laying down anything twice.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyrage
from django.db import IntegrityError
from pyrage import x25519

from parley.errors import OperationError, ProofError
from parley.exchange.charter import hash_of
from parley.exchange.core import NONCE, Header, core_of, text_of
from parley.exchange.notes import check_line
from parley.exchange.own_steps import step_text
from parley.exchange.receipts import to_json
from parley.exchange.rounds import is_complete
from parley.exchange.sealing import check_deposit, from_json
from parley.room.charters import signed_charter
from parley.room.logbook import receipt_of
from parley.room.models import Deposit, Entry, Mode, Once, Party, Receipt, Round, new_id
from parley.room.rows import change, find, insert, put
from parley.room.standing import Held, charter_of, held, in_turn
from parley.room.vault import mark, take_out

if TYPE_CHECKING:
    from parley.room.access import Actor


def header_of(round_: Round, party: str) -> Header:
    """What a text of a party in a round belongs to."""
    charter = charter_of(round_)
    return Header(charter.room, charter.exchange, party, charter.round, hash_of(round_.charter))


def lay_down(actor: Actor, round_: Round, body: bytes, key: str) -> Receipt:
    """Lay down a text: in the simple mode as it is, else the deposit as the party sealed it.

    Parameters
    ----------
    key
        Idempotency key: of the client's making, once for each deposit.

    Returns
    -------
    Receipt
        Written in the same transaction; nothing was laid down unless there is one.

    Raises
    ------
    OperationError
        If the state does not allow it, or the key was used for another body.
    ProofError
        If the deposit is not the party's, or not of this round.
    """
    digest = mark(actor.room.id, round_.id.encode() + body)
    before = _again(actor, key, digest)
    if before is not None:
        return before
    made = _made(actor, round_, body)

    def place(here: Held) -> Callable[[], Receipt]:
        entry = _place(actor, here, made)
        if is_complete(here.exchange):
            here.take("armed")

        def answer() -> Receipt:
            receipt = _receipt(actor, here, entry, made)
            put(Once, member_id=actor.here.id, key=key, digest=digest, answer=receipt.id)
            return receipt

        return answer

    try:
        return in_turn(actor.room, round_.id, place)
    except (OperationError, IntegrityError) as error:
        # the same may have come at the same time, or what armed the exchange was this very text
        before = _again(actor, key, digest)
        if before is not None:
            return before
        if isinstance(error, OperationError):
            raise
        what = "This very text was laid down before in this exchange."
        raise OperationError(what, "Seal it anew.") from None


def _again(actor: Actor, key: str, digest: str) -> Receipt | None:
    """The receipt that was given under this key before, if it was."""
    before = find(Once, member_id=actor.here.id, key=key)
    if before is None:
        return None
    if before.digest != digest:
        what = "Under this key another text was sent before."
        raise OperationError(what, "Open the page anew and send it again.")
    return Receipt.objects.get(id=before.answer)


@dataclass(frozen=True)
class Made:
    """What is written down of a text: see `Deposit` and `Receipt`."""

    core: str
    size: int
    blob: bytes
    statement: str | None = None
    signature: str | None = None
    nonce: bytes | None = None


def _made(actor: Actor, round_: Round, body: bytes) -> Made:
    """What is to be written down; made before anything is locked, from what never changes."""
    assert actor.party is not None
    if charter_of(round_).mode == Mode.SIMPLE.value:
        return _simple(round_, actor.party.slug, body)
    return _sealed(round_, actor.party.slug, body)


def _place(actor: Actor, here: Held, made: Made) -> Entry:
    """Write the deposit, and its entry in the log."""
    party = actor.party
    assert party is not None
    if party.slug in here.exchange.deposits:
        _forget(here, party)
    put(
        Deposit,
        id=new_id(),
        round_id=here.round.id,
        party_id=party.id,
        member_id=actor.here.id,
        core=made.core,
        size=made.size,
        blob=made.blob,
        current=True,
        at=here.now,
    )
    hashed = made.statement and hashlib.sha256(made.statement.encode()).hexdigest()
    fields = {
        "charter": hash_of(here.round.charter),
        "core": made.core,
        "size": made.size,
        "statement": hashed,
    }
    return here.take("deposit", party.slug, made.core, signature=made.signature, **fields)


def _simple(round_: Round, party: str, body: bytes) -> Made:
    """In the simple mode: the core, sealed to the server's key for this exchange."""
    nonce = secrets.token_bytes(NONCE)
    core = core_of(header_of(round_, party), body, nonce)
    to = x25519.Identity.from_str(server_key(round_)).to_public()
    blob: bytes = pyrage.encrypt(core, [to])
    return Made(hashlib.sha256(core).hexdigest(), len(core), blob, nonce=nonce)


def _sealed(round_: Round, party: str, body: bytes) -> Made:
    """A deposit as the party sealed it; the server checks that it is the party's, and of here."""
    charter, deposit = charter_of(round_), from_json(body)
    verifier = charter.signers().get(party)
    if verifier is None:
        raise OperationError("You are no party of this exchange.")
    check_deposit(deposit, header_of(round_, party), verifier, charter.agents)
    core, size = deposit.core_hash.hex(), len(deposit.outer)
    return Made(core, size, body, deposit.signed_text(), deposit.signature)


def _receipt(actor: Actor, here: Held, entry: Entry, made: Made) -> Receipt:
    assert actor.party is not None
    receipt = receipt_of(
        here.log.placed(entry),
        here.charter.mode,
        charter=signed_charter(here.round),
        statement=made.statement,
        signature=made.signature,
        nonce=made.nonce,
    )
    row = Receipt(
        round_id=here.round.id,
        party_id=actor.party.id,
        entry_id=entry.id,
        body=to_json(receipt),
        at=here.now,
    )
    return insert(row)


def _forget(here: Held, party: Party) -> None:
    """Erase what a party had laid down before; the log keeps its commitment."""
    where = {"round_id": here.round.id, "party_id": party.pk, "current": True}
    change(Deposit, where, current=False, blob=b"")


def withdraw(actor: Actor, round_: Round, signature: str | None = None) -> None:
    """Take one's text back, before all texts are there; what the server held of it is erased.

    Raises
    ------
    OperationError
        If there is none, or it is too late.
    ProofError
        Where keys are in use: if the signature does not hold.
    """
    with held(actor.room, round_.id) as here:
        party = actor.party
        assert party is not None
        core = here.exchange.deposits.get(party.slug, "")
        text = step_text("withdraw", round_.id, party.slug, core)
        line = _signed(here, party.slug, text, signature)
        here.take("withdraw", party.slug, signature=line)
        _forget(here, party)


def alone(actor: Actor, round_: Round, core: bytes, signature: str | None = None) -> None:
    """After the deadline: lay one's own text open, though the others did not come.

    Raises
    ------
    OperationError
        If the deadline has not passed, or it is not the text that was laid down.
    ProofError
        If the text is of another place, or (where keys are in use) the signature does not hold.
    """
    with held(actor.room, round_.id) as here:
        party = actor.party
        assert party is not None
        digest = hashlib.sha256(core).hexdigest()
        text_of(core, header_of(round_, party.slug))
        text = step_text("alone", round_.id, party.slug, digest)
        line = _signed(here, party.slug, text, signature)
        here.take("alone", party.slug, digest, core=digest, signature=line)
        # a text that is open needs no lock; it is kept as it was laid before all
        found = Deposit.objects.filter(round=here.round, party=party, core=digest)
        found.update(blob=core, current=True)


def _signed(here: Held, party: str, text: str, signature: str | None) -> str | None:
    """The line of the signature, checked; none where there are no keys, whatever was sent."""
    verifier = here.charter.signers().get(party)
    if verifier is None:
        return None
    if not signature:
        raise ProofError("The signature is missing.", "Sign with your key.")
    check_line(text, signature, verifier)
    return signature


def server_key(round_: Round) -> str:
    """The server's key as release agent of an exchange, as long as the exchange goes on.

    Raises
    ------
    OperationError
        If it was erased, because the exchange has ended.
    """
    if not round_.server_key:
        raise OperationError("This exchange has ended; its key was erased.")
    return take_out(round_.room_id, bytes(round_.server_key)).decode()
