"""A megabyte of the disk that is held back, for what must be written though the disk is full.

A text that cannot be laid down can be sent again later; a deadline that has passed cannot wait, for
as long as nobody has written it down the exchange is open. So a file holds a place on the disk, and
gives it up when a deadline is due and there is no room left.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from parley.room import config

SIZE = 1024 * 1024


def keep() -> bool:
    """Hold a megabyte back, if it is not held yet and there is one; whether it is held."""
    found = config.current()
    if found.is_postgresql or found.data is None:
        return False
    path = _path()
    if path.exists():
        return True
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "wb") as file:
            os.posix_fallocate(file.fileno(), 0, SIZE)
            os.fsync(file.fileno())
        fresh.rename(path)
    except OSError:
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)
        return False
    return True


def give_up() -> bool:
    """Give the place up, for something that cannot wait; whether there was any."""
    try:
        _path().unlink()
    except (FileNotFoundError, OSError):
        return False
    return True


def _path() -> Path:
    return config.current().folder / "reserve"
