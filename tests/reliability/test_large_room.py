"""A room with 10,000 documents and 100,000 entries: its pages, its check, its bundle."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.reliability.figures import note
from tests.reliability.forms import LONG
from tests.reliability.order import ROOT
from tests.room.world_accounts import clean_environment, parley

DOCUMENTS, READERS, ROUNDS, TEXTS = (10_000, 9, 30, 1_000) if LONG else (300, 9, 5, 30)
SOON = 0.1 if LONG else 60.0
"""Seconds for a page; other tests may run beside the short form."""
LONGEST = 30.0


@cache
def room(folder: Path) -> dict[str, Any]:
    """What was measured in a large room, in a process of its own."""
    sizes = [DOCUMENTS, READERS, ROUNDS, TEXTS]
    command = [sys.executable, "-m", "tests.reliability.large"]
    done = subprocess.run(
        [*command, *map(str, [folder / "data", folder / "bundle.zip", *sizes])],
        cwd=ROOT,
        env=clean_environment(),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    assert found["entries"] > DOCUMENTS * (1 + READERS)
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("large")


def test_pages_come_soon(folder: Path) -> None:
    pages = room(folder)["pages"]
    for name, (took, size) in pages.items():
        note("large room", page=name, seconds=took, bytes=size)
    assert len(pages) > 15
    late = {name: took for name, (took, _) in pages.items() if took > SOON}
    assert not late


def test_no_page_grows_with_the_room(folder: Path) -> None:
    """A page that shows everything is a hundred times as long as this."""
    long = {name: size for name, (_, size) in room(folder)["pages"].items() if size > 300_000}
    assert not long


def test_check_and_bundle(folder: Path) -> None:
    found = room(folder)
    assert found["wrong"] == []
    begin = time.monotonic()
    verified = parley("verify", "--bundle", str(folder / "bundle.zip"), "--json")
    took = time.monotonic() - begin
    assert verified.returncode == 0, verified.stdout + verified.stderr
    parts = {"verify": took} | {
        name: seconds for name, seconds in found.items() if "bundle" in name or name == "check"
    }
    for name, seconds in parts.items():
        note("large room", part=name, seconds=seconds)
    assert max(parts.values()) < LONGEST, parts
