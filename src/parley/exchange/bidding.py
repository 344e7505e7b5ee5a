"""Making a blind bid, sealed to the mediator alone."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from decimal import Decimal
from typing import get_args

from parley.errors import SettingError
from parley.exchange import canonical
from parley.exchange.bids import (
    Bid,
    Outcome,
    Side,
    Terms,
    check_outcome,
    check_parties,
    mediator_of,
    place,
    plainly,
)
from parley.exchange.charter import Charter
from parley.exchange.core import core_of
from parley.exchange.keys import Identity
from parley.exchange.sealing import sealed_core
from parley.exchange.shares import header_of


def bid(
    charter: Charter, terms: Terms, side: Side, value: Decimal, own: Identity, nonce: bytes,
    before: Outcome | None = None,
) -> Bid:  # fmt: skip
    """A bid of a party, sealed to the mediator.

    Parameters
    ----------
    nonce
        32 fresh random bytes; they keep a guess at the number from being checked by its hash.
    before
        The outcome of the attempt before; left out with the first.

    Raises
    ------
    ProofError
        If the outcome before is not the mediator's.
    SettingError
        If the charter has no mediator, the key is of none of the two, there is no such side, or no
        attempt is left.
    """
    check_parties(charter, *terms.parties)
    if own.name not in terms.parties:
        what = f"`{own.name}` does not bid here."
        raise SettingError(what, f"The parties are: {', '.join(terms.parties)}.")
    if side not in get_args(Side):
        raise SettingError(f"There is no side `{side}`.", "It is at-least or at-most.")
    attempt, after = _next(charter, terms, before)
    header = header_of(charter, own.name)
    inside = canonical.encode({"value": plainly(value), **place(terms, side, attempt)})
    sealed = sealed_core(header, inside, nonce, mediator_of(charter).age)
    digest = hashlib.sha256(core_of(header, inside, nonce)).hexdigest()
    unsigned = Bid(terms, charter.hash(), own.name, side, attempt, after, sealed, digest)
    return replace(unsigned, signature=own.signer.sign(unsigned.text()))


def _next(charter: Charter, terms: Terms, before: Outcome | None) -> tuple[int, str]:
    """Number of the attempt that comes after an outcome, and what the bid names of that one."""
    if before is None:
        return 1, ""
    check_outcome(charter, before)
    if before.terms != terms:
        what = "The outcome before is of other terms."
        raise SettingError(what, "Name the same, or leave the terms out.")
    if before.meets:
        raise SettingError("The bids have met: there is nothing more to bid.")
    if before.attempt >= terms.attempts:
        what = f"No attempt is left: {terms.attempts} were agreed."
        raise SettingError(what, "Talk; or agree on other terms.")
    return before.attempt + 1, before.hash()
