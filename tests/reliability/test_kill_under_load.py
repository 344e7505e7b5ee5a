"""A server that is killed again and again under load: nothing told is lost, nothing doubled."""

from __future__ import annotations

import random
import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.reliability.audit import audit_file
from tests.reliability.crowd import Crowd, Server, crowd
from tests.reliability.figures import note, percentile
from tests.reliability.forms import LONG
from tests.reliability.seeding import seed
from tests.reliability.told import wrong

CLIENTS, KILLS, WANTED = (200, 200, 20_000) if LONG else (20, 4, 1)
SOON = 2.0 if LONG else 600.0
"""Seconds from a start to the first text that is acknowledged; the median has to be below it."""
GRACE = (0.1, 2.5) if LONG else (0.1, 0.6)
"""Seconds between the first text after a start and the next kill."""


@dataclass(frozen=True)
class Fate:
    """What became of a server that was killed under load."""

    told: list[dict[str, Any]]
    starts: list[float]
    heard: dict[str, Any]
    wrong: list[str]


def killed(folder: Path, clients: int, kills: int, wanted: int, module: str = "parley") -> Fate:
    """Let clients write while the server is killed again and again."""
    data, chance = folder / "data", random.Random(3)
    starts: list[float] = []
    people = seed(data, clients, 10)
    server = Server(data, module)
    with crowd(folder, server.port, people) as clients_:
        try:
            while len(starts) < kills or clients_.count() < wanted:
                starts.append(time.monotonic())
                server.start()
                clients_.wait_for_more(server)
                time.sleep(chance.uniform(*GRACE))
                server.kill()
            heard = _last(server, clients_)
        finally:
            server.kill()
        told = clients_.acknowledged()
    return Fate(told, starts, heard, _wrong(data, told))


def _last(server: Server, clients: Crowd) -> dict[str, Any]:
    """The last start, after which what is on its way comes to its end."""
    server.start()
    clients.wait_for_more(server)
    return clients.stop()


def _wrong(data: Path, told: list[dict[str, Any]]) -> list[str]:
    found = audit_file(data / "room.sqlite3", data / "keys")
    database = sqlite3.connect(data / "room.sqlite3")
    try:
        return list(wrong(lambda sql: database.execute(sql).fetchall(), data / "keys", found, told))
    finally:
        database.close()


def seconds(fate: Fate) -> list[float]:
    """From each start to the first text that was acknowledged after it."""
    moments = sorted(one["at"] for one in fate.told)
    return [next(at for at in moments if at > start) - start for start in fate.starts]


def test_killed_under_load(tmp_path: Path) -> None:
    begin = time.monotonic()
    fate = killed(tmp_path, CLIENTS, KILLS, WANTED)
    assert not fate.wrong, fate.wrong[:5]
    assert not fate.heard["errors"], fate.heard["errors"][:5]
    acknowledged = sum("receipt" in one for one in fate.told)
    assert acknowledged >= WANTED
    assert fate.heard["broken"] > len(fate.starts)
    took = seconds(fate)
    note(
        "kill under load",
        clients=CLIENTS,
        kills=len(fate.starts),
        acknowledged=acknowledged,
        seconds=time.monotonic() - begin,
        start_median=percentile(took, 0.5),
        start_95=percentile(took, 0.95),
        start_longest=max(took),
    )
    assert percentile(took, 0.5) < SOON, took


def test_answer_before_the_commit_is_found(tmp_path: Path) -> None:
    fate = killed(tmp_path, 10, 2, 1, "tests.reliability.early")
    assert any("acknowledged that is not there" in problem for problem in fate.wrong)
