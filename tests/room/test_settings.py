"""The data folder: its settings, its keys, and a database that keeps what it promised."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connections
from django.db.backends.sqlite3.base import DatabaseWrapper

from parley.errors import RoomError
from parley.room import config, database
from tests.room import world
from tests.room.world_accounts import clean_environment


def configured(folder: Path, text: str) -> config.RoomConfig:
    """The settings of a folder whose room.toml has this text."""
    (folder / "room.toml").write_text(text, encoding="utf-8")
    return config.read_config(folder)


def test_a_folder_without_settings_has_the_defaults(tmp_path: Path) -> None:
    found = config.read_config(tmp_path)
    assert found == config.RoomConfig(data=tmp_path)
    assert (found.address, found.port, found.database) == ("127.0.0.1", 8100, "sqlite")
    assert found.origin == "http://localhost:8100"


def test_settings_are_read(tmp_path: Path) -> None:
    found = configured(
        tmp_path,
        'hosts = ["talks.example"]\nhttps = true\nproxies = 1\njournal = "truncate"\n'
        'tick_seconds = 60\nlanguage = "fr"\n',
    )
    assert found.origin == "https://talks.example"
    assert (found.https, found.proxies, found.tick_seconds, found.language) == (True, 1, 60, "fr")


def test_one_setting_names_postgresql_and_the_environment_has_the_last_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = configured(
        tmp_path, 'database = "postgresql://ana:p%40ss@db:5433/room?sslmode=require"'
    )
    entry = database.django_database(found)
    assert entry["ENGINE"] == "django.db.backends.postgresql"
    assert [entry[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")] == [
        "room",
        "ana",
        "p@ss",
        "db",
        "5433",
    ]
    assert entry["OPTIONS"] == {"sslmode": "require"}
    monkeypatch.setenv("PARLEY_ROOM_DATABASE", "sqlite")
    assert not config.read_config(tmp_path).is_postgresql


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("port = 99999", "`port` cannot be 99999"),
        ('port = "8100"', "a whole number"),
        ("https = 1", "true or false"),
        ("https = true", "needs a proxy"),
        ('hosts = "a"', '["name", …]'),
        ("hosts = []", "`hosts` is empty"),
        ('database = "mysql://x"', "of no known kind"),
        ('journal = "off"', '"truncate" or "wal"'),
        ("tick_seconds = 1", "from 10 to 86400"),
        ('language = "tlh"', "a language that Parley has"),
        ("colour = 1", "There is no setting `colour`"),
        ("port = ", "cannot be read"),
    ],
)
def test_mistakes_are_told_with_file_and_remedy(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(RoomError) as caught:
        configured(tmp_path, text)
    assert told in str(caught.value)
    assert str(tmp_path / "room.toml") in str(caught.value)
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 49, 9), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 53, 4), True),
        ((4, 0, 0), True),
    ],
)
def test_write_ahead_logging_only_where_it_loses_nothing(
    version: tuple[int, ...], safe: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", version)
    asked = config.RoomConfig(data=tmp_path, journal="wal")
    assert database.wal_is_safe(version) is safe
    if safe:
        options = database.django_database(asked)["OPTIONS"]
        assert options["init_command"] == "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
    else:
        with pytest.raises(RoomError, match="can lose what was committed"):
            database.django_database(asked)


def opened(folder: Path, change: Callable[[str], str]) -> tuple[str, int]:
    """Journal and synchronous of a new connection whose first commands were changed."""
    entry = database.django_database(config.RoomConfig(data=folder))
    entry["OPTIONS"]["init_command"] = change(entry["OPTIONS"]["init_command"])
    settings = connections.configure_settings({"default": entry})["default"]
    connection = DatabaseWrapper(settings, "other")
    try:
        with connection.cursor() as cursor:
            journal = cursor.execute("PRAGMA journal_mode").fetchone()[0]
            return journal, cursor.execute("PRAGMA synchronous").fetchone()[0]
    finally:
        connection.close()


def test_a_connection_keeps_its_journal_as_it_was_asked(tmp_path: Path) -> None:
    assert opened(tmp_path, lambda pragmas: pragmas) == ("truncate", 3)


@pytest.mark.parametrize(
    "wrong",
    [
        "PRAGMA journal_mode=TRUNCATE; PRAGMA synchronous=FULL;",
        "PRAGMA journal_mode=TRUNCATE; PRAGMA synchronous=NORMAL;",
        "PRAGMA journal_mode=MEMORY; PRAGMA synchronous=EXTRA;",
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        "PRAGMA synchronous=EXTRA;",
    ],
)
def test_a_connection_that_could_forget_is_refused(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(RoomError, match="keeps its journal as"):
        opened(tmp_path, lambda _: wrong)


def test_the_database_of_the_tests_is_opened_as_a_server_opens_it() -> None:
    assert database.database_fit() == ()
    with connections["default"].cursor() as cursor:
        assert cursor.execute("PRAGMA journal_mode").fetchone()[0] == "truncate"
        assert cursor.execute("PRAGMA synchronous").fetchone()[0] == 3
    assert vars(connections["default"])["transaction_mode"] == "IMMEDIATE"


def test_a_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    here = config.RoomConfig(data=tmp_path)
    with ThreadPoolExecutor(16) as pool:
        found = set(pool.map(lambda _: here.key_file("log-abc"), range(64)))
    assert len(found) == 1
    assert len(found.pop()) == 32
    assert here.key_file("other") != here.key_file("log-abc")
    folder = tmp_path / "keys"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {path.name for path in folder.iterdir()} == {"log-abc", "other"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_a_key_is_on_the_disk_before_anything_is_locked_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its bytes, its name, and the name of its folder."""
    synced: list[int] = []
    plain = os.fsync

    def sync(handle: int) -> None:
        synced.append(os.fstat(handle).st_ino)
        plain(handle)

    monkeypatch.setattr(os, "fsync", sync)
    config.RoomConfig(data=tmp_path).key_file("secret")
    keys = tmp_path / "keys"
    assert [path.stat().st_ino for path in (keys / "secret", keys, tmp_path)] == synced


def test_a_key_that_others_could_have_put_there_is_refused(tmp_path: Path) -> None:
    here = config.RoomConfig(data=tmp_path)
    secret = here.key_file("secret")
    path = tmp_path / "keys" / "secret"
    path.chmod(0o644)
    with pytest.raises(RoomError, match="Others may read"):
        here.key_file("secret")
    path.chmod(0o600)
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(RoomError, match="never a link"):
        here.key_file("secret")
    path.unlink()
    path.write_bytes(secret[:31])
    path.chmod(0o600)
    with pytest.raises(RoomError, match="32 bytes"):
        here.key_file("secret")


@pytest.mark.parametrize("name", ["../secret", "a/b", ".hidden", "", "nul\0"])
def test_the_name_of_a_key_is_no_path(tmp_path: Path, name: str) -> None:
    with pytest.raises((RoomError, ValueError)):
        config.RoomConfig(data=tmp_path).key_file(name)
    assert not list(tmp_path.rglob("*secret*"))


def test_a_link_in_place_of_the_folder_of_keys_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "keys").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(RoomError, match="A link stands where"):
        config.RoomConfig(data=tmp_path).key_file("secret")
    assert not list((tmp_path / "elsewhere").iterdir())


def test_a_process_serves_one_folder(tmp_path: Path) -> None:
    with pytest.raises(RoomError, match="already serves"):
        config.activate(tmp_path)
    assert config.activate(world.activate()) == config.current()


def test_settings_can_be_loaded_without_a_folder() -> None:
    code = "import parley.room.settings as s; print(s.DATABASES['default']['NAME'])"
    told = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=clean_environment(),
    )
    assert told.stdout.strip() == ":memory:"


def test_the_migrations_are_what_the_models_say() -> None:
    out = StringIO()
    call_command("makemigrations", "room", check=True, dry_run=True, stdout=out, verbosity=1)
    assert "No changes detected" in out.getvalue()


def test_what_django_itself_would_warn_of_on_the_open_net_is_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("DJANGO_ALLOW_ASYNC_UNSAFE")
    out = StringIO()
    call_command("check", deploy=True, stdout=out, stderr=out, fail_level="ERROR")
    warned = {word.strip("?:()") for word in out.getvalue().split() if "security.W" in word}
    about_https = {"security.W004", "security.W008", "security.W012", "security.W016"}
    frames_are_refused_by_our_own_middleware = {"security.W002"}
    assert warned == about_https | frames_are_refused_by_our_own_middleware


def test_no_mail_leaves_a_room() -> None:
    from importlib import reload

    from parley.room import settings

    assert reload(settings).EMAIL_BACKEND.endswith("dummy.EmailBackend")
    assert not os.environ.get("EMAIL_HOST")
