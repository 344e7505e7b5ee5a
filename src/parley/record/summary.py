"""The record, summed up without judging it: who wants what, by origin, figures, the time line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from parley.case.dates import When
from parley.case.model import Case
from parley.record.claims import Act, Assertion, Record

FIRMNESS = ("red line", "demand", "preference", "acceptable", "rejected", "priority", "mentioned")
"""How firm a position is, from the firmest; what is only rejected names no wish."""


@dataclass(frozen=True)
class Position:
    """What the record says that a party wants on an issue.

    Parameters
    ----------
    preferred, acceptable, rejected
        Option ids: demanded or preferred; offered, accepted or promised; rejected.
    firmness
        The firmest of `FIRMNESS` that was said, or ``"nothing said"``.
    conditional
        Whether something of it was said on a condition.
    grade
        Best grade among the statements (by letter, then digit); ``""`` if none is graded.
    origins
        Number of independent origins: known ones, each once.
    unknown_origin
        Whether there are also statements of unknown origin, which count as none.
    publications
        Number of publications that carry the statements.
    assertions
        Their ids, sorted.
    """

    party: str
    issue: str
    preferred: tuple[str, ...]
    acceptable: tuple[str, ...]
    rejected: tuple[str, ...]
    firmness: str
    conditional: bool
    grade: str
    origins: int
    unknown_origin: bool
    publications: int
    assertions: tuple[str, ...]


@dataclass(frozen=True)
class OriginCount:
    """One origin: what came from it, and how many publications carried it.

    `origin` is ``""`` for all that is of unknown origin.
    """

    origin: str
    name: str
    assertions: tuple[str, ...]
    publications: int


@dataclass(frozen=True)
class FigureRow:
    """One source's figure: as given, never merged with another's."""

    assertion: str
    low: float | None
    best: float | None
    high: float | None
    unit: str
    bound: str
    counts: str
    phrase: str


@dataclass(frozen=True)
class FigureTopic:
    """All figures on one topic, side by side; `contested` if two of them exclude each other."""

    topic: str
    rows: tuple[FigureRow, ...]
    contested: bool


@dataclass(frozen=True)
class Moment:
    """An assertion on the time line; `known_by` tells which of its times was used."""

    assertion: str
    when: When
    known_by: str


def set_aside(record: Record) -> frozenset[str]:
    """Ids of assertions that another corrects or withdraws."""
    return frozenset(earlier for a in record.assertions for earlier in (*a.corrects, *a.withdraws))


def positions(case: Case, record: Record) -> tuple[Position, ...]:
    """What each party wants on each issue, in the order of the case."""
    said: dict[tuple[str, str], list[Assertion]] = defaultdict(list)
    for assertion in sorted(record.assertions, key=lambda a: a.id):
        if assertion.party and assertion.issue:
            said[assertion.party, assertion.issue].append(assertion)
    gone = set_aside(record)
    return tuple(
        _position(party.id, issue.id, said[party.id, issue.id], gone)
        for party in case.parties
        for issue in case.issues
    )


def _position(party: str, issue: str, said: list[Assertion], gone: frozenset[str]) -> Position:
    current = [a for a in said if a.id not in gone]
    return Position(
        party=party,
        issue=issue,
        preferred=_named(current, {Act.DEMAND, Act.PREFER}),
        acceptable=_named(current, {Act.OFFER, Act.ACCEPT, Act.PROMISE}),
        rejected=_named(current, {Act.REJECT}),
        firmness=_firmness(current),
        conditional=any(a.condition for a in current),
        grade=min((str(a.grade) for a in current if a.grade), default=""),
        origins=len({a.origin for a in current if a.origin}),
        unknown_origin=any(a.origin is None and a.judgement is None for a in current),
        publications=len({p for a in current for p in a.publications}),
        assertions=tuple(a.id for a in said),
    )


def _named(said: Iterable[Assertion], acts: set[Act]) -> tuple[str, ...]:
    return tuple(sorted({option for a in said if a.act in acts for option in a.options}))


def _firmness(said: list[Assertion]) -> str:
    def rank(assertion: Assertion) -> int:
        if assertion.red_line:
            return 0
        by_act = {
            Act.DEMAND: 1,
            Act.PREFER: 2,
            Act.OFFER: 3,
            Act.ACCEPT: 3,
            Act.PROMISE: 3,
            Act.REJECT: 4,
            Act.PRIORITY: 5,
        }
        return by_act.get(assertion.act, 6)

    return FIRMNESS[min(map(rank, said))] if said else "nothing said"


def by_origin(record: Record) -> tuple[OriginCount, ...]:
    """Every origin with what came from it, most assertions first; unknown origins last."""
    said: dict[str, list[Assertion]] = defaultdict(list)
    for assertion in sorted(record.assertions, key=lambda a: a.id):
        if assertion.judgement is None or assertion.origin:
            said[assertion.origin or ""].append(assertion)
    names = {origin.id: origin.name for origin in record.origins} | {"": "unknown"}
    rows = [
        OriginCount(
            origin,
            names.get(origin, origin),
            tuple(a.id for a in some),
            len({p for a in some for p in a.publications}),
        )
        for origin, some in said.items()
    ]
    return tuple(sorted(rows, key=lambda r: (not r.origin, -len(r.assertions), r.origin)))


def figures(record: Record) -> tuple[FigureTopic, ...]:
    """All figures by topic, sorted; within a topic by the ids of the assertions."""
    rows: dict[str, list[FigureRow]] = defaultdict(list)
    for assertion in sorted(record.assertions, key=lambda a: a.id):
        f = assertion.figure
        if f is not None:
            row = FigureRow(
                assertion.id, f.low, f.best, f.high, f.unit, f.bound, f.counts, f.phrase
            )
            rows[f.topic].append(row)
    return tuple(FigureTopic(t, tuple(some), _contested(some)) for t, some in sorted(rows.items()))


def reach(row: FigureRow) -> tuple[float, float]:
    """The bounds of what a source said; infinite where it named none on that side."""
    given = [x for x in (row.low, row.best, row.high) if x is not None]
    low, high = min(given), max(given)
    if row.bound in {"at least", "more than"} and row.high is None:
        high = float("inf")
    if row.bound in {"up to", "fewer than"} and row.low is None:
        low = float("-inf")
    return low, high


def _contested(rows: list[FigureRow]) -> bool:
    spans = [reach(row) for row in rows]
    return max(low for low, _ in spans) > min(high for _, high in spans)


def unsourced(record: Record) -> tuple[str, ...]:
    """Ids of assertions with neither publication nor chain, that are not judgements; sorted."""
    return tuple(
        sorted(
            a.id
            for a in record.assertions
            if not a.publications and not a.hops and a.judgement is None
        )
    )


def timeline(record: Record) -> tuple[Moment, ...]:
    """The assertions in order of time: of the statement, else of publication, else of the event."""
    published = {p.id: p.published for p in record.publications}
    moments = []
    for assertion in record.assertions:
        times = assertion.times
        carried = [published[p] for p in assertion.publications if p in published]
        first = min(carried, key=lambda w: w.earliest, default=None)
        known = [
            ("statement", times.statement),
            ("publication", times.publication or first),
            ("event", times.event),
        ]
        for known_by, when in known:
            if when is not None:
                moments.append(Moment(assertion.id, when, known_by))
                break
    return tuple(sorted(moments, key=lambda m: (m.when.earliest, m.when.latest, m.assertion)))
