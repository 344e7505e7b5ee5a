"""A server in a process of its own, as whoever runs it starts it, and people who get in."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.room.world import PASSWORD, code_of

LINK = re.compile(r"https?://\S+/join/\S+/")


@dataclass(frozen=True)
class Served:
    """A server that runs: where, its process, what it has printed, the links of a first run."""

    address: str
    process: subprocess.Popen[str]
    printed: str

    @property
    def links(self) -> list[str]:
        """The links that it printed: of the mediator, of the operator."""
        return LINK.findall(self.printed)


def free_port() -> int:
    """A port where nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def parley(*args: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A command of Parley in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "parley", *args],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=clean_environment() | environment,
    )


def clean_environment() -> dict[str, str]:
    """This process's environment without the data folder that it serves itself."""
    return {key: value for key, value in os.environ.items() if not key.startswith("PARLEY_ROOM")}


@contextmanager
def served(data: Path, *options: str, port: int | None = None, **env: str) -> Iterator[Served]:
    """A server on a data folder, from the moment that it answers until the end of the block."""
    at = port or free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "parley", "room", "serve", str(data), "--port", str(at), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=clean_environment() | env | {"PYTHONUNBUFFERED": "1"},
    )
    try:
        yield Served(f"http://localhost:{at}", process, _printed(process, at))
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=30)
        assert process.stdout is not None
        process.stdout.close()


def _printed(process: subprocess.Popen[str], port: int) -> str:
    """What it prints until it answers."""
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith("Stop it"):
            break
    while process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
    return "".join(lines)


def join(page: Any, link: str, name: str) -> None:
    """Open an invitation in a browser and make the account, up to the second step."""
    page.goto(link)
    page.get_by_role("button", name="Open the invitation").click()
    page.get_by_label("Login name").fill(name)
    page.get_by_label("Name that others see").fill(name.capitalize())
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password again").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("heading", name="Set a second step").wait_for()


def set_up_app(page: Any) -> str:
    """Set up an app as second step; its secret."""
    page.get_by_role("link", name="Set up an app").click()
    secret: str = page.locator("code.key").inner_text().replace(" ", "")
    page.locator("input[name=code]").fill(code_of(secret))
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("heading", name="Recovery codes").wait_for()
    return secret


def sign_in(page: Any, address: str, name: str) -> None:
    """Give name and password on the login page."""
    page.goto(f"{address}/account/login/")
    page.get_by_label("Login name").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
