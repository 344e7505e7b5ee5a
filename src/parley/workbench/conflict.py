"""A conflict under study: what would hold, how far the record carries it, and what decides.

Serves a case, whose preferences cite the record, and a conflict that stands alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from parley.case.model import Case
from parley.case.moves import Moves
from parley.case.states import read_rule
from parley.conflict.ensemble import Ensemble, is_open, stability_in_worlds
from parley.conflict.inverse import Change, whose_mind_must_change
from parley.conflict.model import Conflict
from parley.conflict.paths import MAX_STATES, Paths, Reached, reached_from, shortest_paths
from parley.conflict.stability import Concept, Progress, Stability, stability
from parley.conflict.unknown import UnknownStability, unknown_stability
from parley.errors import SettingError
from parley.preferences.sensitivity import Decides, rank
from parley.preferences.shares import Share, share
from parley.preferences.standing import Standing, draw_standing
from parley.preferences.streams import Streams
from parley.record.claims import Record
from parley.workbench.finding import Finding, Method

GRAPH_MODEL = Method(
    "graph model for conflict resolution",
    "methods/conflict.md",
    "Fang, Hipel & Kilgour 1993, Interactive Decision Making, Wiley",
)
OVER_WORLDS = Method(
    "graph model for conflict resolution, over worlds",
    "methods/conflict.md",
    "Fang, Hipel & Kilgour 1993; Lahdelma & Salminen 2001, Operations Research 49(3)",
)
DECIDES = Method(
    "share of variance explained",
    "methods/what-decides.md",
    "Plischke, Borgonovo & Smith 2013, European Journal of Operational Research 226",
)
INVERSE = Method(
    "inverse graph model",
    "methods/conflict.md",
    "Kinsara, Kilgour & Hipel 2015, European Journal of Operational Research",
)

FEWEST = 2
"""Fewest worlds of a conflict in which something is open: one has no sampling error to tell."""

HEADLINE = Concept.SEQ
"""The concept by which states are ranked: others answer, and only to their own advantage."""

FEW_STATES = 30
"""Up to so many states all are shown; above, those that matter."""

DECIDED = 3
"""States of which is said what decides whether they hold."""


@dataclass(frozen=True, eq=False)
class OutcomeHolds:
    """How far an outcome holds.

    Parameters
    ----------
    name
        Its name, or else its condition.
    states
        Shape (n,): the states that have it.
    as_written
        The equilibria (from 0) among them, with preferences as written.
    some, every
        Share of worlds in which some equilibrium has it, and in which all have it (and there
        is one); ``None`` where nothing is open.
    """

    name: str
    states: NDArray[np.bool_]
    as_written: tuple[int, ...]
    some: Share | None
    every: Share | None


@dataclass(frozen=True, eq=False)
class Holds:
    """What would hold.

    Parameters
    ----------
    conflict
        States, moves, and preferences as written: every statement on record taken as holding.
    stability
        With these preferences; ``None`` if comparisons are unknown.
    unknown
        Stability of the types a to d, if comparisons are unknown.
    ensemble
        Over worlds, where preferences are open.
    ranked
        The states (from 0) that are equilibria in some sense: first by `HEADLINE`, then by all.
    outcomes
        What the file asks about.
    """

    conflict: Conflict
    stability: Stability | None
    unknown: UnknownStability | None
    ensemble: Ensemble | None
    ranked: tuple[int, ...]
    outcomes: tuple[OutcomeHolds, ...] = ()

    @property
    def shown(self) -> tuple[int, ...]:
        """The states that a page shows: all if they are few, else those that matter."""
        conflict = self.conflict
        if conflict.size <= FEW_STATES:
            return tuple(range(conflict.size))
        wanted = [conflict.state(ref) for ref in conflict.moves.wanted]
        today = [] if conflict.status_quo is None else [conflict.status_quo]
        some = dict.fromkeys([*today, *wanted, *self.ranked])
        return tuple(sorted(list(some)[:FEW_STATES]))

    @cached_property
    def ways(self) -> tuple[Reached, Reached | None] | None:
        """What is reached from today: by any moves, and by improvements; ``None`` if not known."""
        conflict = self.conflict
        start = conflict.status_quo
        if start is None or conflict.size > MAX_STATES:
            return None
        complete = conflict.preferences.is_complete
        improving = reached_from(conflict, start, improving=True) if complete else None
        return reached_from(conflict, start), improving

    def paths(self, state: int) -> tuple[Paths, Paths | None] | None:
        """The shortest ways from today to a state: by any moves, and by improvements."""
        if self.ways is None:
            return None
        by_any, improving = self.ways
        better = shortest_paths(self.conflict, improving, state) if improving else None
        return shortest_paths(self.conflict, by_any, state), better


@dataclass(frozen=True)
class MustChange:
    """What would make a state (from 1) an equilibrium: what each would have to change."""

    state: int
    concept: Concept
    changes: tuple[Change, ...]


@dataclass(frozen=True, eq=False)
class ConflictStudy:
    """A conflict, what it rests on, and the settings under which it is analysed.

    `case` and `record` are ``None`` for a conflict that stands alone.
    """

    moves: Moves
    case: Case | None = None
    record: Record | None = None
    seed: int = 1
    worlds: int = 10_000
    progress: Progress | None = None

    @cached_property
    def conflict(self) -> Conflict:
        """States, moves and preferences as written."""
        return Conflict.of(self.moves)

    @cached_property
    def streams(self) -> Streams:
        """The random numbers: those of the worlds on which deals are reported."""
        return Streams(self.seed, "report", self.worlds)

    @cached_property
    def standing(self) -> Standing:
        """Which of the cited assertions hold in each world."""
        if self.case is None or self.record is None or not self.moves.cited:
            return Standing((), (), np.zeros((self.worlds, 0), dtype=bool))
        return draw_standing(self.case, self.record, self.moves.cited, self.streams)

    @cached_property
    def ensemble(self) -> Ensemble | None:
        """Stability over worlds; ``None`` where nothing is open."""
        if not is_open(self.conflict):
            return None
        if self.worlds < FEWEST:
            raise SettingError(
                f"The number of worlds is {self.worlds}, which tells nothing.",
                f"Ask for at least {FEWEST}; 10,000 is usual.",
            )
        return stability_in_worlds(self.conflict, self.standing, self.streams, self.progress)

    @cached_property
    def holds(self) -> Holds:
        """What would hold."""
        conflict = self.conflict
        complete = conflict.preferences.is_complete
        found = stability(conflict, progress=self.progress) if complete else None
        unknown = None if complete else unknown_stability(conflict)
        ranked, outcomes = self._ranked(found), self._outcomes(found)
        return Holds(conflict, found, unknown, self.ensemble, ranked, outcomes)

    def _outcomes(self, found: Stability | None) -> tuple[OutcomeHolds, ...]:
        states, result = self.conflict.states, []
        for outcome in self.moves.outcomes:
            where = states.where(read_rule(outcome.when, states.options))
            equilibria = found.equilibria[HEADLINE] if found is not None else ()
            written = tuple(s for s in equilibria if where[s])
            some = every = None
            if self.ensemble is not None:
                some = share(self.ensemble.some_with(HEADLINE, where))
                every = share(self.ensemble.all_with(HEADLINE, where))
            result.append(OutcomeHolds(outcome.name or outcome.when, where, written, some, every))
        return tuple(result)

    def _ranked(self, found: Stability | None) -> tuple[int, ...]:
        if self.ensemble is not None:
            frequency = self.ensemble.frequency
            total = np.sum(list(frequency.values()), axis=0)
            score = frequency[HEADLINE] * 2 * len(Concept) * self.worlds + total
        elif found is not None:
            score = np.zeros(self.conflict.size)
            for concept, states in found.equilibria.items():
                score[list(states)] += len(Concept) if concept is HEADLINE else 1
        else:
            return ()
        order = np.lexsort((np.arange(len(score)), -score))
        return tuple(int(s) for s in order[: int((score > 0).sum())])

    @cached_property
    def decides(self) -> Decides | None:
        """What decides whether the states that matter hold; ``None`` where nothing is open."""
        if self.ensemble is None:
            return None
        today = [] if self.conflict.status_quo is None else [self.conflict.status_quo]
        some = dict.fromkeys([*self.holds.ranked[:DECIDED], *today])
        outcomes = {
            outcome.name: self.ensemble.some_with(HEADLINE, outcome.states)
            for outcome in self.holds.outcomes
        }
        outcomes |= {f"state {s + 1}": self.ensemble.holds(HEADLINE, s) for s in some}
        standing = self.standing
        return rank(
            self.ensemble.things(), outcomes, standing.assertions, standing.holds, self.seed
        )

    def must_change(self, ref: int | str, concept: Concept = HEADLINE) -> MustChange:
        """Whose mind must change, about what, for a state to be an equilibrium."""
        state = self.conflict.state(ref)
        changes = whose_mind_must_change(self.conflict, state, concept)
        return MustChange(state + 1, concept, changes)

    def findings(self) -> Iterator[Finding]:
        """All findings about the conflict, for a briefing."""
        cited = tuple(sorted(self.moves.cited))
        exact = self.ensemble is None
        settings = {} if exact else {"worlds": self.worlds}
        seed = None if exact else self.seed
        method = GRAPH_MODEL if exact else OVER_WORLDS
        yield Finding("what would hold", method, settings, seed, exact, cited, self.holds)
        if self.decides is not None:
            yield Finding(
                "what decides what holds", DECIDES, settings, seed, False, cited, self.decides
            )
        if not self.conflict.preferences.is_complete:
            return
        for ref in self.moves.wanted:
            found = self.must_change(ref)
            name = f"what must change for state {found.state}"
            yield Finding(name, INVERSE, {}, None, True, cited, found)
