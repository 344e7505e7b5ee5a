"""Written texts against the case: what each gives and asks, what it bears out, where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from parley.case.agenda import Clause, others
from parley.deals.acceptance import suited
from parley.deals.space import Space
from parley.errors import SettingError
from parley.preferences.shares import Share, share
from parley.record.claims import Act, Assertion, Record
from parley.texts.articles import Draft
from parley.texts.comparing.table import options_on

if TYPE_CHECKING:
    from parley.workbench.study import Study

_WANTS = frozenset({Act.DEMAND, Act.OFFER, Act.ACCEPT, Act.PREFER, Act.PROMISE})


@dataclass(frozen=True)
class OnIssue:
    """What a text says on an issue, beside what is on record.

    Parameters
    ----------
    issue, options
        The issue, and the options that the text names.
    asks
        Statements of the text's own party that its words bear out: what it asks for, or gives;
        those of any party where it is not known whose text it is.
    gives
        Statements of other parties that wanted what the text names.
    against
        Statements of other parties that reject it.
    departs
        Statements of the text's own party that its words go against.
    """

    issue: str
    options: tuple[str, ...]
    asks: tuple[str, ...]
    gives: tuple[str, ...]
    against: tuple[str, ...]
    departs: tuple[str, ...]


@dataclass(frozen=True)
class Worth:
    """What a text would be worth to one party, over the worlds.

    `low` and `high` are medians of what its packages are worth, worst and best, on a scale from 0
    (the worst of all packages) to 1 (the best); `some` is the share of worlds in which a package of
    the text is better for the party than no agreement.
    """

    party: str
    low: float
    high: float
    some: Share


@dataclass(frozen=True)
class TextFinding:
    """A text against the case.

    Parameters
    ----------
    file, title, party
        Which text.
    issues
        What it says on each issue that it speaks of.
    silent
        Issues on which it names no option.
    packages
        How many feasible packages its words leave.
    some
        Share of worlds in which one of them suits every party whose consent is needed; ``None`` if
        it leaves none.
    worth
        By party.
    """

    file: str
    title: str
    party: str | None
    issues: tuple[OnIssue, ...]
    silent: tuple[str, ...]
    packages: int
    some: Share | None
    worth: tuple[Worth, ...]


def text_in_case(study: Study, text: Draft) -> TextFinding:
    """Look at a text in the light of the case and its worlds."""
    chosen = {
        issue.id: tuple(o.id for o in issue.options if o.id in options_on(text, issue.id))
        for issue in study.case.issues
    }
    named = {issue: options for issue, options in chosen.items() if options}
    space = _space_of(study, named)
    found = None if space is None else suited(space, study.report)
    return TextFinding(
        file=text.name,
        title=text.front.title,
        party=text.front.party,
        issues=tuple(_on_issue(study.record, text.front.party, *item) for item in named.items()),
        silent=tuple(issue for issue, options in chosen.items() if not options),
        packages=0 if space is None else space.count,
        some=None if found is None else share(found.some),
        worth=() if found is None else tuple(_worth(study, named, found.alone)),
    )


def _space_of(study: Study, named: Mapping[str, tuple[str, ...]]) -> Space | None:
    """The packages that a text leaves; ``None`` if the rules of the case leave none."""
    agenda = study.agenda
    clauses = []
    for issue, options in named.items():
        rest = others(agenda, [agenda.flat(issue, option) for option in options])
        if rest:
            clauses.append(Clause((rest,)))
    try:
        space = Space.of(agenda, [*study.space.rules, *clauses], study.space.vetoes)
    except SettingError:
        return None
    return space if space.count else None


def _on_issue(record: Record, party: str | None, issue: str, options: tuple[str, ...]) -> OnIssue:
    own: list[str] = []
    other: list[str] = []
    against: list[str] = []
    departs: list[str] = []
    for item in record.assertions:
        if item.issue != issue or not item.options or item.party is None:
            continue
        named = set(item.options) & set(options)
        mine = party is None or item.party == party
        if item.act in _WANTS:
            if named:
                (own if mine else other).append(item.id)
            elif mine and item.act is not Act.ACCEPT:
                departs.append(item.id)
        elif item.act is Act.REJECT and _rejects(item, options):
            (departs if mine else against).append(item.id)
    return OnIssue(issue, options, tuple(own), tuple(other), tuple(against), tuple(departs))


def _rejects(item: Assertion, options: tuple[str, ...]) -> bool:
    """Whether everything that a text leaves open is rejected."""
    return set(options) <= set(item.options)


def _worth(
    study: Study, named: Mapping[str, tuple[str, ...]], alone: NDArray[np.bool_]
) -> list[Worth]:
    worlds, agenda = study.report, study.agenda
    values = worlds.values
    needed = np.flatnonzero(worlds.consent).tolist()
    result = []
    for p, party in enumerate(worlds.parties):
        low = high = worst = best = np.zeros(worlds.size)
        for k, issue in enumerate(agenda.issues):
            flats = np.arange(agenda.offsets[k], agenda.offsets[k + 1])
            own = values[:, p, flats]
            kept = [agenda.flat(issue, o) for o in named.get(issue, ())] or flats.tolist()
            part = values[:, p, kept]
            low, high = low + part.min(axis=1), high + part.max(axis=1)
            worst, best = worst + own.min(axis=1), best + own.max(axis=1)
        span = np.maximum(best - worst, 1e-12)
        some = alone[:, needed.index(p)] if p in needed else high > worlds.reservation[:, p]
        result.append(
            Worth(
                party,
                float(np.median((low - worst) / span)),
                float(np.median((high - worst) / span)),
                share(some),
            )
        )
    return result
