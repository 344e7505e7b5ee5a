"""Carrying a paper from one channel to another: what a mediator does between two rooms.

A copy is put there in the mediator's own name. Nothing in it or in its log says where it was
before; that is written down among the mediators alone.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet

from parley.room import clock, papers, policy
from parley.room.access import Actor
from parley.room.logbook import append
from parley.room.models import Channel, Entry, Kind, Member, Paper, Role


def readers_of(channel: Channel) -> QuerySet[Member]:
    """The members who can read a channel now."""
    members = Member.objects.filter(room=channel.room_id, removed__isnull=True)
    if channel.kind == Kind.MEDIATION:
        members = members.filter(role__in=policy.MEDIATION)
    elif channel.kind == Kind.SHUTTLE:
        mediators = members.filter(role__in=policy.MEDIATION)
        members = mediators | members.filter(role=Role.DELEGATION, party=channel.party)
    elif channel.kind != Kind.PLENARY:
        members = members.none()
    return members.select_related("account", "party").order_by("role", "account__display_name")


def carry(actor: Actor, paper: Paper, to: Channel, key: str, name: str) -> Paper:
    """Put a copy of a paper into another channel; the same key puts it there once only.

    Parameters
    ----------
    name
        What the copy is called there: a file's name may tell whose it was.

    Raises
    ------
    OperationError
        If it was erased, or the key was used for something else.
    """
    content = papers.content_of(actor, paper)
    with transaction.atomic():
        copy = papers.put(actor, to, content, key, name=name, is_message=paper.is_message)
        among_mediators = Channel.objects.get(room=actor.room, kind=Kind.MEDIATION)
        told = Entry.objects.filter(channel=among_mediators, about=copy.id)
        if not any(b'"carried"' in bytes(entry.body) for entry in told):
            fields = {"id": copy.id, "source": paper.id, "who": actor.here.id}
            append(among_mediators.id, "carried", clock.now(), copy.id, **fields)
    return copy
