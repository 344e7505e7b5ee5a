"""Random numbers, one stream for each unknown.

Row ``w`` of a stream belongs to world ``w``; a stream is named by the identifiers of what it
is for. So results do not depend on the order in which things are drawn or listed, and taking
out one statement moves no number that does not hang on it. See docs/methods/worlds.md, 6.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Streams:
    """All random numbers of one ensemble of worlds.

    Parameters
    ----------
    seed
        The user's seed.
    name
        Name of the ensemble; ensembles of different names are independent.
    size
        Number of worlds.
    """

    seed: int
    name: str
    size: int

    def uniform(self, *key: str, columns: int = 1) -> NDArray[np.float64]:
        """Uniform numbers in (0, 1), of shape (size, columns), for what `key` names."""
        # never exactly 0: logarithms and divisions follow
        return np.maximum(self.generator(*key).random((self.size, columns)), 2.0**-60)

    def generator(self, *key: str) -> np.random.Generator:
        """A generator of its own for what `key` names."""
        text = json.dumps([self.seed, self.name, *key]).encode()
        digest = hashlib.sha256(text).digest()
        words = np.frombuffer(digest[:16], dtype=np.uint64)
        return np.random.Generator(np.random.Philox(key=words))
