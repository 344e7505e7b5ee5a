"""The room tree: what it said of every channel at every tick is what the channel's log was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from parley.exchange.heads import commitment, salt
from parley.room.check.logs import Log
from parley.room.check.problem import Problem
from parley.room.models import Head, Kind


def head_problems(logs: Mapping[str, Log]) -> Iterator[Problem]:
    """Check the room tree of one room against the logs of its channels, by their ids."""
    trees = [log for log in logs.values() if log.channel.kind == Kind.HEADS]
    rows = Head.objects.filter(channel__in=list(logs)).order_by("tick")
    kept = {
        (tick, channel): size for tick, channel, size in rows.values_list("tick", "channel", "size")
    }
    roots: dict[tuple[str, int], bytes] = {}
    for tree in trees:
        last, there = -1, frozenset[str]()
        for index, entry in tree.of("heads"):
            where = f"{tree.where}, entry {index}"
            tick, heads = entry["tick"], entry["heads"]
            if tick <= last or not there <= heads.keys():
                yield Problem(where, "A tick is out of order, or a channel is missing in it.")
            last, there = tick, frozenset(heads)
            yield from _tick_problems(where, entry, logs, kept, roots)
    for tick, channel in kept:
        what = (
            f"There is a head of channel {channel} at tick {tick} of which the tree says nothing."
        )
        yield Problem("room tree", what)


def _tick_problems(
    where: str,
    entry: dict[str, Any],
    logs: Mapping[str, Log],
    kept: dict[tuple[int, str], int],
    roots: dict[tuple[str, int], bytes],
) -> Iterator[Problem]:
    """Check one tick; the rows that belong to it are taken out of `kept`."""
    tick = entry["tick"]
    for channel, said in entry["heads"].items():
        size, log = kept.pop((tick, channel), None), logs.get(channel)
        if log is None or size is None or size > log.size:
            yield Problem(where, f"What it says of channel {channel} was lost.")
            continue
        root = roots.get((channel, size))
        if root is None:
            root = roots[channel, size] = log.root(size)
        if commitment(salt(bytes(log.channel.secret), tick), size, root) != said:
            yield Problem(where, f"It holds another head of channel {channel}, or another secret.")
