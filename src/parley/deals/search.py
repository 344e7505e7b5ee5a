"""The search for the packages that suit all in most worlds.

Where there are few packages all are tried. Otherwise the search starts from packages that suit
all in some world, and changes one option at a time (at the end also two at once) as long as the
share grows. Described in docs/methods/acceptance.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from parley.deals.acceptance import Acceptance, Progress
from parley.deals.counting import sample_packages
from parley.deals.space import Space

Ints = NDArray[np.int64]
Package = tuple[int, ...]

MAX_LISTED = 3_000
"""Spaces with no more packages than this are searched by trying all."""

CANDIDATES = 200
"""Packages of single worlds that are tried first."""

STARTS = 12
"""Candidates from which the share is climbed."""

PAIRS = 4_000
"""Changes of two options at once that are tried at the end, at most."""


class Search:
    """Packages tried so far, with the number of worlds in which each suits all."""

    def __init__(self, space: Space, acceptance: Acceptance) -> None:
        self.space = space
        self.acceptance = acceptance
        self.scores: dict[Package, int] = {}

    def score(self, packages: list[Package]) -> list[int]:
        """The number of worlds in which each package suits all."""
        new = sorted({p for p in packages if p not in self.scores})
        if new:
            held = self.acceptance.by_all(np.array(new, dtype=np.int64))
            self.scores.update(zip(new, held.sum(axis=1).tolist(), strict=True))
        return [self.scores[p] for p in packages]

    def best(self, keep: int) -> list[Package]:
        """The best packages tried, best first; of equals the first in canonical order."""
        return sorted(self.scores, key=lambda p: (-self.scores[p], p))[:keep]

    def climb(self, start: Package) -> Package:
        """Change the one option that wins most, as long as one wins."""
        here = start
        while True:
            near = list(single_changes(self.space, here))
            scores = self.score([here, *near])
            top = max(scores[1:], default=-1)
            if top <= scores[0]:
                return here
            here = min(p for p, s in zip(near, scores[1:], strict=True) if s == top)


def single_changes(space: Space, package: Package) -> Iterator[Package]:
    """The feasible packages that differ from one in a single option."""
    agenda = space.agenda
    for issue in range(len(agenda.issues)):
        for option in range(agenda.offsets[issue], agenda.offsets[issue + 1]):
            changed = (*package[:issue], int(option), *package[issue + 1 :])
            if option != package[issue] and space.allows(changed):
                yield changed


def _double_changes(space: Space, package: Package) -> Iterator[Package]:
    agenda = space.agenda
    others = [
        [int(o) for o in range(agenda.offsets[i], agenda.offsets[i + 1]) if o != package[i]]
        for i in range(len(agenda.issues))
    ]
    for first, second in combinations(range(len(others)), 2):
        for a in others[first]:
            for b in others[second]:
                changed = list(package)
                changed[first], changed[second] = a, b
                if space.allows(changed):
                    yield tuple(changed)


def best_packages(
    space: Space,
    acceptance: Acceptance,
    witnesses: Ints,
    keep: int,
    progress: Progress | None = None,
) -> list[Package]:
    """The packages that suit all in most worlds of an ensemble.

    Parameters
    ----------
    witnesses
        Shape (W, I): for each world a package that suits all there; rows of -1 are passed over.
    keep
        How many to return, at most; best first, of equals the first in canonical order.
    """
    search = Search(space, acceptance)
    if space.count <= MAX_LISTED:
        search.score(all_packages(space))
        return search.best(keep)
    search.score(_candidates(space, acceptance, witnesses))
    for k, start in enumerate(search.best(STARTS)):
        if progress is not None:
            progress("Searching for packages", k / STARTS)
        search.climb(start)
    _climb_by_pairs(search)
    return search.best(keep)


def _climb_by_pairs(search: Search) -> None:
    """Leave a peak by changing two options at once, as long as that wins."""
    while True:
        (top,) = search.best(1)
        pairs = list(_double_changes(search.space, top))
        step = max(1, len(pairs) // PAIRS)  # a regular selection where there are very many
        search.score(pairs[::step])
        (better,) = search.best(1)
        if search.scores[better] == search.scores[top]:
            return
        search.climb(better)


def _candidates(space: Space, acceptance: Acceptance, witnesses: Ints) -> list[Package]:
    """The packages that most worlds name, or a sample if no world names one."""
    named = witnesses[witnesses[:, 0] >= 0]
    if not len(named):
        generator = np.random.default_rng(acceptance.worlds.seed)
        named = sample_packages(space, CANDIDATES, generator)
    rows, counts = np.unique(named, axis=0, return_counts=True)
    order = np.argsort(-counts, kind="stable")[:CANDIDATES]
    return [tuple(row) for row in rows[order].tolist()]


def all_packages(space: Space) -> list[Package]:
    """All feasible packages in canonical order."""
    partial: list[tuple[int, dict[int, int]]] = [(0, {})]
    for layer in space.layers:
        leaving: dict[int, list[int]] = {}
        for a, source in enumerate(layer.source.tolist()):
            leaving.setdefault(source, []).append(a)
        partial = [
            (int(layer.target[a]), chosen | {layer.issue: int(layer.option[a])})
            for node, chosen in partial
            for a in leaving.get(node, ())
        ]
    issues = range(len(space.layers))
    return sorted(tuple(chosen[i] for i in issues) for _, chosen in partial)
