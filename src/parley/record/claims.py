"""Assertions: what was said, by whom, on whose word.

An assertion is a speech act. It is never stated as fact, and never overwritten: a denial, a
correction or a withdrawal is a new assertion that points at the earlier one.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, model_validator

from parley.case.model import FORMAT, Id, Number, OptionRefs, Part, Text
from parley.record.figures import Figure
from parley.record.sources import GradeField, Hop, Origin, Passage, Publication, Times

__all__ = ["FORMAT", "Act", "Assertion", "Bearing", "Bounds", "Judgement", "Record"]


class Act(StrEnum):
    """What was done by saying it."""

    DEMAND = "demand"
    OFFER = "offer"
    ACCEPT = "accept"
    REJECT = "reject"
    THREAT = "threat"
    PROMISE = "promise"
    PREFER = "prefer"
    PRIORITY = "priority"
    ESTIMATE = "estimate"
    CLAIM = "claim"
    DENY = "deny"
    NO_COMMENT = "no comment"
    WITHDRAW = "withdraw"


Likelihood = Literal[
    "almost no chance",
    "very unlikely",
    "unlikely",
    "roughly even chance",
    "likely",
    "very likely",
    "almost certain",
]
Probability = Annotated[Number, Field(ge=0, le=1)]


class Bounds(Part):
    """A probability, known only between bounds."""

    low: Probability
    high: Probability

    @model_validator(mode="after")
    def _is_in_order(self) -> Bounds:
        if self.low > self.high:
            raise ValueError("bounds must have low ≤ high")
        return self


class Judgement(Part):
    """The analyst's own judgement: how likely it is that the assertion holds, and why.

    `likelihood` is a term of ICD 203, or bounds between 0 and 1. It is never used to put a
    number on a source's own hedge.
    """

    likelihood: Likelihood | Bounds
    basis: Text


class Bearing(Part):
    """How an assertion, if it holds, bears on what a party can expect without agreement."""

    party: Id
    becomes: Literal["better", "worse"]


class Assertion(Part):
    """One speech act, with its chain from origin to publication.

    Exactly one of `party` (a party of the case) and `voice` (anybody else: an outlet, an
    expert) tells whose act it is; with `judgement` it is the analyst's own statement about
    that party.
    """

    id: Id
    act: Act
    text: Text = Field(description="What was said, in the recorder's own words.")
    party: Id | None = None
    voice: Text | None = None

    issue: Id | None = None
    options: tuple[Id, ...] = Field(
        default=(), description="The options spoken of; several are alternatives."
    )
    over: tuple[Id, ...] | Literal["all"] = Field(
        default=(),
        description="For prefer: the options that are liked less. For priority: the issues "
        "that matter less; 'all' for all others.",
    )
    condition: OptionRefs = Field(
        default=(),
        description="The statement holds only with these options (issue.option); several of "
        "one issue are alternatives.",
    )
    red_line: bool = Field(
        default=False,
        description="For reject: no package with these options is acceptable. For demand: no "
        "package without them is.",
    )
    without_agreement: Bearing | None = None
    utilities: dict[Id, dict[Id, Number]] | None = Field(
        default=None,
        description="The worth of every option of every issue to the party, in its own units.",
    )
    no_agreement: Number | None = Field(
        default=None, description="The worth of no agreement, in the units of `utilities`."
    )
    figure: Figure | None = None

    hedge: Text | None = Field(default=None, description="Words of doubt, verbatim.")
    mode: Literal["direct", "indirect", "paraphrase"] = "paraphrase"
    origin: Id | None = Field(
        default=None, description="Origin; left out when unknown, which is not independent."
    )
    hops: tuple[Hop, ...] = ()
    publications: tuple[Id, ...] = ()
    passage: Passage | None = None
    times: Times = Times()
    grade: GradeField | None = None
    certain: bool = False
    judgement: Judgement | None = None

    denies: tuple[Id, ...] = ()
    corrects: tuple[Id, ...] = ()
    withdraws: tuple[Id, ...] = ()
    note: Text | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> Assertion:
        if (self.party is None) == (self.voice is None):
            raise ValueError("give either party (a party of the case) or voice (anybody else)")
        if self.certain and self.judgement is not None:
            raise ValueError("a judgement has a likelihood, so it cannot be certain")
        if self.utilities is not None and (self.party is None or not self.certain):
            raise ValueError("utilities need a party and certain: true")
        if self.no_agreement is not None and self.utilities is None:
            raise ValueError("no_agreement is given together with utilities")
        return self

    @model_validator(mode="after")
    def _says_what_its_act_needs(self) -> Assertion:
        needs_option = {Act.PREFER, Act.DEMAND, Act.OFFER, Act.ACCEPT, Act.REJECT}
        if self.options and self.issue is None:
            raise ValueError("options are options of an issue: name the issue")
        if self.act in needs_option and self.issue and not self.options:
            raise ValueError(f"{self.act.value} on an issue names the options")
        if self.act is Act.PREFER and not self.over:
            raise ValueError("prefer names the options it is over")
        if self.act is Act.PRIORITY and (self.issue is None or not self.over):
            raise ValueError("priority names an issue and the issues it is over (or over: all)")
        can_be_conditional = needs_option - {Act.PREFER} | {Act.PROMISE}
        if self.condition and (self.act not in can_be_conditional or not self.options):
            raise ValueError(
                "a condition belongs to demand, offer, accept, promise or reject, with options"
            )
        if self.over and self.act not in {Act.PREFER, Act.PRIORITY}:
            raise ValueError("over belongs to prefer or priority")
        if self.red_line and self.act not in {Act.REJECT, Act.DEMAND}:
            raise ValueError("red_line belongs to reject or demand")
        return self


class Record(Part):
    """``record.yaml`` (and ``record/*.yaml`` put together): the sourced record of a case."""

    parley: Literal[1] = Field(description="Version of the case folder format.")
    origins: Annotated[tuple[Origin, ...], Field(max_length=10_000)] = ()
    publications: Annotated[tuple[Publication, ...], Field(max_length=10_000)] = ()
    assertions: Annotated[tuple[Assertion, ...], Field(max_length=50_000)] = ()

    def assertion(self, assertion_id: str) -> Assertion:
        """The assertion with this id; `KeyError` if there is none."""
        for assertion in self.assertions:
            if assertion.id == assertion_id:
                return assertion
        raise KeyError(assertion_id)
