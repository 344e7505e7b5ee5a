"""The commands of the sealed exchange: a whole exchange from files, and every wrong file told."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pyrage
import pytest
from pyrage import x25519

from parley.exchange import keys as keys_module
from parley.exchange.core import text_of
from parley.exchange.keys import card
from parley.exchange.sealing import from_json
from tests.unit.conftest import Parley
from tests.unit.exchange.example import NAMES, PASSPHRASE
from tests.unit.exchange.light import key_file
from tests.unit.exchange.rooms import (
    LOG,
    Room,
    as_files,
    charter_of,
    identity,
    note_of,
    packed,
    whole,
)
from tests.unit.test_cli import EXAMPLES

Patch = pytest.MonkeyPatch
Capture = pytest.CaptureFixture[str]
EXAMPLE = EXAMPLES / "sealed-exchange"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: Patch) -> Path:
    """A folder with the keys of all, whose files open at once."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    for name in NAMES:
        Path(f"{name}.parley-key").write_bytes(key_file(identity(name), PASSPHRASE))
        Path(f"{name}.parley-public").write_text(card(identity(name)))
    Path("pass").write_text(PASSPHRASE + "\n")
    Path("log").write_text(f"{LOG.verifier}\n")
    Path("c").write_text(note_of(charter_of()))
    for party in ("north", "south"):
        Path(f"{party}.md").write_text(f"What {party} says.\n")
    return tmp_path


@pytest.fixture
def parley(here: Path, parley: Parley) -> Parley:
    """Run a command where the keys are."""
    return parley


def key(name: str) -> tuple[str, ...]:
    return ("--key", f"{name}.parley-key", "--passphrase-file", "pass")


def new_charter(*cards: str) -> tuple[str, ...]:
    given = [word for name in cards for word in ("--card", f"{name}.parley-public")]
    terms = ("--round", "1", "--title", "T", "--deadline", "2026-12-01T12:00:00Z", "--log", "log")
    return ("charter", "new", "t", *given, *terms)


def sealed_both(parley: Parley, charter: str = "c") -> None:
    for party in ("north", "south"):
        words = ("seal", f"{party}.md", "--charter", charter, *key(party), "--out", f"{party}.d")
        assert parley(*words)[0] == 0


def test_a_whole_exchange_from_files(parley: Parley) -> None:
    code, out, _ = parley(*new_charter(*NAMES), "--name", "north=The North")
    assert (code, "Not signed yet by: north, south, mediator, witness." in out) == (0, True)
    for name in ("witness", "south", "mediator", "north"):
        assert parley("charter", "sign", "t", *key(name))[0] == 0
    code, out, _ = parley("charter", "sign", "t", *key("north"))
    assert (code, "signed it already" in out) == (0, True)
    code, out, _ = parley("charter", "show", "t")
    assert "Signed by all." in out
    assert "north: The North, age1" in out
    twelve = parley("charter", "words", "t")[1]
    assert len(twelve.split()) == 12
    assert twelve in out
    sealed_both(parley, "t")
    both = ("open", "--share", "north.d", "south.d", "--charter", "t")
    assert parley(*both, *key("mediator"), "--out", "layers")[0] == 0
    words = (*both, *key("witness"), "--layers", "layers", "--out", "locks")
    assert parley(*words)[0] == 0
    for reader, party in (("north", "south"), ("south", "north"), ("north", "north")):
        out_file = f"{party}-for-{reader}"
        words = ("open", f"{party}.d", "--charter", "t", "--locks", "locks", *key(reader))
        assert parley(*words, "--out", out_file)[0] == 0
        assert Path(out_file).read_text() == f"What {party} says.\n"
    for agent in ("mediator", "witness", "server"):
        words = ("open", "north.d", "--charter", "t", "--locks", "locks", *key(agent), "--out", "x")
        assert parley(*words)[0] == 1
        assert not Path("x").exists()


def test_keys_are_made_once_and_for_their_owner_alone(parley: Parley, monkeypatch: Patch) -> None:
    monkeypatch.setattr(keys_module, "locked", key_file)
    words = ("keys", "east", "--out", "mine", "--passphrase-file", "pass")
    assert parley(*words)[0] == 0
    secret = Path("mine/east.parley-key")
    before = secret.read_bytes()
    if os.name == "posix":
        assert secret.stat().st_mode & 0o077 == 0
    code, _, err = parley(*words)
    assert (code, "left as it is" in err) == (2, True)
    Path("mine/east.parley-key").unlink()
    assert parley(*words)[0] == 2  # the card alone is kept as well
    Path("mine/east.parley-public").unlink()
    assert parley(*words)[0] == 0
    assert secret.read_bytes() != before
    assert {p.name for p in Path("mine").iterdir()} == {"east.parley-key", "east.parley-public"}
    assert parley("keys", "East", "--out", "mine", "--passphrase-file", "pass")[0] == 2


def test_a_real_key_file_opens_and_short_passphrases_are_refused(parley: Parley) -> None:
    assert parley("keys", "east", "--out", "mine", "--passphrase-file", "pass")[0] == 0
    raw = Path("mine/east.parley-key").read_bytes()
    assert keys_module.unlocked(raw, PASSPHRASE).name == "east"
    Path("short").write_text("elevenchars\nand more in the next line\n")
    code, _, err = parley("keys", "west", "--out", "mine", "--passphrase-file", "short")
    assert (code, "fewer than 12" in err) == (2, True)
    assert not Path("mine/west.parley-key").exists()


def test_the_passphrase_is_asked_for_twice_and_not_shown(here: Path) -> None:
    """Without a terminal it is read from the input; what is typed is not printed."""
    words = [sys.executable, "-m", "parley", "keys", "east", "--out", "mine"]
    typed = "one two three four\none two three five\n" * 2
    done = subprocess.run(words, input=typed, capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    assert "one two" not in said
    assert "Traceback" not in said
    assert not Path("mine/east.parley-key").exists()
    assert done.returncode != 0


def test_nothing_is_written_over(parley: Parley) -> None:
    before = Path("north.parley-key").read_bytes()
    for out in ("north.parley-key", "north.md", "c"):
        words = ("seal", "north.md", "--charter", "c", *key("north"), "--out", out)
        code, _, err = parley(*words)
        assert (code, "left as it is" in err) == (2, True)
    assert Path("north.parley-key").read_bytes() == before
    assert not list(Path().glob(".*part"))


def test_nor_is_the_copy_of_a_text_that_was_sealed_before(parley: Parley) -> None:
    words = ("seal", "north.md", "--charter", "c", *key("north"), "--out")
    assert parley(*words, "x.sealed")[0] == 0
    before = Path("x.parley-own").read_bytes()
    for out in ("x.again", "y.parley-own"):
        assert parley(*words, out)[0] == 2
        assert not Path(out).exists()
    assert Path("x.parley-own").read_bytes() == before


def test_ones_own_copy_opens_with_ones_own_key_alone(parley: Parley) -> None:
    words = ("seal", "north.md", "--charter", "c", *key("north"), "--out", "x.sealed")
    assert parley(*words)[0] == 0
    copy, deposit = Path("x.parley-own").read_bytes(), from_json(Path("x.sealed").read_bytes())
    core = pyrage.decrypt(copy, [x25519.Identity.from_str(identity("north").age)])
    assert text_of(core, deposit.header) == Path("north.md").read_bytes()
    assert hashlib.sha256(core).digest() == deposit.core_hash
    for name in set(NAMES) - {"north"}:
        with pytest.raises(pyrage.DecryptError):
            pyrage.decrypt(copy, [x25519.Identity.from_str(identity(name).age)])


WRONG_FILES = {
    "missing": None,
    "folder": "folder",
    "empty": b"",
    "junk": bytes(range(256)) * 4,
    "text": b"Hello.\n",
    "json": b"{}",
    "deep": b"[" * 100_000,
    "nul": b"\0" * 3000,
}


def make_wrong(kind: str) -> str:
    content = WRONG_FILES[kind]
    if content == "folder":
        Path("wrong").mkdir()
    elif isinstance(content, bytes):
        Path("wrong").write_bytes(content)
    return "wrong"


@pytest.mark.parametrize("kind", WRONG_FILES)
def test_wrong_files_are_told_in_words(kind: str, parley: Parley) -> None:
    sealed_both(parley)
    bad = make_wrong(kind)
    seal = ("seal", "north.md", "--charter", "c", *key("north"), "--out", "x")
    share = ("open", "--share", "north.d", "south.d", "--charter", "c", *key("server"), "--out")
    text = ("open", "north.d", "--charter", "c", *key("south"), "--out", "x", "--locks")

    def exchanged(words: tuple[str, ...], old: str) -> tuple[str, ...]:
        return tuple(bad if word == old else word for word in words)

    commands = {
        "charter of seal": exchanged(seal, "c"),
        "key of seal": exchanged(seal, "north.parley-key"),
        "passphrase of seal": exchanged(seal, "pass"),
        "charter of open": exchanged((*share, "x"), "c"),
        "deposit of open": exchanged((*share, "x"), "north.d"),
        "layers": (*share, "x", "--layers", bad),
        "receipt": (*share, "x", "--receipt", bad),
        "locks": (*text, bad),
        "bundle": ("open", "--bundle", bad, "--party", "north", *key("south"), "--out", "x"),
        "sign": ("charter", "sign", bad, *key("north")),
        "key of sign": ("charter", "sign", "c", "--key", bad, "--passphrase-file", "pass"),
        "show": ("charter", "show", bad),
        "words": ("charter", "words", bad),
        "card": exchanged(new_charter(*NAMES), "north.parley-public"),
        "log": exchanged(new_charter(*NAMES), "log"),
        "verify": ("verify", bad),
        "verify bundle": ("verify", "--bundle", bad),
    }
    unreadable = kind in {"missing", "folder"}
    for name, words in commands.items():
        code, out, err = parley(*words)
        assert code == (2 if unreadable else 1), (name, out, err)
        assert out + err, name
        assert not Path("x").exists(), name
        if unreadable:
            assert "wrong" in err, name
    if kind not in {"missing", "folder", "empty"}:
        words = exchanged(seal, "north.md")
        assert parley(*words)[0] == 0  # a text may be any file


def test_too_large_files(parley: Parley) -> None:
    with Path("large").open("wb") as stream:
        stream.truncate(70_000_000)
    for words in (
        ("verify", "large"),
        ("charter", "show", "large"),
        ("seal", "large", "--charter", "c", *key("north"), "--out", "x"),
    ):
        code, _, err = parley(*words)
        assert (code, "over" in err) == (2, True), words
    with Path("text").open("wb") as stream:
        stream.truncate(11_000_000)
    code, _, err = parley("seal", "text", "--charter", "c", *key("north"), "--out", "x")
    assert (code, "larger than 10 MB" in err) == (2, True)


def test_wrong_keys_and_passphrases(parley: Parley) -> None:
    Path("other").write_text("another passphrase\n")
    words = ("seal", "north.md", "--charter", "c", "--key", "north.parley-key", "--out", "x")
    code, _, err = parley(*words, "--passphrase-file", "other")
    assert (code, "does not open" in err) == (1, True)
    code, _, err = parley("seal", "north.md", "--charter", "c", *key("mediator"), "--out", "x")
    assert (code, "lays down no text" in err) == (2, True)
    foreign = keys_module.new_identity("north")
    Path("foreign.parley-key").write_bytes(key_file(foreign, PASSPHRASE))
    for others in (
        ("seal", "north.md", "--charter", "c", *key("foreign"), "--out", "x"),
        ("charter", "sign", "c", *key("foreign")),
    ):
        code, _, err = parley(*others)
        assert (code, "another key of `north`" in err) == (1, True)
    code, _, err = parley("charter", "sign", "c", *key("server"))
    assert (code, "not among those who sign" in err) == (1, True)
    card_ = ("seal", "north.md", "--charter", "c", "--key", "north.parley-public", "--out", "x")
    code, _, err = parley(*card_, "--passphrase-file", "pass")
    assert (code, "no key file" in err) == (1, True)
    assert not Path("x").exists()


def test_swapped_and_cut_files(parley: Parley) -> None:
    sealed_both(parley)
    share = ("open", "--share", "--charter", "c", *key("server"), "--out", "x")
    raw = Path("north.d").read_bytes()
    Path("cut").write_bytes(raw[: len(raw) // 2])
    Path("changed").write_bytes(raw.replace(b'"north"', b'"south"'))
    assert parley(*share, "cut", "south.d")[0] == 1
    assert parley(*share, "north.d", "changed")[0] == 1
    code, _, err = parley(*share, "north.d", "north.d")
    assert (code, "two texts of `north`" in err) == (1, True)
    code, _, err = parley(*share, "north.d")
    assert (code, "all open at once, or none" in err) == (2, True)
    room, receipts = whole("sealed")
    for name, data in as_files(receipts).items():
        Path(name).write_bytes(data)
    code, _, err = parley(*share, "north.d", "south.d", "--receipt", "north.receipt")
    assert (code, "of another deposit" in err) == (1, True)
    Path("room.d").write_bytes(room.files["deposits/ex1.north.json"])
    assert parley(*share, "room.d", "south.d", "--receipt", "north.receipt")[0] == 0
    Path("x").unlink()
    Path("c2").write_text(note_of(charter_of(title="Other")))
    share = tuple("c2" if word == "c" else word for word in share)
    assert parley(*share, "north.d", "south.d")[0] == 1
    assert not Path("x").exists()


def test_what_is_not_said(parley: Parley) -> None:
    sealed_both(parley)
    Path("z").write_bytes(packed(whole("sealed")[0].export()))
    for words in (
        ("verify",),
        ("open", "--out", "x"),
        ("open", "north.d", "--charter", "c", "--out", "x"),
        ("open", "--share", "north.d", "south.d", "--charter", "c", "--out", "x"),
        ("open", "--bundle", "z", "--out", "x", *key("south")),
        ("open", "--bundle", "z", "--party", "north", "--out", "x"),
        ("open", "--bundle", "z", "--party", "north", "--exchange", "e", *key("south"),
         "--out", "x"),
    ):  # fmt: skip
        assert parley(*words)[0] == 2, words
    assert not Path("x").exists()


@pytest.mark.parametrize(
    ("cards", "more"),
    [
        (("north", "south"), ()),
        (("north", "south", "server", "mediator"), ()),
        (NAMES, ("--mode", "two-agents")),
        (NAMES, ("--mode", "open")),
        (NAMES, ("--mode", "simple")),
        (("north", "server", "mediator", "witness"), ()),
        ((*NAMES, "north"), ()),
        (NAMES, ("--deadline", "tomorrow")),
        (NAMES, ("--name", "west=West")),
        (NAMES, ("--name", "north")),
    ],
    ids=str,
)
def test_charters_that_cannot_be(
    cards: tuple[str, ...], more: tuple[str, ...], parley: Parley
) -> None:
    code, _, err = parley(*new_charter(*cards), *more)
    assert (code, bool(err), Path("t").exists()) == (2, True, False)


def test_a_charter_that_acts_on_a_terminal_is_shown_harmless(parley: Parley) -> None:
    words = tuple("\x1b[31mT\u202e" if word == "T" else word for word in new_charter(*NAMES))
    assert parley(*words)[0] == 0
    out = parley("charter", "show", "t")[1]
    assert "\x1b" not in out
    assert "\u202e" not in out


def test_a_deposit_that_acts_on_a_terminal_is_told_harmless(parley: Parley) -> None:
    sealed_both(parley)
    raw = Path("north.d").read_bytes()
    Path("bad").write_bytes(raw.replace(b'"party":"north"', b'"party":"\\u001b[2J"'))
    share = ("open", "--share", "bad", "south.d", "--charter", "c", *key("server"), "--out", "x")
    code, _, err = parley(*share)
    assert (code, "is no party" in err, "\x1b" in err) == (1, True, False)


def test_a_bundle_cannot_take_the_place_of_a_receipt(parley: Parley) -> None:
    room, receipts = whole("sealed")
    files = as_files(receipts)
    Path("receipts").mkdir()
    Path("receipts/a.json").write_bytes(files["north.receipt"][:-1])
    room.files["receipts/a.json"] = files["north.receipt"]
    lay_out(room, {})
    assert parley("verify", "--bundle", "room.zip")[0] == 0
    code, out, _ = parley("verify", "receipts/a.json", "--bundle", "room.zip")
    assert (code, "DOES NOT HOLD receipts/a.json" in out) == (1, True)
    later = room.receipt("plenary", len(room.logs["plenary"]) - 1)
    Path("receipts/a.json").write_bytes(as_files({"a": later})["a"])
    room.logs["plenary"].pop()
    room.salts, room.logs["heads"] = {}, []
    lay_out(room, {})
    code, out, _ = parley("verify", "receipts/a.json", "--bundle", "room.zip")
    assert (code, "set back" in out) == (1, True)


def lay_out(room: Room, receipts: dict[str, bytes]) -> None:
    Path("room.zip").write_bytes(packed(room.export()))
    for name, data in receipts.items():
        Path(name).write_bytes(data)


def test_verify_ends_with_0_1_or_2(parley: Parley) -> None:
    room, receipts = whole("sealed")
    lay_out(room, as_files(receipts))
    both = ("north.receipt", "south.receipt")
    code, out, _ = parley("verify", *both, "--bundle", "room.zip")
    assert (code, "Valid: all that was checked holds." in out) == (0, True)
    assert "It does not show: The time" in out
    assert "Twelve words of `ex1`:" in out
    assert "simple mode" not in out
    code, out, _ = parley("verify", *both)
    assert (code, "Incomplete" in out) == (2, True)
    Path("room.zip").write_bytes(Path("room.zip").read_bytes()[:-1])
    code, out, _ = parley("verify", *both, "--bundle", "room.zip")
    assert (code, "Invalid" in out, "This shows" in out) == (1, True, False)
    Path("bad.receipt").write_bytes(Path("north.receipt").read_bytes()[:-1])
    code, out, _ = parley("verify", "bad.receipt", "north.receipt")
    assert code == 1
    assert "DOES NOT HOLD bad.receipt" in out
    assert "holds north.receipt" in out


def test_verify_as_data(parley: Parley) -> None:
    room, receipts = whole("simple")
    lay_out(room, as_files(receipts))
    code, out, _ = parley("verify", "north.receipt", "--bundle", "room.zip", "--json")
    data = json.loads(out)
    assert (code, data["outcome"], data["format"]) == (0, "valid", "parley-verdict-1")
    assert {tuple(sorted(finding)) for finding in data["findings"]} == {
        ("outcome", "what", "where")
    }
    assert any("operator could read" in line for line in data["shows"])
    assert len(data["words"]["ex1"].split()) == 12
    Path("room.zip").write_bytes(b"PK")
    code, out, _ = parley("verify", "north.receipt", "--bundle", "room.zip", "--json")
    assert (code, json.loads(out)["outcome"]) == (1, "invalid")


def test_texts_out_of_a_bundle(parley: Parley) -> None:
    room, _ = whole("sealed")
    lay_out(room, {})
    words = ("open", "--bundle", "room.zip", "--party", "north", "--out", "n")
    assert parley(*words, *key("south"))[0] == 0
    assert Path("n").read_bytes() == b"What north says."
    assert parley("open", "--bundle", "room.zip", "--party", "south", *key("server"),
                  "--out", "x")[0] == 1  # fmt: skip
    simple, _ = whole("simple")
    lay_out(simple, {})
    assert parley("open", "--bundle", "room.zip", "--party", "south", "--out", "s")[0] == 0
    assert Path("s").read_bytes() == b"What south says."
    early = Room()
    early.begin()
    early.agree()
    early.deposit("north")
    lay_out(early, {})
    code, _, err = parley(*words[:-1], "x", *key("south"))
    assert (code, "was not opened" in err) == (2, True)
    room.files["contents/m1.bin"] = b"x"
    lay_out(room, {})
    code, _, err = parley(*words[:-1], "x", *key("south"))
    assert (code, "does not hold" in err) == (1, True)
    assert not Path("x").exists()


def test_what_is_no_file_to_jump_about_in(parley: Parley, here: Path) -> None:
    if hasattr(os, "mkfifo"):
        os.mkfifo("pipe")
        feed = subprocess.Popen(["sh", "-c", "echo x > pipe"], cwd=here)
        code, _, err = parley("verify", "--bundle", "pipe")
        feed.wait(10)
        assert (code, bool(err)) == (2, True)
    if Path("/dev/zero").exists():
        assert parley("verify", "/dev/zero")[0] == 2


@pytest.mark.parametrize("name", ["a\0b", "x" * 5000])
def test_names_that_no_file_has(name: str, parley: Parley) -> None:
    assert parley("verify", name)[0] == 2
    assert parley("seal", "north.md", "--charter", "c", *key("north"), "--out", name)[0] == 2


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="rights do not bind here")
def test_a_folder_that_one_may_not_write_to(parley: Parley, here: Path) -> None:
    here.chmod(0o500)
    code, _, _ = parley("seal", "north.md", "--charter", "c", *key("north"), "--out", "x")
    here.chmod(0o700)
    assert code == 2


def test_the_shipped_example_is_whole(parley: Parley, here: Path) -> None:
    shutil.copytree(EXAMPLE, here / "e")
    receipts = [str(path) for path in sorted(Path("e").glob("*.receipt"))]
    assert len(receipts) == 2
    code, out, _ = parley("verify", *receipts, "--bundle", "e/room.zip")
    assert (code, "it is RELEASED" in out) == (0, True)
    own = ("--key", "e/south.parley-key", "--passphrase-file", "e/passphrase.txt")
    words = ("open", "e/north.deposit", "--charter", "e/round-1.charter", *own)
    assert parley(*words, "--locks", "e/mediator.locks", "--out", "n.md")[0] == 0
    assert Path("n.md").read_bytes() == (EXAMPLE / "north.md").read_bytes()


def test_help_does_not_load_what_is_heavy() -> None:
    code = (
        "import sys, parley.cli; "
        "heavy = {'pyrage', 'cryptography', 'mnemonic', 'django', 'zipfile'}; "
        "print(sorted(heavy & {name.split('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = json.loads(done.stdout.replace("'", '"'))
    assert set(loaded) <= {"zipfile"}
