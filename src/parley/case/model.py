"""What a case is: the parties, what is at issue between them, and what binds the options.

These are the shapes of ``case.yaml``, format version 1. Everything is frozen; an unknown key
is a mistake. References between things (an option in a rule, a party in the record) are
checked in `parley.case.check`, where file and line are known.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar

from pydantic import BeforeValidator, Field, StringConstraints

from parley.case.dates import Date
from parley.case.moves import Moves
from parley.case.parts import Id, Number, Part, Party, Text

OptionRef = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*\.[a-z0-9][a-z0-9-]*$"),
    Field(description="An option of an issue, written issue.option."),
]


def _one_or_many(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


OptionRefs = Annotated[tuple[OptionRef, ...], BeforeValidator(_one_or_many)]


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
    moves: Moves | None = Field(
        default=None, description="What each side can do, and what it would rather see."
    )

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
