"""What the record says about preferences, gathered and put in canonical order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parley.case.agenda import Agenda
from parley.case.model import Case
from parley.errors import ContradictionError
from parley.preferences.atoms import Atom
from parley.preferences.contradictions import denials, groups, superseding
from parley.preferences.given import Given, given_utilities, orders_of
from parley.preferences.grades import grid, probability, standing_key
from parley.preferences.holding import refuse_certain_contradictions
from parley.preferences.statements import Implication, implications
from parley.preferences.streams import Streams
from parley.preferences.ties import Ties
from parley.record.claims import Assertion, Record

UNKNOWN_ORIGIN = ""
"""Stands for the origin of all assertions whose origin is not known."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """The assertions that bear on preferences, and what they imply.

    `names` are their ids, sorted; `assertions` and `origins` go with them. `parties` are those
    that have preferences here: whose consent is needed, or of whom something is said.
    """

    agenda: Agenda
    parties: tuple[str, ...]
    names: tuple[str, ...]
    assertions: tuple[Assertion, ...]
    origins: tuple[str, ...]
    found: tuple[Implication, ...]
    given: Mapping[str, Given]
    ties: Ties

    @property
    def is_certain(self) -> bool:
        """Whether nothing is left to draw: all utilities are given, and all else is certain."""
        sure = all(standing_key(assertion) == "certain" for assertion in self.assertions)
        known = (self.given.get(party) for party in self.parties)
        return sure and all(item and item.no_agreement is not None for item in known)

    def atoms(self, streams: Streams) -> list[Atom]:
        """The assertions by origin and grade, with the probability of each, in canonical order."""
        members: dict[tuple[str, str], list[int]] = defaultdict(list)
        for k, assertion in enumerate(self.assertions):
            members[self.origins[k], standing_key(assertion)].append(k)
        grades = grid(streams)
        return [
            Atom(
                origin,
                key,
                tuple(some),
                probability(self.assertions[some[0]], origin, grades, streams),
            )
            for (origin, key), some in sorted(members.items())
        ]

    def alternatives(
        self, party: str, holds: NDArray[np.bool_]
    ) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """For each world the origins that hold and make no agreement better, and worse; (W,)."""
        return self._origins(party, "better", holds), self._origins(party, "worse", holds)

    def _origins(self, party: str, becomes: str, holds: NDArray[np.bool_]) -> NDArray[np.intp]:
        columns: dict[str, list[int]] = defaultdict(list)
        for item in self.found:
            if item.alternative == (party, becomes):
                k = self.names.index(item.assertion)
                columns[self.origins[k]].append(k)
        count = np.zeros(holds.shape[0], dtype=np.intp)
        for some in columns.values():
            count += holds[:, some].any(axis=1)
        return count


def origin_of(assertion: Assertion) -> str:
    """The origin with which an assertion stands or falls.

    A judgement without an origin is an origin of its own; so is what is certain, which never
    falls. All others of unknown origin share one.
    """
    if assertion.origin is not None:
        return assertion.origin
    own = assertion.judgement is not None or standing_key(assertion) == "certain"
    return f"({assertion.id})" if own else UNKNOWN_ORIGIN


def gather(case: Case, record: Record, also: Iterable[str] = ()) -> Evidence:
    """Gather what the record says about preferences.

    `also` are ids of assertions that are to be among them although they imply nothing for deals.

    Raises
    ------
    ContradictionError
        If assertions that are certain contradict each other, or a party has two utilities.
    """
    agenda = Agenda.of(case)
    found = implications(case, agenda, record)
    given = given_utilities(agenda, record)
    _refuse_two_utilities(record)
    later = superseding(record)
    names = _bearing(record, found, given, later, frozenset(also))
    ties = Ties(
        groups(agenda, found, orders_of(agenda, given.values())),
        tuple(pair for pair in denials(record) if set(pair) <= set(names)),
        {name: some for name, some in later.items() if name in names},
    )
    by_id = {assertion.id: assertion for assertion in record.assertions}
    assertions = tuple(by_id[name] for name in names)
    spoken_of = {item.party for item in found if item.orders_something} | set(given)
    needed = {party.id for party in case.parties if party.consent_needed}
    return Evidence(
        agenda=agenda,
        parties=tuple(sorted(needed | spoken_of)),
        names=names,
        assertions=assertions,
        origins=tuple(origin_of(assertion) for assertion in assertions),
        found=found,
        given=given,
        ties=ties,
    )


def refuse_contradictions(case: Case, record: Record) -> None:
    """Raise `ContradictionError` if what is certain contradicts itself; used by ``check``."""
    evidence = gather(case, record)
    sure = [
        Atom("", "certain", (k,), np.ones(1))
        for k, assertion in enumerate(evidence.assertions)
        if standing_key(assertion) == "certain"
    ]
    refuse_certain_contradictions(evidence.names, sure, evidence.ties)


def _bearing(
    record: Record,
    found: tuple[Implication, ...],
    given: Mapping[str, Given],
    later: Mapping[str, frozenset[str]],
    also: frozenset[str],
) -> tuple[str, ...]:
    """Ids of the assertions that bear on preferences, also by denying or setting aside another."""
    names = {item.assertion for item in found} | {item.assertion for item in given.values()}
    names |= also
    names |= {setter for name in sorted(names) for setter in later.get(name, ())}
    names |= {name for pair in denials(record) if names & set(pair) for name in pair}
    return tuple(sorted(names))


def _refuse_two_utilities(record: Record) -> None:
    seen: dict[str, str] = {}
    for assertion in sorted(record.assertions, key=lambda a: a.id):
        if assertion.utilities is None or assertion.party is None:
            continue
        first = seen.setdefault(assertion.party, assertion.id)
        if first != assertion.id:
            raise ContradictionError(
                f"'{first}' and '{assertion.id}' both give utilities of '{assertion.party}'.",
                "Keep one of them.",
                (first, assertion.id),
            )
