"""Preferences: rankings with ties, statements, weights, and comparisons with what follows."""

from __future__ import annotations

from typing import Any

import pytest

from parley.case.comparisons import read_known, read_ranking
from parley.case.moves import Moves
from parley.conflict.model import Conflict


def values(options: int = 2, **preference: Any) -> list[int]:
    """Values of the states for the first of two, who has all options."""
    own = [{"id": f"o{k}", "name": "do it"} for k in range(options)]
    data = {"decision_makers": [{"party": "a", "options": own} | preference]}
    return [int(v) for v in Conflict.of(Moves.model_validate(data)).preferences.values[0]]


def test_a_ranking_with_ties() -> None:
    assert values(ranking=[4, [1, 3], 2]) == [1, 0, 1, 2]
    assert values(ranking=["YY", ["NN", "NY"], "YN"]) == [1, 0, 1, 2]


def test_the_more_important_statement_decides() -> None:
    assert values(statements=["o0", "o1"]) == [0, 2, 1, 3]
    assert values(statements=["not o1", "o0"]) == [2, 3, 0, 1]
    assert values(statements=["o0 iff o1"]) == [1, 0, 0, 1]
    assert values(statements=[]) == [0, 0, 0, 0]


def test_importance_goes_before_the_order_of_the_list() -> None:
    low = {"prefer": "o0", "importance": 2}
    high = {"prefer": "o1", "importance": 1}
    assert values(statements=[low, high]) == values(statements=["o1", "o0"])


def test_more_statements_than_a_number_has_digits() -> None:
    filler = ["o0 or not o0"] * 80
    assert values(statements=[*filler, "o0", *filler, "o1"]) == [0, 2, 1, 3]


def test_weights_add_up_and_equal_sums_tie() -> None:
    assert values(weights={"o0": 2, "o1": -1}) == [1, 3, 0, 2]
    assert values(3, weights={"o0": 0.1, "o1": 0.2, "o2": 0.3, "o0 and o1": 0.0})[3] == 3
    assert values(3, weights={"o0": 0.1, "o1": 0.2, "o2": 0.3})[4] == 3  # 0.1 + 0.2 ties with 0.3


def states(size: int) -> Any:
    data = {
        "decision_makers": [{"party": "a", "known": []}],
        "states": [{"name": f"s{k}"} for k in range(size)],
    }
    return Conflict.of(Moves.model_validate(data)).states


@pytest.mark.parametrize(
    ("ranking", "what"),
    [
        ([1, 2], "leaves out 1 of 3 states: 3"),
        ([1, 2, 3, 1], "State 1 stands twice"),
        ([1, 2, 9], "There is no state `9`"),
        ([1, 2, "peace"], "There is no state `peace`"),
    ],
)
def test_a_ranking_that_does_not_fit(ranking: list[Any], what: str) -> None:
    found, wrong = read_ranking(ranking, states(3))
    assert found is None
    assert what in wrong[0].what


def test_great_preference_makes_blocks() -> None:
    found, _ = read_ranking([2, ">>", 3, 1, ">>", 4], states(4))
    assert found is not None
    assert found.blocks.tolist() == [1, 2, 1, 0]
    assert found.values.tolist() == [1, 3, 2, 0]


def test_what_follows_from_comparisons_is_known() -> None:
    found, _ = read_known(["1 > 2 = 3", "3 > s3"], states(5))
    assert found is not None
    better = {(int(a) + 1, int(b) + 1) for a, b in zip(*found.better.nonzero(), strict=True)}
    assert better == {(1, 2), (1, 3), (1, 4), (2, 4), (3, 4)}
    assert found.equal[1, 2]
    assert not found.equal[0, 4]


@pytest.mark.parametrize(
    ("known", "code", "place"),
    [
        (["1 > 2", "2 > 3", "3 > 1"], "cycle", 2),
        (["1 > 1"], "cycle", 0),
        (["1 = 2", "2 > 1"], "cycle", 1),
        (["1 > 9"], "no-such-state", 0),
        (["1"], "known", 0),
    ],
)
def test_comparisons_that_cannot_be(known: list[str], code: str, place: int) -> None:
    found, wrong = read_known(known, states(3))
    assert found is None
    assert (wrong[0].code, wrong[0].path) == (code, (place,))
