"""Which assertions hold in each world. See docs/methods/worlds.md, section 3."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

from parley.errors import ContradictionError
from parley.preferences.streams import Streams
from parley.preferences.ties import Bools, Ties

MAX_STATES = 20_000
"""Components with more consistent states than this are drawn by rejection."""

MAX_ROUNDS = 2_000
"""Rounds of rejection before the contradictions are called too tight."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Atom:
    """Assertions of one origin and one grade: they stand together.

    `members` are indices into the sorted assertions, `probability` has shape (W,).
    """

    origin: str
    key: str
    members: tuple[int, ...]
    probability: Floats


def draw_holding(
    names: tuple[str, ...], atoms: Sequence[Atom], ties: Ties, streams: Streams
) -> Bools:
    """Draw which assertions hold.

    Parameters
    ----------
    names
        Ids of the assertions, sorted.
    atoms
        All of them, in atoms.

    Returns
    -------
    Shape (W, A).

    Raises
    ------
    ContradictionError
        If assertions that are certain contradict each other, or so many contradict each other
        so tightly that a world without contradiction is not found.
    """
    refuse_certain_contradictions(names, atoms, ties)
    standing = np.zeros((streams.size, len(names)), dtype=bool)
    by_origin: dict[str, list[Atom]] = defaultdict(list)
    for atom in atoms:
        by_origin[atom.origin].append(atom)
    candidate = _candidates(names, atoms, ties, streams)
    bounds = {origin: np.tile([0.0, 1.0], (streams.size, 1)) for origin in by_origin}
    for component in _components(names, by_origin, ties):
        parts = [atom for origin in component for atom in by_origin[origin]]
        tied = {name for some in ties.tied() for name in some}
        parts = [atom for atom in parts if any(names[m] in tied for m in atom.members)]
        bounds.update(_draw_component(names, parts, ties, candidate, streams))
    for origin, some in sorted(by_origin.items()):
        low, high = bounds[origin].T
        level = low + (high - low) * streams.uniform("origin", origin)[:, 0]
        for atom in some:
            standing[:, atom.members] = (level < atom.probability)[:, None]
    return ties.effective(names, standing & candidate)


def refuse_certain_contradictions(names: Sequence[str], atoms: Iterable[Atom], ties: Ties) -> None:
    """Raise `ContradictionError` if assertions that are certain contradict each other."""
    sure = sorted(m for atom in atoms if atom.key == "certain" for m in atom.members)
    row = np.zeros((1, len(names)), dtype=bool)
    row[0, sure] = True
    if ties.allows(names, ties.effective(names, row))[0]:
        return
    culprits = _smallest_contradiction(names, sure, ties)
    listed = ", ".join(f"'{name}'" for name in culprits)
    raise ContradictionError(
        f"Assertions that are certain contradict each other: {listed}.",
        "Grade all but one of them instead of 'certain: true', or say with 'corrects' or "
        "'withdraws' which one stands.",
        culprits,
    )


def _smallest_contradiction(names: Sequence[str], sure: list[int], ties: Ties) -> list[str]:
    for size in range(1, len(sure) + 1):
        for some in combinations(sure, size):
            row = np.zeros((1, len(names)), dtype=bool)
            row[0, list(some)] = True
            if not ties.allows(names, ties.effective(names, row))[0]:
                return [names[m] for m in some]
    raise AssertionError("called only where a contradiction was seen")


def _components(
    names: tuple[str, ...], by_origin: Mapping[str, list[Atom]], ties: Ties
) -> list[tuple[str, ...]]:
    """Origins tied by a contradiction, in canonical order; untied origins are left out."""
    origin_of = {names[m]: o for o, some in by_origin.items() for a in some for m in a.members}
    parts: list[set[str]] = []
    for some in ties.tied():
        joined = {origin_of[name] for name in some if name in origin_of}
        apart = [part for part in parts if not part & joined]
        parts = [*apart, joined.union(*(part for part in parts if part & joined))]
    return sorted(tuple(sorted(part)) for part in parts if part)


def _candidates(
    names: tuple[str, ...], atoms: Iterable[Atom], ties: Ties, streams: Streams
) -> Bools:
    """Shape (W, A): which assertions may stand where an atom contradicts itself.

    One of the largest consistent parts of the atom is taken in each world, at even odds.
    """
    candidate = np.ones((streams.size, len(names)), dtype=bool)
    for atom in atoms:
        parts = _consistent_parts(names, atom, ties)
        if len(parts) > 1:
            pick = streams.uniform("part", atom.origin, atom.key)[:, 0] * len(parts)
            candidate[:, atom.members] = np.array(parts)[pick.astype(np.intp)]
    return candidate


def _consistent_parts(names: tuple[str, ...], atom: Atom, ties: Ties) -> list[Bools]:
    """The maximal consistent parts of an atom, over its members, in canonical order."""
    members = list(atom.members)
    local = [names[m] for m in members]
    whole = np.ones((1, len(members)), dtype=bool)
    if ties.allows(local, ties.effective(local, whole))[0]:
        return [whole[0]]
    tied = sorted({name for some in ties.tied() for name in some} & set(local))
    if 2 ** len(tied) > MAX_STATES:
        raise _too_tight(tied)
    rows = np.array(list(product([False, True], repeat=len(tied))), dtype=bool)
    full = np.ones((rows.shape[0], len(members)), dtype=bool)
    full[:, [local.index(name) for name in tied]] = rows
    fine = rows[ties.allows(local, ties.effective(local, full))]
    best = [row for row in fine if not any((row <= r).all() and (row < r).any() for r in fine)]
    result = []
    for row in best:
        part = np.ones(len(members), dtype=bool)
        part[[local.index(name) for name in tied]] = row
        result.append(part)
    return result


def _draw_component(
    names: tuple[str, ...], atoms: list[Atom], ties: Ties, candidate: Bools, streams: Streams
) -> dict[str, Floats]:
    """Draw bounds (W, 2) on each origin's uniform number that leave no contradiction."""
    columns = [m for atom in atoms for m in atom.members]
    patterns, back = np.unique(candidate[:, columns], axis=0, return_inverse=True)
    pick = streams.uniform("component", min(names[m] for m in columns))[:, 0]
    bounds = {atom.origin: np.empty((streams.size, 2)) for atom in atoms}
    for k, pattern in enumerate(patterns):
        rows = np.flatnonzero(back.reshape(-1) == k)
        fine = _states([names[m] for m in columns], atoms, pattern, ties)
        if fine is None:
            return _draw_by_rejection(names, atoms, ties, candidate, streams)
        for chunk in np.array_split(rows, 1 + rows.size * len(fine) // 2_000_000):
            chosen = _pick_state(atoms, fine, pick[chunk], chunk)
            for origin, low_high in _bounds(atoms, fine[chosen], chunk).items():
                bounds[origin][chunk] = low_high
    return bounds


def _states(local: list[str], atoms: list[Atom], candidate: Bools, ties: Ties) -> Bools | None:
    """Shape (S, atoms): which atoms may stand together; ``None`` if there are too many states.

    Atoms are added one by one, and what contradicts itself is struck out at once: nothing added
    later mends it, unless some of the assertions set others aside.
    """
    lengths = [len(atom.members) for atom in atoms]
    mended = any(earlier in ties.superseded for earlier in local)
    states = np.zeros((1, len(atoms)), dtype=bool)
    for k in range(len(atoms)):
        added = states.copy()
        added[:, k] = True
        states = np.concatenate([states, added])
        if not mended or k == len(atoms) - 1:
            standing = np.repeat(states, lengths, axis=1) & candidate
            states = states[ties.allows(local, ties.effective(local, standing))]
        if len(states) > MAX_STATES:
            return None
    return states


def _pick_state(
    atoms: list[Atom], states: Bools, pick: Floats, rows: NDArray[np.intp]
) -> NDArray[np.intp]:
    """Shape (R,): one state for each world, with odds by the product over origins."""
    odds = np.ones((rows.size, len(states)))
    for origin in sorted({atom.origin for atom in atoms}):
        mine = [k for k, atom in enumerate(atoms) if atom.origin == origin]
        for subset in np.unique(states[:, mine], axis=0):
            low, high = _gap([atoms[k] for k in mine], subset, rows)
            here = (states[:, mine] == subset).all(axis=1)
            odds[:, here] *= np.maximum(0.0, high - low)[:, None]
    total = np.cumsum(odds, axis=1)
    if not (total[:, -1] > 0).all():
        raise _too_tight([f"{atom.origin or 'unknown'} ({atom.key})" for atom in atoms])
    chosen: NDArray[np.intp] = (total <= (pick * total[:, -1])[:, None]).sum(axis=1)
    return np.minimum(chosen, len(states) - 1)


def _gap(atoms: list[Atom], stands: Bools, rows: NDArray[np.intp]) -> tuple[Floats, Floats]:
    """Bounds of an origin's uniform number under which just these of its atoms stand."""
    low, high = np.zeros(rows.size), np.ones(rows.size)
    for atom, standing in zip(atoms, stands, strict=True):
        if standing:
            high = np.minimum(high, atom.probability[rows])
        else:
            low = np.maximum(low, atom.probability[rows])
    return low, high


def _bounds(atoms: list[Atom], states: Bools, rows: NDArray[np.intp]) -> dict[str, Floats]:
    """Shape (R, 2) for each origin: the bounds of its uniform number in the drawn states."""
    result = {atom.origin: np.tile([0.0, 1.0], (rows.size, 1)) for atom in atoms}
    for k, atom in enumerate(atoms):
        low_high = result[atom.origin]
        chance, stands = atom.probability[rows], states[:, k]
        low_high[:, 1] = np.where(stands, np.minimum(low_high[:, 1], chance), low_high[:, 1])
        low_high[:, 0] = np.where(stands, low_high[:, 0], np.maximum(low_high[:, 0], chance))
    return result


def _draw_by_rejection(
    names: tuple[str, ...], atoms: list[Atom], ties: Ties, candidate: Bools, streams: Streams
) -> dict[str, Floats]:
    """As `_draw_component`: all origins are drawn anew until nothing contradicts."""
    columns = [m for atom in atoms for m in atom.members]
    local = [names[m] for m in columns]
    origins = sorted({atom.origin for atom in atoms})
    states = np.zeros((streams.size, len(atoms)), dtype=bool)
    pending = np.arange(streams.size)
    for turn in range(MAX_ROUNDS):
        level = streams.uniform("round", local[0], str(turn), columns=len(origins))[pending]
        for k, atom in enumerate(atoms):
            states[pending, k] = level[:, origins.index(atom.origin)] < atom.probability[pending]
        standing = np.repeat(states[pending], [len(a.members) for a in atoms], axis=1)
        standing &= candidate[pending][:, columns]
        pending = pending[~ties.allows(local, ties.effective(local, standing))]
        if not pending.size:
            return _bounds(atoms, states, np.arange(streams.size))
    raise _too_tight(sorted(local))


def _too_tight(names: Sequence[str]) -> ContradictionError:
    listed = ", ".join(names[:12]) + (" …" if len(names) > 12 else "")
    return ContradictionError(
        f"Too many statements contradict each other at once: {listed}.",
        "Say with 'corrects' or 'withdraws' which of them stand, or grade them further apart.",
    )
