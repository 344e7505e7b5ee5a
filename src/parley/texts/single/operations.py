"""What can be done to a single text: each operation with who, when and why.

An operation is never undone or overwritten. What is proposed, merged or dropped stays in the log.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from parley.case.dates import Date
from parley.case.parts import Id, Part, Text
from parley.texts.articles import ProvisionId

BracketId = Annotated[str, StringConstraints(pattern=r"^b[1-9][0-9]*$")]
Wording = Annotated[str, StringConstraints(max_length=20_000)]
Place = Annotated[int, Field(ge=1, le=1000)]


class _Operation(Part):
    who: Id = Field(description="The delegation, or the mediator, that does it.")
    when: Date
    why: Text | None = None


class Propose(_Operation):
    """Put words in brackets, with other words beside them."""

    op: Literal["bracket"] = "bracket"
    at: ProvisionId
    words: Wording | None = Field(
        default=None, description="The words as they stand; left out: the whole provision."
    )
    text: Wording = Field(description="The words proposed instead; empty: none.")


class Alternative(_Operation):
    """Add a wording to a bracket."""

    op: Literal["propose"] = "propose"
    bracket: BracketId
    text: Wording


class Within(_Operation):
    """Put words of an alternative in brackets again, with other words beside them."""

    op: Literal["within"] = "within"
    bracket: BracketId
    alternative: Place
    words: Annotated[str, StringConstraints(min_length=1, max_length=20_000)]
    text: Wording


class Insert(_Operation):
    """Propose a new paragraph after a provision."""

    op: Literal["insert"] = "insert"
    after: ProvisionId
    id: ProvisionId
    text: Annotated[str, StringConstraints(min_length=1, max_length=20_000)]


class Merge(_Operation):
    """Put one wording in the place of several alternatives, of all who proposed them."""

    op: Literal["merge"] = "merge"
    bracket: BracketId
    alternatives: Annotated[tuple[Place, ...], Field(min_length=2)]
    text: Wording
    agreed_by: tuple[Id, ...] = Field(
        default=(), description="Those who proposed the alternatives, and have agreed."
    )


class Support(_Operation):
    """Join those who propose an alternative."""

    op: Literal["support"] = "support"
    bracket: BracketId
    alternative: Place


class Adopt(_Operation):
    """Settle a bracket: one alternative becomes text, agreed by all."""

    op: Literal["adopt"] = "adopt"
    bracket: BracketId
    alternative: Place
    agreed_by: tuple[Id, ...] = Field(
        default=(), description="The delegations that have agreed; all of the single text."
    )


class Drop(_Operation):
    """Take back an alternative that one proposed."""

    op: Literal["drop"] = "drop"
    bracket: BracketId
    alternative: Place


class Reserve(_Operation):
    """Keep a position on a bracket or a provision: it cannot be adopted until lifted."""

    op: Literal["reserve"] = "reserve"
    on: ProvisionId


class Lift(_Operation):
    """Lift one's reservation."""

    op: Literal["lift"] = "lift"
    on: ProvisionId


class OpenRound(_Operation):
    """Begin a round; brackets are counted from round to round."""

    op: Literal["round"] = "round"
    number: Annotated[int, Field(ge=1, le=10_000)]


Operation = Annotated[
    Propose
    | Alternative
    | Within
    | Insert
    | Merge
    | Support
    | Adopt
    | Drop
    | Reserve
    | Lift
    | OpenRound,
    Field(discriminator="op"),
]
