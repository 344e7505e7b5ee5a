"""A charter, deposits and keys for the tests in the browser, made by Python."""

from __future__ import annotations

import os
import random
from typing import Any

from parley.exchange.charter import Charter, Keys, Mode, Side
from parley.exchange.core import Header
from parley.exchange.keys import Identity, new_identity
from parley.exchange.notes import Signer, signed
from parley.exchange.sealing import Deposit, seal

PASSPHRASE = "four words, ümlaut, and 雪"
TEXT = "Article 1. The parties agree — שלום — to talk.\n".encode()
WHO = {name: new_identity(name) for name in ("north", "south", "server", "mediator", "witness")}
LOG = Signer("parley/r", bytes(range(32)))


def charter_of(mode: Mode = "sealed", **changes: Any) -> Charter:
    names = {"sealed": ["server", "mediator", "witness"], "two-agents": ["server", "mediator"]}
    agents: Any = {name: WHO[name].public for name in names.get(mode, [])}
    if agents:
        agents["server"] = Keys(agents["server"].age)
    sides = {p: Side(p.title(), WHO[p].public if agents else None) for p in ("north", "south")}
    fields: dict[str, Any] = {
        "room": "r", "exchange": "x", "round": 1, "title": "Ceasefire — 停火", "mode": mode,
        "deadline": "2026-11-25T14:00:00Z", "parties": sides, "agents": agents,
        "recipients": ("north", "south", *(["mediator"] if agents else [])), "log": LOG.verifier,
    }  # fmt: skip
    return Charter(**fields | changes)


def signed_by_all(charter: Charter) -> str:
    return signed(charter.text(), *(WHO[name].signer for name in charter.signers()))


def header_of(charter: Charter, party: str = "north") -> Header:
    return Header(charter.room, charter.exchange, party, charter.round, charter.hash())


def deposit_of(charter: Charter, party: str = "north") -> Deposit:
    nonce = os.urandom(32)
    keys, agents = charter.sealed_to(), charter.agent_keys()
    return seal(header_of(charter, party), TEXT, nonce, keys, agents, WHO[party].signer)


def flips(raw: bytes, count: int) -> dict[str, list[int]]:
    """Places spread over bytes, and a bit to change at each."""
    drawn = random.Random(len(raw))
    places = sorted(drawn.sample(range(len(raw)), min(count, len(raw))))
    return {"places": places, "bits": [drawn.randrange(8) for _ in places]}


def secret(identity: Identity) -> dict[str, Any]:
    return {"name": identity.name, "age": identity.age, "seed": identity.seed}
