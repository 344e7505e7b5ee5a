"""The browser, and Node, judge receipts as Python does."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from parley.errors import ProofError
from parley.exchange import canonical, receipts
from parley.exchange.charter import Charter
from parley.exchange.merkle import Tree, leaf_hash
from parley.exchange.notes import Checkpoint, Signer, read_checkpoint, signed
from parley.exchange.sealing import Deposit, seal
from tests.browser.example import (
    LOG,
    TEXT,
    WHO,
    charter_of,
    deposit_of,
    flips,
    header_of,
    signed_by_all,
)
from tests.browser.pages import MODULES, run

NODE = shutil.which("node")
pytestmark = pytest.mark.browser


def entry_of(charter: Charter, deposit: Deposit, **more: Any) -> dict[str, Any]:
    """An entry of the log about a deposit."""
    statement = deposit.signed_text()
    return {
        "kind": "deposit",
        "at": "2026-11-25T13:00:00Z",
        "exchange": charter.exchange,
        "charter": charter.hash(),
        "who": deposit.header.party,
        "core": deposit.core_hash.hex(),
        "statement": hashlib.sha256(statement.encode()).hexdigest(),
        "signature": deposit.signature,
        **more,
    }


def receipts_of(charter: Charter) -> list[receipts.Receipt]:
    """Receipts of two deposits, at places 2 and 3 of one log of 5."""
    deposits = [deposit_of(charter, party) for party in ("north", "south")]
    entries = [canonical.encode(entry_of(charter, deposit)) for deposit in deposits]
    log = (b"a", b"b", *entries, b"c")
    return [_receipt(charter, deposit, log, 2 + k) for k, deposit in enumerate(deposits)]


def _receipt(
    charter: Charter, deposit: Deposit, log: tuple[bytes, ...], index: int
) -> receipts.Receipt:
    note, proof = logged(log, index)
    return receipts.Receipt(
        charter.mode, "r", "c", log[index], index, proof, note, LOG.verifier,
        signed_by_all(charter), deposit.signed_text(), deposit.signature,
    )  # fmt: skip


def logged(
    entries: tuple[bytes, ...], index: int, channel: str = "c", log: Signer = LOG
) -> tuple[str, tuple[bytes, ...]]:
    """The checkpoint of a log, and the proof of one of its entries."""
    tree = Tree(leaf_hash(entry) for entry in entries)
    point = Checkpoint(f"parley/r/{channel}", len(entries), tree.root())
    return signed(point.text(), log), tree.inclusion(index)


def again(receipt: receipts.Receipt, *others: bytes, size: int = 5) -> receipts.Receipt:
    """The same receipt, from a log that has other entries before it, or another size."""
    index = len(others)
    entries = (*others, receipt.entry, *[b"z"] * size)[:size]
    note, proof = logged(entries, index, receipt.channel)
    return replace(receipt, index=index, proof=proof, checkpoint=note)


def about(receipt: receipts.Receipt, **changes: Any) -> receipts.Receipt:
    """The same receipt, but of an entry that differs in something."""
    changed = canonical.encode(receipt.content | changes)
    return again(replace(receipt, entry=changed), b"a", b"b")


def message() -> receipts.Receipt:
    """A receipt of what belongs to no exchange."""
    entry = canonical.encode({"kind": "message", "at": "2026-11-25T13:00:00Z"})
    note, proof = logged((b"a", entry), 1)
    return receipts.Receipt("none", "r", "c", entry, 1, proof, note, LOG.verifier)


def judged(page: Page, *given: receipts.Receipt) -> list[tuple[str, str]]:
    """Status and code of each receipt, in the browser."""
    script = """const files = given.files.map((file, k) => ({ name: `${k}`, bytes: raw(file) }));
    return (await receipts.verify(files)).map(({ status, code }) => [status, code]);"""
    found = run(page, script, files=[receipts.to_json(receipt) for receipt in given])
    return [(status, code) for status, code in found]


def test_a_receipt_is_judged_as_in_python(page: Page) -> None:
    charter, other, simple = charter_of(), charter_of(title="Another"), charter_of("simple")
    stranger = Signer("parley/r", bytes(32))
    north, south = receipts_of(charter)
    bare = message()
    text = bare.checkpoint.partition("\n\n")[0]
    entry = {"kind": "deposit", "exchange": "x", "who": "north", "statement": None}
    fields: dict[str, Any] = {"mode": "simple", "charter": simple.text()}
    elsewhere = signed_by_all(charter_of(log=stranger.verifier))
    foreign_simple = charter_of("simple", log=stranger.verifier)
    foreign = seal(
        header_of(charter), TEXT, bytes(32), charter.sealed_to(), charter.agent_keys(),
        WHO["south"].signer,
    )  # fmt: skip
    foreign_log = (canonical.encode(entry_of(charter, foreign, who="south")),)
    cases = {
        "": [
            north, south, bare, replace(about(bare, **entry), **fields),
            replace(about(bare, **entry), **fields, nonce=bytes(32)),
        ],
        "not-in-log": [replace(north, index=3), replace(north, proof=north.proof[:-1])],
        "no-checkpoint": [
            replace(north, channel="d"),
            replace(bare, checkpoint=signed(f"{text}\n", LOG, WHO["north"].signer)),
            replace(bare, checkpoint=signed(f"{text}\nmore\n", LOG)),
        ],
        "not-signed": [replace(bare, log=stranger.verifier)],
        "bad-signature": [replace(north, charter=str(north.charter).replace("Cease", "Crease"))],
        "other-charter": [
            replace(north, mode="simple"), replace(north, charter=signed_by_all(other)),
            about(north, exchange="y"), replace(north, charter=elsewhere),
            replace(about(bare, exchange="x", charter="0" * 64), **fields),
            replace(about(bare, exchange="x"), mode="simple", charter=foreign_simple.text()),
        ],
        "no-mode": [replace(bare, mode="other")],
        "no-statement": [
            replace(north, statement=None, signature=None), about(bare, statement="0" * 64),
            replace(about(north, statement=None), statement=None, signature=None),
        ],
        "no-verifier": [replace(north, signature=None), replace(bare, statement="", signature="")],
        "other-statement": [
            replace(north, statement=south.statement), about(north, statement="0" * 64),
            about(north, signature=""),
        ],
        "other-place": [about(north, core="0" * 64), _receipt(charter, foreign, foreign_log, 0)],
    }  # fmt: skip
    for code, given in cases.items():
        for receipt in given:
            assert judged(page, receipt) == [("invalid" if code else "valid", code)]
            assert _in_python(receipt) is not bool(code)


def _in_python(receipt: receipts.Receipt) -> bool:
    """Whether Python finds that a receipt holds."""
    try:
        receipts.check_receipt(receipt)
    except ProofError:
        return False
    return True


def test_nothing_slips_in_between_a_statement_and_its_signature(page: Page) -> None:
    charter = charter_of()
    deposit = deposit_of(charter)
    longer = f"{deposit.signed_text()}\nmore\n"
    tricked = replace(deposit, signature=f"more\n\n{WHO['north'].signer.sign(longer)}")
    log = (canonical.encode(entry_of(charter, tricked)),)
    assert judged(page, _receipt(charter, tricked, log, 0)) == [("invalid", "other-statement")]


def test_a_deposit_without_its_charter_is_not_called_valid(page: Page) -> None:
    assert judged(page, about(message(), kind="deposit")) == [("incomplete", "no-charter")]


def test_receipts_are_compared_with_one_another(page: Page) -> None:
    north, south = receipts_of(charter_of())
    bare, stranger = message(), Signer("parley/r", bytes(32))
    cases = {
        "": [
            (north, south), (north, _as_of(bare, "d", LOG)),
        ],
        "other-size": [(north, again(south, b"a", b"b", north.entry, size=9)), (north, bare)],
        "split-view": [
            (north, again(south, b"a", b"b", b"y")), (north, again(south, b"a", b"b", size=9)),
            (bare, _as_of(bare, "c", stranger)), (north, _as_of(bare, "d", stranger)),
            (north, _as_of(south, "d", LOG)),
        ],
        "two-charters": [(receipts_of(charter_of(title="Another"))[0], south)],
    }  # fmt: skip
    for code, pairs in cases.items():
        status = {"": "valid", "other-size": "incomplete"}.get(code, "invalid")
        for pair in pairs:
            assert judged(page, *pair) == [(status, code)] * 2
    assert judged(page, north, south, message(), replace(south, index=0)) == [
        ("incomplete", "other-size"), ("incomplete", "other-size"), ("incomplete", "other-size"),
        ("invalid", "not-in-log"),
    ]  # fmt: skip


def _as_of(receipt: receipts.Receipt, channel: str, log: Signer) -> receipts.Receipt:
    """The same receipt, from another log with the same entries."""
    point = read_checkpoint(receipt.checkpoint, receipt.origin, receipt.log)
    note = signed(replace(point, origin=f"parley/r/{channel}").text(), log)
    return replace(receipt, channel=channel, log=log.verifier, checkpoint=note)


def test_every_bit_of_a_receipt_counts(page: Page) -> None:
    raw = receipts.to_json(receipts_of(charter_of())[0])
    script = """const file = raw(given.file);
    const copies = [file, ...flipped(file, given.flips.places, given.flips.bits)];
    return (await Promise.all(copies.map((bytes, k) => receipts.verify([{ name: `${k}`, bytes }]))))
      .map(([{ status }]) => status);"""
    found = run(page, script, file=raw, flips=flips(raw, 400))
    assert found == ["valid", *["invalid"] * 400]


@pytest.mark.skipif(NODE is None, reason="Node is not installed")
def test_the_second_verifier_needs_node_alone(tmp_path: Path) -> None:
    program = tmp_path / "js"
    shutil.copytree(MODULES, program, ignore=shutil.ignore_patterns("vendor"))
    north, south = receipts_of(charter_of())
    later = again(south, b"a", b"b", north.entry, size=9)
    other = again(south, b"a", b"b", b"y")

    def verify(*given: receipts.Receipt) -> tuple[int, list[str]]:
        paths = [tmp_path / f"{k}.parley-receipt" for k in range(len(given))]
        for path, receipt in zip(paths, given, strict=True):
            path.write_bytes(receipts.to_json(receipt))
        command = [str(NODE), str(program / "verify.mjs"), *map(str, paths)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.stderr == ""
        return done.returncode, [line.split(": ", 2)[1] for line in done.stdout.splitlines()]

    assert verify(north, south) == (0, ["valid", "valid"])
    assert verify(north, later) == (2, ["incomplete", "incomplete"])
    assert verify(north, other) == (1, ["invalid", "invalid"])
    assert verify(north, replace(south, index=0)) == (1, ["valid", "invalid"])
    missing = subprocess.run(
        [str(NODE), str(program / "verify.mjs"), str(tmp_path / "none")],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert missing.returncode == 2
    assert "could not be checked" in missing.stderr
