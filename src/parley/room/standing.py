"""How the exchange of a round stands, held still while somebody takes a step in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar

from django.db import OperationalError, transaction
from django.db.models import QuerySet

from parley.errors import OperationError
from parley.exchange.charter import Charter, parse
from parley.exchange.rounds import Exchange, Kind, Step, apply, begin
from parley.room import clock, reserve
from parley.room.group import Shared, together
from parley.room.logbook import Log, ask_plenary, plenary
from parley.room.models import Channel, Deposit, Entry, Room, Round
from parley.room.rows import ask, hurried, update

T = TypeVar("T")


# the same words are the same charter, so they are read once
parsed = lru_cache(maxsize=256)(parse)


def standing(round_: Round) -> Exchange:
    """How the exchange of a round stands, from what the round keeps of it."""
    kept = round_.standing
    return replace(
        begin(charter_of(round_)),
        state=kept["state"],
        agreed=frozenset(kept["agreed"]),
        deposits=kept["deposits"],
        shares=frozenset(kept["shares"]),
        alone=kept["alone"],
    )


def snapshot(exchange: Exchange) -> dict[str, Any]:
    """What a round keeps of its exchange."""
    return {
        "state": exchange.state,
        "agreed": sorted(exchange.agreed),
        "deposits": dict(exchange.deposits),
        "shares": sorted(exchange.shares),
        "alone": dict(exchange.alone),
    }


def charter_of(round_: Round) -> Charter:
    """The charter of a round.

    Raises
    ------
    OperationError
        If the round has no exchange.
    """
    if not round_.charter:
        raise OperationError("This round has no exchange of texts.")
    return parsed(round_.charter)


@dataclass
class Held:
    """A round that nobody else can move meanwhile; every step is written to the log.

    How it stands after all of them, and the checkpoint of the log, are written when it is closed.
    """

    round: Round
    charter: Charter
    exchange: Exchange
    log: Log
    now: datetime

    def take(self, kind: Kind, who: str = "", commitment: str = "", **fields: Any) -> Entry:
        """Take a step, if it is allowed, and write it down."""
        self.exchange = apply(self.exchange, Step(kind, who, commitment))
        told = {"who": who} if who else {}
        about = self.round.id
        return self.log.write(kind, self.now, about, exchange=about, **told, **fields)

    def erase(self) -> None:
        """Forget all that could open a text: what was laid down, and the server's key."""
        Deposit.objects.filter(round=self.round).update(blob=b"")
        self.round.server_key = b""
        self.round.save(update_fields=["server_key"])

    def close(self) -> None:
        """Write how the round stands, if it has moved, and close the log."""
        stands = snapshot(self.exchange)
        if stands != self.round.standing:
            self.round.standing, self.round.state = stands, self.exchange.state
            update(self.round, "standing", "state")
        self.log.close()

    @property
    def is_due(self) -> bool:
        """Whether the deadline has passed, and nobody has written it down yet."""
        deadline = self.round.deadline
        waits = self.exchange.state in {"DRAFT", "OPEN"}
        return waits and deadline is not None and deadline < self.now


@contextmanager
def held(room: Room, round_id: str) -> Iterator[Held]:
    """The exchange of a round, held still in one transaction.

    If its deadline has passed meanwhile, that is written down first and stays, whatever becomes of
    what was wanted.

    Raises
    ------
    OperationError
        If the round has no exchange, or the step is not allowed.
    """
    with transaction.atomic():
        here = _hold(room, round_id)
        if not here.is_due:
            yield here
            here.close()
            return
    settle(round_id)
    with transaction.atomic():
        here = _hold(room, round_id)
        yield here
        here.close()


def in_turn(room: Room, round_id: str, step: Callable[[Held], Callable[[], T]]) -> T:
    """As `held`, for a step that many may take at once: they may share a transaction.

    Parameters
    ----------
    step
        See `group.together` for what it may do. What it gives is called when the log is closed.
    """

    def taken(shared: Shared) -> Callable[[], tuple[T] | None]:
        here = _shared(shared, room, round_id)
        if here.is_due:
            return lambda: None
        with hurried():
            answer = step(here)

        def answered() -> tuple[T]:
            with hurried():
                return (answer(),)

        return answered

    done = together(taken)
    if done is None:
        settle(round_id)
        done = together(taken)
    assert done is not None
    return done[0]


def settle(round_id: str) -> bool:
    """Write down that the deadline of a round has passed, if it has; whether it was so.

    The log decides, not the clock: what was ARMED before is not touched, and a clock that is set
    back does not take anything back.
    """
    late = Round.objects.filter(
        id=round_id, state__in=("DRAFT", "OPEN"), deadline__lt=clock.now()
    ).select_related("room")
    if not late.exists():
        return False
    try:
        return _expire(late)
    except OperationalError:
        # a deadline cannot wait until somebody has made room on the disk
        if not reserve.give_up():
            raise
        return _expire(late)


def _expire(late: QuerySet[Round]) -> bool:
    with transaction.atomic():
        found = late.select_for_update(of=("self",)).first()
        if found is None:
            return False
        here = _hold(found.room, found.id)
        here.take("deadline")
        here.erase()
        here.close()
    return True


def _hold(room: Room, round_id: str) -> Held:
    with hurried():
        asked = ask(Round, lock=True, id=round_id, room_id=room.id)
        channel = ask_plenary(room, lock=True)
        return _as_it_stands(asked(), _log(channel()))


def _shared(shared: Shared, room: Room, round_id: str) -> Held:
    """A round as whoever came first in the transaction holds it, and the log likewise."""

    def hold() -> Held:
        with hurried():
            asked = ask(Round, lock=True, id=round_id, room_id=room.id)
            log = shared.of(f"log {room.id}", lambda: _log(plenary(room, lock=True)))
            return _as_it_stands(asked(), log)

    return shared.of(f"round {round_id}", hold)


def _log(channel: Channel | None) -> Log:
    assert channel is not None
    return Log(channel)


def _as_it_stands(found: Round | None, log: Log) -> Held:
    if found is None:
        raise OperationError("There is no such round in this room.")
    return Held(found, charter_of(found), standing(found), log, clock.now())
