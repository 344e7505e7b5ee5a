"""Bringing the tables of a data folder to this version of Parley: after a backup, then checked."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from parley.errors import RoomError
from parley.room import clock
from parley.room.backup import backup
from parley.room.check.schema import Schema, schema
from parley.room.config import RoomConfig, activate, private_folder

FOLDER = "backups"
LATER = "This data folder is of a newer Parley."
EARLIER = "This data folder is of an earlier Parley."


@dataclass(frozen=True)
class Upgraded:
    """What an upgrade did: the changes, and the backup from before; none where all was current."""

    changes: tuple[str, ...]
    backup: Path | None


def refuse_other_version(config: RoomConfig) -> Schema:
    """Refuse tables that another version has made; how they stand, if they are none or these.

    Raises
    ------
    RoomError
        If they are of an earlier or a later version.
    """
    found = schema()
    if found.unknown:
        remedy = "Install that version, or restore a backup of this one."
        raise RoomError(LATER, remedy, where=str(config.data))
    if found.missing and not found.is_empty:
        remedy = f"Run `parley room upgrade {config.data}`; it makes a backup first."
        raise RoomError(EARLIER, remedy, where=str(config.data))
    return found


def upgrade(data: Path) -> Upgraded:
    """Bring a data folder to this version.

    Raises
    ------
    RoomError
        If there is none, it is being served, it is of a later version, or the upgrade fails; then
        the error names the backup to restore.
    """
    from django.db import DatabaseError

    config = activate(data)
    with not_served(config):
        found = schema()
        if found.is_empty:
            raise RoomError("There is no room in this folder.", "Name the data folder.")
        if found.unknown:
            refuse_other_version(config)
        if found.is_current:
            return Upgraded((), None)
        kept = _kept_before(config)
        try:
            _migrate()
        except DatabaseError as error:
            what = f"The upgrade failed: {str(error).splitlines()[0]}."
            remedy = f"Restore {kept} into an empty folder, with the version before."
            raise RoomError(what, remedy, where=str(data)) from None
    return Upgraded(found.missing, kept)


def _kept_before(config: RoomConfig) -> Path:
    """A backup in the data folder itself, from before anything is changed."""
    folder = config.folder / FOLDER
    private_folder(folder)
    name = f"before-upgrade-{clock.now().strftime('%Y-%m-%dT%H%M%SZ')}.parley-backup"
    backup(config.folder, folder / name)
    return folder / name


def _migrate() -> None:
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)


@contextmanager
def not_served(config: RoomConfig) -> Iterator[None]:
    """Keep servers away from the folder meanwhile.

    Raises
    ------
    RoomError
        If one is serving it.
    """
    path = config.folder / "serving.lock"
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        what = "This data folder is being served."
        raise RoomError(what, "Stop the server first.", where=str(config.data)) from None
    finally:
        os.close(handle)
