"""What a test says: a problem at its place, that the subject is not there, or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from parley.texts.terms.checklist import Severity


class Status(StrEnum):
    """How an element stands in a text. There is no score: each is looked at for itself."""

    PASSES = "stated"
    ABSENT = "absent"
    DEFECTIVE = "defective"
    OPEN = "deliberately open"
    NOT_ASKED = "not asked"
    NOT_READ = "not read"


@dataclass(frozen=True)
class Problem:
    """What is wrong with an element that a text does speak of, and where."""

    at: str
    what: str
    remedy: str


@dataclass(frozen=True)
class Absent:
    """A text does not speak of an element; `asked` tells whether it should."""

    asked: bool = True


Outcome = Absent | tuple[Problem, ...]
"""Absent, or the problems found; none where an element is stated."""


@dataclass(frozen=True)
class Finding:
    """An element in a text.

    Parameters
    ----------
    element, name
        Number and name in the checklist.
    status
        How it stands.
    severity
        How grave it is if it is absent or defective.
    at, place
        Identifier of the provision, and where it stands for a reader; empty if it stands nowhere.
    what, remedy
        What is wrong, and what would mend it; or the reason why it is left open.
    eye
        Whether the test reads words, so that a human eye is needed either way.
    """

    element: int
    name: str
    status: Status
    severity: Severity
    at: str
    place: str
    what: str
    remedy: str
    eye: bool
