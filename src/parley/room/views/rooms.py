"""The overview of a room: what waits for me, the rounds, the channels, the people."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from parley.room import access
from parley.room.access import Actor
from parley.room.models import Card, Channel, Kind, Member, Party
from parley.room.views.waiting import Shown, all_found, shown


@dataclass(frozen=True)
class Place:
    """A channel, with what it is called for a reader."""

    channel: Channel
    kind: str
    party: Party | None


@require_safe
def overview(request: HttpRequest, room: str) -> HttpResponse:
    """What stands in the room, and what somebody can do now."""
    actor = access.enter(request, "room.see", room=room)
    rounds = [shown(actor, round_) for round_ in all_found(actor)]
    page = {
        "actor": actor,
        "next": _waits(rounds),
        "rounds": rounds,
        "channels": _channels(actor),
        "people": actor.all(Member).filter(removed__isnull=True).count(),
        "parties": actor.all(Party).order_by("slug"),
        "lacks_keys": _lacks_keys(actor),
        "may_plan": actor.may("round.plan"),
        "may_invite": actor.may("people.invite"),
    }
    return render(request, "room/room.html", page)


def _waits(rounds: list[Shown]) -> Shown | None:
    """The round in which something waits for the reader; else the one that goes on."""
    going_on = [one for one in rounds if one.has("DRAFT", "OPEN", "ARMED", "CHECKED")]
    mine = [one for one in going_on if one.step.link]
    ended = [one for one in rounds if one.step.link]
    return next(iter([*mine, *going_on, *ended]), None)


def _channels(actor: Actor) -> list[Place]:
    order = [Kind.PLENARY, Kind.SHUTTLE, Kind.MEDIATION]
    seen = actor.all(Channel).filter(kind__in=order).select_related("party")
    places = [Place(channel, channel.kind, channel.party) for channel in seen]
    return sorted(places, key=lambda p: (order.index(Kind(p.kind)), str(p.party or "")))


def _lacks_keys(actor: Actor) -> bool:
    """Whether somebody could register keys for those he acts for, and nobody has."""
    if not actor.may("keys.register"):
        return False
    return not Card.objects.filter(room=actor.room, who=actor.who).exists()
