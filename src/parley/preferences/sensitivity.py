"""What decides: how far an outcome hangs on each assertion, and on each unknown.

For assertions and origins: the share of an outcome where they hold and where they do not. For
everything on one scale: the share of the outcome's variance that knowing it would explain (the
first-order Sobol index), estimated from the worlds at hand. See docs/methods/what-decides.md.

Source: E. Plischke, E. Borgonovo, C. L. Smith, "Global sensitivity measures from given data",
European Journal of Operational Research 226, 2013.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from math import sqrt
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from parley.preferences.shares import Share, share
from parley.preferences.streams import Streams
from parley.preferences.worlds import Worlds

BINS = 16
"""Classes of equal size into which the values of an unknown are put."""

FEW = 30
"""With fewer worlds than this on one side a difference is reported as too uncertain."""

RESAMPLES = 200
"""Bootstrap samples for the standard error of a share of variance."""

Kind = Literal["origin", "assertion", "no agreement", "weight", "score", "preference", "importance"]
"""An unknown of deals, or (the last two) of a conflict: see `parley.conflict.ensemble`."""
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Effect:
    """How one outcome hangs on one thing.

    Parameters
    ----------
    explained
        Share of the outcome's variance that knowing the thing would explain, bias-corrected; 0
        to 1.
    standard_error
        Of `explained`.
    low, high
        Share of worlds with the outcome where the thing is low (or does not hold), and where it
        is high (or holds). For unknowns: the lowest and highest of `BINS` classes.
    difference
        `high` less `low`, with its error.
    few
        Whether one side has fewer than `FEW` worlds.
    """

    explained: float
    standard_error: float
    low: Share
    high: Share
    difference: Share
    few: bool


@dataclass(frozen=True)
class Decider:
    """Something on which an outcome may hang: what was said, or what nobody said.

    `assertions` are those concerned (for an origin, all of it); `party`, `issue` and `option`
    are ids, ``""`` where they do not apply. `effects` has one entry for each outcome.
    """

    kind: Kind
    name: str
    party: str
    issue: str
    option: str
    assertions: tuple[str, ...]
    effects: Mapping[str, Effect]


@dataclass(frozen=True)
class Decides:
    """What decides, ranked by the largest share of variance explained over the outcomes.

    `settled` tells for each outcome whether it is the same in all worlds; then nothing decides
    it. `always` and `never` are assertions that hold in all worlds, or in none.
    """

    ranked: tuple[Decider, ...]
    settled: Mapping[str, bool]
    always: tuple[str, ...]
    never: tuple[str, ...]


Thing = tuple[Decider, Floats]
"""Something on which an outcome may hang, with its value in each world, shape (W,)."""


def what_decides(worlds: Worlds, outcomes: Mapping[str, Bools]) -> Decides:
    """Rank what the outcomes, shape (W,) each, hang on."""
    held = worlds.holds
    said = things_said(worlds.assertions, worlds.origins, held)
    return rank([*said, *_unknowns(worlds)], outcomes, worlds.assertions, held, worlds.seed)


def rank(
    things: Iterable[Thing],
    outcomes: Mapping[str, Bools],
    assertions: tuple[str, ...],
    held: Bools,
    seed: int,
) -> Decides:
    """Rank any things that the outcomes, shape (W,) each, may hang on.

    `held`, shape (W, A), tells which of `assertions` hold.
    """
    streams = Streams(seed, "bootstrap", RESAMPLES)
    ranked = []
    for thing, values in things:
        classes = _classes(values)
        if classes.max(initial=0) == 0:
            continue  # the same in all worlds: nothing can hang on it
        effects = {
            name: _effect(classes, held, streams.generator(thing.kind, thing.name, name))
            for name, held in outcomes.items()
        }
        ranked.append(replace(thing, effects=effects))
    return Decides(
        ranked=tuple(sorted(ranked, key=_order)),
        settled={name: bool(h.all() or not h.any()) for name, h in outcomes.items()},
        always=tuple(a for k, a in enumerate(assertions) if held[:, k].all()),
        never=tuple(a for k, a in enumerate(assertions) if not held[:, k].any()),
    )


def _order(decider: Decider) -> tuple[float, str, str]:
    return -max(e.explained for e in decider.effects.values()), decider.kind, decider.name


def _unknowns(worlds: Worlds) -> Iterator[Thing]:
    """What nobody said: values of no agreement, weights, scores."""
    agenda = worlds.agenda
    for p, party in enumerate(worlds.parties):
        yield Decider("no agreement", party, party, "", "", (), {}), worlds.reservation[:, p]
        for i, issue in enumerate(agenda.issues):
            name = f"{party} {issue}"
            yield Decider("weight", name, party, issue, "", (), {}), worlds.weights[:, p, i]
        for k in range(agenda.size):
            issue, option = agenda.name(k)
            name = f"{party} {issue}.{option}"
            yield Decider("score", name, party, issue, option, (), {}), worlds.scores[:, p, k]


def things_said(
    assertions: tuple[str, ...], origins: tuple[str, ...], holds: Bools
) -> Iterator[Thing]:
    """Each assertion, and each origin; an origin holds where all that it said holds."""
    for k, name in enumerate(assertions):
        yield Decider("assertion", name, "", "", "", (name,), {}), holds[:, k].astype(np.float64)
    for origin in sorted(set(origins)):
        columns = [k for k, o in enumerate(origins) if o == origin]
        names = tuple(assertions[k] for k in columns)
        together: Floats = np.logical_and.reduce(holds[:, columns], axis=1).astype(float)
        yield Decider("origin", origin, "", "", "", names, {}), together


def _classes(values: Floats) -> NDArray[np.int64]:
    """Classes of nearly equal size, by rank; equal values fall into one class."""
    unique, back = np.unique(values, return_inverse=True)
    if len(unique) <= BINS:
        return back.reshape(-1).astype(np.int64)
    edges = np.quantile(values, np.linspace(0, 1, BINS + 1)[1:-1])
    _, classes = np.unique(np.searchsorted(edges, values, side="left"), return_inverse=True)
    return classes.reshape(-1).astype(np.int64)


def _effect(classes: NDArray[np.int64], held: Bools, generator: np.random.Generator) -> Effect:
    low, high = held[classes == 0], held[classes == classes.max()]
    weights = held.astype(np.float64)
    missed, had = np.bincount(classes, weights=1 - weights), np.bincount(classes, weights=weights)
    table: Floats = np.stack([missed, had], axis=1).astype(np.float64)
    odds = (table / table.sum()).ravel()
    drawn = generator.multinomial(int(table.sum()), odds, size=RESAMPLES)
    tables: Floats = drawn.astype(np.float64).reshape(RESAMPLES, *table.shape)
    spread = _explained(tables).std(ddof=1)
    below, above = share(low), share(high)
    error = sqrt(below.standard_error**2 + above.standard_error**2)
    return Effect(
        explained=float(np.clip(_explained(table[np.newaxis])[0], 0.0, 1.0)),
        standard_error=float(spread),
        low=below,
        high=above,
        difference=Share(above.value - below.value, error, below.worlds + above.worlds),
        few=min(low.size, high.size) < FEW,
    )


def _explained(tables: Floats) -> Floats:
    """Shape (R,): the correlation ratio of class × outcome tables (R, classes, 2), corrected.

    The variance between class means is biased upward by what sampling alone puts there; that is
    the mean variance within classes over their size (the correction of Kelley 1935, as for
    epsilon squared).
    """
    size = tables.sum(axis=2)
    total = size.sum(axis=1)
    mean = tables[:, :, 1].sum(axis=1) / total
    inside = np.divide(tables[:, :, 0] * tables[:, :, 1], size, where=size > 0, out=0 * size)
    within = inside.sum(axis=1)
    whole = total * mean * (1 - mean)
    classes = (size > 0).sum(axis=1)
    freedom = np.maximum(total - classes, 1)
    corrected = whole - within * (total - 1) / freedom
    result: Floats = np.divide(corrected, whole, where=whole > 0, out=np.zeros_like(whole))
    return result
