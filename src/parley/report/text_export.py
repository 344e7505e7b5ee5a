"""Comparisons and terms as JSON, for other programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import parley
from parley.texts.comparing.table import Comparison, Row
from parley.texts.terms.check import Terms
from parley.texts.terms.reading import Reading
from parley.texts.terms.times import deadlines
from parley.workbench.texts import TextFinding


def comparison_json(comparison: Comparison, found: Sequence[TextFinding] = ()) -> str:
    """A comparison as JSON."""
    data = {
        "format": "parley-comparison-1",
        "version": parley.__version__,
        "texts": [
            {"file": text.name, "title": text.front.title, "party": text.front.party}
            for text in comparison.texts
        ],
        "issues": [_row(row) for row in comparison.issues],
        "paragraphs": [_row(row) for row in comparison.paragraphs],
        "in_case": [asdict(item) for item in found],
    }
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def _row(row: Row) -> dict[str, Any]:
    return {
        "topic": row.topic,
        "issue": row.issue,
        "relation": row.relation.value,
        "unsure": row.unsure,
        "moved": row.moved,
        "cells": [asdict(cell) for cell in row.cells],
        "readings": [
            None if r is None else {"relation": r.relation.value, "why": r.why}
            for r in row.readings
        ],
    }


def terms_json(terms: Terms) -> str:
    """The findings on a text as JSON."""
    reading = Reading(terms.draft)
    data = {
        "format": "parley-terms-1",
        "version": parley.__version__,
        "file": terms.draft.name,
        "title": terms.draft.front.title,
        "kind": terms.kind.value,
        "findings": [
            {
                "element": f.element,
                "name": f.name,
                "status": f.status.value,
                "severity": f.severity.value,
                "at": f.at,
                "place": f.place,
                "what": f.what,
                "remedy": f.remedy,
                "by_eye": f.eye,
            }
            for f in terms.findings
        ],
        "deadlines": [
            {
                "at": d.at,
                "words": d.words,
                "hours_from_t0": d.hours,
                "date": None if d.date is None else d.date.isoformat(),
            }
            for d in deadlines(reading)
        ],
    }
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"
