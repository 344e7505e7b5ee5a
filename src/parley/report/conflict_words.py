"""A conflict in words: states, moves, why something holds, and what would have to change.

States are counted from 1 in words. Wording about parties is symmetrical, and what a party prefers
is always said as what it is taken to prefer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from parley.case.conditions import read_condition
from parley.case.moves import DecisionMaker, Statement
from parley.case.states import read_rule
from parley.conflict.inverse import Change, Edit
from parley.conflict.model import Conflict
from parley.conflict.paths import Paths, Step
from parley.conflict.preference import by_importance
from parley.conflict.reasons import Answer, Reason
from parley.conflict.stability import Concept
from parley.report.words import capital, listed

MEANING: Mapping[Concept, str] = {
    Concept.NASH: "nobody has a move that would be preferred",
    Concept.GMR: "every preferred move can be answered, whatever that costs those who answer",
    Concept.SMR: "every preferred move can be answered, without a way out for the one who moved",
    Concept.SEQ: "every preferred move can be answered by moves that those who answer prefer too",
    Concept.SIM: "every preferred move fails if others make preferred moves at the same time",
}
"""The concepts, in words."""

TOLD_CHANGES = 3


@dataclass(frozen=True)
class ConflictWords:
    """The words of one conflict; `names` are those of the parties, by id."""

    conflict: Conflict
    names: Mapping[str, str]

    @cached_property
    def options(self) -> tuple[str, ...]:
        """Names of the options."""
        return tuple(option.name for option in self.conflict.moves.options)

    def party(self, party: str) -> str:
        """Name of a decision maker."""
        return self.names[party]

    def state(self, state: int) -> str:
        """A state (from 0), shortly: its number, and its name if it has one."""
        name = self.conflict.states.name(state)
        return f"state {state + 1}" + (f" ({name})" if name else "")

    def pattern(self, state: int) -> str:
        """A state as letters; empty for a model given as a graph."""
        return self.conflict.states.pattern(state) if self.options else ""

    def doing(self, state: int) -> list[tuple[str, str]]:
        """What each party does in a state: name and words."""
        letters = self.pattern(state)
        result = []
        place = 0
        for maker in self.conflict.moves.decision_makers:
            own = letters[place : place + len(maker.options)]
            place += len(maker.options)
            taken = [o.name for o, x in zip(maker.options, own, strict=False) if x == "Y"]
            either = [o.name for o, x in zip(maker.options, own, strict=False) if x == "-"]
            text = "; ".join(taken) or ("none of its options" if not either else "")
            if either:
                text += f"{'; ' if text else ''}with or without: {'; '.join(either)}"
            if maker.options:
                result.append((self.party(maker.party), text))
        return result

    def describe(self, state: int) -> str:
        """A state in words: what each party does."""
        if not self.options:
            return self.conflict.states.name(state) or f"state {state + 1}"
        return ". ".join(f"{name}: {text}" for name, text in self.doing(state)) + "."

    def change(self, start: int, goal: int) -> str:
        """What changes from one state to another: "takes up: attend; gives up: escalate"."""
        before, after = self.pattern(start), self.pattern(goal)
        on = [n for n, a, b in zip(self.options, before, after, strict=True) if b == "Y" != a]
        off = [n for n, a, b in zip(self.options, before, after, strict=True) if b == "N" != a]
        parts = [f"takes up: {', '.join(on)}"] if on else []
        parts += [f"gives up: {', '.join(off)}"] if off else []
        return "; ".join(parts)

    def goal(self, start: int, goal: int) -> str:
        """A state with the change that leads to it."""
        change = self.change(start, goal)
        return f"{self.state(goal)}{f' ({change})' if change else ''}"

    def why(self, reason: Reason) -> str:
        """Why a state holds for a party, or not, in a sentence or a few."""
        who, here = self.party(reason.party), reason.state
        if reason.kind == "cannot move":
            return f"{who} cannot change anything from here."
        if reason.kind == "no improvement":
            return f"{who} would stay: no move from here leads to a state that is preferred to it."
        if reason.kind == "undefined":
            return f"For {who} this is not defined here, because combinations are merged."
        if reason.kind == "free":
            assert reason.free is not None
            text = f"{who} would move to {self.goal(here, reason.free)}, which is preferred"
            return text + self._unanswered(reason)
        told = [self._answered(reason, answer) for answer in reason.answers]
        left = reason.improvements - len(reason.answers)
        if left:
            plural = "s" if left > 1 else ""
            told.append(f"{left} more improvement{plural} of {who} can be answered likewise.")
        return " ".join(told)

    def _unanswered(self, reason: Reason) -> str:
        who = self.party(reason.party)
        if reason.concept is Concept.NASH:
            return "."
        if reason.concept is Concept.SIM:
            return f", and no moves of others at the same time would leave {who} no better off."
        how = {
            Concept.GMR: "no answer of the others",
            Concept.SMR: "no answer without a way out of it",
            Concept.SEQ: "no answer by moves that those who answer would prefer",
        }[reason.concept]
        return f", and {how} would leave {who} no better off than now."

    def _answered(self, reason: Reason, answer: Answer) -> str:
        who = self.party(reason.party)
        text = f"{who} could move to {self.goal(reason.state, answer.move)}"
        if answer.at_once:
            movers = [
                self.party(party) + (f" {change}" if change else "")
                for party, change in (
                    (party, self.change(reason.state, goal)) for party, goal in answer.at_once
                )
            ]
            text += f"; but if at the same time {listed(movers)}, it ends in "
            text += self.state(answer.end)
        else:
            text += f"; but then {self._steps(answer)}"
        text += f", which is {'no better' if answer.equal else 'worse'} for {who} than now"
        if reason.concept is Concept.SMR:
            text += f", and no move from there leads {who} to anything better than now"
        return f"{text}."

    def _steps(self, answer: Answer) -> str:
        here, parts = answer.move, []
        for k, step in enumerate(answer.steps):
            verb = "can answer with a move to" if k == 0 else "with a move to"
            parts.append(f"{self.party(step.party)} {verb} {self.goal(here, step.state)}")
            here = step.state
        return listed(parts)

    def path(self, start: int, steps: Sequence[Step]) -> list[str]:
        """A way in words, one line for each move."""
        lines, here = [], start
        for step in steps:
            against = "" if step.improves else " (against its own preference at that point)"
            lines.append(f"{self.party(step.party)} to {self.goal(here, step.state)}{against}")
            here = step.state
        return lines

    def ways(self, by_any: Paths, improving: Paths | None) -> str:
        """How a state can be reached from today, in a sentence."""
        if by_any.moves == 0:
            return "It is the state of today."
        if by_any.moves < 0:
            return "No sequence of moves leads there from today."
        if improving is not None and improving.moves > 0:
            ways = "one way" if improving.count == 1 else f"{improving.count} ways"
            how = "which is preferred" if improving.moves == 1 else "each of them preferred"
            return (
                f"It can be reached from today by {_moves(improving.moves)}, {how} by the one who "
                f"makes it ({ways})."
            )
        ways = "one way" if by_any.count == 1 else f"{by_any.count} ways"
        against = ", but not without a move against the mover's own preference at that point"
        return (
            f"It can be reached from today by {_moves(by_any.moves)} ({ways})"
            f"{against if improving is not None else ''}."
        )

    def option(self, option: str) -> str:
        """An option with its owner: “Russia: attend the meeting”."""
        for maker in self.conflict.moves.decision_makers:
            for one in maker.options:
                if one.id == option:
                    return f"“{self.party(maker.party)}: {one.name}”"
        raise KeyError(option)

    def condition(self, text: str) -> str:
        """A condition with the names of the options."""
        options = [option.id for option in self.conflict.moves.options]
        return read_condition(text, options).words([self.option(name) for name in options])

    def rule(self, text: str) -> str:
        """A pattern or a condition with the names of the options."""
        options = [option.id for option in self.conflict.moves.options]
        return read_rule(text, options).words([self.option(name) for name in options])

    def statement(self, statement: Statement) -> str:
        """A preference statement with the names of the options."""
        return self.condition(statement.prefer)

    def statements(self, maker: DecisionMaker) -> list[tuple[str, Statement]]:
        """Preference statements in order of importance, in words."""
        own = maker.statements or ()
        return [(self.statement(own[k]), own[k]) for k in by_importance(maker)]

    def must_change(self, change: Change, state: int) -> str:
        """What would make a state hold for a party, in sentences."""
        who = self.party(change.party)
        if change.stable:
            return f"For {who} it holds as things are."
        ways = [
            listed(self.state(s) for s in sorted(way)) for way in change.alternatives[:TOLD_CHANGES]
        ]
        text = (
            f"For {who} it would hold if {who} came to find {', or else '.join(ways)} no better "
            f"than {self.state(state)}"
        )
        edits = [self.edit(edit) for edit in change.edits[:TOLD_CHANGES]]
        if edits:
            text += f". In its list of what matters one change would do: {', or else '.join(edits)}"
        return f"{text}."

    def edit(self, edit: Edit) -> str:
        """A change in a list of statements."""
        text = f"the statement [{self.condition(edit.statement)}]"
        if edit.to == 0:
            return f"to give up {text}"
        way = "up" if edit.to < edit.place else "down"
        return f"to move {text} {way} from place {edit.place} to place {edit.to}"

    def concepts(self, some: Sequence[Concept]) -> str:
        """Concepts in a row."""
        return capital(listed(c.value for c in some)) if some else "none"


def _moves(count: int) -> str:
    return "one move" if count == 1 else f"{count} moves"
