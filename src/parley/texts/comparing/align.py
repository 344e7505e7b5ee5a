"""Which paragraph of one text stands over against which of another, whatever their order.

Paragraphs are compared as weighted bags of stems (tf-idf; Salton & Buckley 1988) and of runs of
letters; that the articles in which they stand are alike is a weak hint. The best assignment of one
to one is found exactly (Kuhn 1955, as in scipy); what is left over joins a paragraph that it makes
more alike, so that split and merged paragraphs are found as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from parley.texts.articles import Draft
from parley.texts.comparing.likeness import Floats, Space
from parley.texts.comparing.units import Unit, units_of

LEAST = 0.15
"""Likeness below which two paragraphs are not taken to speak of the same."""
ARTICLE = 0.2
"""Weight of the likeness of the articles in which two paragraphs stand."""
BARE = 0.04
"""Likeness below which the article cannot help."""
LEAST_JOINED = 0.15
GAIN = 1.02
"""By how much a joined paragraph must make the whole more alike."""
ORDER = 0.02
"""How much is added for standing at a like place; it decides between equals only."""
SAME_ID = 1.0
SAME_ISSUE = 0.15
"""How much is added where both paragraphs are tied to one issue of the case; tied to others only,
they do not belong together."""


@dataclass(frozen=True)
class Match:
    """Paragraphs of two texts that speak of the same; several of one side were split or merged.

    `likeness` is from 0 to 1; `moved` tells that the order of the two texts differs here.
    """

    left: tuple[str, ...]
    right: tuple[str, ...]
    likeness: float
    moved: bool


@dataclass(frozen=True)
class Alignment:
    """The matches of two texts, in the order of the left one, and what has no counterpart."""

    matches: tuple[Match, ...]
    only_left: tuple[str, ...]
    only_right: tuple[str, ...]

    def pairs(self) -> frozenset[tuple[str, str]]:
        """Every pair of paragraphs that stand over against one another."""
        return frozenset((a, b) for m in self.matches for a in m.left for b in m.right)


def align(left: Draft, right: Draft) -> Alignment:
    """Align two texts. Identifiers that both have, and that were given, count as the same."""
    return align_units(
        units_of(left),
        units_of(right),
        (left.language, right.language),
        _shared_ids(left, right),
    )


def _shared_ids(left: Draft, right: Draft) -> frozenset[str]:
    own = {p.id for p in left.all if p.given_id}
    return frozenset(own & {p.id for p in right.all if p.given_id})


def align_units(
    left: Sequence[Unit],
    right: Sequence[Unit],
    languages: tuple[str, str] = ("en", "en"),
    shared: frozenset[str] = frozenset(),
) -> Alignment:
    """Align paragraphs; those of `shared` identifiers belong together, whatever they say."""
    if not left or not right:
        return Alignment((), tuple(u.id for u in left), tuple(u.id for u in right))
    space = Space(left, right, languages)
    groups = _assign(space, left, right, shared)
    _join(space, groups, left, right)
    return _result(groups, space, left, right)


Groups = list[tuple[list[int], list[int]]]


def _assign(
    space: Space, left: Sequence[Unit], right: Sequence[Unit], shared: frozenset[str]
) -> Groups:
    """The best one-to-one assignment of those that are alike enough."""
    likeness = space.likeness()
    places = np.linspace(0, 1, len(left))[:, None] - np.linspace(0, 1, len(right))[None, :]
    score = likeness + ORDER * (1 - np.abs(places))
    score += ARTICLE * space.of_articles(left, right) * (likeness > BARE)
    score += SAME_ISSUE * _same_issue(left, right)
    score[_other_issue(left, right)] = 0.0
    at = {unit.id: k for k, unit in enumerate(right)}
    for k, unit in enumerate(left):
        if unit.id in shared and unit.id in at:
            score[k, at[unit.id]] += 2 * SAME_ID
    score[score < LEAST] = 0.0
    rows, columns = linear_sum_assignment(score, maximize=True)
    return [
        ([int(a)], [int(b)]) for a, b in zip(rows, columns, strict=True) if score[a, b] >= LEAST
    ]


def _same_issue(left: Sequence[Unit], right: Sequence[Unit]) -> NDArray[np.bool_]:
    """Shape (left, right): whether two paragraphs are tied to one issue."""
    return np.array([[bool(a.issues & b.issues) for b in right] for a in left])


def _other_issue(left: Sequence[Unit], right: Sequence[Unit]) -> NDArray[np.bool_]:
    """Shape (left, right): whether two paragraphs are tied to issues, and to none in common."""
    tied = np.array([[bool(a.issues and b.issues) for b in right] for a in left])
    result: NDArray[np.bool_] = tied & ~_same_issue(left, right)
    return result


def _join(space: Space, groups: Groups, left: Sequence[Unit], right: Sequence[Unit]) -> None:
    """Join what is left over to a group that it makes more alike."""
    likeness = space.likeness()
    likeness[_other_issue(left, right)] = 0.0
    n = space.size
    for side, units in ((0, left), (1, right)):
        taken = {k for group in groups for k in group[side]}
        for k in range(len(units)):
            if k in taken:
                continue
            best = _best_group(likeness, groups, side, k)
            if best is None:
                continue
            some = [*best[0]]
            others = [n + b for b in best[1]]
            before = space.of_groups(some, others)
            grown = (
                space.of_groups([*some, k], others)
                if side == 0
                else space.of_groups(some, [*others, n + k])
            )
            if grown > before * GAIN:
                best[side].append(k)


def _best_group(
    likeness: Floats, groups: Groups, side: int, k: int
) -> tuple[list[int], list[int]] | None:
    """The group whose other side is most like a paragraph, if one is like it at all."""
    best, found = LEAST_JOINED, None
    for group in groups:
        if len(group[1 - side]) > 1:
            continue
        other = group[1 - side][0]
        value = likeness[k, other] if side == 0 else likeness[other, k]
        if value > best:
            best, found = float(value), group
    return found


def _result(groups: Groups, space: Space, left: Sequence[Unit], right: Sequence[Unit]) -> Alignment:
    groups.sort(key=lambda group: min(group[0]))
    kept = longest_rising([min(group[1]) for group in groups])
    n = space.size
    matches = tuple(
        Match(
            tuple(left[k].id for k in sorted(some)),
            tuple(right[k].id for k in sorted(others)),
            min(1.0, space.of_groups(some, [n + k for k in others])),
            place not in kept,
        )
        for place, (some, others) in enumerate(groups)
    )
    in_left = {k for some, _ in groups for k in some}
    in_right = {k for _, others in groups for k in others}
    return Alignment(
        matches,
        tuple(u.id for k, u in enumerate(left) if k not in in_left),
        tuple(u.id for k, u in enumerate(right) if k not in in_right),
    )


def longest_rising(values: Sequence[int]) -> frozenset[int]:
    """Places of a longest rising subsequence: what did not move."""
    best: list[tuple[int, int]] = []  # length and predecessor
    for k, value in enumerate(values):
        options = [(best[j][0] + 1, j) for j in range(k) if values[j] < value]
        best.append(max(options, default=(1, -1)))
    here = max(range(len(best)), key=lambda k: best[k][0], default=-1)
    kept = set()
    while here >= 0:
        kept.add(here)
        here = best[here][1]
    return frozenset(kept)
