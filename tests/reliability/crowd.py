"""A server that can be killed, and many clients of it: what the tests under load begin with."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.reliability.order import ROOT
from tests.room.world_accounts import clean_environment, free_port

PATIENCE = 60.0


@dataclass
class Server:
    """`parley room serve`, or the same with a defect, in a process of its own.

    Parameters
    ----------
    module
        What is run in place of `parley`.
    """

    data: Path
    module: str = "parley"
    options: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, in a group of processes of its own; it may take a while until it answers."""
        command = [sys.executable, "-m", self.module, "room", "serve", str(self.data)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--port", str(self.port), *self.options],
                cwd=ROOT,
                env=clean_environment() | self.environment,
                stdout=subprocess.DEVNULL,
                stderr=log,
                process_group=0,
            )

    @property
    def log(self) -> Path:
        """What it writes to its error stream."""
        return self.data.with_name("server.log")

    def wait(self) -> None:
        """Wait until it listens."""
        end = time.monotonic() + PATIENCE
        while True:
            self.refuse_ended()
            assert time.monotonic() < end, "it does not listen"
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)

    def refuse_ended(self) -> None:
        """Fail if it has ended by itself."""
        assert self.process is not None
        assert self.process.poll() is None, f"the server has ended: {self.log.read_text()[-500:]}"

    def kill(self) -> None:
        """Kill it and all its processes at once."""
        if self.process is None:
            return
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def memory(self) -> int:
        """How many bytes of memory it holds."""
        assert self.process is not None
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) * 1024


@dataclass(frozen=True)
class Crowd:
    """Clients that act."""

    file: Path
    process: subprocess.Popen[str]

    def acknowledged(self) -> list[dict[str, Any]]:
        """What was acknowledged so far."""
        lines = self.file.read_text().split("\n")[:-1]
        return [json.loads(line) for line in lines]

    def count(self) -> int:
        """How many lines there are of what was acknowledged."""
        return self.file.read_bytes().count(b"\n")

    def wait_for_more(self, server: Server) -> None:
        """Wait until something more is acknowledged than now."""
        before, end = self.count(), time.monotonic() + PATIENCE
        while self.count() == before:
            server.refuse_ended()
            assert time.monotonic() < end, f"nothing was acknowledged for {PATIENCE} s"
            time.sleep(0.02)

    def stop(self) -> dict[str, Any]:
        """Let them come to an end; what else they were answered."""
        out, _ = self.process.communicate("")
        summary: dict[str, Any] = json.loads(out)
        return summary


@contextmanager
def crowd(
    folder: Path, port: int, people: list[dict[str, Any]], act: str = "deposit", think: float = 0.0
) -> Iterator[Crowd]:
    """Clients that act until the end of the block."""
    file, plan = folder / "acknowledged", folder / "plan"
    file.touch()
    plan.write_text(
        json.dumps({"port": port, "file": str(file), "people": people, "act": act, "think": think})
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.reliability.clients", str(plan)],
        cwd=ROOT,
        env=clean_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Crowd(file, process)
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()
