"""The workbench: analyses by name, each giving findings.

A `Finding` is frozen and carries everything that is needed to trust it or to repeat it: the
method and its source, the settings and the seed, whether it is exact or sampled and with what
error, the assertions that it rests on, and the version of Parley.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import parley
from parley.case.agenda import Agenda, clauses
from parley.case.model import Case
from parley.deals.acceptance import Progress
from parley.deals.agreement import Agreement, Outcomes, agreement
from parley.deals.counting import Count, count_rational
from parley.deals.frontier import Frontier, efficient_frontier
from parley.deals.solutions import Solutions, solve
from parley.deals.space import Space
from parley.deals.utilities import Utilities, binding, of_world
from parley.errors import SettingError
from parley.preferences.contradictions import contradictions
from parley.preferences.evidence import Evidence, gather
from parley.preferences.sensitivity import what_decides
from parley.preferences.worlds import MAX_WORLDS, Worlds, draw_worlds
from parley.record.claims import Record
from parley.record.summary import by_origin, figures, positions, timeline, unsourced

DEFAULT_WORLDS = 10_000
"""Worlds on which findings are reported, unless asked otherwise."""


FEWEST = 2
"""Fewest worlds of a case in which something is open: one has no sampling error to tell."""


@dataclass(frozen=True)
class Method:
    """How a finding was made.

    `page` is the method page in the documentation, `source` the publication that it follows.
    """

    name: str
    page: str
    source: str


READING = Method("reading of the record", "reference/case-folder.md", "")
WORLDS = Method(
    "acceptance over worlds",
    "methods/acceptance.md",
    "Lahdelma & Salminen 2001, Operations Research 49(3)",
)
SENSITIVITY = Method(
    "share of variance explained",
    "methods/what-decides.md",
    "Plischke, Borgonovo & Smith 2013, European Journal of Operational Research 226",
)
FRONTIER = Method(
    "efficient frontier and bargaining solutions",
    "methods/deals.md",
    "Bergman & Cire 2016, CP; Nash 1950, Econometrica 18(2)",
)


@dataclass(frozen=True)
class Finding:
    """A result with all that is needed to trust it, or to repeat it.

    Parameters
    ----------
    name
        Stable name, by which it is found in ``findings.json``.
    method
        How it was made.
    settings
        What was asked for.
    seed
        Seed of what was sampled; ``None`` if nothing was.
    exact
        Whether it is exact. If not, the result carries standard errors.
    assertions
        Ids of the assertions that it rests on, sorted.
    result
        The result: a frozen dataclass, or a tuple of such.
    version
        The version of Parley.
    """

    name: str
    method: Method
    settings: Mapping[str, int]
    seed: int | None
    exact: bool
    assertions: tuple[str, ...]
    result: object
    version: str = field(default=parley.__version__)


@dataclass(frozen=True)
class Stakes:
    """What is on the table: how many of each, and how many packages the rules allow."""

    title: str
    as_of: str
    parties: int
    issues: int
    options: int
    rules: int
    packages: int
    assertions: int
    origins: int
    publications: int


@dataclass(frozen=True, eq=False)
class OneWorld:
    """The analysis of a case in which everything is certain."""

    utilities: Utilities
    frontier: Frontier
    solutions: Solutions
    rational: Count


@dataclass(frozen=True, eq=False)
class Study:
    """A case, its record, and the settings under which it is analysed.

    What several analyses need (the worlds, the space of packages) is made once, when first
    asked for.

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

    def __post_init__(self) -> None:
        if not 1 <= self.worlds <= MAX_WORLDS:
            raise SettingError(
                f"The number of worlds is {self.worlds}.",
                f"Ask for 1 to {MAX_WORLDS:,}; {DEFAULT_WORLDS:,} is usual.",
            )
        if self.seed < 0:
            raise SettingError(f"The seed is {self.seed}.", "Give a whole number from 0.")

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


Analysis = Callable[[Study], Iterator[Finding]]


def stakes(study: Study) -> Iterator[Finding]:
    """What is on the table."""
    case, record = study.case, study.record
    known = {a.origin for a in record.assertions if a.origin}
    result = Stakes(
        title=case.title,
        as_of=str(case.as_of),
        parties=len(case.parties),
        issues=len(case.issues),
        options=study.agenda.size,
        rules=len(case.rules),
        packages=study.space.count,
        assertions=len(record.assertions),
        origins=len(known),
        publications=len({p for a in record.assertions for p in a.publications}),
    )
    yield study.finding("stakes", READING, (a.id for a in record.assertions), result)


def wants(study: Study) -> Iterator[Finding]:
    """Who wants what: one finding for each party and issue."""
    for item in positions(study.case, study.record):
        name = f"position {item.party} {item.issue}"
        yield study.finding(name, READING, item.assertions, item)


def contested(study: Study) -> Iterator[Finding]:
    """Figures side by side, what contradicts what, and where the record comes from."""
    for topic in figures(study.record):
        rows = [row.assertion for row in topic.rows]
        yield study.finding(f"figures {topic.topic}", READING, rows, topic)
    ties = study.evidence.ties
    for found in contradictions(ties.groups, ties.denials):
        name = "contradiction " + " ".join(found.assertions)
        yield study.finding(name, READING, found.assertions, found)
    for origin in by_origin(study.record):
        name = f"origin {origin.origin or '(unknown)'}"
        yield study.finding(name, READING, origin.assertions, origin)
    missing = unsourced(study.record)
    yield study.finding("without source", READING, missing, missing)


def times(study: Study) -> Iterator[Finding]:
    """The time line of statements."""
    moments = timeline(study.record)
    yield study.finding("timeline", READING, (m.assertion for m in moments), moments)


def deals(study: Study) -> Iterator[Finding]:
    """Where agreement lies."""
    yield study.sampled("agreement", WORLDS, study.agreed[0])


def decides(study: Study) -> Iterator[Finding]:
    """What decides."""
    outcomes = study.agreed[1]
    study.tell("Looking for what decides", 0.0)
    named = {"some": outcomes.some, "leading": outcomes.leading}
    yield study.sampled("what decides", SENSITIVITY, what_decides(study.report, named))


def certain(study: Study) -> Iterator[Finding]:
    """Frontier and bargaining solutions, where everything is certain; else nothing."""
    if not study.evidence.is_certain:
        return
    utilities = of_world(study.report, 0)
    active = study.report.active[0, binding(study.report)]
    frontier = efficient_frontier(study.space, utilities, active)
    result = OneWorld(
        utilities,
        frontier,
        solve(study.space, utilities, active),
        count_rational(study.space, utilities, active, seed=study.seed),
    )
    found = study.finding("solutions", FRONTIER, study.report.assertions, result)
    if not result.rational.exact:
        settings = {"samples": result.rational.samples}
        found = replace(found, exact=False, settings=settings, seed=study.seed)
    yield found


ANALYSES: Mapping[str, Analysis] = {
    "stakes": stakes,
    "wants": wants,
    "contested": contested,
    "timeline": times,
    "agreement": deals,
    "decides": decides,
    "solutions": certain,
}
"""The analyses by name, in the order of the briefing."""


def run(study: Study, names: Iterable[str] = tuple(ANALYSES)) -> tuple[Finding, ...]:
    """Run analyses by name.

    Raises
    ------
    SettingError
        If there is no analysis of that name.
    """
    findings: list[Finding] = []
    for name in names:
        if name not in ANALYSES:
            raise SettingError(
                f"There is no analysis `{name}`.", f"Known are: {', '.join(ANALYSES)}."
            )
        findings += ANALYSES[name](study)
    return tuple(findings)
