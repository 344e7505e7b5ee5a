"""The commands of a party with its own sealed text, and every wrong file told."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from parley.exchange.own_steps import from_json
from tests.unit.conftest import Parley
from tests.unit.test_cli import EXAMPLES

EXAMPLE = EXAMPLES / "sealed-exchange"
PASS = ("--passphrase-file", str(EXAMPLE / "passphrase.txt"))


def at(name: str) -> str:
    return str(EXAMPLE / name)


def key(name: str) -> tuple[str, ...]:
    return ("--key", at(f"{name}.parley-key"), *PASS)


def withdraw(receipt: str = "north.receipt", who: str = "north") -> tuple[str, ...]:
    return ("withdraw", at(receipt), *key(who), "--out", "step")


def lay_open(
    copy: str = "north.parley-own", receipt: str = "north.receipt", who: str = "north"
) -> tuple[str, ...]:
    return ("lay-open", at(copy), "--receipt", at(receipt), *key(who), "--out", "step")


def test_a_text_is_taken_back(parley: Parley) -> None:
    code, out, _ = parley(*withdraw())
    assert (code, "Take my text back" in out) == (0, True)
    step = from_json(Path("step").read_bytes())
    assert (step.kind, step.exchange, step.party) == ("withdraw", "round-1", "north")


def test_a_text_is_made_ready_to_lay_open_and_the_file_is_for_its_owner_alone(
    parley: Parley,
) -> None:
    code, out, _ = parley(*lay_open())
    assert (code, "who has this file can read it" in out) == (0, True)
    step = from_json(Path("step").read_bytes())
    assert (EXAMPLE / "north.md").read_bytes() in (step.opened or b"")
    assert stat.S_IMODE(Path("step").stat().st_mode) & 0o077 == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (withdraw("south.receipt"), "It is of `south`"),
        (withdraw(who="mediator"), "not of the key of `mediator`"),
        (withdraw("north.deposit"), "This is no `parley-receipt-1`"),
        (withdraw("north.md"), "north.md"),
        (withdraw("no.receipt"), "cannot be read"),
        (lay_open("south.parley-own"), "does not open with this key"),
        (lay_open("north.md"), "does not open with this key"),
        (lay_open(receipt="south.receipt", who="south"), "does not open with this key"),
        (lay_open("north.deposit"), "does not open with this key"),
        (lay_open("nothing"), "cannot be read"),
    ],
    ids=lambda given: None if isinstance(given, tuple) else str(given)[:24],
)
def test_a_wrong_file_is_told_and_nothing_is_written(
    parley: Parley, words: tuple[str, ...], told: str
) -> None:
    code, _, err = parley(*words)
    assert code in {1, 2}
    assert told in err
    assert not Path("step").exists()


def test_nothing_is_written_over(parley: Parley) -> None:
    Path("step").write_text("mine")
    for words in (withdraw(), lay_open()):
        code, _, err = parley(*words)
        assert (code != 0, "left as it is" in err) == (True, True)
    assert Path("step").read_text() == "mine"
