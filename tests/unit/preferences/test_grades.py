"""The probability behind a grade."""

from __future__ import annotations

import numpy as np
from scipy.stats import kstest

from parley.preferences.grades import ICD_203, grid, probability
from parley.preferences.streams import Streams
from tests.build import record_of

STREAMS = Streams(5, "test", 20_000)
GRADES = grid(STREAMS)


def chance(**assertion: object) -> np.ndarray:
    base: dict[str, object] = {"voice": "v", "act": "claim"}
    (made,) = record_of(base | assertion).assertions
    return probability(made, "origin", GRADES, STREAMS)


def test_grades_keep_their_order_in_every_world() -> None:
    assert (np.diff(GRADES, axis=1) <= 0).all()
    assert (np.diff(GRADES, axis=2) <= 0).all()
    assert (GRADES[:, 0, 0] > GRADES[:, 4, 4]).all()


def test_a_grade_is_no_number() -> None:
    assert GRADES[:, 1, 1].std() > 0.05  # B2 differs from world to world
    assert abs(GRADES[:, 2, 2].mean() - 0.5) < 0.01  # C3 is in the middle by symmetry


def test_cannot_be_judged_is_uniform_and_not_middling() -> None:
    assert kstest(chance(grade="F6"), "uniform").pvalue > 1e-4
    assert kstest(chance(), "uniform").pvalue > 1e-4  # no grade: the same
    assert GRADES[:, 2, 2].std() < 0.75 * chance(grade="F6").std()


def test_an_unjudged_letter_leaves_the_digit_its_say() -> None:
    assert chance(grade="F1").mean() > chance(grade="F3").mean() > chance(grade="F5").mean()


def test_judgements_stay_within_their_bounds() -> None:
    for term, (low, high) in ICD_203.items():
        drawn = chance(judgement={"likelihood": term, "basis": "b"})
        assert low <= drawn.min()
        assert drawn.max() <= high
        assert abs(drawn.mean() - (low + high) / 2) < 0.01
    drawn = chance(judgement={"likelihood": {"low": 0.3, "high": 0.4}, "basis": "b"})
    assert 0.3 <= drawn.min() <= drawn.max() <= 0.4
    assert (chance(certain=True) == 1).all()
