"""What `parley verify` says, and how a text is taken out of a bundle."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from parley.cli.files import opened_file, plain, read_file
from parley.errors import ParleyError, ProofError, SettingError

if TYPE_CHECKING:
    from parley.exchange.audit import Finding, Verdict
    from parley.exchange.bundle import Bundle, Listed
    from parley.exchange.charter import Charter
    from parley.exchange.receipts import Receipt

MOST_SHOWN = 40
"""Findings of a kind that are printed one by one."""

MARKS = {"holds": "holds", "does not hold": "DOES NOT HOLD", "incomplete": "not checked"}
SAID = {
    "valid": "Valid: all that was checked holds.",
    "invalid": "Invalid: something does not hold. Keep all files as they are.",
    "incomplete": "Incomplete: nothing is wrong in what could be checked, but not all could be.",
}
SHOWN = (
    "Content: what was laid down, to the byte; any other text has another hash.",
    "Order: what stands in a log stands there in this order, and was not changed since.",
    "Author: whoever held the key of a party signed what is shown as its own.",
)
SHOWN_SIMPLE = "Author, in the simple mode: on the room's word; its operator could read the texts."
NOT_SHOWN = (
    "The time: clocks are the room's own; only the order is proved.",
    "Of texts that were erased (taken back, replaced, never opened): who had signed them.",
    "Whose the keys are: compare the twelve words with those read aloud at the table.",
    "That nobody acted together: two release agents and a reader could have read early.",
)


@dataclass(frozen=True)
class Checked:
    """A verdict, with the charters that were looked at."""

    verdict: Verdict
    charters: tuple[Charter, ...]


def checked(paths: list[Path], bundle_path: Path | None) -> Checked:
    """Check files. A file that is none of its kind is a finding; one that is not there an error."""
    from parley.exchange.audit import Finding, Verdict, verify
    from parley.exchange.bundle import read
    from parley.exchange.receipts import from_json

    findings: list[Finding] = []
    receipts: dict[str, Receipt] = {}
    for path in paths:
        raw = read_file(path)
        try:
            receipts[str(path)] = from_json(raw)
        except ParleyError as error:
            findings.append(Finding("does not hold", error.what, str(path)))
    if bundle_path is None:
        found = verify(receipts)
        return Checked(Verdict((*findings, *found.findings)), _charters(receipts, None))
    with opened_file(bundle_path) as stream:
        bundle = None
        try:
            bundle = read(stream)
        except ProofError as error:
            findings.append(Finding("does not hold", error.what, str(bundle_path)))
        found = verify(receipts, bundle)
        charters = _charters(receipts, bundle)
    return Checked(Verdict((*findings, *found.findings)), charters)


def _charters(receipts: dict[str, Receipt], bundle: Bundle | None) -> tuple[Charter, ...]:
    """The charters in receipts and bundle that can be read, each once."""
    from parley.exchange.charter import parse, parts

    notes = [receipt.charter for receipt in receipts.values() if receipt.charter]
    for name in bundle.files if bundle else ():
        if bundle and name.startswith("charters/"):
            try:
                notes.append(bundle.text(name))
            except ParleyError:
                continue
    found: dict[str, Charter] = {}
    for note in notes:
        try:
            charter = parse(parts(note)[0])
        except ParleyError:
            continue
        found.setdefault(charter.hash(), charter)
    return tuple(found.values())


def show_verdict(found: Checked) -> None:
    """Print what was checked, what it comes to, and what it shows and does not."""
    shown: Counter[str] = Counter()
    for finding in found.verdict.findings:
        shown[finding.outcome] += 1
        if shown[finding.outcome] <= MOST_SHOWN:
            typer.echo(f"{MARKS[finding.outcome]:<14}{plain(finding.where)}: {plain(finding.what)}")
    for outcome, count in shown.items():
        if count > MOST_SHOWN:
            typer.echo(f"{MARKS[outcome]:<14}… and {count - MOST_SHOWN:,} more.")
    typer.echo(f"\n{SAID[found.verdict.outcome]}")
    if found.verdict.outcome == "invalid":
        return
    typer.echo("\nThis shows:")
    for line in _shows(found):
        typer.echo(f"  {line}")
    typer.echo("It does not show:")
    for line in NOT_SHOWN:
        typer.echo(f"  {line}")
    for charter in found.charters[:MOST_SHOWN]:
        typer.echo(f"{_of(charter)}: {_words(charter)}")


def _shows(found: Checked) -> tuple[str, ...]:
    simple = any(charter.mode == "simple" for charter in found.charters)
    return (*SHOWN, SHOWN_SIMPLE) if simple else SHOWN


def _of(charter: Charter) -> str:
    return f"\nTwelve words of `{plain(charter.exchange)}`"


def _words(charter: Charter) -> str:
    from parley.exchange.charter import words

    return words(charter.hash())


def verdict_json(found: Checked) -> str:
    """The same as data."""
    data = {
        "format": "parley-verdict-1",
        "outcome": found.verdict.outcome,
        "findings": [vars(finding) for finding in found.verdict.findings],
        "shows": list(_shows(found)) if found.verdict.outcome != "invalid" else [],
        "does not show": list(NOT_SHOWN),
        "words": {charter.exchange: _words(charter) for charter in found.charters},
    }
    return json.dumps(data, indent=1, ensure_ascii=False)


def text_in_bundle(
    path: Path, exchange: str | None, party: str | None, key: Path | None, file: Path | None
) -> bytes:
    """The text of a party in a bundle that holds, opened."""
    from parley.cli.charter import own_key
    from parley.exchange.audit import verify
    from parley.exchange.audit.texts import opened_file as opened_name
    from parley.exchange.bundle import read
    from parley.exchange.charter import parse, parts
    from parley.exchange.core import text_of
    from parley.exchange.sealing import from_json
    from parley.exchange.shares import Share, header_of, opened_text

    with opened_file(path) as stream:
        bundle = read(stream)
        verdict = verify({}, bundle)
        if verdict.outcome == "invalid":
            what = "Something in the bundle does not hold."
            raise ProofError(what, "See what: parley verify --bundle.", where=str(path))
        listed = _listed(bundle, exchange)
        followed = f"charters/{listed.exchange}.charter"
        if not any(found.where == followed for found in verdict.those("holds")):
            what = "That it was laid down cannot be checked: the log of its exchange is not there."
            raise ProofError(what, "Ask for the bundle as the room made it.", where=str(path))
        charter = parse(parts(bundle.text(followed))[0])
        if party is None or party not in charter.parties:
            what = "Whose text to open is not said."
            raise SettingError(what, f"Give --party: {', '.join(charter.parties)}.")
        name = opened_name(charter, party)
        if name in bundle.files:
            return text_of(bundle.files[name], header_of(charter, party))
        name, locks = f"deposits/{listed.exchange}.{party}.json", _locks(bundle, listed)
        if name not in bundle.files or party not in locks:
            what = "The text was not opened, or is not in the bundle."
            raise SettingError(what, "See how the exchange stands: parley verify --bundle.")
        share = Share(listed.exchange, "", locks=locks)
        return opened_text(from_json(bundle.files[name]), share, own_key(key, file))


def _listed(bundle: Bundle, exchange: str | None) -> Listed:
    wanted = [x for x in bundle.exchanges if exchange in {None, x.exchange}]
    if len(wanted) != 1:
        known = ", ".join(x.exchange for x in bundle.exchanges) or "none"
        what = "Which exchange is meant is not said, or it is not in the bundle."
        raise SettingError(what, f"Give --exchange; there are: {known}.")
    return wanted[0]


def _locks(bundle: Bundle, listed: Listed) -> dict[str, str]:
    """The locks that were released; the bundle was checked before."""
    from parley.exchange import canonical

    for raw in bundle.entries(listed.channel):
        entry = canonical.shaped(canonical.decode(raw), kind=str)
        if entry["kind"] == "released" and entry.get("exchange") == listed.exchange:
            return dict(entry["locks"])
    return {}
