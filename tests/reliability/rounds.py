"""Rounds of the simple mode in a room of this process, and what the log tells of them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import connection, connections

from parley.room import charters, clock, config
from parley.room.logbook import entries_about
from parley.room.models import Round
from tests.reliability.audit import Found, audit_database, audit_file
from tests.room.world import Talks


def open_round(talks: Talks, deadline: datetime | None = None) -> Round:
    """A round that waits for the texts of north and south."""
    by = deadline or clock.now() + timedelta(hours=1)
    round_ = charters.plan(
        talks.actor("mediator"), charters.Plan("Round", mode="simple", deadline=by)
    )
    for who in ("mediator", "north", "south"):
        charters.agree(talks.actor(who), round_)
    return Round.objects.get(id=round_.id)


def told(round_: Round) -> list[str]:
    """The kinds of entries about a round, in the order of the log."""
    return [str(entry["kind"]) for entry in entries_about(round_.id)]


def audited() -> Found:
    """What an audit of the database of this process finds."""
    data: Path = config.current().folder
    if connection.vendor == "sqlite":
        connections.close_all()
        return audit_file(data / "room.sqlite3", data / "keys")

    def query(sql: str) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            found: list[tuple[Any, ...]] = cursor.fetchall()
            return found

    return audit_database(query, data / "keys")


def at_once(count: int, work: Callable[[int], Any]) -> list[Any]:
    """What so many threads get that do something at the same moment; errors are among it."""
    found: list[Any] = [None] * count
    ready = threading.Barrier(count)

    def one(at: int) -> None:
        try:
            ready.wait()
            found[at] = work(at)
        except Exception as error:
            found[at] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one, args=(at,)) for at in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found
