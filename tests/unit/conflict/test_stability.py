"""What the engine refuses, what it leaves out, and a case on which implementations differ."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from parley.case.moves import Moves
from parley.conflict.coalitions import coalition, structure_equilibria
from parley.conflict.horizon import limited
from parley.conflict.inverse import count_rankings, whose_mind_must_change
from parley.conflict.model import Conflict
from parley.conflict.paths import reached_from, shortest_paths
from parley.conflict.reasons import why
from parley.conflict.stability import Concept, stability
from parley.conflict.unknown import unknown_stability
from parley.errors import SettingError, TooLargeError
from tests.conflicts import states_where


def plain(*sizes: int, **more: Any) -> Conflict:
    """Decision makers with so many options each, indifferent to all."""
    number, makers = 0, []
    for k, size in enumerate(sizes):
        options = [{"id": f"o{number + j}", "name": "do it"} for j in range(size)]
        number += size
        makers.append({"party": f"p{k}", "options": options, "weights": {}})
    return Conflict.of(Moves.model_validate({"decision_makers": makers} | more))


def test_sanctions_tried_against_one_improvement_count_against_the_others() -> None:
    """State 2: improvements to 1 and to 3, both met by p1 moving from 2 to 6 at the same time."""
    conflict = plain(2, 1).with_values(
        np.array([[7, 3, 4, 0, 1, 6, 2, 5], [2, 0, 4, 3, 1, 6, 5, 7]], dtype=np.int32)
    )
    found = stability(conflict)
    assert states_where(found.stable[Concept.SIM][0]) == [1, 2, 3, 6]
    assert [s + 1 for s in found.equilibria[Concept.SIM]] == [1, 3, 6]
    assert [s + 1 for s in found.equilibria[Concept.GMR]] == [1, 3, 6, 8]
    answer = why(conflict, 1, "p0", Concept.SIM).answers[0]
    assert answer.at_once == (("p1", 5),)


def test_indifferent_to_all_everything_holds() -> None:
    found = stability(plain(2, 2, 1))
    assert all(rows.all() for rows in found.stable.values())


def test_a_sanction_to_an_equal_state_counts() -> None:
    values = np.array([[0, 1, 0, 0], [0, 0, 0, 1]], dtype=np.int32)
    found = stability(plain(1, 1).with_values(values))
    assert not found.stable[Concept.NASH][0, 0]
    assert found.stable[Concept.GMR][0, 0]


def test_sim_alone_is_refused_of_a_graph() -> None:
    data = {"decision_makers": [{"party": "a", "ranking": [1]}], "states": [{"name": "only"}]}
    conflict = Conflict.of(Moves.model_validate(data))
    assert Concept.SIM not in stability(conflict).stable
    with pytest.raises(SettingError, match="not defined for a model given as a graph"):
        stability(conflict, [Concept.SIM])


def test_sim_is_undefined_where_a_merged_state_has_improvements() -> None:
    conflict = plain(1, 1, merged=["o0"]).with_values(np.array([[1, 1, 0], [0, 1, 0]], np.int32))
    found = stability(conflict)
    assert found.undefined.any(axis=0).tolist() == [False, False, True]
    assert why(conflict, 2, "p0", Concept.SIM).kind == "undefined"


def unknown() -> Conflict:
    makers = [
        {"party": "a", "options": [{"id": "x", "name": "do it"}], "known": []},
        {"party": "b", "options": [{"id": "y", "name": "do it"}], "weights": {}},
    ]
    return Conflict.of(Moves.model_validate({"decision_makers": makers, "status_quo": 1}))


@pytest.mark.parametrize(
    "ask",
    [
        stability,
        lambda c: limited(c, 2),
        lambda c: coalition(c, ["a", "b"]),
        lambda c: reached_from(c, 0, improving=True),
        lambda c: whose_mind_must_change(c, 0, Concept.SEQ),
        lambda c: why(c, 0, "a", Concept.SEQ),
    ],
)
def test_unknown_comparisons_are_refused_where_complete_ones_are_needed(ask: Any) -> None:
    with pytest.raises(SettingError, match=r"unknown|complete"):
        ask(unknown())


def test_what_is_known_of_a_move() -> None:
    conflict = unknown()
    assert conflict.improves(0, 0, 1) is None
    assert conflict.improves(1, 0, 2) is False
    assert unknown_stability(conflict).equilibria("a", Concept.NASH) == ()


def test_three_cannot_look_a_number_of_moves_ahead() -> None:
    with pytest.raises(SettingError, match="two decision makers; these are 3"):
        limited(plain(1, 1, 1), 2)
    with pytest.raises(SettingError, match="horizon is 0"):
        limited(plain(1, 1), 0)


def test_large_models_are_refused_where_the_method_would_not_end() -> None:
    large = plain(7, 7)
    with pytest.raises(TooLargeError):
        coalition(large, ["p0", "p1"])
    with pytest.raises(TooLargeError):
        whose_mind_must_change(large, 0, Concept.GMR)
    with pytest.raises(TooLargeError):
        count_rankings(plain(3, 2), "p0", 0, Concept.GMR)
    with pytest.raises(TooLargeError):
        reached_from(plain(9, 8), 0)
    with pytest.raises(TooLargeError):
        unknown_stability(plain(6, 6))


def test_moves_of_a_large_model_are_found_without_listing_them() -> None:
    large, small = plain(7, 6), plain(3, 3)
    assert large.size > 4096
    assert len(large.reached(0, 0)) == 127
    assert large.reached(1, 5).tolist() == [5 + 128 * k for k in range(1, 64)]
    for i, s in ((0, 3), (1, 20)):
        assert small._reached_by_code(i, s).tolist() == small.reached(i, s).tolist()


def test_unknown_names() -> None:
    conflict = plain(1, 1)
    with pytest.raises(SettingError, match="no state `9`"):
        conflict.state(9)
    with pytest.raises(SettingError, match="no decision maker `nobody`"):
        coalition(conflict, ["nobody"])
    with pytest.raises(SettingError, match="do not hold every decision maker once"):
        structure_equilibria(conflict, [["p0"]])


def test_no_way_and_no_move() -> None:
    conflict = plain(1, 1, infeasible=["o0", "o1"], status_quo=1)
    found = reached_from(conflict, 0)
    assert shortest_paths(conflict, found, 0).moves == 0
    assert why(conflict, 0, "p0", Concept.GMR).kind == "cannot move"
    apart = plain(1, 1, infeasible=["YN", "NY"])
    assert shortest_paths(apart, reached_from(apart, 0), 1).moves == -1
