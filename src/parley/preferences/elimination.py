"""Draw which atoms stand, given that nothing contradicts: exact, by eliminating origins.

The law is a product of one factor for each origin (the lengths of the gaps between its
probabilities) and one for each group of statements that might contradict each other (1 if they are
consistent, else 0). Origins are summed out one by one, and then drawn in the reverse order, each
given those drawn before. See docs/methods/worlds.md, 3.3.

Source: R. Dechter, "Bucket elimination: a unifying framework for reasoning", Artificial
Intelligence 113, 1999.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parley.errors import ContradictionError
from parley.preferences.atoms import Atom
from parley.preferences.streams import Streams
from parley.preferences.ties import Bools, Ties

MAX_TABLE = 200_000
"""Largest table, in one world, before the contradictions are called too tangled."""

MAX_GROUP = 60
"""Most statements in one group that may contradict each other: they are bits of one number."""

CELLS = 4_000_000
"""Cells of a table over worlds that are held at once."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class _Origin:
    """One origin: its atoms from the most to the least probable, in each world.

    `order` has shape (W, k): atom indices; `edges` has shape (W, k + 2): 1, the falling
    probabilities, 0. In state j just the first j atoms stand.
    """

    name: str
    atoms: tuple[Atom, ...]
    order: NDArray[np.intp]
    edges: Floats

    @property
    def states(self) -> int:
        return len(self.atoms) + 1

    def bits(self, place: Mapping[int, int], candidate: Bools, rows: NDArray[np.intp]) -> Ints:
        """Shape (R, states): which of the placed assertions stand in each state, as a bit mask."""
        single = np.zeros((rows.size, len(self.atoms)), dtype=np.int64)
        for k, atom in enumerate(self.atoms):
            for m in atom.members:
                if m in place:
                    single[:, k] |= candidate[rows, m].astype(np.int64) << place[m]
        along = np.take_along_axis(single, self.order[rows], axis=1)
        result = np.zeros((rows.size, self.states), dtype=np.int64)
        result[:, 1:] = np.bitwise_or.accumulate(along, axis=1)
        return result


@dataclass(frozen=True, eq=False)
class _Factor:
    """A table over worlds and the states of some origins, in sorted order."""

    origins: tuple[str, ...]
    table: Floats


def draw_bounds(
    names: Sequence[str], atoms: Sequence[Atom], ties: Ties, candidate: Bools, streams: Streams
) -> dict[str, Floats]:
    """Draw bounds, shape (W, 2), on each tied origin's uniform number, so that nothing contradicts.

    Parameters
    ----------
    atoms
        Those with a statement that might contradict another.

    Raises
    ------
    ContradictionError
        If the contradictions are too tangled for the method.
    """
    origins = _origins(atoms)
    scopes = list(_scopes(names, atoms, ties))
    plan = _plan(origins, [scope for scope, _ in scopes])
    widest = max((size for _, _, size in plan), default=1)
    bounds = {name: np.empty((streams.size, 2)) for name in origins}
    for rows in np.array_split(np.arange(streams.size), 1 + streams.size * widest // CELLS):
        factors = [
            _consistency(names, scope, members, origins, ties, candidate, rows)
            for scope, members in scopes
        ]
        for name, state in _draw(origins, plan, factors, streams, rows).items():
            edges = origins[name].edges[rows]
            here = np.arange(rows.size)
            bounds[name][rows] = np.stack([edges[here, state + 1], edges[here, state]], axis=1)
    return bounds


def _origins(atoms: Sequence[Atom]) -> dict[str, _Origin]:
    made = {}
    for name in sorted({atom.origin for atom in atoms}):
        mine = tuple(atom for atom in atoms if atom.origin == name)
        chances = np.stack([atom.probability for atom in mine], axis=1)
        order = np.argsort(-chances, axis=1, kind="stable")
        falling = np.take_along_axis(chances, order, axis=1)
        ends = np.ones((len(falling), 1)), np.zeros((len(falling), 1))
        made[name] = _Origin(name, mine, order, np.hstack([ends[0], falling, ends[1]]))
    return made


def _scopes(
    names: Sequence[str], atoms: Sequence[Atom], ties: Ties
) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """For each group: the origins concerned, and the assertions, with those that set any aside."""
    origin_of = {names[m]: atom.origin for atom in atoms for m in atom.members}
    for some in ties.conflicts():
        later = {name for earlier in some for name in ties.superseded.get(earlier, ())}
        members = tuple(sorted((set(some) | later) & set(origin_of)))
        if len(members) > MAX_GROUP:
            raise too_tangled(sorted({origin_of[name] for name in members}))
        if members:
            yield tuple(sorted({origin_of[name] for name in members})), members


def _plan(
    origins: Mapping[str, _Origin], scopes: Sequence[tuple[str, ...]]
) -> list[tuple[str, tuple[str, ...], int]]:
    """The order in which origins are summed out: always the one with the smallest table.

    Gives each origin, those that stand in its table, and the size of the table in one world.
    """
    left, open_scopes, plan = set(origins), [set(scope) for scope in scopes], []
    while left:
        tables = {
            name: {name}.union(*(scope for scope in open_scopes if name in scope)) for name in left
        }
        sizes = {
            name: int(np.prod([float(origins[o].states) for o in table]))
            for name, table in tables.items()
        }
        name = min(left, key=lambda o: (sizes[o], o))
        if sizes[name] > MAX_TABLE:
            raise too_tangled(sorted(tables[name]))
        plan.append((name, tuple(sorted(tables[name])), sizes[name]))
        open_scopes = [scope for scope in open_scopes if name not in scope]
        open_scopes.append(tables[name] - {name})
        left.remove(name)
    return plan


def _consistency(
    names: Sequence[str],
    scope: tuple[str, ...],
    members: tuple[str, ...],
    origins: Mapping[str, _Origin],
    ties: Ties,
    candidate: Bools,
    rows: NDArray[np.intp],
) -> _Factor:
    """1 where the statements of a group may stand together, else 0."""
    place = {names.index(name): k for k, name in enumerate(members)}
    pattern = np.zeros((rows.size, *[1] * len(scope)), dtype=np.int64)
    for axis, name in enumerate(scope):
        bits = origins[name].bits(place, candidate, rows)
        shape = [rows.size, *[1] * len(scope)]
        shape[axis + 1] = bits.shape[1]
        pattern = pattern | bits.reshape(shape)
    found, back = np.unique(pattern, return_inverse=True)
    standing = (found[:, None] >> np.arange(len(members)) & 1).astype(bool)
    fine = ties.allows(members, ties.effective(members, standing))
    return _Factor(scope, fine.astype(np.float64)[back].reshape(pattern.shape))


def _draw(
    origins: Mapping[str, _Origin],
    plan: Sequence[tuple[str, tuple[str, ...], int]],
    factors: list[_Factor],
    streams: Streams,
    rows: NDArray[np.intp],
) -> dict[str, NDArray[np.intp]]:
    """Sum the origins out in the order of the plan, then draw their states in the reverse."""
    tables: list[_Factor] = []
    for name, scope, _ in plan:
        edges = origins[name].edges[rows]
        gaps = _Factor((name,), edges[:, :-1] - edges[:, 1:])
        mine = [gaps, *(factor for factor in factors if name in factor.origins)]
        factors = [factor for factor in factors if name not in factor.origins]
        table = _product(mine, scope)
        tables.append(_Factor(scope, table))
        rest = tuple(o for o in scope if o != name)
        factors.append(_Factor(rest, table.sum(axis=1 + scope.index(name))))
    drawn: dict[str, NDArray[np.intp]] = {}
    here = np.arange(rows.size)
    for (name, scope, _), factor in zip(reversed(plan), reversed(tables), strict=True):
        index = tuple(slice(None) if o == name else drawn[o] for o in scope)
        if len(scope) == 1:
            odds = factor.table
        else:
            odds = np.moveaxis(factor.table, 1 + scope.index(name), -1)
            odds = odds[(here, *(i for i in index if not isinstance(i, slice)))]
        total = np.cumsum(odds, axis=1)
        pick = streams.uniform("standing", name)[rows] * total[:, -1:]
        drawn[name] = np.minimum((total <= pick).sum(axis=1), odds.shape[1] - 1)
    return drawn


def _product(factors: Sequence[_Factor], scope: tuple[str, ...]) -> Floats:
    """The product of tables over the origins of `scope`."""
    result: Floats = np.ones((1, *[1] * len(scope)))
    for factor in factors:
        wide = [factor.table.shape[0], *[1] * len(scope)]
        for axis, name in enumerate(factor.origins):
            wide[1 + scope.index(name)] = factor.table.shape[1 + axis]
        result = result * factor.table.reshape(wide)
    return result


def too_tangled(names: Sequence[str]) -> ContradictionError:
    """The error for contradictions that the exact method cannot hold."""
    listed = ", ".join(name or "unknown" for name in names[:12]) + (" …" if len(names) > 12 else "")
    return ContradictionError(
        f"Too many statements contradict each other at once, across these origins: {listed}.",
        "Say with 'corrects' or 'withdraws' which of them stand.",
    )
