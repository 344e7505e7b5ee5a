"""Many people in a room at once, for a while: no errors, quick answers, and no growing memory.

Everybody looks at a page or writes something every two seconds or so; in the long form every eight,
so that 200 people ask 25 times a second. How much more the server can do is measured by clients
that never wait.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.reliability.audit import audit_file
from tests.reliability.crowd import Crowd, Server, crowd
from tests.reliability.figures import note, percentile
from tests.reliability.forms import LONG
from tests.reliability.seeding import seed

CLIENTS, WARM_UP, SECONDS, THINK = (200, 60.0, 600.0, 8.0) if LONG else (20, 2.0, 6.0, 2.0)
SATURATED = 60.0 if LONG else 3.0
SLOWEST = 2.0 if LONG else 60.0
"""Seconds within which 99 of 100 answers come; other tests may run beside the short form."""
GROWTH = 0.10 if LONG else 1.0
"""By how much memory may grow after the warm-up; at first every page is made for the first time."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server that is not started yet."""
    made = Server(tmp_path / "data")
    yield made
    made.kill()


def visited(
    clients: Crowd, server: Server, seconds: float, warm_up: float
) -> tuple[dict[str, Any], float]:
    """Let clients act for a while: what they heard, and by how much the server's memory grew."""
    clients.wait_for_more(server)
    time.sleep(warm_up)
    before = server.memory()
    time.sleep(seconds - warm_up)
    after = server.memory()
    heard = clients.stop()
    note("memory", start=before, end=after)
    return heard, after / before - 1


def _note(what: str, heard: dict[str, Any], seconds: float, **more: object) -> float:
    """Write down how long answers took; of 99 in 100 of all."""
    by_page: dict[str, list[float]] = defaultdict(list)
    for page, took in heard["times"]:
        by_page[page].append(took)
    everything = [took for _, took in heard["times"]]
    for page, times in {**by_page, "all": everything}.items():
        parts = {f"p{share}": percentile(times, share / 100) for share in (50, 95, 99)}
        note(what, page=page, answers=len(times), rate=len(times) / seconds, **parts, **more)
    return percentile(everything, 0.99)


def test_everybody_is_there(server: Server, tmp_path: Path) -> None:
    people = seed(server.data, CLIENTS, 10)
    server.start()
    server.wait()
    with crowd(tmp_path, server.port, people, "visit", THINK) as clients:
        heard, growth = visited(clients, server, SECONDS, WARM_UP)
        acknowledged = clients.acknowledged()
    slowest = _note("load", heard, SECONDS, clients=CLIENTS, think=THINK, growth=growth)
    assert (heard["errors"], heard["busy"], heard["broken"]) == ([], 0, 0)
    assert len(heard["times"]) > 0.5 * CLIENTS * SECONDS / THINK
    assert {page for page, _ in heard["times"]} >= {"room", "round", "channel", "log", "message"}
    assert any("receipt" in one for one in acknowledged)
    assert slowest < SLOWEST
    assert growth < GROWTH
    assert server.log.read_text() == ""
    server.kill()
    assert audit_file(server.data / "room.sqlite3", server.data / "keys").problems == ()


def test_nobody_waits(server: Server, tmp_path: Path) -> None:
    """Saturated, it is slower, and nothing fails."""
    people = seed(server.data, 20, 10)
    server.start()
    server.wait()
    for what in ("visit", "deposit"):
        folder = tmp_path / what
        folder.mkdir()
        with crowd(folder, server.port, people, what) as clients:
            clients.wait_for_more(server)
            time.sleep(SATURATED)
            heard = clients.stop()
        assert (heard["errors"], heard["busy"], heard["broken"]) == ([], 0, 0)
        _note(f"saturated by {what}", heard, SATURATED, clients=20)
    assert server.log.read_text() == ""
