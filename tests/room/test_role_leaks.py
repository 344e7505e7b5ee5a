"""Every address, with every method, as everybody, for every object: what the oracle says, no more.

Whoever is refused gets, to the byte, what he would get if the object did not exist; whoever may do
something really does it; and no secret reaches anybody who must not know it, in any form.
"""

from __future__ import annotations

import base64
import gzip
import io
import logging
import random
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import ModuleType
from unittest import mock
from urllib.parse import quote

import pytest
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.test import override_settings
from django.urls import URLPattern, path

from parley.room import policy, urls
from parley.room.access import Actor
from parley.room.models import CaseFile, Channel, Deposit, Paper, Receipt, Round
from tests.room import oracle, world
from tests.room.oracle import LONG, Target
from tests.room.population import ALL, ROLES, TWIN, Population, populate
from tests.room.walk import Answer, Walker, workshop_once

CAST = ["anonymous", *ROLES, f"A1{TWIN}", f"mediator{TWIN}", "operator"]
OTHERS = ("PUT", "PATCH", "DELETE", "OPTIONS")
ALL_METHODS = ("anonymous", "A1", "operator")
"""Who tries every method in the short form; in the long form everybody does."""
ACCOUNT = ("account_", "mfa_")
"""Addresses of allauth; whoever has no business there is sent to the login page or home."""
READS = {"room_reading", "room_entry", "room_node", "room_channel"}
"""What a first reading writes."""
READING = {"channel", "paper", "comparison"}
"""Addresses under which papers are read."""
IN = {name + mark for name in ALL for mark in ("", TWIN)}


@pytest.fixture(scope="module")
def population() -> Iterator[Population]:
    with world.rolled_back(), workshop_once():
        yield populate()


@dataclass
class Visit:
    """Somebody goes through everything: what was wrong, what he came to know."""

    walker: Walker
    wrong: list[str] = field(default_factory=list)
    known: set[str] = field(default_factory=set)
    asked: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.missing = self.walker.request("GET", "/no/such/page/").masked

    @property
    def name(self) -> str:
        return self.walker.name

    def everything(self, *urls: str) -> None:
        """Ask for all there is; or for some addresses only."""
        tried: Counter[tuple[object, ...]] = Counter()
        found = list(oracle.targets(self.walker.population))
        random.Random(self.name).shuffle(found)  # each tries other objects in the short form
        for target in found:
            if urls and target.url not in urls:
                continue
            for method in ("GET", "POST"):
                may, does = self._expected(method, target)
                kind = (target.url, method, target.place.mark, may, does, self._row(method, target))
                stranger = not may and not self._is_of(target)
                enough = _most(method, may=may, does=does, stranger=stranger)
                if tried[kind] >= enough and not (LONG or urls):
                    continue
                tried[kind] += 1
                self._one(method, target, may=may, does=does, first=tried[kind] == 1)

    def _is_of(self, target: Target) -> bool:
        return self.name.removesuffix(TWIN) + target.place.mark == self.name and self.name in IN

    def _row(self, method: str, target: Target) -> str:
        found = oracle.row_of(target.url, method, target.thing.label)
        return found.object if found else ""

    def _expected(self, method: str, target: Target) -> tuple[bool, bool]:
        row = oracle.row_of(target.url, method, target.thing.label)
        if row is None:
            return False, False
        here = (self.walker.population, row.allowed, target.place, target.thing)
        does = oracle.people(here[0], row.does, target.place, target.thing)
        return self.name in oracle.people(*here), self.name in does

    def _one(self, method: str, target: Target, *, may: bool, does: bool, first: bool) -> None:
        answer = self._ask(method, target)
        if may:
            self._allowed(method, target, answer, does=does)
        else:
            self._refused(method, target, answer)
        if method != "GET" or not (LONG or (first and self.name in ALL_METHODS)):
            return
        if may:
            head = self._ask("HEAD", target)
            if head.status != answer.status or head.content:
                self._say("HEAD", target, f"differs from GET: {head.status}")
        for other in OTHERS:
            self._no_method(other, target, self._ask(other, target))

    def _ask(self, method: str, target: Target) -> Answer:
        answer = self.walker.ask(method, target)
        self.asked[method] += 1
        canaries = self.walker.population.canaries
        found = canaries.found_in(*answer.all)
        self.known |= found
        for secret in canaries.leaked(self.name, found - canaries.named_in(target.path)):
            self._say(method, target, f"tells {secret}")
        if answer.status >= 500:
            self._say(method, target, f"fails with {answer.status}: {answer.logged[-300:]}")
        if answer.mails:
            self._say(method, target, "sends mail")
        return answer

    def _allowed(self, method: str, target: Target, answer: Answer, *, does: bool) -> None:
        is_account = not target.url.startswith(ACCOUNT)
        if (
            answer.masked == self.missing
            or answer.status in {403, 405}
            or (self._to_login(answer) and is_account)
        ):
            self._say(method, target, f"is refused with {answer.status}, and is allowed")
        if method == "POST" and does != bool(answer.changed):
            changed = ", ".join(sorted(answer.changed)) or "nothing"
            self._say(method, target, f"changes {changed} ({answer.status})")
        if method == "GET" and not answer.changed <= _may_note(target):
            self._say(method, target, f"changes {', '.join(sorted(answer.changed))}")

    def _refused(self, method: str, target: Target, answer: Answer) -> None:
        if not answer.changed <= _may_note(target):
            self._say(method, target, f"changes {', '.join(sorted(answer.changed))}, is refused")
        if answer.masked == self.missing or answer.status == 405:
            return
        if target.url.startswith(ACCOUNT) and answer.status == 302:
            return
        if self.name == "anonymous" and self._to_login(answer):
            return
        unknown = self.walker.ask(method, target, unknown=True) if target.unknown else None
        if unknown is None or answer.masked != unknown.masked:
            self._say(method, target, f"is answered with {answer.status}, and is not allowed")

    def _no_method(self, method: str, target: Target, answer: Answer) -> None:
        fine = answer.masked == self.missing or answer.status == 405 or self._to_login(answer)
        if target.url.startswith(ACCOUNT):
            # allauth: OPTIONS tells the methods, PUT is taken as a POST without fields; and
            # whoever need not be there is sent on, whatever the method
            fine = fine or (method == "OPTIONS" and not answer.content) or method == "PUT"
            fine = fine or answer.status == 302
        fine = fine and (not answer.changed or target.url.startswith(ACCOUNT))
        if not fine:
            self._say(method, target, f"is answered with {answer.status}")

    def _to_login(self, answer: Answer) -> bool:
        return answer.status == 302 and answer.headers["Location"].startswith("/account/login/")

    def _say(self, method: str, target: Target, words: str) -> None:
        label = f"{target.thing.label}{target.place.mark}"
        self.wrong.append(f"{self.name}: {method} {target.url} {label} {words}")


def _most(method: str, *, may: bool, does: bool, stranger: bool) -> int:
    """How many objects of a kind are tried in the short form, if the answer should be the same."""
    if method == "GET":
        return 1 if stranger else 1000
    return 1000 if does else 2 if may else 1


def _may_note(target: Target) -> set[str]:
    """What looking at something may write."""
    if target.url.endswith("_recovery_codes"):
        return {"mfa_authenticator"}  # that one has seen one's own codes
    return READS if target.url in READING else set()


def _told(wrong: list[str]) -> str:
    return "\n".join([f"{len(wrong)} wrong:", *wrong[:40]])


@pytest.mark.parametrize("name", CAST)
def test_everybody_gets_what_is_his_and_nothing_else(population: Population, name: str) -> None:
    visit = Visit(Walker(population, name))
    visit.everything()
    assert not visit.wrong, _told(visit.wrong)
    secrets = population.canaries.secrets.values()
    not_found = sorted(s.name for s in secrets if name in s.reached and s.name not in visit.known)
    assert not not_found, f"{name} never sees {not_found}, so the search for it proves nothing"
    assert sum(visit.asked.values()) > 200


def test_the_oracle_knows_every_address() -> None:
    known = {row.url for row in oracle.rows()}
    assert sorted(set(oracle.addresses()) - known) == []
    assert sorted(known - set(oracle.addresses())) == []


def _wrong(population: Population, name: str, *urls: str) -> str:
    visit = Visit(Walker(population, name))
    visit.everything(*urls)
    return "\n".join(visit.wrong)


@contextmanager
def _instead(**views: Callable[..., HttpResponse]) -> Iterator[None]:
    """Within, other views stand at some addresses; what is not there yet is new."""
    made = ModuleType("other_urls")
    vars(made).update({k: v for k, v in vars(urls).items() if k.startswith("handler")})
    there = [p for p in urls.urlpatterns if isinstance(p, URLPattern)]
    known = {p.name: str(p.pattern) for p in there}
    others = [p for p in there if p.name not in views]
    fresh = [path(known.get(n, f"r/<str:room>/{n}/"), v, name=n) for n, v in views.items()]
    vars(made)["urlpatterns"] = [*fresh, *others]
    with override_settings(ROOT_URLCONF=made):
        yield


def test_a_row_of_the_policy_that_is_too_wide_is_caught(population: Population) -> None:
    wider = {"readings.see": policy.ALL, "people.invite": policy.TABLE, "case.see": policy.ALL}
    with mock.patch.dict(policy.POLICY, wider):
        assert "observer: GET readings room is answered with 200" in _wrong(
            population, "observer", "readings"
        )
        told = _wrong(population, "B1", "invite", "people", "case")
    assert "B1: POST invite room changes room_invitation, is refused" in told
    assert "B1: GET people room tells label of link observer" in told
    assert "B1: GET case room is answered with 200" in told


def test_a_row_of_the_policy_that_is_too_narrow_is_caught(population: Population) -> None:
    with mock.patch.dict(policy.POLICY, {"channel.write": policy.MEDIATION}):
        assert "A1: POST send plenary is refused with 404" in _wrong(population, "A1", "send")


@pytest.mark.parametrize("model", [Paper, Channel, Receipt, CaseFile])
def test_an_object_that_is_seen_by_all_of_the_room_is_caught(
    population: Population, model: type[Model]
) -> None:
    to_room = {Paper: "channel__room", Receipt: "round__room"}
    real = policy.visible

    def too_much(actor: Actor, asked: type[Model]) -> Q:
        whole = Q(**{to_room.get(model, "room"): actor.room})
        return whole if asked is model else real(actor, asked)

    addresses = ("paper", "channel", "receipt", "receipts", "case", "case-packed")
    with (
        mock.patch.object(policy, "visible", too_much),
        mock.patch.dict(policy.POLICY, {"case.see": policy.ALL} if model is CaseFile else {}),
    ):
        found = _wrong(population, "B1", *addresses)
    assert "B1: GET" in found
    assert "is not allowed" in found or "tells" in found


def test_a_text_that_opens_for_somebody_else_is_caught(population: Population) -> None:
    with mock.patch("parley.room.opening.may_read", return_value=True):
        told = _wrong(population, "co-mediator", "opened-text", "opened")
    assert "GET opened-text released-simple-south tells released-simple text of south" in told


def test_a_text_that_opens_too_early_is_caught(population: Population) -> None:
    for deposit in Deposit.objects.filter(round__state="ARMED", round__mode="simple"):
        core = population.here.texts.get(f"armed-simple core of {deposit.party.slug}", b"")
        Deposit.objects.filter(id=deposit.id).update(blob=core)
    Round.objects.filter(state="ARMED").update(state="RELEASED")
    with mock.patch("parley.room.opening._core", lambda _round, blob, _digest: blob):
        told = _wrong(population, "A1", "opened", "opened-text")
    assert "tells armed-simple text of south" in told


def test_an_object_that_is_seen_from_another_room_is_caught(population: Population) -> None:
    with mock.patch.object(policy, "visible", return_value=Q()):
        visit = Visit(Walker(population, f"mediator{TWIN}"))
        other = population.here.thing("round", "planned").id
        path_ = f"/r/{population.twin.room.id}/rounds/{other}/"
        found = population.canaries.found_in(*visit.walker.request("GET", path_).all)
    assert "planned title" in population.canaries.leaked(f"mediator{TWIN}", found)


def test_a_view_that_asks_nobody_is_caught(population: Population) -> None:
    def case_packed(request: HttpRequest, room: str, case: str) -> HttpResponse:
        return HttpResponse(bytes(CaseFile.objects.get(id=case).packed))

    with _instead(**{"case-packed": case_packed}):
        for name in ("anonymous", "observer", "operator", "removed"):
            told = _wrong(population, name, "case-packed")
            assert "GET case-packed case tells case words" in told
            assert "GET case-packed case is answered with 200" in told


def test_a_view_that_is_not_in_the_oracle_is_caught(population: Population) -> None:
    def leak(request: HttpRequest, room: str) -> HttpResponse:
        return HttpResponse(room)

    with _instead(leak=leak):
        assert "leak" in set(oracle.addresses()) - {row.url for row in oracle.rows()}
        assert "observer: GET leak room" in _wrong(population, "observer", "leak")


def test_a_refusal_that_tells_that_something_is_there_is_caught(population: Population) -> None:
    def forbidden(request: HttpRequest, room: str, channel: str, paper: str) -> HttpResponse:
        get_object_or_404(Paper, id=paper)
        raise PermissionDenied

    with _instead(paper=forbidden):
        told = _wrong(population, "observer", "paper")
    assert "GET paper shuttle-north-A1-message is answered with 403" in told


def test_what_a_log_or_header_tells_is_caught(population: Population) -> None:
    def tell(request: HttpRequest, room: str) -> HttpResponse:
        words = population.canaries.secrets["case words"].value.decode()
        logging.getLogger("parley.room").warning("looked for %s", words)
        answer = HttpResponse("nothing")
        answer["X-Label"] = population.canaries.secrets["label of link used"].value.hex()
        answer.set_cookie("last", population.canaries.secrets["case said"].value.decode())
        return answer

    with _instead(people=tell):
        told = _wrong(population, "observer", "people")
    for name in ("case words", "label of link used", "case said"):
        assert f"GET people room tells {name}" in told


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "as it is": lambda b: b,
    "in large letters": bytes.upper,
    "hex": lambda b: b.hex().encode(),
    "base64": base64.b64encode,
    "base64, one further": lambda b: base64.b64encode(b"x" + b),
    "base64, two further": lambda b: base64.b64encode(b"xy" + b + b"z"),
    "gzip": gzip.compress,
    "zlib": zlib.compress,
    "percent": lambda b: quote(b.decode()).encode(),
    "utf-16": lambda b: b.decode().encode("utf-16"),
    "gzip of base64": lambda b: gzip.compress(base64.b64encode(b"{" + b)),
}


@pytest.mark.parametrize("form", PACKED)
def test_a_secret_is_found_in_every_form(population: Population, form: str) -> None:
    secret = population.canaries.secrets["case words"]
    packed = PACKED[form](secret.value)
    around = packed if packed[:1] in {b"\x1f", b"x"} else b"<p>" + packed + b"</p>"
    assert population.canaries.found_in(around) == {"case words"}


def test_a_secret_is_found_in_an_archive(population: Population) -> None:
    word = population.canaries.secrets["case words"].value
    for name, content in ((word.decode(), b""), ("plain", word), ("deep", gzip.compress(word))):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            archive.writestr(name, content)
        assert population.canaries.found_in(stream.getvalue()) == {"case words"}
