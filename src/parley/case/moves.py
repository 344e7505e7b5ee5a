"""What each side can do: the shapes of the section ``moves``, which also stands alone.

The section is an option-form conflict (Fang, Hipel & Kilgour 1993): decision makers, the options
that each may take or not, what cannot be, and what is preferred. A *state* says for every option
whether it is taken. A pattern writes one letter for each option, in the order of the file: Y taken,
N not taken, - either.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from parley.case.parts import Id, Number, Part, Party, Text

GREATLY = ">>"
"""In a ranking: what stands before is greatly preferred to what stands after."""

StateRef = int | Text
"""A state: its number, from 1, or its pattern."""


def _or_text(shape: Any, key: str) -> BeforeValidator:
    """Take a text alone for a shape of which only `key` is given."""
    return BeforeValidator(
        lambda value: {key: value} if isinstance(value, str) else value,
        json_schema_input_type=shape | str,
    )


def _one_or_many(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


_Ids = Annotated[
    tuple[Id, ...], BeforeValidator(_one_or_many, json_schema_input_type=Id | tuple[Id, ...])
]


class MoveOption(Part):
    """Something that a decision maker can do or leave."""

    id: Id
    name: Text = Field(description="What is done, as after 'will': attend the meeting.")
    irreversible: Literal["forward", "back"] | None = Field(
        default=None,
        description="forward: once taken it stays; back: once given up it is not taken again.",
    )
    note: Text | None = None


class Statement(Part):
    """One preference statement: the decision maker prefers states in which it holds.

    Statements are listed with the most important first (option prioritising: Fang, Hipel, Kilgour
    & Peng 2003). One that cites assertions holds in the worlds in which at least one of them does.
    """

    prefer: Text = Field(description="A condition on options: not escalate and attend.")
    because: Annotated[
        tuple[Id, ...], BeforeValidator(_one_or_many, json_schema_input_type=str | tuple[Id, ...])
    ] = Field(default=(), description="The assertions of the record on which it rests.")
    importance: Annotated[int, Field(ge=1, strict=True)] | None = Field(
        default=None,
        description="1 is most important; the order of statements of one importance is open. "
        "Left out everywhere: the order of the list.",
    )
    why: Text | None = None


class Barred(Part):
    """Combinations of options that cannot be: a pattern, or a condition."""

    when: Text
    why: Text | None = None


class Merged(Part):
    """Combinations that count as one state: a pattern, or a condition."""

    when: Text
    name: Text | None = None


class Outcome(Part):
    """Something that may come about, in one state or in many: a condition, or a pattern."""

    when: Text
    name: Text | None = None


class NamedState(Part):
    """A state in an explicit list: its pattern, or, in a model given as a graph, only a name."""

    pattern: Text | None = None
    name: Text | None = None


class DecisionMaker(Part):
    """One who can change the state: its options and its preferences.

    Preferences are given in one of four ways: `ranking`, `statements`, `weights` or `known`.
    """

    party: Id
    options: Annotated[tuple[MoveOption, ...], Field(max_length=64)] = ()
    moves: tuple[Annotated[str, StringConstraints(strip_whitespace=True)], ...] = Field(
        default=(),
        description="Only in a model without options: the moves, as 1 -> 2 or 1 <-> 2.",
    )
    ranking: tuple[StateRef | tuple[StateRef, ...], ...] | None = Field(
        default=None,
        description="States from best to worst; a list within is a tie; '>>' stands between "
        "what is greatly preferred and the rest.",
    )
    statements: tuple[Annotated[Statement, _or_text(Statement, "prefer")], ...] | None = Field(
        default=None, description="Preference statements, the most important first."
    )
    weights: dict[Text, Number] | None = Field(
        default=None,
        description="Condition: what it adds to the worth of a state in which it holds.",
    )
    known: tuple[Text, ...] | None = Field(
        default=None,
        description="All that is known, as 3 > 7 (prefers) or 1 = 2 (equally good); what follows "
        "from it is known too, every other comparison is unknown.",
    )
    rest: Literal["equal", "open"] | None = Field(
        default=None,
        description="What the statements or weights do not tell apart: equal, or open (drawn "
        "anew in each world). Left out: open where a statement cites the record, else equal.",
    )
    note: Text | None = None

    @model_validator(mode="after")
    def _has_one_preference(self) -> DecisionMaker:
        given = [key for key in PREFERENCES if getattr(self, key) is not None]
        if len(given) != 1:
            has = " and ".join(given) if given else "none"
            raise ValueError(
                f"a decision maker has one of ranking, statements, weights and known, here {has}"
            )
        if self.rest is not None and given[0] in {"ranking", "known"}:
            raise ValueError("rest belongs to statements or weights")
        numbered = {s.importance is not None for s in self.statements or ()}
        if len(numbered) > 1:
            raise ValueError(
                "importance is given for some statements only: give it for all, or none"
            )
        return self

    @property
    def leaves_open(self) -> bool:
        """Whether what the preferences do not tell apart is drawn anew in each world."""
        if self.rest is not None:
            return self.rest == "open"
        return any(statement.because for statement in self.statements or ())


PREFERENCES = ("ranking", "statements", "weights", "known")


class Moves(Part):
    """What each side can do, and what it would rather see."""

    decision_makers: Annotated[tuple[DecisionMaker, ...], Field(min_length=1, max_length=16)]
    infeasible: tuple[Annotated[Barred, _or_text(Barred, "when")], ...] = Field(
        default=(), description="What cannot be: patterns or conditions."
    )
    merged: tuple[Annotated[Merged, _or_text(Merged, "when")], ...] = Field(
        default=(), description="Combinations that count as one state."
    )
    states: tuple[Annotated[NamedState, _or_text(NamedState, "pattern")], ...] | None = Field(
        default=None,
        description="The states one by one, in the order of their numbers; left out: all that "
        "is not infeasible, counted up with the first option fastest, merged states last.",
    )
    status_quo: StateRef | None = Field(default=None, description="The state of today.")
    outcomes: tuple[Annotated[Outcome, _or_text(Outcome, "when")], ...] = Field(
        default=(),
        description="Of each it is said in how many worlds some state that holds has it, and "
        "what decides.",
    )
    wanted: tuple[StateRef, ...] = Field(
        default=(), description="States of which a briefing says what would make them hold."
    )

    @model_validator(mode="after")
    def _is_of_one_form(self) -> Moves:
        if self.is_graph and (self.infeasible or self.merged or self.states is None):
            raise ValueError(
                "without options this is a model given as a graph: it needs `states` with names, "
                "and has no `infeasible` and no `merged`"
            )
        if not self.is_graph and any(maker.moves for maker in self.decision_makers):
            raise ValueError("`moves` of a decision maker belong to a model without options")
        return self

    @property
    def is_graph(self) -> bool:
        """Whether states and moves are listed, and there are no options."""
        return not any(maker.options for maker in self.decision_makers)

    @property
    def options(self) -> tuple[MoveOption, ...]:
        """All options, in the order of the file."""
        return tuple(option for maker in self.decision_makers for option in maker.options)

    @property
    def cited(self) -> frozenset[str]:
        """Ids of the assertions on which preferences rest."""
        return frozenset(
            name
            for maker in self.decision_makers
            for statement in maker.statements or ()
            for name in statement.because
        )


class MovesFile(Part):
    """``moves.yaml``: a conflict that stands alone, without issues and record."""

    parley: Literal[1] = Field(description="Version of the format.")
    title: Text
    summary: Text | None = None
    source: Text | None = Field(default=None, description="The publication that it is taken from.")
    why: Text | None = Field(default=None, description="Why it matters.")
    parties: Annotated[tuple[Party, ...], Field(min_length=1, max_length=64)]
    moves: Moves


def conditions(moves: Moves) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every pattern and condition of the section, with its place."""
    for k, barred in enumerate(moves.infeasible):
        yield ("infeasible", k), barred.when
    for k, merged in enumerate(moves.merged):
        yield ("merged", k), merged.when
    for k, outcome in enumerate(moves.outcomes):
        yield ("outcomes", k), outcome.when
    for i, maker in enumerate(moves.decision_makers):
        for k, statement in enumerate(maker.statements or ()):
            yield ("decision_makers", i, "statements", k), statement.prefer
        for text in maker.weights or {}:
            yield ("decision_makers", i, "weights", text), text
