"""Nothing is done that nobody meant to do: forms from elsewhere, mere looking, stale sessions."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from unittest import mock

import pytest
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from parley.room import clock, people
from parley.room.models import Member, Room
from tests.room import oracle, world
from tests.room.oracle import Target
from tests.room.population import Population
from tests.room.visit import instead, wrong_with
from tests.room.walk import Walker, mask, peopled

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
MIGHTY = ("A1", "mediator", "witness", "operator")
"""Between them they may send every form."""


@pytest.fixture(scope="module")
def population() -> Iterator[Population]:
    with peopled() as found:
        yield found


def _forms(population: Population, name: str) -> list[Target]:
    """Of every address one object; if it can be, one that somebody may change something of."""
    best: dict[str, tuple[int, Target]] = {}
    for target in oracle.targets(population):
        row = oracle.row_of(target.url, "POST", target.thing.label)
        rank = 0
        if row is not None:
            here = (target.place, target.thing)
            rank = sum(name in oracle.people(population, w, *here) for w in (row.allowed, row.does))
        if target.url not in best or rank > best[target.url][0]:
            best[target.url] = (rank, target)
    return [target for _, target in best.values()]


def _without_token(population: Population, name: str) -> list[str]:
    walker = Walker(population, name, csrf=True)
    refusal = (403, *walker.request("POST", "/account/logout/").masked[1:])
    wrong = []
    for target in _forms(population, name):
        for how, more in HOW.items():
            answer = walker.ask("POST", target, more=more)
            if answer.masked != refusal or answer.changed:
                wrong.append(f"{name}: POST {target.url} {how} {answer.status} {answer.changed}")
    return wrong


HOW: dict[str, dict[str, str]] = {
    "without a token": {},
    "with a token that is none": {"csrfmiddlewaretoken": "x" * 64},
    "with the token of another": {"csrfmiddlewaretoken": "a1B2" * 16},
}


@pytest.mark.parametrize("name", [*MIGHTY, "anonymous"])
def test_no_form_is_taken_without_its_token(population: Population, name: str) -> None:
    assert len(_forms(population, name)) > 60
    assert _without_token(population, name) == []


def test_with_its_token_the_same_form_is_taken(population: Population) -> None:
    """Else the refusals above would prove nothing."""
    walker = Walker(population, "A1", csrf=True)
    more = {"csrfmiddlewaretoken": _token(walker)}
    taken = set()
    for target in _forms(population, "A1"):
        if target.url in {"send", "deposit", "paper-erase", "language", "account_logout"}:
            answer = walker.ask("POST", target, more=more)
            assert answer.status in {200, 302}, target.url
            taken.add(target.url)
    assert len(taken) == 5


def _token(walker: Walker) -> str:
    answer = walker.client.get("/account/")
    walker.keep_cookies()
    found = TOKEN.search(answer.content.decode())
    assert found is not None
    return found.group(1)


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({}, 302),
        ({"origin": "http://localhost"}, 302),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://localhost.evil.example"}, 403),
    ],
)
def test_a_form_of_another_site_is_refused_even_with_the_token(
    population: Population, given: dict[str, str], status: int
) -> None:
    walker = Walker(population, "A1", csrf=True)
    token = _token(walker)
    answer = walker.request(
        "POST", "/account/logout/", data={"csrfmiddlewaretoken": token}, headers=given
    )
    assert answer.status == status


def test_a_view_that_takes_any_form_is_caught(population: Population) -> None:
    @csrf_exempt
    def send(request: HttpRequest, room: str, channel: str) -> HttpResponse:
        return HttpResponse("sent")

    with instead(send=send):
        wrong = _without_token(population, "A1")
    assert len(wrong) == len(HOW)
    assert all("POST send" in one for one in wrong)


def test_a_page_that_changes_something_when_it_is_looked_at_is_caught(
    population: Population,
) -> None:
    """That no page of ours does is tested with the roles, address by address."""

    def people(request: HttpRequest, room: str) -> HttpResponse:
        Room.objects.filter(id=room).update(title="looked at")
        return HttpResponse("looked at")

    with instead(people=people):
        told = wrong_with(population, "observer", "people")
    assert "observer: GET people room changes room_room" in told


def test_an_action_hidden_in_a_get_or_an_overriding_header_does_nothing(
    population: Population,
) -> None:
    walker = Walker(population, "mediator")
    member = population.here.thing("member", "B1").id
    room = population.here.room.id
    for given in (
        {},
        {"x-http-method-override": "POST"},
        {"x-http-method": "POST"},
        {"x-method-override": "DELETE"},
    ):
        query = {"member": member, "_method": "POST", "confirmed": "1"}
        answer = walker.request("GET", f"/r/{room}/people/remove/", query=query, headers=given)
        assert answer.status == 200
        assert not answer.changed


# sessions


@pytest.fixture
def _clock_stands() -> Iterator[None]:
    """A code that an app shows is of this half minute, however slow the machine is."""
    with mock.patch("time.time", return_value=time.time()):
        yield


@pytest.mark.usefixtures("_clock_stands")
def test_a_session_that_somebody_else_began_is_not_signed_in() -> None:
    account = world.account("fixated")
    browser = world.client()
    browser.get(f"/join/{people.invite(None)[1]}/")  # now there is a session
    before = browser.cookies["session"].value
    browser.post("/account/login/", {"login": "fixated", "password": world.PASSWORD})
    browser.post("/account/code/", {"code": world.code_for(account)})
    assert browser.get("/account/").status_code == 200
    assert browser.cookies["session"].value != before
    stale = world.client()
    stale.cookies["session"] = before
    assert stale.get("/account/").status_code == 302


@pytest.mark.usefixtures("_clock_stands")
def test_signing_in_brings_a_new_token_for_forms() -> None:
    browser = world.client()
    before = browser.get("/account/login/").cookies["csrf"].value
    account = world.account("renewed")
    browser.post("/account/login/", {"login": "renewed", "password": world.PASSWORD})
    browser.post("/account/code/", {"code": world.code_for(account)})
    assert browser.get("/account/").cookies["csrf"].value != before


def test_a_session_that_was_signed_out_is_dead_on_the_server(population: Population) -> None:
    with world.rolled_back():
        browser = population.client("A1")
        key = browser.cookies["session"].value
        assert browser.post("/account/logout/").status_code == 302
        stale = world.client()
        stale.cookies["session"] = key
        assert stale.get("/account/").status_code == 302


def test_who_was_removed_is_out_of_the_room_with_the_next_request(population: Population) -> None:
    with world.rolled_back():
        browser, place = population.client("A1"), population.here
        address = f"/r/{place.room.id}/"
        assert browser.get(address).status_code == 200
        Member.objects.filter(id=place.thing("member", "A1").id).update(removed=clock.now())
        gone = browser.get(address)
        nowhere = browser.get("/r/aaaaaaaaaaaa/")
        assert gone.status_code == 404
        assert mask(gone.content) == mask(nowhere.content)
        shuttle = place.thing("channel", "shuttle-north").id
        sent = browser.post(f"{address}c/{shuttle}/send/", {"words": "x", "key": "key-key-key"})
        assert sent.status_code == 404


def test_a_session_of_an_account_that_is_gone_is_nobody(population: Population) -> None:
    with world.rolled_back():
        account = world.account("short-lived")
        browser = world.client_for(account)
        assert browser.get("/account/").status_code == 200
        account.delete()
        assert browser.get("/account/").status_code == 302
