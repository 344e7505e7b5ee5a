"""Ids of what belongs to others, wherever an id can stand; fields that a form has not; other hosts.

Every id in an address, a query, a form, a key of a request is exchanged for one of another room,
another side or another person. The answer is that of an id that does not exist, and nothing is
done.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any
from unittest import mock
from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.test import Client
from django.urls import reverse

from parley.exchange.receipts import from_json
from parley.room import people, policy
from parley.room.models import Account, Invitation, Member, Paper, Party, Receipt, Role
from parley.room.people import hashed
from tests.room import oracle, world
from tests.room.bodies import body
from tests.room.oracle import Target
from tests.room.population import TWIN, Place, Population, Thing
from tests.room.visit import instead
from tests.room.walk import Walker, content_of, mask, peopled, tables

MEMBERS = ("A1", "mediator", "witness", f"mediator{TWIN}")


@pytest.fixture(scope="module")
def population() -> Iterator[Population]:
    with peopled() as found:
        yield found


# in the address


def _crossed(population: Population, place: Place, other: Place) -> Iterator[Target]:
    """Addresses in a room that lead to an object of the other room, or of another place in it."""
    for url, parts in oracle.addresses().items():
        objects = [part for part in parts if part not in oracle.FORM]
        if "room" not in objects or len(objects) < 2:
            continue
        *above, leaf = objects
        form = {part: oracle.CONSTANTS[url][0] for part in parts if part in oracle.FORM}
        for thing in _some([*other.of(leaf), *(t for t in place.of(leaf) if t.within)]):
            values = {part: _another(place, part, thing) for part in above}
            if None not in values.values():
                path = reverse(url, kwargs={**values, leaf: thing.id, **form})
                yield Target(url, path, place if thing in place.things else other, thing)


def _another(place: Place, kind: str, thing: Thing) -> str | None:
    """An object of the room that the thing is not in."""
    return next((t.id for t in place.of(kind) if kind == "room" or t.id != thing.within), None)


def _some(things: list[Thing]) -> list[Thing]:
    return things if oracle.LONG else things[:2] + things[-2:]


def _answered(walker: Walker, targets: Iterator[Target]) -> list[str]:
    missing = walker.request("GET", "/no/such/page/").masked
    wrong = []
    for target in targets:
        for method in ("GET", "POST"):
            answer = walker.ask(method, target)
            quiet = answer.status == 302 and target.url in QUIET
            if answer.changed or not (answer.masked == missing or answer.status == 405 or quiet):
                label = f"{target.url} {target.thing.label}"
                wrong.append(f"{walker.name}: {method} {label} {answer.status} {answer.changed}")
    return wrong


QUIET = {"invite-revoke", "single-motion"}
"""Where what is not there is as if it had been done before: nobody learns whether it was."""


@pytest.mark.parametrize("name", MEMBERS)
def test_an_object_of_elsewhere_is_not_found_in_an_address(
    population: Population, name: str
) -> None:
    place, other = population.places if not name.endswith(TWIN) else population.places[::-1]
    targets = list(_crossed(population, place, other))
    assert len(targets) > 60
    assert _answered(Walker(population, name), iter(targets)) == []


def test_a_view_that_looks_at_the_last_id_alone_is_caught(population: Population) -> None:
    def paper(request: HttpRequest, room: str, channel: str, paper: str) -> HttpResponse:
        return HttpResponse(bytes(Paper.objects.get(id=paper).body))

    with instead(paper=paper):
        crossed = _crossed(population, population.here, population.twin)
        wrong = _answered(Walker(population, "A1"), (t for t in crossed if t.url == "paper"))
    assert len(wrong) >= 8


# in queries and forms


def _fields(population: Population) -> dict[str, tuple[str, str, dict[str, Any], list[str]]]:
    """Forms that name an object: who sends it, where, with what else, and ids that are not his."""
    here, twin = population.here, population.twin
    paper = here.thing("paper", "plenary-mediator-document")
    carry = f"/r/{here.room.id}/c/{paper.within}/papers/{paper.id}/carry/"
    room = f"/r/{here.room.id}"
    foreign = [t.id for t in twin.of("channel")] + [here.thing("channel", "heads").id]
    sources = [f"paper-{t.id}" for t in twin.of("paper")]
    sources += [f"paper-{t.id}" for t in here.of("paper") if not t.label.startswith("plenary")]
    sources += [f"round-{t.id}" for t in twin.of("round")]
    sources += [f"round-{here.thing('round', n).id}" for n in ("armed-simple", "released-sealed")]
    parties = [str(party.pk) for party in twin.parties.values()]
    members = [t.id for t in twin.of("member")] + [here.thing("member", "removed").id]
    invited = {"role": "delegation", "label": "x", "days": "7"}
    carried = {"key": "key-of-carry-9", "confirmed": "1", "name": "x"}
    return {
        "carry to": ("mediator", carry, carried | {"to": "?"}, foreign),
        "begin with": ("mediator", f"{room}/texts/", {"title": "x", "source": "?"}, sources),
        "invite to": ("mediator", f"{room}/people/invite/", invited | {"party": "?"}, parties),
        "remove": ("mediator", f"{room}/people/remove/", {"member": "?"}, members),
        "reset": ("mediator", f"{room}/people/reset/", {"member": "?"}, members),
    }


@pytest.mark.parametrize("form", ["carry to", "begin with", "invite to", "remove", "reset"])
def test_an_object_of_elsewhere_is_not_taken_in_a_form(population: Population, form: str) -> None:
    name, path, data, ids = _fields(population)[form]
    walker = Walker(population, name)
    for given in [*ids, oracle.UNKNOWN, "", "0", "1' OR '1'='1"]:
        answer = walker.request(
            "POST", path, data={k: given if v == "?" else v for k, v in data.items()}
        )
        assert answer.status in {404, 409, 422}, given
        assert not answer.changed, given


# keys of requests


def test_the_key_of_anothers_request_brings_nothing_of_his(population: Population) -> None:
    """A key counts for its sender alone: neither his receipt nor his message comes back."""
    place = population.here
    round_ = place.thing("round", "taken-back")
    path = f"/r/{place.room.id}/rounds/{round_.id}/deposit/"
    key = place.secret("shared key", ("A1", "B1"), ())
    as_json = {"accept": "application/json"}
    with world.rolled_back():
        first, second = (
            population.client(name).post(path, {"text": name, "key": key}, headers=as_json)
            for name in ("A1", "B1")
        )
        assert first.status_code == second.status_code == 200
        assert first.json()["receipt"] != second.json()["receipt"]
        receipts = Receipt.objects.filter(round=round_.id).order_by("-at", "-id")
        mine = receipts.get(id=second.json()["receipt"].split("/")[-2])
        assert from_json(bytes(mine.body)).content["who"] == "south"
        taken = population.client("B1").get(first.json()["receipt"])
        assert taken.status_code == 404


def test_a_key_of_one_thing_is_not_taken_for_another(population: Population) -> None:
    place = population.here
    rounds = [place.thing("round", n).id for n in ("taken-back", "open-simple")]
    paths = [f"/r/{place.room.id}/rounds/{name}/deposit/" for name in rounds]
    channel = f"/r/{place.room.id}/c/{place.thing('channel', 'plenary').id}/send/"
    given = {"text": "a text", "words": "a text", "key": "one-key-for-all"}
    with world.rolled_back():
        client = population.client("A1")
        assert client.post(paths[0], given).status_code == 302
        before = Receipt.objects.count(), Paper.objects.count()
        assert client.post(paths[1], given).status_code == 409
        assert client.post(channel, given).status_code == 409
        assert (Receipt.objects.count(), Paper.objects.count()) == before


# fields that a form has not


SMUGGLED = {
    "party": "south",
    "who": "south",
    "as": "south",
    "role": "mediator",
    "author": "B1",
    "member": "B1",
    "account": "B1",
    "user": "B1",
    "room": "twin",
    "round": "twin",
    "channel": "twin",
    "exchange": "twin",
    "id": "aaaaaaaaaaaa",
    "pk": "1",
    "state": "RELEASED",
    "standing": "{}",
    "is_operator": "1",
    "is_active": "0",
    "is_staff": "1",
    "removed": "2020-01-01",
    "at": "2020-01-01T00:00:00Z",
    "created": "2020-01-01",
    "expires": "2090-01-01",
    "used": "",
    "by": "B1",
    "agreed_by": "south",
    "agreed": "south",
    "core": "0" * 64,
    "digest": "0" * 64,
    "erased": "2020-01-01",
    "number": "99",
    "delegations": "south",
}
TAKEN = {"invite": {"party"}, "single-do": {"at", "number"}}
"""What a form has though one need not send it."""
_RANDOM = re.compile(
    r"(?:argon2|md5)\S+|[A-Za-z0-9+/_=-]{40,}|[a-z2-7]{12}|\d{4}-\d\d-\d\d[T ][\d:.]+Z?|\b\d+\b"
)


def _changes(walker: Walker, path: str, given: dict[str, Any]) -> tuple[int, list[str]]:
    """The rows that a request writes or removes, without what is random or of the time in them."""
    before = _rows()
    with world.rolled_back():
        answer = walker.client.post(path, **given)
        content_of(answer)
        after = _rows()
    walker.restore_cookies()
    changed = [("+", row) for row in after - before] + [("-", row) for row in before - after]
    return answer.status_code, sorted(f"{how} {_without_chance(row)}" for how, row in changed)


def _rows() -> set[tuple[object, ...]]:
    found: set[tuple[object, ...]] = set()
    with connection.cursor() as cursor:
        for table in tables():
            rows = cursor.execute(f'SELECT * FROM "{table}"').fetchall()
            found |= {(table, *row) for row in rows}
    return found


def _without_chance(row: tuple[object, ...]) -> str:
    return " ".join(map(_plain, row))


def _plain(value: object) -> str:
    if isinstance(value, str) and value.startswith("parley/"):
        return "a checkpoint"
    if isinstance(value, bytes):
        # entries of the log are JSON, and tell who did what; all else is sealed or hashed
        return _RANDOM.sub("*", value.decode()) if value.startswith(b'{"') else "bytes"
    return _RANDOM.sub("*", repr(value))


def _posts(population: Population, name: str) -> list[Target]:
    """Of every address one object that somebody may change something of."""
    found: dict[str, Target] = {}
    for target in oracle.targets(population):
        row = oracle.row_of(target.url, "POST", target.thing.label)
        if row and name in oracle.people(population, row.does, target.place, target.thing):
            found.setdefault(target.url, target)
    return list(found.values())


def _smuggled(given: set[str], population: Population) -> dict[str, str]:
    ids = {"B1": population.here.thing("member", "B1").id, "twin": population.twin.room.id}
    return {k: ids.get(v, v) for k, v in SMUGGLED.items() if k not in given}


@pytest.mark.parametrize("name", ["A1", "mediator", "witness", "operator"])
def test_fields_that_a_form_has_not_change_nothing(population: Population, name: str) -> None:
    walker = Walker(population, name)
    targets = _posts(population, name)
    assert targets
    for target in targets:
        with world.rolled_back():
            given = body(target.url, target.place, target.thing, name)
        if not isinstance(given["data"], dict):
            continue
        plain = _changes(walker, target.path, _fresh(given))
        more = _fresh(given)
        more["data"] |= _smuggled({*given["data"], *TAKEN.get(target.url, ())}, population)
        status, rows = _changes(walker, target.path, more)
        differ = set(rows) ^ set(plain[1])
        assert (status, len(rows), differ) == (plain[0], len(plain[1]), set()), target.url
        assert plain[1], target.url


def _fresh(given: dict[str, Any]) -> dict[str, Any]:
    """The same once more; files are read from their beginning."""
    data = dict(given["data"])
    for key, value in data.items():
        if isinstance(value, SimpleUploadedFile):
            value.seek(0)
            data[key] = SimpleUploadedFile(value.name or "x", value.read())
    return {**given, "data": data}


def test_a_view_that_believes_a_form_who_it_is_would_be_caught(population: Population) -> None:
    def send(request: HttpRequest, room: str, channel: str) -> HttpResponse:
        member = Member.objects.get(
            id=request.POST.get("author", population.here.thing("member", "A1").id)
        )
        Paper.objects.filter(author=member).update(name="written by him")
        return redirect("/")

    with instead(send=send), pytest.raises(AssertionError, match="send"):
        test_fields_that_a_form_has_not_change_nothing(population, "A1")


def test_an_invitation_gives_the_place_it_is_for_whatever_the_form_says(
    population: Population,
) -> None:
    here, twin = population.places
    with world.rolled_back():
        _, token = people.invite(here.room, Role.OBSERVER)
        _, other = people.invite(twin.room, Role.MEDIATOR)
        client = world.client()
        client.get(f"/join/{token}/")
        client.post("/join/")
        given = {
            "username": "newcomer",
            "display_name": "Newcomer",
            "password1": world.PASSWORD,
            "password2": world.PASSWORD,
            "token": other,
            "token_hash": hashed(other),
            "invitation": Invitation.objects.get(token_hash=hashed(other)).id,
            "party": str(Party.objects.filter(room=here.room)[0].pk),
        }
        assert client.post("/join/", SMUGGLED | given).status_code == 302
        made = Account.objects.get(username="newcomer")
        place = Member.objects.get(account=made)
        assert (place.room, place.role, place.party) == (here.room, Role.OBSERVER, None)
        assert not made.is_operator
        assert Invitation.objects.get(token_hash=hashed(other)).used is None


def _gives(population: Population, name: str) -> set[str]:
    """The places that somebody can give by an invitation."""
    walker, here = Walker(population, name), population.here
    party, given = str(here.parties["north"].pk), set()
    for role in Role:
        sent = {"role": role.value, "label": "x", "days": "7"}
        sent |= {"party": party} if role is Role.DELEGATION else {}
        answer = walker.request("POST", f"/r/{here.room.id}/people/invite/", data=sent)
        if answer.changed:
            given.add(role.value)
    return given


def test_nobody_gives_a_place_in_which_one_may_more_than_he_himself(
    population: Population,
) -> None:
    everything = {role.value for role in Role}
    assert _gives(population, "mediator") == everything
    assert _gives(population, "co-mediator") == everything - {"mediator"}
    for name in ("A1", "witness", "observer", "operator", "removed", "anonymous"):
        assert _gives(population, name) == set()
    wider = {"people.invite-mediator": policy.MEDIATION}
    with mock.patch.dict(policy.POLICY, wider):
        assert _gives(population, "co-mediator") == everything


def test_nothing_of_anothers_second_step_can_be_changed(population: Population) -> None:
    """Ids of another, smuggled into every form about one's own second step."""
    from allauth.mfa.models import Authenticator

    victim = population.here.accounts["mediator"]
    before = list(Authenticator.objects.filter(user=victim).order_by("pk").values())
    for pk in [entry["id"] for entry in before]:
        for url in (u for u in oracle.addresses() if u.startswith("mfa_")):
            parts = oracle.addresses()[url]
            path = reverse(url, kwargs=dict.fromkeys(parts, pk))
            with world.rolled_back():
                client = population.client("A1")
                given = {"pk": pk, "id": pk, "authenticator": pk, "user": victim.pk, "name": "x"}
                client.post(path, given | {"code": "000000", "authenticators": [pk]})
                now = list(Authenticator.objects.filter(user=victim).order_by("pk").values())
                assert now == before, url
                own = Authenticator.objects.filter(user=population.here.accounts["A1"])
                assert all(entry.user_id != victim.pk for entry in own)


# hosts, and where somebody is sent


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "localhost@evil.example"]
)
def test_a_foreign_host_is_refused_and_not_repeated(population: Population, host: str) -> None:
    walker = Walker(population, "mediator")
    answer = walker.request("GET", "/account/", headers={"host": host})
    assert answer.status == 400
    assert b"evil" not in b"".join(answer.all)


FORWARDED = {
    "x-forwarded-host": "evil.example",
    "x-forwarded-server": "evil.example",
    "x-forwarded-proto": "https",
    "x-forwarded-port": "444",
    "x-original-url": "/operator/",
    "x-rewrite-url": "/operator/",
    "forwarded": "host=evil.example;proto=https",
}


def test_what_only_a_proxy_may_say_is_not_believed(population: Population) -> None:
    """There is no proxy here; with one, the server that listens clears these headers."""
    walker = Walker(population, "mediator")
    path = f"/r/{population.here.room.id}/people/invite/"
    given = {"role": "observer", "label": "x", "days": "7"}
    answer = walker.request("POST", path, data=given, headers=FORWARDED)
    assert answer.status == 200
    link = re.findall(rb"http[^<\s\"]+/join/", answer.content)
    assert link == [b"http://localhost:8100/join/"]
    assert b"evil" not in b"".join(answer.all)
    hidden = walker.request("GET", "/account/", headers=FORWARDED)
    assert mask(hidden.content) == mask(walker.request("GET", "/account/").content)


ELSEWHERE = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example",
    "////evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "http:evil.example",
    "http:/evil.example",
    "https:///evil.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,x",
    " https://evil.example",
    "\x00//evil.example",
    "/%09/evil.example",
    "//localhost@evil.example",
    "http://localhost:8100@evil.example",
    "http://localhost.evil.example",
]


def _leads_away(answer: Any) -> bool:
    """Whether a browser would go to another site; only a path of this one is safe."""
    return re.match(r"/(?![/\\\s])|/$", answer.headers["Location"]) is None


@pytest.fixture
def _clock_stands() -> Iterator[None]:
    """A code that an app shows is of this half minute, however slow the machine is."""
    with mock.patch("time.time", return_value=time.time()):
        yield


@pytest.mark.usefixtures("_clock_stands")
@pytest.mark.parametrize("to", ELSEWHERE if oracle.LONG else ELSEWHERE[:6:2])
def test_nobody_is_sent_elsewhere_after_signing_in(to: str) -> None:
    account = world.account("sent-on")
    client = world.client()
    client.get(f"/account/login/?next={quote(to)}")
    given = {"login": "sent-on", "password": world.PASSWORD, "next": to}
    answers = [client.post(f"/account/login/?next={quote(to)}", given)]
    code = world.code_for(account)
    answers.append(client.post(f"/account/code/?next={quote(to)}", {"code": code, "next": to}))
    assert client.get("/account/").status_code == 200
    confirm = {"password": world.PASSWORD, "next": to}
    answers.append(client.post(f"/account/confirm/?next={quote(to)}", confirm))
    assert [_leads_away(answer) for answer in answers] == [False] * 3


@pytest.mark.parametrize("to", ELSEWHERE)
def test_nobody_who_has_signed_in_is_sent_elsewhere(population: Population, to: str) -> None:
    walker = Walker(population, "A1")
    asked = f"?next={quote(to)}"
    for method, path, given in (
        ("GET", "/account/login/", {}),
        ("POST", "/language/", {"language": "en", "next": to}),
        ("POST", "/account/logout/", {"next": to}),
    ):
        more = {"data": given} if method == "POST" else {}
        answer = walker.request(method, path + asked, **more)
        assert answer.status == 302
        assert not _leads_away(answer), answer.headers["Location"]
    form = walker.request("GET", "/account/confirm/" + asked)
    leads = re.findall(r'(?:href|action)="([^"]*)"', form.content.decode())
    assert leads
    assert all(re.match(r"/(?![/\\])|[#?]", one) for one in leads), leads


@pytest.mark.usefixtures("_clock_stands")
def test_after_signing_in_one_comes_where_one_wanted_to_go() -> None:
    account = world.account("comes-back")
    client = Client(SERVER_NAME="localhost")
    client.post(
        "/account/login/?next=/account/", {"login": "comes-back", "password": world.PASSWORD}
    )
    answer = client.post("/account/code/", {"code": world.code_for(account)})
    assert answer.headers["Location"] == "/account/"


# odd ids


ODD = [
    "%00",
    "..",
    "%2e%2e%2f",
    "' OR 1=1 --",
    "ａｂｃ",
    "\u202e",
    "%F0%9F%92%A3",
    "A" * 300,
    "0",
    "-1",
]


@pytest.mark.parametrize("name", ["mediator", "A1", "operator"])
def test_odd_ids_are_not_found_and_break_nothing(population: Population, name: str) -> None:
    walker = Walker(population, name)
    place = population.here
    first = {kind: place.of(kind)[0].id for kind in ("round", "channel", "single", "case")}
    for odd in ODD:
        given = odd if "%" in odd else quote(odd, safe="")
        paths = [
            f"/r/{given}/",
            f"/r/{place.room.id}/rounds/{given}/",
            f"/r/{place.room.id}/rounds/{first['round']}/receipts/{given}/",
            f"/r/{place.room.id}/c/{given}/",
            f"/r/{place.room.id}/c/{first['channel']}/papers/{given}/",
            f"/r/{place.room.id}/texts/{given}/",
            f"/r/{place.room.id}/texts/{first['single']}/file/{given}/",
            f"/r/{place.room.id}/case/{first['case']}/briefing/{given}",
            f"/r/{place.room.id}/people/remove/?member={given}",
            f"/r/{place.room.id}/log/checkpoint/?log={given}",
        ]
        for path in paths:
            assert walker.request("GET", path).status in {302, 404}, path


@pytest.mark.parametrize("query", ["page=", "page=0", "page=-1", "page=x", "page=%00", "page=1e9"])
def test_odd_pages_break_nothing(population: Population, query: str) -> None:
    walker = Walker(population, "mediator")
    place = population.here
    single = place.thing("single", "single").id
    for path in ("log/", f"c/{place.thing('channel', 'plenary').id}/", f"texts/{single}/"):
        answer = walker.request(
            "GET", f"/r/{place.room.id}/{path}?{query}&at={query[5:]}&log={query}"
        )
        assert answer.status == 200, path
