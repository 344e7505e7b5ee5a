"""Whatever is changed in a receipt, a charter, a log or a bundle is told, or changes nothing.

In the short form every so-many-th byte is changed in one bit, in the long form (``PARLEY_LONG=1``)
every byte in three.
"""

from __future__ import annotations

import io
import os
import random
import zipfile
from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial

import pytest

from parley.errors import ParleyError
from parley.exchange import archive
from parley.exchange import bundle as bundles
from parley.exchange.audit import verify
from parley.exchange.charter import read_charter
from parley.exchange.keys import card, read_card
from parley.exchange.receipts import Receipt, from_json, to_json
from parley.exchange.sealing import from_json as deposit_from_json
from tests.unit.exchange.rooms import (
    Room,
    charter_of,
    identity,
    note_of,
    packed,
    sealed_files,
    whole,
)

LONG = os.environ.get("PARLEY_LONG") == "1"
BITS = (0, 3, 6) if LONG else (0,)


def flips(raw: bytes, few: int) -> Iterator[bytes]:
    """Changed in single bits; in the short form at about `few` places, others at each bit."""
    every = 1 if LONG else max(1, len(raw) // few)
    for place in range(0, len(raw), every):
        for bit in BITS if LONG else (place % 7,):
            changed = bytearray(raw)
            changed[place] ^= 1 << bit
            yield bytes(changed)


def mutilated(raw: bytes, few: int) -> Iterator[bytes]:
    """With parts deleted, cut off, swapped, repeated."""
    draw = random.Random(1)
    for _ in range(max(few, len(raw) // 20) if LONG else few):
        a, b = sorted((draw.randrange(len(raw)), draw.randrange(len(raw))))
        length = draw.choice((1, 2, 16, 200))
        yield raw[:a] + raw[a + length :]
        yield raw[:a]
        yield raw[a + 1 :]
        yield raw[: a + length] + raw[a:]
        yield raw[:a] + raw[b : b + length] + raw[a + length : b] + raw[a : a + length] + raw[b:]
        yield raw + raw[a : a + length]


def told(changed: bytes, raw: bytes, check: Callable[[bytes], bool]) -> int:
    """1 if a change is told; a failure if it is not. What is no change counts as nothing."""
    if changed == raw:
        return 0
    try:
        fine = check(changed)
    except ParleyError:
        return 1
    assert not fine, first_difference(changed, raw)
    return 1


def first_difference(changed: bytes, raw: bytes) -> str:
    place = next((k for k in range(min(len(raw), len(changed))) if changed[k] != raw[k]), -1)
    return f"unnoticed at {place}: {raw[max(0, place - 40) : place + 20]!r}"


@cache
def example(mode: str) -> tuple[Room, dict[str, Receipt]]:
    return whole(mode)  # type: ignore[arg-type]


def receipt_is_valid(raw: bytes) -> bool:
    return verify({"r": from_json(raw)}).outcome == "valid"


@pytest.mark.parametrize("mode", ["sealed", "two-agents", "simple"])
def test_receipts(mode: str) -> None:
    receipt = example(mode)[1]["north.receipt"]
    raw = to_json(receipt)
    assert receipt_is_valid(raw)
    # the random bytes of the simple mode are compared with the text, once it is open
    free = raw.index(b'"nonce":"') + 9 if receipt.nonce else len(raw)
    count = 0
    for changed in (*flips(raw, 300), *mutilated(raw, 40)):
        only_nonce = changed[:free] == raw[:free] and changed[free + 44 :] == raw[free + 44 :]
        if not (only_nonce and receipt.nonce):
            count += told(changed, raw, receipt_is_valid)
    assert count > 400


def test_the_random_bytes_of_a_receipt_are_those_of_the_open_text() -> None:
    room, receipts = example("simple")
    raw = to_json(receipts["north.receipt"])
    bundle = bundles.open_bundle(sealed_files(room.export()))
    start = raw.index(b'"nonce":"') + 9

    def check(changed: bytes) -> bool:
        return verify({"r": from_json(changed)}, bundle).outcome == "valid"

    assert check(raw)
    for place in range(start, start + 44, 1 if LONG else 5):
        changed = bytearray(raw)
        changed[place] ^= 1
        assert told(bytes(changed), raw, check)


@pytest.mark.parametrize("kind", ["charter", "card", "deposit"])
def test_charters_cards_and_deposits(kind: str) -> None:
    room = example("sealed")[0]

    def charter(raw: bytes) -> bool:
        return bool(read_charter(_text(raw)))

    def public(raw: bytes) -> bool:
        return bool(read_card(_text(raw)))

    def deposit(raw: bytes) -> bool:
        """A deposit is told to be changed by its bytes, or by the signature of its party."""
        found = deposit_from_json(raw)
        text = f"{found.signed_text()}\n{found.signature}"
        from parley.exchange.notes import opened

        return bool(opened(text, identity("north").signer.verifier))

    raws = {
        "charter": (note_of(charter_of()).encode(), charter),
        "card": (card(identity("north")).encode(), public),
        "deposit": (room.files["deposits/ex1.north.json"], deposit),
    }
    raw, check = raws[kind]
    assert check(raw)
    count = sum(told(changed, raw, check) for changed in flips(raw, 300))
    count += sum(told(changed, raw, check) for changed in mutilated(raw, 30))
    assert count > 300


def _text(raw: bytes) -> str:
    """What `parley` does with a file that should be text."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise ParleyError("no text") from None


def bundle_is_valid(raw: bytes) -> bool:
    return verify({}, bundles.read(io.BytesIO(raw))).outcome == "valid"


@pytest.mark.parametrize("mode", ["sealed", "simple"])
def test_bundles(mode: str) -> None:
    raw = packed(example(mode)[0].export())
    assert bundle_is_valid(raw)
    count = sum(told(changed, raw, bundle_is_valid) for changed in flips(raw, 300))
    count += sum(told(changed, raw, bundle_is_valid) for changed in mutilated(raw, 10))
    assert count > 300


def deflated(files: Mapping[str, bytes]) -> bytes:
    """The same archive as another program would pack it."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as packer:
        for name, data in files.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            packer.writestr(info, data)
    return stream.getvalue()


def test_bundles_that_are_deflated() -> None:
    """The same content can be deflated in several ways: a change is told, or changes no content."""
    files = sealed_files(example("sealed")[0].export())
    raw = deflated(files)
    assert bundle_is_valid(raw)

    def check(changed: bytes) -> bool:
        bundle = bundles.read(io.BytesIO(changed))
        return verify({}, bundle).outcome == "valid" and dict(bundle.files) != files

    assert sum(told(changed, raw, check) for changed in flips(raw, 200)) > 150


def test_every_bit_of_a_small_deflated_archive() -> None:
    files = {"a": b"xxxxx", "b": b"xyz" * 9, "c": b"", "d": b"\0" * 4096}
    raw = deflated(files)
    assert dict(archive.read(io.BytesIO(raw))) == files
    for place in range(len(raw)):
        for bit in range(8):
            changed = bytearray(raw)
            changed[place] ^= 1 << bit
            assert told(
                bytes(changed), raw, lambda data: dict(archive.read(io.BytesIO(data))) != files
            )


def free_text(name: str, raw: bytes) -> list[tuple[int, int]]:
    """Where the head of a bundle says what only the room knows: its time, whose a channel is."""
    if name != "bundle.json":
        return []
    spans = []
    for key in (b'"made":"', b'"party":"'):
        place = raw.find(key)
        while place >= 0:
            begin = place + len(key)
            spans.append((begin, raw.index(b'"', begin)))
            place = raw.find(key, begin)
    return spans


@pytest.mark.parametrize("mode", ["sealed", "two-agents", "simple"])
def test_files_changed_and_signed_anew_by_a_dishonest_room(mode: str) -> None:
    """Here the room itself makes the bundle whole again: what others signed still tells."""
    files = example(mode)[0].export()
    count = 0
    for name, raw in files.items():
        spans = free_text(name, raw)
        for changed in (*flips(raw, 15), *mutilated(raw, 1)):
            places = {k for k, (a, b) in enumerate(zip(raw, changed, strict=False)) if a != b}
            if len(changed) == len(raw) and any(all(a <= k < b for k in places) for a, b in spans):
                continue
            count += told(changed, raw, partial(with_file, files, name))
    assert count > 200


def with_file(files: Mapping[str, bytes], name: str, data: bytes) -> bool:
    return resealed({**files, name: data})


def resealed(files: Mapping[str, bytes]) -> bool:
    return bundle_is_valid(packed(files))


def test_files_taken_out_put_in_and_exchanged() -> None:
    room = example("sealed")[0]
    whole_bundle = sealed_files(room.export())
    for name in whole_bundle:
        without = {n: data for n, data in whole_bundle.items() if n != name}
        assert not told_valid(without), name
        others = [n for n in whole_bundle if n != name][:4]
        for other in others:
            swapped = {**whole_bundle, name: whole_bundle[other], other: whole_bundle[name]}
            assert not told_valid(swapped), (name, other)
    for more in ("contents/other.bin", "opened/ex1.north.bin", "deposits/ex1.other.json"):
        assert not told_valid({**whole_bundle, more: b"more"})
        assert not resealed({**room.export(), more: b"more"})
    # what the room need not show it can leave out, if it signs the rest; nothing else
    for name in room.export():
        without = {n: data for n, data in room.export().items() if n != name}
        try:
            fine = resealed(without)
        except ParleyError:
            fine = False
        assert fine == name.startswith("contents/"), name


def told_valid(files: Mapping[str, bytes]) -> bool:
    try:
        return verify({}, bundles.open_bundle(files)).outcome == "valid"
    except ParleyError:
        return False


@pytest.mark.parametrize("log", ["plenary", "with-south", "heads"])
def test_lines_of_a_log_deleted_swapped_and_repeated(log: str) -> None:
    room = example("sealed")[0]
    files = room.export()
    name = f"logs/{log}.jsonl"
    lines = files[name].splitlines(keepends=True)
    for k in range(len(lines)):
        forms = [lines[:k] + lines[k + 1 :], lines[: k + 1] + lines[k:], lines[:k]]
        forms += [[*lines[:k], lines[j], *lines[k + 1 : j], lines[k], *lines[j + 1 :]]
                  for j in range(k + 1, len(lines))]  # fmt: skip
        for form in forms:
            assert form == lines or not resealed({**files, name: b"".join(form)})


def rewritten(room: Room, change: Callable[[list[bytes]], None]) -> dict[str, bytes]:
    """The bundle of a room whose operator rewrites the plenary and signs all of it anew."""
    other = Room(room.charter, agreed=room.agreed, files=dict(room.files))
    other.logs = {"plenary": list(room.logs["plenary"]), "heads": []}
    other.logs |= {name: log for name, log in room.logs.items() if name.startswith("with-")}
    change(other.logs["plenary"])
    other.tick()
    return other.export()


def test_a_log_rewritten_by_whoever_has_its_key() -> None:
    room, receipts = example("sealed")
    assert verify(receipts, bundles.open_bundle(sealed_files(room.export()))).outcome == "valid"
    unchanged = bundles.open_bundle(sealed_files(rewritten(room, lambda _: None)))
    assert verify(receipts, unchanged).outcome == "valid"
    log = room.logs["plenary"]
    before = min(receipt.index for receipt in receipts.values())
    for k in range(len(log)):

        def drop(entries: list[bytes], k: int = k) -> None:
            del entries[k]

        def later(entries: list[bytes], k: int = k) -> None:
            entries[k] = entries[k].replace(b"T14:00:00Z", b"T13:00:00Z")

        def swap(entries: list[bytes], k: int = k) -> None:
            j = (k + 1) % len(entries)
            entries[j], entries[k] = entries[k], entries[j]

        for change in (drop, later, swap):
            bundle = bundles.open_bundle(sealed_files(rewritten(room, change)))
            outcome = verify(receipts, bundle).outcome
            # after the last receipt the room's word stands alone for times, for what is of no
            # exchange, and for which of two agents gave its share first
            words = change is later or b'"exchange"' not in log[k]
            agents = change is swap and b'"share"' in log[k]
            free = k > before + 1 and (words or agents or k >= len(log) - 2)
            assert outcome == "invalid" or (free and outcome == "valid"), (k, change.__name__)


def test_an_old_backup_is_told_by_any_receipt() -> None:
    room, receipts = whole("sealed")
    log = room.logs["plenary"]
    newest = room.receipt("plenary", len(log) - 1)
    for size in range(1, len(log)):
        old = Room(room.charter, agreed=room.agreed, files=dict(room.files))
        old.logs = {"plenary": log[:size], "heads": []}
        old.files = {n: d for n, d in room.files.items() if not n.startswith("contents/")}
        bundle = bundles.open_bundle(sealed_files(old.export()))
        verdict = verify({**receipts, "newest": newest}, bundle)
        wrong = [f.what for f in verdict.those("does not hold") if f.where == "newest"]
        assert any("set back" in what for what in wrong), size


def test_receipts_that_show_two_forms_of_one_log() -> None:
    room, receipts = whole("sealed")
    other = Room(room.charter, agreed=room.agreed)
    other.logs["plenary"] = [e.replace(b"T14:", b"T13:") for e in room.logs["plenary"]]
    first, second = receipts.values()
    same_size = {"a": first, "b": other.receipt("plenary", 0, 8)}
    assert verify(same_size).outcome == "invalid"
    same_place = {
        "a": first,
        "b": other.receipt("plenary", first.index, len(other.logs["plenary"])),
    }
    assert verify(same_place).outcome == "invalid"
    apart = verify({"a": first, "b": second})
    assert apart.outcome == "incomplete"
    bundle = bundles.open_bundle(sealed_files(room.export()))
    assert verify({"a": first, "b": second}, bundle).outcome == "valid"
    other.logs["plenary"][first.index] = room.logs["plenary"][first.index]
    elsewhere = {"a": first, "b": other.receipt("plenary", 0)}
    assert verify(elsewhere, bundle).outcome == "invalid"
