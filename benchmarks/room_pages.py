"""How long the pages of a large room take: 10,000 documents, 100,000 entries in its logs.

python -m benchmarks.room_pages
"""

from __future__ import annotations

import hashlib
import json
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.cases import Row

if TYPE_CHECKING:
    from django.test import Client

    from parley.room.access import Actor
    from parley.room.models import Channel, Paper

DOCUMENTS, READERS = 10_000, 9
ENTRIES = DOCUMENTS * (1 + READERS)
RUNS = 7
AIM = "first page below 100 ms"


def page_rows() -> list[Row]:
    """The lines of the table of benchmarks."""
    what = f"of a room with {DOCUMENTS:,} documents, {ENTRIES:,} entries"
    return [
        Row(f"page “{name}” {what}", f"{size / 1024:,.0f} kB", f"{seconds * 1e3:,.0f} ms", AIM)
        for name, seconds, size in _measured()
    ]


def _measured() -> list[tuple[str, float, int]]:
    """Measure in a process of its own: one process serves one data folder."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "benchmarks.room_pages", "--measure", folder]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return [tuple(row) for row in json.loads(done.stdout.splitlines()[-1])]


def measure(data: Path) -> list[tuple[str, float, int]]:
    """The median of some runs of each page, after one that nobody counts; and its size."""
    from parley.room.config import activate

    activate(data)
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    from django.db import transaction

    with transaction.atomic():
        large = _large_room()
        browser = _signed_in(large.mediator)
    return [(name, *_timed(browser, address)) for name, address in large.pages.items()]


def _timed(browser: Client, address: str) -> tuple[float, int]:
    answer, times = browser.get(address), []
    assert answer.status_code == 200, (address, answer.status_code)
    for _ in range(RUNS):
        began = time.perf_counter()
        browser.get(address)
        times.append(time.perf_counter() - began)
    return sorted(times)[RUNS // 2], len(answer.getvalue())


@dataclass(frozen=True)
class Large:
    """A large room: its mediator, and the pages that are measured, by their names."""

    mediator: Actor
    pages: dict[str, str]


def _large_room() -> Large:
    from parley.room import charters, clock, rooms
    from parley.room.access import Actor
    from parley.room.models import Account, Channel, Kind, Member

    room = rooms.found_room("Large")
    people = []
    for at in range(READERS + 1):
        account = Account.objects.create(username=f"person{at}", display_name=f"Person {at}")
        role = "mediator" if at == 0 else "co-mediator"
        people.append(Actor(account, Member.objects.create(room=room, account=account, role=role)))
    for slug in ("north", "south"):
        rooms.add_party(people[0], slug, slug.capitalize())
    deadline = clock.now() + timedelta(days=3)
    plan = charters.Plan("Round", mode="simple", deadline=deadline)
    round_ = charters.plan(people[0], plan)
    plenary = Channel.objects.get(room=room, kind=Kind.PLENARY)
    papers = _documents(plenary, people[0])
    _readings(Channel.objects.get(room=room, kind=Kind.MEDIATION), papers, people[1:])
    here = f"/r/{room.id}/"
    pages = {
        "room": here,
        "round": f"{here}rounds/{round_.id}/",
        "log": f"{here}log/",
        "channel": f"{here}c/{plenary.id}/",
        "readings": f"{here}readings/",
        "people": f"{here}people/",
        "document": f"{here}c/{plenary.id}/papers/{papers[-1].id}/",
    }
    return Large(people[0], pages)


def _documents(channel: Channel, author: Actor) -> list[Paper]:
    """Documents of a few kB in a channel."""
    from parley.room import clock
    from parley.room.models import Paper

    now, papers, told = clock.now(), [], []
    for at in range(DOCUMENTS):
        body = secrets.token_bytes(32) + f"Document {at}. ".encode() * 100
        paper = Paper(
            channel=channel, author=author.here, is_message=False, name=f"document-{at}.docx",
            body=body, digest=hashlib.sha256(body).hexdigest(), size=len(body) - 32, at=now,
        )  # fmt: skip
        papers.append(paper)
        entry = {"id": paper.id, "who": "mediator", "core": paper.digest, "size": paper.size}
        told.append(("document", paper.id, entry))
    Paper.objects.bulk_create(papers, batch_size=500)
    _write_all(channel, told)
    return papers


def _readings(channel: Channel, papers: list[Paper], readers: list[Actor]) -> None:
    """Every reader has had every document before him."""
    from parley.room import clock
    from parley.room.models import Reading

    now = clock.now()
    pairs = [(paper, reader) for paper in papers for reader in readers]
    Reading.objects.bulk_create(
        (Reading(paper=paper, member=reader.here, at=now) for paper, reader in pairs),
        batch_size=5000,
    )
    told = [("reading", p.id, {"document": p.id, "who": reader.here.id}) for p, reader in pairs]
    _write_all(channel, told)


def _write_all(channel: Channel, told: Iterable[tuple[str, str, dict[str, Any]]]) -> None:
    """Write many entries at once, as `logbook.write` would one by one."""
    from parley.exchange import canonical
    from parley.exchange.merkle import Tree, leaf_hash
    from parley.exchange.notes import Checkpoint, signed
    from parley.exchange.receipts import origin
    from parley.room import clock
    from parley.room.logbook import Nodes, moment
    from parley.room.models import Entry
    from parley.room.vault import log_signer

    channel.refresh_from_db()
    nodes = Nodes(channel)
    tree = Tree(nodes=nodes, size=channel.size)
    at, entries = moment(clock.now()), []
    for kind, about, fields in told:
        body = canonical.encode({"kind": kind, "at": at, **fields})
        index = tree.append(leaf_hash(body))
        entries.append(Entry(channel=channel, index=index, body=body, about=about))
    Entry.objects.bulk_create(entries, batch_size=5000)
    nodes.save()
    channel.size, channel.peaks = len(tree), nodes.peaks(len(tree))
    note = Checkpoint(origin(channel.room_id, channel.id), len(tree), tree.root()).text()
    channel.checkpoint = signed(note, log_signer(channel.room_id))
    channel.save(update_fields=["size", "peaks", "checkpoint"])


def _signed_in(actor: Actor) -> Client:
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
    from django.test import Client

    from parley.room.middleware import BEGAN, SEEN

    TOTP.activate(actor.account, generate_totp_secret())
    browser = Client(SERVER_NAME="localhost")
    browser.force_login(
        actor.account, backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    session = browser.session
    session[BEGAN] = session[SEEN] = int(time.time())
    session.save()
    return browser


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        print(json.dumps(measure(Path(sys.argv[2]))))
    else:
        for name, seconds, size in _measured():
            print(f"{name:10} {seconds * 1e3:8.1f} ms {size / 1024:8,.0f} kB")
