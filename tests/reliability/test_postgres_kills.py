"""A PostgreSQL all of whose processes are killed under load: nothing told is lost or doubled.

That a PostgreSQL is refused which may forget by its settings is tested in room/test_postgresql.py.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from tests.reliability.audit import Query, audit_database
from tests.reliability.crowd import Server, crowd
from tests.reliability.figures import note, percentile
from tests.reliability.forms import LONG
from tests.reliability.seeding import seed
from tests.reliability.test_kill_under_load import Fate, seconds
from tests.reliability.told import wrong
from tests.room.postgres import Cluster, cluster

CLIENTS, KILLS = (50, 50) if LONG else (10, 2)


def kill(running: Cluster) -> None:
    """Kill the postmaster and all its processes."""
    noted = running.folder / "data" / "postmaster.pid"
    lines = noted.read_text().split("\n")
    first = int(lines[0])
    # stopped first, so that it starts nothing anew and tells nobody to end in good order
    os.kill(first, signal.SIGSTOP)
    all_of_them = [*_children(first), first]
    for pid in all_of_them:
        os.kill(pid, signal.SIGKILL)
    while any(_lives(pid) for pid in all_of_them):
        time.sleep(0.01)
    if Path(f"/proc/{first}").exists():
        # in a container nobody may bury the dead, and PostgreSQL would take it for alive
        subprocess.run(["ipcrm", "-m", lines[6].split()[1]], check=True)
        for left in (noted, *running.folder.glob(".s.PGSQL.*.lock")):
            left.unlink()


def _children(of: int) -> list[int]:
    listed = Path(f"/proc/{of}/task/{of}/children")
    return [int(pid) for pid in listed.read_text().split()] if listed.exists() else []


def _lives(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    try:
        return status.read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@contextmanager
def _asked(running: Cluster) -> Iterator[Query]:
    with psycopg.connect(running.address) as connection:

        def query(sql: str) -> list[tuple[Any, ...]]:
            return connection.execute(sql.encode()).fetchall()

        yield query


def killed(
    folder: Path, running: Cluster, clients: int, kills: int, module: str = "parley"
) -> Fate:
    """Let clients write while the cluster is killed again and again; the server goes on."""
    data, chance, starts = folder / "data", random.Random(4), []
    where = {"PARLEY_ROOM_DATABASE": running.address}
    people = seed(data, clients, 10, **where)
    server = Server(data, module, environment=where)
    server.start()
    with crowd(folder, server.port, people) as clients_:
        try:
            for _ in range(kills):
                clients_.wait_for_more(server)
                time.sleep(chance.uniform(0.2, 1.0))
                kill(running)
                starts.append(time.monotonic())
                running.start()
            clients_.wait_for_more(server)
            heard = clients_.stop()
        finally:
            server.kill()
        told = clients_.acknowledged()
    with _asked(running) as query:
        found = audit_database(query, data / "keys")
        return Fate(told, starts, heard, list(wrong(query, data / "keys", found, told)))


def test_cluster_killed_under_load(tmp_path: Path) -> None:
    with cluster() as running:
        fate = killed(tmp_path, running, CLIENTS, KILLS)
    assert not fate.wrong, fate.wrong[:5]
    assert not fate.heard["errors"], fate.heard["errors"][:5]
    acknowledged = sum("receipt" in one for one in fate.told)
    assert acknowledged > KILLS
    took = seconds(fate)
    note(
        "PostgreSQL killed under load",
        clients=CLIENTS,
        kills=KILLS,
        acknowledged=acknowledged,
        unable=fate.heard["busy"],
        recovery_median=percentile(took, 0.5),
        recovery_longest=max(took),
    )


def test_a_commit_that_does_not_wait_is_found(tmp_path: Path) -> None:
    with cluster("wal_writer_delay=10000ms") as running:
        fate = killed(tmp_path, running, 4, 1, "tests.reliability.forgetful")
    assert any("acknowledged that is not there" in problem for problem in fate.wrong)
