"""Acceptance over worlds: who accepts which packages, and where any package suits all.

A party accepts a package in a world if it is worth at least what no agreement is worth to the
party there, and no veto of the party that is in force matches it. See
docs/methods/acceptance.md.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parley.case.agenda import Clause
from parley.deals.kernels import walk_worlds
from parley.deals.search_kernels import accepted, search_worlds, suits_alone
from parley.deals.space import Space
from parley.deals.utilities import NEAR, binding, scale_of
from parley.errors import TooLargeError
from parley.preferences.worlds import Worlds

MAX_TRIES = 50_000
"""Nodes of the branch and bound, in one world, before it is left undecided."""

AT_ONCE = 250
"""Worlds that one call of a compiled kernel looks at."""

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Progress = Callable[[str, float], None]
"""Called with what is being done and the fraction done, from 0 to 1."""


@dataclass(frozen=True, eq=False)
class Suited:
    """Where some package suits every party whose consent is needed.

    Parameters
    ----------
    some
        Shape (W,): a package was found that suits all.
    decided
        Shape (W,): false where none was found, but the search did not come to its end.
    package
        Shape (W, I): such a package, -1 where there is none. For two parties the Nash package,
        for others the one with the largest smallest gain.
    alone
        Shape (W, P): some package suits the party alone; over the parties whose consent is needed.
    """

    some: Bools
    decided: Bools
    package: Ints
    alone: Bools


def suited(space: Space, worlds: Worlds, progress: Progress | None = None) -> Suited:
    """Where some feasible package suits every party whose consent is needed.

    Two parties: by the efficient frontier of every world, exactly. Otherwise: by branch and bound
    on the diagram, exact where it comes to its end.

    Raises
    ------
    TooLargeError
        If the frontier of a world has too many points to keep.
    """
    needed = np.flatnonzero(worlds.consent)
    columns = binding(worlds)
    values = np.ascontiguousarray(worlds.values[:, needed])
    reservation = np.ascontiguousarray(worlds.reservation[:, needed])
    floor = reservation - NEAR * scale_of(worlds.agenda, values)
    active = np.ascontiguousarray(worlds.active[:, columns])
    whose = np.array(
        [int(np.searchsorted(needed, worlds.vetoes[k].party)) for k in columns], dtype=np.int64
    )
    decide = _by_frontier if needed.size == 2 else _by_branch_and_bound
    parts = []
    for first in range(0, worlds.size, AT_ONCE):  # in pieces, so that a user can stop it
        if progress is not None:
            what = "Looking in every world for a package that suits all"
            progress(what, first / worlds.size)
        rows = slice(first, first + AT_ONCE)
        world = (values[rows], reservation[rows], floor[rows], active[rows])
        package, decided = decide(space, *world)
        alone = suits_alone(space.arcs, values[rows], floor[rows], active[rows], whose)
        parts.append((package, decided, alone))
    packages, decisions, alones = (np.concatenate(part) for part in zip(*parts, strict=True))
    return Suited(packages[:, 0] >= 0, decisions, packages, alones)


def _by_frontier(
    space: Space, values: Floats, reservation: Floats, floor: Floats, active: Bools
) -> tuple[Ints, Bools]:
    issue_of = space.agenda.issue_of
    package, size, _ = walk_worlds(space.arcs, values, reservation, floor, active, issue_of, False)
    if (size < 0).any():
        raise TooLargeError(
            "The efficient frontier of a world has too many points to keep.",
            "Merge issues, or give them fewer options.",
        )
    return package, np.ones(len(values), dtype=bool)


def _by_branch_and_bound(
    space: Space, values: Floats, _reservation: Floats, floor: Floats, active: Bools
) -> tuple[Ints, Bools]:
    issue_of = space.agenda.issue_of
    package, decided = search_worlds(space.arcs, values, floor, active, issue_of, MAX_TRIES)
    return package, decided


def matches(packages: Ints, clauses: Sequence[Clause], options: int) -> Bools:
    """Shape (N, V): which packages (N, I) are of which kinds."""
    result = np.ones((len(packages), len(clauses)), dtype=bool)
    for v, clause in enumerate(clauses):
        for some in clause.sets:
            inside = np.zeros(options, dtype=bool)
            inside[sorted(some)] = True
            result[:, v] &= inside[packages].any(axis=1)
    return result


class Acceptance:
    """Who accepts what in an ensemble; the arrays that every question needs are made once.

    `near`, shape (W, P), is by how much worths may differ and still be called equal.
    """

    def __init__(self, worlds: Worlds) -> None:
        self.worlds = worlds
        self._values = np.ascontiguousarray(worlds.values)
        self.near = NEAR * scale_of(worlds.agenda, worlds.values)
        self._party = np.array([veto.party for veto in worlds.vetoes], dtype=np.int64)

    def by_party(self, packages: Ints) -> Bools:
        """Shape (N, W, P): which party accepts which of the packages (N, I) in which world."""
        worlds = self.worlds
        held = matches(packages, [v.clause for v in worlds.vetoes], worlds.agenda.size)
        first = np.concatenate([[0], np.cumsum(held.sum(axis=1))]).astype(np.int64)
        result: Bools = accepted(
            np.ascontiguousarray(packages),
            self._values,
            worlds.reservation - self.near,
            np.nonzero(held)[1].astype(np.int64),
            first,
            worlds.active,
            self._party,
        )
        return result

    def by_all(self, packages: Ints) -> Bools:
        """Shape (N, W): whether every party whose consent is needed accepts."""
        step = max(1, 40_000_000 // max(1, self.worlds.reservation.size))
        parts = [
            self.by_party(packages[k : k + step])[:, :, self.worlds.consent].all(axis=2)
            for k in range(0, len(packages), step)
        ]
        return np.concatenate(parts) if parts else np.empty((0, self.worlds.size), dtype=bool)
