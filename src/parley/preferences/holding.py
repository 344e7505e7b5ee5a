"""Which assertions hold in each world. See docs/methods/worlds.md, section 3."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations, product

import numpy as np

from parley.errors import ContradictionError
from parley.preferences.atoms import Atom
from parley.preferences.elimination import draw_bounds, too_tangled
from parley.preferences.streams import Streams
from parley.preferences.ties import Bools, Ties

MAX_PARTS = 14
"""Statements of one origin and grade that may contradict each other before it is refused."""


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
    tied = {name for some in ties.tied() for name in some}
    entangled = [atom for atom in atoms if any(names[m] in tied for m in atom.members)]
    bounds |= draw_bounds(names, entangled, ties, candidate, streams)
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
    if len(tied) > MAX_PARTS:
        raise too_tangled([atom.origin])
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
