"""The commands of blind bids: from two bids to an outcome, and every wrong input told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from parley.cli import app
from tests.unit.test_cli import EXAMPLES, run

Parley = Callable[..., tuple[int, str, str]]
EXAMPLE = EXAMPLES / "sealed-exchange"
CHARTER = ("--charter", str(EXAMPLE / "round-1.charter"))
TERMS = ("--question", "The pause", "--unit", "days")


def key(name: str) -> tuple[str, ...]:
    secret = ("--key", str(EXAMPLE / f"{name}.parley-key"))
    return (*secret, "--passphrase-file", str(EXAMPLE / "passphrase.txt"))


def make(party: str, side: str, value: str, *more: str, out: str = "") -> tuple[str, ...]:
    """The words of a bid, whose number lies in a file."""
    Path(f"{party}.number").write_text(f"{value}\nnotes below it\n")
    given = ("--side", side, "--number-file", f"{party}.number", "--out", out or f"{party}.bid")
    return ("bids", "make", *TERMS, *given, *CHARTER, *key(party), *more)


def settle(*more: str, who: str = "mediator", out: str = "outcome") -> tuple[str, ...]:
    return ("bids", "settle", "north.bid", "south.bid", *CHARTER, *key(who), "--out", out, *more)


@pytest.fixture
def parley(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Parley:
    """Run a command in an empty folder; its code and what it said."""
    monkeypatch.chdir(tmp_path)

    def call(*words: str) -> tuple[int, str, str]:
        code, out, err = run(monkeypatch, capsys, *words)
        assert "Traceback" not in err
        return code, " ".join(out.split()), " ".join(err.split())

    return call


def test_two_bids_that_meet(parley: Parley) -> None:
    code, out, err = parley(*make("north", "at-least", "30"))
    assert (code, "You bid at least 30 days" in out) == (0, True)
    assert "can work out yours" in err
    assert parley(*make("south", "at-most", "45"))[0] == 0
    code, out, _ = parley(*settle())
    assert (code, "halfway at 37.5 days" in out) == (0, True)
    for party in ("north", "south"):
        code, out, _ = parley("bids", "check", "outcome", *CHARTER, "--bid", f"{party}.bid")
        assert (code, "halfway at 37.5 days" in out, "about your bid" in out) == (0, True, True)


def test_attempts_that_miss_until_no_more_was_agreed(parley: Parley) -> None:
    before: tuple[str, ...] = ()
    for attempt, left in ((1, "1 more was agreed"), (2, "No more was agreed")):
        more = ("--attempts", "2", "--attempt", str(attempt))
        for party, side, value in (("north", "at-least", "50"), ("south", "at-most", "40")):
            Path(f"{party}.bid").unlink(missing_ok=True)
            assert parley(*make(party, side, value, *more))[0] == 0
        code, out, err = parley(*settle(*before, out=f"outcome-{attempt}"))
        assert (code, "do not meet" in out, left in out) == (0, True, True), err
        assert "50" not in out
        before = ("--before", f"outcome-{attempt}")
    code, _, err = parley(
        *make("north", "at-least", "45", "--attempts", "2", "--attempt", "3", out="x")
    )
    assert (code != 0, "There is no attempt 3" in err) == (True, True)


def test_the_number_is_asked_for_where_it_is_not_in_a_file(parley: Parley) -> None:
    words = [word for word in make("north", "at-least", "1") if word != "--number-file"]
    words.remove("north.number")
    done = CliRunner().invoke(app, words, input="31.5\n")
    assert done.exit_code == 0, done.output
    assert "You bid at least 31.5 days" in done.output


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (lambda: make("north", "at-least", "1,5", out="x"), "plain digits"),
        (lambda: make("north", "both", "1", out="x"), "There is no side `both`"),
        (lambda: make("north", "at-least", "1", "--rule", "half", out="x"), "no rule `half`"),
        (lambda: make("north", "at-least", "1", "--attempts", "9", out="x"), "1 to 5 attempts"),
        (lambda: make("mediator", "at-least", "1", out="x"), "is no party"),
        (lambda: make("north", "at-least", "1"), "left as it is"),
        (lambda: settle(who="south", out="x"), "Only the mediator"),
        (lambda: settle("--before", "north.bid", out="x"), "no `parley-bids-outcome-1`"),
        (lambda: ("bids", "check", "north.bid", *CHARTER), "no `parley-bids-outcome-1`"),
        (lambda: ("bids", "check", "outcome", *CHARTER, "--bid", "nothing"), "cannot be read"),
        (lambda: ("bids", "settle", "north.bid", *settle(out="x")[4:]), "Give both"),
    ],
    ids=range(11),
)
def test_a_wrong_input_is_told_and_nothing_is_written(
    parley: Parley, words: Callable[[], tuple[str, ...]], told: str
) -> None:
    parley(*make("north", "at-least", "30"))
    parley(*make("south", "at-most", "45"))
    parley(*settle())
    code, _, err = parley(*words())
    assert (code != 0, told in err) == (True, True), err
    assert not Path("x").exists()
