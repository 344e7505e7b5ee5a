"""Whatever somebody sends who may send something: nothing breaks, and the room still proves itself.

A request that is refused may be a nuisance; one that is written down and can then not be proved
would let one party spoil the log for all. So every form is sent by those who may send it with odd
values in each of its fields, in fields it has not, and as files; after whatever was written the
check finds nothing, and the bundle of the room verifies.
"""

from __future__ import annotations

import os
import random
import re
import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from unittest import mock

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.urls import reverse

from parley.exchange import bundle as bundles
from parley.exchange.audit import verify
from parley.room import deposits, export
from parley.room.check import problems
from tests.room import oracle, world
from tests.room.bodies import body
from tests.room.oracle import Target
from tests.room.population import Population
from tests.room.walk import Walker, content_of, peopled

LONG = os.environ.get("PARLEY_LONG") == "1"
SENDERS = ("A1", "B1", "mediator", "witness")
FEW = 5 if LONG else 2
"""How many objects of each address, values of each field, and fields that it has not, are tried."""
SIGNATURE = f"\u2014 north {'A' * 91}="
NOT_BY_PAGES = re.compile(r", (case|member) ")
"""What the population has not made as pages make it, and the check would find."""
ODD: tuple[str, ...] = (
    "", " ", "\x00", "a\x00b", "\t\r\n\x0b\x0c", "\x1b[31m\x7f", "\u2028\u2029\x85", "\u202eback",
    "\ufeff", "\u200b", "e\u0301", "\U0001f9ff", "\uffff", "x" * 5_000, "\u0130" * 300,
    "y" * 400_000, "0", "-1", "1.5", "9" * 40, "1e400", "nan", "\u0664\u0665", "true", "null", "[]",
    "{}", '"', "0001-01-01T00:00", "9999-12-31T23:59", "2026-03-29T02:30", "Europe/../UTC",
    "../../x", "CON", "%s%n", "[[b1]]", "mediator", "server", "heads", "simple", SIGNATURE,
    "---\nparley: 1\n---\n", "# Article 1: A\n\n1. A.\n",
)  # fmt: skip
FILES: tuple[bytes, ...] = (
    b"", b"\x00", b"\xff\xfe", b"{}", b"null", b"[" * 2_000, b"PK\x03\x04", b"%PDF-1.7",
    b"\xed\xa0\x80",
    *(b'{"format":"parley-%s-1"}' % kind for kind in (b"deposit", b"share", b"own-step")),
    "---\nparley: 1\n---\n\u2028".encode(), b"x" * 300_000,
)  # fmt: skip
MORE = (
    "signature step core signed sealed share charter nonce card file files words text key name to "
    "confirmed mode deadline template title label slug role days member op place version at why "
    "bracket answer state".split()
)
"""Fields of some form of the room, sent with every other one as well."""
ALL: tuple[str | bytes, ...] = (*ODD, *FILES)
PAGES = ("room", "people", "log", "readings", "singles", "keys")
"""Pages that show what was written, wherever in the room."""


@pytest.fixture(scope="module")
def population() -> Iterator[Population]:
    recorder = MigrationRecorder(connection)
    recorder.ensure_schema()
    with peopled() as found:
        for app, name in MigrationLoader(connection).disk_migrations:
            recorder.record_applied(app, name)
        yield found


@dataclass(frozen=True)
class Odd:
    """A request as it should be, but for one field."""

    target: Target
    field: str
    value: str | bytes

    def __str__(self) -> str:
        shown = ascii(self.value[:40])
        return f"POST {self.target.url} {self.target.thing.label}, {self.field}={shown}"


def _drawn(draw: random.Random, target: Target, fields: Mapping[str, Any]) -> Iterator[Odd]:
    """What to send to an address: odd values in its own fields, and in fields it has not."""
    for field in fields:
        yield from (Odd(target, field, value) for value in draw.sample(ALL, FEW))
    for field in draw.sample(MORE, FEW):
        yield Odd(target, field, draw.choice(ALL))


def _targets(population: Population, name: str, draw: random.Random) -> Iterator[Target]:
    """Addresses to which somebody may post, each with a few objects, first what he changes."""
    open_to: dict[str, list[tuple[bool, Target]]] = defaultdict(list)
    for target in oracle.targets(population):
        row = oracle.row_of(target.url, "POST", target.thing.label)
        if row is not None and not target.place.mark:
            may, does = (
                name in oracle.people(population, words, target.place, target.thing)
                for words in (row.allowed, row.does)
            )
            open_to[target.url] += [(not does, target)] * may
    for found in open_to.values():
        draw.shuffle(found)
        yield from (target for _, target in sorted(found, key=lambda one: one[0])[:FEW])


def wrong_after(population: Population, name: str, *only: str) -> list[str]:
    """What is wrong after each odd request of somebody."""
    walker, found = Walker(population, name), []
    draw = random.Random(zlib.crc32(name.encode()))
    for target in _targets(population, name, draw):
        if only and target.url not in only:
            continue
        with world.rolled_back():
            fields = body(target.url, target.place, target.thing, name).get("data") or {}
        for odd in _drawn(draw, target, fields if isinstance(fields, dict) else {}):
            with world.rolled_back():
                found += [f"{odd}: {told}" for told in _sent(walker, odd)]
    return found


def _sent(walker: Walker, odd: Odd) -> list[str]:
    """Send it; what is wrong then."""
    target = odd.target
    given = dict(body(target.url, target.place, target.thing, walker.name))
    if not isinstance(given.get("data"), dict):
        given = {"data": {}}
    value: Any = odd.value
    if isinstance(value, bytes):
        value = SimpleUploadedFile(odd.field, value)
    given["data"] = {**target.query, **given["data"], odd.field: value}
    walker.restore_cookies()
    before = connection.connection.total_changes
    response = walker.client.post(target.path, **given)
    content_of(response)
    if response.status_code >= 500:
        return [f"status {response.status_code}"]
    if connection.connection.total_changes == before or not target.path.startswith("/r/"):
        return []
    return [*_broken(), *_unproved(walker.population), *_unreadable(walker, response)]


def _unreadable(walker: Walker, response: Any) -> Iterator[str]:
    """Pages that do not open any more: where one is sent on to, and those that show everything."""
    room = walker.population.here.room.id
    paths = [reverse(page, args=[room]) for page in PAGES]
    for path in (*paths, *filter(None, [response.headers.get("Location")])):
        answer = walker.client.get(path)
        content_of(answer)
        if answer.status_code >= 500:
            yield f"{path} is answered with {answer.status_code}"


def _broken() -> list[str]:
    """What the check finds."""
    return [
        f"{problem.where}: {problem.what}"
        for problem in problems()
        if problem.severity == "error" and not NOT_BY_PAGES.search(problem.where)
    ]


def _unproved(population: Population) -> list[str]:
    """What does not hold in the bundles of a delegation and of the mediator."""
    wrong = []
    for name in ("A1", "mediator"):
        with export.bundle_of(population.here.actor(name)) as file:
            told = verify({}, bundles.read(file)).those("does not hold")
        wrong += [f"bundle of {name}: {one.where}: {one.what}" for one in told]
    return wrong


def test_what_is_written_and_cannot_be_proved_is_found(population: Population) -> None:
    with mock.patch.object(deposits, "_signed", lambda *given: given[-1]):
        wrong = wrong_after(population, "A1", "withdraw")
    assert any("bundle of A1" in told for told in wrong), wrong
    assert any("signature where there are no keys" in told for told in wrong), wrong


def test_a_page_that_breaks_is_found(population: Population) -> None:
    with mock.patch.object(deposits, "withdraw", side_effect=KeyError):
        wrong = wrong_after(population, "A1", "withdraw")
    assert any("status 500" in told for told in wrong), wrong


def test_to_begin_with_the_room_is_whole(population: Population) -> None:
    assert [*_broken(), *_unproved(population)] == []


@pytest.mark.parametrize("name", SENDERS)
def test_whatever_is_sent_the_room_stays_whole(population: Population, name: str) -> None:
    wrong = wrong_after(population, name)
    assert not wrong, "\n".join([f"{len(wrong)} wrong:", *wrong[:40]])
