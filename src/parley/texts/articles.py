"""What a text is: numbered articles, paragraphs and points, with what stands at its head.

A text keeps two things apart: the **label** that a reader sees ("Article 3", "2.", "(a)"), which
changes when something is put in before it, and the **identifier**, which does not. Links to issues
of the case, obligations, steps and everything said in a negotiation refer to identifiers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from parley.case.dates import Date
from parley.case.parts import Id, Part, Text

ProvisionId = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]*$", max_length=120),
    Field(description="Stable name of an article, paragraph or point."),
]
Language = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"),
    Field(description="Language of the text, as in BCP 47: en, uk, ru, ar, fr."),
]


class TextKind(StrEnum):
    """What a text sets out to be; what it must define depends on it."""

    PAUSE = "pause"
    CESSATION = "cessation"
    DEFINITIVE = "definitive"
    FRAMEWORK = "framework"


class ProvisionKind(StrEnum):
    """What a part of a text is."""

    PART = "part"
    ARTICLE = "article"
    ANNEX = "annex"
    PARAGRAPH = "paragraph"
    POINT = "point"
    ROW = "row"


HEADED = frozenset({ProvisionKind.PART, ProvisionKind.ARTICLE, ProvisionKind.ANNEX})
"""Kinds that have a heading."""

CELL = "\t"
"""What stands between the cells of a row of a table."""


class Obligation(Part):
    """Who must, may or must not do what, to what, where and when."""

    at: ProvisionId
    actor: Annotated[tuple[Text, ...], Field(min_length=1)]
    mode: Literal["must", "may", "must not"]
    act: Text
    object: Text | None = None
    place: Text | None = None
    time: Text | None = None
    condition: Text | None = None
    exception: Text | None = None


class Step(Part):
    """One step of an order: when it is due, after what, who does it and who verifies it."""

    id: Id
    name: Text
    at: ProvisionId | None = None
    actor: tuple[Text, ...] = ()
    after: tuple[Id, ...] = ()
    trigger: Text | None = None
    deadline: Text | None = Field(
        default=None, description="As T0 + 72 hours, or a date with clock time and zone."
    )
    verifier: Text | None = None
    fallback: Text | None = Field(default=None, description="What follows if it is missed.")
    can_lose: Text | None = Field(
        default=None, description="What the actor has given by then and cannot take back."
    )


class Open(Part):
    """Something that is left open on purpose, with the reason."""

    element: Annotated[int, Field(ge=1, le=60)]
    reason: Text
    at: ProvisionId | None = None


class Comment(Part):
    """A remark in the margin."""

    at: ProvisionId | None = None
    by: Text | None = None
    date: Text | None = None
    text: Text


class Front(Part):
    """What stands at the head of a text."""

    parley: Literal[1] = Field(description="Version of the format of texts.")
    title: Text
    party: Id | None = Field(default=None, description="Who proposes it: a party of the case.")
    date: Date | None = None
    round: Annotated[int, Field(ge=1, le=10_000)] | None = None
    language: Language = "en"
    status: Text | None = Field(default=None, description="As: draft, invented draft, agreed.")
    kind: TextKind | None = None
    t0: Date | None = Field(
        default=None, description="The moment from which deadlines run, once it is set."
    )
    authentic: dict[Language, Text] = Field(
        default={}, description="Files of the other authentic languages, by language."
    )
    obligations: tuple[Obligation, ...] = ()
    steps: tuple[Step, ...] = ()
    deliberately_open: tuple[Open, ...] = ()
    comments: tuple[Comment, ...] = ()
    note: Text | None = None


@dataclass(frozen=True)
class Provision:
    """A part, article, annex, paragraph, point, or row of a table.

    Parameters
    ----------
    id
        Stable identifier, unique in the text.
    label
        Number as a reader sees it, without closing dot for headings; may be empty.
    heading
        Heading of a part, article or annex; else empty.
    text
        Own words, without those of `children`; `[^1]` refers to a footnote. The cells of a row
        are parted by `CELL`.
    issues
        Issues (``issue``) and options (``issue.option``) of the case that it is about.
    line
        Line in its file, or number of the paragraph in a Word file; 0 if it has none.
    given_id
        Whether the identifier stands in the file, and is not made up from the label.
    """

    id: str
    kind: ProvisionKind
    label: str = ""
    heading: str = ""
    text: str = ""
    children: tuple[Provision, ...] = ()
    issues: tuple[str, ...] = ()
    line: int = field(default=0, compare=False)
    given_id: bool = field(default=True, compare=False)

    def walk(self) -> Iterator[Provision]:
        """This, and all below it, in order."""
        yield self
        for child in self.children:
            yield from child.walk()

    @property
    def words(self) -> str:
        """Own words: heading and text."""
        return " ".join(part for part in (self.heading, self.text) if part)


@dataclass(frozen=True, eq=False)
class Draft:
    """A text: its head, its provisions, its footnotes.

    `name` is the file as the user would write it, for messages.
    """

    name: str
    front: Front
    provisions: tuple[Provision, ...]
    footnotes: tuple[tuple[str, str], ...] = ()

    @cached_property
    def all(self) -> tuple[Provision, ...]:
        """Every provision, in order."""
        return tuple(p for top in self.provisions for p in top.walk())

    @cached_property
    def by_id(self) -> dict[str, Provision]:
        """Provisions by identifier."""
        return {provision.id: provision for provision in self.all}

    @cached_property
    def parent(self) -> dict[str, Provision]:
        """For each provision below another the one that it stands in."""
        return {child.id: p for p in self.all for child in p.children}

    def article_of(self, provision_id: str) -> Provision:
        """The article, annex or part (or top provision) in which a provision stands."""
        here = self.by_id[provision_id]
        while here.kind not in HEADED and here.id in self.parent:
            here = self.parent[here.id]
        return here

    def place(self, provision_id: str) -> str:
        """Where a provision stands, as a reader would say it: "Article 3, 2. (a)"."""
        here = self.by_id[provision_id]
        labels = [_shown(here)]
        while here.id in self.parent and here.kind not in HEADED:
            here = self.parent[here.id]
            labels.append(_shown(here))
        labels = [label for label in labels if label][::-1]
        if not labels:
            return "the opening words"
        return ", ".join([labels[0], *([" ".join(labels[1:])] if labels[1:] else [])])

    @property
    def language(self) -> str:
        """The language of the text."""
        return self.front.language


def _shown(provision: Provision) -> str:
    if provision.kind in HEADED and not provision.label:
        return f"“{provision.heading}”"
    return provision.label
