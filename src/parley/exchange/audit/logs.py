"""The logs of a bundle: against their checkpoints, against the room tree, and what they name."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from parley.errors import ParleyError, ProofError
from parley.exchange import canonical
from parley.exchange.audit.finding import Finding
from parley.exchange.bundle import SALT_FILE, Bundle, salts
from parley.exchange.heads import check_head
from parley.exchange.merkle import Tree, leaf_hash
from parley.exchange.receipts import log_checkpoint, origin

PAPERS = ("message", "document", "text")


@dataclass(frozen=True)
class Log:
    """A log whose checkpoint holds: its entries as bytes and as objects, and the tree over them."""

    entries: tuple[bytes, ...]
    contents: tuple[dict[str, Any], ...]
    tree: Tree


def open_logs(bundle: Bundle, findings: list[Finding]) -> dict[str, Log]:
    """The logs whose root is the one that was signed; what is wrong with the others."""
    found = {}
    for name in dict.fromkeys((*(channel.id for channel in bundle.channels), bundle.heads)):
        file = f"logs/{name}.jsonl"
        if file not in bundle.files or f"logs/{name}.checkpoint" not in bundle.files:
            what = f"The bundle lists the log `{name}` but does not hold it whole."
            findings.append(Finding("incomplete", what, file))
            continue
        try:
            found[name] = log = _log(bundle, name)
        except ParleyError as error:
            findings.append(Finding("does not hold", error.what, file))
            continue
        what = f"Entries: {len(log.entries):,}, in the order and form that were signed."
        findings.append(Finding("holds", what, file))
    return found


def _log(bundle: Bundle, name: str) -> Log:
    entries = bundle.entries(name)
    note = bundle.text(f"logs/{name}.checkpoint")
    checkpoint = log_checkpoint(note, origin(bundle.room, name), bundle.log)
    if checkpoint.size != len(entries):
        what = f"The log has {len(entries):,} entries, and {checkpoint.size:,} were signed."
        raise ProofError(what)
    tree = Tree(map(leaf_hash, entries))
    if tree.root() != checkpoint.root:
        raise ProofError("The log is not the one that was signed: an entry was changed.")
    contents = []
    for index, entry in enumerate(entries):
        try:
            contents.append(canonical.shaped(canonical.decode(entry), kind=str, at=str))
        except ProofError:
            raise ProofError(f"Entry {index} is none.") from None
    return Log(entries, tuple(contents), tree)


def check_heads(bundle: Bundle, logs: Mapping[str, Log]) -> Iterator[Finding]:
    """What the room tree said of each channel, tick by tick, is what its log was."""
    tree = logs.get(bundle.heads)
    if tree is None:
        return
    try:
        said = _said(tree)
        salted = salts(bundle)
    except ProofError as error:
        yield Finding("does not hold", error.what, f"logs/{bundle.heads}.jsonl, {SALT_FILE}")
        return
    channels = [name for name in logs if name != bundle.heads]
    for channel in bundle.channels:
        if channel.kind == "plenary" and any(channel.id not in heads for heads in said.values()):
            what = f"The room tree did not hold the log `{channel.id}` at every tick."
            yield Finding("does not hold", what, f"logs/{bundle.heads}.jsonl")
    for name in salted.keys() - {channel.id for channel in bundle.channels}:
        yield Finding("does not hold", f"There are salts for `{name}`, not its log.", SALT_FILE)
    for name in channels:
        own = {tick: heads[name] for tick, heads in said.items() if name in heads}
        there = salted.get(name, {})
        what = f"Ticks: {len(own):,}; at each the room tree held the head of `{name}`."
        check = partial(_check_channel, list(said), own, there, logs[name])
        yield Finding.of(what, SALT_FILE, check)
        if missing := len(own.keys() - there.keys()):
            what = f"Salts of {missing:,} ticks of `{name}` are missing."
            yield Finding("incomplete", what, SALT_FILE)


def _said(tree: Log) -> dict[int, dict[str, str]]:
    """What the room tree says at each tick."""
    found: dict[int, dict[str, str]] = {}
    last = -1
    for index, entry in enumerate(tree.contents):
        canonical.shaped(entry, tick=int, heads=dict)
        tick, heads = entry["tick"], entry["heads"]
        right = entry["kind"] == "heads" and all(isinstance(head, str) for head in heads.values())
        if not right or tick <= last:
            raise ProofError(f"Entry {index} of the room tree is out of order, or none.")
        found[tick] = heads
        last = tick
    return found


def _check_channel(
    ticks: list[int], own: dict[int, str], there: dict[int, tuple[bytes, int]], log: Log
) -> None:
    """Once a channel is in the room tree it stays, and it only grows."""
    if own and list(own) != ticks[ticks.index(next(iter(own))) :]:
        raise ProofError("The channel vanished from the room tree.")
    if there.keys() - own.keys():
        raise ProofError("There are salts of ticks that never were.")
    before = 0
    for tick, said in own.items():
        if tick not in there:
            continue
        salt, size = there[tick]
        if not before <= size <= len(log.entries):
            what = f"At tick {tick} the log is said to have had {size:,} entries, after {before:,}"
            raise ProofError(f"{what}; now it has {len(log.entries):,}.")
        check_head(said, salt, size, log.tree.root(size))
        before = size


def check_contents(bundle: Bundle, logs: Mapping[str, Log]) -> Iterator[Finding]:
    """Messages and documents in the bundle are those of the logs; the others are counted."""
    named = _named(bundle, logs)
    missing = [channel.id for channel in bundle.channels if channel.id not in logs]
    right = 0
    for file in bundle.files:
        if not file.startswith("contents/"):
            continue
        name = file.removeprefix("contents/").removesuffix(".bin")
        cores = named.get(name, set())
        if not cores and missing:
            yield Finding("incomplete", "The log that it belongs to is not at hand.", file)
            continue
        try:
            if hashlib.sha256(bundle.files[file]).hexdigest() not in cores:
                raise ProofError("It is not what the logs hold.")
        except ParleyError as error:
            yield Finding("does not hold", error.what, file)
            continue
        right += 1
    if named:
        what = f"Messages and documents: {right:,} as they were laid down, "
        yield Finding("holds", what + f"{len(named) - right:,} not in the bundle.", "contents/")


def _named(bundle: Bundle, logs: Mapping[str, Log]) -> dict[str, set[str]]:
    """The hashes that the logs hold of each message and document, by its id."""
    named: dict[str, set[str]] = defaultdict(set)
    for name, log in logs.items():
        if name != bundle.heads:
            for entry in log.contents:
                if entry["kind"] in PAPERS and isinstance(entry.get("core"), str):
                    named[str(entry.get("id"))].add(entry["core"])
    return named
