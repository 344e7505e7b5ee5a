"""One command serves a room: what it makes, what it prints, how it stops and what it refuses."""

from __future__ import annotations

import http.client
import shutil
import signal
import socket
import sqlite3
import stat
import time
import urllib.request
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit

import pytest

from tests.room.world_accounts import LINK, Served, free_port, parley, served


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that has been prepared."""
    data = tmp_path_factory.mktemp("served") / "data"
    done = parley("room", "invite", str(data), "--operator")
    assert done.returncode == 0, done.stderr
    assert LINK.fullmatch(done.stdout.strip())
    return data


def fetch(server: Served, path: str) -> tuple[int, str]:
    """Status and text of a page."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    with opener.open(server.address + path, timeout=10) as answer:
        return answer.status, answer.read().decode()


def test_a_first_run_makes_the_folder_and_prints_two_links_that_work(tmp_path: Path) -> None:
    data = tmp_path / "new" / "data"
    with served(data) as server:
        assert f"Parley serves {data} at {server.address}" in server.printed
        assert len(server.links) == 2
        for link in server.links:
            assert "Open the invitation" in fetch(server, urlsplit(link).path)[1]
    assert server.process.returncode == 0
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    for path in data.rglob("*"):
        assert not stat.S_IMODE(path.stat().st_mode) & 0o077, path


def test_while_nobody_has_an_account_each_start_makes_new_links(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with served(data) as first:
        pass
    with served(data) as second:
        assert not set(first.links) & set(second.links)
        with pytest.raises(HTTPError, match="404"):
            fetch(second, urlsplit(first.links[0]).path)
    with sqlite3.connect(data / "room.sqlite3") as database:
        assert database.execute("SELECT count(*) FROM room_room").fetchone() == (1,)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_cleanly_and_starts_again_soon(folder: Path, how: signal.Signals) -> None:
    with served(folder) as server:
        server.process.send_signal(how)
        assert server.process.wait(timeout=10) == 0
        assert server.process.stdout is not None
        assert "Traceback" not in server.process.stdout.read()
    before = time.monotonic()
    with served(folder) as server:
        assert fetch(server, "/account/login/")[0] == 200
        assert time.monotonic() - before < 10


def test_gunicorn_serves_the_same(folder: Path) -> None:
    with served(folder, "--server", "gunicorn") as server:
        assert "Sign in" in fetch(server, "/account/login/")[1]


def test_an_address_in_use_is_told(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = parley("room", "serve", str(folder), "--port", str(port))
    assert done.returncode == 2
    assert f"Something else listens at 127.0.0.1:{port}." in done.stderr
    assert "Traceback" not in done.stderr


def test_who_starts_it_twice_ends_no_link_of_the_first(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with served(data) as server:
        done = parley("room", "serve", str(data), "--port", str(urlsplit(server.address).port))
        assert done.returncode == 2
        assert "Something else listens" in done.stderr
        assert done.stdout == ""
        for link in server.links:
            assert fetch(server, urlsplit(link).path)[0] == 200


def test_a_place_that_cannot_be_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file", tmp_path / "file" / "below"):
        done = parley("room", "serve", str(place))
        assert done.returncode == 2
        assert "The folder cannot be made or entered" in done.stderr


def test_a_folder_of_a_newer_parley_is_refused(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "newer")
    with sqlite3.connect(tmp_path / "newer" / "room.sqlite3") as database:
        database.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('room', '9999_far', '2030')"
        )
    done = parley("room", "serve", str(tmp_path / "newer"))
    assert done.returncode == 2
    assert "of a newer Parley" in done.stderr


def test_a_database_that_is_none_is_told(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "broken")
    (tmp_path / "broken" / "room.sqlite3").write_bytes(b"nothing of a database" * 100)
    done = parley("room", "serve", str(tmp_path / "broken"))
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_write_ahead_logging_is_refused_at_the_start(folder: Path, tmp_path: Path) -> None:
    if sqlite3.sqlite_version_info >= (3, 51, 3):
        pytest.skip("this SQLite is free of the bug")
    shutil.copytree(folder, tmp_path / "wal")
    (tmp_path / "wal" / "room.toml").write_text('journal = "wal"\n')
    done = parley("room", "serve", str(tmp_path / "wal"))
    assert done.returncode == 2
    assert "can lose what was committed" in done.stderr


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ((), "It is not clear for whom"),
        (("--operator", "--reset", "x"), "It is not clear for whom"),
        (("--reset", "nobody"), "There is no account `nobody`"),
        (("--room", "nowhere", "--role", "mediator"), "There is no room `nowhere`"),
    ],
)
def test_an_invitation_for_nobody_is_refused(
    folder: Path, options: tuple[str, ...], told: str
) -> None:
    done = parley("room", "invite", str(folder), *options)
    assert done.returncode == 2
    assert told in done.stderr


def test_a_room_is_named_by_its_id(tmp_path: Path) -> None:
    with served(tmp_path / "data"):
        pass
    told = parley("room", "invite", str(tmp_path / "data"), "--room", "x", "--role", "witness")
    room = told.stderr.split("There are: ")[1].split(" ")[0]
    for role, well in (
        ("witness", True),
        ("mediator", True),
        ("king", False),
        ("delegation", False),
    ):
        done = parley("room", "invite", str(tmp_path / "data"), "--room", room, "--role", role)
        assert (done.returncode == 0) is well, done.stderr
        assert bool(LINK.fullmatch(done.stdout.strip())) is well


def test_too_long_a_body_and_a_foreign_host_are_refused_by_the_server(folder: Path) -> None:
    with served(folder) as server:
        place = urlsplit(server.address).netloc
        for headers, body, expected in (
            ({"Content-Length": str(17 * 1024 * 1024)}, None, 413),
            ({"Host": "elsewhere.example"}, None, 400),
        ):
            asked = http.client.HTTPConnection(place, timeout=10)
            asked.putrequest("POST", "/language/", skip_host="Host" in headers)
            for name, value in headers.items():
                asked.putheader(name, value)
            asked.endheaders(body)
            answer = asked.getresponse()
            assert answer.status == expected
            assert "Server" not in answer.headers
            asked.close()
        assert fetch(server, "/account/login/")[0] == 200


def test_behind_a_proxy_cookies_are_for_https_alone(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "room.toml").write_text('hosts = ["talks.example"]\nhttps = true\nproxies = 1\n')
    with served(data) as server:
        assert all(link.startswith("https://talks.example/join/") for link in server.links)
        place = urlsplit(server.address).netloc
        plain, secure = (
            answer_to(place, {"Host": "talks.example"} | more)
            for more in ({}, {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1"})
        )
    assert plain.status == 301
    assert plain.headers["Location"] == "https://talks.example/account/login/"
    assert secure.status == 200
    assert "max-age=31536000" in secure.headers["Strict-Transport-Security"]
    assert secure.headers["Set-Cookie"].lstrip().startswith("__Host-csrf=")
    assert "Secure" in secure.headers["Set-Cookie"]


def answer_to(place: str, headers: dict[str, str]) -> http.client.HTTPResponse:
    """The answer that a proxy with these headers gets."""
    asked = http.client.HTTPConnection(place, timeout=10)
    asked.request("GET", "/account/login/", headers=headers)
    answer = asked.getresponse()
    answer.read()
    asked.close()
    return answer


def test_the_port_is_an_option(folder: Path) -> None:
    port = free_port()
    with served(folder, port=port) as server:
        assert server.address == f"http://localhost:{port}"
        assert f":{port}" in server.printed
