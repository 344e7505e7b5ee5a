"""Atoms: the assertions of one origin and one grade, which stand or fall together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Atom:
    """Assertions of one origin and one grade: they stand together.

    `members` are indices into the sorted assertions, `probability` has shape (W,).
    """

    origin: str
    key: str
    members: tuple[int, ...]
    probability: NDArray[np.float64]
