"""The smallest shapes of a case folder, of which the others are made: ids, texts, parties."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

FORMAT = 1
"""Version of the case folder format that this Parley writes."""

Id = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=64),
    Field(description="Short name: small letters, digits and hyphens."),
]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
Number = Annotated[float, Field(allow_inf_nan=False, strict=True)]


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
