"""Channels, papers and readings, as each person in a room sees them."""

from __future__ import annotations

import base64
import gzip
import io
import logging
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Q
from django.test import Client
from django.urls import URLPattern, get_resolver

from parley.room import papers, policy
from parley.room.logbook import content
from parley.room.models import Channel, Entry, Kind, Paper, Reading
from parley.room.ticks import commit_heads
from tests.room import world

INSIDE = ("mediator", "co-mediator", "north", "north-2", "south", "witness", "observer")
OUTSIDE = ("operator", "removed", "stranger")
CANARY = "canary-4711-heron"


def channels(talks: world.Talks) -> dict[str, Channel]:
    """The channels of a room: plenary, mediation, north, south."""
    found = Channel.objects.filter(room=talks.room).exclude(kind=Kind.HEADS)
    return {c.party.slug if c.party else str(c.kind): c for c in found}


def at(channel: Channel, rest: str = "") -> str:
    """The address of a channel."""
    return f"/r/{channel.room_id}/c/{channel.id}/{rest}"


def key_of(page: str) -> str:
    """The idempotency key of the first form on a page."""
    found = re.search(r'name="key" value="([^"]+)"', page)
    assert found
    return found[1]


def say(client: Client, channel: Channel, words: str) -> Any:
    """Write a message into a channel, from its page."""
    key = key_of(client.get(at(channel)).content.decode())
    return client.post(at(channel, "send/"), {"what": "message", "key": key, "words": words})


def bring(client: Client, channel: Channel, raw: bytes, name: str = "draft.docx") -> Any:
    """Put a document into a channel, from its page."""
    key = key_of(client.get(at(channel)).content.decode())
    file = SimpleUploadedFile(name, raw)
    return client.post(at(channel, "send/"), {"what": "document", "key": key, "file": file})


MAY_SEE = {
    "plenary": set(INSIDE),
    "mediation": {"mediator", "co-mediator"},
    "north": {"mediator", "co-mediator", "north", "north-2"},
    "south": {"mediator", "co-mediator", "south"},
}
MAY_WRITE = {"mediator", "co-mediator", "north", "north-2", "south"}


@pytest.mark.parametrize("who", [*INSIDE, *OUTSIDE])
def test_each_sees_and_writes_in_his_own_channels_alone(who: str) -> None:
    talks = world.talks()
    client = world.client_for(talks.account(who))
    for name, channel in channels(talks).items():
        page = client.get(at(channel))
        assert page.status_code == (200 if who in MAY_SEE[name] else 404), name
        given = {"what": "message", "key": f"{name}-{'k' * 20}", "words": "Good morning."}
        sent = client.post(at(channel, "send/"), given)
        may = who in MAY_SEE[name] & MAY_WRITE
        assert sent.status_code == (302 if may else 404), name
        assert Paper.objects.filter(channel=channel).count() == may
        if page.status_code == 200:
            assert ("Write here" in page.content.decode()) == (who in MAY_WRITE)


def test_a_stranger_is_sent_to_the_door_whatever_he_asks_for() -> None:
    talks = world.talks()
    there = world.client().get(at(channels(talks)["north"]))
    nowhere = world.client().get("/r/aaaaaaaaaaaa/c/bbbbbbbbbbbb/")
    assert there.status_code == nowhere.status_code == 302
    assert there["Location"].startswith("/account/login/")


def test_what_one_may_not_see_is_answered_as_what_is_not_there() -> None:
    talks = world.talks()
    south = world.client_for(talks.account("south"))
    there = south.get(at(channels(talks)["north"])).content
    nowhere = south.get(f"/r/{talks.room.id}/c/aaaaaaaaaaaa/").content
    hide = re.compile(rb'value="[^"]*"')
    assert hide.sub(b"", there) == hide.sub(b"", nowhere)


def test_the_head_says_who_reads() -> None:
    talks = world.talks()
    found = channels(talks)
    mediator = world.client_for(talks.account("mediator"))
    pages = {name: mediator.get(at(channel)).content.decode() for name, channel in found.items()}
    assert "Only the mediators and the delegation of North read this." in pages["north"]
    assert "Only the mediators and the delegation of South read this." in pages["south"]
    assert "Only the mediators read this." in pages["mediation"]
    assert "Everybody in this room reads this" in pages["plenary"]
    readers = re.findall(r"<li>([^<]+) \(", pages["north"].split("by name")[1].split("</ul>")[0])
    assert sorted(readers) == ["Co-mediator", "Mediator", "North", "North-2"]


def test_messages_stand_in_order_and_escaped() -> None:
    talks = world.talks()
    plenary = channels(talks)["plenary"]
    north = world.client_for(talks.account("north"))
    for words in ("first <b>bold</b>", "second\r\nline", "third"):
        assert say(north, plenary, words).status_code == 302
    page = world.client_for(talks.account("south")).get(at(plenary)).content.decode()
    places = [page.index(w) for w in ("first &lt;b&gt;bold&lt;/b&gt;", "second\nline", "third")]
    assert places == sorted(places)
    assert "<b>bold</b>" not in page


def test_the_newest_are_shown_first_of_all_pages() -> None:
    talks = world.talks()
    plenary, north = channels(talks)["plenary"], talks.actor("north")
    for k in range(60):
        papers.put(north, plenary, f"word {k:02}".encode(), f"key-{k:04}", is_message=True)
    client = world.client_for(talks.account("south"))
    last = client.get(at(plenary)).content.decode()
    assert "word 59" in last
    assert "word 49" not in last
    assert "word 00" in client.get(at(plenary, "?page=1")).content.decode()
    assert client.get(at(plenary, "?page=nonsense")).status_code == 200


def test_sent_twice_it_is_there_once() -> None:
    talks = world.talks()
    plenary = channels(talks)["plenary"]
    north = world.client_for(talks.account("north"))
    given = {"what": "message", "key": "k" * 20, "words": "Once."}
    answers = [north.post(at(plenary, "send/"), given).status_code for _ in range(3)]
    assert answers == [302, 302, 302]
    assert Paper.objects.filter(channel=plenary).count() == 1
    other = north.post(at(plenary, "send/"), {**given, "words": "Something else."})
    assert other.status_code == 409
    page = other.content.decode()
    assert "Something else." in page  # what was typed is not lost
    assert "sent before" in page


@pytest.mark.parametrize("words", ["", "   \n"])
def test_nothing_is_not_sent(words: str) -> None:
    talks = world.talks()
    plenary = channels(talks)["plenary"]
    answer = say(world.client_for(talks.account("north")), plenary, words)
    assert answer.status_code in {409, 422}
    assert not Paper.objects.exists()


def test_too_large_a_document_is_refused_in_words() -> None:
    talks = world.talks()
    plenary = channels(talks)["plenary"]
    answer = bring(world.client_for(talks.account("north")), plenary, b"x" * (10 * 2**20 + 1))
    assert answer.status_code == 409
    assert "10 MB" in answer.content.decode()


def test_a_document_is_taken_away_whole_and_never_shown() -> None:
    talks = world.talks()
    north = channels(talks)["north"]
    raw = b"<script>alert(1)</script>" + bytes(range(256))
    assert (
        bring(world.client_for(talks.account("north")), north, raw, "page.html").status_code == 302
    )
    paper = Paper.objects.get(channel=north)
    for who in (*INSIDE, *OUTSIDE):
        client = world.client_for(talks.account(who))
        answer = client.get(at(north, f"papers/{paper.id}/"))
        assert answer.status_code == (200 if who in MAY_SEE["north"] else 404), who
        # not through another channel of his own either
        other = client.get(at(channels(talks)["plenary"], f"papers/{paper.id}/"))
        assert other.status_code == 404
    taken = world.client_for(talks.account("north-2")).get(at(north, f"papers/{paper.id}/"))
    assert taken.content == raw
    assert taken["Content-Type"] == "application/octet-stream"
    assert taken["Content-Disposition"] == 'attachment; filename="page.html"'
    assert taken["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert taken["X-Content-Type-Options"] == "nosniff"
    assert taken["Cache-Control"] == "no-store"


def test_only_who_wrote_it_erases_it() -> None:
    talks = world.talks()
    north = channels(talks)["north"]
    say(world.client_for(talks.account("north")), north, CANARY)
    paper = Paper.objects.get(channel=north)
    for who in (*INSIDE, *OUTSIDE):
        if who != "north":
            answer = world.client_for(talks.account(who)).post(
                at(north, f"papers/{paper.id}/erase/")
            )
            assert answer.status_code == (302 if who in MAY_SEE["north"] else 404), who
    paper.refresh_from_db()
    assert paper.erased is None
    client = world.client_for(talks.account("north"))
    assert client.get(at(north, f"papers/{paper.id}/erase/")).status_code == 405
    client.post(at(north, f"papers/{paper.id}/erase/"))
    paper.refresh_from_db()
    assert paper.erased is not None
    assert bytes(paper.body) == b""
    page = client.get(at(north)).content.decode()
    assert "A message stood here" in page
    assert CANARY not in page
    gone = client.get(at(north, f"papers/{paper.id}/"), follow=True)
    assert "It was erased." in gone.content.decode()
    kinds = [content(entry)["kind"] for entry in Entry.objects.filter(about=paper.id)]
    assert {"message", "erased"} <= set(kinds)


# -- carrying over ---------------------------------------------------------------------------


def carried(talks: world.Talks, to: str, **more: str) -> tuple[Any, Paper]:
    """What a mediator gets who carries a document of north somewhere."""
    found = channels(talks)
    paper = papers.put(talks.actor("north"), found["north"], b"Forty-five.", "k" * 20, name="N.md")
    client = world.client_for(talks.account("mediator"))
    address = at(found["north"], f"papers/{paper.id}/carry/")
    key = key_of(client.get(address).content.decode())
    given = {"key": key, "to": found[to].id, "name": "wording.md", **more}
    return client.post(address, given), paper


def test_before_it_is_carried_over_one_sees_who_will_read_it() -> None:
    talks = world.talks()
    page, _ = carried(talks, "south")
    assert page.status_code == 200
    words = page.content.decode()
    assert "Only the mediators and the delegation of South read this." in words
    assert "South (South)" in words
    assert "North (North)" not in words
    assert Paper.objects.count() == 1


def test_the_receivers_are_not_told_where_it_comes_from() -> None:
    talks = world.talks()
    answer, paper = carried(talks, "south", confirmed="yes")
    south = channels(talks)["south"]
    assert answer["Location"] == at(south)
    copy = Paper.objects.get(channel=south)
    assert (copy.party, copy.author) == (None, talks.actor("mediator").member)
    assert copy.digest != paper.digest
    client = world.client_for(talks.account("south"))
    page = client.get(at(south)).content.decode()
    assert "wording.md" in page
    assert client.get(at(south, f"papers/{copy.id}/")).content == b"Forty-five."
    for trace in (paper.id, paper.digest, "N.md", "North", channels(talks)["north"].id):
        assert trace not in page
        assert trace.encode() not in b"".join(
            bytes(entry.body) for entry in Entry.objects.filter(channel=south)
        )
    told = [content(e) for e in Entry.objects.filter(channel=channels(talks)["mediation"])]
    assert [(e["id"], e["source"]) for e in told if e["kind"] == "carried"] == [(copy.id, paper.id)]


def test_carried_over_twice_by_mistake_it_is_there_once() -> None:
    talks = world.talks()
    found = channels(talks)
    paper = papers.put(talks.actor("north"), found["north"], b"45", "k" * 20, is_message=True)
    client = world.client_for(talks.account("mediator"))
    given = {"key": "c" * 20, "to": found["plenary"].id, "confirmed": "yes"}
    for _ in range(2):
        client.post(at(found["north"], f"papers/{paper.id}/carry/"), given)
    assert Paper.objects.filter(channel=found["plenary"]).count() == 1
    told = [content(e) for e in Entry.objects.filter(channel=found["mediation"])]
    assert sum(entry["kind"] == "carried" for entry in told) == 1


@pytest.mark.parametrize("who", ["north", "south", "witness", "observer", *OUTSIDE])
def test_nobody_else_carries_anything(who: str) -> None:
    talks = world.talks()
    found = channels(talks)
    paper = papers.put(talks.actor("north"), found["plenary"], b"45", "k" * 20, is_message=True)
    client = world.client_for(talks.account(who))
    address = at(found["plenary"], f"papers/{paper.id}/carry/")
    given = {"key": "c" * 20, "to": found["plenary"].id, "confirmed": "yes"}
    assert client.get(address).status_code == 404
    assert client.post(address, given).status_code == 404
    assert Paper.objects.count() == 1


def test_it_is_not_carried_into_another_room() -> None:
    talks, other = world.talks(), world.talks("Other", mark="-b")
    found = channels(talks)
    paper = papers.put(talks.actor("north"), found["north"], b"45", "k" * 20, is_message=True)
    client = world.client_for(talks.account("mediator"))
    given = {"key": "c" * 20, "to": channels(other)["plenary"].id, "confirmed": "yes"}
    answer = client.post(at(found["north"], f"papers/{paper.id}/carry/"), given)
    assert answer.status_code == 422
    assert Paper.objects.count() == 1


# -- readings --------------------------------------------------------------------------------


def test_readings_are_for_the_mediators_and_ones_own_side() -> None:
    talks = world.talks()
    plenary = channels(talks)["plenary"]
    paper = papers.put(talks.actor("mediator"), plenary, b"Draft", "k" * 20, name="draft.md")
    for who in ("north", "south", "observer"):
        world.client_for(talks.account(who)).get(at(plenary, f"papers/{paper.id}/"))
    assert Reading.objects.filter(paper=paper).count() == 3

    def page(who: str) -> str:
        answer = world.client_for(talks.account(who)).get(f"/r/{talks.room.id}/readings/")
        assert answer.status_code == 200
        return str(answer.content.decode()).split("<main")[1]

    seen = page("mediator")
    had, not_yet = seen.split('data-label="Not yet before"')
    assert "North (North)" in had
    assert "South (South)" in had
    assert "North-2 (North)" in not_yet
    own = page("north-2")
    assert "North (North)" in own
    assert "North-2 (North)" in own
    assert "South" not in own
    assert "Observer" not in own
    for who in ("witness", "observer", *OUTSIDE):
        answer = world.client_for(talks.account(who)).get(f"/r/{talks.room.id}/readings/")
        assert answer.status_code == 404, who


def test_readings_are_noted_once_and_not_of_ones_own() -> None:
    talks = world.talks()
    plenary = channels(talks)["plenary"]
    north = world.client_for(talks.account("north"))
    say(north, plenary, "Good morning.")
    for _ in range(2):
        north.get(at(plenary))
        world.client_for(talks.account("south")).get(at(plenary))
    assert [r.member for r in Reading.objects.all()] == [talks.actor("south").member]


# -- what the other side cannot see by any means ---------------------------------------------


def addresses(talks: world.Talks) -> Iterator[str]:
    """Every address of the room, with every id that there is in every place."""
    ids = {
        "room": [talks.room.id],
        "channel": [channel.id for channel in channels(talks).values()],
        "paper": list(Paper.objects.values_list("id", flat=True)),
    }
    for pattern in get_resolver().url_patterns:
        assert isinstance(pattern, URLPattern)
        route = str(pattern.pattern)
        if not route.startswith("r/"):
            continue
        found = [""]
        for part in re.split(r"(<[^>]+>)", route):
            name = part.strip("<>").rpartition(":")[2]
            options = ids.get(name, ["1"]) if part.startswith("<") else [part]
            found = [f"{so_far}{option}" for so_far in found for option in options]
        yield from (f"/{address}" for address in found)


def forms_of(secret: str) -> list[bytes]:
    """A secret as it may be found: as it is, and packed into other forms."""
    raw = secret.encode()
    shifted = [base64.b64encode(b"x" * k + raw)[4 if k else 0 :][:12] for k in range(3)]
    return [raw, raw.hex().encode(), *shifted]


def opened(raw: bytes) -> bytes:
    """An answer with what is packed in it."""
    if raw[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            return raw + b"".join(archive.read(name) for name in archive.namelist())
    return raw + (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else b"")


def told_by(client: Client, talks: world.Talks) -> Iterator[tuple[str, bytes]]:
    """All that the room answers to somebody, whatever he asks."""
    for address in addresses(talks):
        for method in ("get", "post", "put", "options"):
            answer = getattr(client, method)(address)
            raw = b"".join(answer) if answer.streaming else answer.content
            yield f"{method} {address}", opened(raw) + str(answer.headers).encode()


def shuttled(talks: world.Talks) -> None:
    """North says something to the mediators, and gives them a document."""
    north = channels(talks)["north"]
    client = world.client_for(talks.account("north"))
    assert say(client, north, f"We could live with it: {CANARY}.").status_code == 302
    raw = f"{CANARY} in a document".encode()
    assert bring(client, north, raw, f"{CANARY}.docx").status_code == 302
    world.client_for(talks.account("mediator")).get(at(north))
    commit_heads(talks.room)


@pytest.mark.parametrize("who", ["south", "witness", "observer", *OUTSIDE])
def test_what_north_says_to_the_mediators_reaches_nobody_else(
    who: str, caplog: pytest.LogCaptureFixture
) -> None:
    talks = world.talks()
    shuttled(talks)
    hidden = list(Paper.objects.values_list("digest", flat=True))
    with caplog.at_level(logging.DEBUG):
        asked = list(told_by(world.client_for(talks.account(who)), talks))
    assert len(asked) > 100
    for secret in (CANARY, *hidden):
        for form in forms_of(secret):
            assert [name for name, raw in asked if form in raw] == []
            assert form.decode() not in caplog.text


def test_the_search_finds_it_where_it_may_be_read() -> None:
    """The test above can fail: the same search finds it for those who may read it."""
    talks = world.talks()
    shuttled(talks)
    for who in ("mediator", "north-2"):
        asked = told_by(world.client_for(talks.account(who)), talks)
        assert sum(CANARY.encode() in raw for _, raw in asked) >= 3


def test_the_search_finds_it_if_the_policy_forgets(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test above can fail: with one line of the policy gone, south reads it."""
    talks = world.talks()
    shuttled(talks)
    everything = lambda actor, to: Q(**{f"{to}room": actor.room})  # noqa: E731
    monkeypatch.setattr(policy, "_channels", everything)
    client = world.client_for(talks.account("south"))
    client.raise_request_exception = False
    asked = told_by(client, talks)
    assert any(CANARY.encode() in raw for _, raw in asked)
