"""What a check found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from parley.errors import ParleyError

Outcome = Literal["holds", "does not hold", "incomplete"]


@dataclass(frozen=True)
class Finding:
    """One thing that was checked.

    Parameters
    ----------
    outcome
        ``incomplete``: it could not be checked with what is at hand.
    what
        In a sentence.
    where
        The receipt or the file of the bundle.
    """

    outcome: Outcome
    what: str
    where: str

    @classmethod
    def of(cls, what: str, where: str, check: Callable[[], object]) -> Finding:
        """That `what` holds, unless the check says why not."""
        try:
            check()
        except ParleyError as error:
            return cls("does not hold", error.what, where)
        return cls("holds", what, where)


@dataclass(frozen=True)
class Verdict:
    """All that was found. One thing that does not hold makes the whole invalid."""

    findings: tuple[Finding, ...]

    @property
    def outcome(self) -> Literal["valid", "invalid", "incomplete"]:
        """What it comes to."""
        there = {finding.outcome for finding in self.findings}
        if "does not hold" in there:
            return "invalid"
        return "incomplete" if "incomplete" in there or not there else "valid"

    def those(self, outcome: Outcome) -> tuple[Finding, ...]:
        """The findings of one kind."""
        return tuple(finding for finding in self.findings if finding.outcome == outcome)
