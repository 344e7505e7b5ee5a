"""Opening a case folder: case and record together."""

from __future__ import annotations

from pathlib import Path

import pytest

from parley.errors import CaseError
from parley.record.folder import open_folder

CASE = """\
parley: 1
title: T
as_of: 2025-05-30
parties: [{id: a, name: A}, {id: b, name: B}]
issues:
  - {id: x, name: X, options: [{id: p, name: P}, {id: q, name: Q}]}
"""
ONE = """\
parley: 1
publications: [{id: paper, outlet: Paper, published: 2025-05-28}]
assertions:
  - {id: one, party: a, act: demand, issue: x, options: [p], text: T, publications: [paper]}
"""
TWO = """\
parley: 1
assertions:
  - {id: two, party: b, act: demand, issue: x, options: [q], text: T, publications: [paper]}
"""


def folder(tmp_path: Path, **files: str) -> Path:
    for name, text in files.items():
        path = tmp_path / (name.replace("__", "/") + ".yaml")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return tmp_path


def test_a_record_in_several_files(tmp_path: Path) -> None:
    opened = open_folder(folder(tmp_path, case=CASE, record=ONE, record__b=TWO))
    assert [a.id for a in opened.record.assertions] == ["one", "two"]
    assert opened.places["two"][0].endswith("record/b.yaml")
    assert opened.places["two"][1] == 3
    assert opened.warnings == ()


def test_doubts_do_not_stop(tmp_path: Path) -> None:
    late = TWO.replace("text: T,", "text: T, times: {statement: 2025-06-02},")
    unused = ONE.replace("assertions:", "origins: [{id: nobody, name: N}]\nassertions:")
    without = late.replace(", publications: [paper]", "")
    opened = open_folder(folder(tmp_path, case=CASE, record=unused, record__b=without))
    assert {m.code for m in opened.warnings} == {"after-as-of", "unused", "no-source"}


def test_mistakes_of_all_files_come_together(tmp_path: Path) -> None:
    case = CASE.replace("title: T", "title: T\ncolour: red")
    record = ONE.replace("party: a", "party: z")
    with pytest.raises(CaseError) as caught:
        open_folder(folder(tmp_path, case=case, record=record, record__b=TWO + "  broken"))
    found = {(Path(m.file).name, m.code) for m in caught.value.mistakes}
    assert {
        ("case.yaml", "unknown-key"),
        ("record.yaml", "no-such-party"),
        ("b.yaml", "broken-yaml"),
    } <= found


def test_a_denial_before_what_it_denies_is_a_doubt(tmp_path: Path) -> None:
    record = ONE.replace("text: T,", "text: T, times: {statement: 2025-05-20},")
    denial = TWO.replace("text: T,", "text: T, times: {statement: 2025-05-10}, denies: [one],")
    opened = open_folder(folder(tmp_path, case=CASE, record=record, record__b=denial))
    assert [m.code for m in opened.warnings] == ["link-order"]
