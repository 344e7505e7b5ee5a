"""What was found whole before, so that a large room starts soon.

At every start all logs are hashed anew, and rounds, readings and keys compared with them. Contents
(papers, texts, receipts) take longest; in a room with many, those that an earlier start has found
whole are read again only where that was a day ago or more.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.db import DatabaseError

from parley.room import clock
from parley.room.config import RoomConfig
from parley.room.models import Channel, Paper, Receipt

FILE = "checked.json"
FEW = 500
"""So many contents are read at every start."""
AGAIN = timedelta(days=1)

Known = Mapping[str, int]
"""By channel, how many of its entries were there when all their contents were found whole."""


@dataclass(frozen=True)
class Checked:
    """When all contents were read last, and up to which entry they have been read since."""

    at: datetime
    known: Known = field(default_factory=dict)


def checked_before(config: RoomConfig) -> Checked:
    """What need not be read again; nothing in a room with few contents, or after a day."""
    now = clock.now()
    try:
        few = Paper.objects.count() + Receipt.objects.count() <= FEW
        said = json.loads((config.folder / FILE).read_text())
        found = Checked(datetime.fromtimestamp(said["at"], UTC), dict(said["known"]))
    except (OSError, ValueError, KeyError, TypeError, OverflowError, DatabaseError):
        return Checked(now)
    # a time that is yet to come tells of a clock that was wrong
    return found if not few and timedelta() <= now - found.at < AGAIN else Checked(now)


def sizes() -> Known:
    """How many entries each channel has now."""
    try:
        return dict(Channel.objects.values_list("id", "size"))
    except DatabaseError:
        return {}


def remember(config: RoomConfig, at: datetime, known: Known) -> None:
    """Note that contents were found whole."""
    path = config.folder / FILE
    fresh = path.with_suffix(".new")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump({"at": int(at.timestamp()), "known": known}, file)
    fresh.replace(path)
