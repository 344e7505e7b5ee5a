"""What a page or a terminal shows of a conflict, put together: words, numbers, what decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from parley.conflict.reasons import why
from parley.conflict.stability import Concept
from parley.preferences.sensitivity import Decider, Decides
from parley.report import words
from parley.report.conflict_words import ConflictWords
from parley.workbench.conflict import HEADLINE, Holds

SHOWN_DECIDERS = 8
SHOWN_NUMBERS = 12


@dataclass(frozen=True)
class DeciderRow:
    """Something on which it hangs whether a state holds."""

    words: str
    explained: float
    error: float
    low: str
    high: str
    assertions: tuple[str, ...]
    said: bool


@dataclass(frozen=True)
class ConflictView:
    """A conflict as it is shown.

    `names` are those of the parties, `record_names` how assertions and origins are called.
    """

    title: str
    holds: Holds
    decides: Decides | None
    names: Mapping[str, str]
    record_names: Mapping[str, str]

    @cached_property
    def words(self) -> ConflictWords:
        """The words of the conflict."""
        return ConflictWords(self.holds.conflict, self.names)

    @property
    def concepts(self) -> tuple[Concept, ...]:
        """The concepts that are shown, the most demanding first."""
        order = (Concept.NASH, Concept.SEQ, Concept.SMR, Concept.GMR, Concept.SIM)
        found = self.holds.stability
        known = set(found.stable) if found is not None else set()
        if self.holds.ensemble is not None:
            known = set(self.holds.ensemble.counts)
        return tuple(c for c in order if c in known)

    @property
    def size_words(self) -> str:
        """How large the conflict is, and where it stands."""
        conflict = self.holds.conflict
        options = len(conflict.moves.options)
        text = words.several(len(conflict.parties), "decision maker")
        text += f", {words.several(options, 'option')}" if options else ""
        text += f", {words.several(conflict.size, 'state')}."
        if conflict.status_quo is not None:
            text += f" Today: {self.words.state(conflict.status_quo)}."
        return text

    @property
    def reading_words(self) -> str:
        """How the numbers are to be read."""
        if self.holds.stability is None:
            return (
                "Some preferences are unknown. The four types differ in what a decision maker "
                "with doubts is taken to do."
            )
        if self.holds.ensemble is None:
            return "Preferences are as written; a mark means: holds for every decision maker."
        return (
            f"Shares of {self.holds.ensemble.worlds:,} worlds in which a state holds for every "
            "decision maker. They tell how far the record carries it, and are no forecast. A star: "
            "holds with every statement taken as meant."
        )

    @property
    def unknown_concepts(self) -> tuple[Concept, ...]:
        """The concepts of the types a to d."""
        found = self.holds.unknown
        return tuple(dict.fromkeys(concept for _, concept in found.stable)) if found else ()

    def reasons(self, state: int, concept: Concept) -> list[str]:
        """Why a state holds for each party, or not."""
        conflict = self.holds.conflict
        return [self.words.why(why(conflict, state, p, concept)) for p in conflict.parties]

    @staticmethod
    def numbers(states: Sequence[int]) -> str:
        """States (from 0) as numbers in a row."""
        shown = [str(s + 1) for s in states[:SHOWN_NUMBERS]]
        more = f" … ({len(states)})" if len(states) > SHOWN_NUMBERS else ""
        return ", ".join(shown) + more or "none"

    def told(self, most: int) -> list[int]:
        """The states that are told of: the most robust, and today."""
        start = self.holds.conflict.status_quo
        some = list(self.holds.ranked[:most])
        if start is not None and start not in some:
            some.append(start)
        return some

    @property
    def explained(self) -> list[int]:
        """The states whose reasons are told: the most robust, today, and those asked about."""
        conflict = self.holds.conflict
        wanted = [conflict.state(ref) for ref in conflict.moves.wanted]
        today = [] if conflict.status_quo is None else [conflict.status_quo]
        return list(
            dict.fromkeys([*self.holds.ranked[:1], *today, *self.holds.ranked[1:2], *wanted])
        )

    def number(self, state: int) -> str:
        """The number of a state, marked if it is the state of today."""
        today = " (today)" if state == self.holds.conflict.status_quo else ""
        return f"{state + 1}{today}"

    def is_equilibrium(self, concept: Concept, state: int) -> bool:
        """Whether a state is an equilibrium with preferences as written."""
        found = self.holds.stability
        return found is not None and state in found.equilibria.get(concept, ())

    def cell(self, concept: Concept, state: int) -> str:
        """A state under a concept: a share of worlds, or whether it holds."""
        star = self.is_equilibrium(concept, state)
        if self.holds.ensemble is None:
            return "holds" if star else "·"
        share = self.holds.ensemble.equilibrium(concept, state)
        return f"{words.percent(share.value)}{'*' if star else ''}"

    def state_words(self, state: int) -> list[str]:
        """Sentences about a state: how it is reached, and in how many worlds it holds."""
        found = self.holds.paths(state)
        lines = [self.words.ways(*found)] if found is not None else []
        if self.holds.ensemble is not None:
            shares = [
                f"{c.value} {words.with_margin(self.holds.ensemble.equilibrium(c, state))}"
                for c in self.concepts
            ]
            lines.append(f"Share of worlds in which it holds for all: {', '.join(shares)}.")
        return lines

    @cached_property
    def decided(self) -> str:
        """What it is of which is shown what decides: an outcome that is open, or a state."""
        if self.decides is None:
            return ""
        settled = self.decides.settled
        return next((name for name in settled if not settled[name]), "")

    @property
    def decided_words(self) -> str:
        """That in words."""
        named = {outcome.name for outcome in self.holds.outcomes}
        what = f"some state with “{self.decided}”" if self.decided in named else self.decided
        return f"{what} holds ({HEADLINE.value})"

    @cached_property
    def deciders(self) -> list[DeciderRow]:
        """What decides it; what always goes together is one."""
        outcome = self.decided
        if self.decides is None or self.decides.settled.get(outcome, True):
            return []
        joined: dict[object, Decider] = {}
        for decider in sorted(self.decides.ranked, key=lambda d: (d.kind == "origin", d.name)):
            effect = decider.effects[outcome]
            if effect.explained <= 2 * effect.standard_error:
                continue
            values = (effect.explained, effect.low.value, effect.high.value)
            same = values if decider.assertions else decider.name
            first = joined.setdefault(same, decider)
            both = tuple(sorted({*first.assertions, *decider.assertions}))
            joined[same] = replace(first, assertions=both)
        found = sorted(joined.values(), key=lambda d: (-d.effects[outcome].explained, d.name))
        return [self._row(decider, outcome) for decider in found[:SHOWN_DECIDERS]]

    def _row(self, decider: Decider, outcome: str) -> DeciderRow:
        effect = decider.effects[outcome]
        low, high = words.percent(effect.low.value), words.percent(effect.high.value)
        return DeciderRow(
            self.decider(decider),
            effect.explained,
            effect.standard_error,
            low,
            high,
            decider.assertions,
            bool(decider.assertions),
        )

    def decider(self, decider: Decider) -> str:
        """What it hangs on, in words."""
        name = self.record_names.get(decider.name, decider.name)
        if decider.kind == "assertion":
            more = len(decider.assertions) - 1
            also = f" (and {more} more of the same origin and grade)" if more else ""
            return f"whether this holds: {name}{also}"
        if decider.kind == "origin":
            return f"whether what comes from {name or 'unknown origin'} holds"
        who = self.names.get(decider.party, decider.party)
        if decider.kind == "importance":
            return f"how much it matters to {who} that {self.words.condition(decider.option)}"
        return f"how {who} would like {self.words.option(decider.option)}"
