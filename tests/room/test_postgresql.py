"""A room on PostgreSQL: it serves there too, and not on one that forgets when the power fails."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.room.postgres import Cluster, cluster
from tests.room.world_accounts import free_port, parley, served


@pytest.fixture(scope="module")
def running() -> Iterator[Cluster]:
    with cluster() as made:
        yield made


def test_one_setting_puts_the_room_there(running: Cluster, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "room.toml").write_text(f'database = "{running.address}"\n')
    with served(data) as server:
        with urllib.request.urlopen(server.address + "/account/login/", timeout=10) as answer:
            assert answer.status == 200
        assert len(server.links) == 2
    assert not (data / "room.sqlite3").exists()
    with served(data, "--server", "gunicorn") as again:
        assert len(again.links) == 2


@pytest.mark.parametrize("promise", ["fsync", "full_page_writes", "synchronous_commit"])
def test_one_that_forgets_is_refused(running: Cluster, tmp_path: Path, promise: str) -> None:
    running.stop()
    running.start(f"{promise}=off")
    done = parley("room", "serve", str(tmp_path / "data"), PARLEY_ROOM_DATABASE=running.address)
    assert done.returncode == 2
    assert f"PostgreSQL has {promise} = off" in done.stderr
    assert "Traceback" not in done.stderr
    running.stop()
    running.start()


def test_one_that_does_not_answer_is_told(tmp_path: Path) -> None:
    address = f"postgresql://postgres@127.0.0.1:{free_port()}/room"
    done = parley("room", "serve", str(tmp_path / "data"), PARLEY_ROOM_DATABASE=address)
    assert done.returncode == 2
    assert "The database does not answer" in done.stderr
    assert "Traceback" not in done.stderr
