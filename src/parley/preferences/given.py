"""Utilities that the record gives as certain: a published study, a teaching case, a profile."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parley.case.agenda import Agenda
from parley.preferences.statements import FlatPair
from parley.record.claims import Assertion, Record


@dataclass(frozen=True, eq=False)
class Given:
    """Utilities of one party, in its own units.

    `values` has shape (K,) over the flat options; `no_agreement` is ``None`` if not given.
    """

    assertion: str
    party: str
    values: NDArray[np.float64]
    no_agreement: float | None

    def best_and_worst(self, agenda: Agenda) -> tuple[float, float]:
        """Worth of the package that is best, and of the one that is worst, on every issue."""
        starts = agenda.offsets[:-1]
        best = np.maximum.reduceat(self.values, starts).sum()
        worst = np.minimum.reduceat(self.values, starts).sum()
        return float(best), float(worst)


def given_utilities(agenda: Agenda, record: Record) -> dict[str, Given]:
    """For each party with given utilities, these; the first by id if a party has two."""
    found: dict[str, Given] = {}
    for assertion in sorted(record.assertions, key=lambda a: a.id):
        if assertion.utilities is not None and assertion.party is not None:
            found.setdefault(assertion.party, _given(agenda, assertion, assertion.utilities))
    return found


def _given(
    agenda: Agenda, assertion: Assertion, utilities: Mapping[str, Mapping[str, float]]
) -> Given:
    values = np.zeros(agenda.size)
    for flat in range(agenda.size):
        issue, option = agenda.name(flat)
        values[flat] = utilities[issue][option]
    return Given(assertion.id, str(assertion.party), values, assertion.no_agreement)


def orders_of(agenda: Agenda, given: Iterable[Given]) -> dict[tuple[str, str], frozenset[FlatPair]]:
    """The orders that given utilities imply, by (party, issue), and by (party, "") for weights."""
    orders: dict[tuple[str, str], frozenset[FlatPair]] = {}
    for item in given:
        spans = []
        for issue, name in enumerate(agenda.issues):
            flats = range(agenda.offsets[issue], agenda.offsets[issue + 1])
            worth = {flat: float(item.values[flat]) for flat in flats}
            orders[item.party, name] = _strictly_above(worth)
            spans.append(max(worth.values()) - min(worth.values()))
        orders[item.party, ""] = _strictly_above(dict(enumerate(spans)))
    return orders


def _strictly_above(worth: Mapping[int, float]) -> frozenset[FlatPair]:
    return frozenset((a, b) for a in worth for b in worth if worth[a] > worth[b])
