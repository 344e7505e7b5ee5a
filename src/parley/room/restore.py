"""Bringing a backup back, into an empty folder only.

Every file is checked by its hash before anything stands under the name of the folder. What was
acknowledged after the backup was made is not in it; the receipts and checkpoints that members keep
will show that, whoever restores it.
"""

from __future__ import annotations

import hashlib
import os
import re
import tarfile
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import pyrage
from pyrage import x25519

from parley.errors import OutputError, ProofError, RoomError
from parley.room.backup import (
    DATABASE_FILES,
    MANIFEST,
    PIECE,
    Manifest,
    Part,
    read_manifest,
    run_postgresql,
)
from parley.room.config import read_config

AGE = b"age-encryption.org/v1\n"
LARGEST_MANIFEST = 10_000_000
_NAME = re.compile(r"room\.toml|keys/[A-Za-z0-9][A-Za-z0-9_-]*|database\.(?:sqlite3|pgdump)")
_TABLES = "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"


def read_identity(path: Path) -> str:
    """The private key in a file as `age-keygen` writes it.

    Raises
    ------
    ProofError
        If there is none.
    """
    try:
        lines = path.read_text(encoding="ascii").splitlines()
        found = [line for line in lines if line and not line.startswith("#")]
        x25519.Identity.from_str(found[0])
    except OSError as error:
        raise ProofError(f"The key cannot be read: {error.strerror}.", where=str(path)) from None
    except (IndexError, ValueError, pyrage.IdentityError):
        what = "There is no private key of age in this file."
        remedy = "It has a line that begins with AGE-SECRET-KEY-1."
        raise ProofError(what, remedy, where=str(path)) from None
    return found[0]


def restore(path: Path, data: Path, identities: Sequence[str] = ()) -> Manifest:
    """Bring a backup back into a folder that is empty, or not there yet.

    The room is not looked at here: see `check.problems`.

    Parameters
    ----------
    identities
        Private keys of age (AGE-SECRET-KEY-1…), one of which opens it if it is encrypted.

    Raises
    ------
    OutputError
        If there is anything in the folder, or it cannot be written.
    ProofError
        If the file is no backup, was changed, is cut short, or does not open with the keys.
    RoomError
        If the database is of PostgreSQL, and cannot be filled.
    """
    data = data.absolute()
    refuse_full(data)
    try:
        data.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".restoring-", dir=data.parent) as staging:
            place = Path(staging) / "room"
            place.mkdir(mode=0o700)
            (place / "keys").mkdir(mode=0o700)
            manifest = _unpack(path, place, identities)
            _bring_database(manifest, place)
            refuse_full(data)
            place.rename(data)
    except OSError as error:
        words = error.strerror or error
        raise OutputError(f"It cannot be restored: {words}.", where=str(data)) from None
    return manifest


def refuse_full(data: Path) -> None:
    """Refuse a folder in which there is anything.

    Raises
    ------
    OutputError
        If there is.
    """
    if data.is_symlink() or (data.exists() and (not data.is_dir() or any(data.iterdir()))):
        remedy = "Name a folder that is empty or not there: nothing is overwritten."
        raise OutputError("There is something there already.", remedy, where=str(data))


def _unpack(path: Path, place: Path, identities: Sequence[str]) -> Manifest:
    with path.open("rb") as file, tempfile.TemporaryFile(dir=place) as plain:
        source: IO[bytes] = file
        if file.read(len(AGE)) == AGE:
            file.seek(0)
            _decrypt(path, file, plain, identities)
            source = plain
        source.seek(0)
        try:
            with tarfile.open(fileobj=source, mode="r:") as archive:
                return _files(archive, place)
        except (tarfile.TarError, ProofError) as error:
            what = error.what if isinstance(error, ProofError) else "This is no backup of a room."
            raise ProofError(what, "Take the file as it was made.", where=str(path)) from None


def _decrypt(path: Path, file: IO[bytes], plain: IO[bytes], identities: Sequence[str]) -> None:
    if not identities:
        remedy = "Give --key with the file of the private key."
        raise ProofError("The backup is encrypted.", remedy, where=str(path))
    try:
        keys = [x25519.Identity.from_str(identity) for identity in identities]
        pyrage.decrypt_io(file, plain, keys)
    except (pyrage.DecryptError, OSError) as error:
        if getattr(error, "errno", None) is not None:
            raise
        what = "The backup does not open with this key, or it was changed."
        raise ProofError(what, "Look whether it is the right key.", where=str(path)) from None


def _files(archive: tarfile.TarFile, place: Path) -> Manifest:
    """Write out what the manifest names: every file once, and nothing else."""
    first = archive.next()
    raw = _member(archive, first) if first and first.name == MANIFEST else None
    if raw is None or first is None or first.size > LARGEST_MANIFEST:
        raise ProofError("This is no backup of a room.")
    manifest = read_manifest(raw.read())
    left = dict(manifest.files)
    while (member := archive.next()) is not None:
        part = left.pop(member.name, None)
        if part is None or not _NAME.fullmatch(member.name):
            raise ProofError(
                f"There is a file in the backup that does not belong: {member.name!r}."
            )
        _take(_member(archive, member), part, place / member.name)
    if left or DATABASE_FILES[manifest.database] not in manifest.files:
        raise ProofError("The backup is cut short: files are missing.")
    return manifest


def _member(archive: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    found = archive.extractfile(member) if member.isreg() else None
    if found is None:
        raise ProofError(f"`{member.name}` in the backup is no plain file.")
    return found


def _take(source: IO[bytes], part: Part, to: Path) -> None:
    """Write one file out, if it is the one of the manifest."""
    digest, size = hashlib.sha256(), 0
    handle = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "wb") as file:
        while piece := source.read(PIECE):
            size += len(piece)
            digest.update(piece)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    if (size, digest.hexdigest()) != (part.size, part.sha256):
        raise ProofError(f"`{to.name}` in the backup was changed.")


def _bring_database(manifest: Manifest, place: Path) -> None:
    """Put the database where the settings of the backup say that it is."""
    config = read_config(place)
    kind = "postgresql" if config.is_postgresql else "sqlite"
    if kind != manifest.database:
        what = f"The backup is of {manifest.database}, and the settings name {kind}."
        remedy = "Set PARLEY_ROOM_DATABASE to an empty database of that kind."
        raise RoomError(what, remedy)
    dump = place / DATABASE_FILES[manifest.database]
    if manifest.database == "sqlite":
        dump.rename(place / "room.sqlite3")
        return
    if run_postgresql("psql", config.database, "-Atc", _TABLES).strip() != "0":
        what = "There are tables in the database already."
        remedy = "Make an empty one (createdb), and name it in PARLEY_ROOM_DATABASE."
        raise RoomError(what, remedy)
    form = ("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction")
    run_postgresql("pg_restore", config.database, *form, str(dump))
    dump.unlink()
