"""Channels, papers and readings, as each person in a room sees them."""

from __future__ import annotations

import re

from django.test import Client

from parley.room.models import Channel, Entry, Kind, Paper, Reading
from tests.room import world

INSIDE = ("mediator", "co-mediator", "north", "north-2", "south", "witness", "observer")
OUTSIDE = ("operator", "removed", "stranger")
CANARY = "canary-4711-heron"


def channels(talks: world.Talks) -> dict[str, Channel]:
    """The channels of a room: plenary, mediation, north, south."""
    found = Channel.objects.filter(room=talks.room).exclude(kind=Kind.HEADS)
    return {c.party.slug if c.party else str(c.kind): c for c in found}


def at(talks: world.Talks, channel: Channel, rest: str = "") -> str:
    """The address of a channel."""
    return f"/r/{talks.room.id}/c/{channel.id}/{rest}"


def key(client: Client, address: str) -> str:
    """The idempotency key of the form of a message on a page."""
    found = re.search(r'name="key" value="([^"]+)"', client.get(address).content.decode())
    assert found
    return found[1]


def say(client: Client, address: str, words: str) -> None:
    """Write a message into a channel."""
    given = {"what": "message", "key": key(client, address), "words": words}
    answer = client.post(f"{address}send/", given)
    assert answer.status_code == 302, answer.content.decode()


MAY_SEE = {
    "plenary": set(INSIDE),
    "mediation": {"mediator", "co-mediator"},
    "north": {"mediator", "co-mediator", "north", "north-2"},
    "south": {"mediator", "co-mediator", "south"},
}
MAY_WRITE = {"mediator", "co-mediator", "north", "north-2", "south"}


def test_each_sees_his_own_channels_alone() -> None:
    talks = world.talks()
    for name, channel in channels(talks).items():
        for who in (*INSIDE, *OUTSIDE):
            page = world.client_for(talks.account(who)).get(at(talks, channel))
            assert page.status_code == (200 if who in MAY_SEE[name] else 404), (name, who)
            sent = world.client_for(talks.account(who)).post(
                at(talks, channel, "send/"), {"what": "message", "key": "k" * 20, "words": who}
            )
            may = who in MAY_SEE[name] & MAY_WRITE
            assert sent.status_code == (302 if may else 404), (name, who)
        assert world.client().get(at(talks, channel)).status_code == 302
    written = Paper.objects.filter(channel__room=talks.room)
    assert written.count() == sum(len(MAY_SEE[c] & MAY_WRITE) for c in MAY_SEE)
