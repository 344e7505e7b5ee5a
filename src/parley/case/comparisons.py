"""Rankings and comparisons of states, as a file writes them, read and checked.

A ranking becomes a value for each state, higher for better; comparisons become a relation, of
which all that is not known stays unknown (Li, Hipel, Kilgour & Fang 2004).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from parley.case.moves import GREATLY, StateRef
from parley.case.states import Path_, States, Wrong

Bools = NDArray[np.bool_]
Ints = NDArray[np.int32]

MAX_COMPARED = 2_000
"""Most states of which comparisons are kept one by one."""


@dataclass(frozen=True, eq=False)
class Ranking:
    """A complete order of the states.

    Parameters
    ----------
    values
        Shape (states,): 0 for the worst, equal for ties.
    blocks
        Shape (states,): 0 for the lowest block; states of different blocks are greatly apart.
    """

    values: Ints
    blocks: Ints


@dataclass(frozen=True, eq=False)
class Comparisons:
    """What is known of an order: `better` [s, t] where s is preferred to t, `equal` where not."""

    better: Bools
    equal: Bools


def read_ranking(
    ranking: Sequence[StateRef | Sequence[StateRef]], states: States
) -> tuple[Ranking | None, list[Wrong]]:
    """Read a ranking, best first, with ties and marks of great preference."""
    level = np.full(states.size, -1, dtype=np.int32)
    block = np.zeros(states.size, dtype=np.int32)
    wrong: list[Wrong] = []
    blocks = 0
    for k, entry in enumerate(ranking):
        if entry == GREATLY:
            blocks += 1
            continue
        tier = [entry] if isinstance(entry, int | str) else list(entry)
        for ref in tier:
            state = states.find(ref)
            if state is None:
                wrong.append(_no_state((k,), ref, states))
            elif level[state] >= 0:
                what = f"State {state + 1} stands twice in the ranking."
                wrong.append(Wrong((k,), "ranking", what, "Name every state once."))
            else:
                level[state], block[state] = k, blocks
    missing = np.flatnonzero(level < 0)
    if len(missing) and not wrong:
        named = ", ".join(str(s + 1) for s in missing[:12]) + (" …" if len(missing) > 12 else "")
        what = f"The ranking leaves out {len(missing)} of {states.size} states: {named}."
        wrong.append(Wrong((), "ranking", what, "Name every state once."))
    if wrong:
        return None, wrong
    _, dense = np.unique(-level, return_inverse=True)
    return Ranking(dense.astype(np.int32), (blocks - block).astype(np.int32)), []


def read_known(known: Sequence[str], states: States) -> tuple[Comparisons | None, list[Wrong]]:
    """Read comparisons, and add what follows from them."""
    if states.size > MAX_COMPARED:
        what = f"Comparisons one by one are kept for up to {MAX_COMPARED:,} states."
        return None, [Wrong((), "known", what, "Use statements with `rest: open`.")]
    better: list[tuple[int, int, int]] = []
    equal: list[tuple[int, int]] = []
    wrong: list[Wrong] = []
    for k, text in enumerate(known):
        for left, sign, right in _pairs(text):
            ends = states.find(left), states.find(right)
            if ends[0] is None or ends[1] is None:
                wrong.append(_no_state((k,), left if ends[0] is None else right, states))
            elif sign == ">":
                better.append((ends[0], ends[1], k))
            else:
                equal.append((ends[0], ends[1]))
        if not re.search(r"[>=~]", text):
            what = f"`{text}` compares nothing."
            wrong.append(Wrong((k,), "known", what, "Write it as 3 > 7, or 1 = 2."))
    if wrong:
        return None, wrong
    return _closed(states.size, better, equal)


def _pairs(text: str) -> Iterator[tuple[str, str, str]]:
    parts = re.split(r"\s*(>|=|~)\s*", text.strip())
    for k in range(0, len(parts) - 2, 2):
        yield parts[k], parts[k + 1], parts[k + 2]


def _no_state(path: Path_, ref: object, states: States) -> Wrong:
    remedy = f"States have the numbers 1 to {states.size:,}; "
    remedy += "a pattern must fit exactly one." if states.options else "a name must be one listed."
    return Wrong(path, "no-such-state", f"There is no state `{ref}`.", remedy)


def _closed(
    size: int, better: Sequence[tuple[int, int, int]], equal: Sequence[tuple[int, int]]
) -> tuple[Comparisons | None, list[Wrong]]:
    """The comparisons with all that follows from them; a circle is a mistake."""
    rows, columns = [a for a, _ in equal], [b for _, b in equal]
    graph = coo_array((np.ones(len(rows)), (rows, columns)), shape=(size, size))
    count, label = connected_components(graph, directed=False)
    above = np.zeros((count, count), dtype=bool)
    for a, b, k in better:
        if label[a] == label[b] or _leads(above, label[b], label[a]):
            what = f"That state {a + 1} is preferred to state {b + 1} contradicts the comparisons "
            what += "before it: they lead back from the second to the first."
            return None, [Wrong((k,), "cycle", what, "Take one of them out.")]
        above[label[a], label[b]] = True
    while True:
        further = above | (above.astype(np.float32) @ above.astype(np.float32) > 0)
        if (further == above).all():
            break
        above = further
    return Comparisons(above[np.ix_(label, label)], label[:, None] == label[None, :]), []


def _leads(above: Bools, start: int, end: int) -> bool:
    seen = np.zeros(len(above), dtype=bool)
    front = [start]
    while front:
        here = front.pop()
        if here == end:
            return True
        following = np.flatnonzero(above[here] & ~seen)
        seen[following] = True
        front.extend(following.tolist())
    return False
