"""Compiled kernels over many worlds: who accepts which packages, and whether any suits all."""

from __future__ import annotations

import numba
import numpy as np

from parley.compiled import compiled
from parley.deals.kernels import Bools, Floats, Ints, is_barred, suffix_extremes
from parley.deals.space import Arcs


@compiled(parallel=True)
def accepted(
    packages: Ints,
    values: Floats,
    floor: Floats,
    barred: Ints,
    barred_first: Ints,
    active: Bools,
    veto_party: Ints,
) -> Bools:
    """Who accepts which packages in which worlds.

    Parameters
    ----------
    packages
        Shape (N, I): flat options.
    values, floor, active
        Shapes (W, P, K), (W, P), (W, V). A package suits a party that gets at least `floor`.
    barred, barred_first
        The vetoes that package n matches are ``barred[barred_first[n]:barred_first[n + 1]]``.
    veto_party
        Shape (V,): the party whose veto it is.

    Returns
    -------
    Shape (N, W, P).
    """
    count, issues = packages.shape
    worlds, parties = floor.shape
    result = np.empty((count, worlds, parties), dtype=np.bool_)
    for w in numba.prange(worlds):
        for n in range(count):
            for p in range(parties):
                worth = 0.0
                for i in range(issues):
                    worth += values[w, p, packages[n, i]]
                result[n, w, p] = worth >= floor[w, p]
            for k in range(barred_first[n], barred_first[n + 1]):
                if active[w, barred[k]]:
                    result[n, w, veto_party[barred[k]]] = False
    return result


@compiled()
def _bounds(
    arcs: Arcs,
    values: Floats,
    active: Bools,
    most: Floats,
    gain: Floats,
    node: int,
    after: int,
    bound: Floats,
) -> None:
    """For each arc that leaves `node`: the smallest gain that can at most be had beyond it."""
    first = arcs.leaving_first[node]
    for k in range(first, arcs.leaving_first[node + 1]):
        a = arcs.leaving[k]
        reach = gain + values[:, arcs.option[a]] + most[after + arcs.target[a]]
        bound[k - first] = -np.inf if is_barred(a, arcs, active) else reach.min()


@compiled()
def _search_world(
    arcs: Arcs, values: Floats, floor: Floats, active: Bools, tries: int, package: Ints
) -> tuple[float, bool]:
    """Depth first for the package with the largest smallest gain; best bound first.

    Writes the best package by depth into `package`. Returns its smallest gain (minus infinity if
    none has gains of at least 0), and whether the search came to its end.
    """
    depths = arcs.nodes.size - 1
    most = suffix_extremes(arcs, values, active, True)
    after = np.cumsum(arcs.nodes)
    widest = np.diff(arcs.leaving_first).max()
    bound = np.full((depths, widest), -np.inf)
    gain = np.zeros((depths + 1, values.shape[0]))
    gain[0] = -floor
    at, chosen = np.zeros(depths + 1, dtype=np.int64), np.zeros(depths, dtype=np.int64)
    best, depth = -np.inf, 0
    _bounds(arcs, values, active, most, gain[0], 0, after[0], bound[0])
    while depth >= 0:
        k = bound[depth].argmax()
        smallest = bound[depth, k]
        if smallest < 0 or smallest <= best:
            bound[depth] = -np.inf
            depth -= 1
            continue
        bound[depth, k] = -np.inf
        a = arcs.leaving[arcs.leaving_first[at[depth]] + k]
        chosen[depth] = arcs.option[a]
        if depth == depths - 1:
            best = smallest
            package[:] = chosen
            continue
        tries -= 1
        if tries < 0:
            return best, False
        gain[depth + 1] = gain[depth] + values[:, arcs.option[a]]
        at[depth + 1] = after[depth] + arcs.target[a]
        depth += 1
        _bounds(arcs, values, active, most, gain[depth], at[depth], after[depth], bound[depth])
    return best, True


@compiled(parallel=True)
def search_worlds(
    arcs: Arcs,
    values: Floats,
    floor: Floats,
    active: Bools,
    issue_of: Ints,
    tries: int,
) -> tuple[Ints, Bools]:
    """In every world a package that suits all parties, by branch and bound.

    Parameters
    ----------
    tries
        Nodes looked at in a world before it is left undecided.

    Returns
    -------
    package
        Shape (W, I): the package with the largest smallest gain that was found, -1 if none
        suits all.
    decided
        Shape (W,): whether "none" is certain; always true where one was found.
    """
    worlds, issues = values.shape[0], arcs.nodes.size - 1
    package = np.full((worlds, issues), -1, dtype=np.int64)
    decided = np.ones(worlds, dtype=np.bool_)
    for w in numba.prange(worlds):
        by_depth = np.full(issues, -1, dtype=np.int64)
        best, ended = _search_world(arcs, values[w], floor[w], active[w], tries, by_depth)
        if best >= 0:
            for d in range(issues):
                package[w, issue_of[by_depth[d]]] = by_depth[d]
        else:
            decided[w] = ended
    return package, decided


@compiled(parallel=True)
def suits_alone(
    arcs: Arcs, values: Floats, floor: Floats, active: Bools, veto_party: Ints
) -> Bools:
    """Shape (W, P): whether some package suits a party, whatever the others say."""
    worlds, parties = floor.shape
    result = np.zeros((worlds, parties), dtype=np.bool_)
    for w in numba.prange(worlds):
        for p in range(parties):
            mine = active[w] & (veto_party == p)
            most = suffix_extremes(arcs, values[w, p : p + 1], mine, True)
            result[w, p] = most[0, 0] >= floor[w, p]
    return result
