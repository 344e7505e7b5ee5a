"""The database itself: its settings, its tables, whether it is sound."""

from __future__ import annotations

from collections.abc import Iterator

from parley.room.check.problem import RESTORE, Problem
from parley.room.database import EXTRA, FULL, database_fit

PLACE = "database"
UPGRADE = "Run `parley room upgrade`."
AS_SET = "Stop other programs that have it open; set it as `room.toml` says."


def schema_problems() -> Iterator[Problem]:
    """Whether the tables are those of this version of Parley; if not, nothing else is looked at."""
    from parley.room.check.schema import schema

    found = schema()
    if found.unknown:
        what = f"The data is of a later Parley ({', '.join(found.unknown)})."
        yield Problem(PLACE, what, "Install that version, or restore a backup of this one.")
    if found.is_empty:
        yield Problem(PLACE, "There are no tables: nothing was ever kept here.", "Name the folder.")
    elif found.missing:
        what = f"The data is of an earlier Parley: {len(found.missing)} changes are to be made."
        yield Problem(PLACE, what, UPGRADE)
    elif not found.has_cache:
        yield Problem(PLACE, "The table that counts bad sign-ins is missing.", UPGRADE)


def database_problems() -> Iterator[Problem]:
    """Whether it keeps what it promises, and is sound."""
    from django.db import connection

    for what in database_fit():
        yield Problem(PLACE, what, "Set it to on in postgresql.conf.")
    if connection.vendor == "sqlite":
        yield from _sqlite_settings()
        yield from _sqlite_soundness()


def _sqlite_settings() -> Iterator[Problem]:
    from django.db import connection

    journal, synchronous, keys = (
        _pragma(name)[0] for name in ("journal_mode", "synchronous", "foreign_keys")
    )
    wanted = str(connection.settings_dict["OPTIONS"].get("init_command", ""))
    if f"journal_mode={str(journal).upper()};" not in wanted:
        yield Problem(PLACE, f"The journal is kept as {journal}, not as it was asked.", AS_SET)
    if int(str(synchronous)) < (FULL if journal == "wal" else EXTRA):
        yield Problem(PLACE, "A power failure could take back what was acknowledged.", AS_SET)
    if not keys:
        yield Problem(PLACE, "Rows may point to others that are not there.", AS_SET)


def _sqlite_soundness() -> Iterator[Problem]:
    for said in _pragma("integrity_check"):
        if said != "ok":
            yield Problem(PLACE, f"SQLite finds damage: {said}.", RESTORE)
    for table in sorted({str(table) for table in _pragma("foreign_key_check")}):
        yield Problem(f"table {table}", "A row points to another that is not there.", RESTORE)


def _pragma(name: str) -> list[object]:
    """The first column of what a pragma answers."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA {name}")
        return [row[0] for row in cursor.fetchall()]
