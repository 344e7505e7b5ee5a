"""Rounds for tests: planned, agreed to, with texts laid down, as the core of the room does it."""

from __future__ import annotations

import base64
import itertools
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.test import Client

from parley.exchange import keys, sealing
from parley.exchange.charter import parse
from parley.exchange.keys import Identity
from parley.room import charters, clock, deposits, opening
from parley.room.models import Deposit, Round
from tests.room import world
from tests.room.world import Talks

NAMES = ("north", "south", "mediator", "witness")
_COUNT = itertools.count()


def planned(
    talks: Talks,
    mode: str = "simple",
    *,
    deadline: datetime | None = None,
    with_mediator: bool = False,
) -> Round:
    """A round whose charter is put forward; nobody has agreed yet."""
    plan = charters.Plan(
        "Second drafts",
        place="Istanbul",
        begins=clock.now() + timedelta(days=1),
        zone="Europe/Istanbul",
        agenda="Ceasefire",
        mode=mode,
        deadline=deadline or clock.now() + timedelta(hours=5),
        with_mediator=with_mediator,
    )
    return charters.plan(talks.actor("mediator"), plan)


def fresh(round_: Round) -> Round:
    """The round as it is now."""
    round_.refresh_from_db()
    return round_


def agreed(talks: Talks, round_: Round) -> Round:
    """All have agreed; in the simple mode."""
    for who in ("north", "south", "mediator"):
        charters.agree(talks.actor(who), round_)
    return fresh(round_)


def laid(talks: Talks, round_: Round, *who: str, text: str = "Text of") -> Round:
    """Texts of these parties are there; in the simple mode."""
    for party in who:
        body = f"{text} {party}".encode()
        deposits.lay_down(talks.actor(party), round_, body, f"key-{next(_COUNT):08}")
    return fresh(round_)


def opened(talks: Talks, round_: Round) -> Round:
    """The texts are open; in the simple mode."""
    opening.give_share(talks.actor("mediator"), round_, opening.Given())
    return fresh(round_)


def expired(round_: Round) -> Round:
    """The deadline has passed, and nobody has written it down yet."""
    Round.objects.filter(id=round_.id).update(deadline=clock.now() - timedelta(seconds=1))
    return fresh(round_)


def spoiled(talks: Talks, round_: Round) -> Round:
    """The server holds something else than was laid down, and that is found at the opening."""
    Deposit.objects.filter(round=round_, party__slug="south").update(blob=b"something else")
    return opened(talks, round_)


def called_off(talks: Talks, round_: Round) -> Round:
    """The mediator has called the exchange off."""
    opening.call_off(talks.actor("mediator"), round_)
    return fresh(round_)


KEY = "a-key-of-a-form"


class Table:
    """Everybody at his browser, and a round."""

    def __init__(self, talks: Talks, round_: Round) -> None:
        self.talks, self.round = talks, round_
        self.clients: dict[str, Client] = {}

    def at(self, path: str) -> str:
        """The address of a page of the round."""
        return f"/r/{self.talks.room.id}/rounds/{self.round.id}/{path}"

    def client(self, who: str) -> Client:
        """The browser of somebody."""
        if who not in self.clients:
            self.clients[who] = world.client_for(self.talks.account(who))
        return self.clients[who]

    def get(self, who: str, path: str = "") -> Any:
        """What somebody gets for a page of the round."""
        return self.client(who).get(self.at(path))

    def post(self, who: str, path: str, given: Any = None, **more: Any) -> Any:
        """What somebody gets for a form of the round."""
        return self.client(who).post(self.at(path), given or {}, **more)

    def lay(self, who: str, text: str, key: str = KEY) -> Any:
        """Somebody sends the form with a text; in the simple mode."""
        return self.post(who, "deposit/", {"text": text, "key": key})

    @property
    def state(self) -> str:
        """The state of the exchange now."""
        return fresh(self.round).state


def words(answer: Any) -> str:
    """The page as one line."""
    return " ".join(answer.content.decode().split())


@dataclass
class Keyring:
    """The keys of everybody, who does here what his own device would do."""

    talks: Talks
    identities: dict[str, Identity] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for who in NAMES:
            self.identities[who] = keys.new_identity(who)

    def register(self) -> None:
        """All register their public cards."""
        for who, identity in self.identities.items():
            charters.register(self.talks.actor(who), keys.card(identity))

    def line(self, who: str, text: str) -> str:
        """The line of a signature."""
        return self.identities[who].signer.sign(text)

    def agreed(self, round_: Round) -> Round:
        """All who have to have signed the charter."""
        for who in parse(round_.charter).signers():
            charters.agree(self.talks.actor(who), round_, self.line(who, round_.charter))
        return fresh(round_)

    def sealed(self, round_: Round, who: str, text: bytes, *, damage: bool = False) -> bytes:
        """A deposit, as its party seals it; damaged, its locks do not open (but it is signed)."""
        charter = parse(round_.charter)
        agents = charter.agent_keys()
        if damage:
            stray = {agent: keys.new_identity("stray").public.age for agent in agents}
            agents = stray
        deposit = sealing.seal(
            deposits.header_of(round_, who),
            text,
            bytes(32),
            charter.sealed_to(),
            agents,
            self.identities[who].signer,
        )
        return sealing.to_json(deposit)

    def lay(self, round_: Round, *who: str) -> Round:
        """Texts of these parties are there."""
        for party in who:
            body = self.sealed(round_, party, f"Text of {party}".encode())
            deposits.lay_down(self.talks.actor(party), round_, body, f"key-{next(_COUNT):08}")
        return fresh(round_)

    def open(self, round_: Round) -> Round:
        """The mediator takes off his layer of every text."""
        mediator = self.talks.actor("mediator")
        asked: Any = opening.request_of(mediator, round_)
        mine = self.identities["mediator"].age
        locks = {
            party: sealing.peel(base64.b64decode(layer), mine).decode()
            for party, layer in asked["layers"].items()
        }
        opening.give_share(mediator, round_, opening.Given(locks=locks))
        return fresh(round_)
