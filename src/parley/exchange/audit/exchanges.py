"""Exchanges in a bundle: step by step by the rules, every signature, every text that is open."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import NoneType
from typing import Any

from parley.errors import OperationError, ParleyError, ProofError
from parley.exchange import canonical
from parley.exchange.audit.finding import Finding
from parley.exchange.audit.logs import Log
from parley.exchange.audit.texts import (
    check_deposits,
    check_opened,
    check_owners,
    files_by_exchange,
)
from parley.exchange.bundle import Bundle, Listed
from parley.exchange.charter import Charter, parse, parts, signatures
from parley.exchange.notes import check_line
from parley.exchange.own_steps import step_text
from parley.exchange.rounds import WHEN, Exchange, Step, apply, begin

SHAPES: dict[str, dict[str, type | tuple[type, ...]]] = {
    "charter": {"round": int, "mode": str, "charter": str},
    "agree": {"who": str, "signature": (str, NoneType)},
    "deposit": {
        "who": str,
        "core": str,
        "size": int,
        "statement": (str, NoneType),
        "signature": (str, NoneType),
    },
    "withdraw": {"who": str, "signature": (str, NoneType)},
    "armed": {},
    "share": {"who": str},
    "checked": {},
    "void": {"who": str, "why": str},
    "released": {"locks": dict},
    "deadline": {},
    "call-off": {"who": str},
    "alone": {"who": str, "core": str, "signature": (str, NoneType)},
}
"""What each entry of an exchange has, beside ``kind``, ``at`` and ``exchange``."""


@dataclass
class Story:
    """An exchange as its entries tell it, so far."""

    charter: Charter
    exchange: Exchange
    under: Mapping[str, str]
    """The signatures under the charter; each was checked."""
    steps: int = 0
    signed: dict[str, str] = field(default_factory=dict)
    deposits: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The entry of the last text of each party."""
    taken_back: int = 0
    locks: dict[str, Any] = field(default_factory=dict)


def check_exchanges(bundle: Bundle, logs: Mapping[str, Log]) -> Iterator[Finding]:
    """Check every exchange that the bundle lists, and that it lists all there are."""
    entries: dict[tuple[str, str], list[tuple[int, dict[str, Any]]]] = defaultdict(list)
    for name, log in logs.items():
        for index, entry in enumerate(log.contents):
            if entry["kind"] in SHAPES and isinstance(entry.get("exchange"), str):
                entries[name, entry["exchange"]].append((index, entry))
    files = files_by_exchange(bundle)
    for listed in bundle.exchanges:
        if listed.channel in logs:
            own = entries.pop((listed.channel, listed.exchange), [])
            yield from _check(bundle, listed, own, files[listed.exchange])
    for channel, exchange in entries:
        what = f"The exchange `{exchange}` is in the log, and the bundle does not list it."
        yield Finding("does not hold", what, f"logs/{channel}.jsonl")


def _check(
    bundle: Bundle,
    listed: Listed,
    entries: list[tuple[int, dict[str, Any]]],
    files: list[str],
) -> Iterator[Finding]:
    where = f"charters/{listed.exchange}.charter"
    if where not in bundle.files:
        yield Finding("incomplete", "The charter is not in the bundle.", where)
        return
    try:
        note = bundle.text(where)
        charter = _charter(bundle, listed, note)
        story = _replayed(charter, signatures(note), entries, f"logs/{listed.channel}.jsonl")
    except ParleyError as error:
        yield Finding("does not hold", error.what, error.where or where)
        return
    yield Finding("holds", _told(story), where)
    yield from check_owners(files, charter)
    yield from check_deposits(bundle, charter, story.exchange, story.deposits)
    yield from check_opened(bundle, charter, story.exchange, story.locks)


def _told(story: Story) -> str:
    charter, exchange = story.charter, story.exchange
    signed = f"signed by {', '.join(sorted(story.signed))}" if story.signed else "without keys"
    what = f"Exchange `{charter.exchange}` ({charter.mode}, {signed}): {story.steps} steps, each "
    what += f"allowed when it was taken; it is {exchange.state}."
    if story.taken_back:
        what += f" Of texts taken back or replaced ({story.taken_back}) only the hash is left."
    return what


def _charter(bundle: Bundle, listed: Listed, note: str) -> Charter:
    charter = parse(parts(note)[0])
    said = (charter.room, charter.exchange, charter.round, charter.mode, charter.log)
    wanted = (bundle.room, listed.exchange, listed.round, listed.mode, bundle.log)
    if said != wanted:
        raise ProofError("The charter is of another exchange, or names another key of the log.")
    return charter


def _replayed(
    charter: Charter,
    under: Mapping[str, str],
    entries: list[tuple[int, dict[str, Any]]],
    log: str,
) -> Story:
    """What the entries tell, step by step; `under` the charter stand these signatures.

    Raises
    ------
    ProofError
        If a step was not allowed when it was taken, or is not signed.
    """
    story = Story(charter, begin(charter), under)
    for k, (index, entry) in enumerate(entries):
        try:
            canonical.shaped(entry, **SHAPES[entry["kind"]])
            if not isinstance(entry.get("who", ""), str):
                raise ProofError("it names nobody")
            if (entry["kind"] == "charter") != (k == 0):
                raise ProofError("the exchange does not begin here")
            _take(story, entry)
        except (ProofError, OperationError) as error:
            what = f"Entry {index} (`{entry['kind']}`) should not be there: {error.what}"
            raise ProofError(what, where=log) from None
    if not entries:
        raise ProofError("The log does not know this exchange.", where=log)
    if story.signed != under:
        raise ProofError("Under the charter stand other signatures than in the log.")
    return story


def _take(story: Story, entry: dict[str, Any]) -> None:
    kind, who = entry["kind"], entry.get("who", "")
    charter = story.charter
    if kind == "charter":
        said = (entry["round"], entry["mode"], entry["charter"])
        if said != (charter.round, charter.mode, charter.hash()):
            raise ProofError("the log has another charter")
        return
    assert kind in WHEN
    before = story.exchange
    story.exchange = apply(before, Step(kind, who, entry.get("core", "")))
    story.steps += 1
    if kind == "deposit":
        story.taken_back += who in before.deposits
        story.deposits[who] = entry
        if entry.get("charter", charter.hash()) != charter.hash():
            raise ProofError("it names another charter")
        signed = (entry["statement"] is not None, entry["signature"] is not None)
        if signed != (charter.mode != "simple",) * 2:
            raise ProofError("the signature is missing, or there is one where there are no keys")
    elif kind == "withdraw":
        story.taken_back += 1
    elif kind == "void" and who not in charter.parties:
        raise ProofError("nobody's text is named")
    elif kind == "released":
        story.locks = entry["locks"]
    _check_signature(story, entry, before.deposits.get(who, ""))


def _check_signature(story: Story, entry: dict[str, Any], core: str) -> None:
    """Who has a key has signed what it did; deposits are signed in their files."""
    kind, who = entry["kind"], entry.get("who", "")
    if kind not in {"agree", "withdraw", "alone"}:
        return
    charter, line = story.charter, entry["signature"]
    verifier = charter.signers().get(who)
    if (verifier is None) != (line is None):
        raise ProofError("the signature is missing, or there is one where there are no keys")
    if verifier is None:
        return
    if kind == "agree":
        if story.under.get(who) != line:
            raise ProofError("under the charter stands another signature")
        story.signed[who] = line
        return
    check_line(step_text(kind, charter.exchange, who, core), str(line), verifier)
