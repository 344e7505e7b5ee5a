"""Counts: exact where they can be, else said to be estimated; samples are uniform."""

from __future__ import annotations

import numpy as np
import pytest

from parley.case.agenda import Clause
from parley.deals.counting import count_rational, sample_packages
from parley.deals.space import Space
from parley.deals.utilities import Utilities
from tests.build import agenda_of


def test_counts_say_whether_they_are_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    space = Space.of(agenda_of([4] * 7), [Clause((frozenset({0}), frozenset({5})))])
    utilities = Utilities(("a", "b"), rng.random((2, 28)), np.array([3.4, 3.6]))
    exact = count_rational(space, utilities)
    assert exact.exact
    monkeypatch.setattr("parley.deals.counting.MAX_EXACT_POINTS", 10)
    sampled = count_rational(space, utilities, seed=4)
    assert not sampled.exact
    assert sampled.samples > 0
    assert abs(sampled.value - exact.value) < 4 * sampled.standard_error


def test_equal_worths_keep_large_counts_exact() -> None:
    space = Space.of(agenda_of([2] * 60), [])
    utilities = Utilities(("a", "b"), np.tile([[0.0, 1.0], [1.0, 0.0]], 60), np.array([30.0, 30.0]))
    count = count_rational(space, utilities)
    assert (count.exact, count.value) == (True, 118264581564861424)  # 60 choose 30


def test_samples_are_uniform_over_the_feasible() -> None:
    space = Space.of(agenda_of([2, 2]), [Clause((frozenset({0}), frozenset({2})))])
    drawn = sample_packages(space, 30_000, np.random.default_rng(1))
    _, counts = np.unique(drawn, axis=0, return_counts=True)
    assert len(counts) == 3
    assert np.abs(counts / 10_000 - 1).max() < 0.05


def test_what_suits_all_however_it_goes_on_is_counted_exactly() -> None:
    space = Space.of(agenda_of([5] * 100), [], [Clause((frozenset({0}), frozenset({495})))])
    utilities = Utilities(("a",), np.random.default_rng(1).random((1, 500)), np.array([-1.0]))
    free = count_rational(space, utilities)
    assert (free.exact, free.value) == (True, 5**100)
    barred = count_rational(space, utilities, np.array([True]))
    assert (barred.exact, barred.value) == (True, 5**100 - 5**98)


def test_an_estimate_may_be_astronomical(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("parley.deals.counting.SAMPLES", 2_000)
    space = Space.of(agenda_of([5] * 500), [])
    values = np.random.default_rng(1).random((1, 2500))
    count = count_rational(space, Utilities(("a",), values, np.array([250.0])))
    assert not count.exact
    assert 5**497 < count.value < 5**500
    assert 0 < count.standard_error < count.value
