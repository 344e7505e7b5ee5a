"""Findings as JSON: the same numbers as on the page, for programs."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from parley.case.agenda import Agenda
from parley.case.dates import When
from parley.conflict.inverse import Change
from parley.report.conflict_export import conflict_data
from parley.report.conflict_words import ConflictWords
from parley.workbench import Finding, Holds, OneWorld

FORMAT = "parley-findings-1"
"""Name and version of the format of ``findings.json``."""


def findings_json(findings: Iterable[Finding], agenda: Agenda) -> str:
    """All findings as JSON text; the same findings give the same bytes."""
    data = {"format": FORMAT, "findings": [as_data(finding, agenda) for finding in findings]}
    return json.dumps(data, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def as_data(value: Any, agenda: Agenda) -> Any:
    """A result as plain data: dataclasses as objects, arrays as lists, packages by name."""
    for kind, convert in _OWN.items():
        if isinstance(value, kind):
            return convert(value, agenda)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = dataclasses.fields(value)
        return {f.name: as_data(getattr(value, f.name), agenda) for f in fields}
    if isinstance(value, Mapping):
        return {str(key): as_data(item, agenda) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [as_data(item, agenda) for item in value]
    return value


def _holds(value: Holds, _: Agenda) -> dict[str, Any]:
    """What would hold, for the states that a page shows; ``parley moves --json`` has them all."""
    words = ConflictWords(value.conflict, {party: party for party in value.conflict.parties})
    return conflict_data(value, words, value.shown)


def _change(value: Change, _: Agenda) -> dict[str, Any]:
    """What would make a state hold for a party; states counted from 1."""
    return {
        "party": value.party,
        "stable": value.stable,
        "fewest": value.fewest,
        "alternatives": [sorted(s + 1 for s in way) for way in value.alternatives],
        "edits": [{"statement": e.statement, "place": e.place, "to": e.to} for e in value.edits],
        "rankings": value.rankings,
        "possible": value.possible,
    }


def _one_world(value: OneWorld, agenda: Agenda) -> dict[str, Any]:
    frontier, utilities = value.frontier, value.utilities
    return {
        "parties": list(frontier.parties),
        "no_agreement": utilities.disagreement.tolist(),
        "frontier": [
            {"package": agenda.package(package), "worth": point}
            for package, point in zip(
                frontier.packages.tolist(), frontier.points.tolist(), strict=True
            )
        ],
        "solutions": [
            {
                "name": solution.name,
                "definition": solution.definition,
                "source": solution.source,
                "value": solution.value,
                "packages": [agenda.package(package) for package in solution.packages.tolist()],
                "worth": solution.points.tolist(),
                "complete": solution.complete,
            }
            for solution in value.solutions.found
        ],
        "individually_rational": as_data(value.rational, agenda),
    }


_OWN: dict[type, Callable[[Any, Agenda], Any]] = {
    OneWorld: _one_world,
    Holds: _holds,
    Change: _change,
    When: lambda value, _: value.text,
}
