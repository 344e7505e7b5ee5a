"""Conditions: what is read, how strongly words bind, and what is refused in which words."""

from __future__ import annotations

import contextlib
import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.case.conditions import Condition, ConditionError, read_condition

OPTIONS = ["cease-fire", "attend", "arm"]


def truth(text: str) -> list[bool]:
    """Over all combinations, the first option fastest."""
    rows = np.array(list(itertools.product([False, True], repeat=3)))[:, ::-1]
    found = read_condition(text, OPTIONS).holds([rows[:, k] for k in range(3)])
    return [bool(x) for x in found]


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("cease-fire", "1"),
        ("not attend", "-2"),
        ("NOT attend", "!attend"),
        ("cease-fire and attend", "1 & 2"),
        ("cease-fire or attend and arm", "1 | (2 & 3)"),
        ("not cease-fire and attend", "(-1) & 2"),
        ("cease-fire if attend", "-attend | cease-fire"),
        ("cease-fire iff attend", "(1 & 2) | (-1 & -2)"),
        ("cease-fire or attend if arm", "-3 | (1 | 2)"),
        ("not (cease-fire or attend)", "-1 & -2"),
        ("not not arm", "arm"),
        ("1&-3", "cease-fire and not arm"),
        ("–1", "not 1"),
    ],
)
def test_two_ways_to_say_the_same(text: str, same: str) -> None:
    assert truth(text) == truth(same)


def test_what_holds_where() -> None:
    assert truth("1 & -2") == [False, True, False, False, False, True, False, False]


@pytest.mark.parametrize(
    ("text", "what", "remedy"),
    [
        ("", "ends too early", "Finish"),
        ("attend and", "ends too early", "Finish"),
        ("(attend", "ends too early", "Finish"),
        ("attend)", "stands where nothing can", "brackets"),
        ("attend arm", "`arm` stands where nothing can", "brackets"),
        ("1 if 2 if 3", "`if` stands where nothing can", "brackets"),
        ("atend", "no option `atend`", "Did you mean `attend`?"),
        ("4", "no option `4`", "Known are"),
        ("0", "no option `0`", "Known are"),
        ("attend + arm", "`+` cannot stand", "ids of options"),
        ("(" * 200 + "1" + ")" * 200, "nested too deeply", "in parts"),
        ("not " * 200 + "1", "nested too deeply", "in parts"),
    ],
)
def test_refused_in_plain_words(text: str, what: str, remedy: str) -> None:
    with pytest.raises(ConditionError) as refused:
        read_condition(text, OPTIONS)
    assert what in refused.value.what
    assert remedy in refused.value.remedy


LEAVES = st.integers(0, 2).map(lambda k: Condition("option", k))
TREES = st.recursive(
    LEAVES,
    lambda part: st.one_of(
        part.map(lambda p: Condition("not", parts=(p,))),
        st.tuples(st.sampled_from(["and", "or", "if", "iff"]), part, part).map(
            lambda t: Condition(t[0], parts=(t[1], t[2]))  # type: ignore[arg-type]
        ),
    ),
    max_leaves=12,
)


@given(TREES)
def test_what_is_written_reads_as_the_same(condition: Condition) -> None:
    rows = np.array(list(itertools.product([False, True], repeat=3)))
    taken = [rows[:, k] for k in range(3)]
    again = read_condition(condition.words(OPTIONS), OPTIONS)
    assert (again.holds(taken) == condition.holds(taken)).all()
    assert again.options() == condition.options()


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(ConditionError):
        assert read_condition(text, OPTIONS).options() <= {0, 1, 2}
