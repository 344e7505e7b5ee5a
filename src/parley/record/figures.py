"""Figures: numbers as a source gave them, with their bounds and their words.

Figures of different sources are never merged or averaged. They stand side by side.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from parley.case.parts import Id, Number, Part, Text


class Figure(Part):
    """A number that an assertion gives.

    `low` and `high` bound what the source said (not a confidence interval); `best` is the
    value it named. One of the three must be there. `phrase` is verbatim.
    """

    topic: Id = Field(description="What is counted, as a short name: same topic, same question.")
    counts: Text = Field(description="What is counted, in words.")
    low: Number | None = None
    best: Number | None = None
    high: Number | None = None
    unit: Text
    bound: Literal["exactly", "about", "at least", "up to", "more than", "fewer than"] = "exactly"
    period: Text | None = None
    place: Text | None = None
    phrase: Text = Field(description="The words of the source, verbatim.")

    @model_validator(mode="after")
    def _is_in_order(self) -> Figure:
        given = [x for x in (self.low, self.best, self.high) if x is not None]
        if not given:
            raise ValueError("a figure needs low, best or high")
        if given != sorted(given):
            raise ValueError("a figure must have low ≤ best ≤ high")
        return self
