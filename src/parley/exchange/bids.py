"""Blind bids: two parties bid over one number, and nobody but the mediator's device sees both.

One party says the least that it would accept, the other the most that it would give. If the two
meet, they have settled; if not, nothing is told but that. Each bid is sealed to the mediator alone,
signed, and bound to charter, question and attempt. What an attempt tells is little, and not
nothing: who learns the midpoint can work out the other bid, and one who may ask again and again
finds it by halving. So attempts are few, their number is part of what is signed, and each bid names
the outcome that it comes after. How two bids are compared stands in `settling`.

Source of the rule: K. Chatterjee, W. Samuelson, *Bargaining under incomplete information*,
Operations Research 31 (1983), 835-851, with k = 1/2.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, get_args

from parley.errors import ProofError, SettingError
from parley.exchange import canonical
from parley.exchange.charter import Charter, Keys
from parley.exchange.notes import check_line

Side = Literal["at-least", "at-most"]
Rule = Literal["midpoint", "overlap"]
FORMAT, OUTCOME = "parley-bid-1", "parley-bids-outcome-1"
ATTEMPTS = 3
MOST_ATTEMPTS = 5
LONGEST = 200
"""Most letters of a question or unit."""
_UNSEEN = dict.fromkeys(map(ord, "\u200c\u200d\u00a0\u202f"), "-")
"""Joiners and blanks that Persian, French and others are misspelt without."""
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,6})?")
_MIDPOINT = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,7})?")
MEDIATOR: Literal["mediator"] = "mediator"


@dataclass(frozen=True)
class Terms:
    """What is bid for, by whom, and how often; both parties sign the same.

    Parameters
    ----------
    question, unit
        What the number is, and of what: the length of the pause, days.
    parties
        The two who bid, in the order of their ids.
    rule
        What is told where bids meet: their ``midpoint``, or only that they ``overlap``.
    attempts
        How often bids are compared at most.
    """

    question: str
    unit: str
    parties: tuple[str, str]
    rule: Rule = "midpoint"
    attempts: int = ATTEMPTS

    def __post_init__(self) -> None:
        for words in (self.question, self.unit):
            shown = words.translate(_UNSEEN)
            if not shown.isprintable() or not 0 < len(shown) <= LONGEST or words != words.strip():
                what = f"Question and unit are words on one line, of at most {LONGEST} letters."
                raise SettingError(what, "Say both shortly: --question 'The pause' --unit days.")
        if self.rule not in get_args(Rule):
            raise SettingError(f"There is no rule `{self.rule}`.", "It is midpoint or overlap.")
        if type(self.attempts) is not int or not 1 <= self.attempts <= MOST_ATTEMPTS:
            what = f"There are 1 to {MOST_ATTEMPTS} attempts."
            raise SettingError(what, "With more, a bid is found by halving.")
        first, second = self.parties
        if not first < second:
            raise SettingError("Two different parties bid.", "Name the other one: --with PARTY.")

    def fields(self) -> dict[str, Any]:
        """The terms as they are signed and kept."""
        return {**vars(self), "parties": list(self.parties)}


@dataclass(frozen=True)
class Bid:
    """A bid, as it is given to the mediator.

    Parameters
    ----------
    attempt
        Which attempt it is for, from 1.
    after
        The hash of the outcome that it comes after (`Outcome.hash`); empty with the first attempt.
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
    after: str
    sealed: bytes
    core: str
    signature: str = ""

    def text(self) -> str:
        """What the party signs; of what is sealed, the hash."""
        digest = hashlib.sha256(self.sealed).hexdigest()
        fields = {**vars(self), "terms": self.terms.fields(), "sealed": digest}
        del fields["signature"]
        return f"{FORMAT}\n{canonical.encode(fields).decode()}\n"


@dataclass(frozen=True)
class Outcome:
    """What the mediator tells both parties of an attempt.

    Parameters
    ----------
    after
        The hash of the outcome before it; empty with the first attempt.
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
    after: str
    bids: dict[str, str]
    meets: bool
    value: str | None
    signature: str = ""

    def text(self) -> str:
        """What the mediator signs."""
        fields = {**vars(self), "terms": self.terms.fields()}
        del fields["signature"]
        return f"{OUTCOME}\n{canonical.encode(fields).decode()}\n"

    def hash(self) -> str:
        """SHA-256 (hex) of what the mediator signs."""
        return hashlib.sha256(self.text().encode()).hexdigest()


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


def check_bid(charter: Charter, given: Bid) -> None:
    """Check that a bid is of this charter and signed by its party.

    Raises
    ------
    ProofError
        If it is not.
    SettingError
        If the two who bid are not of this charter.
    """
    check_parties(charter, *given.terms.parties)
    verifier = charter.signers().get(given.party)
    if given.charter != charter.hash() or given.party not in given.terms.parties or not verifier:
        what = f"The bid of `{given.party}` is of another charter."
        raise ProofError(what, "Both bid under the charter that all have signed.")
    check_line(given.text(), given.signature, verifier)
    if not _is_attempt(given):
        raise ProofError(f"The bid of `{given.party}` is of no attempt that there is.")


def check_outcome(charter: Charter, outcome: Outcome, own: Bid | None = None) -> None:
    """Check that the mediator has signed an outcome, and (if given) that it is about one's bid.

    It does not show that it follows from the bids, nor that the other party heard the same.

    Raises
    ------
    ProofError
        If not, or if it contradicts itself.
    SettingError
        If the two who bid are not of this charter.
    """
    check_parties(charter, *outcome.terms.parties)
    verifier = charter.signers().get(MEDIATOR)
    if outcome.charter != charter.hash() or verifier is None:
        raise ProofError(
            "The outcome is of another charter.", "Ask the mediator for the right one."
        )
    check_line(outcome.text(), outcome.signature, verifier)
    if not _is_one(outcome):
        raise ProofError("The outcome contradicts itself.", "Keep it, and ask the mediator.")
    if own is None:
        return
    check_bid(charter, own)
    same = (outcome.terms, outcome.attempt, outcome.after) == (own.terms, own.attempt, own.after)
    if not same or outcome.bids[own.party] != own.core:
        raise ProofError("The outcome is about another bid than this one.", "Keep both; ask why.")


def _is_one(outcome: Outcome) -> bool:
    """Whether what an outcome says can be."""
    terms, value = outcome.terms, outcome.value
    told = outcome.meets and terms.rule == "midpoint"
    return (
        tuple(sorted(outcome.bids)) == terms.parties
        and _is_attempt(outcome)
        and (value is not None) == told
        and (value is None or _MIDPOINT.fullmatch(value) is not None)
    )


def _is_attempt(one: Bid | Outcome) -> bool:
    """Whether there is such an attempt, and all but the first come after an outcome."""
    return 1 <= one.attempt <= one.terms.attempts and (one.attempt == 1) == (not one.after)


def check_parties(charter: Charter, *parties: str) -> None:
    """Check that those who bid are parties of a charter.

    Raises
    ------
    SettingError
        If one is not.
    """
    for party in parties:
        if party not in charter.parties:
            what = f"`{party}` is no party of this charter, and cannot bid."
            raise SettingError(what, f"The parties are: {', '.join(charter.parties)}.")


def mediator_of(charter: Charter) -> Keys:
    """The keys of the mediator.

    Raises
    ------
    SettingError
        If the charter has none.
    """
    keys = charter.agents.get(MEDIATOR)
    if keys is None:
        what = "This charter has no key of the mediator to seal a bid to."
        raise SettingError(what, "Use one of the mode sealed or two-agents.")
    return keys


def place(terms: Terms, side: str, attempt: int) -> dict[str, Any]:
    """What stands beside the number inside the seal, so that it is of no other question."""
    return {"terms": terms.fields(), "side": side, "attempt": attempt}
