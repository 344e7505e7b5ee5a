"""Every address, with every method, as everybody, for every object: what the oracle says, no more.

Whoever is refused gets, to the byte, what he would get if the object did not exist; whoever may do
something really does it; and no secret reaches anybody who must not know it, in any form.
"""

from __future__ import annotations

import base64
import gzip
import io
import logging
import zipfile
import zlib
from collections.abc import Callable, Iterator
from unittest import mock
from urllib.parse import quote

import pytest
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from parley.room import policy
from parley.room.access import Actor
from parley.room.models import CaseFile, Channel, Deposit, Paper, Receipt, Round
from tests.room import oracle
from tests.room.population import ROLES, TWIN, Population
from tests.room.visit import Visit, instead, told_of, wrong_with
from tests.room.walk import Walker, peopled

CAST = ["anonymous", *ROLES, f"A1{TWIN}", f"mediator{TWIN}", "operator"]


@pytest.fixture(scope="module")
def population() -> Iterator[Population]:
    with peopled() as found:
        yield found


@pytest.mark.parametrize("name", CAST)
def test_everybody_gets_what_is_his_and_nothing_else(population: Population, name: str) -> None:
    visit = Visit(Walker(population, name))
    visit.everything()
    assert not visit.wrong, told_of(visit.wrong)
    assert sum(visit.asked.values()) > 200
    if name.endswith(TWIN) and not oracle.LONG:
        return  # he has not gone everywhere
    secrets = population.canaries.secrets.values()
    not_found = sorted(s.name for s in secrets if name in s.reached and s.name not in visit.known)
    assert not not_found, f"{name} never sees {not_found}, so the search for it proves nothing"


def test_the_oracle_knows_every_address() -> None:
    known = {row.url for row in oracle.rows()}
    assert sorted(set(oracle.addresses()) - known) == []
    assert sorted(known - set(oracle.addresses())) == []


def test_a_row_of_the_policy_that_is_too_wide_is_caught(population: Population) -> None:
    wider = {"readings.see": policy.ALL, "people.invite": policy.TABLE, "case.see": policy.ALL}
    with mock.patch.dict(policy.POLICY, wider):
        assert "observer: GET readings room is answered with 200" in wrong_with(
            population, "observer", "readings"
        )
        told = wrong_with(population, "B1", "invite", "people", "case")
    assert "B1: POST invite room changes room_invitation, is refused" in told
    assert "B1: GET people room tells label of link observer" in told
    assert "B1: GET case room is answered with 200" in told


def test_a_row_of_the_policy_that_is_too_narrow_is_caught(population: Population) -> None:
    with mock.patch.dict(policy.POLICY, {"channel.write": policy.MEDIATION}):
        assert "A1: POST send plenary is refused with 404" in wrong_with(population, "A1", "send")


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
        found = wrong_with(population, "B1", *addresses)
    assert "B1: GET" in found
    assert "is not allowed" in found or "tells" in found


def test_a_text_that_opens_for_somebody_else_is_caught(population: Population) -> None:
    with mock.patch("parley.room.opening.may_read", return_value=True):
        told = wrong_with(population, "co-mediator", "opened-text", "opened")
    assert "GET opened-text released-simple-south tells released-simple text of south" in told


def test_a_text_that_opens_too_early_is_caught(population: Population) -> None:
    for deposit in Deposit.objects.filter(round__state="ARMED", round__mode="simple"):
        core = population.here.texts.get(f"armed-simple core of {deposit.party.slug}", b"")
        Deposit.objects.filter(id=deposit.id).update(blob=core)
    Round.objects.filter(state="ARMED").update(state="RELEASED")
    with mock.patch("parley.room.opening._core", lambda _round, blob, _digest: blob):
        told = wrong_with(population, "A1", "opened", "opened-text")
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

    with instead(**{"case-packed": case_packed}):
        for name in ("anonymous", "observer", "operator", "removed"):
            told = wrong_with(population, name, "case-packed")
            assert "GET case-packed case tells case words" in told
            assert "GET case-packed case is answered with 200" in told


def test_a_view_that_is_not_in_the_oracle_is_caught(population: Population) -> None:
    def leak(request: HttpRequest, room: str) -> HttpResponse:
        return HttpResponse(room)

    with instead(leak=leak):
        assert "leak" in set(oracle.addresses()) - {row.url for row in oracle.rows()}
        assert "observer: GET leak room" in wrong_with(population, "observer", "leak")


def test_a_refusal_that_tells_that_something_is_there_is_caught(population: Population) -> None:
    def forbidden(request: HttpRequest, room: str, channel: str, paper: str) -> HttpResponse:
        get_object_or_404(Paper, id=paper)
        raise PermissionDenied

    with instead(paper=forbidden):
        told = wrong_with(population, "observer", "paper")
    assert "GET paper shuttle-north-A1-message is answered with 403" in told


def test_what_a_log_or_header_tells_is_caught(population: Population) -> None:
    def tell(request: HttpRequest, room: str) -> HttpResponse:
        words = population.canaries.secrets["case words"].value.decode()
        logging.getLogger("parley.room").warning("looked for %s", words)
        answer = HttpResponse("nothing")
        answer["X-Label"] = population.canaries.secrets["label of link used"].value.hex()
        answer.set_cookie("last", population.canaries.secrets["case said"].value.decode())
        return answer

    with instead(people=tell):
        told = wrong_with(population, "observer", "people")
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
