"""The power fails at any moment: what was told is there, and nothing is half done."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path

import pytest

from parley.room.database import wal_is_safe
from tests.reliability.audit import Found, audit_file
from tests.reliability.figures import note
from tests.reliability.forms import LONG, needs_strace
from tests.reliability.order import Runner
from tests.reliability.points import ACTS
from tests.reliability.power import Disk, Event, events, traced

pytestmark = needs_strace
IMAGES = 1000 if LONG else 60
"""Of random parts of what was not synced."""
IN_ORDER = (*(act for act in ACTS if act not in {"tick", "deadline"}), "tick", "deadline")
"""The acts, one after another in one process; the last sets the clock forward."""
KEPT = ("room.sqlite3", "room.sqlite3-journal", "room.sqlite3-wal")


@dataclass(frozen=True)
class Story:
    """What a process did, and how the room stood after each act, with how much was told by then."""

    events: list[Event]
    stood: list[tuple[int, Found]]


def story(runner: Runner, defect: str) -> Story:
    """Do all acts, tracing what comes to the disk."""
    log = runner.data / "trace"
    runner.do(*IN_ORDER, strace=traced(log), defect=defect)
    found = [event for event in events(log, runner.data) if event.name in {"", ".", *KEPT}]
    log.unlink()
    return Story(found, list(_stood(runner)))


@cache
def _stood(runner: Runner) -> list[tuple[int, Found]]:
    """How the room stands after so many acts, and how much it has told by then."""
    made = []
    for count in range(len(IN_ORDER) + 1):
        outcome = runner.do(*IN_ORDER[:count])
        made.append((len(outcome.told), audit_file(runner.database, runner.keys)))
    assert outcome.code == 0
    assert not [problem for _, found in made for problem in found.problems]
    return made


def images(runner: Runner, told: Story, random_ones: int) -> Iterator[tuple[int, dict[str, bytes]]]:
    """What may be on the disk, with how much was told by then.

    At every sync, and whenever something was told, what was synced; and at random moments what was
    synced with a random part of the rest.
    """
    template = (runner.data / "template").read_bytes()
    chance = random.Random(11)
    moments = sorted(chance.randrange(len(told.events)) for _ in range(random_ones))
    disk, heard = Disk.of({"room.sqlite3": template}), 0
    for at, event in enumerate(told.events):
        if event.kind == "sync":
            yield heard, disk.synced()
        disk.play(event)
        heard += event.kind == "tell"
        if event.kind in {"sync", "tell"}:
            yield heard, disk.synced()
        while moments and moments[0] == at:
            moments.pop(0)
            yield heard, disk.perhaps(chance)


def lost(runner: Runner, told: Story, folder: Path, random_ones: int = IMAGES) -> Iterator[str]:
    """What is wrong in any of the images."""
    stood = [found.told for _, found in told.stood]
    for heard, image in images(runner, told, random_ones):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for name, content in image.items():
            (folder / name).write_bytes(content)
        found = audit_file(folder / "room.sqlite3", runner.keys)
        yield from found.problems
        needed = next(at for at, (count, _) in enumerate(told.stood) if count >= heard)
        if found.told not in stood[needed:]:
            yield f"{heard} things were told, and not all of them are there"


@pytest.mark.parametrize(
    "journal",
    [
        "",
        pytest.param(
            "wal-full",
            marks=pytest.mark.skipif(
                not wal_is_safe(sqlite3.sqlite_version_info),
                reason="this SQLite is refused with WAL",
            ),
        ),
    ],
)
def test_power_fails(runner: Runner, tmp_path: Path, journal: str) -> None:
    told = story(runner, journal)
    syncs = sum(event.kind == "sync" for event in told.events)
    assert syncs >= 4 * len(IN_ORDER)
    assert sum(event.kind == "tell" for event in told.events) == told.stood[-1][0]
    found = list(lost(runner, told, tmp_path / "image"))
    note("power", journal=journal or "truncate", syncs=syncs, random_images=IMAGES)
    assert not found, found[:5]


@pytest.mark.parametrize("defect", ["wal-normal", "delete-full", "off", "told-early"])
def test_defect_is_found(runner: Runner, tmp_path: Path, defect: str) -> None:
    told = story(runner, defect)
    assert list(islice(lost(runner, told, tmp_path / "image", 0), 1))


def test_torn_write_is_made() -> None:
    disk = Disk.of({"a": bytes(2048)})
    disk.play(Event("write", "a", 100, b"x" * 1500))
    seen = {disk.perhaps(random.Random(seed))["a"] for seed in range(200)}
    assert bytes(2048) in seen
    assert bytes(100) + b"x" * 1500 + bytes(448) in seen
    assert len(seen) > 5
    assert all(len(content) == 2048 for content in seen)


def test_names_are_there_once_the_folder_was_synced() -> None:
    disk = Disk.of({"a": b"1"})
    for event in (Event("create", "b"), Event("write", "b", 0, b"2"), Event("sync", "b")):
        disk.play(event)
    assert disk.synced() == {"a": b"1"}
    disk.play(Event("sync", "."))
    assert disk.synced() == {"a": b"1", "b": b"2"}
    disk.play(Event("unlink", "b"))
    assert disk.synced() == {"a": b"1", "b": b"2"}
    disk.play(Event("truncate", "a", 0))
    assert disk.synced()["a"] == b"1"
    disk.play(Event("sync", "a"))
    assert disk.synced()["a"] == b""
