"""Renaming parties, issues and options changes no finding but for the names.

Where everything is certain this is exact. Ids name the streams of random numbers, so under new ids
sampled shares agree within their margins (docs/explanation/choices.md); names, aliases and order
are free.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from parley.deals.agreement import Agreement
from parley.record.folder import CaseFolder, open_folder
from parley.workbench import OneWorld, Study, run

EXAMPLES = Path(__file__).parents[2] / "examples"
OLD_AND_NEW = {
    "two-villages": {"upper": "zz-top", "lower": "aa-low", "water": "irrigation", "six": "hours-6",
                     "twelve": "a-dozen", "pasture": "zone", "shared": "jointly", "road": "a-road"},
    "istanbul-2025": {"russia": "zebra", "ukraine": "alpha", "sanctions": "measures",
                      "documents": "zz-papers", "ceasefire": "truce", "together": "at-once"},
}  # fmt: skip


def renamed(name: str, tmp_path: Path) -> CaseFolder:
    for file in ("case.yaml", "record.yaml"):
        text = (EXAMPLES / name / file).read_text(encoding="utf-8")
        for old, new in OLD_AND_NEW[name].items():
            text = re.sub(rf"(?<![\w-]){old}(?![\w-])(?!:\s*$)(?! [a-z])", new, text)
        (tmp_path / file).write_text(text, encoding="utf-8")
    return open_folder(tmp_path)


def result(opened: CaseFolder, kind: type[Any]) -> Any:
    study = Study(opened.case, opened.record, worlds=4000)
    return next(f.result for f in run(study) if isinstance(f.result, kind))


def test_certain_cases_exactly(tmp_path: Path) -> None:
    one = result(open_folder(EXAMPLES / "two-villages"), OneWorld)
    two = result(renamed("two-villages", tmp_path), OneWorld)
    assert two.solutions.parties == ("aa-low", "zz-top")
    for a, b in zip(one.solutions.found[:4], two.solutions.found[:4], strict=True):
        assert (a.name, a.value, a.points.tolist()) == (b.name, b.value, b.points.tolist())
    assert one.frontier.points.tolist() == two.frontier.points.tolist()
    assert one.rational == two.rational


def test_sampled_shares_within_their_margins(tmp_path: Path) -> None:
    one = result(open_folder(EXAMPLES / "istanbul-2025"), Agreement)
    two = result(renamed("istanbul-2025", tmp_path), Agreement)
    assert set(two.alone) == {"alpha", "zebra"}
    assert one.packages == two.packages
    for a, b in ((one.some, two.some), (one.best[0].share, two.best[0].share)):
        assert a.value == pytest.approx(b.value, abs=a.margin + b.margin)
