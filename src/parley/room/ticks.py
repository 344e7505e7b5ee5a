"""What happens by the clock: deadlines, and what the room tree says of the channels.

At every tick the room tree commits to the head of every channel, changed or not and salted, so that
nobody learns from it who spoke, or when; and whoever keeps one checkpoint of it can show that any
log was rewritten since.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection, transaction

from parley.exchange.heads import commitment, salt
from parley.room import clock, config, reserve
from parley.room.logbook import append, tree_of
from parley.room.models import Channel, Head, Kind, Room, Round
from parley.room.standing import settle

CACHE_TABLE = settings.CACHES["default"]["LOCATION"]


def tick() -> None:
    """Do what is due; it may be called at any time, by several processes at once."""
    for round_ in Round.objects.filter(state__in=("DRAFT", "OPEN"), deadline__lt=clock.now()):
        settle(round_.id)
    for room in Room.objects.all():
        commit_heads(room)
    _forget_expired()
    reserve.keep()


def _forget_expired() -> None:
    """Delete sessions and counts of bad sign-ins that have ended."""
    now = clock.now()
    Session.objects.filter(expire_date__lt=now).delete()
    with connection.cursor() as cursor:
        expired = connection.ops.adapt_datetimefield_value(now.replace(microsecond=0))
        cursor.execute(f"DELETE FROM {CACHE_TABLE} WHERE expires < %s", [expired])


def commit_heads(room: Room) -> bool:
    """Write the heads of all channels into the room tree, once for each tick; whether it did."""
    now = clock.now()
    number = int(now.timestamp()) // config.current().tick_seconds
    if Head.objects.filter(channel__room=room, tick__gte=number).exists():
        return False
    with transaction.atomic():
        own = Channel.objects.select_for_update().get(room=room, kind=Kind.HEADS)
        if Head.objects.filter(channel__room=room, tick__gte=number).exists():
            return False
        heads, rows = {}, []
        for channel in Channel.objects.filter(room=room).exclude(kind=Kind.HEADS).order_by("id"):
            salted = salt(bytes(channel.secret), number)
            heads[channel.id] = commitment(salted, channel.size, tree_of(channel).root())
            rows.append(Head(channel=channel, tick=number, size=channel.size))
        Head.objects.bulk_create(rows)
        append(own.id, "heads", now, tick=number, heads=heads)
    return True
