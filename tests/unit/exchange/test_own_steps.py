"""What a party signs to take its text back or to lay it open: of this very text, by its own key."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import pytest

from parley.errors import ProofError, SettingError
from parley.exchange import canonical
from parley.exchange.core import text_of
from parley.exchange.keys import new_identity
from parley.exchange.notes import check_line
from parley.exchange.own_steps import (
    OwnStep,
    from_json,
    laid_open,
    step_text,
    taken_back,
    to_json,
)
from parley.exchange.receipts import Receipt
from parley.exchange.sealing import sealed_core
from tests.unit.exchange.rooms import NONCE, Room, charter_of, header, identity

TEXT = b"What the north offers."


def laid(mode: Any = "sealed") -> tuple[Room, Receipt]:
    """A room in which the north has laid down its text, and the receipt."""
    room = Room(charter_of(mode))
    room.begin()
    room.agree()
    return room, room.deposit("north", TEXT)


def copy_of(room: Room, text: bytes = TEXT, nonce: bytes = NONCE) -> bytes:
    return sealed_core(header(room.charter, "north"), text, nonce, identity("north").public.age)


def test_what_is_signed_names_step_exchange_party_and_text() -> None:
    text = step_text("withdraw", "e", "north", "ab")
    assert text == 'parley-withdraw-1\n{"core":"ab","exchange":"e","party":"north"}\n'
    assert step_text("alone", "e", "north", "ab") != text


def test_a_text_is_taken_back_with_the_receipt_of_it() -> None:
    room, receipt = laid()
    step = taken_back(receipt, identity("north"))
    assert (step.kind, step.opened) == ("withdraw", None)
    assert step.core == room.cores["north"]
    text = step_text("withdraw", room.charter.exchange, "north", step.core)
    check_line(text, step.signature, identity("north").signer.verifier)
    room.step("withdraw", "north", signature=step.signature)
    room.files.pop(f"deposits/{room.charter.exchange}.north.json")
    room.tick()
    assert room.check().outcome == "valid"


def test_what_is_laid_open_is_the_text_itself() -> None:
    room, receipt = laid()
    step = laid_open(receipt, copy_of(room), identity("north"))
    assert step.opened is not None
    assert text_of(step.opened, header(room.charter, "north")) == TEXT
    assert hashlib.sha256(step.opened).hexdigest() == step.core == room.cores["north"]
    text = step_text("alone", room.charter.exchange, "north", step.core)
    check_line(text, step.signature, identity("north").signer.verifier)


def test_a_copy_of_another_text_or_place_is_refused() -> None:
    room, receipt = laid()
    other = Room(charter_of(exchange="ex2"))
    copies = {
        copy_of(room, b"What the north did not say."): "another text than this copy",
        copy_of(room, TEXT, bytes(32)): "another text than this copy",
        copy_of(other): "not of this room",
        copy_of(room)[:-1]: "does not open",
        b"": "does not open",
        sealed_core(
            header(room.charter, "north"), TEXT, NONCE, identity("south").public.age
        ): "does not open",
    }
    for copy, words in copies.items():
        with pytest.raises(ProofError, match=words):
            laid_open(receipt, copy, identity("north"))


def test_only_who_laid_it_down_can_sign() -> None:
    room, receipt = laid()
    stolen_name = new_identity("north")
    for own in (identity("south"), identity("mediator"), stolen_name):
        with pytest.raises(ProofError, match="not of the key of"):
            taken_back(receipt, own)
        with pytest.raises(ProofError, match="not of the key of"):
            laid_open(receipt, copy_of(room), own)


def test_a_receipt_of_anything_else_is_refused() -> None:
    room, receipt = laid()
    agreed = room.receipt("plenary", receipt.index - 1)
    with pytest.raises(ProofError, match="no receipt of a text"):
        taken_back(agreed, identity("north"))
    with pytest.raises(ProofError):
        taken_back(replace(receipt, proof=()), identity("north"))
    _, simple = laid("simple")
    with pytest.raises(SettingError, match="no keys"):
        taken_back(simple, identity("north"))


def test_a_step_comes_out_of_its_file_as_it_went_in_and_nothing_else_does() -> None:
    room, receipt = laid()
    back = taken_back(receipt, identity("north"))
    opened = laid_open(receipt, copy_of(room), identity("north"))
    for step in (back, opened):
        assert from_json(to_json(step)) == step
    bad: list[dict[str, Any]] = [
        {**vars(back), "kind": "agree"},
        {**vars(back), "opened": "AAAA"},
        {**vars(back), "party": None},
        {**vars(back), "more": 1},
        {**vars(opened), "opened": None},
        {**vars(opened), "opened": "not base64"},
        {**vars(opened), "opened": 1},
        {key: value for key, value in vars(back).items() if key != "opened"},
    ]
    for fields in bad:
        with pytest.raises(ProofError):
            from_json(canonical.encode({"format": "parley-own-step-1", **fields}))
    for raw in (b"", b"{}", b"\xff", to_json(back) + b"\n", to_json(back)[:-1]):
        with pytest.raises(ProofError):
            from_json(raw)
    assert isinstance(back, OwnStep)
