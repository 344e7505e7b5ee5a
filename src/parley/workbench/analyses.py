"""The analyses by name, each giving findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from parley.deals.counting import Count, count_rational
from parley.deals.frontier import Frontier, efficient_frontier
from parley.deals.solutions import Solutions, solve
from parley.deals.utilities import Utilities, binding, of_world
from parley.errors import SettingError
from parley.preferences.contradictions import contradictions
from parley.preferences.sensitivity import what_decides
from parley.record.summary import by_origin, figures, positions, timeline, unsourced
from parley.workbench.finding import Finding, Method
from parley.workbench.study import Study
from parley.workbench.texts import text_in_case

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


TEXTS = Method("texts in the light of the case", "methods/texts.md", "")

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


def conflict(study: Study) -> Iterator[Finding]:
    """What would hold: moves and counter-moves, where the case has some."""
    if study.conflict is not None:
        yield from study.conflict.findings()


def texts(study: Study) -> Iterator[Finding]:
    """The proposals: what each gives and asks, and where it stands; where the case has some."""
    for text in study.texts:
        found = text_in_case(study, text)
        yield study.sampled(f"text {text.front.party or text.front.title}", TEXTS, found)


ANALYSES: Mapping[str, Analysis] = {
    "stakes": stakes,
    "wants": wants,
    "contested": contested,
    "timeline": times,
    "agreement": deals,
    "decides": decides,
    "solutions": certain,
    "conflict": conflict,
    "texts": texts,
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
