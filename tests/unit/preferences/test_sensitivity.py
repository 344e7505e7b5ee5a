"""What decides."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from parley.deals.space import Space
from parley.preferences.sensitivity import _classes, what_decides
from parley.preferences.shares import STEADY, difference, share
from parley.preferences.worlds import Worlds
from tests.build import agenda_of, random_worlds

SPACE = Space.of(agenda_of([2, 3]), [])


def worlds_with(**parts: object) -> Worlds:
    return replace(random_worlds(1, SPACE, 2, size=8000), **parts)  # type: ignore[arg-type]


def test_it_finds_what_decides_and_nothing_else() -> None:
    worlds = worlds_with()
    ranked = what_decides(worlds, {"some": worlds.reservation[:, 1] < 0.3}).ranked
    assert (ranked[0].kind, ranked[0].party) == ("no agreement", "p1")
    effect = ranked[0].effects["some"]
    assert effect.explained > 0.85  # a step within one class of sixteen is blurred
    assert (effect.low.value, effect.high.value) == (1, 0)
    assert max(d.effects["some"].explained for d in ranked[1:]) < 0.01


def test_assertions_and_origins_on_the_same_scale() -> None:
    generator = np.random.default_rng(3)
    holds = generator.random((8000, 3)) < [0.3, 0.5, 1.1]
    noise = generator.random(8000)
    worlds = worlds_with(
        assertions=("one", "two", "sure"), holds=holds, origins=("o", "o", "other")
    )
    outcome = np.where(holds[:, 0], noise < 0.9, noise < 0.4)
    found = what_decides(worlds, {"some": outcome})
    first = found.ranked[0]
    assert (first.kind, first.name) == ("assertion", "one")
    effect = first.effects["some"]
    assert effect.difference.value == pytest.approx(0.5, abs=0.04)
    truth = 0.3 * 0.7 * 0.5**2 / (0.55 * 0.45)
    assert effect.explained == pytest.approx(truth, abs=0.02)
    assert abs(effect.explained - truth) < 4 * effect.standard_error
    assert found.always == ("sure",)
    origin = next(d for d in found.ranked if d.kind == "origin")
    assert origin.assertions == ("one", "two")


def test_settled_outcomes_decide_nothing() -> None:
    worlds = worlds_with()
    found = what_decides(worlds, {"some": np.ones(8000, dtype=bool)})
    assert found.settled == {"some": True}
    assert all(d.effects["some"].explained == 0 for d in found.ranked)


def test_few_worlds_on_one_side_are_flagged() -> None:
    holds = np.zeros((8000, 1), dtype=bool)
    holds[:10] = True
    worlds = worlds_with(assertions=("rare",), holds=holds, origins=("o",))
    found = what_decides(worlds, {"some": worlds.reservation[:, 0] < 0.3})
    rare = next(d for d in found.ranked if d.name == "rare")
    assert rare.effects["some"].few


def test_classes_hold_equal_values_together() -> None:
    values = np.concatenate([np.zeros(500), np.linspace(0.1, 1, 500)])
    classes = _classes(values)
    assert len(set(classes[:500].tolist())) == 1
    assert classes.max() >= 7


def test_shares_and_their_errors() -> None:
    half = np.arange(1000) % 2 == 0
    made = share(half)
    assert made.value == 0.5
    assert made.standard_error == pytest.approx(0.0158, abs=1e-4)
    assert made.margin == pytest.approx(STEADY * made.standard_error)
    assert 0 < share(np.zeros(1000, dtype=bool)).standard_error < 0.002
    assert share(np.ones(1, dtype=bool)).standard_error == 0  # one world: exact
    assert difference(half, half).value == 0
    assert difference(half, ~half).standard_error == pytest.approx(0.0316, abs=1e-3)
