"""Stability over worlds: the doubt about preferences, carried through.

In each world the statements that cite the record count only if something that they cite holds;
the order of statements of one importance is drawn; and what then is not told apart is, where
the file leaves it open, drawn as a sum of weights of the options, uniform from -1 to 1 for each
option and decision maker. See docs/methods/conflict.md, 6.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from parley.case.moves import DecisionMaker
from parley.case.states import States
from parley.compiled import compiled
from parley.conflict.arcs import Arcs, best_step, is_deterred_listed
from parley.conflict.fibers import Fibers, best_reach, is_deterred, sort_all
from parley.conflict.model import Conflict
from parley.conflict.preference import by_importance, of_maker, truths
from parley.conflict.simultaneous import Joint, bounds_for, least_of_others, sim_stable
from parley.conflict.stability import WORKERS, Concept, Progress, workers
from parley.errors import SettingError, TooLargeError
from parley.preferences.orders import Order, draw_ordered
from parley.preferences.sensitivity import Decider, Thing, things_said
from parley.preferences.shares import Share, share
from parley.preferences.standing import Standing
from parley.preferences.streams import Streams

Bools = NDArray[np.bool_]
Ints = NDArray[np.int32]
Floats = NDArray[np.float64]

CHUNK = 1 << 19
"""Values of preference that are drawn at one time."""

MOST = 1 << 30
"""Most worlds times states."""

BIT = {concept: np.uint8(1 << k) for k, concept in enumerate(Concept)}


def is_open(conflict: Conflict) -> bool:
    """Whether preferences differ from world to world."""
    return any(_is_open(maker) for maker in conflict.moves.decision_makers)


def _is_open(maker: DecisionMaker) -> bool:
    statements = maker.statements or ()
    ranks = [s.importance for s in statements if s.importance is not None]
    cites = any(statement.because for statement in statements)
    return maker.leaves_open or cites or len(set(ranks)) < len(ranks) or maker.known is not None


@dataclass(frozen=True, eq=False)
class Ensemble:
    """Stability in many worlds.

    Parameters
    ----------
    parties
        Ids of the decision makers.
    standing
        Which of the cited assertions hold in each world.
    streams
        Of the random numbers.
    stable
        Shape (W, n): for each world and state the concepts under which it is an equilibrium, as a
        sum of `BIT`.
    counts
        For each concept shape (D, n): the number of worlds in which the state is stable.
    unknowns
        What was drawn besides: each with its value in each world.
    """

    parties: tuple[str, ...]
    standing: Standing
    streams: Streams
    stable: NDArray[np.uint8]
    counts: dict[Concept, NDArray[np.int64]]
    unknowns: tuple[Thing, ...]

    @property
    def worlds(self) -> int:
        """Number of worlds."""
        return int(self.stable.shape[0])

    def holds(self, concept: Concept, state: int) -> Bools:
        """Shape (W,): in which worlds a state (from 0) is an equilibrium."""
        found: Bools = self.stable[:, state] & BIT[concept] != 0
        return found

    def some_with(self, concept: Concept, states: Bools) -> Bools:
        """Shape (W,): in which worlds some equilibrium is among `states`, shape (n,)."""
        found: Bools = (self.stable[:, states] & BIT[concept] != 0).any(axis=1)
        return found

    def all_with(self, concept: Concept, states: Bools) -> Bools:
        """Shape (W,): in which worlds there are equilibria, and all are among `states`."""
        return self.some_with(concept, states) & ~self.some_with(concept, ~states)

    def equilibrium(self, concept: Concept, state: int) -> Share:
        """The share of worlds in which a state (from 0) is an equilibrium."""
        return share(self.holds(concept, state))

    def for_party(self, concept: Concept, party: str, state: int) -> Share:
        """The share of worlds in which a state (from 0) is stable for one decision maker."""
        count = int(self.counts[concept][self.parties.index(party), state])
        return share(np.arange(self.worlds) < count)

    @cached_property
    def frequency(self) -> dict[Concept, Floats]:
        """For each concept, shape (n,): the share of worlds in which each state holds."""
        return {
            concept: np.mean(self.stable & BIT[concept] != 0, axis=0) for concept in self.counts
        }

    def things(self) -> Iterator[Thing]:
        """All on which an outcome may hang, with its value in each world."""
        standing = self.standing
        yield from things_said(standing.assertions, standing.origins, standing.holds)
        yield from self.unknowns


def stability_in_worlds(
    conflict: Conflict, standing: Standing, streams: Streams, progress: Progress | None = None
) -> Ensemble:
    """Stability in every world.

    SIM is left out of models without options and of those with merged states, where it may be
    undefined in some worlds.

    Raises
    ------
    TooLargeError
        If there are too many worlds and states.
    """
    size, makers, worlds = conflict.size, len(conflict.parties), streams.size
    if size * worlds > MOST:
        raise TooLargeError(
            f"{worlds:,} worlds of {size:,} states are too many.",
            f"Ask for up to {max(MOST // size, 2):,} worlds.",
        )
    concepts = [c for c in Concept if c is not Concept.SIM or conflict.states.is_plain]
    drawn = [_Drawn(maker, conflict.states, standing, streams) for maker in _makers(conflict)]
    bits = np.empty((worlds, size), dtype=np.uint8)
    counts = np.zeros((len(Concept), makers, size), dtype=np.int64)
    step = max(1, CHUNK // (size * makers))
    with workers() as pool:
        for begin in range(0, worlds, step * WORKERS):
            if progress is not None:
                progress("Looking for what holds in each world", begin / worlds)
            parts = [
                slice(b, min(b + step, worlds))
                for b in range(begin, min(begin + step * WORKERS, worlds), step)
            ]
            for part, found in zip(
                parts, pool.map(lambda p: _chunk(conflict, drawn, p), parts), strict=True
            ):
                bits[part] = np.bitwise_and.reduce(found, axis=1)
                for k in range(len(Concept)):
                    counts[k] += (found & np.uint8(1 << k) != 0).sum(axis=0)
    kept = {c: counts[k] for k, c in enumerate(Concept) if c in concepts}
    unknowns = tuple(thing for item in drawn for thing in item.things())
    return Ensemble(conflict.parties, standing, streams, bits, kept, unknowns)


def _makers(conflict: Conflict) -> tuple[DecisionMaker, ...]:
    return conflict.moves.decision_makers


def _chunk(conflict: Conflict, drawn: list[_Drawn], part: slice) -> NDArray[np.uint8]:
    """Shape (worlds, D, n): the concepts under which each state is stable."""
    values = np.ascontiguousarray(np.stack([item.values(part) for item in drawn], axis=1))
    structure = conflict.structure
    if isinstance(structure, Arcs):
        return _worlds_listed(structure, values)
    return _worlds_of_fibers(
        structure, conflict.joint, values, bounds_for(conflict.joint, len(drawn))
    )


@compiled()
def _worlds_of_fibers(
    fibers: Fibers, joint: Joint, values: NDArray[np.int32], bounds: Ints
) -> NDArray[np.uint8]:
    worlds, makers, size = values.shape
    result = np.zeros((worlds, makers, size), dtype=np.uint8)
    for w in range(worlds):
        rows = values[w]
        orders = sort_all(fibers, rows)
        if bounds.size:
            least_of_others(joint, rows, bounds)
        at_once = sim_stable(joint, rows, bounds, 0, size)
        for i in range(makers):
            own = rows[i]
            best = best_reach(fibers, i, own)
            gmr = is_deterred(fibers, i, own, own, orders, rows, False)
            smr = is_deterred(fibers, i, own, best, orders, rows, False)
            seq = is_deterred(fibers, i, own, own, orders, rows, True)
            for s in range(size):
                found = (best[s] <= own[s]) + 2 * gmr[s] + 4 * smr[s] + 8 * seq[s]
                result[w, i, s] = found + 16 * (at_once[i, s] == 1)
    return result


@compiled()
def _worlds_listed(arcs: Arcs, values: NDArray[np.int32]) -> NDArray[np.uint8]:
    worlds, makers, size = values.shape
    result = np.zeros((worlds, makers, size), dtype=np.uint8)
    for w in range(worlds):
        rows = values[w]
        for i in range(makers):
            own = rows[i]
            best = best_step(arcs, i, own)
            gmr = is_deterred_listed(arcs, i, own, own, rows, False)
            smr = is_deterred_listed(arcs, i, own, best, rows, False)
            seq = is_deterred_listed(arcs, i, own, own, rows, True)
            for s in range(size):
                result[w, i, s] = (best[s] <= own[s]) + 2 * gmr[s] + 4 * smr[s] + 8 * seq[s]
    return result


class _Drawn:
    """What is drawn of the preferences of one decision maker."""

    def __init__(
        self, maker: DecisionMaker, states: States, standing: Standing, streams: Streams
    ) -> None:
        self.maker, self.states, self.streams = maker, states, streams
        self.truths = truths(maker, states)
        self.counts = _counting(maker, standing, streams.size)
        self.places = _places(maker, streams)
        self.fixed = _fixed(maker, states)
        self.orders = _extensions(maker, states, streams) if maker.known is not None else None
        self.taken = _taken(states)
        self.weights: Floats | None = None
        if maker.leaves_open:
            columns = [streams.uniform("move", maker.party, o)[:, 0] for o in states.options]
            self.weights = 2 * np.stack(columns, axis=1) - 1

    def values(self, part: slice) -> Ints:
        """Shape (worlds, n): the values of the states in some worlds."""
        if self.orders is not None:
            return _ranks([self.orders[part]])
        shape = (len(self.counts[part]), self.states.size)
        rest = np.zeros(shape) if self.weights is None else self.weights[part] @ self.taken.T
        keys = [rest] if self.fixed is None else [rest, np.broadcast_to(self.fixed, shape)]
        return _ranks([*keys, *self._by_statements(part)])

    def _by_statements(self, part: slice) -> list[Floats]:
        """Keys from the statements that count, least important first; each exact in a float."""
        count = len(self.truths)
        if not count:
            return []
        places, counted = self.places[part], self.counts[part]
        keys = []
        for start in range(0, count, 50):  # so many digits a float holds
            digit = np.where(
                counted & (places >= start) & (places < start + 50),
                2.0 ** (start + 49 - places),
                0.0,
            )
            keys.append(digit @ self.truths.astype(np.float64))
        return keys[::-1]

    def things(self) -> Iterator[Thing]:
        """What was drawn, with its value in each world."""
        party = self.maker.party
        if self.weights is not None:
            for k, option in enumerate(self.states.options):
                name = f"{party} {option}"
                yield Decider("preference", name, party, "", option, (), {}), self.weights[:, k]
        for k, statement in enumerate(self.maker.statements or ()):
            if len(np.unique(self.places[:, k])) > 1:
                text = statement.prefer
                thing = Decider("importance", f"{party} {text}", party, "", text, (), {})
                yield thing, -self.places[:, k].astype(np.float64)


def _counting(maker: DecisionMaker, standing: Standing, worlds: int) -> Bools:
    """Shape (W, statements): whether each counts: it cites nothing, or something that holds."""
    statements = maker.statements or ()
    result = np.ones((worlds, len(statements)), dtype=bool)
    for k, statement in enumerate(statements):
        if statement.because:
            columns = [standing.assertions.index(name) for name in statement.because]
            result[:, k] = standing.holds[:, columns].any(axis=1)
    return result


def _places(maker: DecisionMaker, streams: Streams) -> NDArray[np.int64]:
    """Shape (W, statements): the place of each in the order of importance, 0 the first."""
    statements = maker.statements or ()
    order = by_importance(maker)
    result = np.empty((streams.size, len(statements)), dtype=np.int64)
    result[:, order] = np.arange(len(order))
    ranks = [statement.importance for statement in statements]
    for rank in sorted({r for r in ranks if r is not None}):
        some = [k for k in order if ranks[k] == rank]
        if len(some) > 1:
            drawn = [
                streams.uniform("importance", maker.party, statements[k].prefer)[:, 0] for k in some
            ]
            places = np.argsort(np.argsort(np.stack(drawn, axis=1), axis=1), axis=1)
            result[:, some] = places + order.index(some[0])
    return result


def _fixed(maker: DecisionMaker, states: States) -> Floats | None:
    """Shape (n,): values that are the same in all worlds, where there are some."""
    if maker.weights is None and maker.ranking is None:
        return None
    return of_maker(maker, states).values.astype(np.float64)


def _extensions(maker: DecisionMaker, states: States, streams: Streams) -> Floats:
    """Shape (W, n): values drawn evenly from all orders that fit what is known."""
    known = of_maker(maker, states).known
    assert known is not None
    groups, label = np.unique(known.equal, axis=0, return_inverse=True)
    label = label.reshape(-1)
    first = [int(np.flatnonzero(label == g)[0]) for g in range(len(groups))]
    pairs = frozenset(
        (a, b) for a, s in enumerate(first) for b, t in enumerate(first) if known.better[s, t]
    )
    everywhere = np.arange(streams.size)
    try:
        drawn = draw_ordered(Order(len(first), pairs), streams, ("known", maker.party), everywhere)
    except TooLargeError:
        raise SettingError(
            f"What is known of the preferences of `{maker.party}` leaves too many orders to draw.",
            "Give statements with `rest: open` instead, or ask for the types a to d.",
        ) from None
    return drawn[:, label]


def _taken(states: States) -> Floats:
    """Shape (n, options): whether each option is taken; the part of combinations where merged."""
    result = np.empty((states.size, len(states.options)))
    for k in range(len(states.options)):
        inside = np.bincount(states.state_of, weights=states.taken(k), minlength=states.size)
        result[:, k] = inside / states.members
    return result


def _ranks(keys: list[Floats]) -> Ints:
    """Shape (worlds, n): ranks from 0, by the last key first; equal in all keys, equal rank."""
    order = np.lexsort(np.stack(keys), axis=-1)
    steps = np.zeros(order.shape, dtype=np.int32)
    for key in keys:
        ranked = np.take_along_axis(key, order, axis=1)
        steps[:, 1:] |= (ranked[:, 1:] != ranked[:, :-1]).astype(np.int32)
    result = np.empty(order.shape, dtype=np.int32)
    np.put_along_axis(result, order, np.cumsum(steps, axis=1, dtype=np.int32), axis=1)
    return result
