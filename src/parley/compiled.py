"""Compiled loops: the one place that says how."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., Any])

PACKAGE = Path(__file__).parent
FOLDERS = ("conflict", "deals")
"""The folders that have compiled loops."""

SETTINGS: Any = numba.config


def compiled(*, parallel: bool = False) -> Callable[[Function], Function]:
    """Compile with numba, and keep the result on disk for the next run."""

    def wrap(function: Function) -> Function:
        with _kept_in(cache_folder()):
            loop = numba.njit(cache=True, nogil=True, parallel=parallel, error_model="numpy")
            return cast("Function", loop(function))

    return wrap


@cache
def cache_folder() -> Path:
    """Where compiled loops of exactly this source are kept.

    Numba looks only at the file of a loop, not at the loops in other files that it calls: after an
    upgrade an old result could be used again with an old callee inside. So the folder is named by
    all the source of the folders that have loops. It is in the package where that can be written,
    else in the user's cache.
    """
    digest = hashlib.sha256()
    for path in sorted(path for folder in FOLDERS for path in PACKAGE.glob(f"{folder}/*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    name = f"kernels-{digest.hexdigest()[:16]}"
    if SETTINGS.CACHE_DIR:
        return Path(SETTINGS.CACHE_DIR) / name
    if os.access(PACKAGE, os.W_OK):
        return PACKAGE / "__pycache__" / name
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "parley" / name


@contextmanager
def _kept_in(folder: Path) -> Iterator[None]:
    """Numba chooses the folder of a loop when the loop is made; others are not touched."""
    before = SETTINGS.CACHE_DIR
    SETTINGS.CACHE_DIR = str(folder)
    try:
        yield
    finally:
        SETTINGS.CACHE_DIR = before
