"""A copy of a room in one file, made while the room is being served.

The file is a tar archive: a manifest with the hash of everything in it, the database as it stood at
one moment, the keys, the settings. It holds all that the server could read, so it is for its owner
alone, and better still encrypted to a key (age) that does not lie on the server.

The keys are read after the database: whatever the copy of the database was locked with is there.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit, urlunsplit

import pyrage
from pyrage import x25519

import parley
from parley.errors import OutputError, ParleyError, ProofError, RoomError, SettingError
from parley.exchange import canonical
from parley.room import clock
from parley.room.config import SETTINGS_FILE, RoomConfig, read_config

FORMAT = "parley-backup-1"
MANIFEST = "manifest.json"
DATABASE_FILES = {"sqlite": "database.sqlite3", "postgresql": "database.pgdump"}
BLOCK = 512
PIECE = 1024 * 1024
WAIT_SECONDS = 120


@dataclass(frozen=True)
class Part:
    """A file of a backup: how long it is, and its SHA-256 in hex."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself.

    Parameters
    ----------
    made
        When, in UTC.
    version
        The version of Parley that made it.
    database
        Of which kind its database is.
    files
        All that is in it, by name.
    """

    made: str
    version: str
    database: Literal["sqlite", "postgresql"]
    files: Mapping[str, Part]

    def to_json(self) -> bytes:
        """As it stands in the backup."""
        files = {name: vars(part) for name, part in self.files.items()}
        return canonical.encode({**vars(self), "format": FORMAT, "files": files})


def read_manifest(raw: bytes) -> Manifest:
    """A manifest from its file.

    Raises
    ------
    ProofError
        If it is none.
    """
    fields = canonical.record(raw, FORMAT)
    try:
        files = {name: Part(**part) for name, part in fields["files"].items()}
        made = Manifest(fields["made"], fields["version"], fields["database"], files)
    except (KeyError, TypeError, AttributeError):
        made = None
    if made is None or made.database not in DATABASE_FILES or made.to_json() != raw:
        raise ProofError("This is no backup of a room.", "Take the file as it was made.")
    return made


def backup(data: Path, path: Path, recipients: Sequence[str] = ()) -> Manifest:
    """Write a copy of a data folder to a file that is not there yet.

    Parameters
    ----------
    recipients
        Public keys (age1…) of those who can restore it; without any it is not encrypted.

    Raises
    ------
    RoomError
        If there is no room in the folder, or its database cannot be copied.
    SettingError
        If a recipient is none.
    OutputError
        If the file is there already, or cannot be written.
    """
    config = read_config(data)
    keys = [_recipient(one) for one in recipients]
    refuse_existing(path)
    with _scratch(config.folder) as place:
        kind: Literal["sqlite", "postgresql"] = "postgresql" if config.is_postgresql else "sqlite"
        dump = place / DATABASE_FILES[kind]
        dump.touch(0o600)
        (_dump_postgresql if config.is_postgresql else _copy_sqlite)(config, dump)
        small = _small_files(config)
        parts = {name: _part([content]) for name, content in small.items()}
        parts[dump.name] = _part(_pieces(dump))
        made = clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
        manifest = Manifest(made, parley.__version__, kind, parts)
        contents = {MANIFEST: manifest.to_json(), **small}
        write_private(path, _tar(contents, dump), keys)
    return manifest


def _copy_sqlite(config: RoomConfig, to: Path) -> None:
    """Copy the database as it stands at one moment; who writes meanwhile waits for it."""
    source = config.folder / "room.sqlite3"
    if not source.is_file():
        what = "There is no room in this folder."
        raise RoomError(what, "Name the data folder.", where=str(config.data))
    try:
        with (
            closing(sqlite3.connect(source, timeout=WAIT_SECONDS)) as before,
            closing(sqlite3.connect(to)) as after,
        ):
            before.backup(after)  # all pages in one step: one moment, however much is written
            said = after.execute("PRAGMA quick_check").fetchone()[0]
    except sqlite3.Error as error:
        what = f"The database cannot be copied: {error}."
        raise RoomError(what, "Is there room on the disk?", where=str(source)) from None
    if said != "ok":
        what = f"The database is damaged: {said}."
        raise RoomError(what, "Run `parley room check`.", where=str(source))


def _dump_postgresql(config: RoomConfig, to: Path) -> None:
    """Dump the database as it stands at one moment."""
    form = ("--format=custom", "--no-owner", "--no-privileges", f"--file={to}")
    run_postgresql("pg_dump", config.database, *form)


def run_postgresql(program: str, address: str, *arguments: str) -> str:
    """Run a program of PostgreSQL on a database; what it prints.

    Raises
    ------
    RoomError
        If it is not there, or fails.
    """
    if shutil.which(program) is None:
        what = f"The program `{program}` of PostgreSQL is not there."
        raise RoomError(what, "Install the client programs of PostgreSQL, of the server's version.")
    parts = urlsplit(address)
    # the password goes by the environment: arguments can be read by every user of the computer
    netloc = parts.netloc.rpartition("@")[2]
    if parts.username:
        netloc = f"{parts.netloc.rpartition('@')[0].partition(':')[0]}@{netloc}"
    environment = {**os.environ, "PGPASSWORD": unquote(parts.password or "")}
    if not parts.password:
        del environment["PGPASSWORD"]
    database = urlunsplit(parts._replace(netloc=netloc))
    done = subprocess.run(
        [program, f"--dbname={database}", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["it says nothing"])[-1]
        raise RoomError(f"`{program}` failed: {said}.", "Check `database` in room.toml.")
    return done.stdout


def _small_files(config: RoomConfig) -> dict[str, bytes]:
    """The keys and the settings."""
    found = {}
    for path in sorted((config.folder / "keys").glob("[!.]*")):
        if not path.is_symlink() and path.is_file():
            found[f"keys/{path.name}"] = path.read_bytes()
    if not found:
        what = "There are no keys in this folder."
        raise RoomError(what, "Run `parley room check`.", where=str(config.data))
    settings = config.folder / SETTINGS_FILE
    if settings.is_file():
        found[SETTINGS_FILE] = settings.read_bytes()
    return found


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece


def _part(pieces: Iterable[bytes]) -> Part:
    size, digest = 0, hashlib.sha256()
    for piece in pieces:
        size += len(piece)
        digest.update(piece)
    return Part(size, digest.hexdigest())


def _tar(contents: Mapping[str, bytes], dump: Path) -> Iterator[bytes]:
    """The archive, piece by piece."""
    for name, content in contents.items():
        yield from _tar_member(name, len(content), [content])
    yield from _tar_member(dump.name, dump.stat().st_size, _pieces(dump))
    yield bytes(2 * BLOCK)


def _tar_member(name: str, size: int, pieces: Iterable[bytes]) -> Iterator[bytes]:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    yield info.tobuf(tarfile.GNU_FORMAT)
    yield from pieces
    yield bytes(-size % BLOCK)


class _Reader:
    """Pieces as a file that can be read."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._left = pieces, b""

    def read(self, size: int = -1) -> bytes:
        """So many bytes at most."""
        if not self._left:
            # an empty piece would be taken for the end
            self._left = next((piece for piece in self._pieces if piece), b"")
        most = len(self._left) if size < 0 else size
        found, self._left = self._left[:most], self._left[most:]
        return found


def write_private(
    path: Path, pieces: Iterator[bytes], keys: Sequence[x25519.Recipient] = ()
) -> None:
    """Write a file, for its owner alone: whole and on the disk, or not at all.

    Raises
    ------
    OutputError
        If there is one already, or it cannot be written.
    """
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    try:
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                if keys:
                    pyrage.encrypt_io(_Reader(pieces), file, list(keys))
                else:
                    file.writelines(pieces)
                file.flush()
                os.fsync(file.fileno())
            refuse_existing(path)
            partial.rename(path)
        finally:
            partial.unlink(missing_ok=True)
        _sync_folder(path.parent)
    except (OSError, pyrage.EncryptError) as error:
        words = getattr(error, "strerror", None) or error
        raise OutputError(f"The file cannot be written: {words}.", where=str(path)) from None


def _sync_folder(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def refuse_existing(path: Path) -> None:
    """Refuse a name under which there is something already."""
    if path.exists() or path.is_symlink():
        what = "There is something under this name already."
        raise OutputError(
            what, "Give a name that is free: nothing is overwritten.", where=str(path)
        )


@contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    """A place for the copy of the database: beside the database, never in a shared folder."""
    if not folder.is_dir():
        raise RoomError("There is no such folder.", "Name the data folder.", where=str(folder))
    try:
        with tempfile.TemporaryDirectory(prefix=".backup-", dir=folder) as place:
            yield Path(place)
    except ParleyError:
        raise
    except OSError as error:
        what = f"There is no place for a copy: {error.strerror}."
        raise RoomError(
            what, "It needs as much as the database takes.", where=str(folder)
        ) from None


def _recipient(key: str) -> x25519.Recipient:
    try:
        return x25519.Recipient.from_str(key)
    except (pyrage.RecipientError, ValueError):
        raise SettingError("This is no public key of age.", "It begins with age1.") from None
