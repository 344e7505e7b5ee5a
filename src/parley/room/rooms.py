"""Founding a room, its channels, its parties."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from parley.errors import OperationError
from parley.exchange.charter import ID
from parley.room import clock
from parley.room.access import Actor
from parley.room.logbook import append, plenary
from parley.room.models import Channel, Kind, Party, Room

RESERVED = frozenset({"mediator", "witness", "server"})


def found_room(title: str) -> Room:
    """A new room with the channels that every room has."""
    with transaction.atomic():
        room = Room.objects.create(title=title)
        for kind in (Kind.PLENARY, Kind.MEDIATION, Kind.HEADS):
            Channel.objects.create(room=room, kind=kind)
        append(plenary(room).id, "founded", clock.now(), room=room.id)
    return room


def add_party(actor: Actor, slug: str, name: str) -> Party:
    """A new party, with its own channel to the mediator's side.

    Raises
    ------
    OperationError
        If the id is taken or cannot be one.
    """
    if not ID.fullmatch(slug) or slug in RESERVED or not name.strip():
        what = f"`{slug}` cannot be the id of a party."
        raise OperationError(what, "Use small letters, digits and hyphens, as in north.")
    try:
        with transaction.atomic():
            party = Party.objects.create(room=actor.room, slug=slug, name=name.strip())
            Channel.objects.create(room=actor.room, kind=Kind.SHUTTLE, party=party)
            append(plenary(actor.room).id, "party", clock.now(), who=slug, name=party.name)
    except IntegrityError:
        raise OperationError(f"There is a party `{slug}` already.", "Choose another id.") from None
    return party
