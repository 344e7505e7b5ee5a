"""Findings as JSON: the same numbers as on the page, for programs."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping
from typing import Any

from parley.case.agenda import Agenda
from parley.case.dates import When
from parley.workbench import Finding, OneWorld

FORMAT = "parley-findings-1"
"""Name and version of the format of ``findings.json``."""


def findings_json(findings: Iterable[Finding], agenda: Agenda) -> str:
    """All findings as JSON text; the same findings give the same bytes."""
    data = {"format": FORMAT, "findings": [as_data(finding, agenda) for finding in findings]}
    return json.dumps(data, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def as_data(value: Any, agenda: Agenda) -> Any:
    """A result as plain data: dataclasses as objects, arrays as lists, packages by name."""
    if isinstance(value, OneWorld):
        return _one_world(value, agenda)
    if isinstance(value, When):
        return value.text
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = dataclasses.fields(value)
        return {f.name: as_data(getattr(value, f.name), agenda) for f in fields}
    if isinstance(value, Mapping):
        return {str(key): as_data(item, agenda) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [as_data(item, agenda) for item in value]
    return value


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
