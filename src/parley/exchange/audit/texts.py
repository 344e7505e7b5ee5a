"""The texts of an exchange in a bundle: as they were signed, and opened as they were signed."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from parley.errors import ParleyError, ProofError
from parley.exchange.audit.finding import Finding
from parley.exchange.bundle import Bundle
from parley.exchange.charter import Charter
from parley.exchange.core import text_of
from parley.exchange.rounds import Exchange
from parley.exchange.sealing import Deposit, check_deposit, from_json, open_lock
from parley.exchange.shares import header_of


def files_by_exchange(bundle: Bundle) -> dict[str, list[str]]:
    """Names of sealed and opened texts in a bundle, by exchange."""
    found: dict[str, list[str]] = defaultdict(list)
    for name in bundle.files:
        folder, _, rest = name.partition("/")
        if folder in {"deposits", "opened"}:
            found[rest.partition(".")[0]].append(name)
    return found


def check_owners(files: Iterable[str], charter: Charter) -> Iterator[Finding]:
    """Every sealed or opened text is of a party of its exchange."""
    for name in files:
        if name.split(".")[1] not in charter.parties:
            yield Finding("does not hold", "It is of no party of the exchange.", name)


def opened_file(charter: Charter, party: str) -> str:
    """Where the opened text of a party stands in a bundle."""
    return f"opened/{charter.exchange}.{party}.bin"


def check_deposits(
    bundle: Bundle,
    charter: Charter,
    exchange: Exchange,
    entries: Mapping[str, dict[str, Any]],
) -> Iterator[Finding]:
    """Every deposit in the bundle is the one in the log, signed by its party."""
    right = 0
    for party in charter.parties:
        file = deposit_file(charter, party)
        if file in bundle.files:
            try:
                read_deposit(bundle, charter, party, entries)
            except ParleyError as error:
                yield Finding("does not hold", error.what, file)
                continue
            right += 1
        elif exchange.state == "RELEASED" and charter.mode != "simple":
            yield Finding("incomplete", "What was opened is not in the bundle.", file)
    if right:
        what = f"Sealed texts of `{charter.exchange}`: {right}, as their parties signed them."
        yield Finding("holds", what, f"deposits/{charter.exchange}.*")


def deposit_file(charter: Charter, party: str) -> str:
    """Where the deposit of a party stands in a bundle."""
    return f"deposits/{charter.exchange}.{party}.json"


def read_deposit(
    bundle: Bundle, charter: Charter, party: str, entries: Mapping[str, dict[str, Any]]
) -> Deposit:
    """The deposit of a party in a bundle, checked.

    Raises
    ------
    ProofError
        If it is not the one in the log, or not signed by the party.
    """
    deposit = from_json(bundle.files[deposit_file(charter, party)])
    verifier = charter.signers().get(party)
    if verifier is None or party not in entries:
        raise ProofError("The log holds no such deposit.")
    check_deposit(deposit, header_of(charter, party), verifier, charter.agents)
    entry = entries[party]
    digest = hashlib.sha256(deposit.signed_text().encode()).hexdigest()
    here = (digest, deposit.signature, deposit.core_hash.hex(), len(deposit.outer))
    if here != tuple(entry[key] for key in ("statement", "signature", "core", "size")):
        raise ProofError("The log holds another deposit.")
    return deposit


def check_opened(
    bundle: Bundle, charter: Charter, exchange: Exchange, locks: Mapping[str, Any]
) -> Iterator[Finding]:
    """What was opened is what was laid down; what was not opened is not there."""
    where = f"opened/{charter.exchange}.*"
    right = 0
    released = exchange.state == "RELEASED"
    if released:
        yield from _check_locks(bundle, charter, locks)
    # where there are keys, what was released opens with its lock; alone, by its party itself
    wanted = {*charter.parties} if released and charter.mode == "simple" else {*exchange.alone}
    for party in sorted(charter.parties):
        file = opened_file(charter, party)
        if file in bundle.files:
            try:
                _check_core(bundle, charter, party, exchange.deposits if party in wanted else {})
            except ParleyError as error:
                yield Finding("does not hold", error.what, file)
                continue
            right += 1
        elif party in wanted and released:
            yield Finding("incomplete", "What was opened is not in the bundle.", file)
    if right:
        what = f"Opened texts of `{charter.exchange}`: {right}, those that were laid down."
        yield Finding("holds", what, where)


def _check_core(bundle: Bundle, charter: Charter, party: str, cores: Mapping[str, str]) -> None:
    core = bundle.files[opened_file(charter, party)]
    if party not in cores:
        raise ProofError("It was never opened.")
    if hashlib.sha256(core).hexdigest() != cores[party]:
        raise ProofError("It is not what was laid down.")
    text_of(core, header_of(charter, party))


def _check_locks(bundle: Bundle, charter: Charter, locks: Mapping[str, Any]) -> Iterator[Finding]:
    """Every lock that was released opens its deposit, to what was signed."""
    where = f"logs: released `{charter.exchange}`"
    if locks.keys() != (charter.parties.keys() if charter.agents else set()):
        yield Finding("does not hold", "Not the locks of all parties were released.", where)
        return
    right = 0
    for party, lock in locks.items():
        file = deposit_file(charter, party)
        if file not in bundle.files:
            continue
        try:
            open_lock(from_json(bundle.files[file]), str(lock).encode())
        except ParleyError as error:
            yield Finding("does not hold", error.what, file)
            continue
        right += 1
    if right:
        what = f"Released locks: {right}; each opens what was signed, and nothing else."
        yield Finding("holds", what, where)
