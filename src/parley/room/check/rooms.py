"""A room, its channels, its parties and their keys, against what the plenary log tells of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from parley.exchange.keys import read_card
from parley.room.check.logs import Log
from parley.room.check.problem import Problem
from parley.room.logbook import moment
from parley.room.models import Card, Kind, Member, Party, Room
from parley.room.policy import MEDIATION

Names = Mapping[str, frozenset[str]]
"""Of each member, by id, the names under which he could ever act."""


def room_problems(room: Room, logs: Mapping[str, Log], names: Names) -> Iterator[Problem]:
    """Check what a room is made of."""
    where = f"room {room.id}"
    parties = {party.id: party for party in Party.objects.filter(room=room)}
    wanted: Counter[tuple[str, int | None]] = Counter(
        [(kind, None) for kind in (Kind.PLENARY, Kind.MEDIATION, Kind.HEADS)]
        + [(Kind.SHUTTLE, party) for party in parties]
    )
    there = Counter((log.channel.kind, log.channel.party_id) for log in logs.values())
    if there != wanted:
        yield Problem(where, "A channel is missing, or is there twice.")
    plenary = next((log for log in logs.values() if log.channel.kind == Kind.PLENARY), None)
    if plenary is None:
        return
    founded = [entry.get("room") for index, entry in plenary.of("founded") if index == 0]
    if founded != [room.id]:
        yield Problem(where, "The log does not begin with its founding.")
    told = [(entry["who"], entry["name"]) for _, entry in plenary.of("party")]
    if _differ(((party.slug, party.name) for party in parties.values()), told):
        yield Problem(where, "The parties are not those that the log tells of.")
    yield from _card_problems(where, room, plenary, names)
    for member in Member.objects.filter(room=room, party__isnull=False).exclude(party__room=room):
        yield Problem(f"{where}, member {member.id}", "Its party is of another room.")


def _card_problems(where: str, room: Room, plenary: Log, names: Names) -> Iterator[Problem]:
    """The public keys that are registered are those of the log, in its order."""
    cards = list(Card.objects.filter(room=room).select_related("member__party").order_by("id"))
    told = [(entry["who"], entry["card"], entry["at"]) for _, entry in plenary.of("keys")]
    if [(card.who, card.note, moment(card.at)) for card in cards] != told:
        yield Problem(where, "The public keys are not those that the log tells of.")
    for card in cards:
        own = was(card.member, card.who, room, card.at, names)
        if read_card(card.note)[0] != card.who or not own:
            yield Problem(f"{where}, keys of `{card.who}`", "They are of somebody else.")


def was(member: Member, who: str, room: Room, at: datetime, names: Names) -> bool:
    """Whether somebody could act under a name then; who got his place later, may have had another.

    `member` comes with its party. Clocks can be set: so any name is good that he ever had.
    """
    if member.room_id != room.id:
        return False
    own = acts_as(member.party.slug if member.party else member.role)
    return member.joined > at or who == own or who in names.get(member.id, ())


def acts_as(who: str) -> str:
    """The name under which a party or somebody in a role acts."""
    return "mediator" if who in MEDIATION else who


def _differ(rows: Iterable[object], told: Iterable[object]) -> bool:
    return Counter(rows) != Counter(told)
