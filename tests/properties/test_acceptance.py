"""Acceptance over worlds against listing all packages, world by world."""

from __future__ import annotations

import random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.deals.acceptance import Acceptance, suited
from parley.deals.frontier import efficient_frontier
from parley.deals.utilities import binding, of_world
from tests.build import packages_of, random_space, random_worlds


@given(st.integers(0, 10**6), st.integers(1, 4))
@settings(max_examples=120, deadline=None, derandomize=True)
def test_some_package_and_this_package(seed: int, parties: int) -> None:
    space = random_space(random.Random(seed), issues=4)
    worlds = random_worlds(seed, space, parties, size=30)
    every = packages_of(space.agenda, space)
    found = suited(space, worlds)
    assert found.decided.all()
    if not every:
        assert not found.some.any()
        return
    held = Acceptance(worlds).by_party(np.array(every))
    for w in range(worlds.size):
        for n, package in enumerate(every):
            for p in range(parties):
                worth = worlds.values[w, p, list(package)].sum()
                barred = any(
                    worlds.active[w, v] and veto.party == p and veto.clause.matches(package)
                    for v, veto in enumerate(worlds.vetoes)
                )
                assert held[n, w, p] == (worth >= worlds.reservation[w, p] - 1e-9 and not barred)
    joint = np.logical_and.reduce(held, axis=2)
    assert (found.some == joint.any(axis=0)).all()
    assert (found.alone == held.any(axis=0)).all()
    for w in np.flatnonzero(found.some).tolist():
        assert joint[every.index(tuple(found.package[w].tolist())), w]


@given(st.integers(0, 10**6))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_many_worlds_at_once_give_the_nash_package_of_each(seed: int) -> None:
    space = random_space(random.Random(seed), issues=4)
    worlds = random_worlds(seed, space, 2, size=12)
    package = suited(space, worlds).package
    for w in range(worlds.size):
        utilities = of_world(worlds, w)
        active = worlds.active[w, binding(worlds)]
        points = efficient_frontier(space, utilities, active).points
        gains = points - utilities.disagreement
        gains = np.maximum(gains[(gains >= -1e-9).all(axis=1)], 0)
        if not len(gains):
            assert (package[w] == -1).all()
            continue
        mine = np.maximum(utilities.worth(package[[w]]) - utilities.disagreement, 0)
        assert abs(mine.prod() - gains.prod(axis=1).max()) < 1e-9
