"""What cannot hold together, over many worlds at once. See docs/methods/worlds.md, 3.3."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parley.preferences.contradictions import Group

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Ties:
    """What cannot hold together, and what later statements set aside.

    `groups` are orders that might become cyclic, `denials` pairs of which one denies the
    other, `superseded` gives for an assertion those that correct or withdraw it.
    """

    groups: tuple[Group, ...]
    denials: tuple[tuple[str, str], ...]
    superseded: Mapping[str, frozenset[str]]

    def effective(self, names: Sequence[str], standing: Bools) -> Bools:
        """Drop what a standing correction or withdrawal sets aside; shape (R, A) as `standing`."""
        place = {name: k for k, name in enumerate(names)}
        holds = standing.copy()
        for earlier, later in self.superseded.items():
            columns = [place[name] for name in later if name in place]
            if earlier in place and columns:
                holds[:, place[earlier]] &= ~standing[:, columns].any(axis=1)
        return holds

    def allows(self, names: Sequence[str], holds: Bools) -> Bools:
        """Shape (R,): whether each row of `holds` (R, A) is free of contradictions."""
        place = {name: k for k, name in enumerate(names)}
        fine = np.ones(holds.shape[0], dtype=bool)
        for a, b in self.denials:
            if a in place and b in place:
                fine &= ~(holds[:, place[a]] & holds[:, place[b]])
        for group in self.groups:
            members = [name for name in sorted(group.pairs) if name in place]
            fine &= _consistent_rows(group, members, holds[:, [place[m] for m in members]])
        return fine

    def conflicts(self) -> Iterator[tuple[str, ...]]:
        """Sets of assertions that may contradict each other."""
        yield from self.denials
        yield from (tuple(sorted(group.pairs)) for group in self.groups)

    def tied(self) -> Iterator[tuple[str, ...]]:
        """As `conflicts`, and with them what may set one of these assertions aside."""
        some = list(self.conflicts())
        yield from some
        named = {name for names in some for name in names}
        for earlier, later in self.superseded.items():
            if earlier in named:
                yield earlier, *sorted(later)


def _consistent_rows(group: Group, members: list[str], rows: Bools) -> Bools:
    if not rows.size:
        return np.full(rows.shape[0], group.consistent(()))
    packed = np.packbits(rows, axis=1)
    _, first, back = np.unique(packed, axis=0, return_index=True, return_inverse=True)
    verdicts = [
        group.consistent(name for name, held in zip(members, rows[k], strict=True) if held)
        for k in first
    ]
    return np.array(verdicts, dtype=bool)[back.reshape(-1)]
