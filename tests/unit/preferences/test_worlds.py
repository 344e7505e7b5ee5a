"""Ensembles of worlds."""

from __future__ import annotations

import numpy as np
import pytest

from parley.errors import SettingError
from parley.preferences.worlds import draw_worlds
from tests.build import case_of, record_of

CASE = case_of({"x": ["p", "q", "r"], "y": ["u", "v"]}, ordered=["x"], parties=["a", "b", "c"])
GIVEN = {"x": {"p": 0, "q": 4, "r": 10}, "y": {"u": 3, "v": 0}}


def test_given_utilities_are_taken_as_they_are() -> None:
    record = record_of(
        {"party": "a", "act": "estimate", "certain": True, "utilities": GIVEN, "no_agreement": -2},
        {"party": "b", "act": "estimate", "certain": True, "utilities": GIVEN},
    )
    worlds = draw_worlds(CASE, record, size=500, seed=1)
    assert worlds.parties == ("a", "b", "c")
    assert (worlds.values[:, 0] == [0, 4, 10, 3, 0]).all()
    assert (worlds.reservation[:, 0] == -2).all()
    drawn = worlds.reservation[:, 1]  # unknown: on the scale of its packages, from 0 to 13
    assert -6.5 <= drawn.min() < -5
    assert 9 < drawn.max() <= 10.4


def test_third_parties_have_preferences_only_where_something_was_said() -> None:
    parties = [
        {"id": "a", "name": "A"},
        {"id": "b", "name": "B"},
        {"id": "m", "name": "M", "role": "mediator"},
        {"id": "t", "name": "T", "role": "third party"},
    ]
    made = CASE.model_validate(CASE.model_dump(mode="json", by_alias=True) | {"parties": parties})
    record = record_of({"party": "t", "issue": "x", "options": ["p"]})
    worlds = draw_worlds(made, record, size=10, seed=1)
    assert worlds.parties == ("a", "b", "t")
    assert worlds.consent.tolist() == [True, True, False]


def test_vetoes_follow_their_assertion() -> None:
    record = record_of(
        {"party": "b", "act": "reject", "issue": "x", "options": ["p"], "red_line": True}
    )
    worlds = draw_worlds(CASE, record, size=1000, seed=1)
    (veto,) = worlds.vetoes
    assert (veto.party, veto.assertion) == (1, "s00")
    assert (worlds.active[:, 0] == worlds.holds[:, 0]).all()
    assert 0.3 < worlds.active.mean() < 0.7


def test_threats_move_what_no_agreement_is_worth() -> None:
    bearing = {"party": "a", "becomes": "worse"}
    record = record_of(
        {
            "voice": "v",
            "act": "threat",
            "certain": True,
            "without_agreement": bearing,
            "origin": "o",
        },
        {
            "voice": "v",
            "act": "threat",
            "certain": True,
            "without_agreement": bearing,
            "origin": "o",
        },
    )
    plain = draw_worlds(CASE, record_of(), size=4000, seed=1).reservation
    moved = draw_worlds(CASE, record, size=4000, seed=1).reservation
    assert (moved[:, 0] < plain[:, 0]).all()
    assert (moved[:, 1:] == plain[:, 1:]).all()
    assert abs(moved[:, 0].mean() - (-0.5 + 1.3 / 3)) < 0.03  # one origin, counted once


def test_the_record_may_break_a_scale() -> None:
    record = record_of(
        {
            "party": "a",
            "act": "prefer",
            "issue": "x",
            "options": ["p", "r"],
            "over": ["q"],
            "certain": True,
        }
    )
    scores = draw_worlds(CASE, record, size=300, seed=1).scores[:, 0, :3]
    assert (scores[:, 1] == 0).all()


def test_names_of_streams_make_ensembles_independent() -> None:
    one = draw_worlds(CASE, record_of(), size=4000, seed=1, stream="search")
    two = draw_worlds(CASE, record_of(), size=4000, seed=1, stream="report")
    assert abs(np.corrcoef(one.reservation[:, 0], two.reservation[:, 0])[0, 1]) < 0.08
    again = draw_worlds(CASE, record_of(), size=4000, seed=1, stream="report")
    assert (two.scores == again.scores).all()


@pytest.mark.parametrize(("size", "seed"), [(0, 1), (2_000_000, 1), (10, -1)])
def test_settings_out_of_range(size: int, seed: int) -> None:
    with pytest.raises(SettingError):
        draw_worlds(CASE, record_of(), size=size, seed=seed)
