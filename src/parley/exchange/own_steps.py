"""Steps that a party takes alone with its own text: taking it back, laying it open.

Where keys are in use a party signs each of them, naming the very text. It can be done on a machine
that is never on any network, with the receipt of the text; what comes out is a file to give on.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import Any, Literal, get_args

from parley.errors import ProofError, SettingError
from parley.exchange import canonical
from parley.exchange.charter import Charter
from parley.exchange.keys import Identity
from parley.exchange.receipts import Receipt, check_receipt
from parley.exchange.sealing import core_in
from parley.exchange.shares import header_of

Kind = Literal["withdraw", "alone"]
FORMAT = "parley-own-step-1"


@dataclass(frozen=True)
class OwnStep:
    """A step of a party with its own text.

    Parameters
    ----------
    core
        SHA-256 (hex) of the text with its header, padded: which text it is.
    signature
        The line of the party's signature under `step_text`.
    opened
        What is laid open: the text with its header, padded; ``None`` if it is taken back.
    """

    kind: Kind
    exchange: str
    party: str
    core: str
    signature: str
    opened: bytes | None = None


def step_text(kind: Kind, exchange: str, party: str, core: str) -> str:
    """What a party signs to take its text back, or to lay it open alone after the deadline."""
    fields = {"exchange": exchange, "party": party, "core": core}
    return f"parley-{kind}-1\n{canonical.encode(fields).decode()}\n"


def taken_back(receipt: Receipt, own: Identity) -> OwnStep:
    """What takes the text of a receipt back.

    Raises
    ------
    ProofError
        If the receipt does not hold, or is of nothing that this key has sealed.
    SettingError
        If it is of an exchange without keys.
    """
    charter, core = _own_text(receipt, own)
    return _signed("withdraw", charter, own, core)


def laid_open(receipt: Receipt, copy: bytes, own: Identity) -> OwnStep:
    """What lays the text of a receipt open, from the copy that was kept when it was sealed.

    Raises
    ------
    ProofError
        If the receipt does not hold, or is of nothing that this key has sealed; if the copy does
        not open, or is of another text.
    SettingError
        If it is of an exchange without keys.
    """
    charter, core = _own_text(receipt, own)
    opened = core_in(copy, header_of(charter, own.name), own.age)
    if hashlib.sha256(opened).hexdigest() != core:
        what = "The receipt is of another text than this copy."
        raise ProofError(what, "Take the copy that was made together with that deposit.")
    return _signed("alone", charter, own, core, opened)


def _own_text(receipt: Receipt, own: Identity) -> tuple[Charter, str]:
    """Charter and core of the deposit that a receipt is of, if it is of this key."""
    _, charter = check_receipt(receipt)
    entry = receipt.content
    if charter is None or entry.get("kind") != "deposit":
        what = "This is no receipt of a text that was laid down."
        raise ProofError(what, "Take the one that the room gave for it.")
    verifier = charter.signers().get(str(entry.get("who")))
    if verifier is None:
        what = "In this exchange there are no keys: the server holds the texts."
        raise SettingError(what, "Do it in the room, where no signature is asked for.")
    if verifier != own.signer.verifier:
        what = f"The text of this receipt is not of the key of `{own.name}`."
        raise ProofError(what, f"It is of `{verifier.name}`; take that key, or the other receipt.")
    return charter, str(entry["core"])


def _signed(
    kind: Kind, charter: Charter, own: Identity, core: str, opened: bytes | None = None
) -> OwnStep:
    line = own.signer.sign(step_text(kind, charter.exchange, own.name, core))
    return OwnStep(kind, charter.exchange, own.name, core, line, opened)


def to_json(step: OwnStep) -> bytes:
    """The step as a file: canonical JSON."""
    opened = None if step.opened is None else base64.b64encode(step.opened).decode()
    return canonical.encode({"format": FORMAT, **vars(step), "opened": opened})


def from_json(raw: bytes) -> OwnStep:
    """A step from a file; nothing is checked but the form.

    Raises
    ------
    ProofError
        If it is none.
    """
    step = canonical.restored(raw, FORMAT, _step, to_json)
    if step is None:
        what = "This is no file of `parley withdraw` or `parley lay-open`, or it was changed."
        raise ProofError(what, "Make it anew.")
    return step


def _step(fields: dict[str, Any]) -> OwnStep:
    texts = ("kind", "exchange", "party", "core", "signature")
    canonical.shaped(fields, **dict.fromkeys(texts, str))
    opened = fields["opened"]
    if fields["kind"] not in get_args(Kind) or (opened is None) != (fields["kind"] == "withdraw"):
        raise ValueError(fields["kind"])
    if opened is not None:
        opened = base64.b64decode(opened, validate=True)
    return OwnStep(**{text: fields[text] for text in texts}, opened=opened)
