"""What somebody does who is in a room: he looks at it from all sides, and writes now and then."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from tests.reliability.clients import Client

READS = ("home", "room", "round", "channel", "log", "receipts", "receipt", "people", "readings")
WEIGHTS = (1, 4, 4, 6, 2, 2, 1, 1, 1)
WRITES = 0.1
"""The share of visits that write: half of them messages, half of them texts."""


def visit(client: Client, goes_on: Callable[[], bool]) -> None:
    """One page, or one thing that is written."""
    if client.chance.random() >= WRITES:
        _look(client, client.chance.choices(READS, WEIGHTS)[0])
    elif client.chance.random() < 0.5:
        _say(client)
    else:
        client.deposit(goes_on)


def _look(client: Client, what: str) -> None:
    person = client.person
    if what == "receipt":
        client.receipt()
        return
    paths = {
        "home": "/",
        "room": client.path(),
        "round": client.path(f"rounds/{client.chance.choice(person['rounds'])}/"),
        "channel": client.path(f"c/{client.chance.choice(person['channels'])}/"),
        "log": client.path("log/"),
        "receipts": client.path(f"rounds/{person['round']}/receipts/"),
        "people": client.path("people/"),
        "readings": client.path("readings/"),
    }
    client.ask(what, paths[what])


def _say(client: Client) -> None:
    channel = client.chance.choice(client.person["channels"])
    form = {"key": secrets.token_urlsafe(18), "words": f"We hear you. {secrets.token_hex(20)}"}
    client.ask("message", client.path(f"c/{channel}/send/"), form)
