"""A large room, made in a moment, and how long everything takes in it.

    python -m tests.reliability.large DATA BUNDLE DOCUMENTS READERS ROUNDS TEXTS

Documents and messages lie in the plenary and among the mediators and one party; every reader has
had all of them before him, so there are (1 + READERS) entries for each in the logs. There are as
many rounds as told, and in one of them a party has replaced its text many times.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

if TYPE_CHECKING:
    from django.test import Client

    from parley.room.models import Paper
    from tests.room.world import Talks

RUNS = 5
EACH_MESSAGE = 10
"""One of so many papers is a message."""


def _papers(talks: Talks, count: int) -> list[Paper]:
    """Papers of the mediator in two channels, with what their logs tell of them."""
    from parley.room import clock
    from parley.room.logbook import write_all
    from parley.room.models import Channel, Paper

    channels = {
        0: Channel.objects.get(room=talks.room, kind="plenary"),
        1: Channel.objects.get(room=talks.room, party=talks.parties["north"]),
    }
    author, now, made = talks.actor("mediator").here, clock.now(), []
    for number in range(count):
        is_message = number % EACH_MESSAGE == 0
        body = secrets.token_bytes(32) + f"What stands in {number}. ".encode() * 100
        made.append(
            Paper(
                channel=channels[number % 5 > 2],
                author=author,
                is_message=is_message,
                name="" if is_message else f"document-{number}.docx",
                body=body,
                digest=hashlib.sha256(body).hexdigest(),
                size=len(body) - 32,
                at=now,
            )
        )
    Paper.objects.bulk_create(made, batch_size=500)
    for channel in channels.values():
        channel.refresh_from_db()
        write_all(channel, now, (_told(paper) for paper in made if paper.channel_id == channel.id))
    return made


def _told(paper: Paper) -> tuple[str, str, dict[str, Any]]:
    kind = "message" if paper.is_message else "document"
    fields = {"id": paper.id, "who": "mediator", "core": paper.digest, "size": paper.size}
    return kind, paper.id, fields


def _read(talks: Talks, papers: list[Paper], readers: int) -> None:
    """Delegates of north have had all of it before them."""
    from parley.room import clock
    from parley.room.logbook import write_all
    from parley.room.models import Channel, Kind, Member, Reading, Role
    from tests.room import world

    north, now = talks.parties["north"], clock.now()
    places = [
        Member(room=talks.room, account=world.account(f"reader-{number}"), role=Role.DELEGATION)
        for number in range(readers)
    ]
    for place in places:
        place.party = north
    Member.objects.bulk_create(places)
    pairs = [(paper.id, place.id) for paper in papers for place in places]
    rows = (Reading(paper_id=paper, member_id=place, at=now) for paper, place in pairs)
    Reading.objects.bulk_create(rows, batch_size=5000)
    told = (("reading", paper, {"document": paper, "who": place}) for paper, place in pairs)
    write_all(Channel.objects.get(room=talks.room, kind=Kind.MEDIATION), now, told)


def _rounds(talks: Talks, rounds: int, texts: int) -> str:
    """Rounds with an exchange; one of them with many texts. That one."""
    from parley.room import deposits
    from parley.room.models import Round
    from tests.reliability.seeding import open_round

    ids = [open_round(talks, number) for number in range(rounds)]
    crowded = Round.objects.get(id=ids[-1])
    for number in range(texts):
        text = f"Proposal {number}".encode()
        deposits.lay_down(talks.actor("north"), crowded, text, f"text-{number:08d}")
    return ids[-1]


def pages(talks: Talks, round_: str) -> dict[str, tuple[str, str]]:
    """By name: who looks at which page."""
    from parley.room.models import Channel, Kind

    here = f"/r/{talks.room.id}/"
    plenary = Channel.objects.get(room=talks.room, kind=Kind.PLENARY).id
    mediation = Channel.objects.get(room=talks.room, kind=Kind.MEDIATION).id
    found: dict[str, tuple[str, str]] = {}
    for who in ("mediator", "reader-0"):
        found |= {
            f"home, {who}": (who, "/"),
            f"room, {who}": (who, here),
            f"round, {who}": (who, f"{here}rounds/{round_}/"),
            f"channel, {who}": (who, f"{here}c/{plenary}/"),
            f"log, {who}": (who, f"{here}log/"),
            f"people, {who}": (who, f"{here}people/"),
            f"readings, {who}": (who, f"{here}readings/"),
            f"single texts, {who}": (who, f"{here}texts/"),
        }
    found["log of the mediators"] = ("mediator", f"{here}log/?log={mediation}")
    found["receipts"] = ("reader-0", f"{here}rounds/{round_}/receipts/")
    found["deposit"] = ("reader-0", f"{here}rounds/{round_}/deposit/")
    return found


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    begin = time.perf_counter()
    found = work()
    return time.perf_counter() - begin, found


def _page(browser: Client, path: str) -> tuple[float, int]:
    """The shortest time of several runs (others use this computer too), and the size."""
    runs = [_timed(lambda: browser.get(path)) for _ in range(RUNS)]
    assert {answer.status_code for _, answer in runs} <= {200, 302}, path
    return min(took for took, _ in runs), len(runs[0][1].content)


def measured(talks: Talks, round_: str, bundle: Path) -> dict[str, Any]:
    """How long everything takes."""
    from parley.room import export
    from parley.room.check import problems
    from parley.room.models import Account, Entry
    from tests.room import world

    wanted = pages(talks, round_)
    browsers = {
        who: world.client_for(Account.objects.get(username=who)) for who, _ in wanted.values()
    }
    found: dict[str, Any] = {"entries": Entry.objects.count()}
    found["pages"] = {name: _page(browsers[who], path) for name, (who, path) in wanted.items()}
    found["check"], wrong = _timed(problems)
    found["wrong"] = [str(problem) for problem in wrong if problem.severity == "error"]
    for name in ("bundle of who reads all of it first", "bundle"):
        found[name], file = _timed(lambda: export.bundle_of(talks.actor("north")))
        with file:
            bundle.write_bytes(file.read())
    return found


@contextmanager
def _standing_clock() -> Iterator[None]:
    """Rows and entries are of one moment."""
    from parley.room import clock

    now = clock.now()
    with patch.object(clock, "now", lambda: now):
        yield


def main(data: Path, bundle: Path, documents: int, readers: int, rounds: int, texts: int) -> None:
    """Make the room, and tell what was measured."""
    from parley.room.serve import prepare

    prepare(data)
    from django.db import transaction

    from tests.room import world

    with _standing_clock(), transaction.atomic():
        talks = world.talks()
        papers = _papers(talks, documents)
        _read(talks, papers, readers)
        round_ = _rounds(talks, rounds, texts)
    json.dump(measured(talks, round_, bundle), sys.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), *map(int, sys.argv[3:]))
