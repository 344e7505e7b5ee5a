"""Acceptance at the edge: just as good as no agreement, in any unit."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from parley.deals.acceptance import Acceptance, suited
from parley.deals.space import Space
from tests.build import agenda_of, random_worlds


@pytest.mark.parametrize("parties", [1, 2, 3])
@pytest.mark.parametrize("unit", [1e-10, 1.0, 1e10])
def test_as_good_as_no_agreement_is_good_enough_in_any_unit(unit: float, parties: int) -> None:
    space = Space.of(agenda_of([2] * 9), [])
    worlds = random_worlds(1, space, parties, size=50)
    best = np.sort(worlds.values.reshape(50, parties, 9, 2).max(axis=3), axis=2)
    exact = best.sum(axis=2)[:, :1] * np.ones(parties)  # summed in another order
    same = np.repeat(worlds.scores[:, :1], parties, axis=1)
    weights = np.repeat(worlds.weights[:, :1], parties, axis=1)
    ideal = np.argmax(np.stack([worlds.values[0, 0, 0::2], worlds.values[0, 0, 1::2]]), axis=0)
    package = (np.arange(9) * 2 + ideal)[None]
    for reservation, suits in ((exact, True), (exact * (1 + 1e-6), False)):
        changed = dataclasses.replace(
            worlds, weights=weights, scores=same * unit, reservation=reservation * unit
        )
        assert (suited(space, changed).some == suits).all()
        assert (suited(space, changed).alone == suits).all()
        assert Acceptance(changed).by_all(package)[0, 0] == suits
