"""Where files that people bring are read: in a process of its own, shut in and short-lived.

The server never parses a Word file, a text or a case by itself. It hands the bytes to
`parley.room.worker`, which gives up what it does not need (network, memory, time, the room's
settings) before it looks at them, and takes back files of which it knows names and sizes.
"""

from __future__ import annotations

import json
import os
import re
import signal
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from parley.errors import Mistake, OperationError, TextError
from parley.room import config

MEGABYTE = 1024 * 1024
LARGEST = 10 * MEGABYTE
"""Most bytes of one file that is taken in."""

LARGEST_MADE = 32 * MEGABYTE
"""Most bytes of all files that are taken back."""

WORKER = (sys.executable, "-I", "-m", "parley.room.worker")
RESULT = "result.json"
AT_ONCE = 2
WAIT = 20.0
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,119}")
_PASSED_ON = ("PATH", "HOME", "XDG_CACHE_HOME", "NUMBA_CACHE_DIR", "LANG")
_places = threading.BoundedSemaphore(AT_ONCE)
_waiting = threading.BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True)
class Limits:
    """What a task may use.

    Parameters
    ----------
    cpu
        Seconds of computing.
    seconds
        Seconds by the clock.
    memory
        Bytes that it may write to in memory.
    space
        Bytes of addresses, or 0 for no limit: what draws plots reserves far more than it uses.
    file
        Bytes of one file that it may write.
    """

    cpu: int
    seconds: float
    memory: int
    space: int
    file: int = LARGEST_MADE


READING = Limits(cpu=10, seconds=60, memory=768 * MEGABYTE, space=4096 * MEGABYTE)
BRIEFING = Limits(cpu=240, seconds=180, memory=3072 * MEGABYTE, space=0)


@dataclass(frozen=True)
class Made:
    """What a task has made: files by name, and what it says of them."""

    files: Mapping[str, bytes]
    said: Mapping[str, Any] = field(default_factory=dict)


def work(
    task: str,
    brought: Mapping[str, bytes],
    limits: Limits = READING,
    **options: Any,
) -> Made:
    """Have a task done to files that somebody brought.

    Parameters
    ----------
    task
        A task of `parley.room.worker`.
    brought
        Contents by a name of our own; never the name that a file came with.

    Raises
    ------
    TextError
        With all mistakes, if what was brought has mistakes.
    OperationError
        If it is refused as a whole, takes too long, or too many wait already.
    """
    if sum(map(len, brought.values())) > 2 * LARGEST:
        raise OperationError("The files are too large to be read together.", "Take fewer.")
    with _a_place(), _a_folder() as folder:
        for name, content in brought.items():
            _put(folder / "in", name, content)
        wanted = {"task": task, "limits": asdict(limits), "options": options}
        _put(folder, "task.json", json.dumps(wanted).encode())
        code = _run(folder, limits)
        return _made(folder, code)


@contextmanager
def _a_place() -> Iterator[None]:
    if not _took_a_place():
        raise OperationError("Too much is being read at the moment.", "Try again in a minute.")
    try:
        yield
    finally:
        _places.release()


def _took_a_place() -> bool:
    """Whether a place was free, or came free; few may wait, since meanwhile they answer nobody."""
    if _places.acquire(blocking=False):
        return True
    if not _waiting.acquire(blocking=False):
        return False
    try:
        return _places.acquire(timeout=WAIT)
    finally:
        _waiting.release()


@contextmanager
def _a_folder() -> Iterator[Path]:
    """A folder for one task, in the data folder, for the server alone; gone afterwards."""
    above = config.current().folder / "workshop"
    config.private_folder(above)
    with tempfile.TemporaryDirectory(dir=above, ignore_cleanup_errors=True) as name:
        folder = Path(name)
        for part in ("in", "out"):
            (folder / part).mkdir(mode=0o700)
        yield folder


def _put(folder: Path, name: str, content: bytes) -> None:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name of ours")
    handle = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)


def _run(folder: Path, limits: Limits) -> int:
    """The exit code of the worker; everything that it has started is gone afterwards."""
    known = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    process = subprocess.Popen(
        WORKER,
        cwd=folder,
        env={
            **known,
            "PYTHONDONTWRITEBYTECODE": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "TMPDIR": str(folder),
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        return process.wait(limits.seconds)
    except subprocess.TimeoutExpired:
        what = f"It was not done within {limits.seconds:.0f} seconds."
        raise OperationError(what, "Take a smaller file.") from None
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _made(folder: Path, code: int) -> Made:
    """What the worker left, or the words in which it refused."""
    files: dict[str, bytes] = {}
    left = LARGEST_MADE
    for name in sorted(os.listdir(folder / "out")):  # noqa: PTH208  (names, never paths)
        content = _taken(folder / "out" / name, left)
        left -= len(content)
        files[name] = content
    said = _said(files.pop(RESULT, b"{}"))
    if code < 0 or "what" in said or "mistakes" in said or code not in {0, 2}:
        raise _refusal(said)
    return Made(files, {**said, "code": code})


def _taken(path: Path, most: int) -> bytes:
    """A file that the worker made: a plain file under a plain name, and not too large."""
    if not _NAME.fullmatch(path.name):
        raise OperationError("What came out of the file cannot be shown.")
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        raise OperationError("What came out of the file cannot be shown.") from None
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OperationError("What came out of the file cannot be shown.")
        content = file.read(most + 1)
    if len(content) > most:
        raise OperationError("What came out of the file is too large.", "Take a smaller file.")
    return content


def _said(raw: bytes) -> dict[str, Any]:
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _refusal(said: Mapping[str, Any]) -> TextError | OperationError:
    if said.get("mistakes"):
        return TextError([Mistake(*map(_plain, row)) for row in said["mistakes"]])  # type: ignore[arg-type]
    if "what" in said:
        return OperationError(str(said["what"]), str(said.get("remedy", "")))
    what = "The file needs more time or memory than a text does; it was not read."
    return OperationError(what, "Ask for a clean copy, or take a smaller file.")


def _plain(value: object) -> object:
    return value if isinstance(value, int) else str(value)
