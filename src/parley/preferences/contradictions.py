"""Which assertions cannot hold together. See docs/methods/worlds.md, 3.3."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

from parley.case.agenda import Agenda
from parley.preferences.orders import is_order
from parley.preferences.statements import FlatPair, Implication
from parley.record.claims import Record

MAX_LISTED_SIZE = 4
"""Contradictions among more assertions than this are not listed one by one (but do count)."""


@dataclass(frozen=True)
class Group:
    """Assertions about one order of one party: an issue's options, or the weights.

    `about` is (party, issue id), or (party, "") for the weights. `pairs` gives for each
    assertion what it orders; `fixed` what given utilities order.
    """

    about: tuple[str, str]
    pairs: Mapping[str, frozenset[FlatPair]]
    fixed: frozenset[FlatPair] = frozenset()

    def consistent(self, held: Iterable[str]) -> bool:
        """Whether these assertions (others are passed over) can hold together."""
        union = self.fixed.union(*(self.pairs[a] for a in held if a in self.pairs))
        names = {x: k for k, x in enumerate(sorted({x for pair in union for x in pair}))}
        return is_order(len(names), ((names[a], names[b]) for a, b in union))


@dataclass(frozen=True)
class Contradiction:
    """Assertions of which not all can hold, and why.

    `about` is (party, issue id) for statements about one order, ("", "") for a denial.
    """

    assertions: tuple[str, ...]
    about: tuple[str, str]


def groups(
    agenda: Agenda,
    found: Iterable[Implication],
    given: Mapping[tuple[str, str], frozenset[FlatPair]],
) -> tuple[Group, ...]:
    """The groups in which statements might contradict each other, in canonical order.

    `given` has the orders that given utilities imply, for each party and issue.
    """
    pairs: dict[tuple[str, str], dict[str, frozenset[FlatPair]]] = defaultdict(dict)
    for item in found:
        if item.checks:
            pairs[item.party, agenda.issues[item.issue]][item.assertion] = item.checks
        if item.heavier:
            pairs[item.party, ""][item.assertion] = item.heavier
    everything = (Group(k, v, given.get(k, frozenset())) for k, v in sorted(pairs.items()))
    return tuple(group for group in everything if not group.consistent(group.pairs))


def denials(record: Record) -> tuple[tuple[str, str], ...]:
    """Pairs of which one assertion denies the other, sorted."""
    known = {assertion.id for assertion in record.assertions}
    found = {
        tuple(sorted((assertion.id, denied)))
        for assertion in record.assertions
        for denied in assertion.denies
        if denied in known
    }
    return tuple((a, b) for a, b in sorted(found))


def superseding(record: Record) -> dict[str, frozenset[str]]:
    """For each assertion those that correct or withdraw it, also by way of others."""
    direct: dict[str, set[str]] = defaultdict(set)
    for assertion in record.assertions:
        for earlier in (*assertion.corrects, *assertion.withdraws):
            direct[earlier].add(assertion.id)
    return {earlier: frozenset(_reach(direct, earlier)) for earlier in sorted(direct)}


def _reach(direct: Mapping[str, set[str]], start: str) -> set[str]:
    seen: set[str] = set()
    waiting = sorted(direct.get(start, ()))
    while waiting:
        later = waiting.pop()
        if later not in seen:
            seen.add(later)
            waiting += sorted(direct.get(later, ()))
    return seen - {start}


def contradictions(
    found_groups: Iterable[Group], denied: Iterable[tuple[str, str]]
) -> tuple[Contradiction, ...]:
    """The smallest sets of assertions that cannot all hold (up to `MAX_LISTED_SIZE` each)."""
    listed = [Contradiction(pair, ("", "")) for pair in denied]
    for group in found_groups:
        listed += [Contradiction(names, group.about) for names in _smallest(group)]
    return tuple(sorted(listed, key=lambda c: (len(c.assertions), c.assertions)))


def _smallest(group: Group) -> Iterator[tuple[str, ...]]:
    known: list[set[str]] = []
    names = sorted(group.pairs)
    for size in range(1, min(MAX_LISTED_SIZE, len(names)) + 1):
        for some in combinations(names, size):
            if any(small <= set(some) for small in known) or group.consistent(some):
                continue
            known.append(set(some))
            yield some
