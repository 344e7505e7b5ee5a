"""Bids and outcomes as files."""

from __future__ import annotations

import base64
from typing import Any

from parley.errors import ProofError
from parley.exchange import canonical
from parley.exchange.bids import FORMAT, OUTCOME, Bid, Outcome, Terms


def bid_to_json(given: Bid) -> bytes:
    """A bid as a file: canonical JSON."""
    sealed = base64.b64encode(given.sealed).decode()
    return canonical.encode(
        {"format": FORMAT, **vars(given), "terms": vars(given.terms), "sealed": sealed}
    )


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
    texts = ("charter", "party", "side", "core", "signature")
    canonical.shaped(fields, attempt=int, **dict.fromkeys(texts, str))
    sealed = base64.b64decode(fields["sealed"], validate=True)
    return Bid(
        Terms(**fields["terms"]), attempt=fields["attempt"], sealed=sealed,
        **{text: fields[text] for text in texts},
    )  # fmt: skip


def outcome_to_json(outcome: Outcome) -> bytes:
    """An outcome as a file: canonical JSON."""
    return canonical.encode({"format": OUTCOME, **vars(outcome), "terms": vars(outcome.terms)})


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
    texts = ("charter", "signature")
    canonical.shaped(fields, attempt=int, bids=dict, meets=bool, **dict.fromkeys(texts, str))
    canonical.shaped(fields["bids"], **dict.fromkeys(fields["bids"], str))
    if not isinstance(fields["value"], str | None):
        raise TypeError(fields["value"])
    kept = {key: fields[key] for key in ("attempt", "bids", "meets", "value", *texts)}
    return Outcome(Terms(**fields["terms"]), **kept)
