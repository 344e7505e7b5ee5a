"""Draw which atoms stand, given that nothing contradicts: exact, by eliminating origins.

The law is a product of one factor for each origin (the lengths of the gaps between its
probabilities) and one for each group of statements that might contradict each other (1 if they are
consistent, else 0). Origins are summed out one by one, and then drawn in the reverse order, each
given those drawn before. Where the tables of that would be too large, some origins are held fixed
while all others are drawn exactly, and then drawn themselves, in turn (blocked Gibbs sampling). See
docs/methods/worlds.md, 3.3.

Source: R. Dechter, "Bucket elimination: a unifying framework for reasoning", Artificial
Intelligence 113, 1999.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import NDArray

from parley.errors import ContradictionError
from parley.preferences.atoms import Atom
from parley.preferences.streams import Streams
from parley.preferences.ties import Bools, Ties

MAX_TABLE = 3_000
"""Largest table, in one world; beyond it some origins are held fixed while others are drawn."""

MAX_SCOPE = 100_000
"""Largest table of one group of statements about one thing; beyond it the record is refused."""

SWEEPS = 30
"""Rounds of drawing fixed and other origins in turn."""

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
        If statements about one thing come from too many origins (`MAX_SCOPE`, `MAX_GROUP`).
    """
    origins = _origins(atoms)
    scopes = list(_scopes(names, atoms, ties))
    sizes = {scope: prod(origins[name].states for name in scope) for scope, _ in scopes}
    for scope, size in sizes.items():
        if size > MAX_SCOPE:
            raise too_tangled(scope)
    plan, fixed = _plan(origins, [scope for scope, _ in scopes])
    widest = max([1, *sizes.values(), *(size for _, _, size in plan)])
    bounds = {name: np.empty((streams.size, 2)) for name in origins}
    for rows in np.array_split(np.arange(streams.size), 1 + streams.size * widest // CELLS):
        factors = [
            _consistency(names, scope, members, origins, ties, candidate, rows)
            for scope, members in scopes
        ]
        law = _Law(origins, tuple(plan), tuple(factors), streams, rows)
        for name, state in _in_turn(law, fixed).items():
            edges = origins[name].edges[rows]
            here = np.arange(rows.size)
            bounds[name][rows] = np.stack([edges[here, state + 1], edges[here, state]], axis=1)
    return bounds


def sweeps_needed(names: Sequence[str], atoms: Sequence[Atom], ties: Ties) -> int:
    """0 where the law is drawn exactly; else the rounds in which origins are held fixed in turn."""
    tied = {name for some in ties.tied() for name in some}
    entangled = [atom for atom in atoms if any(names[m] in tied for m in atom.members)]
    scopes = [scope for scope, _ in _scopes(names, entangled, ties)]
    return SWEEPS if _plan(_origins(entangled), scopes)[1] else 0


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
) -> tuple[list[tuple[str, tuple[str, ...], int]], list[str]]:
    """The order in which origins are summed out: always the one with the smallest table.

    Gives each origin, those that stand in its table, and the size of the table in one world; and
    the origins that have to be held fixed, so that no table is larger than `MAX_TABLE`.
    """
    left, open_scopes = set(origins), [set(scope) for scope in scopes]
    plan: list[tuple[str, tuple[str, ...], int]] = []
    fixed: list[str] = []
    while left:
        tables = {
            name: {name}.union(*(scope for scope in open_scopes if name in scope)) for name in left
        }
        sizes = {name: prod(origins[o].states for o in tables[name]) for name in left}
        name = min(left, key=lambda o: (sizes[o], o))
        left.remove(name)
        if sizes[name] > MAX_TABLE:
            name = max(tables[name], key=lambda o: (sum(o in s for s in open_scopes), o))
            fixed.append(name)
            return _plan_without(origins, scopes, fixed)
        plan.append((name, tuple(sorted(tables[name])), sizes[name]))
        open_scopes = [scope for scope in open_scopes if name not in scope]
        open_scopes.append(tables[name] - {name})
    return plan, fixed


def _plan_without(
    origins: Mapping[str, _Origin], scopes: Sequence[tuple[str, ...]], fixed: list[str]
) -> tuple[list[tuple[str, tuple[str, ...], int]], list[str]]:
    """As `_plan`, with these origins, and as many more as are needed, held fixed."""
    free = {name: origin for name, origin in origins.items() if name not in fixed}
    thinner = [tuple(o for o in scope if o not in fixed) for scope in scopes]
    plan, more = _plan(free, thinner)
    return plan, [*fixed, *more]


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


@dataclass(frozen=True, eq=False)
class _Law:
    """The law over some worlds, and how it is summed out."""

    origins: Mapping[str, _Origin]
    plan: tuple[tuple[str, tuple[str, ...], int], ...]
    factors: tuple[_Factor, ...]
    streams: Streams
    rows: NDArray[np.intp]

    def gaps(self, name: str) -> _Factor:
        """The lengths of the gaps between an origin's probabilities."""
        edges = self.origins[name].edges[self.rows]
        return _Factor((name,), edges[:, :-1] - edges[:, 1:])

    def pick(self, odds: Floats, name: str, turn: int) -> NDArray[np.intp]:
        """Draw a state of an origin from odds, shape (R, states)."""
        total = np.cumsum(odds, axis=1)
        uniform = self.streams.uniform("standing", name, str(turn))[self.rows]
        chosen: NDArray[np.intp] = (total <= uniform * total[:, -1:]).sum(axis=1)
        last: NDArray[np.intp] = np.minimum(chosen, odds.shape[1] - 1)
        return last


States = dict[str, NDArray[np.intp]]


def _in_turn(law: _Law, fixed: Sequence[str]) -> States:
    """Draw the states of all origins; exactly, if none has to be held fixed."""
    if not fixed:
        return _draw(law, list(law.factors), 0)
    # to begin with, just what is certain stands: that contradicts nothing
    held = {name: (law.gaps(name).table > 0).argmax(axis=1) for name in fixed}
    drawn: States = {}
    for turn in range(SWEEPS):
        drawn = _draw(law, [_given(factor, held) for factor in law.factors], turn)
        for name in fixed:
            others = drawn | {o: states for o, states in held.items() if o != name}
            mine = [_given(factor, others) for factor in law.factors if name in factor.origins]
            odds = _product([law.gaps(name), *mine], (name,))
            held[name] = law.pick(odds, name, turn)
    # the last word is an exact draw of all that was free, given the origins held fixed
    return _draw(law, [_given(factor, held) for factor in law.factors], SWEEPS) | held


def _given(factor: _Factor, states: Mapping[str, NDArray[np.intp]]) -> _Factor:
    """A factor with some origins fixed, in each world, at a state."""
    free = tuple(o for o in factor.origins if o not in states)
    count = factor.table.shape[0]
    index: list[NDArray[np.intp]] = [np.arange(count).reshape(count, *[1] * len(free))]
    for axis, name in enumerate(factor.origins):
        if name in states:
            index.append(states[name].reshape(count, *[1] * len(free)))
        else:
            shape = [1] * (1 + len(free))
            shape[1 + free.index(name)] = factor.table.shape[1 + axis]
            index.append(np.arange(factor.table.shape[1 + axis]).reshape(shape))
    return _Factor(free, factor.table[tuple(index)])


def _draw(law: _Law, factors: list[_Factor], turn: int) -> States:
    """Sum the origins out in the order of the plan, then draw their states in the reverse."""
    tables: list[Floats] = []
    for name, scope, _ in law.plan:
        mine = [law.gaps(name), *(factor for factor in factors if name in factor.origins)]
        factors = [factor for factor in factors if name not in factor.origins]
        tables.append(_product(mine, scope))
        rest = tuple(o for o in scope if o != name)
        factors.append(_Factor(rest, tables[-1].sum(axis=1 + scope.index(name))))
    drawn: States = {}
    for (name, scope, _), table in zip(reversed(law.plan), reversed(tables), strict=True):
        odds = _given(_Factor(scope, table), {o: drawn[o] for o in scope if o != name}).table
        drawn[name] = law.pick(odds, name, turn)
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
    """The error for contradictions that are too many for the method."""
    listed = ", ".join(name or "unknown" for name in names[:12]) + (" …" if len(names) > 12 else "")
    return ContradictionError(
        f"Too many statements contradict each other at once, across these origins: {listed}.",
        "Say with 'corrects' or 'withdraws' which of them stand.",
    )
