"""Receipts by themselves, against one another, and against the logs of a bundle."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Container, Iterator, Mapping
from functools import partial
from typing import NamedTuple

from parley.errors import ParleyError, ProofError
from parley.exchange.audit.finding import Finding
from parley.exchange.audit.logs import Log
from parley.exchange.audit.texts import opened_file
from parley.exchange.bundle import Bundle
from parley.exchange.charter import Charter, parts
from parley.exchange.core import core_of, text_of
from parley.exchange.notes import Checkpoint
from parley.exchange.receipts import Receipt, check_receipt, same_log
from parley.exchange.shares import header_of


class Checked(NamedTuple):
    """A receipt that holds by itself."""

    name: str
    receipt: Receipt
    checkpoint: Checkpoint
    charter: Charter | None


def check_each(receipts: Mapping[str, Receipt], findings: list[Finding]) -> list[Checked]:
    """Check every receipt by itself; those that hold."""
    found = []
    for name, receipt in receipts.items():
        try:
            checkpoint, charter = check_receipt(receipt)
            what = _said(receipt, checkpoint)
        except ParleyError as error:
            findings.append(Finding("does not hold", error.what, name))
            continue
        findings.append(Finding("holds", what, name))
        found.append(Checked(name, receipt, checkpoint, charter))
    return found


def _said(receipt: Receipt, checkpoint: Checkpoint) -> str:
    entry = receipt.content
    by = f" of `{entry['who']}`" if isinstance(entry.get("who"), str) else ""
    place = f"entry {receipt.index} (of {checkpoint.size}, from 0) of the log"
    signed = " What was signed is what the log holds." if receipt.statement else ""
    return f"`{entry.get('kind')}`{by} is {place} `{checkpoint.origin}`.{signed}"


SIGNED_ELSEWHERE = frozenset({"agree", "withdraw", "alone"})
"""Steps that a party signs, with a signature that only the log of the exchange shows to be one."""


def check_bound(checked: list[Checked]) -> Iterator[Finding]:
    """What a receipt by itself cannot show: whose a step is, where charter or statement are not in
    it; and a charter that nobody signed, unless the entry has its hash."""
    for one in checked:
        entry = one.receipt.content
        if "exchange" in entry and (one.charter is None or entry.get("kind") in SIGNED_ELSEWHERE):
            what = "Whose signature it is could not be checked: only a bundle can show it."
            yield Finding("incomplete", what, one.name)
            continue
        unsigned = one.charter is not None and not one.charter.signers()
        if unsigned and "charter" not in one.receipt.content:
            what = "Nobody signed the charter in it: that it is this one, only a bundle can show."
            yield Finding("incomplete", what, one.name)


def _exchange_of(one: Checked) -> object:
    exchange = one.receipt.content.get("exchange")
    return (one.receipt.room, exchange) if isinstance(exchange, str) else None


ONE: tuple[tuple[str, Callable[[Checked], object], Callable[[Checked], object]], ...] = (
    (
        "They have different keys for the logs of one room.",
        lambda one: one.receipt.room,
        lambda one: one.receipt.log,
    ),
    (
        "They have different charters for one exchange.",
        lambda one: one.charter and (one.charter.room, one.charter.exchange),
        lambda one: one.charter and one.charter.hash(),
    ),
    (
        "They have one exchange in two logs: it was shown in two forms. Keep both.",
        _exchange_of,
        lambda one: one.receipt.channel,
    ),
    (
        "They have different entries at one place of a log: it was shown in two forms. Keep both.",
        lambda one: (one.receipt.origin, one.receipt.index),
        lambda one: one.receipt.entry,
    ),
    (
        "They have different roots for a log of one size: it was shown in two forms. Keep both.",
        lambda one: (one.receipt.origin, one.checkpoint.size),
        lambda one: one.checkpoint.root,
    ),
)
"""What there can be only one of: what is wrong else, of what, and what has to be the same."""


def check_among(checked: list[Checked], logs: Container[str]) -> Iterator[Finding]:
    """Receipts do not contradict one another: one key, one charter, one form of each log.

    Where the bundle holds the log, whether one state of it continues another is seen there.
    """
    for what, place, essence in ONE:
        known: dict[object, Checked] = {}
        for one in checked:
            at = place(one)
            other = known.setdefault(at, one)
            if at is not None and essence(other) != essence(one):
                yield Finding("does not hold", what, f"{other.name}, {one.name}")
    sizes: dict[str, dict[int, Checked]] = defaultdict(dict)
    for one in checked:
        sizes[one.receipt.origin].setdefault(one.checkpoint.size, one)
    for origin, found in sizes.items():
        yield from _states(origin, found, logs)


def _states(origin: str, found: dict[int, Checked], logs: Container[str]) -> Iterator[Finding]:
    """Whether the states of a log that receipts show are known to continue one another."""
    where = ", ".join(one.name for one in found.values())
    if len(found) < 2:
        return
    if next(iter(found.values())).receipt.channel not in logs:
        sizes = ", ".join(f"{size:,}" for size in sorted(found))
        what = f"They show `{origin}` at {sizes} entries; that one continues the other, only a "
        yield Finding("incomplete", what + "bundle can show.", where)


def check_against_logs(
    checked: list[Checked], bundle: Bundle, logs: Mapping[str, Log]
) -> Iterator[Finding]:
    """Every receipt agrees with the logs and charters of the bundle."""
    channels = {listed.exchange: listed.channel for listed in bundle.exchanges}
    for one in checked:
        log = logs.get(one.receipt.channel)
        there = channels.get(str(one.receipt.content.get("exchange")), one.receipt.channel)
        if there != one.receipt.channel:
            what = f"The bundle has its exchange in another log, `{there}`: keep both."
            yield Finding("does not hold", what, one.name)
        elif one.receipt.room != bundle.room:
            yield Finding("does not hold", "It is of another room than the bundle.", one.name)
        elif log is None:
            what = f"The bundle does not hold the log `{one.receipt.channel}`."
            yield Finding("incomplete", what, one.name)
        else:
            check = partial(_compare, one, bundle, log)
            yield Finding.of("The log of the bundle continues what it shows.", one.name, check)


def _compare(one: Checked, bundle: Bundle, log: Log) -> None:
    receipt, checkpoint = one.receipt, one.checkpoint
    if receipt.log != bundle.log:
        raise ProofError("The bundle has another key for the logs than the receipt.")
    if checkpoint.size > len(log.entries):
        what = f"The log of the bundle is older ({len(log.entries):,} entries) than what was "
        raise ProofError(what + f"shown before ({checkpoint.size:,}): it was set back.")
    now = Checkpoint(checkpoint.origin, checkpoint.size, log.tree.root(checkpoint.size))
    same_log(checkpoint, now, ())  # the receipt's proof is to this root: its entry is there
    charter = one.charter
    if charter is not None:
        file = f"charters/{charter.exchange}.charter"
        if file in bundle.files and parts(bundle.text(file))[0] != charter.text():
            raise ProofError("The bundle has another charter than the receipt.")
        _compare_nonce(receipt, charter, bundle)


def _compare_nonce(receipt: Receipt, charter: Charter, bundle: Bundle) -> None:
    """In the simple mode: the random bytes in the receipt are those of the opened text."""
    party = str(receipt.content.get("who"))
    core = bundle.files.get(opened_file(charter, party))
    if receipt.nonce is None or core is None:
        return
    if hashlib.sha256(core).hexdigest() == receipt.content.get("core"):
        header = header_of(charter, party)
        if core_of(header, text_of(core, header), receipt.nonce) != core:
            raise ProofError("The opened text has other random bytes than the receipt.")
