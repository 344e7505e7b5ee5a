"""Blind bids: two parties bid over one number, and nobody but the mediator's device sees both.

One party says the least that it would accept, the other the most that it would give. If the two
meet, they have settled; if not, nothing is told but that. Each bid is sealed to the mediator alone,
signed, and bound to charter, question and attempt. What an attempt tells is little, and not
nothing: who learns the midpoint can work out the other bid, and one who may ask again and again
finds it by halving. So attempts are few, and their number is part of what is signed.

Source of the rule: K. Chatterjee, W. Samuelson, *Bargaining under incomplete information*,
Operations Research 31 (1983), 835-851, with k = 1/2.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Literal, get_args

from parley.errors import ProofError, SettingError
from parley.exchange import canonical
from parley.exchange.charter import Charter, Keys
from parley.exchange.core import core_of, text_of
from parley.exchange.keys import Identity
from parley.exchange.notes import check_line
from parley.exchange.sealing import core_in, sealed_core
from parley.exchange.shares import header_of

Side = Literal["at-least", "at-most"]
Rule = Literal["midpoint", "overlap"]
FORMAT, OUTCOME = "parley-bid-1", "parley-bids-outcome-1"
ATTEMPTS = 3
MOST_ATTEMPTS = 5
LONGEST = 200
"""Most letters of a question or unit."""
_JOINERS = dict.fromkeys(map(ord, "\u200c\u200d"))
"""Without them Persian and others are misspelt, though they do not print."""
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,6})?")
_MEDIATOR: Literal["mediator"] = "mediator"


@dataclass(frozen=True)
class Terms:
    """What is bid for, and how often; both parties sign the same.

    Parameters
    ----------
    question, unit
        What the number is, and of what: the length of the pause, days.
    rule
        What is told where bids meet: their ``midpoint``, or only that they ``overlap``.
    attempts
        How often bids are compared at most.
    """

    question: str
    unit: str
    rule: Rule = "midpoint"
    attempts: int = ATTEMPTS

    def __post_init__(self) -> None:
        for words in (self.question, self.unit):
            shown = words.translate(_JOINERS)
            if not shown.isprintable() or not 0 < len(shown) <= LONGEST or words != words.strip():
                what = f"Question and unit are words on one line, of at most {LONGEST} letters."
                raise SettingError(what, "Say both shortly: --question 'The pause' --unit days.")
        if self.rule not in get_args(Rule):
            raise SettingError(f"There is no rule `{self.rule}`.", "It is midpoint or overlap.")
        if type(self.attempts) is not int or not 1 <= self.attempts <= MOST_ATTEMPTS:
            what = f"There are 1 to {MOST_ATTEMPTS} attempts."
            raise SettingError(what, "With more, a bid is found by halving.")


@dataclass(frozen=True)
class Bid:
    """A bid, as it is given to the mediator.

    Parameters
    ----------
    attempt
        Which attempt it is for, from 1.
    sealed
        The number with what it belongs to, sealed to the mediator (age).
    core
        SHA-256 (hex) of what is sealed.
    signature
        By the party: the line of a signed note over all of this.
    """

    terms: Terms
    charter: str
    party: str
    side: Side
    attempt: int
    sealed: bytes
    core: str
    signature: str = ""

    def text(self) -> str:
        """What the party signs."""
        digest = hashlib.sha256(self.sealed).hexdigest()
        fields = {**vars(self), "terms": vars(self.terms), "sealed": digest}
        del fields["signature"]
        return f"{FORMAT}\n{canonical.encode(fields).decode()}\n"


@dataclass(frozen=True)
class Outcome:
    """What the mediator tells both parties of an attempt.

    Parameters
    ----------
    bids
        Of each party, the hash of its bid (`Bid.core`).
    meets
        Whether the bids meet.
    value
        The midpoint, where that is the rule and they meet.
    signature
        By the mediator: the line of a signed note over all of this.
    """

    terms: Terms
    charter: str
    attempt: int
    bids: dict[str, str]
    meets: bool
    value: str | None
    signature: str = ""

    def text(self) -> str:
        """What the mediator signs."""
        fields = {**vars(self), "terms": vars(self.terms)}
        del fields["signature"]
        return f"{OUTCOME}\n{canonical.encode(fields).decode()}\n"


def number(words: str) -> Decimal:
    """The number that somebody wrote.

    Raises
    ------
    SettingError
        If it is none, or more than one could be meant.
    """
    plain = words.strip()
    if not _NUMBER.fullmatch(plain):
        what = "A bid is a number in plain digits."
        raise SettingError(what, "Write it as 45, or 1250000.50: a point, nothing between digits.")
    return Decimal(plain)


def compared(least: Decimal, most: Decimal) -> Decimal | None:
    """Where two bids meet: halfway, or nowhere.

    Parameters
    ----------
    least
        The least that one side accepts.
    most
        The most that the other gives.
    """
    # at most 15 digits before the point and 6 after it, so that no digit is lost
    return (least + most) / 2 if least <= most else None


def plainly(value: Decimal) -> str:
    """A number in plain digits, without zeros that say nothing."""
    return f"{value.normalize():f}" if value else "0"


def bid(
    charter: Charter, terms: Terms, side: Side, attempt: int, value: Decimal, own: Identity,
    nonce: bytes,
) -> Bid:  # fmt: skip
    """A bid of a party, sealed to the mediator.

    Parameters
    ----------
    nonce
        32 fresh random bytes; they keep a guess at the number from being checked by its hash.

    Raises
    ------
    SettingError
        If the charter has no mediator, side or attempt do not exist, or the key is of no party.
    """
    if own.name not in charter.parties:
        what = f"`{own.name}` is no party of this charter, and cannot bid."
        raise SettingError(what, f"The parties are: {', '.join(charter.parties)}.")
    if side not in get_args(Side):
        raise SettingError(f"There is no side `{side}`.", "It is at-least or at-most.")
    if not 1 <= attempt <= terms.attempts:
        what = f"There is no attempt {attempt}: {terms.attempts} were agreed."
        raise SettingError(what, "Talk; or agree on other terms, with new bids.")
    header = header_of(charter, own.name)
    inside = canonical.encode({"value": plainly(value), **_place(terms, side, attempt)})
    sealed = sealed_core(header, inside, nonce, _mediator(charter).age)
    digest = hashlib.sha256(core_of(header, inside, nonce)).hexdigest()
    unsigned = Bid(terms, charter.hash(), own.name, side, attempt, sealed, digest)
    return replace(unsigned, signature=own.signer.sign(unsigned.text()))


def settle(
    charter: Charter, bids: Sequence[Bid], own: Identity, before: Outcome | None = None
) -> Outcome:
    """Open two bids and compare them; only the mediator can.

    Parameters
    ----------
    before
        The outcome of the attempt before this one; left out with the first.

    Raises
    ------
    ProofError
        If a bid is not its party's, not of this charter, or was changed; if the outcome before is
        not the mediator's.
    SettingError
        If the bids are not of the same terms and attempt from opposite sides, or it is not the
        turn of this attempt.
    """
    if own.public != _mediator(charter):
        raise SettingError("Only the mediator of this charter can open bids.")
    for each in bids:
        check_bid(charter, each)
    terms, attempt = _common(bids)
    _check_turn(charter, terms, attempt, before)
    values = {each.side: _opened(charter, each, own) for each in bids}
    middle = compared(values["at-least"], values["at-most"])
    told = plainly(middle) if middle is not None and terms.rule == "midpoint" else None
    hashes = {each.party: each.core for each in bids}
    unsigned = Outcome(terms, charter.hash(), attempt, hashes, middle is not None, told)
    return replace(unsigned, signature=own.signer.sign(unsigned.text()))


def check_bid(charter: Charter, given: Bid) -> None:
    """Check that a bid is of this charter and signed by its party.

    Raises
    ------
    ProofError
        If it is not.
    """
    verifier = charter.signers().get(given.party)
    if given.charter != charter.hash() or given.party not in charter.parties or verifier is None:
        what = f"The bid of `{given.party}` is of another charter."
        raise ProofError(what, "Both bid under the charter that all have signed.")
    check_line(given.text(), given.signature, verifier)


def check_outcome(charter: Charter, outcome: Outcome, own: Bid | None = None) -> None:
    """Check that the mediator has signed an outcome, and (if given) that it is about one's bid.

    Raises
    ------
    ProofError
        If not.
    """
    verifier = charter.signers().get(_MEDIATOR)
    if outcome.charter != charter.hash() or verifier is None:
        raise ProofError(
            "The outcome is of another charter.", "Ask the mediator for the right one."
        )
    check_line(outcome.text(), outcome.signature, verifier)
    if own is not None and (
        outcome.bids.get(own.party) != own.core
        or (outcome.terms, outcome.attempt) != (own.terms, own.attempt)
    ):
        raise ProofError("The outcome is about another bid than this one.", "Keep both; ask why.")


def _mediator(charter: Charter) -> Keys:
    keys = charter.agents.get(_MEDIATOR)
    if keys is None:
        what = "This charter has no key of the mediator to seal a bid to."
        raise SettingError(what, "Use one of the mode sealed or two-agents.")
    return keys


def _place(terms: Terms, side: str, attempt: int) -> dict[str, Any]:
    """What stands beside the number inside the seal, so that it is of no other question."""
    return {"terms": vars(terms), "side": side, "attempt": attempt}


def _common(bids: Sequence[Bid]) -> tuple[Terms, int]:
    """What two bids are about."""
    if len(bids) != 2 or len({each.party for each in bids}) != 2:
        raise SettingError("Two bids of two parties are compared.", "Give both.")
    first, second = bids
    if (first.terms, first.attempt) != (second.terms, second.attempt):
        what = "The bids are of different terms or attempts."
        raise SettingError(what, "Both name the same question, unit, rule and attempts.")
    if {first.side, second.side} != {"at-least", "at-most"}:
        what = "Both bids are from the same side."
        raise SettingError(what, "One says at-least, the other at-most; ask who meant what.")
    return first.terms, first.attempt


def _check_turn(charter: Charter, terms: Terms, attempt: int, before: Outcome | None) -> None:
    if before is not None:
        check_outcome(charter, before)
        if before.terms != terms or before.attempt != attempt - 1:
            what = "The outcome that was given is not that of the attempt before this one."
            raise SettingError(what, f"Give that of attempt {attempt - 1} of the same terms.")
        if before.meets:
            what = "The bids of the attempt before have met: there is nothing more to ask."
            raise SettingError(what, "What they would say now is no business of anybody.")
    elif attempt > 1:
        what = f"This is attempt {attempt}, and the outcome of the one before is missing."
        raise SettingError(what, "Give it: --before FILE.")
    if not 1 <= attempt <= terms.attempts:
        raise SettingError(f"{terms.attempts} attempts were agreed; this is another.")


def _opened(charter: Charter, given: Bid, own: Identity) -> Decimal:
    """The number of a bid; what stands inside the seal is what was signed outside."""
    header = header_of(charter, given.party)
    core = core_in(given.sealed, header, own.age)
    if hashlib.sha256(core).hexdigest() != given.core:
        raise ProofError(f"The bid of `{given.party}` is not what it signed.", "Ask for another.")
    inside = canonical.decode(text_of(core, header))
    place = _place(given.terms, given.side, given.attempt)
    if not isinstance(inside, dict) or {**place, "value": inside.get("value")} != inside:
        raise ProofError(f"The bid of `{given.party}` is of another question.", "Ask for another.")
    return number(str(inside["value"]))
