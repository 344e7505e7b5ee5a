"""Chatterjee & Samuelson 1983, Operations Research 31(5): bargaining under incomplete information.

Two sides bid once; where the bids meet they settle halfway (k = 1/2). With values drawn evenly from
0 to 1, the linear equilibrium is: the seller bids 2v/3 + 1/4, the buyer 2v/3 + 1/12. They settle if
their values are at least 1/4 apart, in 9 of 32 cases, and gain 9/64 together, of 1/6 that there is.
So a bid is not what somebody could really accept, and parties that could agree miss each other.
"""

from __future__ import annotations

from decimal import Decimal
from itertools import product

from parley.exchange.bids import compared

STEPS = 240
VALUES = [(Decimal(2 * k + 1)) / (2 * STEPS) for k in range(STEPS)]
THIRD = Decimal(2) / 3


def seller(value: Decimal) -> Decimal:
    return THIRD * value + Decimal(1) / 4


def buyer(value: Decimal) -> Decimal:
    return THIRD * value + Decimal(1) / 12


def gain(bid: Decimal, value: Decimal) -> Decimal:
    """What a seller gains on average by a bid, if the buyers bid as in equilibrium."""
    prices = (compared(bid, buyer(theirs)) for theirs in VALUES)
    return sum((p - value for p in prices if p is not None), Decimal(0)) / STEPS


def test_how_often_they_settle_and_what_they_gain() -> None:
    settled = [
        (ours, theirs)
        for ours, theirs in product(VALUES, VALUES)
        if compared(seller(ours), buyer(theirs)) is not None
    ]
    assert all(theirs - ours >= Decimal(1) / 4 - Decimal(1) / STEPS for ours, theirs in settled)
    assert abs(len(settled) / STEPS**2 - 9 / 32) < 0.004
    together = sum(theirs - ours for ours, theirs in settled) / STEPS**2
    assert abs(float(together) - 9 / 64) < 0.002


def test_if_all_bid_what_they_could_accept_all_that_there_is_is_gained() -> None:
    found = sum(
        theirs - ours
        for ours, theirs in product(VALUES, VALUES)
        if compared(ours, theirs) is not None
    )
    assert abs(float(found) / STEPS**2 - 1 / 6) < 0.002


def test_nobody_gains_by_another_bid() -> None:
    for value in (Decimal("0.1"), Decimal("0.3"), Decimal("0.6")):
        best = gain(seller(value), value)
        others = (gain(Decimal(k) / 50, value) for k in range(51))
        assert all(other <= best + Decimal("0.001") for other in others)


def test_to_bid_what_one_could_accept_is_not_best() -> None:
    for value in (Decimal("0.1"), Decimal("0.3"), Decimal("0.6")):
        assert gain(value, value) < gain(seller(value), value)
