"""The starter case and the schemas."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from parley.case.library import json_schema, new_case
from parley.case.model import Case
from parley.errors import OutputError
from parley.record.claims import Record
from parley.record.folder import open_folder


def test_the_starter_has_no_mistakes_and_no_doubts(tmp_path: Path) -> None:
    made = new_case(tmp_path / "deep" / "case", Record)
    folder = open_folder(tmp_path / "deep" / "case")
    assert folder.warnings == ()
    assert all(path.exists() for path in made)
    assert (tmp_path / "deep" / "case" / ".schema" / "record.schema.json").exists()


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "keep.txt").write_text("mine")
    with pytest.raises(OutputError, match="something here already"):
        new_case(tmp_path, Record)
    assert [p.name for p in tmp_path.iterdir()] == ["keep.txt"]


def test_the_schema_knows_the_keys_of_the_file() -> None:
    schema = json.loads(json_schema(Case))
    assert {"parley", "title", "parties", "issues"} <= set(schema["required"])
    rule = schema["$defs"]["Rule"]["properties"]
    assert "if" in rule  # the key of the file, not the name in the code
    assert schema["additionalProperties"] is False
