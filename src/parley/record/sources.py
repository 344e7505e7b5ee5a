"""Where an assertion comes from: its origin, the hops on its way, the page it was read on.

Ten outlets that repeat one report are one origin. Independence is counted by origin, never by
publication, and an unknown origin is not independent of anything.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from parley.case.dates import Date
from parley.case.parts import Id, Part, Text

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Origin(Part):
    """The one place from which a report first came: a person, a briefing, a leak, a text."""

    id: Id
    name: Text
    note: Text | None = None


class Publication(Part):
    """A page, broadcast or document in which assertions were read."""

    id: Id
    outlet: Text
    title: Text | None = None
    author: Text | None = None
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]+)*$")] = "en"
    translator: Text | None = None
    published: Date
    retrieved: Date | None = None
    url: Text | None = None
    sha256: Sha256 | None = None
    archive: Text | None = None


class Speaker(Part):
    """Who spoke at one hop: by name, or by role, number, affiliation and access."""

    name: Text | None = None
    role: Text | None = None
    count: Annotated[int, Field(ge=1, strict=True)] | None = None
    affiliation: Text | None = None
    access: Text | None = Field(
        default=None, description="How the speaker knows: 'briefed on the proposal', 'present'."
    )
    anonymous: Text | None = Field(
        default=None, description="The reason given for withholding the name."
    )

    @model_validator(mode="after")
    def _is_somebody(self) -> Speaker:
        if self.name is None and self.role is None:
            raise ValueError("a speaker needs a name or a role")
        return self


class Hop(Part):
    """One step on the way from origin to publication: who said it, how, to whom."""

    speaker: Speaker
    verb: Text
    to: Text | None = None


class Passage(Part):
    """Where in the publication it stands: Web Annotation quote and position selectors.

    `exact` is a short verbatim quotation; `start` and `end` are character offsets.
    """

    exact: Annotated[str, StringConstraints(min_length=1, max_length=1000)]
    prefix: str | None = None
    suffix: str | None = None
    start: Annotated[int, Field(ge=0, strict=True)] | None = None
    end: Annotated[int, Field(ge=0, strict=True)] | None = None

    @model_validator(mode="after")
    def _runs_forward(self) -> Passage:
        if self.start is not None and self.end is not None and self.end <= self.start:
            raise ValueError("the passage ends before it begins")
        return self


class Times(Part):
    """The four times of an assertion, each with its precision."""

    event: Date | None = Field(default=None, description="When what is spoken of happened.")
    statement: Date | None = Field(default=None, description="When it was said.")
    publication: Date | None = Field(default=None, description="When it was published.")
    recording: Date | None = Field(default=None, description="When it was put on this record.")


_GRADE = re.compile(r"(?P<source>[A-F])(?P<information>[1-6])")


class Grade(Part):
    """Admiralty grade: reliability of the source (A to F), credibility of the item (1 to 6).

    Both are ordinal. F and 6 mean *cannot be judged*, not *middling*.
    """

    source: Literal["A", "B", "C", "D", "E", "F"]
    information: Literal[1, 2, 3, 4, 5, 6]
    by: Text | None = None
    on: Date | None = None
    why: Text | None = None

    def __str__(self) -> str:
        return f"{self.source}{self.information}"


def _grade_from_text(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    found = _GRADE.fullmatch(value)
    if found is None:
        raise ValueError(f"{value!r} is not a grade: write a letter A-F and a digit 1-6, as B2")
    return {"source": found["source"], "information": int(found["information"])}


GradeField = Annotated[
    Grade,
    BeforeValidator(_grade_from_text, json_schema_input_type=Grade | str),
]
"""A grade, written out or short (``B2``)."""
