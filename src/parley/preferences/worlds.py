"""Worlds: preference profiles that fit what was said.

The mathematics is in ``docs/methods/worlds.md``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parley.case.agenda import Agenda, Clause


@dataclass(frozen=True)
class Veto:
    """Packages of a kind that one party would not accept, if an assertion holds.

    `party` is an index into `Worlds.parties`.
    """

    party: int
    clause: Clause
    assertion: str


@dataclass(frozen=True, eq=False)
class Worlds:
    """An ensemble of possible preference profiles.

    The worth of package x to party p in world w is
    ``sum(weights[w, p, i] * scores[w, p, x_i] for i in issues)``, compared with
    ``reservation[w, p]``, the worth of no agreement on the same scale. A package that matches
    an active veto of p is unacceptable to p whatever else it holds.

    Parameters
    ----------
    agenda
        The order of issues and options.
    parties
        Ids of the parties that have preferences here, sorted.
    consent
        Shape (P,): whether an agreement needs this party.
    weights
        Shape (W, P, I); each party's weights sum to 1, but for parties with given utilities,
        whose weights are 1 and whose scores are in their own units.
    scores
        Shape (W, P, K) over the K flat options.
    reservation
        Shape (W, P): worth of no agreement. May lie below every package.
    vetoes
        What somebody would not accept, if an assertion holds.
    active
        Shape (W, V): whether each veto is in force.
    assertions
        Ids of the assertions of the record that bear on preferences, sorted.
    holds
        Shape (W, A): whether each of these assertions holds in each world.
    origins
        For each of these assertions its origin, or ``""`` if unknown.
    seed
        Seed from which the ensemble was drawn.
    stream
        Name of the ensemble ("search", "report", …); another name gives fresh worlds.
    """

    agenda: Agenda
    parties: tuple[str, ...]
    consent: NDArray[np.bool_]
    weights: NDArray[np.float64]
    scores: NDArray[np.float64]
    reservation: NDArray[np.float64]
    vetoes: tuple[Veto, ...]
    active: NDArray[np.bool_]
    assertions: tuple[str, ...]
    holds: NDArray[np.bool_]
    origins: tuple[str, ...]
    seed: int
    stream: str

    @property
    def size(self) -> int:
        """Number of worlds."""
        return int(self.reservation.shape[0])

    @property
    def values(self) -> NDArray[np.float64]:
        """Shape (W, P, K): what each option adds to the worth of a package."""
        return self.weights[:, :, self.agenda.issue_of] * self.scores
