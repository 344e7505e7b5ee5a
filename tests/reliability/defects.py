"""Defects that are put into a room on purpose: each test must find the one it is there for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

JOURNALS = {
    "wal-normal": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    "delete-full": "PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL;",
    "off": "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;",
    "wal-full": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",  # no defect, but gated
}


def put_in(defect: str) -> None:
    """Put a defect into this process; without a name, none."""
    if defect in JOURNALS:
        _journal(defect)
    elif defect:
        STEPS[defect]()


def _journal(defect: str) -> None:
    """The database is opened in another way."""
    from django.db import connection
    from django.db.backends.signals import connection_created

    # the room refuses such a connection; here it has to be let through
    assert connection_created.disconnect(dispatch_uid="parley.room.check_connection")
    connection.settings_dict["OPTIONS"]["init_command"] = JOURNALS[defect]


def _told_early() -> None:
    """A receipt is given before the transaction that holds it is written."""
    from parley.room import deposits, standing
    from tests.reliability import world

    def early(room: Any, round_id: str, step: Any) -> Any:
        def told_step(here: Any) -> Any:
            answer = step(here)

            def told() -> Any:
                receipt = answer()
                early_tell(world.digest(receipt))
                return receipt

            return told

        return standing.in_turn(room, round_id, told_step)

    setattr(deposits, "in_turn", early)  # noqa: B010


early_tell: Any = lambda _word: None  # noqa: E731


def _no_row() -> None:
    """A receipt is given, and the deposit it tells of is not kept."""
    from parley.room.models import Deposit
    from parley.room.rows import put

    _put_by(lambda model, **values: None if model is Deposit else put(model, **values))


def _two_steps() -> None:
    """What is laid down is written in two transactions: first the text, then its entry."""
    from django.db import connection

    from parley.room.models import Deposit
    from parley.room.rows import put

    def parted(model: Any, **values: Any) -> None:
        put(model, **values)
        if model is Deposit:
            connection.connection.commit()
            connection.connection.execute("BEGIN IMMEDIATE")

    _put_by(parted)


def _put_by(put: Callable[..., None]) -> None:
    from parley.room import deposits

    setattr(deposits, "put", put)  # noqa: B010


STEPS = {"told-early": _told_early, "no-row": _no_row, "two-steps": _two_steps}
