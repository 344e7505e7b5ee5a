"""Blind bids: sealed to the mediator alone, bound to their question, few, and told as little."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from parley.errors import ProofError, SettingError
from parley.exchange import canonical
from parley.exchange.bid_files import bid_from_json, bid_to_json, outcome_from_json, outcome_to_json
from parley.exchange.bids import (
    Bid,
    Outcome,
    Side,
    Terms,
    bid,
    check_outcome,
    compared,
    number,
    plainly,
    settle,
)
from parley.exchange.core import core_of
from parley.exchange.sealing import core_in, sealed_core
from parley.exchange.shares import header_of
from tests.unit.exchange.rooms import NONCE, charter_of, identity

CHARTER = charter_of()
TERMS = Terms("The length of the pause", "days")
MEDIATOR = identity("mediator")


def bid_of(
    party: str, side: Side, value: str, *, attempt: int = 1, terms: Terms = TERMS, **changes: Any
) -> Bid:
    charter = changes.get("charter", CHARTER)
    return bid(charter, terms, side, attempt, Decimal(value), identity(party), NONCE)


def both(
    least: str, most: str, *, attempt: int = 1, terms: Terms = TERMS, **changes: Any
) -> tuple[Bid, Bid]:
    return (
        bid_of("north", "at-least", least, attempt=attempt, terms=terms, **changes),
        bid_of("south", "at-most", most, attempt=attempt, terms=terms, **changes),
    )


def after(least: str, most: str, attempt: int, before: Outcome | None, **changes: Any) -> Outcome:
    return settle(CHARTER, both(least, most, attempt=attempt, **changes), MEDIATOR, before)


@pytest.mark.parametrize(
    ("least", "most", "value"),
    [
        ("30", "45", "37.5"),
        ("30", "30", "30"),
        ("-5", "5", "0"),
        ("0", "0.000001", "0.0000005"),
        ("999999999999999.999999", "999999999999999.999999", "999999999999999.999999"),
        ("100", "900", "500"),
    ],
)
def test_bids_that_meet_meet_halfway(least: str, most: str, value: str) -> None:
    outcome = after(least, most, 1, None)
    assert (outcome.meets, outcome.value) == (True, value)
    check_outcome(CHARTER, outcome)


def test_of_bids_that_do_not_meet_nothing_else_is_told() -> None:
    near, far = after("31", "30", 1, None), after("900", "1", 1, None)
    for outcome in (near, far):
        assert (outcome.meets, outcome.value) == (False, None)
    unsigned = [replace(x, bids={}, signature="") for x in (near, far)]
    assert outcome_to_json(unsigned[0]) == outcome_to_json(unsigned[1])


def test_where_only_the_overlap_is_told_the_midpoint_is_not() -> None:
    outcome = after("30", "45", 1, None, terms=replace(TERMS, rule="overlap"))
    assert (outcome.meets, outcome.value) == (True, None)


def test_a_bid_opens_for_the_mediator_alone() -> None:
    given = bid_of("north", "at-least", "30")
    header = header_of(CHARTER, "north")
    assert b'"value":"30"' in core_in(given.sealed, header, MEDIATOR.age)
    for other in ("north", "south", "server", "witness"):
        with pytest.raises(ProofError, match="does not open"):
            core_in(given.sealed, header, identity(other).age)
        with pytest.raises(SettingError, match="Only the mediator"):
            settle(CHARTER, both("30", "45"), identity(other))


def test_the_size_of_a_bid_tells_nothing_of_the_number() -> None:
    header = header_of(CHARTER, "north")
    for value in ("1", "-999999999999999.999999"):
        given = bid_of("north", "at-least", value)
        assert len(core_in(given.sealed, header, MEDIATOR.age)) == 4096


def test_attempts_come_one_after_the_other_and_end() -> None:
    first = after("50", "40", 1, None)
    second = after("48", "42", 2, first)
    third = after("46", "45", 3, second)
    with pytest.raises(SettingError, match="outcome of the one before is missing"):
        after("48", "42", 2, None)
    for wrong in (second, third):
        with pytest.raises(SettingError, match="not that of the attempt before"):
            after("48", "42", 2, wrong)
    with pytest.raises(SettingError, match="3 were agreed"):
        after("45", "45", 4, third)
    with pytest.raises(SettingError, match="have met"):
        after("45", "45", 2, after("40", "45", 1, None))
    forged = replace(after("40", "45", 1, None), meets=False, value=None)
    with pytest.raises(ProofError):
        after("48", "42", 2, forged)


def test_bids_of_different_things_are_not_compared() -> None:
    north, south = both("30", "45")
    others = {
        "same side": (north, bid_of("south", "at-least", "45")),
        "different terms": (north, bid_of("south", "at-most", "45", terms=Terms("Other", "days"))),
        "terms or attempts": (north, bid_of("south", "at-most", "45", attempt=2)),
        "Two bids of two parties": (north, bid_of("north", "at-most", "45")),
        "Give both": (north,),
    }
    for words, bids in others.items():
        with pytest.raises(SettingError, match=words):
            settle(CHARTER, bids, MEDIATOR)
    elsewhere = charter_of(exchange="ex2")
    with pytest.raises(ProofError, match="another charter"):
        settle(CHARTER, (north, bid_of("south", "at-most", "45", charter=elsewhere)), MEDIATOR)
    assert settle(CHARTER, (south, north), MEDIATOR) == settle(CHARTER, (north, south), MEDIATOR)


def signed_anew(given: Bid, **changes: Any) -> Bid:
    changed = replace(given, **changes)
    return replace(changed, signature=identity(given.party).signer.sign(changed.text()))


def test_nobody_can_pass_another_bid_off_as_his_own_or_for_another_question() -> None:
    north, south = both("30", "45")
    copied = signed_anew(south, sealed=north.sealed, core=north.core)
    with pytest.raises(ProofError):
        settle(CHARTER, (north, copied), MEDIATOR)
    other = replace(TERMS, question="The length of the road")
    moved = [signed_anew(each, terms=other) for each in (north, south)]
    with pytest.raises(ProofError, match="of another question"):
        settle(CHARTER, moved, MEDIATOR)
    turned = (signed_anew(north, side="at-most"), signed_anew(south, side="at-least"))
    with pytest.raises(ProofError, match="of another question"):
        settle(CHARTER, turned, MEDIATOR)
    with pytest.raises(ProofError, match="not what it signed"):
        settle(CHARTER, (signed_anew(north, core="00" * 32), south), MEDIATOR)
    with pytest.raises(ProofError):
        settle(CHARTER, (replace(north, attempt=2), replace(south, attempt=2)), MEDIATOR)
    odd = canonical.encode({"value": "1e9", "terms": vars(TERMS), "side": "at-least", "attempt": 1})
    header = header_of(CHARTER, "north")
    sealed = sealed_core(header, odd, NONCE, MEDIATOR.public.age)
    core = hashlib.sha256(core_of(header, odd, NONCE)).hexdigest()
    with pytest.raises(SettingError, match="plain digits"):
        settle(CHARTER, (signed_anew(north, sealed=sealed, core=core), south), MEDIATOR)


def test_an_outcome_is_of_the_mediator_and_about_ones_own_bid() -> None:
    north, south = both("30", "45")
    outcome = settle(CHARTER, (north, south), MEDIATOR)
    for own in (north, south):
        check_outcome(CHARTER, outcome, own)
    with pytest.raises(ProofError, match="about another bid"):
        check_outcome(CHARTER, outcome, bid_of("north", "at-least", "31"))
    with pytest.raises(ProofError):
        check_outcome(CHARTER, replace(outcome, value="44"))
    with pytest.raises(ProofError, match="another charter"):
        check_outcome(charter_of(exchange="ex2"), outcome)


def test_who_may_bid() -> None:
    for name, words in (("mediator", "is no party"), ("witness", "is no party")):
        with pytest.raises(SettingError, match=words):
            bid(CHARTER, TERMS, "at-least", 1, Decimal(1), identity(name), NONCE)
    side: Any = "about"
    with pytest.raises(SettingError, match="no side"):
        bid_of("north", side, "1")
    for attempt in (0, 4):
        with pytest.raises(SettingError, match="no attempt"):
            bid_of("north", "at-least", "1", attempt=attempt)
    with pytest.raises(SettingError, match="no key of the mediator"):
        bid_of("north", "at-least", "1", charter=charter_of("simple"))


@pytest.mark.parametrize("words", ["45", " 45\n", "-0.5", "1250000.50", "0", "999999999999999"])
def test_numbers(words: str) -> None:
    assert number(words) == Decimal(words.strip())
    assert Decimal(plainly(number(words))) == Decimal(words.strip())


@pytest.mark.parametrize(
    "words",
    ["", "1,5", "1 000", "1.000.000", "1e9", "nan", "٤٥", "+1", "007", ".5", "5.", "½", "9" * 16],
)
def test_what_could_be_another_number_is_refused(words: str) -> None:
    with pytest.raises(SettingError, match="plain digits"):
        number(words)


@pytest.mark.parametrize(
    "wrong",
    [
        {"question": ""}, {"question": " x"}, {"question": "two\nlines"}, {"question": "a\u202eb"}, {"unit": "x" * 201},
        {"rule": "half"}, {"attempts": 0}, {"attempts": 6}, {"attempts": True},
    ],
)  # fmt: skip
def test_terms_that_cannot_be(wrong: dict[str, Any]) -> None:
    with pytest.raises(SettingError):
        Terms(**{"question": "The pause", "unit": "days", **wrong})


def test_words_of_any_script_can_be_asked_about() -> None:
    for words in ("مدت آتش\u200cبس", "тривалість паузи", "停火期限", "Länge der Waffenruhe"):
        assert Terms(words, "days").question == words


def test_what_is_written_is_read_as_it_was_and_nothing_else() -> None:
    north, south = both("30", "45")
    outcome = settle(CHARTER, (north, south), MEDIATOR)
    assert bid_from_json(bid_to_json(north)) == north
    assert outcome_from_json(outcome_to_json(outcome)) == outcome
    fields = {**vars(outcome), "terms": vars(TERMS), "format": "parley-bids-outcome-1"}
    wrong: list[dict[str, Any]] = [
        {"meets": 1},
        {"value": 37},
        {"bids": {"north": 1}},
        {"terms": {}},
        {"more": 1},
    ]
    for change in wrong:
        with pytest.raises(ProofError):
            outcome_from_json(canonical.encode({**fields, **change}))
    for raw in (b"", b"{}", bid_to_json(north)[:-1], bid_to_json(north).replace(b"core", b"cord")):
        with pytest.raises(ProofError):
            bid_from_json(raw)


def test_where_bids_meet() -> None:
    assert compared(Decimal(1), Decimal(3)) == 2
    assert compared(Decimal(3), Decimal(1)) is None
