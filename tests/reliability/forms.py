"""The short form of these tests, and the long one (PARLEY_LONG=1), which tries everything."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from typing import TypeVar

import pytest

T = TypeVar("T")

LONG = os.environ.get("PARLEY_LONG") == "1"
IN_CI = os.environ.get("CI") == "true"


def needed(there: bool, what: str) -> pytest.MarkDecorator:
    """Skip, telling why, where something is not installed; in CI it has to be."""
    return pytest.mark.skipif(not there and not IN_CI, reason=f"{what} is not installed")


needs_strace = needed(shutil.which("strace") is not None, "strace")


def thinned(of: Sequence[T], each: int, offset: int = 0) -> Sequence[T]:
    """One of `each`, beginning at a place of its own, so that several cover different ones."""
    return of[offset % each :: each]
