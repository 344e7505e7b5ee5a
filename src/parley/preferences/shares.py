"""Shares of the worlds, with their sampling error.

A share tells how far the evidence carries a conclusion. It is not a forecast.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

STEADY = 3.29 * sqrt(2.0)
"""Standard errors within which another seed's share lies in 999 of 1000 runs.

Two independent draws differ with a standard deviation of √2 standard errors; 3.29 is the
two-sided 0.1% point of the normal law.
"""


@dataclass(frozen=True)
class Share:
    """A share of the worlds.

    Parameters
    ----------
    value
        From 0 to 1; a difference of shares may be negative.
    standard_error
        Of the sampling of worlds; 0 if there is only one world.
    worlds
        Number of worlds.
    """

    value: float
    standard_error: float
    worlds: int

    @property
    def margin(self) -> float:
        """Another seed would move the value by less than this, in 999 of 1000 runs."""
        return STEADY * self.standard_error


def share(held: NDArray[np.bool_]) -> Share:
    """The share of worlds, shape (W,), in which something holds.

    The standard error is that of a binomial share with half a world added on either side, so
    that it does not vanish where all worlds agree (Brown, Cai & DasGupta 2001, Statistical
    Science 16(2), on the interval of Jeffreys).
    """
    worlds = int(held.size)
    count = int(held.sum())
    if worlds <= 1:
        return Share(float(count), 0.0, worlds)
    middle = (count + 0.5) / (worlds + 1)
    return Share(count / worlds, sqrt(middle * (1 - middle) / worlds), worlds)


def difference(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> Share:
    """The share of `first` less that of `second`, world by world, with its paired error."""
    worlds = int(first.size)
    gap = first.astype(np.float64) - second.astype(np.float64)
    if worlds <= 1:
        return Share(float(gap.sum()), 0.0, worlds)
    spread = (float((gap * gap).sum()) + 1) / (worlds + 1) - float(gap.mean()) ** 2
    return Share(float(gap.mean()), sqrt(max(spread, 0.0) / worlds), worlds)
