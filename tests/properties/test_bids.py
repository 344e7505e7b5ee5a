"""Blind bids: no order, name or unit of measure matters, and nothing is told that need not be."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.errors import ParleyError
from parley.exchange.bid_files import bid_from_json, bid_to_json, outcome_from_json, outcome_to_json
from parley.exchange.bidding import bid
from parley.exchange.bids import (
    Outcome,
    Side,
    Terms,
    check_bid,
    check_outcome,
    compared,
    plainly,
)
from parley.exchange.keys import Identity
from parley.exchange.settling import settle
from tests.unit.exchange.rooms import NONCE, charter_of, identity

NUMBERS = st.decimals(-(10**9), 10**9, places=3)
TERMS = Terms("The length of the pause", "days", ("north", "south"))


@given(NUMBERS, NUMBERS)
def test_the_midpoint_lies_between_the_bids_and_is_exact(a: Decimal, b: Decimal) -> None:
    middle = compared(a, b)
    if middle is None:
        assert a > b
    else:
        assert a <= middle <= b
        assert middle - a == b - middle
        assert Decimal(plainly(middle)) == middle


@given(NUMBERS, NUMBERS, NUMBERS, st.integers(1, 1000))
def test_scale_and_origin_do_not_matter(a: Decimal, b: Decimal, by: Decimal, k: int) -> None:
    middle = compared(a, b)
    moved = compared(a * k + by, b * k + by)
    assert moved == (None if middle is None else middle * k + by)


@given(NUMBERS, NUMBERS)
def test_which_side_says_least_does_not_matter(a: Decimal, b: Decimal) -> None:
    """Seen from the other side of zero the one that gives accepts, and the other way round."""
    middle, mirrored = compared(a, b), compared(-b, -a)
    assert (middle is None) == (mirrored is None)
    assert middle is None or mirrored is None or middle == -mirrored


def told(a: Decimal, b: Decimal, names: tuple[str, str], terms: Terms) -> Outcome:
    """What is told of two bids; without what is only a hash or hangs on one."""
    charter = charter_of(parties=tuple(sorted(names)))
    sides: tuple[Side, Side] = ("at-least", "at-most")
    bids = [
        bid(charter, terms, side, value, own(name), NONCE)
        for name, side, value in zip(names, sides, (a, b), strict=True)
    ]
    found = settle(charter, bids, own("mediator"), ())
    assert set(found.bids) == set(names)
    return replace(found, bids={}, signature="", charter="")


def own(name: str) -> Identity:
    return identity(name)


@settings(max_examples=15, deadline=None)
@given(NUMBERS, NUMBERS)
def test_names_do_not_matter(a: Decimal, b: Decimal) -> None:
    assert told(a, b, ("north", "south"), TERMS) == told(a, b, ("south", "north"), TERMS)


@settings(max_examples=15, deadline=None)
@given(NUMBERS, NUMBERS, NUMBERS, NUMBERS)
def test_worlds_that_need_not_differ_do_not(a: Decimal, b: Decimal, c: Decimal, d: Decimal) -> None:
    """Whatever the bids: where only it is told whether they meet, all that meet look the same."""
    quiet = replace(TERMS, rule="overlap")
    one, other = (told(*bids, ("north", "south"), quiet) for bids in ((a, b), (c, d)))
    assert (one == other) == ((a <= b) == (c <= d))


def test_every_byte_that_is_changed_is_told() -> None:
    charter = charter_of()
    sides: dict[str, Side] = {"north": "at-least", "south": "at-most"}
    bids = [bid(charter, TERMS, s, Decimal(30), own(p), NONCE) for p, s in sides.items()]
    outcome = settle(charter, bids, own("mediator"), ())

    def check_bid_in(raw: bytes) -> None:
        check_bid(charter, bid_from_json(raw))

    def check_outcome_in(raw: bytes) -> None:
        check_outcome(charter, outcome_from_json(raw))

    for raw, check in (
        (bid_to_json(bids[0]), check_bid_in),
        (outcome_to_json(outcome), check_outcome_in),
    ):
        check(raw)
        for at in range(len(raw)):
            changed = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
            with pytest.raises(ParleyError):
                check(changed)
