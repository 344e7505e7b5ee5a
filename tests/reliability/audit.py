"""Whether a database of a room is whole: nothing half done, nothing that the log does not tell.

This reads the tables by themselves, without Django and without what the room uses to check itself,
so that it can be asked of thousands of images of a database, and of one that lies elsewhere.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from parley.errors import ParleyError
from parley.exchange import canonical
from parley.exchange.charter import parse
from parley.exchange.merkle import Tree, leaf_hash
from parley.exchange.notes import Signer
from parley.exchange.receipts import check_receipt, from_json, log_checkpoint, log_name, origin
from parley.exchange.rounds import WHEN, Exchange, Step, begin, replay

Query = Callable[[str], list[tuple[Any, ...]]]
OVER = {"EXPIRED", "WITHDRAWN", "VOID"}


@dataclass(frozen=True)
class Found:
    """What an audit finds.

    Parameters
    ----------
    problems
        What is wrong, in words.
    told
        The kinds of entries of each log, in order: what has happened at all.
    receipts
        Hashes of all receipts that are there.
    """

    problems: tuple[str, ...]
    told: tuple[tuple[str, ...], ...]
    receipts: frozenset[str]


def audit_file(path: Path, keys: Path) -> Found:
    """Audit a file of SQLite; opening it takes back what was not finished, as the room would."""
    database = sqlite3.connect(path, isolation_level=None)
    try:

        def query(sql: str) -> list[tuple[Any, ...]]:
            return database.execute(sql).fetchall()

        whole = query("PRAGMA integrity_check") == [("ok",)]
        lost = query("PRAGMA foreign_key_check")
        found = audit_database(query, keys)
    except sqlite3.DatabaseError as error:
        return Found((f"the database cannot be read: {error}",), (), frozenset())
    finally:
        database.close()
    if whole and not lost:
        return found
    return Found((*found.problems, f"SQLite finds it damaged; {lost}"), found.told, found.receipts)


def audit_database(query: Query, keys: Path) -> Found:
    """Audit a database by its tables.

    Tree = entries, checkpoint = tree, snapshot = replay of the log, every deposit, receipt, answer
    and paper has its entry and every entry its rows, and what should be erased is.
    """
    problems: list[str] = []
    entries: dict[str, list[tuple[int, bytes]]] = defaultdict(list)
    for number, channel, index, body in query(
        'SELECT id, channel_id, "index", body FROM room_entry ORDER BY channel_id, "index"'
    ):
        if index != len(entries[channel]):
            problems.append(f"log {channel}: entry {index} stands at {len(entries[channel])}")
        entries[channel].append((number, bytes(body)))
    told = []
    for channel in query("SELECT id, room_id, kind, size, checkpoint FROM room_channel ORDER BY 3"):
        problems += _log(query, channel, [body for _, body in entries[channel[0]]], keys)
        told.append(tuple(str(_entry(body)["kind"]) for _, body in entries[channel[0]]))
    happened = {number: _entry(body) for log in entries.values() for number, body in log}
    for round_ in query("SELECT id, charter, state, standing, locks, server_key FROM room_round"):
        problems += _round(query, round_, happened)
    receipts = query("SELECT id, entry_id, body FROM room_receipt")
    problems += _receipts(query, receipts, happened)
    problems += _papers(query, happened)
    hashes = frozenset(hashlib.sha256(bytes(body)).hexdigest() for _, _, body in receipts)
    return Found(tuple(problems), tuple(sorted(told)), hashes)


def _entry(body: bytes) -> dict[str, Any]:
    found = canonical.decode(body)
    assert isinstance(found, dict)
    return found


def _log(query: Query, channel: tuple[Any, ...], bodies: list[bytes], keys: Path) -> Iterator[str]:
    """One log: its tree, its nodes, its checkpoint."""
    name, room, _, size, note = channel
    where = f"log {name}"
    if size != len(bodies):
        yield f"{where}: it says {size} entries and has {len(bodies)}"
    nodes: dict[tuple[int, int], bytes] = {}
    tree = Tree((leaf_hash(body) for body in bodies), nodes)
    kept = {
        (level, place): bytes(node)
        for level, place, node in query(
            f"SELECT level, place, hash FROM room_node WHERE channel_id = '{name}'"
        )
    }
    if kept != nodes:
        yield f"{where}: its nodes are not those over its entries"
    if not bodies:
        if note:
            yield f"{where}: it has a checkpoint and no entry"
        return
    signer = Signer(log_name(room), (keys / f"log-{room}").read_bytes())
    try:
        checkpoint = log_checkpoint(note, origin(room, name), signer.verifier)
    except ParleyError as error:
        yield f"{where}: {error}"
        return
    if (checkpoint.size, checkpoint.root) != (len(tree), tree.root()):
        yield f"{where}: its checkpoint is of another tree"


def _round(
    query: Query, round_: tuple[Any, ...], happened: dict[int, dict[str, Any]]
) -> Iterator[str]:
    """One exchange: what the round keeps of it is what the log tells; texts are there or erased."""
    name, text, state, kept, locks, server_key = round_
    if not text:
        return
    where = f"round {name}"
    steps = [e for _, e in sorted(happened.items()) if e.get("exchange") == name]
    try:
        exchange = replay(begin(parse(text)), map(_step, (e for e in steps if e["kind"] in WHEN)))
    except ParleyError as error:
        yield f"{where}: the log does not replay: {error}"
        return
    if (state, _json(kept)) != (exchange.state, _snapshot(exchange)):
        yield f"{where}: it is kept as {state}, and the log says {exchange.state}"
    if bool(server_key) != (exchange.state not in OVER and not _json(locks)):
        yield f"{where}: the server's key is there or erased, against its state"
    released = [e["locks"] for e in steps if e["kind"] == "released"]
    if _json(locks) != (released[0] if released else {}):
        yield f"{where}: its locks are not those in the log"
    yield from _deposits(query, name, exchange, steps)


def _step(entry: dict[str, Any]) -> Step:
    return Step(entry["kind"], str(entry.get("who", "")), str(entry.get("core", "")))


def _snapshot(exchange: Exchange) -> dict[str, Any]:
    return {
        "state": exchange.state,
        "agreed": sorted(exchange.agreed),
        "deposits": dict(exchange.deposits),
        "shares": sorted(exchange.shares),
        "alone": dict(exchange.alone),
    }


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def _deposits(
    query: Query, name: str, exchange: Exchange, steps: list[dict[str, Any]]
) -> Iterator[str]:
    rows = query(
        "SELECT slug, core, blob, current FROM room_deposit JOIN room_party"
        f" ON room_party.id = party_id WHERE round_id = '{name}'"
    )
    told = sorted((e["who"], e["core"]) for e in steps if e["kind"] == "deposit")
    if sorted((slug, core) for slug, core, _, _ in rows) != told:
        yield f"round {name}: its deposits are not those in the log"
    there = {slug: core for slug, core, blob, current in rows if current and blob}
    wanted = dict(exchange.alone) if exchange.state in OVER else dict(exchange.deposits)
    if there != wanted:
        yield f"round {name}: the texts that are there are not those that should be"
    if any(blob and not current for _, _, blob, current in rows):
        yield f"round {name}: a text that was taken back is still there"


def _receipts(
    query: Query, receipts: list[tuple[Any, ...]], happened: dict[int, dict[str, Any]]
) -> Iterator[str]:
    """Every deposit in a log has one receipt and one answer, and the receipt holds."""
    laid = sorted(number for number, e in happened.items() if e["kind"] == "deposit")
    if sorted(entry for _, entry, _ in receipts) != laid:
        yield "the receipts are not those of the deposits in the log"
    for name, entry, body in receipts:
        try:
            receipt = from_json(bytes(body))
            check_receipt(receipt)
        except ParleyError as error:
            yield f"receipt {name}: {error}"
            continue
        if receipt.content != happened.get(entry):
            yield f"receipt {name}: its entry is not that of the log"
    given = {answer for (answer,) in query("SELECT answer FROM room_once")}
    papers = {name for (name,) in query("SELECT id FROM room_paper WHERE round_id IS NULL")}
    if given != papers | {name for name, _, _ in receipts}:
        yield "the answers that were given are not those of receipts and papers"


def _papers(query: Query, happened: dict[int, dict[str, Any]]) -> Iterator[str]:
    rows = {
        name: (digest, hashlib.sha256(bytes(body)).hexdigest(), erased)
        for name, digest, body, erased in query("SELECT id, digest, body, erased FROM room_paper")
    }
    told = {e["id"]: e["core"] for e in happened.values() if e["kind"] in {"message", "document"}}
    if {name: digest for name, (digest, _, _) in rows.items()} != told:
        yield "the papers are not those in the log"
    for name, (digest, found, erased) in rows.items():
        if erased is None and digest != found:
            yield f"paper {name}: its content is not that in the log"
