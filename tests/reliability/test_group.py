"""Works that share a transaction: none is told before it is written, none spoils another."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any, TypeVar

import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from parley.errors import OperationError
from parley.exchange.receipts import check_receipt, from_json
from parley.room import config, deposits, group
from parley.room.models import Receipt, Room
from tests.reliability.rounds import at_once, audited, open_round, told
from tests.room.world import Talks

COUNT = 8
T = TypeVar("T")


def alone(work: Callable[[], T]) -> group.Work[T]:
    """A work that has nothing in common with others."""

    def working(_: group.Shared) -> Callable[[], T]:
        answer = work()
        return lambda: answer

    return working


def done(work: Callable[[], T]) -> T:
    """What comes of such a work."""
    return group.together(alone(work))


def together_while_one_writes(works: list[group.Work[Any]]) -> list[Any]:
    """What comes of works that all came while another was being written."""
    with group._gate:
        group._is_led = True
    found: list[Any] = []
    waiting = threading.Thread(
        target=lambda: found.extend(at_once(len(works), lambda at: group.together(works[at])))
    )
    waiting.start()
    while len(group._waiting) < len(works):
        time.sleep(0.001)
    group._lead()
    waiting.join()
    return found


def make(title: str) -> Callable[[], str]:
    """Make a room of that name."""
    return lambda: str(Room.objects.create(title=title).title)


def refuse() -> None:
    Room.objects.create(title="of the refused")
    raise OperationError("No.")


def fail() -> None:
    Room.objects.create(title="of the failing")
    raise DatabaseError("the disk")


def titles() -> set[str]:
    return set(Room.objects.filter(title__startswith="of").values_list("title", flat=True))


def test_all_in_one_transaction(talks: Talks, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[int] = []
    plain = transaction.Atomic.__enter__

    def enter(self: transaction.Atomic) -> None:
        begun.append(1)
        plain(self)

    monkeypatch.setattr(transaction.Atomic, "__enter__", enter)
    names = [f"of {at}" for at in range(COUNT)]
    assert together_while_one_writes([alone(make(name)) for name in names]) == names
    assert titles() == set(names)
    assert len(begun) == 1


@pytest.mark.parametrize("bad", [refuse, fail])
def test_one_does_not_spoil_the_others(talks: Talks, bad: Callable[[], None]) -> None:
    found = together_while_one_writes([*map(alone, (make("of a"), bad, make("of b")))])
    assert found[0] == "of a"
    assert found[2] == "of b"
    assert isinstance(found[1], OperationError | DatabaseError)
    assert titles() == {"of a", "of b"}


def test_undone_without_a_word(talks: Talks) -> None:
    """Where a savepoint is lost, Django undoes all at the end, and raises nothing."""
    times: list[int] = []

    def loses() -> str:
        times.append(1)
        connection.needs_rollback = len(times) == 1
        return "of the loser"

    found = together_while_one_writes([*map(alone, (make("of a"), loses))])
    assert found == ["of a", "of the loser"]
    assert titles() == {"of a"}
    assert len(times) == 2


def test_nobody_is_told_of_what_was_not_written(
    talks: Talks, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_off(_jobs: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(group, "write", cut_off)
    with group._gate:
        group._is_led = True
    found: list[Any] = []
    waiting = threading.Thread(
        target=lambda: found.extend(at_once(2, lambda at: done(make(f"of {at}"))))
    )
    waiting.start()
    while len(group._waiting) < 2:
        time.sleep(0.001)
    with pytest.raises(KeyboardInterrupt):
        group._lead()
    waiting.join()
    assert [type(one) for one in found] == [DatabaseError, DatabaseError]
    assert titles() == set()
    assert not group._is_led


Together = Callable[[Callable[[], str]], str]


def told_too_early(monkeypatch: pytest.MonkeyPatch, together: Together) -> bool:
    """Whether anybody was told of what another connection cannot see yet."""
    file = config.current().folder / "room.sqlite3"
    told: list[str] = []
    early: list[bool] = []
    plain = type(connections["default"]).commit

    def commit(self: BaseDatabaseWrapper) -> None:
        time.sleep(0.1)
        with closing(sqlite3.connect(file)) as other:
            there = other.execute("SELECT count(*) FROM room_room WHERE title LIKE 'of %'")
            early.append(len(told) > there.fetchone()[0])
        plain(self)

    monkeypatch.setattr(type(connections["default"]), "commit", commit)
    at_once(3, lambda at: told.append(together(make(f"of {at}"))))
    assert len(told) == 3
    return any(early)


def careless(work: Callable[[], str]) -> str:
    """As `done`, but with the answer before it is written."""
    answer: list[str] = []
    known = threading.Event()

    def write() -> None:
        with transaction.atomic():
            answer.append(work())
            known.set()
        connections.close_all()

    threading.Thread(target=write).start()
    known.wait()
    return answer[0]


def test_told_after_it_is_written(talks: Talks, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not told_too_early(monkeypatch, done)


def test_defect_is_found(talks: Talks, monkeypatch: pytest.MonkeyPatch) -> None:
    assert told_too_early(monkeypatch, careless)


def test_in_a_transaction_that_is_lost_nothing_is_told(talks: Talks) -> None:
    """As above, of a work that comes by itself."""

    def loses() -> str:
        connection.needs_rollback = True
        return "of the loser"

    with pytest.raises(DatabaseError):
        done(loses)


class Counter:
    """Counts what the works of a transaction add, and writes it down once."""

    def __init__(self) -> None:
        self.count = 0

    def close(self) -> None:
        """Write it down."""
        Room.objects.create(title=f"of {self.count}")


def test_what_is_shared_is_made_and_written_once(talks: Talks) -> None:
    made: list[Counter] = []

    def make() -> Counter:
        made.append(Counter())
        return made[-1]

    def count(shared: group.Shared) -> Callable[[], set[str]]:
        shared.of("counter", make).count += 1
        return titles

    found = together_while_one_writes([count] * COUNT)
    assert len(made) == 1
    assert found == [{f"of {COUNT}"}] * COUNT


def test_deposits_at_once(talks: Talks) -> None:
    round_ = open_round(talks)
    found = at_once(
        COUNT,
        lambda at: [
            deposits.lay_down(talks.actor("north"), round_, f"{at} {k}".encode(), f"{at}-{k}-key")
            for k in range(10)
        ],
    )
    receipts = [one for many in found for one in many]
    assert {type(one) for one in receipts} == {Receipt}
    assert told(round_).count("deposit") == COUNT * 10
    for one in receipts:
        assert isinstance(one, Receipt)
        check_receipt(from_json(bytes(one.body)))
    assert audited().problems == ()
