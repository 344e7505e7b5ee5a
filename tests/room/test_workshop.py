"""The workshop: what it makes of what people bring, what it gives up before, what it leaves."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
import threading
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from parley.errors import OperationError, TextError
from parley.room import config, workshop
from parley.room.workshop import BRIEFING, READING, Limits, work
from tests.room import bringing
from tests.room.bringing import NORTH, SOUTH, istanbul, markdown, text

MEGABYTE = 1024 * 1024
Ended = subprocess.CompletedProcess[str]


def folders() -> list[Path]:
    """The folders of tasks that are there."""
    above = config.current().folder / "workshop"
    return list(above.iterdir()) if above.exists() else []


def test_two_texts_become_a_comparison(tmp_path: Path) -> None:
    word = bringing.word(tmp_path, "Article 1. Ceasefire", "1. All fire stops for 60 days.")
    texts = [text("North"), text("South")]
    made = work("compare", {"text-0": NORTH.encode(), "text-1": word}, texts=texts)
    assert sorted(made.files) == ["comparison.docx", "comparison.html", "comparison.xlsx"]
    page = made.files["comparison.html"].decode()
    assert "Text of North" in page
    assert "<del>30</del><ins>60</ins> days" in page
    assert folders() == []


def test_a_bridging_draft_names_who_proposes_what() -> None:
    brought = {"text-0": NORTH.encode(), "text-1": markdown(SOUTH, "B")}
    made = work("bridge", brought, texts=[text("North"), text("South")])
    words = made.files["text.md"].decode()
    assert "[north: 30] [south: 60] days" in words


def test_the_party_is_the_one_of_the_room_not_of_the_text() -> None:
    claims = b"---\nparley: 1\ntitle: A\nparty: south\n---\n\n1. We stop.\n"
    made = work("read", {"text-0": claims}, texts=[text("North")])
    assert b"party: north" in made.files["text.md"]


def test_mistakes_of_a_text_come_back_with_their_lines() -> None:
    broken = b"---\nparley: 1\ntitle: A\n---\n\n1. We stop.\n\n1. We go on.\n"
    with pytest.raises(TextError) as told:
        work("read", {"text-0": broken}, texts=[text("North")])
    assert told.value.mistakes[0].line == 8
    assert folders() == []


def test_a_bracket_that_is_not_closed_is_told() -> None:
    with pytest.raises(OperationError, match="never closed"):
        work("read", {"text-0": b"1. We [stop.\n"}, texts=[text("North")])


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"%PDF-1.7 something", "PDF"),
        (b"\xff\xfe\x00\x01", "neither Word"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "before 2007"),
        (b"PK\x03\x04 cut short", "cut short"),
        (b"", "no words"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(raw: bytes, words: str) -> None:
    with pytest.raises((OperationError, TextError)) as told:
        work("read", {"text-0": raw}, texts=[text("North")])
    mistakes = getattr(told.value, "mistakes", ())
    assert words in f"{told.value} {' '.join(map(str, mistakes))}"


def test_istanbul_is_checked_and_briefed() -> None:
    case = istanbul()
    found = work("check", {"case.zip": case})
    assert json.loads(found.files["said.txt"])["mistakes"] == []
    assert json.loads(found.files["left-out.json"]) == ["README.md"]
    made = work("brief", {"case.zip": case}, BRIEFING, worlds=200)
    assert b"Istanbul 2025" in made.files["briefing.html"]
    assert {"findings.json", "comparison.html", "single-text.html"} <= set(made.files)
    assert str(config.current().folder).encode() not in b"".join(made.files.values())


def test_a_case_with_a_mistake_says_where() -> None:
    case = bringing.packed({"case.yaml": b"parley: 1\ntitle: A\nparteis: []\n"})
    found = work("check", {"case.zip": case})
    rows = json.loads(found.files["said.txt"])["mistakes"]
    assert any(row["file"] == "case/case.yaml" and row["line"] == 3 for row in rows)


class Started:
    """What the workshop has started, in place of `subprocess.Popen`."""

    def __init__(self) -> None:
        self.begun: list[tuple[dict[str, Any], int, subprocess.Popen[bytes]]] = []

    def __call__(self, *args: Any, **kwargs: Any) -> subprocess.Popen[bytes]:
        mode = stat.S_IMODE(Path(kwargs["cwd"]).stat().st_mode)
        process: subprocess.Popen[bytes] = subprocess.Popen(*args, **kwargs)
        self.begun.append((kwargs, mode, process))
        return process


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    """Watches what the workshop starts."""
    watch = Started()
    fake = type("subprocess", (), {**vars(subprocess), "Popen": watch})
    monkeypatch.setattr(workshop, "subprocess", fake)
    return watch


def test_the_worker_knows_nothing_of_the_room(started: Started) -> None:
    work("read", {"text-0": NORTH.encode()}, texts=[text("North")])
    ((given, mode, _),) = started.begun
    assert mode == 0o700
    assert not [name for name in given["env"] if name.startswith(("PARLEY", "DJANGO"))]
    assert given["stdin"] == given["stdout"] == given["stderr"] == subprocess.DEVNULL
    assert not Path(given["cwd"]).exists()


def test_what_takes_too_long_is_ended_and_leaves_nothing(started: Started) -> None:
    short = replace(READING, seconds=0.01)
    with pytest.raises(OperationError, match="not done within"):
        work("read", {"text-0": NORTH.encode()}, short, texts=[text("North")])
    ((_, _, process),) = started.begun
    assert process.poll() is not None
    assert folders() == []


def test_more_than_two_at_once_wait_and_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workshop, "WAIT", 0.05)
    monkeypatch.setattr(workshop, "_places", threading.BoundedSemaphore(1))
    with workshop._a_place(), pytest.raises(OperationError, match="at the moment"):
        work("read", {"text-0": NORTH.encode()}, texts=[text("North")])
    assert work("read", {"text-0": NORTH.encode()}, texts=[text("North")]).files


# -- what is given up -----------------------------------------------------------------------


def shut_in(limits: Limits | None, then: str, own: Path | None = None) -> Ended:
    """A process that gives up what a worker does, or (with no limits) does not; then does that."""
    given = f"shut_in({asdict(limits)!r}, (Path({str(own or Path.cwd())!r}),))" if limits else ""
    code = f"from pathlib import Path\nfrom parley.room.worker import shut_in\n{given}\n{then}"
    return subprocess.run(
        [sys.executable, "-I", "-c", code],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def both(limits: Limits, then: str, own: Path | None = None) -> tuple[int, int]:
    """The exit codes without limits and with them."""
    return shut_in(None, then).returncode, shut_in(limits, then, own).returncode


def test_it_has_no_network() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        connect = f"import socket; socket.create_connection(('127.0.0.1', {port}), 3)"
        free, shut = both(READING, connect)
    if shut == 0:
        pytest.skip("this system does not let a process give up the network")
    assert (free, shut) == (0, 1)


def test_it_has_little_memory() -> None:
    little = replace(READING, memory=256 * MEGABYTE)
    assert both(little, "b = bytearray(400 * 1024 * 1024)") == (0, 1)


def test_it_has_little_time() -> None:
    free, shut = both(replace(READING, cpu=1), "n = 0\nwhile n < 60_000_000: n += 1")
    assert free == 0
    assert shut < 0


def test_it_writes_no_large_file(tmp_path: Path) -> None:
    target = str(tmp_path / "large")
    write = f"open({target!r}, 'wb').write(b'x' * 4_000_000)"
    free, shut = both(replace(READING, file=1_000_000), write, tmp_path)
    assert free == 0
    assert shut != 0


def test_it_touches_no_folder_but_its_own(tmp_path: Path) -> None:
    """Whoever takes over a worker by a broken library still finds no key and no database."""
    own, room = tmp_path / "own", tmp_path / "room"
    for folder in (own, room):
        folder.mkdir()
        (folder / "key").write_text("secret")
    read = "open({!r}).read()"
    assert both(READING, read.format(str(own / "key")), own) == (0, 0)
    ask = "import sys; from parley.room.landlock import only; sys.exit(0 if only(()) else 9)"
    if shut_in(None, ask).returncode == 9:
        pytest.skip("this system has no Landlock")
    assert both(READING, read.format(str(room / "key")), own) == (0, 1)
    assert both(READING, f"import os; os.listdir({str(room)!r})", own) == (0, 1)
    assert both(READING, f"open({str(room / 'new')!r}, 'w')", own) == (0, 1)
    assert both(READING, f"open('/proc/{os.getpid()}/environ', 'rb').read()", own) == (0, 1)


def test_it_leaves_no_core() -> None:
    ask = "import resource, sys; sys.exit(resource.getrlimit(resource.RLIMIT_CORE)[1] != 0)"
    assert shut_in(READING, ask).returncode == 0


# -- what is taken back ---------------------------------------------------------------------


def out_of(tmp_path: Path) -> Path:
    """A folder of a task."""
    (tmp_path / "out").mkdir()
    return tmp_path


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("key")
    folder = out_of(tmp_path)
    (folder / "out" / "page.html").symlink_to(secret)
    with pytest.raises(OperationError):
        workshop._made(folder, 0)


def test_a_pipe_or_a_folder_is_not_waited_for(tmp_path: Path) -> None:
    folder = out_of(tmp_path)
    os.mkfifo(folder / "out" / "page.html")
    began = time.monotonic()
    with pytest.raises(OperationError):
        workshop._made(folder, 0)
    assert time.monotonic() - began < 1


@pytest.mark.parametrize("name", ["Page.html", "..html", "a b", "-x", "ä.html"])
def test_a_file_of_an_odd_name_is_not_taken(tmp_path: Path, name: str) -> None:
    folder = out_of(tmp_path)
    (folder / "out" / name).write_text("x")
    with pytest.raises(OperationError):
        workshop._made(folder, 0)


def test_too_much_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workshop, "LARGEST_MADE", 1000)
    folder = out_of(tmp_path)
    for k in range(3):
        (folder / "out" / f"{k}.html").write_text("x" * 400)
    with pytest.raises(OperationError, match="too large"):
        workshop._made(folder, 0)


def test_a_worker_that_was_ended_made_nothing(tmp_path: Path) -> None:
    folder = out_of(tmp_path)
    (folder / "out" / "page.html").write_text("half")
    with pytest.raises(OperationError, match="more time or memory"):
        workshop._made(folder, -9)


def test_few_may_wait_since_they_hold_up_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workshop, "WAIT", 60)
    monkeypatch.setattr(workshop, "_places", threading.BoundedSemaphore(1))
    monkeypatch.setattr(workshop, "_waiting", threading.BoundedSemaphore(1))
    with workshop._waiting, workshop._a_place(), pytest.raises(OperationError, match="minute"):
        work("read", {"text-0": NORTH.encode()}, texts=[text("North")])
