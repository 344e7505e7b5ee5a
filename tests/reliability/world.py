"""A room with rounds in every state from which something can be done, and what can be done.

An act is done in a process that may be killed at any moment. It tells of its success (`told`) only
once the room has returned; what it was told is the only thing that the tests hold against the room.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from parley.exchange import keys, sealing
from parley.exchange.core import NONCE
from parley.exchange.own_steps import step_text
from parley.room import (
    charters,
    clock,
    deposits,
    group,
    logbook,
    opening,
    papers,
    rooms,
    standing,
    ticks,
)
from parley.room.access import Actor
from parley.room.models import Account, Channel, Kind, Member, Receipt, Room, Round

Tell = Callable[[str], None]
TEXT = b"The parties agree to meet again. " * 40


@dataclass
class World:
    """The room, those in it, and a round for each act."""

    room: Room
    actors: dict[str, Actor]
    identities: dict[str, keys.Identity]
    rounds: dict[str, Round] = field(default_factory=dict)
    bodies: dict[str, list[bytes]] = field(default_factory=dict)
    given: opening.Given = field(default_factory=opening.Given)


def build() -> World:
    """Make the room; to be called once, in a data folder that is empty."""
    room = rooms.found_room("Reliability")
    actors: dict[str, Actor] = {}
    for who in ("mediator", "witness", "north", "south"):
        party = rooms.add_party(actors["mediator"], who, who) if who in {"north", "south"} else None
        account = Account.objects.create(username=who, display_name=who)
        role = "delegation" if party else who
        member = Member.objects.create(room=room, account=account, role=role, party=party)
        actors[who] = Actor(account, member)
    world = World(room, actors, {who: keys.new_identity(who) for who in actors})
    for who, identity in world.identities.items():
        charters.register(actors[who], keys.card(identity))
    for act in (
        "deposit",
        "replace",
        "withdraw",
        "share",
        "deadline",
        "call-off",
        "arm",
        "several",
    ):
        world.rounds[act] = round_of(world, act, "sealed")
    world.rounds["release"] = round_of(world, "release", "simple")
    _prepare(world)
    return world


def round_of(world: World, title: str, mode: str) -> Round:
    """A round whose charter all have agreed to, so that it is OPEN."""
    deadline = clock.now() + timedelta(hours=5)
    plan = charters.Plan(title, mode=mode, deadline=deadline)
    round_ = charters.plan(world.actors["mediator"], plan)
    signers = ("mediator", "north", "south") if mode == "simple" else tuple(world.actors)
    for who in signers:
        line = world.identities[who].signer.sign(round_.charter)
        charters.agree(world.actors[who], round_, line)
    return Round.objects.get(id=round_.id)


def sealed(world: World, round_: Round, who: str) -> bytes:
    """A deposit of a party, sealed as its own device does it."""
    charter, header = standing.charter_of(round_), deposits.header_of(round_, who)
    signer, nonce = world.identities[who].signer, secrets.token_bytes(NONCE)
    made = sealing.seal(header, TEXT, nonce, charter.sealed_to(), charter.agent_keys(), signer)
    return sealing.to_json(made)


def _prepare(world: World) -> None:
    """Bring the rounds to where the acts begin, and seal what the acts lay down."""
    for act in ("deposit", "replace", "arm"):
        world.bodies[act] = [sealed(world, world.rounds[act], "north")]
    for act in ("replace", "withdraw", "deadline", "call-off"):
        _lay(world, act, "north")
    for act in ("arm", "share"):
        _lay(world, act, "south")
    _lay(world, "share", "north")
    for who in ("north", "south"):
        deposits.lay_down(world.actors[who], world.rounds["release"], TEXT, f"release-{who}")
    world.bodies["several"] = [sealed(world, world.rounds["several"], "north") for _ in range(3)]
    asked = opening.request_of(world.actors["mediator"], world.rounds["share"])
    layers = asked["layers"]
    assert isinstance(layers, dict)
    own = world.identities["mediator"].age
    locks = {p: sealing.peel(base64.b64decode(one), own).decode() for p, one in layers.items()}
    world.given = opening.Given(locks=locks)


def _lay(world: World, act: str, who: str) -> None:
    round_ = world.rounds[act]
    deposits.lay_down(world.actors[who], round_, sealed(world, round_, who), f"{act}-{who}-before")


def digest(receipt: Receipt) -> str:
    """What a receipt is known by in the tests."""
    return hashlib.sha256(bytes(receipt.body)).hexdigest()


def _lay_down(world: World, act: str, tell: Tell) -> None:
    body, round_ = world.bodies[act][0], world.rounds[act]
    tell(digest(deposits.lay_down(world.actors["north"], round_, body, f"{act}-key")))


def _several(world: World, tell: Tell) -> None:
    """Three deposits in one transaction, as when three come at once while another is written."""
    group._is_led = True
    threads = [
        threading.Thread(target=_one_of_several, args=(world, at, tell))
        for at in range(len(world.bodies["several"]))
    ]
    for thread in threads:
        thread.start()
    while len(group._waiting) < len(threads):
        time.sleep(0.001)
    group._lead()
    for thread in threads:
        thread.join()


def _one_of_several(world: World, at: int, tell: Tell) -> None:
    body, round_ = world.bodies["several"][at], world.rounds["several"]
    tell(digest(deposits.lay_down(world.actors["north"], round_, body, f"several-{at}")))


def _deadline(world: World, tell: Tell) -> None:
    later = clock.now() + timedelta(hours=6)
    clock.now = lambda: later
    standing.settle(world.rounds["deadline"].id)
    tell("")


def _paper(world: World, tell: Tell) -> None:
    channel = Channel.objects.get(room=world.room, kind=Kind.SHUTTLE, party__slug="north")
    papers.put(world.actors["north"], channel, TEXT, "paper-key", name="a.txt")
    tell("")


def _done(step: Callable[[World], object]) -> Callable[[World, Tell], None]:
    def act(world: World, tell: Tell) -> None:
        step(world)
        tell("")

    return act


def _withdraw(world: World) -> None:
    north, round_ = world.actors["north"], Round.objects.get(id=world.rounds["withdraw"].id)
    core = round_.standing["deposits"].get("north", "")
    line = world.identities["north"].signer.sign(step_text("withdraw", round_.id, "north", core))
    deposits.withdraw(north, round_, line)


ACTS: dict[str, Callable[[World, Tell], None]] = {
    "deposit": lambda world, tell: _lay_down(world, "deposit", tell),
    "replace": lambda world, tell: _lay_down(world, "replace", tell),
    "arm": lambda world, tell: _lay_down(world, "arm", tell),
    "several": _several,
    "withdraw": _done(_withdraw),
    "share": _done(lambda w: opening.give_share(w.actors["mediator"], w.rounds["share"], w.given)),
    "release": _done(
        lambda w: opening.give_share(w.actors["mediator"], w.rounds["release"], opening.Given())
    ),
    "deadline": _deadline,
    "call-off": _done(lambda w: opening.call_off(w.actors["mediator"], w.rounds["call-off"])),
    "paper": _paper,
    "tick": _done(lambda w: ticks.commit_heads(w.room)),
}


def can_read(world: World) -> str:
    """Whether the room can be read."""
    try:
        return f"reads {len(logbook.entries_about(world.rounds['deposit'].id)) > 0}"
    except Exception as error:
        return f"does not read: {error}"
