"""Worlds that differ only in what one party does in secret look the same to everybody else.

The same room is shown in three worlds: in one the other party and the mediators are silent, in two
they speak, bring documents, read, invite, in different measure. Whoever must not know of it gets
the same answers, to the byte, once what is random is masked (hashes, signatures, tokens), and of
the same length.
"""

from __future__ import annotations

import difflib
import hashlib
import io
import os
import re
import statistics
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock

import pytest
from django.db.models import Model, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.test import Client

from parley.room import deposits, papers, people, policy
from parley.room.access import Actor
from parley.room.models import CaseFile, Channel, Kind, Member, Paper, Role, Round
from parley.room.ticks import commit_heads
from tests.room import oracle, world
from tests.room.oracle import Target
from tests.room.population import Population, at
from tests.room.walk import Walker, peopled

NOW = datetime.now(UTC).replace(microsecond=0)
READERS = ("A1", "witness", "observer")
MOST = 4
"""Objects of a kind that are looked at in the short form."""
LONG = os.environ.get("PARLEY_LONG") == "1"
DRAWS, WITHIN = 200, 0.05

_RANDOM = (
    re.compile(rb"[0-9a-f]{64}"),
    re.compile(rb"[0-9a-f]{16}(?=\xe2\x80\xa6)"),  # the beginning of a hash
    re.compile(rb"[A-Za-z0-9+/]{43}=|[A-Za-z0-9+/]{86,}={0,2}"),
)
Page = tuple[int, bytes, int, str]
View = Mapping[str, Page]


@pytest.fixture(scope="module")
def population() -> Iterator[Population]:
    with peopled() as found:
        yield found


def _quiet(population: Population) -> None:
    """B lays down a text, as all can see; nobody says anything."""
    _lay(population, b"A short text.")


def _busy(population: Population, words: int = 3) -> None:
    """B lays down another text, and everything else goes on behind closed doors."""
    _lay(population, b"Another text. " * words)
    place = population.here
    b1, mediator = place.actor("B1"), place.actor("mediator")
    shuttle = Channel.objects.get(room=place.room, kind=Kind.SHUTTLE, party__slug="south")
    among = Channel.objects.get(room=place.room, kind=Kind.MEDIATION)
    for k in range(words):
        content = b"They will not like this. " * words * (k + 1)
        paper = papers.put(b1, shuttle, content, f"key-{k}", name=f"{'n' * k}.docx")
        papers.content_of(mediator, paper)
        papers.put(mediator, among, content, f"key-{k}", is_message=True)
    people.invite(
        place.room, Role.DELEGATION, party=place.parties["south"], by=place.accounts["mediator"]
    )
    account = world.account(f"other-{words}", display=f"Somebody {words}")
    south = place.parties["south"]
    Member.objects.create(room=place.room, account=account, role=Role.DELEGATION, party=south)
    CaseFile.objects.create(room=place.room, member=mediator.here, packed=b"case", at=NOW)


def _very_busy(population: Population) -> None:
    _busy(population, 12)


def _lay(population: Population, text: bytes) -> None:
    place = population.here
    round_ = Round.objects.get(id=place.thing("round", "taken-back").id)
    deposits.lay_down(place.actor("B1"), round_, text, "key-of-lay")


ACCOUNT = ("mfa_", "account_", "join", "second_step")
"""Addresses that are about one's own account."""

WORLDS: dict[str, Callable[[Population], None]] = {
    "quiet": _quiet,
    "busy": _busy,
    "very busy": _very_busy,
}


def _targets(population: Population, name: str) -> list[tuple[str, Target]]:
    """What somebody may look at in the room, and the bundle that he takes away."""
    found, seen = [], Counter[str]()
    for target in oracle.targets(population):
        method = "POST" if target.url == "bundle" else "GET"
        row = oracle.row_of(target.url, method, target.thing.label)
        if row is None or target.place is not population.here or target.url.startswith(ACCOUNT):
            continue
        if name in oracle.people(population, row.allowed, target.place, target.thing):
            seen[target.url] += 1
            # the round in which B lays down his text is always looked at
            if LONG or seen[target.url] <= MOST or target.thing.label == "taken-back":
                found.append((method, target))
    return found


def _seen(population: Population, name: str, change: Callable[[Population], None]) -> View:
    """Everything as somebody sees it in one of the worlds, after the next tick."""
    with world.rolled_back():
        with at(NOW):
            change(population)
        with at(NOW + timedelta(hours=2)):
            commit_heads(population.here.room)
            walker = Walker(population, name)
            return {
                f"{method} {target.url} {target.thing.label} {target.path}": _page(
                    walker, method, target
                )
                for method, target in _targets(population, name)
            }


def _page(walker: Walker, method: str, target: Target) -> Page:
    answer = walker.ask(method, target)
    content = _unpacked(answer.content)
    status, masked, to = answer.masked
    masked = masked if content is answer.content else content
    for pattern in _RANDOM:
        masked = pattern.sub(b"#", masked)
    heads = {k: v for k, v in answer.headers.items() if k not in {"Content-Length", "Expires"}}
    return status, masked, len(content), to + repr(sorted(heads.items()))


def _unpacked(content: bytes) -> bytes:
    """An archive as its names and contents; the keys of its compression tell nothing."""
    if not content.startswith(b"PK\x03\x04"):
        return content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return b"\n".join(name.encode() + b"\n" + archive.read(name) for name in archive.namelist())


def _differences(one: View, other: View) -> list[str]:
    assert one.keys() == other.keys()
    return [f"{key}: {_how(one[key], other[key])}" for key in one if one[key] != other[key]]


def _how(one: Page, other: Page) -> str:
    if one[0] != other[0] or one[3] != other[3]:
        return f"{one[0]} {one[3]} / {other[0]} {other[3]}"
    before, after = (page[1].decode("utf-8", "replace").splitlines() for page in (one, other))
    changed = difflib.unified_diff(before, after, lineterm="", n=0)
    told = [line for line in changed if line[:3] not in {"---", "+++"}]
    return f"{one[2]} / {other[2]} bytes: " + " | ".join(told)[:600]


@pytest.mark.parametrize("name", READERS)
def test_nobody_learns_what_happens_behind_closed_doors(population: Population, name: str) -> None:
    quiet = _seen(population, name, _quiet)
    assert len(quiet) > 20
    assert any("POST bundle" in key for key in quiet) or name == "observer"
    for world_name in ("busy", "very busy"):
        wrong = _differences(quiet, _seen(population, name, WORLDS[world_name]))
        assert not wrong, f"{name} tells quiet from {world_name}:\n" + "\n".join(wrong[:10])


def test_the_worlds_do_differ_for_those_who_are_in_it(population: Population) -> None:
    quiet, busy = (_seen(population, "mediator", change) for change in (_quiet, _busy))
    told = "\n".join(_differences(quiet, busy))
    for page in ("GET channel shuttle-south", "GET channel mediation", "GET case", "GET people"):
        assert page in told


def _with_count(request: HttpRequest, template: str, page: dict[str, Any]) -> HttpResponse:
    page["people"] = Paper.objects.filter(channel__room=page["actor"].room).count()
    return render(request, template, page)


def test_a_page_that_counts_messages_is_caught(population: Population) -> None:
    with mock.patch("parley.room.views.rooms.render", _with_count):
        quiet, busy = (_seen(population, "A1", change) for change in (_quiet, _busy))
    assert any(found.startswith("GET room ") for found in _differences(quiet, busy))


def test_a_list_of_people_that_is_too_long_is_caught(population: Population) -> None:
    real = policy.visible

    def everybody(actor: Actor, model: type[Model]) -> Q:
        return Q(room=actor.room) if model is Member else real(actor, model)

    with mock.patch.object(policy, "visible", everybody):
        quiet, busy = (_seen(population, "observer", change) for change in (_quiet, _busy))
    assert any(found.startswith("GET people ") for found in _differences(quiet, busy))


def test_a_room_tree_without_salt_is_caught(population: Population) -> None:
    """Without a salt the commitment of a channel that nobody spoke in stays the same."""
    bare = mock.patch("parley.room.ticks.commitment", lambda _salt, size, _root: str(size))
    with bare:
        quiet, busy = (_seen(population, "A1", change) for change in (_quiet, _busy))
    assert any(found.startswith("POST bundle ") for found in _differences(quiet, busy))


long = pytest.mark.skipif(not LONG, reason="two hundred draws take long: PARLEY_LONG=1")


@long
@pytest.mark.parametrize("url", ["room", "log", "people", "round"])
def test_time_tells_nothing(population: Population, url: str) -> None:
    """Medians of 200 draws each, taken in turn, differ by less than a twentieth."""
    assert _apart(population, url) < WITHIN


@long
def test_a_page_that_takes_longer_with_every_message_is_caught(population: Population) -> None:
    def slow(request: HttpRequest, template: str, page: dict[str, Any]) -> HttpResponse:
        for paper in Paper.objects.filter(channel__room=page["actor"].room):
            hashlib.pbkdf2_hmac("sha256", bytes(paper.body), b"", 300)
        return render(request, template, page)

    with mock.patch("parley.room.views.rooms.render", slow):
        assert _apart(population, "room") > WITHIN


def _apart(population: Population, url: str) -> float:
    """By which part the time of a page differs between the quietest and the busiest world."""
    took: dict[str, list[float]] = {name: [] for name in ("quiet", "very busy")}
    target = next(t for m, t in _targets(population, "A1") if t.url == url)
    for draw in range(DRAWS // 20):
        for name in sorted(took, reverse=draw % 2 == 0):
            with world.rolled_back(), at(NOW):
                WORLDS[name](population)
                client = population.client("A1")
                client.get(target.path)
                took[name] += [_time(client, target.path) for _ in range(20)]
    quiet, busy = (statistics.median(values) for values in took.values())
    return abs(quiet - busy) / quiet


def _time(client: Client, path: str) -> float:
    # of the processor, not of the clock: what else a machine does at the moment is left out
    begin = time.thread_time()
    client.get(path)
    return time.thread_time() - begin
