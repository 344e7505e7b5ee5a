"""A case under study: what several analyses need, made once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from parley.case.agenda import Agenda, clauses
from parley.case.model import Case
from parley.deals.acceptance import Progress
from parley.deals.agreement import Agreement, Outcomes, agreement
from parley.deals.space import Space
from parley.deals.utilities import binding
from parley.errors import SettingError
from parley.preferences.evidence import Evidence, gather
from parley.preferences.worlds import MAX_WORLDS, Worlds, draw_worlds
from parley.record.claims import Record
from parley.texts.articles import Draft
from parley.workbench.conflict import ConflictStudy
from parley.workbench.finding import Finding, Method

DEFAULT_WORLDS = 10_000
"""Worlds on which findings are reported, unless asked otherwise."""


FEWEST = 2
"""Fewest worlds of a case in which something is open: one has no sampling error to tell."""


@dataclass(frozen=True, eq=False)
class Study:
    """A case, its record, and the settings under which it is analysed.

    What several analyses need (the worlds, the space of packages) is made once, when first
    asked for. `texts` are the proposals of the case.

    Raises
    ------
    SettingError
        If the number of worlds or the seed is out of range.
    """

    case: Case
    record: Record
    seed: int = 1
    worlds: int = DEFAULT_WORLDS
    progress: Progress | None = None
    texts: tuple[Draft, ...] = ()

    def __post_init__(self) -> None:
        self.check_settings(self.seed, self.worlds)

    @staticmethod
    def check_settings(seed: int, worlds: int) -> None:
        """Raise `SettingError` if seed or number of worlds is out of range."""
        if not 1 <= worlds <= MAX_WORLDS:
            raise SettingError(
                f"The number of worlds is {worlds}.",
                f"Ask for 1 to {MAX_WORLDS:,}; {DEFAULT_WORLDS:,} is usual.",
            )
        if seed < 0:
            raise SettingError(f"The seed is {seed}.", "Give a whole number from 0.")

    def tell(self, what: str, done: float) -> None:
        """Report progress, if anybody listens."""
        if self.progress is not None:
            self.progress(what, done)

    @cached_property
    def agenda(self) -> Agenda:
        """Issues and options in canonical order."""
        return Agenda.of(self.case)

    @cached_property
    def evidence(self) -> Evidence:
        """What the record says about preferences."""
        return gather(self.case, self.record)

    def _draw(self, stream: str) -> Worlds:
        self.tell("Drawing worlds that fit the record", 0.0)
        if self.worlds < FEWEST and not self.evidence.is_certain:
            raise SettingError(
                f"The number of worlds is {self.worlds}, which tells nothing.",
                f"Ask for at least {FEWEST}; {DEFAULT_WORLDS:,} is usual.",
            )
        size = 1 if self.evidence.is_certain else self.worlds
        return draw_worlds(self.case, self.record, size=size, seed=self.seed, stream=stream)

    @cached_property
    def search(self) -> Worlds:
        """The worlds on which packages are searched for."""
        return self._draw("search")

    @cached_property
    def report(self) -> Worlds:
        """The fresh worlds on which findings are reported."""
        return self._draw("report")

    @cached_property
    def space(self) -> Space:
        """All packages that the rules allow, with the vetoes of those whose consent is needed."""
        worlds = self.report
        vetoes = [worlds.vetoes[k].clause for k in binding(worlds)]
        return Space.of(self.agenda, clauses(self.agenda, self.case.rules), vetoes)

    @cached_property
    def agreed(self) -> tuple[Agreement, Outcomes]:
        """What could be agreed, over the worlds."""
        return agreement(self.space, self.search, self.report, self.progress)

    @cached_property
    def conflict(self) -> ConflictStudy | None:
        """The conflict of the case, in the same worlds; ``None`` if it has no moves."""
        if self.case.moves is None:
            return None
        return ConflictStudy(
            self.case.moves, self.case, self.record, self.seed, self.worlds, self.progress
        )

    def finding(
        self, name: str, method: Method, assertions: Iterable[str], result: object
    ) -> Finding:
        """A finding that was read off, or is exact."""
        return Finding(name, method, {}, None, True, tuple(sorted(assertions)), result)

    def sampled(self, name: str, method: Method, result: object) -> Finding:
        """A finding over the worlds; it rests on all that bears on preferences."""
        names = self.report.assertions
        if self.report.size == 1 and self.evidence.is_certain:
            return self.finding(name, method, names, result)
        settings = {"worlds": self.worlds, "search_worlds": self.worlds}
        if self.report.sweeps:
            settings["contradiction_sweeps"] = self.report.sweeps
        return Finding(name, method, settings, self.seed, False, names, result)
