"""Blind bids: sealed to the mediator alone, bound to their question, few, and told as little."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from parley.errors import ProofError, SettingError
from parley.exchange import canonical
from parley.exchange.bid_files import (
    bid_from_json,
    bid_to_json,
    book_from_json,
    book_to_json,
    outcome_from_json,
    outcome_to_json,
)
from parley.exchange.bidding import bid
from parley.exchange.bids import (
    Bid,
    Outcome,
    Side,
    Terms,
    check_bid,
    check_outcome,
    compared,
    number,
    plainly,
)
from parley.exchange.core import core_of
from parley.exchange.sealing import core_in, sealed_core
from parley.exchange.settling import opened, settle
from parley.exchange.shares import header_of
from tests.unit.exchange.rooms import NONCE, charter_of, identity

CHARTER = charter_of()
TERMS = Terms("The length of the pause", "days", ("north", "south"))
MEDIATOR = identity("mediator")


def bid_of(
    party: str, side: Side, value: str, before: Outcome | None = None, terms: Terms = TERMS,
    **changes: Any,
) -> Bid:  # fmt: skip
    charter = changes.get("charter", CHARTER)
    return bid(charter, terms, side, Decimal(value), identity(party), NONCE, before)


def both(
    least: str, most: str, before: Outcome | None = None, terms: Terms = TERMS
) -> tuple[Bid, Bid]:
    north = bid_of("north", "at-least", least, before, terms)
    return north, bid_of("south", "at-most", most, before, terms)


def settled(least: str, most: str, *book: Outcome, terms: Terms = TERMS) -> Outcome:
    """What comes of two bids, made after the last outcome in the book."""
    return settle(CHARTER, both(least, most, book[-1] if book else None, terms), MEDIATOR, book)


def signed_by_mediator(outcome: Outcome, **changes: Any) -> Outcome:
    changed = replace(outcome, **changes)
    return replace(changed, signature=MEDIATOR.signer.sign(changed.text()))


def signed_anew(given: Bid, **changes: Any) -> Bid:
    changed = replace(given, **changes)
    return replace(changed, signature=identity(given.party).signer.sign(changed.text()))


@pytest.mark.parametrize(
    ("least", "most", "value"),
    [
        ("30", "45", "37.5"),
        ("30", "30", "30"),
        ("-5", "5", "0"),
        ("0", "0.000001", "0.0000005"),
        ("999999999999999.999999", "999999999999999.999999", "999999999999999.999999"),
        ("-999999999999999.999999", "999999999999999.999998", "-0.0000005"),
        ("100", "900", "500"),
    ],
)
def test_bids_that_meet_meet_halfway(least: str, most: str, value: str) -> None:
    outcome = settled(least, most)
    assert (outcome.meets, outcome.value) == (True, value)
    check_outcome(CHARTER, outcome)


def test_of_bids_that_do_not_meet_nothing_else_is_told() -> None:
    near, far = settled("31", "30"), settled("900", "1")
    for outcome in (near, far):
        assert (outcome.meets, outcome.value) == (False, None)
    unsigned = [replace(x, bids={}, signature="") for x in (near, far)]
    assert outcome_to_json(unsigned[0]) == outcome_to_json(unsigned[1])


def test_where_only_the_overlap_is_told_the_midpoint_is_not() -> None:
    outcome = settled("30", "45", terms=replace(TERMS, rule="overlap"))
    assert (outcome.meets, outcome.value) == (True, None)


def test_a_bid_opens_for_the_mediator_alone() -> None:
    bids = both("30", "45")
    assert opened(CHARTER, bids, MEDIATOR) == {"north": 30, "south": 45}
    for other in ("north", "south", "server", "witness"):
        with pytest.raises(ProofError, match="does not open"):
            core_in(bids[0].sealed, header_of(CHARTER, "north"), identity(other).age)
        with pytest.raises(SettingError, match="Only the mediator"):
            settle(CHARTER, bids, identity(other), ())


def test_the_size_of_a_bid_tells_nothing_of_the_number() -> None:
    header = header_of(CHARTER, "north")
    for value in ("1", "-999999999999999.999999"):
        given = bid_of("north", "at-least", value)
        assert len(core_in(given.sealed, header, MEDIATOR.age)) == 4096


# attempts


def test_attempts_come_one_after_the_other_and_end() -> None:
    first = settled("50", "40")
    second = settled("48", "42", first)
    third = settled("46", "45", first, second)
    assert [x.attempt for x in (first, second, third)] == [1, 2, 3]
    with pytest.raises(SettingError, match="No attempt is left: 3 were agreed"):
        bid_of("north", "at-least", "45", third)
    with pytest.raises(SettingError, match="have met"):
        bid_of("north", "at-least", "45", settled("40", "45"))
    with pytest.raises(SettingError, match="of other terms"):
        bid_of("north", "at-least", "45", first, replace(TERMS, unit="weeks"))
    with pytest.raises(SettingError, match="no outcome of attempt 1"):
        settle(CHARTER, both("48", "42", first), MEDIATOR, ())
    with pytest.raises(ProofError):
        bid_of("north", "at-least", "45", replace(first, bids=second.bids))


def test_an_attempt_is_compared_once() -> None:
    """Else one who brings another bid each time would find the other by halving."""
    north, south = both("437", "100")
    first = settle(CHARTER, (north, south), MEDIATOR, ())
    assert settle(CHARTER, (south, north), MEDIATOR, (first,)) == first  # the same ones again
    for another in ("900", "437"):
        with pytest.raises(SettingError, match="settled before, with other bids"):
            settle(CHARTER, (north, bid_of("south", "at-most", another)), MEDIATOR, (first,))
    second = settled("430", "200", first)
    with pytest.raises(SettingError, match="settled before, with other bids"):
        settle(CHARTER, (north, bid_of("south", "at-most", "900")), MEDIATOR, (first, second))


def test_a_bid_is_made_after_the_outcome_that_both_have_heard() -> None:
    first, told_north_alone = settled("50", "40"), settled("50", "39")
    bids = (
        bid_of("north", "at-least", "48", told_north_alone),
        bid_of("south", "at-most", "42", first),
    )
    with pytest.raises(ProofError, match="`north` was made after another outcome"):
        settle(CHARTER, bids, MEDIATOR, (first,))


def test_a_book_has_no_gap_and_is_of_the_mediator() -> None:
    first = settled("50", "40")
    second = settled("48", "42", first)
    bids = both("46", "45", second)
    for book in ((second,), (second, first), (first, first, second)):
        with pytest.raises(ProofError, match="has a gap"):
            settle(CHARTER, bids, MEDIATOR, book)
    with pytest.raises(ProofError):
        settle(CHARTER, bids, MEDIATOR, (first, replace(second, bids=first.bids)))
    others = settled("1", "2", terms=replace(TERMS, question="Something else"))
    assert settle(CHARTER, bids, MEDIATOR, (first, others, second)).attempt == 3


def test_after_bids_have_met_nothing_more_is_compared() -> None:
    met = settled("40", "45")
    missed = signed_by_mediator(met, meets=False, value=None)
    bids = [signed_anew(each, after=met.hash()) for each in both("44", "45", missed)]
    with pytest.raises(SettingError, match="nothing more to ask"):
        settle(CHARTER, bids, MEDIATOR, (met,))


# what belongs together


def test_bids_of_different_things_are_not_compared() -> None:
    north, south = both("30", "45")
    others = {
        "not from opposite sides": (north, bid_of("south", "at-least", "45")),
        "different terms": (
            north,
            bid_of("south", "at-most", "45", terms=replace(TERMS, unit="weeks")),
        ),
        "terms or attempts": (north, bid_of("south", "at-most", "45", settled("50", "40"))),
        "Two bids of two parties": (north, bid_of("north", "at-most", "45")),
        "Give both": (north,),
    }
    for words, bids in others.items():
        with pytest.raises(SettingError, match=words):
            settle(CHARTER, bids, MEDIATOR, ())
    elsewhere = bid_of("south", "at-most", "45", charter=charter_of(exchange="ex2"))
    with pytest.raises(ProofError, match="another charter"):
        settle(CHARTER, (north, elsewhere), MEDIATOR, ())
    assert settle(CHARTER, (south, north), MEDIATOR, ()) == settled("30", "45")


def test_among_three_a_bid_is_to_one_of_the_others() -> None:
    charter = charter_of(parties=("east", "north", "south"))
    with_east = replace(TERMS, parties=("east", "north"))
    bids = (
        bid_of("north", "at-least", "30", terms=TERMS, charter=charter),
        bid_of("east", "at-most", "45", terms=with_east, charter=charter),
    )
    with pytest.raises(SettingError, match="different terms"):
        settle(charter, bids, MEDIATOR, ())
    with pytest.raises(SettingError, match="does not bid here"):
        bid_of("east", "at-most", "45", charter=charter)
    outsider = signed_anew(bids[1], terms=TERMS)
    with pytest.raises(ProofError, match="another charter"):
        settle(charter, (bids[0], outsider), MEDIATOR, ())


def test_nobody_can_pass_another_bid_off_as_his_own_or_for_another_question() -> None:
    north, south = both("30", "45")
    copied = signed_anew(south, sealed=north.sealed, core=north.core)
    with pytest.raises(ProofError, match="the bid of `south`"):
        settle(CHARTER, (north, copied), MEDIATOR, ())
    other = replace(TERMS, question="The length of the road")
    moved = [signed_anew(each, terms=other) for each in (north, south)]
    with pytest.raises(ProofError, match="of another question"):
        settle(CHARTER, moved, MEDIATOR, ())
    turned = (signed_anew(north, side="at-most"), signed_anew(south, side="at-least"))
    with pytest.raises(ProofError, match="of another question"):
        settle(CHARTER, turned, MEDIATOR, ())
    with pytest.raises(ProofError, match="not what was signed"):
        settle(CHARTER, (signed_anew(north, core="00" * 32), south), MEDIATOR, ())
    for changes in ({"attempt": 2}, {"attempt": 9, "after": "ab"}, {"after": "ab"}):
        with pytest.raises(ProofError, match="no attempt that there is"):
            check_bid(CHARTER, signed_anew(north, **changes))
    with pytest.raises(ProofError):
        check_bid(CHARTER, replace(north, core=south.core))


def sealed_by_hand(party: str, side: Any, value: str) -> Bid:
    """A bid as `bid` would not make it."""
    odd = canonical.encode({"value": value, "terms": TERMS.fields(), "side": side, "attempt": 1})
    header = header_of(CHARTER, party)
    sealed = sealed_core(header, odd, NONCE, MEDIATOR.public.age)
    core = hashlib.sha256(core_of(header, odd, NONCE)).hexdigest()
    return signed_anew(bid_of(party, "at-least", "1"), side=side, sealed=sealed, core=core)


def test_there_are_two_sides() -> None:
    south = bid_of("south", "at-most", "45")
    for side in ("about", "", "at-most "):
        with pytest.raises(SettingError, match="opposite sides"):
            settle(CHARTER, (sealed_by_hand("north", side, "30"), south), MEDIATOR, ())
    assert settle(CHARTER, (sealed_by_hand("north", "at-least", "30"), south), MEDIATOR, ()).meets


def test_a_number_that_is_none_is_told_with_whose_it_is() -> None:
    odd, south = sealed_by_hand("north", "at-least", "1e9"), bid_of("south", "at-most", "45")
    with pytest.raises(ProofError, match="the bid of `north`: A bid is a number in plain digits"):
        settle(CHARTER, (odd, south), MEDIATOR, ())


def test_an_outcome_is_of_the_mediator_and_about_ones_own_bid() -> None:
    north, south = both("30", "45")
    outcome = settle(CHARTER, (north, south), MEDIATOR, ())
    for own in (north, south):
        check_outcome(CHARTER, outcome, own)
    with pytest.raises(ProofError, match="about another bid"):
        check_outcome(CHARTER, outcome, bid_of("north", "at-least", "31"))
    for broken in (replace(north, side="at-most"), replace(north, charter="other")):
        with pytest.raises(ProofError):
            check_outcome(CHARTER, outcome, broken)
    with pytest.raises(ProofError):
        check_outcome(CHARTER, replace(outcome, value="44"))
    with pytest.raises(ProofError, match="another charter"):
        check_outcome(charter_of(exchange="ex2"), outcome)


@pytest.mark.parametrize(
    "changes",
    [
        {"meets": False}, {"value": None}, {"value": "about 40"}, {"value": "1e9"}, {"bids": {}},
        {"attempt": 9}, {"attempt": 0}, {"after": "ab"}, {"attempt": 2},
        {"terms": replace(TERMS, rule="overlap")}, {"bids": {"north": "ab", "east": "cd"}},
    ],
)  # fmt: skip
def test_an_outcome_that_contradicts_itself_is_none(changes: dict[str, Any]) -> None:
    outcome = settled("30", "45")
    with pytest.raises(ProofError, match="contradicts itself"):
        check_outcome(CHARTER, signed_by_mediator(outcome, **changes))


def test_who_may_bid() -> None:
    for name in ("mediator", "witness"):
        with pytest.raises(SettingError, match="does not bid here"):
            bid(CHARTER, TERMS, "at-least", Decimal(1), identity(name), NONCE)
    with pytest.raises(SettingError, match="`west` is no party"):
        bid_of("north", "at-least", "1", terms=replace(TERMS, parties=("north", "west")))
    side: Any = "about"
    with pytest.raises(SettingError, match="no side"):
        bid_of("north", side, "1")
    with pytest.raises(SettingError, match="no key of the mediator"):
        bid_of("north", "at-least", "1", charter=charter_of("simple"))


# numbers, words, files


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


def test_where_bids_meet() -> None:
    assert compared(Decimal(1), Decimal(3)) == 2
    assert compared(Decimal(3), Decimal(1)) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"question": ""}, {"question": " x"}, {"question": "two\nlines"}, {"question": "a\u202eb"},
        {"unit": "x" * 201}, {"rule": "half"}, {"attempts": 0}, {"attempts": 6},
        {"attempts": True}, {"parties": ("south", "north")}, {"parties": ("north", "north")},
    ],
)  # fmt: skip
def test_terms_that_cannot_be(wrong: dict[str, Any]) -> None:
    with pytest.raises(SettingError):
        replace(TERMS, **wrong)


def test_words_of_any_script_can_be_asked_about() -> None:
    for words in ("مدت آتش\u200cبس", "тривалість паузи", "停火期限", "Durée\u00a0: la trêve"):
        assert replace(TERMS, question=words).question == words


def test_what_is_written_is_read_as_it_was() -> None:
    north, _ = both("30", "45")
    outcome = settled("30", "45")
    assert bid_from_json(bid_to_json(north)) == north
    assert outcome_from_json(outcome_to_json(outcome)) == outcome
    assert book_from_json(book_to_json([outcome, outcome])) == (outcome, outcome)


def test_a_party_may_have_any_name() -> None:
    charter = charter_of(parties=("north", "value"))
    terms = replace(TERMS, parties=("north", "value"))
    bids = (
        bid_of("north", "at-least", "30", terms=terms, charter=charter),
        bid_of("value", "at-most", "45", terms=terms, charter=charter),
    )
    outcome = settle(charter, bids, MEDIATOR, ())
    assert outcome_from_json(outcome_to_json(outcome)) == outcome


@pytest.mark.parametrize(
    "change",
    [
        {"meets": 1}, {"value": 37}, {"bids": {"north": 1}}, {"terms": {}}, {"more": 1},
        {"terms": {**TERMS.fields(), "attempts": 9}}, {"attempt": True}, {"after": None},
    ],
)  # fmt: skip
def test_what_is_no_outcome_is_not_read(change: dict[str, Any]) -> None:
    fields = {**vars(settled("30", "45")), "terms": TERMS.fields()}
    raw = canonical.encode({"format": "parley-bids-outcome-1", **fields, **change})
    with pytest.raises(ProofError):
        outcome_from_json(raw)
    with pytest.raises(ProofError):
        book_from_json(canonical.encode({"format": "parley-bids-book-1", "outcomes": [fields]}))


def test_what_is_no_bid_is_not_read() -> None:
    whole = bid_to_json(bid_of("north", "at-least", "30"))
    for raw in (b"", b"{}", whole[:-1], whole.replace(b'"core"', b'"cord"'), whole + b"\n"):
        with pytest.raises(ProofError):
            bid_from_json(raw)
