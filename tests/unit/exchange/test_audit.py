"""The audit of a bundle: what an honest room shows, and every way of being another."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from parley.exchange.audit import Verdict, verify
from parley.exchange.audit.finding import Finding
from parley.exchange.bundle import Bundle, Channel, Listed, head_file, open_bundle
from parley.exchange.charter import MODES, Charter
from parley.exchange.core import core_of
from parley.exchange.notes import Signer
from parley.exchange.shares import header_of
from tests.unit.exchange import rooms
from tests.unit.exchange.rooms import (
    AT,
    LOG,
    NONCE,
    ROOM,
    Room,
    charter_of,
    identity,
    open_room,
    sealed_files,
    whole,
    wrong,
)


@pytest.mark.parametrize("mode", MODES)
def test_an_exchange_that_went_through(mode: Any) -> None:
    room, receipts = whole(mode)
    verdict = room.check(receipts)
    assert verdict.outcome == "valid", wrong(verdict)
    text = "\n".join(finding.what for finding in verdict.findings)
    assert "it is RELEASED" in text
    assert "taken back or replaced (1)" in text
    assert "Messages and documents: 1 as they were laid down, 0 not" in text
    simple = mode == "simple"
    assert ("Opened texts of `ex1`: 2" in text) == simple
    assert ("Released locks: 2" in text) == (not simple)


@pytest.mark.parametrize("mode", MODES)
def test_every_earlier_state_is_valid_too(mode: Any) -> None:
    room = Room(charter_of(mode))
    room.begin()
    signers = tuple(room.charter.signers()) or ("north", "south", "mediator")

    def check(state: str) -> None:
        files = {n: d for n, d in room.export().items() if not n.startswith("opened/")}
        verdict = verify({}, open_bundle(sealed_files(files)))
        assert verdict.outcome == "valid", wrong(verdict)
        assert any(f"it is {state}" in finding.what for finding in verdict.findings)

    check("DRAFT")
    for name in signers:
        room.agree(name)
        check("OPEN" if name == signers[-1] else "DRAFT")
    room.deposit("north")
    check("OPEN")
    room.by_hand("withdraw", "north")
    check("OPEN")
    room.deposit("north", b"Again.")
    room.deposit("north", b"Replaced.")
    room.deposit("south")
    room.step("armed")
    check("ARMED")


@pytest.mark.parametrize("mode", MODES)
def test_the_other_ends(mode: Any) -> None:
    late = open_room(mode)
    late.deposit("north")
    late.step("deadline")
    if mode == "simple":
        assert "never opened" in wrong(late.check())
    late.by_hand("alone", "north")
    core = core_of(header_of(late.charter, "north"), b"A text.", NONCE)
    late.files["opened/ex1.north.bin"] = core
    verdict = late.check()
    assert verdict.outcome == "valid", wrong(verdict)
    assert any("Opened texts of `ex1`: 1" in f.what for f in verdict.findings)
    off = open_room(mode)
    off.step("call-off", "mediator")
    assert off.check().outcome == "valid"
    void = open_room(mode)
    for party in ("north", "south"):
        void.deposit(party, party.encode())
    void.files = {}
    void.step("armed")
    void.step("share", "server")
    void.step("share", "mediator")
    void.step("void", "north", why="under its lock is not what it had signed")
    assert void.check().outcome == "valid", wrong(void.check())


def no_salt(room: Room) -> None:
    del room.salts["plenary"][2]


def test_a_salt_that_is_missing_is_no_proof_of_anything() -> None:
    room, _ = whole("sealed")
    no_salt(room)
    assert room.check().outcome == "incomplete"
    room, _ = whole("sealed")
    room.salts = {}
    assert room.check().outcome == "incomplete"


def test_what_is_left_out() -> None:
    room, receipts = whole("sealed")
    files = room.export()

    def outcome(*names: str) -> str:
        some = {name: data for name, data in files.items() if name not in names}
        return verify(receipts, open_bundle(sealed_files(some))).outcome

    assert outcome() == outcome("contents/m1.bin") == "valid"
    for name in ("logs/heads.jsonl", "logs/with-south.checkpoint", "charters/ex1.charter",
                 "deposits/ex1.north.json", "salts.json", "logs/plenary.jsonl"):  # fmt: skip
        assert outcome(name) == "incomplete", name
    unsigned = verify(receipts, open_bundle(files))
    assert unsigned.outcome == "incomplete"
    simple, _ = whole("simple")
    del simple.files["opened/ex1.north.bin"]
    assert simple.check().outcome == "incomplete"


def test_heads_of_a_bundle_that_lists_another() -> None:
    room, _ = whole("sealed")
    files = room.export()

    def listed(*channels: Channel, **changes: Any) -> str:
        fields: dict[str, Any] = {
            "exchanges": (Listed("ex1", 1, "sealed", "plenary"),),
            "log": LOG.verifier,
            "room": ROOM,
            **changes,
        }
        own = (Channel("plenary", "plenary", None), Channel("with-south", "shuttle", "south"))
        made = Bundle(fields["room"], AT, fields["log"], (*own, *channels), fields["exchanges"], {})
        found = {**files, "bundle.json": head_file(made)}
        try:
            return wrong(verify({}, open_bundle(sealed_files(found))))
        except Exception as error:
            return str(error)

    assert listed() == ""
    assert listed(Channel("heads", "heads", None)) == ""
    assert "belongs to nothing" in listed(exchanges=())
    for bad in (
        Listed("ex1", 2, "sealed", "plenary"),
        Listed("ex1", 1, "simple", "plenary"),
    ):
        assert "another exchange" in listed(exchanges=(bad,))
    assert "does not know this exchange" in listed(
        exchanges=(Listed("ex1", 1, "sealed", "with-south"),)
    )
    assert "another room" in listed(log=type(LOG)("parley/other", bytes(32)).verifier)
    assert listed(room="other")


def test_receipts_beside_a_bundle_of_something_else() -> None:
    room, receipts = whole("sealed")
    other = Room(charter_of(room="elsewhere"))
    other.add("plenary", "round")
    elsewhere = {"e": other.receipt("plenary", 0)}
    bundle = open_bundle(sealed_files(room.export()))
    assert "another room" in wrong(verify({**receipts, **elsewhere}, bundle))
    hidden = Room(room.charter)
    hidden.say("with-north", "m9", b"x")
    more = {"h": hidden.receipt("with-north", 0)}
    assert verify({**receipts, **more}, bundle).outcome == "incomplete"
    again, _ = whole("sealed")
    again.charter = charter_of(title="Other")
    swapped = {"s": again.receipt("plenary", 0)}
    assert verify({**receipts, **swapped}).outcome == "invalid"


def test_a_log_that_changed_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same entries, signed by another key: whoever holds the old receipt sees it."""
    room = Room()
    room.say("with-north", "m1", b"x")
    receipt = room.receipt("with-north", 0)
    monkeypatch.setattr(rooms, "LOG", Signer(LOG.name, bytes(32)))
    bundle = open_bundle(sealed_files(room.export()))
    assert "another key" in wrong(verify({"r": receipt}, bundle))
    again = room.receipt("with-north", 0)
    assert "different keys" in wrong(verify({"r": receipt, "s": again}))


def test_an_exchange_that_the_bundle_keeps_quiet_about() -> None:
    room, _ = whole("sealed")
    room.step("armed")
    room.logs["plenary"][-1] = room.logs["plenary"][-1].replace(b'"ex1"', b'"ex2"')
    assert "`ex2` is in the log, and the bundle does not list it" in wrong(room.check())


def test_signatures_under_a_charter_that_the_log_does_not_know() -> None:
    room = Room()
    room.begin()
    room.agree("north")
    assert room.check().outcome == "valid"
    room.agreed.append(identity("south").signer.sign(room.charter.text()))
    assert "other signatures than in the log" in wrong(room.check())


def test_a_log_of_another_size_than_was_signed() -> None:
    room, _ = whole("sealed")
    files = room.export()
    files["logs/plenary.jsonl"] += files["logs/plenary.jsonl"].splitlines(keepends=True)[0]
    verdict = verify({}, open_bundle(sealed_files(files)))
    assert "The log has 16 entries, and 15 were signed" in wrong(verdict)


def test_a_text_that_is_void_has_an_author() -> None:
    room = open_room()
    for party in ("north", "south"):
        room.deposit(party, party.encode())
    room.step("armed")
    room.step("share", "server")
    room.step("share", "mediator")
    room.step("void", "mediator", why="")
    assert "nobody's text is named" in wrong(room.check())


def test_an_unsigned_charter_is_bound_by_the_entry_or_by_a_bundle() -> None:
    room, receipts = whole("simple")
    assert verify({"n": receipts["north.receipt"]}).outcome == "valid"
    other = Room(charter_of("simple"))
    other.begin()
    other.agree()
    first = other.receipt("plenary", 1)
    assert verify({"a": first}).outcome == "incomplete"
    bundle = open_bundle(sealed_files(other.export()))
    assert verify({"a": first}, bundle).outcome == "valid"
    swapped = replace(first, charter=charter_of("simple", title="Other").text())
    assert verify({"a": swapped}).outcome == "incomplete"
    assert "another charter" in wrong(verify({"a": swapped}, bundle))
    assert room.check(receipts).outcome == "valid"


def test_verdicts() -> None:
    holds, open_, bad = (Finding(o, "", "") for o in ("holds", "incomplete", "does not hold"))
    assert Verdict(()).outcome == "incomplete"
    assert Verdict((holds,)).outcome == "valid"
    assert Verdict((holds, open_)).outcome == "incomplete"
    assert Verdict((holds, open_, bad)).outcome == "invalid"
    assert Verdict((holds, bad)).those("does not hold") == (bad,)
    assert verify({}).outcome == "incomplete"


def test_a_bundle_of_many_exchanges() -> None:
    """Each is checked by itself, and one that is wrong does not hide behind the others."""
    room = Room()
    charters: list[Charter] = []
    notes: dict[str, bytes] = {}
    for k in range(5):
        room.charter = charter_of(exchange=f"ex{k}")
        room.agreed, room.sealed, room.cores = [], {}, {}
        room.begin()
        room.agree()
        room.deposit("north", b"n")
        room.deposit("south", b"s")
        if k != 3:
            room.release()
        notes |= {n: d for n, d in room.export().items() if n.startswith("charters/")}
        charters.append(room.charter)
    files = {**room.export(), **notes}
    listed = tuple(Listed(c.exchange, c.round, c.mode, "plenary") for c in charters)
    made = Bundle(ROOM, AT, LOG.verifier, (Channel("plenary", "plenary", None),), listed, {})
    files["bundle.json"] = head_file(made)
    verdict = verify({}, open_bundle(sealed_files(files)))
    assert verdict.outcome == "valid", wrong(verdict)
    assert sum("RELEASED" in f.what for f in verdict.findings) == 4
    del room.files["deposits/ex2.south.json"]
    room.files["deposits/ex2.south.json"] = room.files["deposits/ex1.south.json"]
    files |= room.files
    verdict = verify({}, open_bundle(sealed_files(files)))
    assert {f.where for f in verdict.those("does not hold")} == {"deposits/ex2.south.json"}
