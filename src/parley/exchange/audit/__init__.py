"""Checking receipts and a bundle: what they show, what they contradict, what they leave open.

Everything is checked from the files alone: signatures, proofs, every log against its checkpoint,
the room tree, every exchange step by step, every text that is open. Whose the keys are, files
cannot say: the twelve words of the charter, read aloud at the table, do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from parley.errors import ParleyError
from parley.exchange.audit.exchanges import check_exchanges
from parley.exchange.audit.finding import Finding, Verdict
from parley.exchange.audit.logs import Log, check_contents, check_heads, open_logs
from parley.exchange.audit.receipts import (
    check_against_logs,
    check_among,
    check_bound,
    check_each,
)
from parley.exchange.bundle import HEAD, SEAL, Bundle, check_seal
from parley.exchange.receipts import Receipt, from_json, log_name

__all__ = ["Finding", "Verdict", "verify"]


def verify(receipts: Mapping[str, Receipt], bundle: Bundle | None = None) -> Verdict:
    """Check receipts, by themselves, against one another and against a bundle.

    Parameters
    ----------
    receipts
        By the name under which findings speak of them.
    bundle
        What was exported of the room, if it is at hand.
    """
    findings: list[Finding] = []
    if bundle is None:
        checked = check_each(receipts, findings)
        findings += check_among(checked, frozenset())
        findings += check_bound(checked)
        return Verdict(tuple(findings))
    findings += _check_bundle(bundle)
    # one's own come last: a bundle cannot put another in the place of one of them
    receipts = {**_in_bundle(bundle, findings), **receipts}
    checked = check_each(receipts, findings)
    logs = open_logs(bundle, findings)
    findings += check_among(checked, logs.keys())
    findings += check_against_logs(checked, bundle, logs)
    findings += _check_logs(bundle, logs)
    return Verdict(tuple(findings))


def _check_logs(bundle: Bundle, logs: Mapping[str, Log]) -> Iterator[Finding]:
    yield from check_heads(bundle, logs)
    yield from check_exchanges(bundle, logs)
    yield from check_contents(bundle, logs)


def _check_bundle(bundle: Bundle) -> Iterator[Finding]:
    """The bundle is whole and of one room."""
    if bundle.log.name != log_name(bundle.room):
        yield Finding("does not hold", "The key of the logs is of another room.", HEAD)
    plenary = [channel.id for channel in bundle.channels if channel.kind == "plenary"]
    if len(plenary) != 1 or any(x.channel != plenary[0] for x in bundle.exchanges):
        what = "A room has one log for all, and every exchange stands in it; here that is not so."
        yield Finding("does not hold", what, HEAD)
    if SEAL not in bundle.files:
        what = "The bundle is not signed: files may have been taken out of it."
        yield Finding("incomplete", what, SEAL)
        return
    what = f"Files: {len(bundle.files):,}, as the room signed them."
    yield Finding.of(what, SEAL, lambda: check_seal(bundle))


def _in_bundle(bundle: Bundle, findings: list[Finding]) -> dict[str, Receipt]:
    """The receipts in the bundle; those that are none are findings."""
    found = {}
    for name in bundle.files:
        if name.startswith("receipts/"):
            try:
                found[f"bundle: {name}"] = from_json(bundle.files[name])
            except ParleyError as error:
                findings.append(Finding("does not hold", error.what, name))
    return found
