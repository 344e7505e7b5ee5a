"""What the tests measured, for docs/reliability.md: lines of JSON in the file PARLEY_FIGURES."""

from __future__ import annotations

import json
import os
from pathlib import Path


def note(what: str, **values: object) -> None:
    """Write down what was measured, if somebody wants to know."""
    wanted = os.environ.get("PARLEY_FIGURES")
    if wanted:
        with Path(wanted).open("a", encoding="utf-8") as file:
            file.write(json.dumps({"what": what, **values}) + "\n")


def percentile(values: list[float], share: float) -> float:
    """The value below which this share of them lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
