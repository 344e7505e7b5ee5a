"""The commands of blind bids: from two bids to an outcome, and every wrong input told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from parley.cli import app
from parley.errors import OutputError
from parley.exchange.bid_files import bid_from_json
from tests.unit.conftest import Parley
from tests.unit.exchange import light, rooms
from tests.unit.test_cli import EXAMPLES

EXAMPLE = EXAMPLES / "sealed-exchange"
CHARTER = ("--charter", str(EXAMPLE / "round-1.charter"))
TERMS = ("--question", "The pause", "--unit", "days")
BOOK = ("--book", "book")


def key(name: str) -> tuple[str, ...]:
    secret = ("--key", str(EXAMPLE / f"{name}.parley-key"))
    return (*secret, "--passphrase-file", str(EXAMPLE / "passphrase.txt"))


def make(party: str, side: str, value: str, *more: str, out: str = "") -> tuple[str, ...]:
    """The words of a bid, whose number lies in a file."""
    Path(f"{party}.number").write_text(f"{value}\nnotes below it\n")
    given = ("--side", side, "--number-file", f"{party}.number", "--out", out or f"{party}.bid")
    return ("bids", "make", *given, *CHARTER, *key(party), *more)


def first(party: str, side: str, value: str, *more: str, out: str = "") -> tuple[str, ...]:
    """The words of a bid of the first attempt."""
    return make(party, side, value, *TERMS, *more, out=out)


def settle(*more: str, who: str = "mediator", out: str = "outcome") -> tuple[str, ...]:
    return (
        "bids",
        "settle",
        "north.bid",
        "south.bid",
        *CHARTER,
        *key(who),
        *BOOK,
        "--out",
        out,
        *more,
    )


def test_two_bids_that_meet(parley: Parley) -> None:
    code, out, err = parley(*first("north", "at-least", "30"))
    assert (code, "You bid at least 30 days, attempt 1 of 3" in out) == (0, True)
    assert "can work out yours" in err
    assert parley(*first("south", "at-most", "45"))[0] == 0
    code, out, _ = parley(*settle())
    assert (code, "halfway at 37.5 days" in out, "30" in out) == (0, True, False)
    words = out.partition("Twelve words: ")[2].partition(" Give the file")[0]
    assert len(words.split()) == 12
    for party in ("north", "south"):
        code, out, _ = parley("bids", "check", "outcome", *CHARTER, "--bid", f"{party}.bid")
        assert (code, "halfway at 37.5 days" in out, "about your bid" in out) == (0, True, True)
        assert words in out


def test_where_only_the_overlap_is_told_the_mediator_can_see_both(parley: Parley) -> None:
    for party, side, value in (("north", "at-least", "30"), ("south", "at-most", "45")):
        assert parley(*first(party, side, value, "--rule", "overlap"))[0] == 0
    code, out, _ = parley(*settle("--show"))
    assert (code, "north: 30 south: 45" in out, "the bids meet." in out) == (0, True, True)
    assert b"45" not in Path("outcome").read_bytes().partition(b"bids")[2].partition(b"}")[2]


def test_attempts_that_miss_until_no_more_was_agreed(parley: Parley) -> None:
    terms: tuple[str, ...] = (*TERMS, "--attempts", "2")
    for attempt, left in ((1, "1 more was agreed"), (2, "No more was agreed")):
        for party, side, value in (("north", "at-least", "50"), ("south", "at-most", "40")):
            Path(f"{party}.bid").unlink(missing_ok=True)
            assert parley(*make(party, side, value, *terms))[0] == 0
        code, out, err = parley(*settle(out=f"outcome-{attempt}"))
        assert (code, "do not meet" in out, left in out) == (0, True, True), err
        assert "50" not in out
        terms = ("--before", f"outcome-{attempt}")
    code, _, err = parley(*make("north", "at-least", "45", *terms, out="x"))
    assert (code != 0, "No attempt is left" in err) == (True, True)


def test_an_attempt_is_compared_once_and_told_again_if_need_be(parley: Parley) -> None:
    parley(*first("north", "at-least", "50"))
    parley(*first("south", "at-most", "40"))
    assert parley(*settle())[0] == 0
    assert parley(*settle(out="again"))[0] == 0
    assert Path("again").read_bytes() == Path("outcome").read_bytes()
    Path("south.bid").unlink()
    parley(*first("south", "at-most", "60"))
    code, out, err = parley(*settle(out="x"))
    assert (code != 0, "settled before, with other bids" in err) == (True, True)
    assert ("meet" in out, Path("x").exists()) == (False, False)


def test_what_was_compared_stands_in_the_book_before_it_is_told(
    parley: Parley, monkeypatch: pytest.MonkeyPatch
) -> None:
    parley(*first("north", "at-least", "30"))
    parley(*first("south", "at-most", "45"))

    def full(path: Path, data: bytes) -> None:
        raise OutputError("No space is left.", where=str(path))

    with monkeypatch.context() as patched:
        patched.setattr("parley.case.file.write_bytes", full)
        code, out, _ = parley(*settle())
    assert (code != 0, "meet" in out, Path("outcome").exists()) == (True, False, False)


def test_the_number_is_asked_for_where_it_is_not_in_a_file(parley: Parley) -> None:
    words = [word for word in first("north", "at-least", "1") if word != "--number-file"]
    words.remove("north.number")
    done = CliRunner().invoke(app, words, input="31.5\n")
    assert done.exit_code == 0, done.output
    assert "You bid at least 31.5 days" in done.output


def test_among_three_it_is_said_with_whom_one_bids(parley: Parley) -> None:
    note = rooms.note_of(rooms.charter_of(parties=("east", "north", "south")))
    Path("three").write_text(note)
    Path("n.key").write_bytes(light.key_file(rooms.identity("north"), "a long passphrase"))
    Path("pass").write_text("a long passphrase")
    Path("n").write_text("30")
    own = ("--charter", "three", "--key", "n.key", "--passphrase-file", "pass")
    words = ("bids", "make", *TERMS, "--side", "at-least", "--number-file", "n", *own, "--out")
    code, _, err = parley(*words, "x")
    assert (code != 0, "Give --with: east, south" in err) == (True, True)
    assert parley(*words, "y", "--with", "south")[0] == 0
    assert bid_from_json(Path("y").read_bytes()).terms.parties == ("north", "south")
    for other in ("north", "west"):
        assert parley(*words, "x", "--with", other)[0] != 0
    assert not Path("x").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (lambda: first("north", "at-least", "1,5", out="x"), "plain digits"),
        (lambda: first("north", "both", "1", out="x"), "There is no side `both`"),
        (lambda: first("north", "at-least", "1", "--rule", "half", out="x"), "no rule `half`"),
        (lambda: first("north", "at-least", "1", "--attempts", "9", out="x"), "1 to 5 attempts"),
        (lambda: first("mediator", "at-least", "1", out="x"), "`mediator` is no party"),
        (lambda: make("north", "at-least", "1", out="x"), "not said what is bid for"),
        (lambda: make("north", "at-least", "1", "--before", "north.bid", out="x"), "north.bid"),
        (lambda: first("north", "at-least", "1"), "left as it is"),
        (lambda: settle(who="south", out="x"), "Only the mediator"),
        (lambda: settle("--book", "north.bid", out="x"), "no `parley-bids-book-1`"),
        (lambda: settle("--book", ".", out="x"), "This is a folder"),
        (lambda: ("bids", "check", "north.bid", *CHARTER), "no `parley-bids-outcome-1`"),
        (lambda: ("bids", "check", "outcome", *CHARTER, "--bid", "nothing"), "cannot be read"),
        (lambda: ("bids", "settle", "north.bid", *settle(out="x")[4:]), "Give both"),
    ],
    ids=range(14),
)
def test_a_wrong_input_is_told_and_nothing_is_written(
    parley: Parley, words: Callable[[], tuple[str, ...]], told: str
) -> None:
    parley(*first("north", "at-least", "30"))
    parley(*first("south", "at-most", "45"))
    parley(*settle())
    code, _, err = parley(*words())
    assert (code != 0, told in err) == (True, True), err
    assert not Path("x").exists()
