"""The disk is full, or fails: nothing is told that was not written, and it goes on by itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.reliability.audit import audit_file
from tests.reliability.figures import note
from tests.reliability.forms import LONG, needs_strace, thinned
from tests.reliability.order import ROOT, Runner
from tests.reliability.points import ACTS, Ends, Point, ends, lost, points

ERRORS = ("ENOSPC", "EIO", "EDQUOT")
OF_THE_DATABASE = {"pwrite64", "pwritev", "fsync", "fdatasync", "ftruncate", "fallocate", "unlink"}
EACH = 2 if LONG else 40
MOUNT = (
    ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "-m"]
)


def failures(
    runner: Runner, act: str, where: list[tuple[Point, str]], wanted: Ends, defect: str = ""
) -> Iterator[tuple[bool, str]]:
    """Let one call fail, then try again: whether the failure was told, and what is wrong."""
    for point, error in where:
        outcome = runner.do(act, strace=point.failing(error), tries=2, defect=defect)
        refused = [word for word in outcome.told if outcome.refusals(word)]
        wrong = list(lost(outcome, wanted, runner.database, runner.keys))
        if outcome.code != 0 or not outcome.was_told:
            wrong.append(f"it did not go on by itself: {outcome}")
        if any(not word.endswith("reads True") for word in refused):
            wrong.append(f"it could not be read meanwhile: {refused}")
        if refused and not outcome.refusals(outcome.told[0]):
            wrong.append("it was told, and then refused")
        yield bool(refused), "; ".join(f"{act}, {point}, {error}: {one}" for one in wrong)


def _calls(runner: Runner, act: str) -> list[Point]:
    return [point for point in points(runner, act) if point.syscall in OF_THE_DATABASE]


@needs_strace
def test_a_call_fails_at_every_point(runner: Runner) -> None:
    tried = told = 0
    wrong: list[str] = []
    for offset, act in enumerate(ACTS):
        where = [(point, error) for point in _calls(runner, act) for error in ERRORS]
        some = list(thinned(where, EACH, offset))
        for was_refused, problem in failures(runner, act, some, ends(runner, act)):
            tried += 1
            told += was_refused
            wrong += [problem] if problem else []
    note("a call fails", tried=tried, told=told)
    assert not wrong, wrong[:5]
    assert told > (300 if LONG else 10)


@needs_strace
def test_defect_is_found_when_a_call_fails(runner: Runner) -> None:
    where = [(point, "ENOSPC") for point in _calls(runner, "deposit")]
    found = failures(runner, "deposit", where[::10], ends(runner, "deposit"), "told-early")
    assert any(problem for _, problem in found)


@cache
def _on_small_disk(folder: Path, *options: str) -> dict[str, Any]:
    """What happens on a disk of 16 MB that fills up; see `full`."""
    script = 'mount -t tmpfs -o size=16m none "$1" && shift && exec "$@"'
    program = [sys.executable, "-m", "tests.reliability.full", str(folder), *options]
    copy = 'status=0; "$@" || status=$?; cp -r "$DISK/data" "$KEPT"; exit $status'
    inner = ["sh", "-c", copy, "sh", *program]
    command = [*MOUNT, "sh", "-c", script, "sh", str(folder), *inner]
    env = {**os.environ, "DISK": str(folder), "KEPT": str(folder.with_name(f"{folder.name}-kept"))}
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=env, check=False)
    if "unshare" in done.stderr or "mount:" in done.stderr:
        if os.environ.get("CI") == "true":
            pytest.fail(done.stderr)
        pytest.skip(f"no disk of its own can be mounted here: {done.stderr.splitlines()[0]}")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_small_disk_fills_up(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    found = _on_small_disk(disk)
    laid = found["statuses"].count(200)
    note("small disk", laid_down=laid, refused=len(found["statuses"]) - laid)
    assert 0 < laid < len(found["statuses"])
    assert set(found["statuses"]) == {200, 503}
    assert found["receipts"] == laid
    assert found["pages"] == [200] * len(found["pages"])
    assert (found["held"], found["expired"], found["state"]) == (True, True, "EXPIRED")
    assert found["again"] == 200
    kept = tmp_path / "disk-kept"
    assert audit_file(kept / "room.sqlite3", kept / "keys").problems == ()


def test_deadline_is_late_without_the_reserve(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    found = _on_small_disk(disk, "--without-reserve")
    assert (found["held"], found["expired"], found["state"]) == (False, "OperationalError", "OPEN")
