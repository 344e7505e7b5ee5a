"""Which assertions hold in each world, for analyses that need no utilities.

The same worlds as those of `parley.preferences.worlds`: an assertion holds in world w here exactly
if it holds in world w there, for the same seed, stream and number of worlds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parley.case.model import Case
from parley.preferences.elimination import sweeps_needed
from parley.preferences.evidence import gather
from parley.preferences.holding import draw_holding
from parley.preferences.streams import Streams
from parley.record.claims import Record


@dataclass(frozen=True, eq=False)
class Standing:
    """Which assertions hold.

    Parameters
    ----------
    assertions
        Ids, sorted.
    origins
        The origin of each, or ``""`` if unknown.
    holds
        Shape (W, A).
    sweeps
        Rounds in which tangled contradictions were drawn; 0 where they were drawn exactly.
    """

    assertions: tuple[str, ...]
    origins: tuple[str, ...]
    holds: NDArray[np.bool_]
    sweeps: int = 0


def draw_standing(case: Case, record: Record, names: Iterable[str], streams: Streams) -> Standing:
    """Draw which of the assertions `names` hold, in as many worlds as `streams` has.

    Raises
    ------
    ContradictionError
        If certain assertions contradict each other.
    """
    wanted = sorted(set(names))
    evidence = gather(case, record, wanted)
    atoms = evidence.atoms(streams)
    holds = draw_holding(evidence.names, atoms, evidence.ties, streams)
    places = [evidence.names.index(name) for name in wanted]
    return Standing(
        tuple(wanted),
        tuple(evidence.origins[k] for k in places),
        holds[:, places],
        sweeps_needed(evidence.names, atoms, evidence.ties),
    )
