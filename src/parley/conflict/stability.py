"""Stability and equilibria: Nash, GMR, SMR, SEQ and SIM, and the strong ones of the three middle.

Definitions: Fang, Hipel & Kilgour 1993, for any number of decision makers, where the others respond
by any legal sequence of moves. See docs/methods/conflict.md for how they are reduced to passes over
the structure of moves: for every concept s is stable for i exactly if

    max over t in R_i(s) of min(v_i(t), least of b_i over what the others reach from t) ≤ v_i(s)

where b_i is v_i for GMR and SEQ (whose sanctions are improvements), and for SMR the best that i
can still do from the sanction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from parley.conflict.arcs import Arcs, best_step, is_deterred_listed
from parley.conflict.fibers import best_reach, is_deterred, sort_all
from parley.conflict.model import Conflict
from parley.conflict.simultaneous import UNDEFINED, bounds_for, least_of_others, sim_stable
from parley.errors import SettingError

Ints = NDArray[np.int32]
Bools = NDArray[np.bool_]
Progress = Callable[[str, float], None]

WORKERS = 2
CHUNK = 1 << 10
"""States of which one call looks for sanctions by moves made at once."""


class Concept(StrEnum):
    """A notion of what holds: how far a decision maker looks ahead."""

    NASH = "Nash"
    GMR = "GMR"
    SMR = "SMR"
    SEQ = "SEQ"
    SIM = "SIM"


STRONG = (Concept.GMR, Concept.SMR, Concept.SEQ)
"""The concepts that have a strong form."""


@dataclass(frozen=True, eq=False)
class Stability:
    """For which decision makers each state is stable.

    Parameters
    ----------
    parties
        Ids of the decision makers.
    stable
        For each concept shape (D, n).
    strong
        For GMR, SMR and SEQ, where somebody greatly prefers something: whether strongly stable.
    undefined
        For SIM, shape (D, n): where it is not defined; elsewhere nothing is undefined.
    """

    parties: tuple[str, ...]
    stable: Mapping[Concept, Bools]
    strong: Mapping[Concept, Bools]
    undefined: Bools

    @cached_property
    def equilibria(self) -> dict[Concept, tuple[int, ...]]:
        """For each concept the states that are stable for all, counted from 0."""
        return {c: _common(rows) for c, rows in self.stable.items()}

    @cached_property
    def strong_equilibria(self) -> dict[Concept, tuple[int, ...]]:
        """For GMR, SMR and SEQ the states that are strongly stable for all."""
        return {c: _common(rows) for c, rows in self.strong.items()}


def _common(rows: Bools) -> tuple[int, ...]:
    return tuple(int(s) for s in np.flatnonzero(rows.all(axis=0)))


def stability(
    conflict: Conflict,
    concepts: Iterable[Concept] = tuple(Concept),
    progress: Progress | None = None,
) -> Stability:
    """Which states are stable for whom.

    SIM is left out of a model without options; see `parley.conflict.simultaneous`.

    Raises
    ------
    SettingError
        If comparisons are unknown (see `parley.conflict.unknown`), or SIM alone is asked of a
        model without options.
    """
    wanted = [c for c in Concept if c in set(concepts)]
    if not conflict.preferences.is_complete:
        raise SettingError(
            "Some comparisons of this conflict are unknown.",
            "Ask for its stability of type a, b, c or d.",
        )
    if not conflict.states.options and Concept.SIM in wanted:
        if wanted == [Concept.SIM]:
            what = "SIM is not defined for a model given as a graph."
            raise SettingError(what, "Give options, or ask for another concept.")
        wanted.remove(Concept.SIM)
    judge = _Judge(conflict)
    makers = range(len(conflict.parties))
    stable: dict[Concept, Bools] = {}
    strong: dict[Concept, Bools] = {}
    undefined = np.zeros((len(conflict.parties), conflict.size), dtype=bool)
    with workers() as pool:
        for done, concept in enumerate(wanted):
            if progress is not None:
                progress(f"Looking for what holds: {concept.value}", done / len(wanted))
            if concept is Concept.SIM:
                codes = _simultaneous(conflict, pool)
                stable[concept], undefined = codes == 1, codes == UNDEFINED
                continue
            rows = pool.map(lambda i, c=concept: judge.stable(i, c), makers)
            stable[concept] = np.stack(list(rows))
            if concept in STRONG and conflict.preferences.has_strength:
                rows = pool.map(lambda i, c=concept: judge.strongly(i, c), makers)
                strong[concept] = np.stack(list(rows))
    return Stability(conflict.parties, stable, strong, undefined)


@contextmanager
def workers() -> Iterator[ThreadPoolExecutor]:
    """Threads for compiled loops; when interrupted, what has not begun is not begun."""
    pool = ThreadPoolExecutor(WORKERS)
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


class _Judge:
    """Whether states are stable for one decision maker, over either structure of moves."""

    def __init__(self, conflict: Conflict) -> None:
        self.structure = conflict.structure
        self.values = np.ascontiguousarray(conflict.preferences.values)
        self.blocks = conflict.preferences.blocks
        self.orders = (
            np.zeros((0, 0), dtype=np.int32)
            if isinstance(self.structure, Arcs)
            else sort_all(self.structure, self.values)
        )

    def stable(self, i: int, concept: Concept) -> Bools:
        own = self.values[i]
        if concept is Concept.NASH:
            stays: Bools = self.best(i, own) <= own
            return stays
        base = self.best(i, own) if concept is Concept.SMR else own
        return self.deterred(i, own, base, concept is Concept.SEQ)

    def strongly(self, i: int, concept: Concept) -> Bools:
        """Sanctions count only if they are greatly worse (Hamouda, Kilgour & Hipel 2004).

        A sanction is worth the top of its block, and a little more: then it is at most v_i(s)
        exactly if its block lies below that of s.
        """
        own = self.values[i]
        base = self.best(i, own) if concept is Concept.SMR else own
        block_of = np.zeros(own.max() + 1, dtype=np.int32)
        block_of[own] = self.blocks[i]
        top = np.zeros(self.blocks[i].max() + 1, dtype=np.int32)
        np.maximum.at(top, self.blocks[i], own)
        raised = 2 * top[block_of[base]] + 1
        return self.deterred(i, 2 * own, raised.astype(np.int32), concept is Concept.SEQ)

    def best(self, i: int, own: Ints) -> Ints:
        if isinstance(self.structure, Arcs):
            return best_step(self.structure, i, own)
        return best_reach(self.structure, i, own)

    def deterred(self, i: int, own: Ints, base: Ints, better: bool) -> Bools:
        if isinstance(self.structure, Arcs):
            return is_deterred_listed(self.structure, i, own, base, self.values, better)
        return is_deterred(self.structure, i, own, base, self.orders, self.values, better)


def _simultaneous(conflict: Conflict, pool: ThreadPoolExecutor) -> NDArray[np.uint8]:
    joint, values = conflict.joint, np.ascontiguousarray(conflict.preferences.values)
    bounds = bounds_for(joint, len(conflict.parties))
    if bounds.size:
        least_of_others(joint, values, bounds)
    begins = range(0, conflict.size, CHUNK)
    found = pool.map(
        lambda b: sim_stable(joint, values, bounds, b, min(b + CHUNK, conflict.size)), begins
    )
    return np.concatenate(list(found), axis=1)
