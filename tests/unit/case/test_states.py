"""States: which there are, their numbers, merged ones, lists, graphs, when there are too many."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from parley.case.moves import Moves
from parley.case.states import MAX_STATES, States, states_of
from parley.conflict.model import Conflict
from parley.errors import CaseError


def moves(options: int, **more: Any) -> Moves:
    """One decision maker for each option, without preferences."""
    makers = [
        {"party": f"p{k}", "options": [{"id": f"o{k}", "name": "do it"}], "weights": {}}
        for k in range(options)
    ]
    return Moves.model_validate({"decision_makers": makers} | more)


def states(options: int, **more: Any) -> States:
    found, wrong = states_of(moves(options, **more))
    assert found is not None, wrong
    return found


def patterns(found: States) -> list[str]:
    return [found.pattern(s) for s in range(found.size)]


def test_numbers_count_up_with_the_first_option_fastest() -> None:
    assert patterns(states(2)) == ["NN", "YN", "NY", "YY"]
    assert patterns(states(3, infeasible=["Y-Y"])) == ["NNN", "YNN", "NYN", "YYN", "NNY", "NYY"]


def test_patterns_and_conditions_rule_out_the_same() -> None:
    by_pattern = patterns(states(4, infeasible=["YY--", "--NY"]))
    by_condition = patterns(states(4, infeasible=["o0 and o1", "o3 and not o2"]))
    assert by_pattern == by_condition
    every = ["".join(row) for row in itertools.product("NY", repeat=4)]
    allowed = {p for p in every if not p.startswith("YY") and not p.endswith("NY")}
    assert set(by_pattern) == allowed


def test_a_rule_takes_words_of_why() -> None:
    assert states(2, infeasible=[{"when": "YY", "why": "both cannot be"}]).size == 3


def test_merged_states_come_last() -> None:
    found = states(3, merged=[{"when": "o2", "name": "it is over"}])
    assert patterns(found) == ["NNN", "YNN", "NYN", "YYN", "--Y"]
    assert found.name(4) == "it is over"
    assert not found.is_plain
    assert found.members.tolist() == [1, 1, 1, 1, 4]


def test_a_list_of_states_gives_their_order_and_merges() -> None:
    found = states(2, states=["YY", {"pattern": "N-", "name": "without the first"}])
    assert patterns(found) == ["YY", "N-"]
    assert found.find("without the first") == 1


def test_find() -> None:
    found = states(3, infeasible=["YY-"])
    assert found.find(1) == 0
    assert found.find("NNN") == 0
    assert found.find("NYY") == found.find(found.size)
    for nowhere in (0, 7, -1, "YY-", "N--", "NN", "nothing"):
        assert found.find(nowhere) is None


@pytest.mark.parametrize(
    ("more", "code", "what"),
    [
        ({"infeasible": ["o0", "not o0"]}, "no-state", "leaves no state"),
        ({"infeasible": ["YN"]}, "condition", "has 2 letters, but there are 3 options"),
        ({"infeasible": ["---"]}, "condition", "says nothing"),
        ({"infeasible": ["o7"]}, "condition", "no option `o7`"),
        ({"merged": ["o0", "o1"]}, "merged", "overlaps"),
        ({"infeasible": ["o0"], "merged": ["o0"]}, "merged", "No feasible combination"),
        ({"states": ["YY"]}, "pattern", "no pattern of 3 letters"),
        ({"states": ["YYY", "Y-Y"]}, "merged", "have a combination in common"),
        ({"states": ["YYY"], "infeasible": ["o0"]}, "no-state", "is infeasible"),
        ({"states": []}, "no-state", "There is no state"),
    ],
)
def test_what_is_wrong(more: dict[str, Any], code: str, what: str) -> None:
    found, wrong = states_of(moves(3, **more))
    assert found is None
    assert [item.code for item in wrong] == [code]
    assert what in wrong[0].what
    assert wrong[0].remedy
    with pytest.raises(CaseError):
        Conflict.of(moves(3, **more))


def many(count: int, **more: Any) -> Moves:
    options = [{"id": f"o{k}", "name": "do it"} for k in range(count)]
    makers = [
        {"party": "a", "options": options[: count // 2], "weights": {}},
        {"party": "b", "options": options[count // 2 :], "weights": {}},
    ]
    return Moves.model_validate({"decision_makers": makers} | more)


@pytest.mark.parametrize("count", [23, 40, 100])
def test_too_many_states_are_refused_with_their_number(count: int) -> None:
    found, wrong = states_of(many(count))
    assert found is None
    (only,) = wrong
    assert only.code == "too-many-states"
    assert f"2^{count} = {2**count:,}" in only.what
    assert f"{MAX_STATES:,}" in only.what


def test_forty_options_of_which_one_is_taken_are_few_states() -> None:
    rules = [f"o{a} and o{b}" for a, b in itertools.combinations(range(40), 2)]
    found, _ = states_of(many(40, infeasible=rules))
    assert found is not None
    assert found.size == 41


def test_a_condition_holds_in_a_merged_state_if_it_holds_in_all_of_it() -> None:
    from parley.conflict.preference import truth

    found = states(2, merged=["o1"])
    assert truth("o0", found).tolist() == [False, True, False]
    assert truth("o1", found).tolist() == [False, False, True]
    assert truth("o0 or not o0", found).all()


def test_a_model_given_as_a_graph() -> None:
    data = {
        "decision_makers": [
            {"party": "a", "moves": ["war -> truce", "truce <-> peace"], "ranking": [3, 2, 1]}
        ],
        "states": [{"name": "war"}, {"name": "truce"}, {"name": "peace"}],
        "status_quo": "war",
    }
    conflict = Conflict.of(Moves.model_validate(data))
    assert conflict.status_quo == 0
    assert [conflict.reached(0, s).tolist() for s in range(3)] == [[1], [2], [1]]
    assert np.array_equal(conflict.preferences.values, [[0, 1, 2]])
