"""Compiled loops: the one place that says how."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(*, parallel: bool = False) -> Callable[[Function], Function]:
    """Compile with numba, and keep the result on disk for the next run."""
    return cast(
        "Callable[[Function], Function]",
        numba.njit(cache=True, nogil=True, parallel=parallel, error_model="numpy"),
    )
