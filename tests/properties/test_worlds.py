"""What holds of every ensemble, whatever the record: constraints, order, common origins."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.case.model import Case
from parley.preferences.statements import implication
from parley.preferences.worlds import Worlds, draw_worlds
from parley.record.claims import Record
from tests.build import case_of, record_of

ISSUES = {"x": ["p", "q", "r"], "y": ["u", "v"], "z": ["k", "l", "m", "n"]}


def random_record(seed: int, most: int = 9) -> list[dict[str, Any]]:
    rng = random.Random(seed)
    made: list[dict[str, Any]] = []
    for k in range(rng.randint(0, most)):
        issue = rng.choice(sorted(ISSUES))
        options = ISSUES[issue]
        act = rng.choice(["demand", "reject", "offer", "prefer", "priority", "threat"])
        item: dict[str, Any] = {
            "id": f"s{k:02}",
            "text": "T",
            "act": act,
            "party": rng.choice("ab"),
            "grade": rng.choice(["A1", "B2", "B2", "C3", "E5", "F6"]),
            "origin": rng.choice(["o", "o2", "o3", None]),
        }
        if act == "threat":
            item["without_agreement"] = {"party": "b", "becomes": rng.choice(["better", "worse"])}
        elif act == "priority":
            item |= {"issue": issue, "over": [i for i in ISSUES if i != issue][:1]}
        else:
            item |= {
                "issue": issue,
                "options": rng.sample(options, rng.randint(1, len(options) - 1)),
            }
            if act == "prefer":
                item["over"] = [o for o in options if o not in item["options"]][:1]
            elif rng.random() < 0.2:
                item["condition"] = ["x.p" if issue != "x" else "y.u"]
            if act in {"demand", "reject"} and "condition" not in item:
                item["red_line"] = rng.random() < 0.3
        made.append(item)
    return made


def drawn(items: list[dict[str, Any]], case: Case | None = None, size: int = 200) -> Worlds:
    chosen = case or case_of(ISSUES, ordered=["z"])
    return draw_worlds(chosen, record_of(*items), size=size, seed=5)


SEEDS = st.integers(0, 10**6)


@given(SEEDS)
@settings(max_examples=80, deadline=None, derandomize=True)
def test_every_world_keeps_to_what_holds_in_it(seed: int) -> None:
    items = random_record(seed)
    worlds = drawn(items)
    by_id = {a.id: a for a in record_of(*items).assertions}
    for k, name in enumerate(worlds.assertions):
        made = implication(worlds.agenda, by_id[name])
        here = worlds.holds[:, k]
        if not made.party:
            continue
        p = worlds.parties.index(made.party)
        scores, weights = worlds.scores[here, p], worlds.weights[here, p]
        assert all((scores[:, a] >= scores[:, b]).all() for a, b in made.above)
        assert all((weights[:, i] >= weights[:, j]).all() for i, j in made.heavier)
        for a in made.acceptable:
            assert (scores[:, a] >= worlds.reservation[here, p] - 1e-12).all()
    assert np.allclose(worlds.weights.sum(axis=2), 1)
    assert (worlds.scores >= 0).all()
    assert (worlds.scores <= 1).all()


@given(SEEDS)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_one_origin_and_one_grade_hold_together(seed: int) -> None:
    items = random_record(seed)
    for k, item in enumerate(items):  # no two about one issue, so nothing contradicts
        item["party"] = f"{'ab'[k % 2]}"
    items = [i for i in items if i["act"] == "threat"]
    worlds = drawn(items)
    grade = {a.id: str(a.grade) for a in record_of(*items).assertions}
    for i, one in enumerate(worlds.assertions):
        for j, two in enumerate(worlds.assertions):
            if worlds.origins[i] == worlds.origins[j] and grade[one] == grade[two]:
                assert (worlds.holds[:, i] == worlds.holds[:, j]).all()


@given(SEEDS)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_the_order_of_the_files_changes_no_byte(seed: int) -> None:
    items = random_record(seed)
    rng = random.Random(seed + 1)
    case = case_of(ISSUES, ordered=["z"], parties=["a", "b"])
    shuffled = list(ISSUES)
    rng.shuffle(shuffled)
    # options of a scale are listed in its order, or in the reverse; others in any order
    turned = {
        i: (ISSUES[i][::-1] if i == "z" else rng.sample(ISSUES[i], len(ISSUES[i])))
        for i in shuffled
    }
    other = case_of(turned, ordered=["z"], parties=["b", "a"])
    mixed = rng.sample(items, len(items))
    one, two = drawn(items, case), drawn(mixed, other)
    for name in ("weights", "scores", "reservation", "holds"):
        assert np.array_equal(getattr(one, name), getattr(two, name)), name
    renamed = Case.model_validate(
        case.model_dump(mode="json", by_alias=True) | {"title": "Another", "summary": "Other words"}
    )
    assert np.array_equal(one.scores, drawn(items, renamed).scores)


@given(SEEDS)
@settings(max_examples=40, deadline=None, derandomize=True)
def test_more_worlds_begin_with_the_same(seed: int) -> None:
    items = random_record(seed)
    few, many = drawn(items, size=40), drawn(items, size=90)
    for name in ("weights", "scores", "reservation", "holds"):
        assert np.array_equal(getattr(few, name), getattr(many, name)[:40]), name


@given(SEEDS, st.integers(0, 8))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_taking_out_a_statement_leaves_the_rest_alone(seed: int, which: int) -> None:
    """Where nothing contradicts, only its party's preferences on its issue can move."""
    base = [i for i in random_record(seed) if i["act"] in {"offer", "threat"}]
    if not base:
        return
    gone = base[which % len(base)]
    one, two = drawn(base), drawn([i for i in base if i is not gone])
    assert np.array_equal(one.weights, two.weights)
    for p, party in enumerate(one.parties):
        for issue in ISSUES:
            k = one.agenda.issues.index(issue)
            flats = slice(int(one.agenda.offsets[k]), int(one.agenda.offsets[k + 1]))
            touched = gone["act"] == "threat" or (gone["party"], gone["issue"]) == (party, issue)
            if not touched:
                assert np.array_equal(one.scores[:, p, flats], two.scores[:, p, flats])
        if gone["act"] != "threat":
            assert np.array_equal(one.reservation[:, p], two.reservation[:, p])


@pytest.mark.parametrize("size", [1, 10_000])
def test_a_large_record_is_drawn(size: int) -> None:
    issues = {f"i{k:02}": list("abcde") for k in range(15)}
    rng = random.Random(1)
    items = [
        {
            "party": f"p{rng.randrange(6)}",
            "act": rng.choice(["demand", "offer", "reject"]),
            "issue": rng.choice(sorted(issues)),
            "options": [rng.choice("abcde")],
            "grade": rng.choice(["B2", "C3", "D4"]),
            "origin": f"o{rng.randrange(40)}",
        }
        for _ in range(100)
    ]
    case = case_of(issues, parties=[f"p{k}" for k in range(6)])
    record: Record = record_of(*items)
    assert draw_worlds(case, record, size=size, seed=1).scores.shape == (size, 6, 75)
