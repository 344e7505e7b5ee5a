"""The database must keep what was acknowledged, also when the power fails.

SQLite is opened with a rollback journal that is truncated, and `synchronous=EXTRA`. Write-ahead
logging is allowed only where the library is free of the race that loses committed transactions
(sqlite.org/wal.html#walresetbug). PostgreSQL is refused when it is set to forget on power loss.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from parley.errors import RoomError
from parley.room.config import RoomConfig

Version = tuple[int, ...]

# sqlite3's numbers for what `PRAGMA synchronous` tells
FULL, EXTRA = 2, 3
PROMISES = ("fsync", "full_page_writes", "synchronous_commit")


def wal_is_safe(version: Version) -> bool:
    """Whether a version of SQLite is free of the write-ahead-log reset race."""
    fixed = {(3, 44): (3, 44, 6), (3, 50): (3, 50, 7)}
    return version >= fixed.get((version[0], version[1]), (3, 51, 3))


def refuse_unsafe_wal(config: RoomConfig) -> None:
    """Refuse write-ahead logging with a SQLite that could lose deposits by it."""
    version = sqlite3.sqlite_version_info
    if config.journal == "wal" and not config.is_postgresql and not wal_is_safe(version):
        raise RoomError(
            f'SQLite {sqlite3.sqlite_version} can lose what was committed with journal = "wal".',
            'Set journal = "truncate", or use SQLite 3.51.3, 3.50.7 or 3.44.6 or later.',
            where=str(config.data) if config.data else "",
        )


def django_database(config: RoomConfig) -> dict[str, Any]:
    """The entry of `DATABASES` for a room."""
    refuse_unsafe_wal(config)
    if config.is_postgresql:
        return _postgresql(config.database)
    name = ":memory:" if config.data is None else str(config.data / "room.sqlite3")
    journal, synchronous = ("WAL", "FULL") if config.journal == "wal" else ("TRUNCATE", "EXTRA")
    pragmas = f"PRAGMA journal_mode={journal}; PRAGMA synchronous={synchronous};"
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": name,
        # every transaction takes the write lock at its start: it waits, it never fails half-way
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 30, "init_command": pragmas},
        "TEST": {"NAME": name},
    }


def _postgresql(address: str) -> dict[str, Any]:
    from urllib.parse import parse_qsl, unquote, urlsplit

    parts = urlsplit(address)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": dict(parse_qsl(parts.query)),
    }


def check_connection(connection: BaseDatabaseWrapper, **_kwargs: object) -> None:
    """Refuse a new connection whose journal is not kept as it was asked."""
    if connection.vendor != "sqlite" or connection.settings_dict["NAME"] == ":memory:":
        return
    wanted = str(connection.settings_dict["OPTIONS"].get("init_command", ""))
    with connection.cursor() as cursor:
        journal = str(cursor.execute("PRAGMA journal_mode").fetchone()[0])
        synchronous = int(cursor.execute("PRAGMA synchronous").fetchone()[0])
    needed = {"truncate": EXTRA, "wal": FULL}.get(journal)
    kept = needed is not None and synchronous >= needed
    if not kept or f"journal_mode={journal.upper()};" not in wanted:
        connection.close()
        raise RoomError(
            f"The database keeps its journal as {journal}/{synchronous}, not as it was asked.",
            "Stop other programs that have it open, then start again.",
            where=str(connection.settings_dict["NAME"]),
        )


def database_fit() -> tuple[str, ...]:
    """What makes the active database unfit to serve; empty where it is fit."""
    from django.db import connection

    connection.ensure_connection()
    if connection.vendor != "postgresql":
        return ()
    with connection.cursor() as cursor:
        found = [name for name in PROMISES if _is_off(cursor, name)]
    return tuple(
        f"PostgreSQL has {name} = off: it may forget what it has acknowledged." for name in found
    )


def _is_off(cursor: CursorWrapper, name: str) -> bool:
    cursor.execute("SELECT current_setting(%s)", [name])
    row = cursor.fetchone()
    return row is not None and row[0] == "off"
