"""Worlds: preference profiles that fit what was said.

The mathematics is in ``docs/methods/worlds.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from parley.case.agenda import Agenda, Clause
from parley.case.model import Case
from parley.case.parts import Party
from parley.errors import SettingError
from parley.preferences.elimination import sweeps_needed
from parley.preferences.evidence import Evidence, gather
from parley.preferences.holding import draw_holding
from parley.preferences.sampling import (
    band,
    draw_reservation,
    draw_scores,
    draw_weights,
    orders_held,
    raise_to_acceptable,
)
from parley.preferences.streams import Streams
from parley.record.claims import Record

MAX_WORLDS = 1_000_000
"""Most worlds that one ensemble may have."""


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
    sweeps
        Rounds in which tangled contradictions were drawn in turn; 0 where they were drawn exactly.
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
    sweeps: int = 0

    @property
    def size(self) -> int:
        """Number of worlds."""
        return int(self.reservation.shape[0])

    @cached_property
    def values(self) -> NDArray[np.float64]:
        """Shape (W, P, K): what each option adds to the worth of a package."""
        return self.weights[:, :, self.agenda.issue_of] * self.scores


def draw_worlds(
    case: Case, record: Record, *, size: int, seed: int, stream: str = "report"
) -> Worlds:
    """Draw an ensemble of worlds that fit the record.

    Parameters
    ----------
    size
        Number of worlds, from 1 to `MAX_WORLDS`.
    seed
        Any integer from 0. Same case, record, size, seed and stream: the same bytes.
    stream
        Name of the ensemble; another name gives worlds independent of these.

    Raises
    ------
    ContradictionError
        If no world fits, because certain assertions contradict each other.
    SettingError
        If size or seed is out of range.
    """
    if not 1 <= size <= MAX_WORLDS:
        raise SettingError(
            f"The number of worlds is {size}.", f"Ask for 1 to {MAX_WORLDS:,} worlds."
        )
    if seed < 0:
        raise SettingError(f"The seed is {seed}.", "Give a whole number from 0.")
    streams = Streams(seed, stream, size)
    evidence = gather(case, record)
    atoms = evidence.atoms(streams)
    holds = draw_holding(evidence.names, atoms, evidence.ties, streams)
    parties = [_draw_party(case.party(p), evidence, holds, streams) for p in evidence.parties]
    vetoes = tuple(
        Veto(evidence.parties.index(item.party), clause, item.assertion)
        for item in evidence.found
        for clause in item.vetoes
    )
    active = [holds[:, evidence.names.index(veto.assertion)] for veto in vetoes]
    return Worlds(
        agenda=evidence.agenda,
        parties=evidence.parties,
        consent=np.array([case.party(p).consent_needed for p in evidence.parties]),
        weights=np.stack([weights for weights, _, _ in parties], axis=1),
        scores=np.stack([scores for _, scores, _ in parties], axis=1),
        reservation=np.stack([reservation for _, _, reservation in parties], axis=1),
        vetoes=vetoes,
        active=np.stack(active, axis=1) if active else np.zeros((size, 0), dtype=bool),
        assertions=evidence.names,
        holds=holds,
        origins=evidence.origins,
        seed=seed,
        stream=stream,
        sweeps=sweeps_needed(evidence.names, atoms, evidence.ties),
    )


def _draw_party(
    party: Party, evidence: Evidence, holds: NDArray[np.bool_], streams: Streams
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Weights (W, I), scores (W, K) and value of no agreement (W,) of one party."""
    agenda = evidence.agenda
    better, worse = evidence.alternatives(party.id, holds)
    given = evidence.given.get(party.id)
    if given is not None:
        weights = np.ones((streams.size, len(agenda.issues)))
        scores = np.tile(given.values, (streams.size, 1))
        if given.no_agreement is not None:
            return weights, scores, np.full(streams.size, given.no_agreement)
        best, worst = given.best_and_worst(agenda)
        ends = tuple(worst + (best - worst) * x for x in band(party))
        span = (ends[0], ends[1])
        return weights, scores, draw_reservation(party.id, span, better, worse, streams)
    reservation = draw_reservation(party.id, band(party), better, worse, streams)
    mine = [item for item in evidence.found if item.party == party.id]
    held = holds[:, [evidence.names.index(item.assertion) for item in mine]]
    heavier = [(item.heavier, held[:, k]) for k, item in enumerate(mine) if item.heavier]
    weights = draw_weights(agenda, party.id, heavier, streams)
    scores = np.empty((streams.size, agenda.size))
    for issue in range(len(agenda.issues)):
        flats = slice(int(agenda.offsets[issue]), int(agenda.offsets[issue + 1]))
        orders = orders_held(mine, held, agenda, issue)
        drawn = draw_scores(agenda, party.id, issue, orders, streams)
        acceptable = np.zeros((streams.size, agenda.size), dtype=bool)
        for k, item in enumerate(mine):
            acceptable[:, sorted(item.acceptable)] |= held[:, [k]]
        scores[:, flats] = raise_to_acceptable(drawn, acceptable[:, flats], reservation)
    return weights, scores, reservation
