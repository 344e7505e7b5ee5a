"""Who has come into a room, and who has gone, in the log of those whom it concerns.

That somebody can act for a delegation concerns that delegation: it stands in its own channel, where
neither mediators nor operator can let somebody in without its seeing so. Of all others it stands in
the log of all members.
"""

from __future__ import annotations

from typing import Literal

from parley.room import clock
from parley.room.logbook import append
from parley.room.models import Channel, Kind, Member

Change = Literal["joined", "left", "reset-link", "reset"]


def note_place(member: Member, change: Change) -> None:
    """Write down that a place was taken or has ended, or has got a new way in; within a
    transaction."""
    kind = Kind.SHUTTLE if member.party is not None else Kind.PLENARY
    channel = Channel.objects.get(room=member.room_id, kind=kind, party=member.party)
    who = member.party.slug if member.party is not None else member.role
    append(channel.id, change, clock.now(), who=who, member=member.id)
