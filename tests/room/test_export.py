"""A bundle holds what somebody may see, nothing else, and anybody can verify it."""

from __future__ import annotations

import base64
import gzip
import io
import re
import tracemalloc
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.urls import reverse

from parley.exchange import archive
from parley.exchange import bundle as bundles
from parley.exchange.audit import Verdict, verify
from parley.exchange.bundle import Bundle
from parley.exchange.receipts import from_json
from parley.room import clock, export, papers, rooms
from parley.room.models import Channel, Deposit, Entry, Paper, Reading, Receipt
from tests.room import world
from tests.room.lived_in import LivedIn, lived_in

MEMBERS = ("mediator", "co-mediator", "north", "north-2", "south", "witness")
REFUSED = ("observer", "removed", "operator", "stranger")


@pytest.fixture(scope="module", autouse=True)
def here() -> Iterator[LivedIn]:
    """One room for all tests of this file."""
    with world.rolled_back():
        yield lived_in()


@pytest.fixture(autouse=True)
def _clock(here: LivedIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: here.now)


def raw_of(here: LivedIn, name: str) -> bytes:
    """The bundle of a member, as bytes."""
    with export.bundle_of(here.talks.actor(name)) as file:
        return file.read()


def read(raw: bytes) -> Bundle:
    return bundles.read(io.BytesIO(raw))


def verdict(raw: bytes) -> Verdict:
    return verify({}, read(raw))


def wrong(found: Verdict) -> list[str]:
    return [f"{f.where}: {f.what}" for f in found.those("does not hold")]


# it holds, and it can be seen when it does not


@pytest.mark.parametrize("name", MEMBERS)
def test_the_bundle_of_every_member_verifies(here: LivedIn, name: str) -> None:
    found = verdict(raw_of(here, name))
    assert wrong(found) == []
    # the witness does not read what was opened, nor do mediators where they are no readers
    left_open = {f.where.split(".")[0] for f in found.those("incomplete")}
    simple = f"opened/{here.rounds['simple released'].id}"
    assert left_open == ({simple} if name == "witness" else set())


def test_the_bundle_of_whoever_runs_the_server_verifies_and_holds_nothing_to_read(
    here: LivedIn,
) -> None:
    with export.proof_of(here.talks.room) as file:
        raw = file.read()
    found = verdict(raw)
    assert wrong(found) == []
    kinds = {name.partition("/")[0] for name in read(raw).files}
    assert kinds == {
        "bundle.json", "bundle.note", "salts.json", "logs", "charters", "deposits",
    }  # fmt: skip
    assert secrets_in(raw, here) == set()
    sealed = {name for name in read(raw).files if name.startswith("deposits/")}
    assert {name.split("/")[1].split(".")[0] for name in sealed} == {
        here.rounds["sealed released"].id
    }


def test_the_bundle_of_a_room_in_which_nothing_has_happened_verifies() -> None:
    with export.proof_of(rooms.found_room("New")) as file:
        assert verdict(file.read()).outcome == "valid"


@pytest.mark.parametrize("what", ["entry", "checkpoint", "content", "salt", "missing"])
def test_a_bundle_that_was_changed_does_not_verify(here: LivedIn, what: str) -> None:
    files = dict(read(raw_of(here, "mediator")).files)
    log = here.channel("plenary").id
    if what == "entry":
        files[f"logs/{log}.jsonl"] = files[f"logs/{log}.jsonl"].replace(b'"size":', b'"size":1', 1)
    elif what == "checkpoint":
        mediation = here.channel("mediation").id
        files[f"logs/{log}.checkpoint"] = files[f"logs/{mediation}.checkpoint"]
    elif what == "content":
        files[f"contents/{here.papers['map'].id}.bin"] += b"x"
    elif what == "salt":
        raw = files["salts.json"]
        at = raw.index(b'="') - 5
        other = b"B" if raw[at : at + 1] == b"A" else b"A"
        files["salts.json"] = raw[:at] + other + raw[at + 1 :]
    else:
        del files[f"contents/{here.papers['map'].id}.bin"]
    assert wrong(verify({}, bundles.open_bundle(files)))


def test_receipts_that_were_kept_hold_against_a_bundle_and_show_when_it_was_set_back(
    here: LivedIn,
) -> None:
    before = read(raw_of(here, "north"))
    with world.rolled_back():
        here.plan("later", "simple")
        here.lay_down("later", "north")
        row = Receipt.objects.filter(round=here.rounds["later"]).get()
        receipts = {"north.parley": from_json(bytes(row.body))}
        after = read(raw_of(here, "north"))
        assert wrong(verify(receipts, after)) == []
    # `before` is what a server shows that was restored from an older backup
    assert any("it was set back" in words for words in wrong(verify(receipts, before)))


# nobody gets more than he may see


def canaries(here: LivedIn) -> dict[str, bytes]:
    """Every text in the room, by a word for it."""
    found = {
        f"{round_} {who}": f"What {who} proposes in {round_}".encode()
        for round_ in here.rounds
        for who in ("north", "south")
    }
    found |= {word: bytes(paper.body) for word, paper in here.papers.items() if word != "slip"}
    return found | {"slip": b"The slip."}


def secrets_in(raw: bytes, here: LivedIn) -> set[str]:
    """Which texts of the room are in these bytes, in any usual form."""
    forms = [raw]
    for name in read(raw).files:
        data = read(raw).files[name]
        forms.append(data)
    whole = b"\n".join(forms)
    found = set()
    for word, text in canaries(here).items():
        spellings = (text, text.hex().encode(), base64.b64encode(text)[:-4], gzip.compress(text))
        if any(spelling and spelling in whole for spelling in spellings):
            found.add(word)
    return found


PLENARY = {"map"}
OPENED = {"simple released north", "simple released south"}
SEEN = {
    "mediator": PLENARY | OPENED | {"note", "answer", "doubt", "expired north"},
    "co-mediator": PLENARY | OPENED | {"note", "answer", "doubt", "expired north"},
    "north": PLENARY | OPENED | {"note", "answer", "expired north"},
    "north-2": PLENARY | OPENED | {"note", "answer", "expired north"},
    "south": PLENARY | OPENED | {"expired north"},
    # what was published in the plenary is for all members
    "witness": PLENARY | {"simple released north"},
}


@pytest.mark.parametrize("name", MEMBERS)
def test_a_bundle_holds_every_text_that_its_owner_may_see_and_no_other(
    here: LivedIn, name: str
) -> None:
    assert secrets_in(raw_of(here, name), here) == SEEN[name]


def test_a_text_that_is_not_open_is_in_the_bundle_of_its_own_party_alone_and_sealed(
    here: LivedIn,
) -> None:
    waiting, armed = here.rounds["waiting"].id, here.rounds["armed"].id
    for name in MEMBERS:
        there = {f for f in read(raw_of(here, name)).files if f.startswith("deposits/")}
        of_others = {f for f in there if f.split("/")[1].split(".")[0] in {waiting, armed}}
        party = name.split("-")[0]
        own = {f"deposits/{armed}.{party}.json", f"deposits/{waiting}.{party}.json"}
        assert of_others == {
            f for f in own if party == "south" or (party == "north" and armed in f)
        }


def test_logs_of_channels_one_may_not_see_are_not_there(here: LivedIn) -> None:
    kinds = {
        name: {(c.kind, c.party) for c in read(raw_of(here, name)).channels} for name in MEMBERS
    }
    common = {("plenary", None), ("heads", None)}
    assert kinds["witness"] == common
    assert kinds["north"] == common | {("shuttle", "north")}
    assert kinds["south"] == common | {("shuttle", "south")}
    for name in ("mediator", "co-mediator"):
        shuttles = {("shuttle", "north"), ("shuttle", "south")}
        assert kinds[name] == common | shuttles | {("mediation", None)}


def test_receipts_in_a_bundle_are_of_the_own_party(here: LivedIn) -> None:
    for name in MEMBERS:
        files = read(raw_of(here, name)).files
        parties = {from_json(files[f]).content["who"] for f in files if f.startswith("receipts/")}
        assert parties == ({name.split("-")[0]} if name.startswith(("north", "south")) else set())


def test_what_was_erased_is_left_out(here: LivedIn) -> None:
    slip = here.papers["slip"].id
    assert f"contents/{slip}.bin" not in read(raw_of(here, "mediator")).files


# what is in a bundle has been had


def test_what_somebody_takes_with_him_counts_as_read(here: LivedIn) -> None:
    north = here.talks.actor("north")
    papers.put(here.talks.actor("mediator"), here.channel("plenary"), b"New.", "new")
    new = Paper.objects.get(size=4)
    raw_of(here, "north")
    assert Reading.objects.filter(paper=new, member=north.here).count() == 1
    raw_of(here, "north")
    assert Reading.objects.filter(paper=new).count() == 1
    own = Reading.objects.filter(paper=here.papers["note"], member=north.here)
    assert not own.exists()


# by the web


def test_it_is_downloaded_by_a_form_and_verifies(here: LivedIn) -> None:
    client = world.client_for(here.talks.account("south"))
    answer = client.post(reverse("bundle", args=[here.talks.room.id]))
    assert answer.status_code == 200
    assert answer["Content-Disposition"] == 'attachment; filename="bundle.zip"'
    assert answer["Cache-Control"] == "no-store"
    raw = b"".join(answer)
    assert wrong(verdict(raw)) == []
    assert client.get(reverse("bundle", args=[here.talks.room.id])).status_code == 405


@pytest.mark.parametrize("name", REFUSED)
def test_for_others_there_is_none(here: LivedIn, name: str) -> None:
    client = world.client_for(here.talks.account(name))
    pages = []
    for room in (here.talks.room.id, "aaaaaaaaaaaa"):
        answer = client.post(reverse("bundle", args=[room]))
        assert answer.status_code == 404
        # a token and the address that was asked for are in the page
        without_token = re.sub(rb'value="[A-Za-z0-9]{64}"', b"", answer.content)
        pages.append(without_token.replace(room.encode(), b""))
    assert pages[0] == pages[1]


def test_more_than_a_bundle_can_hold_is_told(
    here: LivedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "MOST", 10)
    client = world.client_for(here.talks.account("south"))
    answer = client.post(reverse("bundle", args=[here.talks.room.id]), follow=True)
    assert answer.redirect_chain
    assert "more than 10 files" in answer.content.decode()


# while others write, and large rooms


def test_what_is_written_meanwhile_does_not_spoil_a_bundle(
    here: LivedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = export._log

    def meanwhile(channel: Channel) -> bytes:
        """Others take a text back, erase a paper, agree and write, while a log is written out."""
        if channel.kind == "plenary":
            here.now += timedelta(seconds=5)
            papers.put(here.talks.actor("mediator"), here.channel("plenary"), b"Later.", "later")
            papers.erase(here.talks.actor("mediator"), here.papers["map"])
            Deposit.objects.filter(round__title="armed").update(blob=b"")
            here.plan("meanwhile", "sealed")
        return written(channel)

    monkeypatch.setattr(export, "_log", meanwhile)
    raw = raw_of(here, "north")
    assert wrong(verdict(raw)) == []
    assert b"Later." not in raw


def test_a_large_room_goes_through_little_memory(here: LivedIn) -> None:
    author = here.talks.actor("mediator").here
    channel = here.channel("plenary")
    body = bytes(100_000)
    Paper.objects.bulk_create(
        [
            Paper(
                channel=channel, author=author, is_message=False, body=body, digest="", size=1,
                at=here.now,
            )
            for _ in range(300)
        ],
        batch_size=20,
    )  # fmt: skip
    assert Entry.objects.filter(channel=channel).count() < 1000
    tracemalloc.start()
    with export.bundle_of(here.talks.actor("mediator")) as file:
        size = file.seek(0, 2)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size > 30_000_000
    assert peak < 5_000_000
