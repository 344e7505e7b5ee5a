"""Bids, outcomes and the mediator's book as files: canonical JSON."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from parley.errors import ProofError, SettingError
from parley.exchange import canonical
from parley.exchange.bids import FORMAT, OUTCOME, Bid, Outcome, Terms

BOOK = "parley-bids-book-1"


def bid_to_json(given: Bid) -> bytes:
    """A bid as a file."""
    sealed = base64.b64encode(given.sealed).decode()
    fields = {**vars(given), "terms": given.terms.fields(), "sealed": sealed}
    return canonical.encode({"format": FORMAT, **fields})


def bid_from_json(raw: bytes) -> Bid:
    """A bid from a file; nothing is checked but the form.

    Raises
    ------
    ProofError
        If it is none.
    """
    found = canonical.restored(raw, FORMAT, _bid, bid_to_json)
    if found is None:
        raise ProofError("This is no bid, or it was changed.", "Ask its party for the file.")
    return found


def _bid(fields: dict[str, Any]) -> Bid:
    texts = ("charter", "party", "side", "after", "core", "signature")
    canonical.shaped(fields, attempt=int, **dict.fromkeys(texts, str))
    sealed = base64.b64decode(fields["sealed"], validate=True)
    kept = {text: fields[text] for text in ("attempt", *texts)}
    return Bid(_terms(fields["terms"]), sealed=sealed, **kept)


def outcome_to_json(outcome: Outcome) -> bytes:
    """An outcome as a file."""
    return canonical.encode(_outcome_fields(outcome))


def _outcome_fields(outcome: Outcome) -> dict[str, Any]:
    return {"format": OUTCOME, **vars(outcome), "terms": outcome.terms.fields()}


def outcome_from_json(raw: bytes) -> Outcome:
    """An outcome from a file; nothing is checked but the form.

    Raises
    ------
    ProofError
        If it is none.
    """
    found = canonical.restored(raw, OUTCOME, _outcome, outcome_to_json)
    if found is None:
        what = "This is no outcome of bids, or it was changed."
        raise ProofError(what, "Ask the mediator for the file.")
    return found


def _outcome(fields: dict[str, Any]) -> Outcome:
    texts = ("charter", "after", "signature")
    canonical.shaped(fields, attempt=int, bids=dict, meets=bool, **dict.fromkeys(texts, str))
    canonical.shaped(fields["bids"], **dict.fromkeys(fields["bids"], str))
    if not isinstance(fields["value"], str | None):
        raise TypeError(fields["value"])
    kept = {key: fields[key] for key in ("attempt", "bids", "meets", "value", *texts)}
    return Outcome(_terms(fields["terms"]), **kept)


def _terms(fields: dict[str, Any]) -> Terms:
    first, second = fields["parties"]
    try:
        return Terms(**{**fields, "parties": (first, second)})
    except SettingError as error:
        raise ValueError(error.what) from None


def book_to_json(book: Sequence[Outcome]) -> bytes:
    """A book as a file."""
    return canonical.encode({"format": BOOK, "outcomes": [_outcome_fields(one) for one in book]})


def book_from_json(raw: bytes) -> tuple[Outcome, ...]:
    """A book from a file; nothing is checked but the form.

    Raises
    ------
    ProofError
        If it is none.
    """
    found = canonical.restored(raw, BOOK, _book, book_to_json)
    if found is None:
        raise ProofError("This is no book of bids, or it was changed.", "Take the file as it was.")
    return found


def _book(fields: dict[str, Any]) -> tuple[Outcome, ...]:
    return tuple(_outcome(each) for each in fields["outcomes"])
