"""A receipt holds by itself: its entry, its proof, its charter, what was signed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from parley.errors import ProofError
from parley.exchange import canonical
from parley.exchange.notes import Checkpoint, Signer, read_verifier, signed
from parley.exchange.receipts import (
    NO_MODE,
    Receipt,
    check_receipt,
    from_json,
    log_checkpoint,
    log_name,
    origin,
    same_log,
    to_json,
)
from parley.exchange.sealing import from_json as deposit_from_json
from parley.exchange.sealing import to_json as deposit_json
from tests.unit.exchange.rooms import LOG, ROOM, Room, charter_of, identity, note_of, whole


def sealed() -> Receipt:
    return whole("sealed")[1]["north.receipt"]


@pytest.mark.parametrize("mode", ["sealed", "two-agents", "simple"])
def test_it_comes_back_from_its_file_and_holds(mode: Any) -> None:
    room, receipts = whole(mode)
    for receipt in receipts.values():
        assert from_json(to_json(receipt)) == receipt
        checkpoint, charter = check_receipt(receipt)
        assert checkpoint.origin == receipt.origin == origin(ROOM, "plenary")
        assert charter == room.charter


def test_a_receipt_of_something_that_is_of_no_exchange() -> None:
    room = Room()
    room.say("with-north", "m1", b"In confidence.")
    receipt = room.receipt("with-north", 0)
    assert check_receipt(receipt)[1] is None
    for mode in ("", "open", "Sealed"):
        with pytest.raises(ProofError):
            check_receipt(replace(receipt, mode=mode))
    assert receipt.mode == NO_MODE


def other_checkpoint(receipt: Receipt, **changes: Any) -> str:
    checkpoint, _ = check_receipt(receipt)
    return signed(replace(checkpoint, **changes).text(), LOG)


def test_whatever_is_exchanged_in_it_is_told() -> None:
    one, other = whole("sealed")[1].values()
    stranger = Signer(log_name(ROOM), bytes(32))
    stranger_note = signed(check_receipt(one)[0].text(), stranger)
    assert one.statement
    for bad in (
        replace(one, mode="simple"),
        replace(one, mode="two-agents"),
        replace(one, room="other"),
        replace(one, channel="heads"),
        replace(one, entry=other.entry),
        replace(one, index=one.index - 1),
        replace(one, index=-1),
        replace(one, proof=one.proof[:-1]),
        replace(one, proof=(*one.proof, bytes(32))),
        replace(one, proof=()),
        replace(one, checkpoint=other.checkpoint),
        replace(one, checkpoint=other_checkpoint(one, size=check_receipt(one)[0].size + 1)),
        replace(one, checkpoint=other_checkpoint(one, root=bytes(32))),
        replace(one, checkpoint=stranger_note),
        replace(one, checkpoint=one.checkpoint + one.checkpoint.splitlines()[-1] + "\n"),
        replace(one, checkpoint=one.checkpoint + stranger.sign("x\n")),
        replace(one, log=stranger.verifier),
        replace(one, log=stranger.verifier, checkpoint=stranger_note),
        replace(one, charter=None),
        replace(one, charter=charter_of().text()),
        replace(one, charter=note_of(charter_of(title="Other"))),
        replace(one, charter=note_of(charter_of(exchange="ex2"))),
        replace(one, statement=None),
        replace(one, statement=None, signature=None),
        replace(one, signature=None),
        replace(one, statement=other.statement),
        replace(one, statement=other.statement, signature=other.signature),
        replace(one, statement=one.statement + "\n"),
    ):
        with pytest.raises(ProofError):
            check_receipt(bad)


def relogged(receipt: Receipt, **changes: Any) -> Receipt:
    """The same receipt of a log in which this entry was written in another form."""
    room = Room()
    fields = {**receipt.content, **changes}
    room.logs["plenary"] = [canonical.encode(fields)]
    made = room.receipt("plenary", 0)
    return replace(
        made,
        charter=note_of(room.charter),
        statement=receipt.statement,
        signature=receipt.signature,
    )


def test_an_entry_that_says_other_than_what_was_signed() -> None:
    one = sealed()
    assert check_receipt(relogged(one))
    for changes in (
        {"who": "south"},
        {"who": "stranger"},
        {"who": 5},
        {"core": "00" * 32},
        {"statement": "00" * 32},
        {"statement": None},
        {"signature": None},
        {"signature": identity("north").signer.sign("x\n")},
        {"exchange": "ex2"},
        {"charter": "00" * 32},
    ):
        with pytest.raises(ProofError):
            check_receipt(relogged(one, **changes))
    room = Room()
    room.logs["plenary"] = [b"[]"]
    receipt = replace(room.receipt("plenary", 0), charter=note_of(room.charter), mode="sealed")
    with pytest.raises(ProofError):
        check_receipt(receipt)


@pytest.mark.parametrize(
    "change",
    [
        {"index": True},
        {"index": "1"},
        {"proof": [1]},
        {"proof": ["AA=="]},
        {"proof": ["AB=="]},
        {"entry": 5},
        {"log": {}},
        {"log": {"name": "a b", "key": "AAAA"}},
        {"more": 1},
        {"nonce": 1},
        {"checkpoint": None},
        {"charter": 1},
    ],
    ids=str,
)
def test_files_that_are_no_receipts(change: dict[str, object]) -> None:
    fields = canonical.decode(to_json(sealed()))
    assert isinstance(fields, dict)
    for other in ({**fields, **change}, {k: v for k, v in fields.items() if k not in change}):
        if other != fields:
            with pytest.raises(ProofError):
                check_receipt(from_json(canonical.encode(other)))


def test_checkpoints() -> None:
    def note(*lines: str) -> str:
        return signed("".join(f"{line}\n" for line in lines), LOG)

    name, root = origin(ROOM, "plenary"), "A" * 43 + "="
    assert log_checkpoint(note(name, "5", root), name, LOG.verifier).size == 5
    for bad in (
        note(name, "05", root),
        note(name, "-5", root),
        note(name, "+5", root),
        note(name, "5.0", root),
        note(name, "٥", root),
        note(name, "9" * 10_000, root),
        note(name, "", root),
        note(name, "5", root, "more"),
        note(name, "5", root[:-1]),
        note(name, "5"),
        note("parley/other/plenary", "5", root),
        note(name, "5", root) + Signer("other", bytes(32)).sign("x\n"),
    ):
        with pytest.raises(ProofError):
            log_checkpoint(bad, name, LOG.verifier)


def test_one_state_continues_another() -> None:
    room, _ = whole("sealed")
    tree = room.tree("plenary")
    older, newer = (Checkpoint("o", size, tree.root(size)) for size in (5, 9))
    same_log(older, newer, tree.consistency(5, 9))
    same_log(older, older, ())
    for pair in (
        (replace(older, origin="p"), newer, tree.consistency(5, 9)),
        (older, replace(older, root=bytes(32)), ()),
        (older, newer, ()),
        (older, replace(newer, root=bytes(32)), tree.consistency(5, 9)),
    ):
        with pytest.raises(ProofError):
            same_log(*pair)


def test_a_key_in_one_line() -> None:
    """The form of C2SP, with the example of its specification."""
    line = str(LOG.verifier)
    assert read_verifier(line) == LOG.verifier
    assert line.startswith(f"parley/{ROOM}+")
    example = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    assert str(read_verifier(example)) == example
    for bad in ("", "a", "a+b+c", line + "\n", line[:-1], line.replace("+", "+0", 1), "+" + line):
        with pytest.raises(ProofError):
            read_verifier(bad)


def test_what_was_signed_cannot_be_left_out() -> None:
    one = sealed()
    bare = replace(relogged(one, statement=None, signature=None), statement=None, signature=None)
    with pytest.raises(ProofError, match="not in the receipt"):
        check_receipt(bare)
    for bad in (
        replace(relogged(one), charter=None, mode=NO_MODE, statement=None, signature=None),
        replace(whole("simple")[1]["north.receipt"], signature=one.signature),
    ):
        with pytest.raises(ProofError, match="not in the receipt"):
            check_receipt(bad)


def test_a_lock_cannot_bring_lines_of_its_own() -> None:
    deposit = whole("sealed")[0].sealed["north"]
    bad = replace(deposit, lock=deposit.lock + "\ncore " + "00" * 32)
    signed_bad = replace(bad, signature=identity("north").signer.sign(bad.signed_text()))
    for one in (signed_bad, replace(deposit, lock=""), replace(deposit, lock="age2x")):
        with pytest.raises(ProofError):
            deposit_from_json(deposit_json(one))
