"""The agenda: issues and options in one canonical order, as arrays need them.

The order is that of the identifiers, never that of the files: reordering a case changes no
result. Options are numbered straight through ("flat"), issue after issue.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from parley.case.model import Case, Issue, Rule


@dataclass(frozen=True)
class Agenda:
    """Issues and options in canonical order.

    Parameters
    ----------
    issues
        Issue ids, sorted.
    options
        For each issue the option ids, sorted.
    axes
        For each issue the positions (within `options`) of its options from one end of the
        scale to the other, or ``None`` if the options lie on no scale.
    """

    issues: tuple[str, ...]
    options: tuple[tuple[str, ...], ...]
    axes: tuple[tuple[int, ...] | None, ...]

    @classmethod
    def of(cls, case: Case) -> Agenda:
        """The agenda of a case."""
        issues = sorted(case.issues, key=lambda issue: issue.id)
        options = tuple(tuple(sorted(o.id for o in issue.options)) for issue in issues)
        axes = tuple(_axis(issue, names) for issue, names in zip(issues, options, strict=True))
        return cls(tuple(issue.id for issue in issues), options, axes)

    @cached_property
    def offsets(self) -> NDArray[np.int64]:
        """Shape (issues + 1,): flat index of each issue's first option, and their number."""
        return np.concatenate([[0], np.cumsum([len(o) for o in self.options])]).astype(np.int64)

    @cached_property
    def issue_of(self) -> NDArray[np.int64]:
        """Shape (options,): the issue to which each flat option belongs."""
        return np.repeat(np.arange(len(self.issues)), [len(o) for o in self.options])

    @cached_property
    def _flat(self) -> dict[tuple[str, str], int]:
        names = [(i, o) for i, row in zip(self.issues, self.options, strict=True) for o in row]
        return {name: k for k, name in enumerate(names)}

    @property
    def size(self) -> int:
        """Number of options, over all issues."""
        return int(self.offsets[-1])

    def flat(self, issue: str, option: str) -> int:
        """Flat index of an option; `KeyError` if there is none."""
        return self._flat[issue, option]

    def name(self, flat: int) -> tuple[str, str]:
        """Issue id and option id of a flat index."""
        issue = int(self.issue_of[flat])
        return self.issues[issue], self.options[issue][flat - int(self.offsets[issue])]

    def package(self, choices: Sequence[int]) -> dict[str, str]:
        """A package as ids, from one flat option for each issue (in canonical order)."""
        return dict(self.name(int(flat)) for flat in choices)

    def choices(self, package: dict[str, str]) -> tuple[int, ...]:
        """A package as flat options in canonical order, from ids."""
        return tuple(self.flat(issue, package[issue]) for issue in self.issues)


@dataclass(frozen=True)
class Clause:
    """A kind of package: those that hold one option of every set.

    `sets` has one entry for each issue concerned: flat options of that issue, any of which
    matches. A rule of the case forbids such packages to all, a red line or a condition makes
    them unacceptable to one party.
    """

    sets: tuple[frozenset[int], ...]

    def matches(self, package: Iterable[int]) -> bool:
        """Whether a package (flat options) is of this kind."""
        held = set(package)
        return all(options & held for options in self.sets)


def others(agenda: Agenda, flat_options: Iterable[int]) -> frozenset[int]:
    """The options of the same issue that are not among `flat_options` (of one issue)."""
    named = frozenset(flat_options)
    issue = int(agenda.issue_of[next(iter(named))])
    return frozenset(range(agenda.offsets[issue], agenda.offsets[issue + 1])) - named


def by_issue(agenda: Agenda, references: Iterable[str]) -> tuple[frozenset[int], ...]:
    """References ``issue.option``, grouped by issue, as sets of flat options."""
    groups: dict[str, set[int]] = {}
    for reference in references:
        issue, option = reference.split(".")
        groups.setdefault(issue, set()).add(agenda.flat(issue, option))
    return tuple(frozenset(groups[issue]) for issue in sorted(groups))


def clauses(agenda: Agenda, rules: Iterable[Rule]) -> tuple[Clause, ...]:
    """What the rules of a case forbid, in canonical order."""
    found = {clause for rule in rules for clause in _forbidden(agenda, rule)}
    return tuple(sorted(found, key=lambda clause: sorted(map(sorted, clause.sets))))


def _forbidden(agenda: Agenda, rule: Rule) -> Iterable[Clause]:
    (chosen,) = by_issue(agenda, [rule.if_])
    for wanted in by_issue(agenda, rule.implies):
        yield Clause((chosen, others(agenda, wanted)))
    for barred in by_issue(agenda, rule.excludes):
        yield Clause((chosen, barred))


def _axis(issue: Issue, names: tuple[str, ...]) -> tuple[int, ...] | None:
    if not issue.ordered:
        return None
    along = issue.options
    if all(option.value is not None for option in along):
        along = tuple(sorted(along, key=lambda option: (option.value, option.id)))
    axis = tuple(names.index(option.id) for option in along)
    return min(axis, axis[::-1])  # a scale has no first end: reversing it changes nothing
