"""The states of an exchange: every step in every state, allowed or refused."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest

from parley.errors import OperationError
from parley.exchange.rounds import (
    REFUSED,
    WHEN,
    Exchange,
    Kind,
    State,
    Step,
    apply,
    begin,
    can_open,
    is_complete,
    replay,
)
from tests.unit.exchange.rooms import charter_of

AGREED = [Step("agree", who) for who in ("north", "south", "mediator", "witness")]
BOTH = [Step("deposit", "north", "n1"), Step("deposit", "south", "s1")]
SHARES = [Step("share", "server"), Step("share", "mediator")]

WAYS: dict[State, list[Step]] = {
    "DRAFT": [],
    "OPEN": [*AGREED, BOTH[0]],
    "ARMED": [*AGREED, *BOTH, Step("armed"), *SHARES],
    "CHECKED": [*AGREED, *BOTH, Step("armed"), *SHARES, Step("checked")],
    "RELEASED": [*AGREED, *BOTH, Step("armed"), *SHARES, Step("checked"), Step("released")],
    "WITHDRAWN": [*AGREED, Step("call-off", "mediator")],
    "EXPIRED": [*AGREED, BOTH[0], Step("deadline")],
    "VOID": [*AGREED, *BOTH, Step("armed"), *SHARES, Step("void", "north")],
}
LIKELY: dict[Kind, Step] = {
    "agree": Step("agree", "north"),
    "deposit": Step("deposit", "south", "s2"),
    "withdraw": Step("withdraw", "north"),
    "armed": Step("armed"),
    "share": Step("share", "witness"),
    "checked": Step("checked"),
    "void": Step("void", "north"),
    "released": Step("released"),
    "deadline": Step("deadline"),
    "call-off": Step("call-off", "mediator"),
    "alone": Step("alone", "north", "n1"),
}
AFTER: dict[tuple[State, Kind], State] = {
    ("DRAFT", "agree"): "DRAFT",
    ("DRAFT", "deadline"): "EXPIRED",
    ("DRAFT", "call-off"): "WITHDRAWN",
    ("OPEN", "deposit"): "OPEN",
    ("OPEN", "withdraw"): "OPEN",
    ("OPEN", "deadline"): "EXPIRED",
    ("OPEN", "call-off"): "WITHDRAWN",
    ("ARMED", "share"): "ARMED",
    ("ARMED", "checked"): "CHECKED",
    ("ARMED", "void"): "VOID",
    ("CHECKED", "released"): "RELEASED",
    ("EXPIRED", "alone"): "EXPIRED",
}
"""All that may happen, with one text there in OPEN; everything else is refused."""


def at(state: State) -> Exchange:
    exchange = replay(begin(charter_of()), WAYS[state])
    assert exchange.state == state
    return exchange


@pytest.mark.parametrize("state", WAYS)
@pytest.mark.parametrize("kind", get_args(Kind))
def test_every_step_in_every_state(state: State, kind: Kind) -> None:
    exchange = at(state)
    wanted = AFTER.get((state, kind))
    if wanted is None:
        with pytest.raises(OperationError) as refused:
            apply(exchange, LIKELY[kind])
        assert refused.value.what == REFUSED[state]
    else:
        assert apply(exchange, LIKELY[kind]).state == wanted
    assert exchange == at(state)


def test_the_tables_speak_of_the_same() -> None:
    assert set(WHEN) == set(get_args(Kind)) == set(LIKELY)
    assert set(REFUSED) == set(get_args(State)) == set(WAYS)


def complete() -> Exchange:
    return replay(begin(charter_of()), [*AGREED, *BOTH])


@pytest.mark.parametrize("kind", [kind for kind in get_args(Kind) if kind != "armed"])
def test_once_all_texts_are_there_nothing_but_armed_may_follow(kind: Kind) -> None:
    assert is_complete(complete())
    with pytest.raises(OperationError):
        apply(complete(), LIKELY[kind])
    assert apply(complete(), Step("armed")).state == "ARMED"


def test_all_who_sign_have_to_agree() -> None:
    for k in range(len(AGREED)):
        exchange = replay(begin(charter_of()), AGREED[:k] + AGREED[k + 1 :])
        assert exchange.state == "DRAFT"
        assert apply(exchange, AGREED[k]).state == "OPEN"
    for who in ("server", "stranger", ""):
        with pytest.raises(OperationError):
            apply(at("DRAFT"), Step("agree", who))
    simple = begin(charter_of("simple"))
    names = ("north", "south", "mediator")
    assert replay(simple, [Step("agree", n) for n in names]).state == "OPEN"
    assert replay(simple, [Step("agree", n) for n in names[:2]]).state == "DRAFT"


def test_texts_are_replaced_taken_back_and_never_used_twice() -> None:
    exchange = at("OPEN")
    replaced = apply(exchange, Step("deposit", "north", "n2"))
    assert dict(replaced.deposits) == {"north": "n2"}
    for step in (
        Step("deposit", "north", "n1"),
        Step("deposit", "south", "n1"),
        Step("deposit", "south", ""),
        Step("deposit", "stranger", "x"),
        Step("withdraw", "south"),
        Step("withdraw", "stranger"),
    ):
        with pytest.raises(OperationError):
            apply(replaced, step)
    back = apply(replaced, Step("withdraw", "north"))
    assert back.missing == {"north", "south"}
    with pytest.raises(OperationError):
        apply(back, Step("deposit", "south", "n2"))


def test_two_agents_open_it_and_none_counts_twice() -> None:
    armed = replay(begin(charter_of()), [*AGREED, *BOTH, Step("armed")])
    once = replay(armed, [Step("share", "server"), Step("share", "server")])
    assert not can_open(once)
    for kind in ("checked", "void"):
        with pytest.raises(OperationError):
            apply(once, LIKELY[kind])
    for who in ("north", "stranger", ""):
        with pytest.raises(OperationError):
            apply(armed, Step("share", who))
    assert can_open(apply(once, Step("share", "witness")))
    two = replay(begin(charter_of("two-agents")), [*AGREED[:3], *BOTH, Step("armed")])
    with pytest.raises(OperationError):
        apply(two, Step("share", "witness"))


def test_alone_after_the_deadline_only_what_was_laid_down() -> None:
    expired = at("EXPIRED")
    assert dict(apply(expired, Step("alone", "north", "n1")).alone) == {"north": "n1"}
    for step in (
        Step("alone", "north", "n2"),
        Step("alone", "south", "s1"),
        Step("alone", "south", ""),
        Step("alone", "stranger", "n1"),
    ):
        with pytest.raises(OperationError):
            apply(expired, step)


def test_a_step_that_is_none() -> None:
    with pytest.raises(OperationError):
        apply(at("OPEN"), replace(Step("armed"), kind="reopened"))  # type: ignore[arg-type]
    assert at("RELEASED").is_over
    assert not at("CHECKED").is_over
