"""Which assertions hold: the law is drawn exactly, also under contradictions."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import numpy as np
import pytest

from parley.errors import ContradictionError
from parley.preferences import elimination
from parley.preferences.evidence import gather
from parley.preferences.holding import draw_holding
from parley.preferences.streams import Streams
from tests.build import case_of, record_of

CASE = case_of({"x": ["p", "q", "r"], "y": ["u", "v"]})
STREAMS = Streams(11, "test", 20_000)


def holds(*assertions: Mapping[str, object]) -> dict[str, np.ndarray]:
    filled = [
        {"party": "a", "issue": "x", "origin": f"o{k}", **a} for k, a in enumerate(assertions)
    ]
    evidence = gather(CASE, record_of(*filled))
    held = draw_holding(evidence.names, evidence.atoms(STREAMS), evidence.ties, STREAMS)
    return dict(zip(evidence.names, held.T, strict=True))


def expected(*assertions: Mapping[str, object]) -> dict[str, float]:
    """The law of docs/methods/worlds.md 3.3, by listing all states; one atom for each origin."""
    filled = [
        {"party": "a", "issue": "x", "origin": f"o{k}", **a} for k, a in enumerate(assertions)
    ]
    evidence = gather(CASE, record_of(*filled))
    chances = np.stack([atom.probability for atom in evidence.atoms(STREAMS)])
    members = [atom.members[0] for atom in evidence.atoms(STREAMS)]
    states = np.array(list(itertools.product([False, True], repeat=len(members))))
    rows = np.zeros_like(states)
    rows[:, members] = states
    fine = rows[evidence.ties.allows(evidence.names, rows)]
    by_name = np.empty((len(members), STREAMS.size))
    by_name[members] = chances
    odds = np.prod(np.where(fine[:, :, None], by_name, 1 - by_name), axis=1)
    odds /= odds.sum(axis=0)
    share = (fine[:, :, None] * odds[:, None, :]).sum(axis=0).mean(axis=1)
    return dict(zip(evidence.names, share.tolist(), strict=True))


FOR: dict[str, object] = {"options": ["p"], "grade": "B2"}
AGAINST: dict[str, object] = {"options": ["q"], "grade": "B2"}
TRIALS: list[list[dict[str, object]]] = [
    [FOR, AGAINST],
    [FOR, FOR, AGAINST],
    [FOR, AGAINST, {"options": ["r"], "grade": "C4"}],
    [FOR | {"grade": "A1"}, AGAINST | {"grade": "F6"}],
    [FOR | {"certain": True, "grade": None}, AGAINST],
]


@pytest.mark.parametrize("trial", TRIALS)
@pytest.mark.parametrize("held_fixed", [False, True])
def test_the_law_under_contradictions(
    trial: list[dict[str, object]], held_fixed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if held_fixed:  # no two origins in one table: each is drawn in turn, given the others
        monkeypatch.setattr(elimination, "MAX_TABLE", 2)
        monkeypatch.setattr(elimination, "SWEEPS", 100)
    drawn, law = holds(*trial), expected(*trial)
    for name, share in law.items():
        error = max(5 * np.sqrt(share * (1 - share) / STREAMS.size), 1e-3)
        assert abs(drawn[name].mean() - share) < error, (name, drawn[name].mean(), share)


def test_at_most_one_holds() -> None:
    drawn = np.stack([*holds(*TRIALS[2]).values()])
    assert drawn.sum(axis=0).max() == 1
    assert drawn.any(axis=1).all()


def test_two_independent_origins_weigh_more_than_one() -> None:
    two = holds(FOR, FOR, AGAINST)
    one = holds(FOR | {"origin": "same"}, FOR | {"origin": "same"}, AGAINST)
    assert two["s00"].mean() > one["s00"].mean() + 0.1
    assert (one["s00"] == one["s01"]).all()  # one origin, one grade: together or not at all


def test_worse_grades_of_an_origin_hold_only_with_the_better() -> None:
    better = {"options": ["p"], "grade": "B2", "origin": "o"}
    worse = {"issue": "y", "options": ["u"], "grade": "C4", "origin": "o"}
    drawn = holds(better, worse)
    assert (drawn["s00"] | ~drawn["s01"]).all()
    assert drawn["s00"].sum() > drawn["s01"].sum()


def test_unknown_origins_are_not_independent() -> None:
    drawn = holds(
        FOR | {"origin": None}, {"issue": "y", "options": ["u"], "grade": "B2", "origin": None}
    )
    assert (drawn["s00"] == drawn["s01"]).all()


def test_an_origin_that_contradicts_itself_is_believed_one_way_or_the_other() -> None:
    drawn = holds(FOR | {"origin": "o"}, AGAINST | {"origin": "o"})
    assert not (drawn["s00"] & drawn["s01"]).any()
    assert abs(drawn["s00"].mean() - drawn["s01"].mean()) < 0.03
    assert drawn["s00"].mean() + drawn["s01"].mean() > 0.6


def test_corrections_set_aside() -> None:
    later = {"act": "withdraw", "issue": None, "withdraws": ["s00"], "certain": True}
    assert not holds(FOR, later)["s00"].any()
    later = {"act": "claim", "issue": None, "corrects": ["s00"], "grade": "E5"}
    drawn = holds(FOR, later)
    assert not (drawn["s00"] & drawn["s01"]).any()
    assert drawn["s00"].mean() > 0.5


def test_a_withdrawn_demand_contradicts_nothing() -> None:
    later = {"act": "withdraw", "issue": None, "withdraws": ["s00"], "certain": True}
    sure: dict[str, object] = {"certain": True}
    drawn = holds({"options": ["p"], **sure}, {"options": ["q"], **sure}, later)
    assert drawn["s01"].all()
    assert not drawn["s00"].any()


def test_certain_contradictions_are_refused() -> None:
    sure: dict[str, object] = {"certain": True}
    with pytest.raises(ContradictionError, match="'s00', 's02'") as caught:
        holds(
            {"options": ["p"], **sure},
            {"issue": "y", "options": ["u"], **sure},
            {"options": ["q"], **sure},
        )
    assert caught.value.assertions == ("s00", "s02")


@pytest.mark.parametrize(("limit", "value"), [("MAX_GROUP", 5), ("MAX_SCOPE", 100)])
def test_too_many_that_contradict_about_one_thing_are_refused(
    limit: str, value: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(elimination, limit, value)
    with pytest.raises(ContradictionError, match="Too many statements contradict"):
        holds(*[{"options": [o], "grade": "A1"} for o in "pqrpqrpqr"])


def test_a_tangled_record_is_drawn_and_says_that_it_is_not_exact(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(elimination, "MAX_TABLE", 4)
    issues = {f"i{k}": ["p", "q"] for k in range(12)}
    said = [
        {"party": "a", "issue": f"i{k}", "options": [option], "grade": "B2"}
        | {"origin": f"o{(k * step + shift) % 7}"}
        for k in range(12)
        for option, step, shift in (("p", 1, 0), ("q", 3, 2))
    ]
    evidence = gather(case_of(issues), record_of(*said))
    streams = Streams(1, "x", 200)
    held = draw_holding(evidence.names, evidence.atoms(streams), evidence.ties, streams)
    assert evidence.ties.allows(evidence.names, held).all()
    assert held.any(axis=1).mean() > 0.9
    atoms = evidence.atoms(streams)
    assert elimination.sweeps_needed(evidence.names, atoms, evidence.ties) == elimination.SWEEPS
    monkeypatch.undo()
    assert elimination.sweeps_needed(evidence.names, atoms, evidence.ties) == 0


def test_origins_that_speak_to_several_issues_are_tied_across_them() -> None:
    one = {"options": ["p"], "origin": "o", "grade": "B2"}
    also = {"issue": "y", "options": ["u"], "origin": "o", "grade": "B2"}
    other = {"options": ["q"], "grade": "B2"}
    third = {"issue": "y", "options": ["v"], "grade": "B2"}
    drawn = holds(one, also, other, third)
    assert (drawn["s00"] == drawn["s01"]).all()
    assert not (drawn["s00"] & (drawn["s02"] | drawn["s03"])).any()
    # two origins against one: given no contradiction, the two prevail
    assert drawn["s02"].mean() > drawn["s00"].mean()


def test_many_that_exclude_each_other_are_still_listed() -> None:
    drawn = holds(*[{"options": [o], "grade": "A1"} for o in "pqr" * 3])
    assert not (drawn["s00"] & drawn["s01"]).any()
    for name in ("s00", "s01", "s02"):
        assert 0.2 < drawn[name].mean() < 0.45
