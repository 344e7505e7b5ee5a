"""Comparing two blind bids, which only the mediator can; and the book of what was compared.

Each attempt is compared once. What came of it is written into the mediator's book, and whoever
brings other bids for the same attempt is refused: so nobody finds a bid by trying. The parties see
in each outcome, and in each bid after it, which one came before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from parley.errors import ParleyError, ProofError, SettingError
from parley.exchange import canonical
from parley.exchange.bids import (
    Bid,
    Outcome,
    Terms,
    check_bid,
    check_outcome,
    compared,
    mediator_of,
    number,
    place,
    plainly,
)
from parley.exchange.charter import Charter
from parley.exchange.core import text_of
from parley.exchange.keys import Identity
from parley.exchange.sealing import core_in
from parley.exchange.shares import header_of


def settle(
    charter: Charter, bids: Sequence[Bid], own: Identity, book: Sequence[Outcome]
) -> Outcome:
    """Open two bids and compare them.

    Parameters
    ----------
    book
        What this mediator has settled before, in this order. If these very bids are in it, what
        came of them is given again.

    Raises
    ------
    ProofError
        If a bid is not its party's, not of this charter, or was changed, or made after another
        outcome; if the book holds something else than this mediator's outcomes.
    SettingError
        If the key is not the mediator's; if the bids are not of the same terms and attempt, from
        opposite sides; if it is not the turn of this attempt.
    """
    values = opened(charter, bids, own)
    terms, attempt = _common(bids)
    hashes = {each.party: each.core for each in bids}
    before = _before(charter, terms, attempt, book)
    if before and before[-1].attempt == attempt:
        if before[-1].bids != hashes:
            what = f"Attempt {attempt} was settled before, with other bids."
            raise SettingError(what, "Each is compared once; the next needs new bids of both.")
        return before[-1]
    after = before[-1].hash() if before else ""
    for each in bids:
        if each.after != after:
            what = f"The bid of `{each.party}` was made after another outcome."
            raise ProofError(what, "Ask for one made after the outcome in the book.")
    by_side = {each.side: values[each.party] for each in bids}
    middle = compared(by_side["at-least"], by_side["at-most"])
    told = plainly(middle) if middle is not None and terms.rule == "midpoint" else None
    found = Outcome(terms, charter.hash(), attempt, after, hashes, middle is not None, told)
    return replace(found, signature=own.signer.sign(found.text()))


def opened(charter: Charter, bids: Sequence[Bid], own: Identity) -> dict[str, Decimal]:
    """The numbers of bids, by party; for the mediator alone.

    Raises
    ------
    ProofError
        If a bid is not its party's, not of this charter, or was changed.
    SettingError
        If the key is not the mediator's.
    """
    if own.public != mediator_of(charter):
        raise SettingError("Only the mediator of this charter can open bids.")
    found = {}
    for each in bids:
        check_bid(charter, each)
        try:
            found[each.party] = _number_in(charter, each, own)
        except ParleyError as error:
            where = f"the bid of `{each.party}`"
            raise ProofError(error.what, "Ask for another.", where=where) from None
    return found


def _number_in(charter: Charter, given: Bid, own: Identity) -> Decimal:
    """The number of a bid; what stands inside the seal is what was signed outside."""
    header = header_of(charter, given.party)
    core = core_in(given.sealed, header, own.age)
    if hashlib.sha256(core).hexdigest() != given.core:
        raise ProofError("Inside is not what was signed.")
    inside = canonical.decode(text_of(core, header))
    beside = place(given.terms, given.side, given.attempt)
    if not isinstance(inside, dict) or {**beside, "value": inside.get("value")} != inside:
        raise ProofError("Inside it is of another question.")
    return number(str(inside["value"]))


def _common(bids: Sequence[Bid]) -> tuple[Terms, int]:
    """What two bids are about."""
    if len(bids) != 2 or bids[0].party == bids[1].party:
        raise SettingError("Two bids of two parties are compared.", "Give both.")
    first, second = bids
    if (first.terms, first.attempt) != (second.terms, second.attempt):
        what = "The bids are of different terms or attempts."
        raise SettingError(what, "Both name the same question, unit, parties, rule and attempts.")
    if {first.side, second.side} != {"at-least", "at-most"}:
        what = "The bids are not from opposite sides."
        raise SettingError(what, "One says at-least, the other at-most; ask who meant what.")
    return first.terms, first.attempt


def _before(
    charter: Charter, terms: Terms, attempt: int, book: Sequence[Outcome]
) -> Sequence[Outcome]:
    """The outcomes of these terms up to an attempt, each after the other; that one too, if it is
    there."""
    same = [each for each in book if (each.charter, each.terms) == (charter.hash(), terms)]
    after = ""
    for count, each in enumerate(same, 1):
        check_outcome(charter, each)
        if (each.attempt, each.after) != (count, after):
            raise ProofError("The book has a gap.", "Take the one that nothing was taken out of.")
        after = each.hash()
    if len(same) < attempt - 1:
        what = f"The book has no outcome of attempt {attempt - 1}."
        raise SettingError(what, "Take the book in which it was settled.")
    if len(same) < attempt and same and same[-1].meets:
        raise SettingError("The bids of the attempt before have met: there is nothing more to ask.")
    return same[:attempt]
