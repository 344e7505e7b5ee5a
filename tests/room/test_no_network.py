"""Nothing leaves the room: neither the server nor a browser in it asks anything of anybody else.

Python tells of every connection and every question for a name, also of those made by libraries; so
everything that can be done is done, and nothing must be told. The same is done once more where
there is no network at all.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.http import HttpRequest, HttpResponse

from tests.room import oracle
from tests.room.carried import ORIGIN, carried, chromium_here
from tests.room.population import Population
from tests.room.visit import instead
from tests.room.walk import Walker, peopled

TOLD = {
    "socket.connect",
    "socket.sendto",
    "socket.sendmsg",
    "socket.getaddrinfo",
    "socket.gethostbyname",
    "socket.gethostbyaddr",
    "socket.bind",
    "urllib.Request",
    "smtplib.connect",
}
ADDRESSES = (
    "http://169.254.169.254/latest/meta-data/",
    "http://localhost:8100/operator/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:25/_HELO",
    "//evil.example/x.docx",
)
_watching: list[list[str]] = []


def _note(event: str, given: tuple[object, ...]) -> None:
    if _watching and event in TOLD:
        _watching[-1].append(f"{event} {given[1:]!r}")


@pytest.fixture(scope="module", autouse=True)
def _told_by_python() -> None:
    # a hook stays for as long as the process; it does nothing but where somebody watches
    sys.addaudithook(_note)


@contextmanager
def watched() -> Iterator[list[str]]:
    """What is asked of the network meanwhile."""
    found: list[str] = []
    _watching.append(found)
    try:
        yield found
    finally:
        _watching.pop()


@pytest.fixture(scope="module")
def population() -> Iterator[Population]:
    with peopled() as found:
        yield found


def _everything(population: Population, name: str, *urls: str) -> int:
    """Whatever somebody may do or look at is done once; how much that was."""
    walker, done = Walker(population, name), set()
    for target in oracle.targets(population):
        for method in ("GET", "POST"):
            row = oracle.row_of(target.url, method, target.thing.label)
            kind = (target.url, method, row)
            if row is None or kind in done or (urls and target.url not in urls):
                continue
            words = row.does or row.allowed
            if name in oracle.people(population, words, target.place, target.thing):
                done.add(kind)
                walker.ask(method, target)
    return len(done)


@pytest.mark.parametrize("name", ["A1", "mediator", "witness", "operator"])
def test_the_server_asks_nothing_of_anybody(population: Population, name: str) -> None:
    with watched() as asked:
        assert _everything(population, name) > 30
    assert asked == []


def test_an_address_that_somebody_writes_is_not_followed(population: Population) -> None:
    place = population.here
    room = f"/r/{place.room.id}"
    plenary = place.thing("channel", "plenary").id
    walker = Walker(population, "mediator")
    with watched() as asked:
        for k, one in enumerate(ADDRESSES):
            sent = {"words": one, "key": f"key-of-address-{k}"}
            assert walker.request("POST", f"{room}/c/{plenary}/send/", data=sent).status == 302
            for path in ("/account/login/", f"{room}/log/", f"{room}/people/"):
                walker.request("GET", path, query={"next": one, "url": one, "log": one})
            walker.request("GET", "/", headers={"referer": one, "x-forwarded-for": "1.2.3.4"})
    assert asked == []


def test_a_view_that_asks_somebody_is_caught(population: Population) -> None:
    def people(request: HttpRequest, room: str) -> HttpResponse:
        with suppress(OSError):
            urllib.request.urlopen("http://127.0.0.1:9/", timeout=1)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
            one.sendto(b"x", ("127.0.0.1", 9))
        return HttpResponse("")

    with instead(people=people), watched() as asked:
        assert _everything(population, "A1", "people") == 1
    assert any("socket.connect" in one for one in asked)
    assert any("socket.sendto" in one for one in asked)


FLOWS = (
    "tests/room/test_flow_simple.py::test_from_the_charter_to_the_texts",
    "tests/room/test_flow_sealed.py::test_from_the_charter_to_the_texts_without_a_key_on_the_server",
    "tests/room/test_pages_work.py::test_those_at_the_table_compare_open_texts",
)


def test_everything_works_where_there_is_no_network() -> None:
    """In a network of its own, in which there is not even this computer."""
    unshare = shutil.which("unshare")
    alone = [str(unshare), "--user", "--map-root-user", "--net"]
    if unshare is None or subprocess.run([*alone, "true"], check=False).returncode != 0:
        pytest.skip("no network of its own can be made here")
    probe = "import socket; socket.create_connection(('127.0.0.1', 9), 1)"
    there = subprocess.run(
        [*alone, sys.executable, "-c", probe], capture_output=True, text=True, check=False
    )
    assert "Network is unreachable" in there.stderr
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PARLEY_ROOM", "PYTEST"))}
    command = [*alone, sys.executable, "-m", "pytest", "-q", "-n0", *FLOWS]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
        env=clean,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout[-2000:]


PAGES = ("", "people/", "keys/", "log/", "rounds/new/", "texts/", "case/", "readings/")


@pytest.mark.browser
def test_a_browser_in_the_room_asks_for_nothing_else(population: Population) -> None:
    place = population.here
    with chromium_here() as browser, carried(browser, population.client("mediator")) as seat:
        for path in PAGES:
            seat.go(f"/r/{place.room.id}/{path}")
        for label in ("armed-sealed", "open-sealed", "released-sealed", "draft-sealed"):
            round_ = place.thing("round", label).id
            for path in ("", "agree/", "opening/", "opened/"):
                seat.go(f"/r/{place.room.id}/rounds/{round_}/{path}")
        assert seat.strange == []
        assert len(seat.asked) > 40
        assert {"{0.scheme}://{0.netloc}".format(urlsplit(one)) for one in seat.asked} == {ORIGIN}


@pytest.mark.browser
def test_a_page_that_asks_somebody_else_is_caught(population: Population) -> None:
    def people(request: HttpRequest, room: str) -> HttpResponse:
        answer = HttpResponse("<title>x</title><img src='https://evil.example/x.png'>")
        answer["Content-Security-Policy"] = "img-src *"
        return answer

    with (
        instead(people=people),
        chromium_here() as browser,
        carried(browser, population.client("A1")) as seat,
    ):
        seat.go(f"/r/{population.here.room.id}/people/")
    assert seat.strange == ["asked for https://evil.example/x.png"]
