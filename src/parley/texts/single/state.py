"""The single text as it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from parley.errors import OperationError
from parley.texts.articles import HEADED, Draft, Provision
from parley.texts.single.brackets import (
    Bracket,
    BracketError,
    Content,
    Node,
    brackets_in,
    read,
)

MEDIATOR = "mediator"


@dataclass(frozen=True)
class Reservation:
    """Somebody's reservation on a bracket or a provision."""

    who: str
    on: str


@dataclass(frozen=True)
class SingleText:
    """The one text between the delegations.

    Parameters
    ----------
    base
        The text that it began with; its order and numbers are kept.
    delegations
        Those whose agreement is needed.
    content
        For each provision its words, with brackets.
    inserted
        Provisions that were put in: for each the one that it follows.
    reservations
        What is reserved.
    brackets
        How many brackets were ever opened.
    round
        The round under way; 0 before the first.
    """

    base: Draft = field(compare=False)
    delegations: tuple[str, ...]
    content: Mapping[str, Content]
    inserted: Mapping[str, str] = field(default_factory=dict)
    reservations: frozenset[Reservation] = frozenset()
    brackets: int = 0
    round: int = 0

    @property
    def open(self) -> dict[str, Bracket]:
        """Every bracket that is open, by name, in order of the text."""
        return {b.id: b for name in self.order() for b in brackets_in(self.content[name])}

    def place_of(self, bracket: str) -> str:
        """The provision in which a bracket stands."""
        for name, content in self.content.items():
            if any(b.id == bracket for b in brackets_in(content)):
                return name
        raise OperationError(
            f"There is no open bracket `{bracket}`.",
            f"Open are: {', '.join(self.open) or 'none'}.",
        )

    def order(self) -> tuple[str, ...]:
        """Identifiers of all provisions with words, in the order of the text."""
        after: dict[str, list[str]] = {}
        for name, before in self.inserted.items():
            after.setdefault(before, []).insert(0, name)  # the latest stands nearest
        result: list[str] = []
        waiting = [provision.id for provision in reversed(self.base.all)]
        while waiting:
            name = waiting.pop()
            result.append(name)
            waiting += reversed(after.get(name, []))
        return tuple(name for name in result if name in self.content)


def begin(base: Draft, delegations: tuple[str, ...]) -> SingleText:
    """A single text from a first text, whose brackets are taken as they stand.

    Raises
    ------
    OperationError
        If a bracket in it is not closed, or there are fewer than two delegations.
    """
    if len(set(delegations)) < 2:
        raise OperationError("A single text is between two delegations or more.", "Name them.")
    content: dict[str, Content] = {}
    count = 0
    for provision in base.all:
        words = provision.heading if provision.kind in HEADED else provision.text
        named, count = _named(_content(words, base, provision), count)
        content[provision.id] = named
    return SingleText(base, tuple(dict.fromkeys(delegations)), content, brackets=count)


def _content(words: str, base: Draft, provision: Provision) -> Content:
    try:
        return read(words)
    except BracketError as error:
        where = f"{base.name}:{provision.line}" if provision.line else base.name
        raise OperationError(f"{error.what}.", error.remedy, where=where) from None


def _named(content: Content, count: int) -> tuple[Content, int]:
    """Brackets given names, in order."""
    nodes: list[Node] = []
    for node in content:
        if isinstance(node, str):
            nodes.append(node)
            continue
        count += 1
        name = f"b{count}"
        alternatives = []
        for alternative in node.alternatives:
            inner, count = _named(alternative.content, count)
            alternatives.append(replace(alternative, content=inner))
        nodes.append(Bracket(name, tuple(alternatives)))
    return tuple(nodes), count
