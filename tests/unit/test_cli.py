"""The command line: what it prints, what it writes, how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from parley.cli import main

EXAMPLES = Path(__file__).parents[2] / "examples"


def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str
) -> tuple[int, str, str]:
    monkeypatch.setattr("sys.argv", ["parley", *arguments])
    with pytest.raises(SystemExit) as leaving:
        main()
    streams = capsys.readouterr()
    return int(leaving.value.code or 0), streams.out, streams.err


def test_new_then_check_then_brief(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    case = str(tmp_path / "mine")
    assert run(monkeypatch, capsys, "new", case)[0] == 0
    code, out, _ = run(monkeypatch, capsys, "check", case)
    assert (code, "no mistakes" in out) == (0, True)
    code, out, _ = run(monkeypatch, capsys, "brief", case, "--worlds", "500")
    assert code == 0
    assert "It is no" in out
    assert (tmp_path / "mine" / "briefing" / "briefing.html").exists()
    assert (tmp_path / "mine" / "briefing" / "findings.json").exists()


def test_check_as_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run(monkeypatch, capsys, "check", str(EXAMPLES / "two-villages"), "--json")
    assert (code, json.loads(out)["mistakes"]) == (0, [])
    code, out, _ = run(monkeypatch, capsys, "check", str(tmp_path), "--json")
    (mistake,) = json.loads(out)["mistakes"]
    assert (code, mistake["code"]) == (2, "no-case-file")
    assert set(mistake) == {"file", "line", "severity", "code", "what", "remedy"}


def test_record_shows_all_its_parts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run(monkeypatch, capsys, "record", str(EXAMPLES / "istanbul-2025"))
    assert code == 0
    for part in (
        "By party and issue",
        "By origin",
        "12 independent origins",
        "Figures, side by side",
        "us-06-buying-time / us-07-in-earnest: one denies the other",
        "Without a source",
    ):
        assert part in out
    code, out, _ = run(monkeypatch, capsys, "record", str(EXAMPLES / "two-villages"), "--json")
    assert json.loads(out)["format"] == "parley-findings-1"


@pytest.mark.parametrize("part", ["case", "record"])
def test_schema(
    part: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run(monkeypatch, capsys, "schema", part)
    assert (code, json.loads(out)["type"]) == (0, "object")


def test_version_and_wrong_use(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run(monkeypatch, capsys, "--version")
    assert (code, out.split()[0]) == (0, "parley")
    code, _, err = run(monkeypatch, capsys, "breif", "x")
    assert (code, "breif" in err) == (2, True)
    code, _, err = run(monkeypatch, capsys, "brief", "x", "--worlds", "many")
    assert (code, "--worlds" in err) == (2, True)


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys, parley.cli\n"
        "heavy = {'numpy', 'numba', 'altair', 'vl_convert', 'scipy', 'pydantic', 'jinja2'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_interrupted_brief_leaves_no_half_written_file(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "parley", "brief", str(EXAMPLES / "istanbul-2025")]
    command += ["--out", str(tmp_path / "out"), "--worlds", "1000000"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    time.sleep(4)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "Stopped. Nothing was left half written." in err
    assert "Traceback" not in err
    left = list((tmp_path / "out").iterdir()) if (tmp_path / "out").exists() else []
    assert left == []


def test_what_travels_names_no_place_on_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    case = EXAMPLES / "two-villages"
    assert run(monkeypatch, capsys, "brief", str(case), "--out", str(tmp_path))[0] == 0
    for file in tmp_path.iterdir():
        text = file.read_text(encoding="utf-8")
        assert str(EXAMPLES) not in text
        assert str(Path.home()) not in text
    assert "record.yaml:" in (tmp_path / "briefing.html").read_text(encoding="utf-8")


def test_files_get_the_rights_that_the_user_has_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = os.umask(0o077)
    try:
        run(monkeypatch, capsys, "brief", str(EXAMPLES / "two-villages"), "--out", str(tmp_path))
    finally:
        os.umask(before)
    assert {file.stat().st_mode & 0o777 for file in tmp_path.iterdir()} == {0o600}
