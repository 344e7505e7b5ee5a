"""Weights, scores and values of no agreement."""

from __future__ import annotations

import numpy as np
from scipy.stats import beta, kstest

from parley.case.parts import Level, Party
from parley.preferences.sampling import (
    band,
    draw_reservation,
    draw_scores,
    draw_weights,
    raise_to_acceptable,
)
from parley.preferences.streams import Streams
from tests.build import agenda_of

STREAMS = Streams(2, "test", 20_000)
ALL = np.ones(STREAMS.size, dtype=bool)


def test_weights_are_uniform_on_the_simplex() -> None:
    weights = draw_weights(agenda_of([2, 2, 2]), "a", [], STREAMS)
    assert np.allclose(weights.sum(axis=1), 1)
    assert kstest(weights[:, 0], beta(1, 2).cdf).pvalue > 1e-4


def test_priorities_hold_where_the_assertion_does() -> None:
    half = np.arange(STREAMS.size) % 2 == 0
    weights = draw_weights(agenda_of([2, 2]), "a", [(frozenset({(0, 1)}), half)], STREAMS)
    assert (weights[half, 0] >= weights[half, 1]).all()
    assert 0.4 < (weights[~half, 0] >= weights[~half, 1]).mean() < 0.6


def test_scores_run_from_nought_to_one() -> None:
    scores = draw_scores(agenda_of([4]), "a", 0, [(frozenset({(2, 0)}), ALL)], STREAMS)
    assert (scores.max(axis=1) == 1).all()
    assert (scores.min(axis=1) == 0).all()
    assert (scores[:, 2] > scores[:, 0]).all()


def test_scores_between_are_sorted_uniform() -> None:
    scores = np.sort(draw_scores(agenda_of([4]), "a", 0, [], STREAMS), axis=1)
    assert kstest(scores[:, 1], beta(1, 2).cdf).pvalue > 1e-4
    assert kstest(scores[:, 2], beta(2, 1).cdf).pvalue > 1e-4


def test_acceptable_scores_follow_the_conditional_law() -> None:
    """The law of 5.3 against plain rejection of draws that break it."""
    agenda, bound = agenda_of([5]), 0.45
    drawn = draw_scores(agenda, "a", 0, [], STREAMS)
    acceptable = np.zeros_like(drawn, dtype=bool)
    acceptable[:, 2] = True
    rank = (drawn[:, 2:3] < drawn).sum(axis=1)
    lifted = raise_to_acceptable(drawn, acceptable, np.full(STREAMS.size, bound))
    assert (np.argsort(lifted, axis=1) == np.argsort(drawn, axis=1)).all()  # the order stays
    assert (lifted[:, 2] >= bound - 1e-12).all()
    other = np.sort(draw_scores(agenda, "b", 0, [], STREAMS), axis=1)[:, ::-1]
    for place in (1, 2, 3):
        kept = other[other[:, place] >= bound]
        mine = np.sort(lifted[rank == place], axis=1)[:, ::-1]
        for column in (1, 2, 3):
            assert kstest(mine[:, column], kept[:, column]).pvalue > 1e-4, (place, column)


def test_a_worst_option_that_was_accepted_is_worth_no_agreement() -> None:
    scores = np.array([[1.0, 0.0, 0.5]])
    acceptable = np.array([[False, True, False]])
    assert np.allclose(raise_to_acceptable(scores, acceptable, np.array([0.4])), [[1, 0.4, 0.7]])
    assert (raise_to_acceptable(scores, acceptable, np.array([-0.4])) == scores).all()


def test_values_of_no_agreement() -> None:
    none = np.zeros(STREAMS.size, dtype=np.intp)
    drawn = draw_reservation("a", (-0.5, 0.8), none, none, STREAMS)
    assert kstest((drawn + 0.5) / 1.3, "uniform").pvalue > 1e-4
    assert drawn.min() < -0.4  # never clamped at the worst package
    raised = draw_reservation("a", (0, 1), none + 2, none + 1, STREAMS)
    assert kstest(raised, beta(3, 2).cdf).pvalue > 1e-4


def test_bands() -> None:
    assert band(Party(id="a", name="A", without_agreement=Level.WEAK)) == (-0.5, 0.2)
    assert band(Party.model_validate(
        {"id": "a", "name": "A", "without_agreement": {"low": -2, "high": 0.1}}
    )) == (-2, 0.1)  # fmt: skip
