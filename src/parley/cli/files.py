"""Files of an exchange: read whole or not at all, never written over; passphrases never shown."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO, TypeVar

import typer

from parley.cli.shared import written
from parley.errors import OutputError, ProofError, SettingError

T = TypeVar("T")

SMALL = 2_000_000
"""Largest file of keys, charter or receipt, in bytes."""
LARGE = 64_000_000
"""Largest file of a text, deposit or share, in bytes."""

IS_THERE = "There is a file of this name already; it was left as it is."

PassphraseFile = Annotated[
    Path | None,
    typer.Option(
        "--passphrase-file", help="A file whose first line is the passphrase; left out: asked."
    ),
]


@contextmanager
def opened_file(path: Path) -> Iterator[BinaryIO]:
    """A file to read from.

    Raises
    ------
    SettingError
        If it cannot be read.
    """
    try:
        if path.is_dir():
            raise SettingError("This is a folder, not a file.", "Name a file.", where=str(path))
        with path.open("rb") as stream:
            yield stream
    except OSError as error:
        what = f"The file cannot be read: {error.strerror or 'unknown reason'}."
        raise SettingError(what, "Check its name and rights.", where=str(path)) from None
    except ValueError:
        raise SettingError("This is no name of a file.", "Check it.", where=repr(path)) from None


def read_file(path: Path, most: int = SMALL) -> bytes:
    """A file as it is.

    Raises
    ------
    SettingError
        If it cannot be read, or is larger than anything of this kind.
    """
    with opened_file(path) as stream:
        raw = stream.read(most + 1)
    if len(raw) > most:
        what = f"The file has over {most // 1_000_000} MB, which none of this kind has."
        raise SettingError(what, "Look whether it is the right file.", where=str(path))
    return raw


def read_as(path: Path, made: Callable[[bytes], T]) -> T:
    """What a file stands for.

    Raises
    ------
    ProofError
        If it is none of its kind; the error names the file.
    """
    raw = read_file(path)
    try:
        return made(raw)
    except ProofError as error:
        raise ProofError(error.what, error.remedy, where=str(path)) from None


def read_text(path: Path) -> str:
    """A file that is text.

    Raises
    ------
    ProofError
        If it is none.
    """
    try:
        return read_file(path).decode()
    except UnicodeDecodeError:
        what = "This is no text, but other bytes."
        raise ProofError(what, "Look whether it is the right file.", where=str(path)) from None


def check_new(*paths: Path, remedy: str = "Name another one.") -> None:
    """Before any work is done: that none of the files to write is there yet.

    Raises
    ------
    OutputError
        If one is, or two are to have one name.
    """
    for path in paths:
        if os.path.lexists(path):
            raise OutputError(IS_THERE, remedy, where=str(path))
        if paths.count(path) > 1:
            raise OutputError("Two files would have this name.", remedy, where=str(path))


def write_new(path: Path, data: bytes, *, secret: bool = False) -> None:
    """Write a file that is not there yet, whole or not at all; a secret one for its owner alone.

    Raises
    ------
    OutputError
        If there is one already, or it cannot be written. Nothing is left behind.
    """
    from parley.case.file import usual_rights

    part = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        if not secret:
            Path(part).chmod(usual_rights(0o666))
        # the name is taken first, so that of two who write at once one is refused
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        Path(part).replace(path)
    except FileExistsError:
        raise OutputError(IS_THERE, "Name another one.", where=str(path)) from None
    except (OSError, ValueError) as error:
        what = f"The file cannot be written: {getattr(error, 'strerror', None) or error}."
        raise OutputError(what, "Name a folder that you may write to.", where=str(path)) from None
    finally:
        if part is not None:
            Path(part).unlink(missing_ok=True)


def write_and_tell(path: Path, data: bytes, *, secret: bool = False) -> None:
    """Write a file that is not there yet, and say so; a secret one for its owner alone."""
    write_new(path, data, secret=secret)
    written(path)


def passphrase(file: Path | None, *, new: bool = False) -> str:
    """The passphrase: from a file, or asked for without showing it (twice for a new one)."""
    if file is not None:
        return read_text(file).partition("\n")[0].removesuffix("\r")
    found: str = typer.prompt("Passphrase", hide_input=True, confirmation_prompt=new, err=True)
    return found


def plain(text: object) -> str:
    """A text that others wrote, without what would act on a terminal."""
    joiners = "\u200c\u200d"  # without them Persian and others are misspelt
    return "".join(c if c.isprintable() or c in joiners else "\N{REPLACEMENT CHARACTER}"
                   for c in str(text))  # fmt: skip
