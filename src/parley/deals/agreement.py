"""What could be agreed, over the worlds: shares, best packages, who blocks, what would win most.

Packages are searched for on one ensemble of worlds and reported on another, fresh one: the
best of many looks better than it is on the worlds on which it was picked. The mathematics is in
docs/methods/acceptance.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parley.deals.acceptance import Acceptance, Progress, Suited, suited
from parley.deals.counting import sample_packages
from parley.deals.search import Package, best_packages, single_changes
from parley.deals.space import Space
from parley.preferences.shares import Share, difference, share
from parley.preferences.worlds import Worlds

KEEP = 8
"""Packages that are reported."""

CLOUD = 400
"""Packages drawn for the map."""

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Change:
    """One option of a package changed for another.

    `share` is the share of worlds in which the changed package suits (all, or the party asked
    about), `gain` what that is more than before, world by world.
    """

    issue: str
    from_option: str
    to_option: str
    share: Share
    gain: Share


@dataclass(frozen=True)
class PackageResult:
    """One package, over the worlds.

    Parameters
    ----------
    package
        Option id by issue id.
    share
        Share of fresh worlds in which this package suits every party whose consent is needed.
    search_share
        The same on the worlds on which it was picked; tends to be higher.
    gap
        Share of worlds in which some package suits all, less `share`: what talking can win.
    by_party
        For every party with preferences, the share of worlds in which it accepts.
    refuses, refuses_alone
        For each party whose consent is needed, the share of worlds in which it refuses, and in
        which it is the only one that does.
    best_change
        The single change of option that wins most, if one wins.
    best_change_for
        For each party that refuses in some world, the single change that wins it most.
    nash_share
        Share of worlds whose Nash package it is; only with two parties whose consent is needed.
    ranks
        For each party the shares of worlds in which the package has rank 1, 2, … among the
        reported packages and no agreement (rank acceptability; ties share the better rank).
    """

    package: Mapping[str, str]
    share: Share
    search_share: Share
    gap: Share
    by_party: Mapping[str, Share]
    refuses: Mapping[str, Share]
    refuses_alone: Mapping[str, Share]
    best_change: Change | None
    best_change_for: Mapping[str, Change]
    nash_share: Share | None
    ranks: Mapping[str, tuple[float, ...]]


@dataclass(frozen=True)
class MapPoint:
    """A package on the map: the share of worlds in which each party, and all, accept."""

    package: Mapping[str, str]
    by_party: Mapping[str, float]
    joint: float


@dataclass(frozen=True)
class Agreement:
    """What could be agreed.

    Parameters
    ----------
    packages
        Number of feasible packages, exact.
    some
        Share of worlds in which some package suits every party whose consent is needed.
    undecided
        Share of worlds in which none was found, though one may exist; not part of `some`.
    alone
        For each such party, the share of worlds in which some package suits it alone.
    best
        The best packages by joint share on the search worlds, best first.
    cloud
        Packages drawn uniformly from the feasible ones (all, if few), for the map.
    no_agreement_ranks
        For each party the rank acceptability of no agreement among the best packages.
    """

    packages: int
    some: Share
    undecided: Share
    alone: Mapping[str, Share]
    best: tuple[PackageResult, ...]
    cloud: tuple[MapPoint, ...]
    no_agreement_ranks: Mapping[str, tuple[float, ...]]


@dataclass(frozen=True, eq=False)
class Outcomes:
    """World by world, shape (W,) each: some package suits all; the leading package does."""

    some: Bools
    leading: Bools


@dataclass(frozen=True, eq=False)
class _Ground:
    """What the parts of the analysis share."""

    space: Space
    search: Acceptance
    fresh: Acceptance
    suited: Suited


def agreement(
    space: Space, search: Worlds, report: Worlds, progress: Progress | None = None
) -> tuple[Agreement, Outcomes]:
    """Find what could be agreed.

    Parameters
    ----------
    search, report
        Two independent ensembles: packages are picked on the first, and all shares are those of
        the second.
    """
    on_search, fresh = Acceptance(search), Acceptance(report)
    ground = _Ground(space, on_search, fresh, suited(space, report, progress))
    witnesses = suited(space, search, progress).package
    picked = best_packages(space, on_search, witnesses, KEEP, progress)
    if search.size == 1:  # nothing is open: what does not suit all is no candidate
        picked = [p for p in picked if on_search.by_all(np.array([p]))[0, 0]] or picked[:1]
    held = fresh.by_party(np.array(picked, dtype=np.int64))
    ranks = _ranks(fresh, picked, held)
    best = []
    for k, package in enumerate(picked):
        if progress is not None:
            progress("Asking who blocks what", k / len(picked))
        best.append(_package_result(ground, package, held[k], [r[k] for r in ranks]))
    some = ground.suited.some
    needed = report.consent
    names = report.parties
    result = Agreement(
        packages=space.count,
        some=share(some),
        undecided=share(~ground.suited.decided),
        alone={
            names[p]: share(ground.suited.alone[:, k])
            for k, p in enumerate(np.flatnonzero(needed).tolist())
        },
        best=tuple(best),
        cloud=_cloud(ground),
        no_agreement_ranks=dict(zip(names, (r[-1] for r in ranks), strict=True)),
    )
    return result, Outcomes(some, held[0][:, needed].all(axis=1))


def _package_result(
    ground: _Ground, package: Package, held: Bools, ranks: list[tuple[float, ...]]
) -> PackageResult:
    worlds = ground.fresh.worlds
    needed = np.flatnonzero(worlds.consent).tolist()
    joint: Bools = np.logical_and.reduce(held[:, needed], axis=1)
    picked = ground.search.by_all(np.array([package], dtype=np.int64))[0]
    refusals = (~held[:, needed]).sum(axis=1)
    nash = (ground.suited.package == package).all(axis=1) if len(needed) == 2 else None
    best_change, best_change_for = _changes(ground, package, held)
    return PackageResult(
        package=worlds.agenda.package(package),
        share=share(joint),
        search_share=share(picked),
        gap=difference(ground.suited.some, joint),
        by_party={name: share(held[:, p]) for p, name in enumerate(worlds.parties)},
        refuses={worlds.parties[p]: share(~held[:, p]) for p in needed},
        refuses_alone={worlds.parties[p]: share(~held[:, p] & (refusals == 1)) for p in needed},
        best_change=best_change,
        best_change_for=best_change_for,
        nash_share=share(nash) if nash is not None else None,
        ranks=dict(zip(worlds.parties, ranks, strict=True)),
    )


def _changes(
    ground: _Ground, package: Package, held: Bools
) -> tuple[Change | None, dict[str, Change]]:
    """The single change that wins most for all, and for each party; picked on the search worlds."""
    worlds = ground.fresh.worlds
    near = list(single_changes(ground.space, package))
    if not near:
        return None, {}
    needed = np.flatnonzero(worlds.consent).tolist()
    before = ground.search.by_party(np.array([package], dtype=np.int64))[0]
    after = ground.search.by_party(np.array(near, dtype=np.int64))
    joint = _best_change(
        ground,
        package,
        near,
        after[:, :, needed].all(axis=2).sum(axis=1) - before[:, needed].all(axis=1).sum(),
        np.logical_and.reduce(held[:, needed], axis=1),
        needed,
    )
    single = {}
    for p in needed:
        wins = after[:, :, p].sum(axis=1) - before[:, p].sum()
        change = _best_change(ground, package, near, wins, held[:, p], [p])
        if change is not None:
            single[worlds.parties[p]] = change
    return joint, single


def _best_change(
    ground: _Ground,
    package: Package,
    near: list[Package],
    wins: NDArray[np.int64],
    before: Bools,
    parties: list[int],
) -> Change | None:
    k = int(np.argmax(wins))  # the first of equals: `near` is in canonical order
    if wins[k] <= 0:
        return None
    agenda = ground.space.agenda
    held = ground.fresh.by_party(np.array([near[k]], dtype=np.int64))[0]
    after: Bools = np.logical_and.reduce(held[:, parties], axis=1)
    issue = next(i for i, (a, b) in enumerate(zip(package, near[k], strict=True)) if a != b)
    name, from_option = agenda.name(package[issue])
    to_option = agenda.name(near[k][issue])[1]
    return Change(name, from_option, to_option, share(after), difference(after, before))


def _ranks(fresh: Acceptance, picked: list[Package], held: Bools) -> list[list[tuple[float, ...]]]:
    """Rank acceptability of each package and, last, of no agreement: for each party."""
    worlds = fresh.worlds
    result = []
    for p in range(len(worlds.parties)):
        worth = np.stack([worlds.values[:, p, list(x)].sum(axis=1) for x in picked], axis=1)
        vetoed = ~held[:, :, p].T & (worth >= worlds.reservation[:, [p]])
        worth[vetoed] = -np.inf
        everything = np.column_stack([worth, worlds.reservation[:, p]])
        equal = everything + fresh.near[:, [p]]
        better = (everything[:, None, :] > equal[:, :, None]).sum(axis=2)
        count = everything.shape[1]
        table = [(better == r).mean(axis=0) for r in range(count)]
        result.append([tuple(float(row[k]) for row in table) for k in range(count)])
    return result


def _cloud(ground: _Ground) -> tuple[MapPoint, ...]:
    worlds = ground.fresh.worlds
    generator = np.random.default_rng(worlds.seed)
    drawn = sample_packages(ground.space, 4 * CLOUD, generator)
    rows = np.unique(drawn, axis=0)
    if len(rows) > CLOUD:
        rows = rows[np.sort(generator.permutation(len(rows))[:CLOUD])]
    held = ground.fresh.by_party(rows)
    needed = np.flatnonzero(worlds.consent)
    joint = held[:, :, needed].all(axis=2).mean(axis=1)
    points = []
    for k, row in enumerate(rows.tolist()):
        own = {worlds.parties[p]: float(held[k, :, p].mean()) for p in needed}
        points.append(MapPoint(worlds.agenda.package(row), own, float(joint[k])))
    return tuple(points)
