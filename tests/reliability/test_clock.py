"""A clock that is wrong: the log alone says what came first, and nothing ends twice."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction

from parley.errors import OperationError, ParleyError
from parley.exchange import rounds as rules
from parley.exchange.receipts import check_receipt, from_json
from parley.room import clock, deposits, logbook, opening, standing, ticks
from parley.room.models import Deposit, Round
from tests.reliability.rounds import at_once, audited, open_round, told
from tests.room.world import Talks

NOW = datetime(2026, 10, 24, 22, 30, tzinfo=UTC)
HOUR, TEN_YEARS = timedelta(hours=1), timedelta(days=3653)
JUMPS = (
    timedelta(0), HOUR, -HOUR, TEN_YEARS, -TEN_YEARS, timedelta(seconds=1), -timedelta(seconds=1),
)  # fmt: skip


class Hand:
    """The hand of the clock."""

    at = NOW


@pytest.fixture
def hand(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Hand]]:
    Hand.at = NOW
    monkeypatch.setattr(clock, "now", lambda: Hand.at)
    return Hand  # type: ignore[return-value]


def lay(talks: Talks, round_: Round, key: str, who: str = "north") -> Any:
    return deposits.lay_down(talks.actor(who), round_, key.encode(), f"{key}-of-{who}")


def test_order_is_that_of_the_log(talks: Talks, hand: type[Hand]) -> None:
    round_ = open_round(talks, NOW + 4 * TEN_YEARS)
    receipts = []
    for at, jump in enumerate(JUMPS):
        hand.at += jump
        receipts.append(lay(talks, round_, f"text {at}"))
    read = [from_json(bytes(receipt.body)) for receipt in receipts]
    times = [one.content["at"] for one in read]
    assert times != sorted(times)
    assert all(a.index + 1 == b.index for a, b in pairwise(read))
    assert [check_receipt(one)[0].size for one in read] == [one.index + 1 for one in read]
    assert bytes(Deposit.objects.get(round=round_, current=True).blob)
    assert audited().problems == ()


def ends(talks: Talks, round_: Round) -> list[str]:
    """What the log tells of a round whose deadline passes before many at once."""
    found = at_once(8, lambda _: standing.settle(round_.id))
    errors = [one for one in found if isinstance(one, Exception)]
    assert not errors, errors
    ticks.tick()
    return [kind for kind in told(round_) if kind == "deadline"]


def test_deadline_fires_once(talks: Talks, hand: type[Hand]) -> None:
    round_ = open_round(talks, NOW + HOUR)
    lay(talks, round_, "text")
    hand.at += HOUR + timedelta(seconds=1)
    assert ends(talks, round_) == ["deadline"]
    for jump in JUMPS:
        hand.at += jump
        ticks.tick()
        assert not standing.settle(round_.id)
    assert told(round_).count("deadline") == 1
    assert audited().problems == ()


def test_defect_of_a_deadline_is_found(
    talks: Talks, hand: type[Hand], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A deadline that is looked at before anything is locked, and not again."""

    def careless(late: Any) -> bool:
        found = late.first()
        time.sleep(0.2)
        with transaction.atomic():
            channel = logbook.plenary(found.room, lock=True)
            logbook.write(channel, "deadline", clock.now(), found.id, exchange=found.id)
            Round.objects.filter(id=found.id).update(state="EXPIRED")
        return True

    monkeypatch.setattr(standing, "_expire", careless)
    round_ = open_round(talks, NOW + HOUR)
    hand.at += HOUR + timedelta(seconds=1)
    assert ends(talks, round_) != ["deadline"]


def reopens(talks: Talks, hand: type[Hand]) -> bool:
    """Whether a clock that is set back makes of an exchange that has ended one that goes on."""
    round_ = open_round(talks, NOW + HOUR)
    lay(talks, round_, "text")
    hand.at += HOUR + timedelta(seconds=1)
    standing.settle(round_.id)
    hand.at -= 2 * HOUR
    try:
        lay(talks, round_, "late")
    except ParleyError:
        return Round.objects.get(id=round_.id).state != "EXPIRED"
    return True


def test_clock_set_back_does_not_reopen(talks: Talks, hand: type[Hand]) -> None:
    assert not reopens(talks, hand)
    assert audited().problems == ()


def test_defect_of_reopening_is_found(
    talks: Talks, hand: type[Hand], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(rules.WHEN, "deposit", ("OPEN", "EXPIRED"))
    plain = deposits.server_key
    key = plain(open_round(talks, NOW + HOUR))
    monkeypatch.setattr(deposits, "server_key", lambda _round: key)
    assert reopens(talks, hand)


def test_deadline_passes_while_one_waits(
    talks: Talks, hand: type[Hand], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What counts is the moment at which the round is held, not that at which one knocked."""
    round_ = open_round(talks, NOW + HOUR)
    plain = deposits._made

    def slow(*given: Any) -> Any:
        hand.at = NOW + 2 * HOUR
        return plain(*given)

    monkeypatch.setattr(deposits, "_made", slow)
    with pytest.raises(OperationError, match="deadline"):
        lay(talks, round_, "text")
    assert told(round_)[-1] == "deadline"
    assert Deposit.objects.filter(round=round_).count() == 0
    assert audited().problems == ()


def test_what_is_armed_has_no_deadline(talks: Talks, hand: type[Hand]) -> None:
    round_ = open_round(talks, NOW + HOUR)
    for who in ("north", "south"):
        lay(talks, round_, "text", who)
    hand.at += TEN_YEARS
    ticks.tick()
    assert not standing.settle(round_.id)
    assert opening.give_share(talks.actor("mediator"), round_, opening.Given()) == "RELEASED"
    assert audited().problems == ()


@pytest.mark.parametrize("fold", [0, 1])
def test_hour_that_comes_twice(
    talks: Talks, hand: type[Hand], monkeypatch: pytest.MonkeyPatch, fold: int
) -> None:
    """At the end of summer time half past two comes twice; the deadline is one of them."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    deadline = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"), fold=fold)
    moment = datetime(2026, 10, 25, fold, 30, tzinfo=UTC)
    round_ = open_round(talks, deadline)
    assert standing.charter_of(round_).deadline == f"2026-10-25T0{fold}:30:00Z"
    hand.at = moment
    assert not standing.settle(round_.id)
    lay(talks, round_, "in time")
    hand.at = moment + timedelta(seconds=1)
    assert standing.settle(round_.id)
    monkeypatch.undo()
    time.tzset()
