"""Where a room keeps its data, and how it is to be served.

Everything of a room lies in one data folder: the database, the keys, the settings file
`room.toml`, the static files as they are served. The folder is for the server alone (mode 0700).

A process serves one data folder. :func:`activate` names it and starts Django; before that nothing
else of this package can be imported with models.
"""

from __future__ import annotations

import os
import re
import secrets
import stat
import tomllib
from contextlib import suppress
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any, Literal

from parley.errors import RoomError

DATA_VARIABLE = "PARLEY_ROOM_DATA"
DATABASE_VARIABLE = "PARLEY_ROOM_DATABASE"
PORT_VARIABLE = "PARLEY_ROOM_PORT"
SETTINGS_FILE = "room.toml"
KEY_LENGTH = 32
KEY_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
# languages whose catalogue is complete; others are not offered
LANGUAGES = (("en", "English"), ("fr", "Français"))

Journal = Literal["truncate", "wal"]


@dataclass(frozen=True)
class RoomConfig:
    """The settings of a room, as read from its data folder.

    Parameters
    ----------
    data
        The data folder; None stands for no folder at all (for type checks and the docs).
    address, port
        Where the server listens.
    hosts
        Names under which browsers may reach it, without port; the first is used in links.
        Passkeys work under a name only, not under a number such as 127.0.0.1.
    https
        Whether browsers reach it over https; cookies are then sent over https only.
    proxies
        How many trusted proxies stand in front of it; their X-Forwarded-For counts.
    database
        `sqlite` for a file in the data folder, or `postgresql://USER@HOST/NAME`.
    journal
        How SQLite keeps its journal: `truncate`, or `wal` where the library is free of its bug.
    tick_seconds
        How often the room's tree commits to its channels, changed or not.
    language
        The language of those who have not chosen one.
    """

    data: Path | None
    address: str = "127.0.0.1"
    port: int = 8100
    hosts: tuple[str, ...] = ("localhost", "127.0.0.1", "[::1]")
    https: bool = False
    proxies: int = 0
    database: str = "sqlite"
    journal: Journal = "truncate"
    tick_seconds: int = 600
    language: str = "en"

    @property
    def folder(self) -> Path:
        """The data folder; refused where there is none."""
        if self.data is None:
            raise RoomError("No data folder is named.", "Call parley.room.config.activate first.")
        return self.data

    @property
    def is_postgresql(self) -> bool:
        return self.database != "sqlite"

    @property
    def origin(self) -> str:
        """What links to this room begin with."""
        return f"https://{self.hosts[0]}" if self.https else f"http://{self.hosts[0]}:{self.port}"

    def key_file(self, name: str) -> bytes:
        """32 secret bytes that are kept under a name in the data folder; made at first need."""
        if not KEY_NAME.fullmatch(name):
            raise RoomError(f"`{name}` cannot be the name of a key.", where=str(self.data))
        return _kept_bytes(self.folder / "keys" / name)


def read_config(data: Path) -> RoomConfig:
    """Read `room.toml` of a data folder; what it leaves out has its default."""
    data = data.absolute()
    path = data / SETTINGS_FILE
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        given = {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        what = f"The settings cannot be read: {error}."
        raise RoomError(what, "Mend the file; it is TOML.", where=str(path)) from None
    except OSError as error:
        what = f"The settings cannot be read: {error.strerror}."
        raise RoomError(what, "Check who owns the folder.", where=str(path)) from None
    if os.environ.get(DATABASE_VARIABLE):
        given["database"] = os.environ[DATABASE_VARIABLE]
    if os.environ.get(PORT_VARIABLE, "").isdigit():
        given["port"] = int(os.environ[PORT_VARIABLE])
    return RoomConfig(data=data, **_checked(given, str(path)))


def _checked(given: dict[str, Any], where: str) -> dict[str, Any]:
    """The settings with their types and ranges checked."""
    known = {field.name: field.default for field in fields(RoomConfig) if field.name != "data"}
    checked: dict[str, Any] = {}
    for name, value in given.items():
        if name not in known:
            remedy = f"Known are: {', '.join(known)}."
            raise RoomError(f"There is no setting `{name}`.", remedy, where=where)
        if not _is_like(value, known[name]):
            remedy = f"It is of this form: {_form(known[name])}."
            raise RoomError(f"`{name}` has a value of another kind.", remedy, where=where)
        checked[name] = tuple(value) if isinstance(value, list) else value
    _check_ranges(checked, where)
    return checked


def _is_like(value: object, default: object) -> bool:
    if isinstance(default, tuple):
        return isinstance(value, list) and all(isinstance(part, str) for part in value)
    return type(value) is type(default)


def _form(default: object) -> str:
    if isinstance(default, bool):
        return "true or false"
    if isinstance(default, tuple):
        return '["name", …]'
    return "a whole number" if isinstance(default, int) else "text in quotes"


def _check_ranges(given: dict[str, Any], where: str) -> None:
    allowed = {
        "port": (range(1, 65536), "a number from 1 to 65535"),
        "proxies": (range(10), "the number of trusted proxies, 0 for none"),
        "tick_seconds": (range(10, 86401), "seconds, from 10 to 86400"),
        "journal": (("truncate", "wal"), '"truncate" or "wal"'),
        "language": (tuple(code for code, _ in LANGUAGES), "a language that Parley has"),
    }
    for name, (values, words) in allowed.items():
        if name in given and given[name] not in values:
            raise RoomError(f"`{name}` cannot be {given[name]!r}.", f"Give {words}.", where=where)
    if given.get("https") and not given.get("proxies"):
        remedy = "Set proxies = 1 and let only that proxy reach the address."
        raise RoomError("`https` needs a proxy in front that ends it.", remedy, where=where)
    if not given.get("hosts", True):
        raise RoomError("`hosts` is empty.", "Give the name that browsers use.", where=where)
    database = given.get("database", "sqlite")
    if database != "sqlite" and not database.startswith(("postgresql://", "postgres://")):
        remedy = 'Give "sqlite" or "postgresql://USER@HOST/NAME".'
        raise RoomError("`database` is of no known kind.", remedy, where=where)


def activate(data: Path) -> RoomConfig:
    """Name the data folder that this process serves, and start Django."""
    import django

    named = os.environ.get(DATA_VARIABLE)
    data = data.absolute()
    from django.conf import settings

    if settings.configured and named != str(data):
        raise RoomError(
            f"This process already serves {named}.",
            "Start another process for another data folder.",
            where=str(data),
        )
    os.environ[DATA_VARIABLE] = str(data)
    os.environ["DJANGO_SETTINGS_MODULE"] = "parley.room.settings"
    found = current()
    django.setup()
    return found


def current() -> RoomConfig:
    """The settings of the data folder that this process serves, or defaults where it has none."""
    named = os.environ.get(DATA_VARIABLE)
    return _read_once(named) if named else RoomConfig(data=None)


@cache
def _read_once(data: str) -> RoomConfig:
    return read_config(Path(data))


def key_file(name: str) -> bytes:
    """32 secret bytes of the active data folder under a name; made at first need."""
    return current().key_file(name)


def private_folder(path: Path) -> None:
    """Make a folder that only its owner may enter; refuse a link in its place."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.is_symlink():
            remedy = "Put a folder in its place."
            raise RoomError("A link stands where a folder must be.", remedy, where=str(path))
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            path.chmod(0o700)
    except OSError as error:
        what = f"The folder cannot be made or entered: {error.strerror}."
        remedy = "Name a folder that this user may write."
        raise RoomError(what, remedy, where=str(path)) from None


def _kept_bytes(path: Path) -> bytes:
    """Read the secret bytes of a file; the first that asks makes them, and all agree on them."""
    private_folder(path.parent)
    found = _read_private(path)
    if found is not None:
        return found
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(KEY_LENGTH))
            file.flush()
            os.fsync(file.fileno())
        # a hard link does not replace: of several that race, one wins, and all read its bytes
        with suppress(FileExistsError):
            os.link(fresh, path)
    finally:
        fresh.unlink()
    # its name, and that of its folder, are on the disk before anything that is locked with it
    _sync_folder(path.parent)
    _sync_folder(path.parent.parent)
    found = _read_private(path)
    assert found is not None
    return found


def _read_private(path: Path) -> bytes | None:
    """The bytes of a key file; None where it does not exist; refused where it is not private."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return None
    except OSError as error:
        what = f"The key cannot be read: {error.strerror}."
        remedy = "A key is a plain file of this user, never a link."
        raise RoomError(what, remedy, where=str(path)) from None
    with os.fdopen(handle, "rb") as file:
        mode = os.fstat(file.fileno()).st_mode
        if not stat.S_ISREG(mode) or stat.S_IMODE(mode) & 0o077:
            remedy = "Let only its owner read it: chmod 600."
            raise RoomError("Others may read this key.", remedy, where=str(path))
        found = file.read(KEY_LENGTH + 1)
    if len(found) != KEY_LENGTH:
        remedy = "Restore the file from a backup."
        raise RoomError(f"A key has {KEY_LENGTH} bytes; this has not.", remedy, where=str(path))
    return found


def _sync_folder(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
