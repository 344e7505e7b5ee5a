"""The kernels over many worlds: as one world at a time, on any number of threads."""

from __future__ import annotations

import random

import numba
import numpy as np

from parley.deals.frontier import efficient_frontier
from parley.deals.kernels import walk_worlds
from parley.deals.solutions import solve
from parley.deals.space import Space
from parley.deals.utilities import NEAR, binding, of_world, scale_of
from parley.preferences.worlds import Worlds
from tests.build import random_space, random_worlds


def all_worlds(space: Space, worlds: Worlds, whole: bool) -> tuple[np.ndarray, ...]:
    values, reservation = np.ascontiguousarray(worlds.values), worlds.reservation
    floor = reservation - NEAR * scale_of(space.agenda, values)
    issue_of = space.agenda.issue_of
    found: tuple[np.ndarray, ...] = walk_worlds(
        space.arcs, values, reservation, floor, worlds.active, issue_of, whole
    )
    return found


def test_many_worlds_are_as_each_alone() -> None:
    rng = random.Random(3)
    for trial in range(15):
        space = random_space(rng, issues=5)
        worlds = random_worlds(trial, space, 2, size=20)
        nash, size, points = all_worlds(space, worlds, whole=True)
        assert (all_worlds(space, worlds, whole=False)[0] == nash).all()
        for w in range(worlds.size):
            utilities, active = of_world(worlds, w), worlds.active[w, binding(worlds)]
            assert size[w] == len(efficient_frontier(space, utilities, active).points)
            found = [s for s in solve(space, utilities, active).found if s.name == "Nash"]
            assert bool(found) == (nash[w, 0] >= 0)
            if found:
                assert nash[w].tolist() in found[0].packages.tolist()
                assert np.allclose(points[w], utilities.worth(nash[[w]])[0])


def test_the_number_of_threads_changes_nothing() -> None:
    space = random_space(random.Random(8), issues=5)
    worlds = random_worlds(1, space, 2, size=200)
    threads = numba.get_num_threads()
    try:
        numba.set_num_threads(1)
        one = all_worlds(space, worlds, whole=True)
    finally:
        numba.set_num_threads(threads)
    two = all_worlds(space, worlds, whole=True)
    assert [part.tobytes() for part in one] == [part.tobytes() for part in two]
