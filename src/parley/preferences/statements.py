"""What each assertion implies for one party's preferences.

The table is in docs/methods/worlds.md, section 2.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from parley.case.agenda import Agenda, Clause, by_issue, others
from parley.case.model import Case
from parley.record.claims import Act, Assertion, Record

ACCEPTING = frozenset({Act.OFFER, Act.ACCEPT, Act.PROMISE})
THRESHOLD = -1
"""Stands for the line between acceptable and rejected options, in `Implication.checks`."""

FlatPair = tuple[int, int]


@dataclass(frozen=True)
class Implication:
    """What an assertion implies if it holds.

    Parameters
    ----------
    assertion
        Id of the assertion.
    party
        The party whose preferences it constrains; ``""`` if those of none.
    issue
        Index of the issue of `above`, `checks` and `acceptable`; -1 if none.
    above
        Flat options (a, b): a scores higher than b.
    checks
        As `above`, with `THRESHOLD` for the line between acceptable and rejected. Used only to
        see whether statements contradict each other.
    acceptable
        Flat options that are worth at least what no agreement is worth.
    heavier
        Issue indices (i, j): issue i weighs no less than j.
    vetoes
        Kinds of package that the party does not accept.
    alternative
        Party whose value of no agreement it bears on, and in which direction.
    """

    assertion: str
    party: str = ""
    issue: int = -1
    above: frozenset[FlatPair] = frozenset()
    checks: frozenset[FlatPair] = frozenset()
    acceptable: frozenset[int] = frozenset()
    heavier: frozenset[FlatPair] = frozenset()
    vetoes: tuple[Clause, ...] = ()
    alternative: tuple[str, Literal["better", "worse"]] | None = None

    @property
    def orders_something(self) -> bool:
        """Whether it constrains what its party likes."""
        return bool(self.checks or self.acceptable or self.heavier or self.vetoes)

    @property
    def is_empty(self) -> bool:
        """Whether it constrains nothing at all."""
        return not self.orders_something and self.alternative is None


def implications(case: Case, agenda: Agenda, record: Record) -> tuple[Implication, ...]:
    """What every assertion implies, in order of their ids; those that imply nothing are left out.

    Assertions that give utilities imply nothing here; see `parley.preferences.given`.
    """
    known = {party.id for party in case.parties}
    found = (
        implication(agenda, assertion)
        for assertion in sorted(record.assertions, key=lambda a: a.id)
        if assertion.party is None or assertion.party in known
    )
    return tuple(item for item in found if not item.is_empty)


def implication(agenda: Agenda, assertion: Assertion) -> Implication:
    """What one assertion implies."""
    bearing = assertion.without_agreement
    alternative = (bearing.party, bearing.becomes) if bearing else None
    if assertion.party is None or assertion.issue is None or assertion.utilities is not None:
        return Implication(assertion.id, alternative=alternative)
    named = frozenset(agenda.flat(assertion.issue, option) for option in assertion.options)
    issue = agenda.issues.index(assertion.issue)
    above, checks, acceptable = frozenset[FlatPair](), _conditional_checks(assertion, named), named
    if not assertion.condition:
        above, checks = _orders(agenda, assertion, named)
    if assertion.condition or assertion.act not in ACCEPTING:
        acceptable = frozenset()
    return Implication(
        assertion.id,
        assertion.party,
        issue,
        above=above,
        checks=above | checks,
        acceptable=acceptable,
        heavier=_priorities(agenda, assertion, issue),
        vetoes=tuple(_vetoes(agenda, assertion, named)),
        alternative=alternative,
    )


def _orders(
    agenda: Agenda, assertion: Assertion, named: frozenset[int]
) -> tuple[frozenset[FlatPair], frozenset[FlatPair]]:
    """The order of the options, and what is checked besides."""
    if not named:
        return frozenset(), frozenset()
    act, rest = assertion.act, others(agenda, named)
    over_line = frozenset((a, THRESHOLD) for a in named)
    if act is Act.DEMAND:
        barred = rest if assertion.red_line else frozenset[int]()
        return _all_above(named, rest), frozenset((THRESHOLD, b) for b in barred)
    if act is Act.REJECT:
        return _all_above(rest, named), frozenset((THRESHOLD, a) for a in named)
    if act is Act.PREFER:
        issue = agenda.issues[int(agenda.issue_of[min(named)])]
        less = frozenset(agenda.flat(issue, option) for option in assertion.over)
        return _all_above(named, less), frozenset()
    if act in ACCEPTING:
        return frozenset(), over_line
    return frozenset(), frozenset()


def _conditional_checks(assertion: Assertion, named: frozenset[int]) -> frozenset[FlatPair]:
    """To accept an option on a condition contradicts to reject it whatever else is agreed."""
    if assertion.act in ACCEPTING:
        return frozenset((a, THRESHOLD) for a in named)
    return frozenset()


def _priorities(agenda: Agenda, assertion: Assertion, issue: int) -> frozenset[FlatPair]:
    if assertion.act is not Act.PRIORITY:
        return frozenset()
    if assertion.over == "all":
        lighter = set(range(len(agenda.issues))) - {issue}
    else:
        lighter = {agenda.issues.index(name) for name in assertion.over}
    return frozenset((issue, j) for j in lighter)


def _vetoes(agenda: Agenda, assertion: Assertion, named: frozenset[int]) -> Iterator[Clause]:
    condition = by_issue(agenda, assertion.condition)
    act = assertion.act
    if not condition:
        if assertion.red_line and named:
            yield Clause((named if act is Act.REJECT else others(agenda, named),))
    elif act is Act.DEMAND:
        yield Clause((*condition, others(agenda, named)))
    elif act is Act.REJECT:
        yield Clause((*condition, named))
    elif act in ACCEPTING:
        for wanted in condition:
            yield Clause((named, others(agenda, wanted)))


def _all_above(high: frozenset[int], low: frozenset[int]) -> frozenset[FlatPair]:
    return frozenset((a, b) for a in high for b in low)
