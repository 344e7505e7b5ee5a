"""Assertions: what was said, by whom, on whose word.

An assertion is a speech act. It is never stated as fact, and never overwritten: a denial, a
correction or a withdrawal is a new assertion that points at the earlier one.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, model_validator

from parley.case.model import OptionRefs
from parley.case.parts import FORMAT, Id, Number, Part, Text
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
        complaints = [*_about_voice(self), *_about_options(self), *_about_links(self)]
        if complaints:
            raise ValueError("\n".join(complaints))  # one line for each, shown apart
        return self


_NEED_OPTIONS = frozenset({Act.PREFER, Act.DEMAND, Act.OFFER, Act.ACCEPT, Act.REJECT})
_MAY_BE_CONDITIONAL = _NEED_OPTIONS - {Act.PREFER} | {Act.PROMISE}


def _about_voice(claim: Assertion) -> Iterator[str]:
    if (claim.party is None) == (claim.voice is None):
        yield "give either party (a party of the case) or voice (anybody else)"
    if claim.certain and claim.judgement is not None:
        yield "a judgement has a likelihood, so it cannot be certain"
    if claim.utilities is not None and (claim.party is None or not claim.certain):
        yield "utilities need a party and certain: true"
    if claim.no_agreement is not None and claim.utilities is None:
        yield "no_agreement is given together with utilities"


def _about_options(claim: Assertion) -> Iterator[str]:
    if claim.options and claim.issue is None:
        yield "options are options of an issue: name the issue"
    if claim.act in _NEED_OPTIONS and claim.issue and not claim.options:
        yield f"{claim.act.value} on an issue names the options"
    if claim.act is Act.PREFER and (not claim.over or claim.over == "all" or not claim.issue):
        yield "prefer names an issue, options of it, and the options they are over"
    if claim.act is Act.PRIORITY and (claim.issue is None or not claim.over):
        yield "priority names an issue and the issues it is over (or over: all)"
    if claim.over and claim.act not in {Act.PREFER, Act.PRIORITY}:
        yield "over belongs to prefer or priority"
    if claim.red_line and (claim.act not in {Act.REJECT, Act.DEMAND} or not claim.options):
        yield "red_line belongs to reject or demand, with options"
    if claim.condition and (claim.act not in _MAY_BE_CONDITIONAL or not claim.options):
        yield "a condition belongs to demand, offer, accept, promise or reject, with options"


def _about_links(claim: Assertion) -> Iterator[str]:
    if claim.act is Act.DENY and not claim.denies:
        yield "deny names in denies what is denied"
    if claim.act is Act.WITHDRAW and not claim.withdraws:
        yield "withdraw names in withdraws what is withdrawn"
    if claim.id in {*claim.denies, *claim.corrects, *claim.withdraws}:
        yield "an assertion cannot deny, correct or withdraw itself"


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
