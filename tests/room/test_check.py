"""The check of a room finds every kind of damage; and none where there is none."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Field, ForeignKey, Model

from parley.exchange.merkle import leaf_hash
from parley.room import clock, config, deposits, rooms
from parley.room.check import Problem, database, logs, problems, whole
from parley.room.check.folder import folder_problems
from parley.room.logbook import peaks_at
from parley.room.models import (
    Card,
    CaseFile,
    Channel,
    Deposit,
    Entry,
    Head,
    Member,
    Motion,
    Node,
    Once,
    Paper,
    Party,
    Reading,
    Receipt,
    Room,
    Round,
    Share,
    SingleText,
)
from parley.room.policy import MEDIATION
from tests.room import rounds, world
from tests.room.lived_in import LivedIn, lived_in

TABLES: tuple[type[Model], ...] = (
    Room, Party, Member, Channel, Entry, Node, Head, Once, Card, Round, Deposit, Share, Receipt,
    Paper, Reading, SingleText, Motion, CaseFile,
)  # fmt: skip
UNSEEN = {
    "Room.title": "no log holds it",
    "Room.created": "no log holds it",
    "Channel.room": "the database refuses it, or the rooms differ",
    "Member.account": "no log holds it, nor the passwords of accounts",
    "Round.agenda": "no log holds it",
    "Round.zone": "no log holds it",
    "Paper.name": "no log holds it: it is erased with the paper",
    "Share.layers": "only the other agent's key opens them",
    "Share.failed": "the log holds only that a share was given",
    "SingleText.title": "no log holds it",
    "Motion.basis": "no log holds it; what it is about has then changed, and it is refused",
    "Motion.member": "the log holds for whom it was put forward, not by which of them",
    "Motion.closed": "the log does not tell when a motion is closed by being done",
    "CaseFile.said": "no log holds it: it can be made anew",
    "CaseFile.briefing": "no log holds it: it can be made anew",
    "Once.member": "a request that is sent again is refused, no more",
    "Once.key": "a request that is sent again is taken for a new one",
    "Once.digest": "a request that is sent again is refused, no more",
    "Deposit.id": "a link, no more",
    "Entry.id": "a number of the database; receipts point to it",
    "Node.id": "a number of the database",
    "Head.id": "a number of the database",
    "Once.id": "a number of the database",
    "Card.id": "a number of the database; the order is checked",
    "Share.id": "a number of the database",
    "Reading.id": "a number of the database",
    "Party.id": "a number of the database; others point to it",
}
"""Columns whose change cannot be seen, and why that is."""
MANIFOLD = {Entry, Round, Deposit}
COLUMNS = [
    (model, field)
    for model in TABLES
    for field in model._meta.concrete_fields
    if f"{model.__name__}.{field.name}" not in UNSEEN
]


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
def _clock(here: LivedIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: here.now)


def test_a_room_that_is_whole_has_no_problem() -> None:
    assert problems() == ()


# every column of every table


@pytest.mark.parametrize(
    ("model", "field"), COLUMNS, ids=[f"{m.__name__}.{f.name}" for m, f in COLUMNS]
)
def test_a_change_in_any_column_is_found(model: type[Model], field: Field[Any, Any]) -> None:
    for row in rows_to_damage(model, field):
        value = getattr(row, field.attname)
        for other in changed(row, field, value):
            with world.rolled_back():
                try:
                    with transaction.atomic():
                        model._default_manager.filter(pk=row.pk).update(**{field.attname: other})
                except IntegrityError:
                    continue  # the database itself refuses it
                found = problems()
                assert found, f"{row.pk}: {value!r} -> {other!r}"
                assert any(problem.severity == "error" for problem in found)


def rows_to_damage(model: type[Model], field: Field[Any, Any]) -> list[Model]:
    """A row; of tables in which rows are of many kinds, two."""
    rows: list[Any] = list(model._default_manager.order_by("pk"))
    if model is Channel:
        # the log of the room tree is in no tree itself; an empty channel says nothing
        rows = [row for row in rows if row.kind != "heads" or field.name != "secret"]
        rows = [row for row in rows if Head.objects.filter(channel=row).exists()] or rows
    if model is Member:
        rows = [row for row in rows if row.room.title == "Talks"]
    if model is Round and field.name in {"deadline", "template", "with_mediator"}:
        rows = [row for row in rows if row.mode]  # they are of the exchange, where there is one
    return [rows[at] for at in sorted({0, len(rows) - 1})][: 2 if model in MANIFOLD else 1]


def changed(row: Model, field: Field[Any, Any], value: Any) -> list[Any]:
    """Other values of the same kind."""
    if isinstance(field, ForeignKey):
        model: Any = field.related_model
        others = model._default_manager.exclude(pk=value).order_by("pk")
        if model is Member:  # who acts for the same side acts under the same name
            others = others.exclude(**side_of(Member.objects.get(pk=value)))
        return [other.pk for other in others[:1]] or [secrets.token_hex(4)]
    if isinstance(value, bytes | memoryview):
        raw = bytes(value)
        return [flipped(raw, len(raw) // 2), raw[:-1]] if raw else [b"x"]
    return [other_value(value)]


def other_value(value: object) -> object:
    """Another value of the same kind."""
    other: object = datetime(2026, 1, 1, tzinfo=UTC)
    match value:
        case bool():
            other = not value
        case int():
            other = value + 1
        case datetime():
            other = value + timedelta(seconds=6)  # of members a few seconds are not told
        case dict():
            other = {**value, "more": "x"}
        case list():
            other = [*value, "x"]
        case str():
            other = value[:-1] + chr(ord(value[-1]) ^ 1) if value else "x"
        case _:
            assert value is None
    return other


def side_of(member: Member) -> dict[str, Any]:
    """Which members act for the same side as one."""
    mediates = member.role in MEDIATION
    return {"role__in": MEDIATION} if mediates else {"role": member.role, "party": member.party}


def flipped(raw: bytes, at: int) -> bytes:
    """The same bytes with one bit of one of them changed."""
    return raw[:at] + bytes([raw[at] ^ 0x10]) + raw[at + 1 :]


def test_what_cannot_be_seen_is_said_for_columns_that_there_are() -> None:
    names = {f"{m.__name__}.{f.name}" for m in TABLES for f in m._meta.concrete_fields}
    assert names >= set(UNSEEN)


# rows that are gone, that are there twice, that stand in another place


@pytest.mark.parametrize("model", [m for m in TABLES if m not in {Room, Once}])
def test_a_row_that_was_deleted_is_found(model: type[Model]) -> None:
    for row in rows_to_damage(model, model._meta.pk):
        with world.rolled_back():
            with connection.constraint_checks_disabled(), connection.cursor() as cursor:
                key = model._meta.pk.column
                cursor.execute(f'DELETE FROM "{model._meta.db_table}" WHERE "{key}" = %s', [row.pk])
            assert problems(), row.pk


@pytest.mark.parametrize("model", [Entry, Node, Head, Card, Reading])
def test_a_row_that_was_added_is_found(model: type[Model]) -> None:
    row = model._default_manager.order_by("pk").last()
    assert row is not None
    row.pk, row._state.adding = None, True
    for name in ("index", "place", "tick"):
        if hasattr(row, name):
            setattr(row, name, getattr(row, name) + 1)
    if isinstance(row, Reading):
        row.member = row.paper.channel.room.members.exclude(id=row.member_id)[0]
    row.save(force_insert=True)
    assert problems()


@pytest.mark.parametrize(
    ("model", "column"), [(Entry, "body"), (Node, "hash"), (Paper, "body"), (Receipt, "body")]
)
def test_two_that_changed_places_are_found(model: type[Model], column: str) -> None:
    objects = model._default_manager
    first, second = objects.exclude(**{column: b""}).order_by("pk")[:2]
    objects.filter(pk=first.pk).update(**{column: getattr(second, column)})
    objects.filter(pk=second.pk).update(**{column: getattr(first, column)})
    assert problems()


def test_the_end_of_a_log_that_was_cut_off_with_its_nodes_is_found() -> None:
    channel = Channel.objects.get(kind="plenary", size__gt=5)
    last = channel.size - 1
    Receipt.objects.filter(entry__index=last, entry__channel=channel).delete()
    Entry.objects.filter(channel=channel, index=last).delete()
    Node.objects.filter(channel=channel, level=0, place=last).delete()
    assert any("signed checkpoint" in problem.what for problem in problems())


def test_an_entry_that_was_rewritten_with_all_nodes_over_it_is_found_by_the_signature() -> None:
    channel = Channel.objects.get(kind="shuttle", party__slug="north", size__gt=1)
    entry = next(e for e in channel.entries.order_by("index") if b'"message"' in bytes(e.body))
    body = bytes(entry.body).replace(b'"size":9', b'"size":8')
    assert body != bytes(entry.body)
    Entry.objects.filter(id=entry.id).update(body=body)
    nodes = [
        leaf_hash(bytes(e.body)) for e in Entry.objects.filter(channel=channel).order_by("index")
    ]
    rebuilt = logs._levels(nodes)
    for level, hashes in enumerate(rebuilt):
        for place, node in enumerate(hashes):
            Node.objects.filter(channel=channel, level=level, place=place).update(hash=node)
    peaks = b"".join(rebuilt[level][at] for level, at in peaks_at(channel.size))
    Channel.objects.filter(id=channel.id).update(peaks=peaks)
    assert any("signed checkpoint" in problem.what for problem in problems())


def test_a_text_put_back_after_it_was_erased_is_found() -> None:
    deposit = Deposit.objects.filter(blob=b"", round__title="called off").get()
    Deposit.objects.filter(id=deposit.id).update(blob=b"what was there")
    assert [problem.what for problem in problems()] == ["It should have been erased."]


# keys and folders


def test_a_signature_where_there_are_no_keys_is_found(
    here: LivedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    round_ = rounds.agreed(here.talks, rounds.planned(here.talks))
    rounds.laid(here.talks, round_, "north")
    monkeypatch.setattr(deposits, "_signed", lambda *given: given[-1])
    deposits.withdraw(here.talks.actor("north"), round_, "\u2014 north AAAA\n")
    assert any("a signature where there are no keys" in found.what for found in problems())


@pytest.mark.parametrize("name", ["log", "vault", "second-factor"])
def test_a_key_that_is_missing_is_found_and_none_is_made_in_its_place(name: str) -> None:
    path = key_path(name)
    away = path.with_name("away")
    path.rename(away)
    try:
        assert [p.what for p in problems() if p.where == str(path)] == ["The key is missing."]
        assert not path.exists()
    finally:
        away.rename(path)


@pytest.mark.parametrize("name", ["log", "vault", "second-factor"])
def test_a_key_that_is_another_is_found(name: str) -> None:
    path = key_path(name)
    before = path.read_bytes()
    path.write_bytes(secrets.token_bytes(config.KEY_LENGTH))
    try:
        assert problems()
    finally:
        path.write_bytes(before)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_key_that_others_may_read_or_write_is_found(mode: int) -> None:
    path = key_path("log")
    path.chmod(mode)
    try:
        assert any(p.where == str(path) and "chmod 600" in p.remedy for p in problems())
    finally:
        path.chmod(0o600)


def test_a_key_cut_short_and_a_link_in_its_place_are_found() -> None:
    path = key_path("log")
    before = path.read_bytes()
    path.write_bytes(before[:-1])
    try:
        assert any("bytes" in p.what for p in problems() if p.where == str(path))
        path.rename(path.with_name("away"))
        path.symlink_to("away")
        assert any("plain file" in p.what for p in problems() if p.where == str(path))
    finally:
        path.unlink()
        path.with_name("away").unlink(missing_ok=True)
        path.write_bytes(before)
        path.chmod(0o600)


@pytest.mark.parametrize("name", [".", "keys"])
def test_a_folder_that_others_may_enter_is_found(name: str) -> None:
    # looked at by itself: whoever asks for a key closes the folder of keys first
    folder = config.current().folder / name
    folder.chmod(0o750)
    try:
        found = list(folder_problems(config.current()))
        assert [p.where for p in found] == [str(folder)]
    finally:
        folder.chmod(0o700)


def key_path(name: str) -> Path:
    """The file of a key of the room."""
    room = Room.objects.get(title="Talks")
    known = {"log": f"log-{room.id}", "vault": f"vault-{room.id}"}
    return config.current().folder / "keys" / known.get(name, name)


# the database and the clock


@pytest.mark.parametrize(
    ("pragma", "value"), [("journal_mode", "persist"), ("synchronous", "1"), ("foreign_keys", "0")]
)
def test_a_database_that_does_not_keep_its_promise_is_found(
    pragma: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = database._pragma
    monkeypatch.setattr(database, "_pragma", _answers(asked, pragma, value))
    assert [p.where for p in problems()] == [database.PLACE]


def _answers(asked: Callable[[str], list[object]], pragma: str, value: str) -> Any:
    told: object = int(value) if value.isdigit() else value
    return lambda name: [told] if name == pragma else asked(name)


def test_damage_that_sqlite_itself_finds_is_told() -> None:
    with connection.constraint_checks_disabled(), connection.cursor() as cursor:
        cursor.execute("PRAGMA ignore_check_constraints = 1")
        try:
            cursor.execute('UPDATE "room_round" SET "number" = -1 WHERE "number" = 1')
        finally:
            cursor.execute("PRAGMA ignore_check_constraints = 0")
    assert any("SQLite finds damage" in problem.what for problem in problems())


def test_a_database_that_cannot_be_read_is_a_problem_not_a_crash(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken() -> Iterator[Problem]:
        raise DatabaseError("database disk image is malformed")

    monkeypatch.setattr(whole, "database_problems", broken)
    assert any("malformed" in problem.what for problem in problems())


def test_tables_of_an_earlier_or_later_version_are_told_and_nothing_else_is_read() -> None:
    rows = MigrationRecorder.Migration.objects
    rows.filter(app="room").delete()
    assert [p.remedy for p in problems()] == ["Run `parley room upgrade`."]
    for app, name in MigrationLoader(connection).disk_migrations:
        rows.get_or_create(app=app, name=name)
    rows.create(app="room", name="0999_later")
    assert ["0999_later" in p.what for p in problems()] == [True]


def test_a_clock_behind_the_newest_entry_is_a_warning(
    here: LivedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: here.now - timedelta(minutes=6))
    assert [(p.where, p.severity) for p in problems()] == [("clock", "warning")]


def test_two_rooms_are_both_checked() -> None:
    other = rooms.found_room("Another")
    assert problems() == ()
    Entry.objects.filter(channel__room=other).update(about="x")
    assert [p.where for p in problems()] == [
        logs.place(Channel.objects.get(room=other, kind="plenary"))
    ]


# a check that is left out is missed


def spoil_log(here: LivedIn) -> None:
    Channel.objects.filter(id=here.channel("plenary").id).update(checkpoint="")


def spoil_head(here: LivedIn) -> None:
    Channel.objects.filter(id=here.channel("mediation").id).update(secret=b"x" * 32)


def spoil_party(here: LivedIn) -> None:
    Party.objects.filter(room=here.talks.room, slug="north").update(name="Another")


def spoil_paper(here: LivedIn) -> None:
    Paper.objects.filter(id=here.papers["map"].id).update(body=b"x")


def spoil_reading(here: LivedIn) -> None:
    Reading.objects.filter(paper=here.papers["map"]).delete()


def spoil_answer(here: LivedIn) -> None:
    Once.objects.filter(answer=here.papers["map"].id).update(answer="x")


def spoil_single(here: LivedIn) -> None:
    SingleText.objects.update(log=b"{}")


def spoil_member(here: LivedIn) -> None:
    row = Member.objects.get(account=here.talks.account("stranger"))
    Member.objects.create(room=here.talks.room, account=row.account, role="observer")


def spoil_plan(here: LivedIn) -> None:
    Round.objects.filter(title="Only talk").update(place="Elsewhere")


def spoil_standing(here: LivedIn) -> None:
    Round.objects.filter(title="waiting").update(state="ARMED")


def spoil_deposit(here: LivedIn) -> None:
    rows = Deposit.objects.filter(round__title="armed", party__slug="north")
    rows.update(blob=flipped(bytes(rows.get().blob), 500))


def spoil_receipt(here: LivedIn) -> None:
    Receipt.objects.filter(round__title="called off").update(body=b"x")


def spoil_second_factor(here: LivedIn) -> None:
    from allauth.mfa.models import Authenticator

    rows = Authenticator.objects.filter(user__username="north", type="totp")
    rows.update(data={"secret": "x"})


SPOILS = {
    "log_problems": spoil_log,
    "head_problems": spoil_head,
    "room_problems": spoil_party,
    "paper_problems": spoil_paper,
    "reading_problems": spoil_reading,
    "answer_problems": spoil_answer,
    "work_problems": spoil_single,
    "member_problems": spoil_member,
    "plan_problems": spoil_plan,
    "standing_problems": spoil_standing,
    "deposit_problems": spoil_deposit,
    "receipt_problems": spoil_receipt,
    "second_factor_problems": spoil_second_factor,
}
"""Damage that one check alone finds, by the name of the check."""


@pytest.mark.parametrize("left_out", SPOILS)
def test_each_check_finds_what_no_other_does(
    left_out: str, here: LivedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    SPOILS[left_out](here)
    assert problems()
    monkeypatch.setattr(whole, left_out, lambda *_: ())
    assert problems() == (), "this check could be left out, and no test would see it"


# large rooms


def test_how_far_it_is_is_told_where_there_is_much_to_read(here: LivedIn) -> None:
    told: list[float] = []
    assert problems(lambda _what, done: told.append(done)) == ()
    assert told == []  # a small room is read before there is anything to tell
    channel = here.channel("mediation")
    body = bytes(Entry.objects.filter(channel=channel).latest("index").body)
    more = range(channel.size, 5000)
    Entry.objects.bulk_create(Entry(channel=channel, index=at, body=body) for at in more)
    assert problems(lambda _what, done: told.append(done))
    assert len(told) == 2
    assert 0 < told[0] < told[1] <= 1
