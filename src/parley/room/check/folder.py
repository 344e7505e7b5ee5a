"""The data folder: who may enter it, and whether every key is there and fits what it locked."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

from parley.room.check.problem import Problem
from parley.room.config import KEY_LENGTH, RoomConfig

CLOSE_FOLDER = "Let only the server's user enter it: chmod 700."
CLOSE_FILE = "Let only the server's user read it: chmod 600."
RESTORE_KEY = "Restore the folder `keys` from a backup; without it nothing else is of use."


def folder_problems(config: RoomConfig) -> Iterator[Problem]:
    """What is wrong with the folder and the keys in it; nothing is made or mended."""
    data = config.folder
    yield from _closed(data)
    if (data / "keys").is_dir():
        yield from _closed(data / "keys")
        for path in sorted((data / "keys").iterdir()):
            yield from key_problems(path)
    if not config.is_postgresql and (data / "room.sqlite3").is_symlink():
        what, remedy = "A link stands in the place of the database.", "Put the file itself there."
        yield Problem(str(data / "room.sqlite3"), what, remedy)


def _closed(folder: Path) -> Iterator[Problem]:
    if folder.is_symlink() or not folder.is_dir():
        yield Problem(str(folder), "This is no folder, or only a link to one.", "Name the folder.")
    elif stat.S_IMODE(folder.stat().st_mode) & 0o077:
        yield Problem(str(folder), "Others than the server may enter this folder.", CLOSE_FOLDER)


def key_problems(path: Path) -> Iterator[Problem]:
    """What is wrong with a file of a key."""
    try:
        found = path.lstat()
    except OSError:
        yield Problem(str(path), "The key is missing.", RESTORE_KEY)
        return
    if not stat.S_ISREG(found.st_mode):
        yield Problem(str(path), "A key is a plain file; this is none.", RESTORE_KEY)
    elif path.name.startswith("."):
        what = "A key was half written here once."
        yield Problem(str(path), what, "Delete this file; nothing was locked with it.", "warning")
    elif stat.S_IMODE(found.st_mode) & 0o077:
        yield Problem(str(path), "Others than the server may read this key.", CLOSE_FILE)
    elif found.st_size != KEY_LENGTH:
        yield Problem(str(path), f"A key has {KEY_LENGTH} bytes; this has not.", RESTORE_KEY)


def missing_keys(config: RoomConfig) -> Iterator[Problem]:
    """Keys that something in the database needs, and that are not there.

    They are looked for as files: asking for a key that is missing would make a new one, and what
    was locked with the old one would be lost without a word.
    """
    from allauth.mfa.models import Authenticator

    from parley.room.models import Room, Round

    needed = [f"log-{room}" for room in Room.objects.order_by("id").values_list("id", flat=True)]
    locked = Round.objects.exclude(server_key=b"").values_list("room_id", flat=True)
    needed += [f"vault-{room}" for room in sorted(set(locked))]
    if Authenticator.objects.exists():
        needed.append("second-factor")
    for name in needed:
        path = config.folder / "keys" / name
        if not path.exists():
            yield Problem(str(path), "The key is missing.", RESTORE_KEY)


def second_factor_problems(config: RoomConfig) -> Iterator[Problem]:
    """Second factors that do not open with the key of this folder."""
    from allauth.mfa.adapter import get_adapter
    from allauth.mfa.models import Authenticator
    from cryptography.fernet import InvalidToken

    if not (config.folder / "keys" / "second-factor").exists():
        return
    adapter, broken = get_adapter(), 0
    for row in Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN):
        try:
            for name in ("secret", "seed"):
                if name in row.data:
                    adapter.decrypt(row.data[name])
        except InvalidToken:
            broken += 1
    if broken:
        what = f"{broken} second factors do not open with this key."
        yield Problem(str(config.folder / "keys" / "second-factor"), what, RESTORE_KEY)
