"""Every folder in tests/data-fail is refused with its message, exit code 2 and no traceback."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from parley.cli import main

ROOT = Path(__file__).parents[1] / "data-fail"
CASES = sorted(path.name for path in ROOT.iterdir() if path.is_dir())


def run(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr("sys.argv", ["parley", *arguments])
    with pytest.raises(SystemExit) as leaving:
        main()
    return int(leaving.value.code or 0)


def test_there_are_enough() -> None:
    assert len(CASES) >= 60


@pytest.mark.parametrize("name", CASES)
def test_refused(
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    shutil.copytree(ROOT / name, tmp_path / name)
    command, *expected = (ROOT / name / "expect.txt").read_text(encoding="utf-8").splitlines()
    monkeypatch.chdir(tmp_path)
    before = sorted(p.name for p in (tmp_path / name).rglob("*"))
    code = run(command.replace("CASE", name).split(), monkeypatch)
    streams = capsys.readouterr()
    told = " ".join((streams.out + streams.err).split())
    assert code == 2, told
    assert "Traceback" not in told
    for text in expected:
        assert text in told, f"{text!r} is not in: {told}"
    assert sorted(p.name for p in (tmp_path / name).rglob("*")) == before  # nothing half-made
