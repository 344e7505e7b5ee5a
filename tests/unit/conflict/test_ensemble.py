"""Over worlds: each is what the engine says of it alone, and fits what holds in it."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from parley.case.moves import Moves
from parley.conflict import ensemble as module
from parley.conflict.ensemble import is_open, stability_in_worlds
from parley.conflict.model import Conflict
from parley.conflict.stability import Concept, stability
from parley.errors import TooLargeError
from parley.preferences.standing import Standing, draw_standing
from parley.preferences.streams import Streams
from parley.preferences.worlds import draw_worlds
from parley.workbench.conflict import ConflictStudy
from tests.build import case_of, record_of
from tests.conflicts import random_moves

NOTHING = Standing((), (), np.zeros((40, 0), dtype=bool))


def opened(seed: int) -> Moves:
    """A conflict at random whose parties have statements and weights, left open."""
    rng = random.Random(seed)
    moves = random_moves(rng, options=4)
    names = [option.id for option in moves.options]
    data = moves.model_dump()
    for maker in data["decision_makers"]:
        del maker["ranking"]
        some = rng.sample(names, rng.randint(0, min(3, len(names))))
        if rng.random() < 0.3:
            maker["weights"] = {name: rng.randint(-2, 2) for name in some}
        else:
            maker["statements"] = [
                {"prefer": f"{rng.choice(['', 'not '])}{name}", "importance": rng.randint(1, 2)}
                for name in some
            ]
        maker["rest"] = rng.choice(["open", "equal"])
    return Moves.model_validate(data)


@pytest.mark.parametrize("seed", range(12))
def test_every_world_is_what_the_engine_says_of_it(seed: int) -> None:
    conflict = Conflict.of(opened(seed))
    streams = Streams(seed, "test", 40)
    found = stability_in_worlds(conflict, NOTHING, streams)
    makers = conflict.moves.decision_makers
    drawn = [module._Drawn(m, conflict.states, NOTHING, streams) for m in makers]
    values = np.stack([item.values(slice(0, 40)) for item in drawn], axis=1)
    counts = {c: np.zeros_like(rows) for c, rows in found.counts.items()}
    for w in range(40):
        one = stability(conflict.with_values(np.ascontiguousarray(values[w])), found.counts)
        for concept in found.counts:
            held = [s for s in range(conflict.size) if found.holds(concept, s)[w]]
            assert tuple(held) == one.equilibria[concept]
            counts[concept] += one.stable[concept]
    for concept, rows in found.counts.items():
        assert (rows == counts[concept]).all()


def two(*statements: dict[str, Any] | str, **more: Any) -> Moves:
    makers = [
        {"party": "a", "options": [{"id": "x", "name": "do x"}], "statements": list(statements)},
        {"party": "b", "options": [{"id": "y", "name": "do y"}], "statements": ["y"]},
    ]
    makers[0] |= more
    return Moves.model_validate({"decision_makers": makers})


def test_what_is_open() -> None:
    assert not is_open(Conflict.of(two("x", "y")))
    assert is_open(Conflict.of(two("x", rest="open")))
    assert is_open(Conflict.of(two({"prefer": "x", "because": ["s00"]}, rest="equal")))
    equal = ({"prefer": "x", "importance": 1}, {"prefer": "y", "importance": 1})
    assert is_open(Conflict.of(two(*equal)))


CASE = case_of({"issue": ["p", "q"]})
RECORD = record_of(
    {"party": "a", "issue": "issue", "options": ["p"], "grade": "B2", "origin": "one"},
    {"party": "b", "issue": "issue", "options": ["q"], "grade": "C3", "origin": "two"},
    {"party": "a", "act": "claim", "grade": "D4", "origin": "one"},
    origins=[{"id": "one", "name": "one"}, {"id": "two", "name": "two"}],
)


def test_the_worlds_are_those_of_the_deals() -> None:
    streams = Streams(3, "report", 500)
    standing = draw_standing(CASE, RECORD, ["s02", "s00"], streams)
    assert standing.assertions == ("s00", "s02")
    worlds = draw_worlds(CASE, RECORD, size=500, seed=3)
    column = worlds.assertions.index("s00")
    assert (standing.holds[:, 0] == worlds.holds[:, column]).all()
    assert "s02" not in worlds.assertions
    assert 0 < standing.holds[:, 1].mean() < standing.holds[:, 0].mean() < 1


def test_a_statement_counts_where_something_that_it_cites_holds() -> None:
    moves = two({"prefer": "x", "because": ["s00"]}, rest="equal")
    study = ConflictStudy(moves, CASE, RECORD, 1, 400)
    assert study.ensemble is not None
    held = study.standing.holds[:, 0]
    # without its statement a is indifferent, and every state is stable for it
    state = study.conflict.state("NY")
    assert (study.ensemble.holds(Concept.NASH, state) == ~held).all()
    assert study.ensemble.equilibrium(Concept.NASH, state).value == pytest.approx((~held).mean())
    decides = study.decides
    assert decides is not None
    assert decides.ranked[0].assertions == ("s00",)
    assert decides.ranked[0].effects["state 3"].explained > 0.95


def test_either_of_two_sources_is_enough() -> None:
    moves = two({"prefer": "x", "because": ["s00", "s02"]}, rest="equal")
    study = ConflictStudy(moves, CASE, RECORD, 1, 400)
    assert study.ensemble is not None
    either = study.standing.holds.any(axis=1)
    found = study.ensemble.holds(Concept.NASH, study.conflict.state("NY"))
    assert (found == ~either).all()


def test_what_is_left_open_is_even() -> None:
    study = ConflictStudy(two(rest="open"), worlds=4000)
    assert study.ensemble is not None
    shares = [study.ensemble.equilibrium(Concept.NASH, s).value for s in range(4)]
    assert shares[0] == shares[1] == 0
    assert shares[2] == pytest.approx(0.5, abs=0.03)
    assert shares[2] + shares[3] == 1


def test_the_order_within_one_importance_is_even() -> None:
    equal = ({"prefer": "x", "importance": 1}, {"prefer": "not x or y", "importance": 1})
    makers = two(*equal).model_dump()
    makers["infeasible"] = ["x and y"]
    study = ConflictStudy(Moves.model_validate(makers), worlds=4000)
    assert study.ensemble is not None
    share = study.ensemble.for_party(Concept.NASH, "a", study.conflict.state("YN"))
    assert share.value == pytest.approx(0.5, abs=0.03)


def test_comparisons_leave_every_order_that_fits() -> None:
    makers = [
        {"party": "a", "options": [{"id": "x", "name": "do x"}], "known": ["1 > 2"]},
        {"party": "b", "options": [{"id": "y", "name": "do y"}], "weights": {}},
    ]
    study = ConflictStudy(Moves.model_validate({"decision_makers": makers}), worlds=3000)
    assert study.ensemble is not None
    shares = [study.ensemble.for_party(Concept.NASH, "a", s).value for s in range(4)]
    assert shares[:2] == [1.0, 0.0]
    assert shares[2] == pytest.approx(0.5, abs=0.04)


def test_the_same_seed_the_same_worlds_and_another_within_the_margin() -> None:
    moves = opened(5)
    first, again, other = (ConflictStudy(moves, seed=seed, worlds=2000) for seed in (1, 1, 2))
    assert first.ensemble is not None
    assert again.ensemble is not None
    assert other.ensemble is not None
    assert first.ensemble.stable.tobytes() == again.ensemble.stable.tobytes()
    for state in range(first.conflict.size):
        for concept in first.ensemble.counts:
            a = first.ensemble.equilibrium(concept, state)
            b = other.ensemble.equilibrium(concept, state)
            assert abs(a.value - b.value) <= a.margin


def test_an_outcome_over_the_worlds() -> None:
    data = two(rest="open").model_dump() | {"outcomes": [{"when": "x"}, {"when": "y"}]}
    study = ConflictStudy(Moves.model_validate(data), worlds=2000)
    x, y = study.holds.outcomes
    assert x.some is not None
    assert y.every is not None
    assert x.some.value == pytest.approx(0.5, abs=0.04)
    assert y.every.value == 1


def test_too_many_worlds_for_so_many_states() -> None:
    makers = [
        {
            "party": p,
            "options": [{"id": f"{p}{k}", "name": "do"} for k in range(7)],
            "weights": {},
            "rest": "open",
        }
        for p in "ab"
    ]
    conflict = Conflict.of(Moves.model_validate({"decision_makers": makers}))
    with pytest.raises(TooLargeError, match="Ask for up to"):
        stability_in_worlds(conflict, NOTHING, Streams(1, "test", 100_000))
