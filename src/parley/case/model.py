"""What a case is: the parties, what is at issue between them, and what binds the options.

These are the shapes of ``case.yaml``, format version 1. Everything is frozen; an unknown key
is a mistake. References between things (an option in a rule, a party in the record) are
checked in `parley.case.check`, where file and line are known.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from parley.case.dates import Date

FORMAT = 1
"""Version of the case folder format that this Parley writes."""

Id = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=64),
    Field(description="Short name: small letters, digits and hyphens."),
]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
Number = Annotated[float, Field(allow_inf_nan=False, strict=True)]
OptionRef = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*\.[a-z0-9][a-z0-9-]*$"),
    Field(description="An option of an issue, written issue.option."),
]


def _one_or_many(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


OptionRefs = Annotated[tuple[OptionRef, ...], BeforeValidator(_one_or_many)]


class Part(BaseModel):
    """Base of every shape in a case folder: frozen, and no key that is not known."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Role(StrEnum):
    """What a party is in the talks."""

    PRINCIPAL = "principal"
    MEDIATOR = "mediator"
    THIRD_PARTY = "third party"


class Level(StrEnum):
    """How much a party can expect without an agreement, when no number can be given."""

    WEAK = "weak"
    MODERATE = "moderate"
    STRONG = "strong"
    UNKNOWN = "unknown"


class Range(Part):
    """Bounds of the value of no agreement, on the scale of the party's packages.

    0 is the package that is worst for the party on every issue, 1 the one that is best on
    every issue. `low` may lie below 0: no agreement may be worse than every package.
    """

    low: Annotated[Number, Field(ge=-10, le=1)]
    high: Annotated[Number, Field(ge=-10, le=1)]

    @model_validator(mode="after")
    def _is_in_order(self) -> Range:
        if self.low > self.high:
            raise ValueError("a range must have low ≤ high")
        return self


class Party(Part):
    """One who takes part in the talks or bears on them."""

    id: Id
    name: Text
    aliases: tuple[Text, ...] = ()
    role: Role = Role.PRINCIPAL
    must_agree: bool | None = Field(
        default=None,
        description="Whether no agreement can be made without this party. "
        "Left out: principals must agree, others need not.",
    )
    without_agreement: Level | Range = Field(
        default=Level.UNKNOWN,
        description="What the party can expect if there is no agreement: weak, moderate, "
        "strong, unknown, or {low: …, high: …}.",
    )
    note: Text | None = None

    @property
    def consent_needed(self) -> bool:
        """Whether an agreement needs this party."""
        return self.role is Role.PRINCIPAL if self.must_agree is None else self.must_agree


class Option(Part):
    """One way in which an issue could be settled."""

    id: Id
    name: Text
    value: Number | None = Field(
        default=None, description="Where the option lies on the issue's scale, if it has one."
    )
    note: Text | None = None


class Issue(Part):
    """One thing that is disputed, and the ways in which it could be settled."""

    id: Id
    name: Text
    question: Text | None = None
    ordered: bool = Field(
        default=False,
        description="Whether the options lie on a scale, in the order in which they are listed "
        "(or of their values): then who wants one end prefers what is nearer to it.",
    )
    unit: Text | None = None
    options: Annotated[tuple[Option, ...], Field(min_length=2, max_length=64)]
    note: Text | None = None


class Rule(Part):
    """What the choice of one option means for other issues, whoever chooses.

    Where `implies` or `excludes` name several options of one issue they are alternatives:
    *implies* a, b of an issue says that one of the two must be chosen there. Options of
    different issues bind each issue on its own.
    """

    if_: OptionRef = Field(alias="if")
    implies: OptionRefs = ()
    excludes: OptionRefs = ()
    why: Text | None = None


class Case(Part):
    """``case.yaml``: who is at the table, and what is on it."""

    parley: Literal[1] = Field(description="Version of the case folder format.")
    title: Text
    summary: Text | None = None
    as_of: Date = Field(description="The day up to which the record was kept.")
    parties: Annotated[tuple[Party, ...], Field(min_length=2, max_length=64)]
    issues: Annotated[tuple[Issue, ...], Field(min_length=1, max_length=512)]
    rules: tuple[Rule, ...] = ()

    def party(self, party_id: str) -> Party:
        """The party with this id; `KeyError` if there is none."""
        return _by_id(self.parties, party_id)

    def issue(self, issue_id: str) -> Issue:
        """The issue with this id; `KeyError` if there is none."""
        return _by_id(self.issues, issue_id)


def option_of(issue: Issue, option_id: str) -> Option:
    """The option of `issue` with this id; `KeyError` if there is none."""
    return _by_id(issue.options, option_id)


_Named = TypeVar("_Named", Party, Issue, Option)


def _by_id(things: tuple[_Named, ...], wanted: str) -> _Named:
    for thing in things:
        if thing.id == wanted:
            return thing
    raise KeyError(wanted)
