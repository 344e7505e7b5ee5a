"""A room that lies, in every way we thought of, and signs its lies: it is found out."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from parley.exchange import bundle as bundles
from parley.exchange import canonical
from parley.exchange.audit import verify
from parley.exchange.core import core_of
from parley.exchange.sealing import seal, to_json
from parley.exchange.shares import header_of
from tests.unit.exchange.rooms import (
    AT,
    NONCE,
    Room,
    charter_of,
    identity,
    lock_of,
    open_room,
    sealed,
    sealed_files,
    whole,
    wrong,
)


def drop(kind: str, /) -> Callable[[Room], None]:
    """Leave out the first entry of a kind."""

    def change(room: Room) -> None:
        log = room.logs["plenary"]
        log.remove(next(e for e in log if f'"kind":"{kind}"'.encode() in e))

    return change


def edit(of: str, /, **fields: Any) -> Callable[[Room], None]:
    """Change the last entry of a kind; a field of ... is taken out."""

    def change(room: Room) -> None:
        log = room.logs["plenary"]
        at = max(k for k, e in enumerate(log) if f'"kind":"{of}"'.encode() in e)
        entry = canonical.decode(log[at])
        assert isinstance(entry, dict)
        entry |= fields
        log[at] = canonical.encode({k: v for k, v in entry.items() if v is not ...})

    return change


def after(kind: str, more: str, who: str = "", **fields: Any) -> Callable[[Room], None]:
    """Put one entry more behind the first of a kind."""

    def change(room: Room) -> None:
        room.step(more, who, **fields)
        log = room.logs["plenary"]
        at = next(k for k, e in enumerate(log) if f'"kind":"{kind}"'.encode() in e)
        log.insert(at + 1, log.pop())

    return change


def file(name: str, data: bytes) -> Callable[[Room], None]:
    def change(room: Room) -> None:
        room.files[name] = data

    return change


def other_deposit(room: Room) -> None:
    room.files["deposits/ex1.north.json"] = to_json(sealed(room.charter, "north", b"Other."))


def swapped_deposits(room: Room) -> None:
    a, b = "deposits/ex1.north.json", "deposits/ex1.south.json"
    room.files[a], room.files[b] = room.files[b], room.files[a]


def swapped_locks(room: Room) -> None:
    locks = {p: lock_of(d, room.charter) for p, d in room.sealed.items()}
    edit("released", locks={"north": locks["south"], "south": locks["north"]})(room)


def no_signature(room: Room) -> None:
    room.agreed.pop()


def one_signature_only_in_the_log(room: Room) -> None:
    room.agreed.remove(room.agreed[0])


STRANGER = identity("stranger").signer
DISHONEST: dict[str, tuple[Callable[[Room], None], str]] = {
    "no charter in the log": (drop("charter"), "does not begin here"),
    "another charter": (edit("charter", charter="00" * 32), "another charter"),
    "another mode": (edit("charter", mode="simple"), "another charter"),
    "another round": (edit("charter", round=2), "another charter"),
    "a second beginning": (
        after("deposit", "charter", round=1, mode="sealed", charter="00"),
        "does not begin here",
    ),
    "one did not agree": (drop("agree"), "Not all have agreed"),
    "agreed without a signature": (edit("agree", signature=None), "signature is missing"),
    "agreed with another's": (edit("agree", signature=STRANGER.sign("x\n")), "another signature"),
    "a stranger agreed": (edit("agree", who="stranger"), "does not sign this charter"),
    "a signature less under it": (no_signature, "another signature"),
    "a deposit left out": (drop("deposit"), "no text to take back"),
    "a deposit of a stranger": (edit("deposit", who="stranger"), "no party"),
    "a deposit without a signature": (edit("deposit", signature=None), "signature is missing"),
    "a deposit without a statement": (edit("deposit", statement=None), "signature is missing"),
    "another commitment": (edit("deposit", core="00" * 32), "another deposit"),
    "another size": (edit("deposit", size=5), "another deposit"),
    "another statement": (edit("deposit", statement="00" * 32), "another deposit"),
    "another line": (edit("deposit", signature=STRANGER.sign("x\n")), "another deposit"),
    "a deposit of another charter": (edit("deposit", charter="00" * 32), "another charter"),
    "withdrawn without a signature": (edit("withdraw", signature=None), "signature is missing"),
    "withdrawn by another": (edit("withdraw", who="south"), "no text to take back"),
    "a false withdrawal": (
        edit("withdraw", signature=STRANGER.sign("x\n")),
        "has not signed",
    ),
    "never armed": (drop("armed"), "Not all texts are there yet"),
    "armed twice": (after("armed", "armed"), "nothing can be taken back"),
    "withdrawn after armed": (after("armed", "withdraw", "north", signature=None), "nothing can"),
    "a deposit after armed": (
        after("armed", "deposit", "north", core="0", size=1, statement="0", signature="0"),
        "nothing can be taken back",
    ),
    "the deadline after armed": (after("armed", "deadline"), "nothing can be taken back"),
    "called off after armed": (after("armed", "call-off", "mediator"), "nothing can be taken"),
    "a share too early": (after("agree", "share", "server"), "Not all have agreed"),
    "a share of a party": (edit("share", who="north"), "no release agent"),
    "one share only": (drop("share"), "Two release agents"),
    "never checked": (drop("checked"), "nothing can be taken back or added"),
    "released twice": (after("released", "released", locks={}), "has ended"),
    "void after release": (after("released", "void", "north", why=""), "has ended"),
    "no locks": (edit("released", locks={}), "Not the locks of all"),
    "one lock": (edit("released", locks={"north": "x"}), "Not the locks of all"),
    "false locks": (edit("released", locks={"north": "x", "south": 5}), "no key of a lock"),
    "swapped locks": (swapped_locks, "another lock"),
    "an entry without its parts": (edit("share", who=...), "each of its kind"),
    "an entry of other types": (edit("deposit", who=5), "each of its kind"),
    "no time": (edit("armed", at=...), "is none"),
    "no kind": (edit("armed", kind=5), "is none"),
    "another text sealed": (other_deposit, "another deposit"),
    "swapped texts": (swapped_deposits, "another room, exchange, party or round"),
    "a deposit that is none": (file("deposits/ex1.north.json", b"{}"), "no `parley-deposit-1`"),
    "a text of nobody": (file("deposits/ex1.other.json", b"{}"), "of no party"),
    "an opened text of nobody": (file("opened/ex1.other.bin", b""), "of no party"),
    "a text opened beside its lock": (file("opened/ex1.north.bin", b""), "never opened"),
    "another message": (file("contents/m1.bin", b"x"), "not what the logs hold"),
    "a message that is in no log": (file("contents/m2.bin", b"x"), "not what the logs hold"),
    "receipts that are none": (file("receipts/a.json", b"{}"), "no `parley-receipt-1`"),
}


@pytest.mark.parametrize("case", DISHONEST)
def test_a_dishonest_room_is_found_out(case: str) -> None:
    """All of it is signed by the log's key, and all sizes and roots fit."""
    change, expected = DISHONEST[case]
    room, _ = whole("sealed")
    change(room)
    room.logs["heads"], room.salts, room.ticks = [], {}, 0
    room.tick()
    verdict = room.check()
    assert verdict.outcome == "invalid"
    assert expected in wrong(verdict), wrong(verdict)


def no_core(room: Room) -> None:
    room.files["opened/ex1.north.bin"] = b""


def core_of_other_place(room: Room) -> None:
    """A text of another round, whose hash the log holds."""
    other = charter_of("simple", round=2)
    core = core_of(header_of(other, "south"), b"x", NONCE)
    edit("deposit", core=hashlib.sha256(core).hexdigest())(room)
    room.files["opened/ex1.south.bin"] = core


SIMPLE: dict[str, tuple[Callable[[Room], None], str]] = {
    "another text": (no_core, "not what was laid down"),
    "a text of another round": (core_of_other_place, "not of this room"),
    "locks where there are none": (edit("released", locks={"north": "x"}), "Not the locks of all"),
    "a signature of nobody": (edit("deposit", signature="x"), "where there are no keys"),
    "an agreement with a signature": (edit("agree", signature="x"), "where there are no keys"),
    "a deposit": (file("deposits/ex1.north.json", b"{}"), "no `parley-deposit-1`"),
}


@pytest.mark.parametrize("case", SIMPLE)
def test_a_dishonest_room_in_the_simple_mode(case: str) -> None:
    change, expected = SIMPLE[case]
    room, _ = whole("simple")
    change(room)
    room.logs["heads"], room.salts, room.ticks = [], {}, 0
    room.tick()
    assert expected in wrong(room.check()), wrong(room.check())


def test_a_text_that_its_own_party_spoiled_is_told() -> None:
    """Signed as it should be, but under the lock is something else."""
    room = open_room()
    room.deposit("south")
    charter, signer = room.charter, identity("north").signer
    to, agents = charter.sealed_to(), charter.agent_keys()
    one = seal(header_of(charter, "north"), b"x", NONCE, to, agents, signer)
    bad = replace(one, inner_hash=bytes(32))
    bad = replace(bad, signature=signer.sign(bad.signed_text()))
    room.sealed["north"] = one
    room.files["deposits/ex1.north.json"] = to_json(bad)
    room.step(
        "deposit",
        "north",
        core=bad.core_hash.hex(),
        size=len(bad.outer),
        statement=hashlib.sha256(bad.signed_text().encode()).hexdigest(),
        signature=bad.signature,
    )
    room.release()
    assert "Under the lock is not what was signed" in wrong(room.check())


def head(**fields: Any) -> Callable[[Room], None]:
    def change(room: Room) -> None:
        entry = canonical.decode(room.logs["heads"][-1])
        assert isinstance(entry, dict)
        room.logs["heads"][-1] = canonical.encode({**entry, **fields})

    return change


def other_salt(room: Room) -> None:
    room.salts["plenary"][2] = (bytes(32), room.salts["plenary"][2][1])


def other_size(room: Room) -> None:
    salt, size = room.salts["plenary"][2]
    room.salts["plenary"][2] = (salt, size - 1)


def salt_of_no_tick(room: Room) -> None:
    room.salts["plenary"][99] = (bytes(32), 1)


def salt_of_no_channel(room: Room) -> None:
    room.salts["other"] = {1: (bytes(32), 1)}


def too_large(room: Room) -> None:
    salt, _ = room.salts["plenary"][3]
    room.salts["plenary"][3] = (salt, 10**6)


HEADS: dict[str, tuple[Callable[[Room], None], str]] = {
    "another head": (head(heads={"plenary": "00" * 32}), "another head"),
    "a channel that vanished": (head(heads={}), "vanished"),
    "ticks out of order": (head(tick=1), "out of order"),
    "heads of another form": (head(heads={"plenary": 5}), "out of order, or none"),
    "another kind": (head(kind="tick"), "out of order, or none"),
    "no tick": (head(tick="3"), "each of its kind"),
    "another salt": (other_salt, "another head"),
    "another size": (other_size, "another head"),
    "a size beyond the log": (too_large, "said to have had"),
    "a salt of no tick": (salt_of_no_tick, "never were"),
    "a salt of no channel": (salt_of_no_channel, "not its log"),
}


@pytest.mark.parametrize("case", HEADS)
def test_the_room_tree(case: str) -> None:
    change, expected = HEADS[case]
    room, _ = whole("sealed")
    change(room)
    assert expected in wrong(room.check()), wrong(room.check())


# what a receipt cannot show alone, and what two of them show together


def test_a_receipt_without_its_charter_shows_nobodys_signature() -> None:
    room = open_room()
    forged = {"core": "ab" * 32, "size": 5, "statement": None, "signature": None}
    receipt = room.receipt("plenary", room.step("deposit", "north", **forged))
    assert verify({"forged": replace(receipt, charter=None)}).outcome == "incomplete"


def test_a_step_whose_signature_cannot_be_checked_is_not_called_valid() -> None:
    room = open_room()
    room.deposit("north")
    index = room.step("withdraw", "north", signature="\u2014 north AAAA\n")
    assert verify({"forged": room.receipt("plenary", index)}).outcome == "incomplete"


def test_one_exchange_in_two_logs_is_seen_by_two_receipts() -> None:
    one, other = open_room(), open_room()
    mine = one.deposit("north")
    other.logs["second"] = other.logs["plenary"]
    other.deposit("north")
    other.deposit("south")
    index = len(other.logs["plenary"]) - 1
    deposit = other.sealed["south"]
    more: dict[str, Any] = {"statement": deposit.signed_text(), "signature": deposit.signature}
    theirs = other.receipt("second", index, **more)
    assert verify({"theirs": theirs}).outcome == "valid"
    found = verify({"mine": mine, "theirs": theirs})
    assert "one exchange in two logs" in wrong(found)
    assert "its exchange in another log" in wrong(one.check({"theirs": theirs}))


@pytest.mark.parametrize("kind", ["shuttle", "mediation"])
def test_an_exchange_stands_in_the_log_for_all(kind: str) -> None:
    room, receipts = whole("sealed")
    files = room.export()
    head = canonical.decode(files["bundle.json"])
    assert isinstance(head, dict)
    for channel in head["channels"]:
        if channel["id"] == "plenary":
            channel |= {"kind": kind, "party": "north" if kind == "shuttle" else None}
    files["bundle.json"] = canonical.encode(head)
    found = verify(receipts, bundles.open_bundle(sealed_files(files)))
    assert "one log for all" in wrong(found)


def test_a_room_tree_that_leaves_the_log_for_all_out_is_seen() -> None:
    room = open_room()
    room.deposit("north")
    room.logs["heads"], room.salts = [], {}
    for tick in range(1, 4):
        room.add("heads", "heads", tick=tick, heads={})
    assert "at every tick" in wrong(room.check())


@pytest.mark.parametrize(
    "spoil",
    [
        lambda room: room.add("plenary", "deadline", exchange="ex1", who=[]),
        lambda room: room.logs.update(
            heads=[
                canonical.encode(
                    {"kind": "heads", "at": AT, "tick": 1, "heads": {"plenary": "\u00e9"}}
                )
            ]
        ),
    ],
    ids=["who", "head"],
)
def test_what_is_of_no_kind_is_told_and_nothing_breaks(spoil: Callable[[Room], Any]) -> None:
    room = open_room()
    room.tick()
    spoil(room)
    assert room.check().outcome == "invalid"
