"""A PostgreSQL of its own for a test: a cluster in a temporary folder, stopped at the end."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.parts import missing
from tests.room.world_accounts import free_port

USER = "postgres"


@dataclass(frozen=True)
class Cluster:
    """A cluster that runs: its folder, its programs and its port."""

    folder: Path
    programs: Path
    port: int

    @property
    def address(self) -> str:
        """What `database` in room.toml is set to."""
        return f"postgresql://{USER}@127.0.0.1:{self.port}/room"

    def start(self, *settings: str) -> None:
        """Start it, with settings such as `fsync=off`."""
        chosen = [f"port={self.port}", f"unix_socket_directories={self.folder}", *settings]
        options = " ".join(f"-c {setting}" for setting in chosen)
        log = str(self.folder / "log")
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-o", options, "-l", log, "-w", "start")

    def stop(self, mode: str = "fast") -> None:
        """Stop it."""
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-m", mode, "-w", "stop")

    def run(self, program: str, *args: str) -> None:
        """Run one of its programs, as a user that PostgreSQL allows."""
        command = [str(self.programs / program), *args]
        if os.geteuid() == 0:
            command = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--init-groups", *command]
        # its server keeps the output open, so nobody may wait for its end
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/", timeout=60)


@contextmanager
def cluster(*settings: str) -> Iterator[Cluster]:
    """A cluster with an empty database `room`; without PostgreSQL the test is skipped."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        missing("PostgreSQL is not installed")
    folder = Path(tempfile.mkdtemp(prefix="parley-postgresql-"))
    if os.geteuid() == 0:
        shutil.chown(folder, USER, USER)
    made = Cluster(folder, found[-1].parent, free_port())
    try:
        made.run("initdb", "-D", str(folder / "data"), "-A", "trust", "-U", USER, "--no-sync")
        made.start(*settings)
        try:
            made.run("createdb", "-h", "127.0.0.1", "-p", str(made.port), "-U", USER, "room")
            yield made
        finally:
            made.stop("immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
