"""A text that was laid down once cannot be laid down again; steps from one state do not mix."""

from __future__ import annotations

import time
from typing import Any

import pytest

from parley.errors import OperationError
from parley.exchange.rounds import Exchange, Step, Used, apply

PARTIES = frozenset({"north", "south"})


def test_a_set_sees_its_beginning_alone() -> None:
    first = Used().also("a")
    one, other = first.also("b"), first.also("c")
    more = one.also("d")
    assert [list(used) for used in (first, one, other, more)] == [
        ["a"],
        ["a", "b"],
        ["a", "c"],
        ["a", "b", "d"],
    ]
    assert "b" not in first
    assert "c" not in one
    assert "d" not in one
    assert (len(first), len(more)) == (1, 3)
    assert set(one) == {"a", "b"}
    odd: Any = 7
    assert odd not in one


def test_two_steps_from_one_state_do_not_know_of_each_other() -> None:
    start = Exchange(PARTIES, frozenset(), PARTIES, state="OPEN")
    laid = apply(start, Step("deposit", "north", "a"))
    apply(laid, Step("deposit", "north", "b"))
    assert apply(laid, Step("deposit", "north", "b")).deposits == {"north": "b"}
    again = apply(laid, Step("deposit", "north", "c"))
    for used in ("a", "c"):
        with pytest.raises(OperationError, match="laid down before"):
            apply(again, Step("deposit", "north", used))


def test_many_texts_take_no_more_time_each() -> None:
    """Were all of them copied at each step, this would take some twenty seconds."""
    exchange, begin = Exchange(PARTIES, frozenset(), PARTIES, state="OPEN"), time.process_time()
    for number in range(50_000):
        exchange = apply(exchange, Step("deposit", "north", str(number)))
    assert len(exchange.used) == 50_000
    assert time.process_time() - begin < 5
