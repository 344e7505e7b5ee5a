"""Findings: repeatable to the byte, traceable, and steady from seed to seed."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from parley.case.model import Case
from parley.errors import SettingError
from parley.record.folder import CaseFolder, open_folder
from parley.report.export import findings_json
from parley.workbench import ANALYSES, Study, run

ISTANBUL = Path(__file__).parents[2] / "examples" / "istanbul-2025"
WORLDS = 3000


@cache
def istanbul() -> CaseFolder:
    return open_folder(ISTANBUL)


def findings(seed: int = 1, without: str = "", worlds: int = WORLDS) -> dict[str, dict[str, Any]]:
    opened = istanbul()
    kept = tuple(a for a in opened.record.assertions if a.id != without)
    record = opened.record.model_copy(update={"assertions": kept})
    study = Study(_uncited(opened.case, without), record, seed, worlds)
    data = json.loads(findings_json(run(study), study.agenda))
    return {f["name"]: f for f in data["findings"]}


def _uncited(case: Case, gone: str) -> Case:
    """The case without what rests on one statement alone."""
    assert case.moves is not None
    makers = []
    for maker in case.moves.decision_makers:
        kept = []
        for statement in maker.statements or ():
            left = tuple(name for name in statement.because if name != gone)
            if left or not statement.because:
                kept.append(statement.model_copy(update={"because": left}))
        makers.append(maker.model_copy(update={"statements": tuple(kept), "rest": "open"}))
    moves = case.moves.model_copy(update={"decision_makers": tuple(makers)})
    return case.model_copy(update={"moves": moves})


@cache
def base() -> dict[str, dict[str, Any]]:
    return findings()


def test_one_seed_gives_the_same_bytes() -> None:
    assert json.dumps(findings()) == json.dumps(base())


def test_every_finding_carries_what_is_needed_to_trust_it() -> None:
    known = {a.id for a in istanbul().record.assertions}
    for finding in base().values():
        assert set(finding["assertions"]) <= known
        assert finding["method"]["name"]
        assert finding["version"]
        assert finding["exact"] == (finding["seed"] is None)


def shares(package: dict[str, Any]) -> dict[str, tuple[float, float]]:
    """Value and standard error of all shares of a package."""
    found = {"share": package["share"]}
    found |= {f"by {p}": s for p, s in package["by_party"].items()}
    found |= {f"refuses {p}": s for p, s in package["refuses"].items()}
    return {name: (s["value"], s["standard_error"]) for name, s in found.items()}


@pytest.mark.parametrize("seed", [2, 3])
def test_another_seed_moves_shares_by_no_more_than_the_stated_error(seed: int) -> None:
    one, two = base()["agreement"]["result"], findings(seed)["agreement"]["result"]
    margin = 3.29 * 2**0.5
    assert (
        abs(one["some"]["value"] - two["some"]["value"]) <= margin * one["some"]["standard_error"]
    )
    there = {json.dumps(p["package"], sort_keys=True): shares(p) for p in two["best"]}
    compared = 0
    for package in one["best"]:
        other = there.get(json.dumps(package["package"], sort_keys=True))
        for name, (value, error) in shares(package).items():
            if other is not None:
                assert abs(value - other[name][0]) <= margin * error, name
                compared += 1
    assert compared > 10


@pytest.mark.parametrize("gone", [a.id for a in istanbul().record.assertions])
def test_taking_out_a_statement_changes_only_what_cites_it(gone: str) -> None:
    """Or its origin, or what is counted or listed over the whole record."""
    after = findings(without=gone, worlds=200)
    before = _few_worlds()
    origin = next(a.origin for a in istanbul().record.assertions if a.id == gone)
    kin = {
        a.id
        for a in istanbul().record.assertions
        if a.id == gone or (origin and a.origin == origin)
    }
    for name in before.keys() | after.keys():
        if before.get(name) != after.get(name):
            cited = {
                *before.get(name, {}).get("assertions", ()),
                *after.get(name, {}).get("assertions", ()),
            }
            assert cited & kin, name


@cache
def _few_worlds() -> dict[str, dict[str, Any]]:
    return findings(worlds=200)


def test_unknown_analyses_are_refused() -> None:
    opened = istanbul()
    with pytest.raises(SettingError, match="no analysis `forecast`"):
        run(Study(opened.case, opened.record, worlds=10), ["forecast"])
    assert "agreement" in ANALYSES


def test_reordering_the_record_changes_no_finding_about_deals() -> None:
    opened = istanbul()
    turned = opened.record.model_copy(update={"assertions": opened.record.assertions[::-1]})
    case = opened.case.model_copy(
        update={"parties": opened.case.parties[::-1], "issues": opened.case.issues[::-1]}
    )
    study = Study(case, turned, 1, 400)
    data = json.loads(findings_json(run(study, ["agreement", "decides"]), study.agenda))
    one = {f["name"]: f for f in data["findings"]}
    other = findings(worlds=400)
    for name in ("agreement", "what decides"):
        assert one[name] == other[name]
