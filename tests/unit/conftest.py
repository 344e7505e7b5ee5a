"""Commands, run as a person would."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.test_cli import run

Parley = Callable[..., tuple[int, str, str]]


@pytest.fixture
def parley(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Parley:
    """Run a command in an empty folder; its code and what it said."""
    monkeypatch.chdir(tmp_path)

    def call(*words: str) -> tuple[int, str, str]:
        code, out, err = run(monkeypatch, capsys, *words)
        assert "Traceback" not in err
        return code, " ".join(out.split()), " ".join(err.split())

    return call
