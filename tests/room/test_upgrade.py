"""Data of another version is refused; an upgrade makes a backup first and is checked at the end."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from parley.cli import upkeep
from parley.errors import OutputError, RoomError
from parley.exchange import bundle
from parley.exchange.audit import verify
from parley.room import migrations
from parley.room.restore import restore

RUN = """
import sys
sys.path.insert(0, {folder!r})
from pathlib import Path
from parley.room import config
data = next(a for a in sys.argv if "rooms" in a)
config.activate(Path(data))
from django.conf import settings
settings.MIGRATION_MODULES = {{"room": "later"}}
from parley.cli import main
main()
"""
LATER = """
from django.db import migrations

class Migration(migrations.Migration):
    dependencies = [("room", {before!r})]
    operations = [migrations.RunSQL({statement!r})]
"""


def parley(*arguments: object, script: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command as its own process: a process serves one folder only."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PARLEY_")}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    program = [str(script)] if script else ["-m", "parley"]
    return subprocess.run(
        [sys.executable, *program, *map(str, arguments)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder of this version with a room in it."""
    data = tmp_path_factory.mktemp("made") / "rooms"
    done = parley("room", "invite", data, "--operator")
    assert done.returncode == 0, done.stderr
    return data


@pytest.fixture
def data(made: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    shutil.copytree(made, tmp_path / "rooms")
    return tmp_path / "rooms"


def later(folder: Path, statement: str) -> Path:
    """A program like `parley`, of a later version that has one more migration."""
    package = folder / "later"
    assert migrations.__file__
    shutil.copytree(Path(migrations.__file__).parent, package)
    before = max(path.stem for path in package.glob("0*.py"))
    text = LATER.format(before=before, statement=statement)
    (package / "0999_later.py").write_text(text)
    script = folder / "parley_later.py"
    script.write_text(RUN.format(folder=str(folder)))
    return script


def tables(data: Path) -> set[str]:
    with closing(sqlite3.connect(data / "room.sqlite3")) as opened:
        return {row[0] for row in opened.execute("SELECT name FROM sqlite_master")}


def test_data_of_this_version_needs_nothing(data: Path) -> None:
    done = parley("room", "upgrade", data)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "Nothing to change: the data is of this version.",
        f"{data}: no problems.",
    ]
    assert not (data / "backups").exists()


def test_data_of_an_earlier_version_is_refused_until_it_is_upgraded(
    data: Path, tmp_path: Path
) -> None:
    script = later(tmp_path, "CREATE TABLE room_later (id integer)")
    for command in ("serve", "check"):
        refused = parley("room", command, data, script=script)
        assert refused.returncode != 0
        assert "earlier Parley" in refused.stdout + refused.stderr
        assert "parley room upgrade" in refused.stdout + refused.stderr
    assert "room_later" not in tables(data)
    done = parley("room", "upgrade", data, script=script)
    assert (done.returncode, done.stderr) == (0, "")
    assert "room 0999_later" in done.stdout
    assert "no problems" in done.stdout
    assert "room_later" in tables(data)
    (kept,) = (data / "backups").iterdir()
    restore(kept, tmp_path / "before")
    assert "room_later" not in tables(tmp_path / "before")
    # and this version refuses what the later one has made
    for command in ("serve", "upgrade"):
        refused = parley("room", command, data)
        assert (refused.returncode, "newer Parley" in refused.stderr) == (2, True), command


def test_an_upgrade_that_fails_names_the_backup_that_brings_it_back(
    data: Path, tmp_path: Path
) -> None:
    script = later(tmp_path, "DROP TABLE not_there")
    done = parley("room", "upgrade", data, script=script)
    assert done.returncode == 2
    assert "no such table: not_there" in done.stderr
    assert "Traceback" not in done.stderr
    (kept,) = (data / "backups").iterdir()
    assert str(kept) in done.stderr
    restore(kept, tmp_path / "before")
    assert parley("room", "check", tmp_path / "before").returncode == 0


def test_a_folder_that_is_being_served_is_not_upgraded(data: Path) -> None:
    import fcntl

    with (data / "serving.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        done = parley("room", "upgrade", data)
    assert done.returncode == 2
    assert "being served" in done.stderr


# the commands


def test_a_command_on_a_folder_without_a_room_makes_nothing(tmp_path: Path) -> None:
    out = tmp_path / "out"
    commands: tuple[Callable[[], None], ...] = (
        lambda: upkeep.check(tmp_path),
        lambda: upkeep.upgrade(tmp_path),
        lambda: upkeep.backup(tmp_path, out),
        lambda: upkeep.export(tmp_path, room="x", out=out),
    )
    for command in commands:
        with pytest.raises(RoomError, match="There is no room in this folder"):
            command()
        assert list(tmp_path.iterdir()) == []


def test_check_tells_problems_as_text_and_as_json_and_by_its_exit_code(data: Path) -> None:
    done = parley("room", "check", data, "--json")
    assert (done.returncode, json.loads(done.stdout)["problems"]) == (0, [])
    with closing(sqlite3.connect(data / "room.sqlite3")) as opened, opened:
        opened.execute("INSERT INTO room_room VALUES ('abcdefghijkl', 'Talks', '2026-01-01')")
    (data / "keys").chmod(0o755)
    done = parley("room", "check", data, "--json")
    found = json.loads(done.stdout)["problems"]
    assert done.returncode == 1
    assert {problem["severity"] for problem in found} == {"error"}
    assert any("chmod 700" in problem["remedy"] for problem in found)
    missing = f"{data}/keys/log-abcdefghijkl"
    assert [problem["what"] for problem in found if problem["where"] == missing] == [
        "The key is missing."
    ]
    shown = parley("room", "check", data)
    assert shown.returncode == 1
    assert f"error: {missing}: The key is missing." in shown.stdout


def test_a_server_refuses_a_folder_with_problems(data: Path) -> None:
    with closing(sqlite3.connect(data / "room.sqlite3")) as opened, opened:
        opened.execute("INSERT INTO room_room VALUES ('abcdefghijkl', 'Talks', '2026-01-01')")
    done = parley("room", "serve", data)
    assert done.returncode == 2
    assert "not fit to serve" in done.stderr
    assert "The key is missing" in done.stderr
    assert "parley room check" in done.stderr


def test_a_bundle_is_exported_at_the_command_line(data: Path, tmp_path: Path) -> None:
    script = tmp_path / "found.py"
    script.write_text(
        "import sys; from pathlib import Path; from parley.room.config import activate\n"
        "activate(Path(sys.argv[1]))\n"
        "from parley.room.rooms import found_room\n"
        "print(found_room('Talks').id)\n"
    )
    room = parley(data, script=script).stdout.strip()
    out = tmp_path / "bundle.zip"
    done = parley("room", "export", data, "--room", room, "--out", out)
    assert (done.returncode, done.stdout) == (0, f"Written: {out}\n"), done.stderr
    with out.open("rb") as file:
        verdict = verify({}, bundle.read(file))
    assert verdict.outcome == "valid"
    with pytest.raises(OutputError, match="already"):
        upkeep.export(data, room=room, out=out)
    unknown = parley("room", "export", data, "--room", "x", "--out", tmp_path / "o")
    assert f"There are: {room}." in unknown.stderr


def test_a_backup_is_made_and_brought_back_at_the_command_line(data: Path, tmp_path: Path) -> None:
    file, back = tmp_path / "b", tmp_path / "back"
    done = parley("room", "backup", data, file)
    assert (done.returncode, done.stdout) == (0, f"Written: {file}\n")
    assert "It is not encrypted" in done.stderr
    done = parley("room", "restore", file, back)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == f"{back}: no problems."
    with pytest.raises(OutputError, match="already"):
        upkeep.restore(file, data)


def test_a_backup_goes_to_a_card_and_comes_back_with_its_key_file(
    data: Path, tmp_path: Path
) -> None:
    people = Path(__file__).parents[2] / "examples" / "sealed-exchange"
    file, back = tmp_path / "b", tmp_path / "back"
    upkeep.backup(data, file, to=[str(people / "witness.parley-public")])
    assert file.read_bytes().startswith(b"age-encryption.org/v1\n")
    words = ("--passphrase-file", people / "passphrase.txt")
    key = ("--key", people / "witness.parley-key", *words)
    done = parley("room", "restore", file, back, *key)
    assert done.returncode == 0, done.stderr
    assert "no problems" in done.stdout
