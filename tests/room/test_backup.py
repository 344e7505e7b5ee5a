"""A backup is made while others write, comes back whole, and is no way to set the room back."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from pyrage import x25519

from parley.errors import OutputError, ParleyError, ProofError, RoomError, SettingError
from parley.exchange import bundle, canonical
from parley.exchange.audit import verify
from parley.exchange.receipts import Receipt as Kept
from parley.exchange.receipts import from_json
from parley.room import charters, config, deposits
from parley.room.backup import MANIFEST, backup, read_manifest, run_postgresql
from parley.room.models import Receipt, Round
from parley.room.restore import read_identity, restore
from tests.room import world
from tests.room.postgres import cluster


def parley(*arguments: object, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a command as its own process: a process serves one folder only."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PARLEY_")} | more
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    command = [sys.executable, "-m", "parley", *map(str, arguments)]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, timeout=60
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small folder that looks like that of a room, for what does not read the database."""
    data = tmp_path_factory.mktemp("rooms") / "data"
    (data / "keys").mkdir(parents=True, mode=0o700)
    data.chmod(0o700)
    for name in ("secret", "log-abc"):
        (data / "keys" / name).write_bytes(os.urandom(32))
        (data / "keys" / name).chmod(0o600)
    (data / "room.toml").write_text("port = 8123\n")
    with closing(sqlite3.connect(data / "room.sqlite3")) as made, made:
        made.execute("CREATE TABLE told (what)")
        made.executemany("INSERT INTO told VALUES (?)", [(os.urandom(3000),) for _ in range(300)])
    return data


def contents(data: Path) -> dict[str, object]:
    """All that matters of a data folder."""
    with closing(sqlite3.connect(data / "room.sqlite3")) as made:
        rows = made.execute("SELECT what FROM told").fetchall()
    keys = {path.name: path.read_bytes() for path in (data / "keys").iterdir()}
    return {"rows": rows, "keys": keys, "settings": (data / "room.toml").read_bytes()}


# there and back


@pytest.mark.parametrize("sealed", [False, True])
def test_a_backup_comes_back_as_it_was(folder: Path, tmp_path: Path, sealed: bool) -> None:
    key = x25519.Identity.generate()
    file, back = tmp_path / "room.backup", tmp_path / "back"
    made = backup(folder, file, [str(key.to_public())] if sealed else [])
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert (b"SQLite format" in file.read_bytes()) != sealed
    assert restore(file, back, [str(key)] if sealed else []) == made
    assert contents(back) == contents(folder)
    for path in (back, back / "keys"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
    for path in [back / "room.sqlite3", *(back / "keys").iterdir()]:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {path.name for path in tmp_path.iterdir()} == {"room.backup", "back"}
    assert {p.name for p in folder.iterdir()} == {"keys", "room.toml", "room.sqlite3"}


def test_stock_programs_open_a_backup(folder: Path, tmp_path: Path) -> None:
    made = backup(folder, tmp_path / "b")
    with tarfile.open(tmp_path / "b") as archive:
        names = archive.getnames()
        raw = archive.extractfile(MANIFEST)
        assert raw is not None
        assert read_manifest(raw.read()) == made
    assert set(names) == {MANIFEST, *made.files}


# nothing is overwritten, nothing is left half done


def test_a_backup_does_not_overwrite(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "b").write_text("mine")
    with pytest.raises(OutputError, match="already"):
        backup(folder, tmp_path / "b")
    assert (tmp_path / "b").read_text() == "mine"


def test_a_restore_goes_into_an_empty_folder_only(folder: Path, tmp_path: Path) -> None:
    backup(folder, tmp_path / "b")
    full = tmp_path / "full"
    full.mkdir()
    (full / "a").write_text("mine")
    with pytest.raises(OutputError, match="already"):
        restore(tmp_path / "b", full)
    assert [path.name for path in full.iterdir()] == ["a"]
    (full / "a").unlink()
    restore(tmp_path / "b", full)
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OutputError, match="already"):
        restore(tmp_path / "b", tmp_path / "link")


def test_a_disk_that_is_full_leaves_nothing(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    for keys in ([], [str(x25519.Identity.generate().to_public())]):
        with pytest.raises(OutputError, match="No space left"):
            backup(folder, tmp_path / "b", keys)
    assert list(tmp_path.iterdir()) == []
    assert {p.name for p in folder.iterdir()} == {"keys", "room.toml", "room.sqlite3"}


def test_a_folder_without_a_room_and_a_wrong_key_are_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(RoomError, match="no room"):
        backup(tmp_path, tmp_path / "b")
    with pytest.raises(RoomError, match="no such folder"):
        backup(tmp_path / "none", tmp_path / "b")
    with pytest.raises(SettingError, match="age"):
        backup(folder, tmp_path / "b", ["age1nobody"])
    assert list(tmp_path.iterdir()) == []


# what is not as it was made


def test_no_byte_of_a_backup_can_be_changed_without_being_found(
    folder: Path, tmp_path: Path
) -> None:
    small = tmp_path / "small"
    shutil.copytree(folder, small)
    with closing(sqlite3.connect(small / "room.sqlite3", isolation_level=None)) as made:
        made.execute("DELETE FROM told WHERE rowid > 1")
        made.execute("VACUUM")
    backup(small, tmp_path / "b")
    raw = (tmp_path / "b").read_bytes()
    before = contents(small)
    unseen = 0
    places = range(0, len(raw), len(raw) // 120)
    for at in places:
        (tmp_path / "c").write_bytes(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :])
        back = tmp_path / f"back-{at}"
        try:
            restore(tmp_path / "c", back)
        except ParleyError:
            assert not back.exists()
        else:
            # what stands between the files, and names of owners, are of no meaning
            assert contents(back) == before
            unseen += 1
    assert unseen < len(places) / 2


@pytest.mark.parametrize("sealed", [False, True])
def test_a_backup_cut_short_anywhere_is_refused(folder: Path, tmp_path: Path, sealed: bool) -> None:
    key = x25519.Identity.generate()
    backup(folder, tmp_path / "b", [str(key.to_public())] if sealed else [])
    raw = (tmp_path / "b").read_bytes()
    for length in (0, 10, 600, len(raw) // 2, len(raw) - 2000):
        (tmp_path / "c").write_bytes(raw[:length])
        with pytest.raises(ProofError):
            restore(tmp_path / "c", tmp_path / "back", [str(key)])
    assert not (tmp_path / "back").exists()


def test_an_encrypted_backup_opens_with_its_key_alone(folder: Path, tmp_path: Path) -> None:
    key, other = x25519.Identity.generate(), x25519.Identity.generate()
    backup(folder, tmp_path / "b", [str(key.to_public())])
    for identities, words in (([], "is encrypted"), ([str(other)], "does not open")):
        with pytest.raises(ProofError, match=words):
            restore(tmp_path / "b", tmp_path / "back", identities)
    (tmp_path / "key").write_text(f"# created: today\n{key}\n")
    restore(tmp_path / "b", tmp_path / "back", [read_identity(tmp_path / "key")])
    (tmp_path / "key").write_text("nothing\n")
    with pytest.raises(ProofError, match="no private key"):
        read_identity(tmp_path / "key")


def forged(made: bytes, name: str, kind: bytes = tarfile.REGTYPE) -> bytes:
    """A backup with one more file, which its manifest names."""
    with tarfile.open(fileobj=BytesIO(made)) as archive:
        files = {m.name: archive.extractfile(m).read() for m in archive}  # type: ignore[union-attr]
    manifest = canonical.record(files.pop(MANIFEST), "parley-backup-1")
    manifest["files"][name] = {
        "size": 1,
        "sha256": "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881",
    }
    out = BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for member, content in {MANIFEST: canonical.encode(manifest), **files, name: b"x"}.items():
            info = tarfile.TarInfo(member)
            info.size = len(content)
            if member == name and kind != tarfile.REGTYPE:
                info.type, info.linkname, info.size = kind, "/etc/passwd", 0
            archive.addfile(info, BytesIO(content))
    return out.getvalue()


@pytest.mark.parametrize(
    "name",
    ["../out", "/tmp/out", "keys/../../out", "keys/.hidden", "more", "keys/a/b", "keys/\u202e"],
)
def test_a_name_that_leads_elsewhere_is_refused(folder: Path, tmp_path: Path, name: str) -> None:
    backup(folder, tmp_path / "b")
    (tmp_path / "c").write_bytes(forged((tmp_path / "b").read_bytes(), name))
    with pytest.raises(ProofError, match="does not belong"):
        restore(tmp_path / "c", tmp_path / "below" / "back")
    assert not (tmp_path / "out").exists()


def test_a_link_in_a_backup_is_refused(folder: Path, tmp_path: Path) -> None:
    backup(folder, tmp_path / "b")
    for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE):
        (tmp_path / "c").write_bytes(forged((tmp_path / "b").read_bytes(), "keys/x", kind))
        with pytest.raises(ProofError):
            restore(tmp_path / "c", tmp_path / "back")


# while others write


@pytest.fixture
def _migrated() -> Iterator[None]:
    recorder = MigrationRecorder(connections["default"])
    recorder.ensure_schema()
    for app, name in MigrationLoader(connections["default"]).disk_migrations:
        recorder.record_applied(app, name)
    yield
    recorder.migration_qs.all().delete()


@pytest.mark.committed
@pytest.mark.usefixtures("_migrated")
def test_a_copy_taken_in_the_middle_of_it_restores_and_verifies(tmp_path: Path) -> None:
    talks = world.talks()
    mediator, north = talks.actor("mediator"), talks.actor("north")
    later = datetime.now(UTC) + timedelta(hours=1)
    round_ = charters.plan(mediator, charters.Plan("Round", mode="simple", deadline=later))
    for who in ("north", "south", "mediator"):
        charters.agree(talks.actor(who), round_)
    acknowledged: list[int] = []
    stop = threading.Event()

    def deposit(thread: int) -> None:
        for k in range(10_000):
            if stop.is_set():
                break
            there, text = Round.objects.get(id=round_.id), f"text {thread} {k}".encode()
            receipt = deposits.lay_down(north, there, text, f"{thread}-{k}")
            acknowledged.append(receipt.entry.index)
        connections.close_all()

    threads = [threading.Thread(target=deposit, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    try:
        wait_for(lambda: len(acknowledged) > 30)
        before = set(acknowledged)
        backup(config.current().folder, tmp_path / "b")
        wait_for(lambda: len(acknowledged) > len(before) + 20)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    back = tmp_path / "back"
    restore(tmp_path / "b", back)
    checked = parley("room", "check", back)
    assert (checked.returncode, checked.stderr) == (0, ""), checked.stdout
    with closing(sqlite3.connect(back / "room.sqlite3")) as copy:
        asked = 'SELECT e."index" FROM room_receipt r JOIN room_entry e ON e.id = r.entry_id'
        there = {row[0] for row in copy.execute(asked)}
    assert before <= there
    assert there < set(acknowledged)  # it was taken in the middle of it
    # whoever was given a receipt later can show that the room was set back to it
    out = tmp_path / "bundle.zip"
    done = parley("room", "export", back, "--room", talks.room.id, "--out", out)
    assert done.returncode == 0, done.stderr
    with out.open("rb") as file:
        shown = bundle.read(file)
        earliest, latest = (of_entry(round_, at) for at in (min(before), max(acknowledged)))
        assert verify({"kept": earliest}, shown).those("does not hold") == ()
        (found,) = verify({"kept": latest}, shown).those("does not hold")
    assert "it was set back" in found.what


def of_entry(round_: Round, index: int) -> Kept:
    """The receipt for an entry, as a party keeps it."""
    row = Receipt.objects.get(round=round_, entry__index=index)
    return from_json(bytes(row.body))


def wait_for(done: object) -> None:
    """Wait until something is so."""
    assert callable(done)
    until = time.monotonic() + 20
    while not done():
        assert time.monotonic() < until
        time.sleep(0.01)


# PostgreSQL


def test_a_room_on_postgresql_comes_back_into_an_empty_database(tmp_path: Path) -> None:
    data, file, back = (tmp_path / name for name in ("data", "file", "back"))
    data.mkdir(mode=0o700)
    with cluster() as running:
        (data / "room.toml").write_text(f'database = "{running.address}"\n')
        assert parley("room", "invite", data, "--operator").returncode == 0
        made = backup(data, file)
        assert made.database == "postgresql"
        assert not (back / "room.sqlite3").exists()
        refused = parley("room", "restore", file, back)
        assert (refused.returncode, "There are tables" in refused.stderr) == (2, True)
        assert not back.exists()
        other = running.address.removesuffix("/room") + "/other"
        host = ("-h", "127.0.0.1", "-p", str(running.port), "-U", "postgres")
        running.run("createdb", *host, "other")
        done = parley("room", "restore", file, back, PARLEY_ROOM_DATABASE=other)
        assert done.stdout.splitlines()[-1] == f"{back}: no problems.", done.stderr
        counted = run_postgresql("psql", other, "-Atc", "SELECT count(*) FROM room_invitation")
        assert counted.strip() == "1"


def test_without_the_programs_of_postgresql_it_is_said_which_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "room.toml").write_text('database = "postgresql://somebody@127.0.0.1/room"\n')
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RoomError, match="`pg_dump` of PostgreSQL is not there"):
        backup(tmp_path, tmp_path / "b")


def test_no_password_stands_where_others_on_the_computer_could_read_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "pg_dump"
    program.write_text('#!/bin/sh\necho "$@ / $PGPASSWORD"\n')
    program.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    said = run_postgresql("pg_dump", "postgresql://me:a%2Fb@host:5433/room?sslmode=require", "-x")
    assert said == "--dbname=postgresql://me@host:5433/room?sslmode=require -x / a/b\n"
