"""Compiled loops are never used again after any source that they may call has changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from parley import compiled


def test_the_folder_is_named_by_all_the_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "deals" / "kernels.py"
    source.parent.mkdir()
    monkeypatch.setattr(compiled, "PACKAGE", tmp_path)
    folder = compiled.cache_folder.__wrapped__
    names = []
    for text in ("a = 1", "a = 2", "a = 1"):
        source.write_text(text)
        names.append(folder())
    assert names[0] == names[2] != names[1]


def test_settings_of_others_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled.SETTINGS, "CACHE_DIR", "")
    compiled.compiled()(lambda: 1)
    assert compiled.SETTINGS.CACHE_DIR == ""


def test_every_compiled_loop_is_in_a_folder_that_counts() -> None:
    package = Path(compiled.__file__).parent
    having = {p.parent.name for p in package.rglob("*.py") if "@compiled(" in p.read_text("utf-8")}
    assert having == set(compiled.FOLDERS)
