"""What a start reads of a large room: all logs, and contents that it has not found whole yet."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from parley.errors import RoomError
from parley.room import clock, config, serve
from parley.room.check import known, problems
from parley.room.models import Deposit, Entry, Kind, Paper, Reading, Receipt
from tests.room import world
from tests.room.lived_in import LivedIn, lived_in

Break = Callable[[], object]


def start() -> None:
    """What `parley room serve` does before it serves."""
    serve.refuse_unfit(config.current())


@pytest.fixture(scope="module", autouse=True)
def here() -> Iterator[LivedIn]:
    """One room for all tests of this file; each of them undoes what it damages."""
    recorder = MigrationRecorder(connection)
    recorder.ensure_schema()
    with world.rolled_back():
        for app, name in MigrationLoader(connection).disk_migrations:
            recorder.record_applied(app, name)
        yield lived_in()


@pytest.fixture(autouse=True)
def _large(here: LivedIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """A room that a start has found whole, and that counts as large."""
    monkeypatch.setattr(clock, "now", lambda: here.now)
    monkeypatch.setattr(known, "FEW", 0)
    (config.current().folder / known.FILE).unlink(missing_ok=True)
    start()


def _paper() -> object:
    return Paper.objects.filter(erased=None).update(body=b"x" * 100)


def _text() -> object:
    return Deposit.objects.filter(round__state="OPEN", current=True).update(blob=b"x")


def _receipt() -> object:
    return Receipt.objects.update(body=b"{}")


def _entry() -> object:
    return Entry.objects.filter(channel__kind=Kind.PLENARY, index=2).update(body=b"{}")


def _lost_paper() -> object:
    lost = Paper.objects.first()
    assert lost is not None
    Reading.objects.filter(paper=lost).delete()
    return lost.delete()


def _lost_receipt() -> object:
    return Receipt.objects.filter(id=Receipt.objects.values("id")[:1]).delete()


@pytest.mark.parametrize("damage", [_paper, _text, _receipt])
def test_old_contents_are_read_again_after_a_day(
    damage: Break, monkeypatch: pytest.MonkeyPatch
) -> None:
    damage()
    start()
    assert [one for one in problems() if one.severity == "error"]
    later = clock.now() + timedelta(days=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    with pytest.raises(RoomError, match="not fit to serve"):
        start()


@pytest.mark.parametrize("damage", [_paper, _text, _receipt])
def test_contents_of_a_small_room_are_read_at_every_start(
    damage: Break, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known, "FEW", 1000)
    damage()
    with pytest.raises(RoomError, match="not fit to serve"):
        start()


@pytest.mark.parametrize("damage", [_paper, _text, _receipt])
def test_new_contents_are_read(damage: Break) -> None:
    """As far as the last start has not seen them; here that is nothing."""
    path = config.current().folder / known.FILE
    said = json.loads(path.read_text())
    path.write_text(json.dumps(said | {"known": dict.fromkeys(said["known"], 1)}))
    damage()
    with pytest.raises(RoomError, match="not fit to serve"):
        start()


@pytest.mark.parametrize("damage", [_entry, _lost_paper, _lost_receipt])
def test_logs_and_rows_are_read_at_every_start(damage: Break) -> None:
    damage()
    with pytest.raises(RoomError, match="not fit to serve"):
        start()


@pytest.mark.parametrize("said", ["", "[]", '{"at": "x"}', '{"at": 99999999999, "known": {}}'])
def test_a_note_that_cannot_be_right_is_not_believed(said: str) -> None:
    (config.current().folder / known.FILE).write_text(said)
    _paper()
    with pytest.raises(RoomError, match="not fit to serve"):
        start()


def test_what_was_not_found_whole_is_not_noted() -> None:
    path = config.current().folder / known.FILE
    path.unlink()
    _paper()
    with pytest.raises(RoomError, match="not fit to serve"):
        start()
    assert not path.exists()


def test_every_start_notes_what_it_has_read() -> None:
    path = config.current().folder / known.FILE
    before = json.loads(path.read_text())
    start()
    assert json.loads(path.read_text()) == before
    assert path.stat().st_mode & 0o077 == 0
