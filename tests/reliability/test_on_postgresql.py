"""What is tested with SQLite about keys that come twice and clocks that are wrong, once more."""

from __future__ import annotations

import subprocess
import sys

from tests.reliability.order import ROOT
from tests.room.postgres import cluster
from tests.room.world_accounts import clean_environment

TESTS = ("test_same_key.py", "test_clock.py")


def test_on_postgresql() -> None:
    files = [f"tests/reliability/{name}" for name in TESTS]
    with cluster("max_connections=150") as running:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *files],
            cwd=ROOT,
            env={**clean_environment(), "PARLEY_ROOM_DATABASE": running.address},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stdout[-3000:]
