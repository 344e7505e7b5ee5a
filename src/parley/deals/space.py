"""The space of packages, as a decision diagram over the issues.

Choosing one option for each issue in turn walks through the diagram from its root to its
end. A node remembers only what still matters: which rules and vetoes are half matched. So
every walk is a feasible package, every feasible package is one walk, and what can be summed
along arcs (worth, counts) is computed without listing packages.

Source: D. Bergman, A. Cire, W.-J. van Hoeve, J. Hooker, *Decision Diagrams for
Optimization*, Springer 2016, ch. 3 (exact diagrams by state merging); for several
objectives, D. Bergman and A. Cire, "Multiobjective Optimization by Decision Diagrams",
CP 2016.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from parley.case.agenda import Agenda, Clause
from parley.errors import TooLargeError

MAX_ARCS = 2_000_000
"""Arcs that a diagram may have before it is refused."""

_State = frozenset[int]


@dataclass(frozen=True, eq=False)
class Layer:
    """The choice of one issue: arcs from the nodes before it to the nodes after it.

    `source`, `option` and `target` have shape (arcs,), sorted by target; `option` is flat.
    ``vetoes[triggers[a]:triggers[a + 1]]`` are the vetoes that arc ``a`` completes.
    """

    issue: int
    nodes: int
    source: NDArray[np.int64]
    option: NDArray[np.int64]
    target: NDArray[np.int64]
    triggers: NDArray[np.int64]
    vetoes: NDArray[np.int64]

    def into(self, target: int) -> range:
        """The arcs that lead to a node."""
        first, last = np.searchsorted(self.target, [target, target + 1])
        return range(int(first), int(last))

    def fired(self, arc: int) -> NDArray[np.int64]:
        """The vetoes that an arc completes."""
        return self.vetoes[self.triggers[arc] : self.triggers[arc + 1]]


class Arcs(NamedTuple):
    """A diagram in one piece.

    Layer d has the arcs ``first[d]:first[d + 1]``; ``nodes[d]`` nodes stand before it and
    ``nodes[d + 1]`` after it. Arc a goes from node ``source[a]`` to ``target[a]``, chooses the
    flat option ``option[a]`` and completes the vetoes ``vetoes[triggers[a]:triggers[a + 1]]``.
    Counting nodes through, depth after depth, the arcs that leave node n are
    ``leaving[leaving_first[n]:leaving_first[n + 1]]``.
    """

    first: NDArray[np.int64]
    nodes: NDArray[np.int64]
    source: NDArray[np.int64]
    option: NDArray[np.int64]
    target: NDArray[np.int64]
    triggers: NDArray[np.int64]
    vetoes: NDArray[np.int64]
    leaving: NDArray[np.int64]
    leaving_first: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Space:
    """All packages that the rules allow.

    `layers` has one `Layer` for each issue, in an order chosen to keep the diagram small
    (`order`: issue indices). `nodes` of a layer is the number of nodes after it; the last
    layer has one. `rules` and `vetoes` are the clauses that it was built from.
    """

    agenda: Agenda
    rules: tuple[Clause, ...]
    vetoes: tuple[Clause, ...]
    layers: tuple[Layer, ...]

    @classmethod
    def of(cls, agenda: Agenda, rules: Sequence[Clause], vetoes: Sequence[Clause] = ()) -> Space:
        """Build the diagram.

        Raises
        ------
        TooLargeError
            If the rules tie so many issues that the diagram has over `MAX_ARCS` arcs.
        """
        return cls(agenda, tuple(rules), tuple(vetoes), _build(agenda, tuple(rules), tuple(vetoes)))

    @property
    def order(self) -> tuple[int, ...]:
        """The issues in the order of the layers."""
        return tuple(layer.issue for layer in self.layers)

    @cached_property
    def completions(self) -> tuple[tuple[int, ...], ...]:
        """For each layer, and last for the end: ways from each node before it to the end."""
        ways: list[tuple[int, ...]] = [(1,)]
        for depth in range(len(self.layers) - 1, -1, -1):
            layer = self.layers[depth]
            before = self.layers[depth - 1].nodes if depth else 1
            count = [0] * before
            for source, target in zip(layer.source.tolist(), layer.target.tolist(), strict=True):
                count[source] += ways[-1][target]
            ways.append(tuple(count))
        return tuple(reversed(ways))

    @cached_property
    def arcs(self) -> Arcs:
        """The diagram in one piece, as the compiled kernels need it."""
        nodes = np.array([1, *(layer.nodes for layer in self.layers)], dtype=np.int64)
        lengths = [layer.option.size for layer in self.layers]
        fired = np.cumsum([0, *(layer.vetoes.size for layer in self.layers)])
        triggers = [layer.triggers[:-1] + f for layer, f in zip(self.layers, fired, strict=False)]
        source = np.concatenate([layer.source for layer in self.layers])
        start = np.repeat(np.cumsum(nodes[:-1]) - nodes[:-1], lengths) + source
        return Arcs(
            first=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
            nodes=nodes,
            source=source,
            option=np.concatenate([layer.option for layer in self.layers]),
            target=np.concatenate([layer.target for layer in self.layers]),
            triggers=np.concatenate([*triggers, fired[-1:]]).astype(np.int64),
            vetoes=np.concatenate([layer.vetoes for layer in self.layers]).astype(np.int64),
            leaving=np.argsort(start, kind="stable").astype(np.int64),
            leaving_first=np.searchsorted(np.sort(start), np.arange(nodes.sum() + 1)).astype(
                np.int64
            ),
        )

    @property
    def count(self) -> int:
        """Number of feasible packages: exact, as a Python integer of any size."""
        return self.completions[0][0]

    def allows(self, package: Sequence[int]) -> bool:
        """Whether the rules allow a package (flat options)."""
        return not any(rule.matches(package) for rule in self.rules)


def layer_order(agenda: Agenda, clauses: Iterable[Clause]) -> tuple[int, ...]:
    """Order the issues so that those tied by a clause stand together.

    Greedy: go on with the issue that has most ties to those already placed, and fewest to
    those not yet placed; where equal, the first in canonical order.
    """
    ties = np.zeros((len(agenda.issues), len(agenda.issues)), dtype=np.int64)
    for clause in clauses:
        tied = sorted({int(agenda.issue_of[min(s)]) for s in clause.sets if s})
        for a in tied:
            for b in tied:
                ties[a, b] += a != b
    placed: list[int] = []
    left = list(range(len(agenda.issues)))
    while left:
        best = max(left, key=lambda i: (ties[i, placed].sum(), -ties[i, left].sum(), -i))
        placed.append(best)
        left.remove(best)
    return tuple(placed)


def _build(
    agenda: Agenda, rules: tuple[Clause, ...], vetoes: tuple[Clause, ...]
) -> tuple[Layer, ...]:
    clauses = rules + vetoes
    order = layer_order(agenda, clauses)
    spans = [_span(agenda, order, clause) for clause in clauses]
    states: list[_State] = [frozenset()]
    layers, arcs = [], 0
    for depth, issue in enumerate(order):
        layer, states = _layer(agenda, (depth, issue), states, spans, len(rules))
        arcs += layer.option.size
        if arcs > MAX_ARCS:
            raise TooLargeError(
                f"The rules tie too many issues together: over {MAX_ARCS} arcs "
                f"at issue '{agenda.issues[issue]}'.",
                "Let rules and conditions bind fewer issues, or merge issues that always go "
                "together.",
            )
        layers.append(layer)
    return _without_dead_ends(layers)


def _span(
    agenda: Agenda, order: tuple[int, ...], clause: Clause
) -> list[tuple[int, frozenset[int]]]:
    """The sets of a clause with the depth at which each is decided, in that order."""
    depth_of = {issue: depth for depth, issue in enumerate(order)}
    if any(not options for options in clause.sets):
        return []  # an empty set matches nothing: the clause can never hold
    return sorted((depth_of[int(agenda.issue_of[min(s)])], s) for s in clause.sets)


def _layer(
    agenda: Agenda,
    place: tuple[int, int],
    states: list[_State],
    spans: list[list[tuple[int, frozenset[int]]]],
    rule_count: int,
) -> tuple[Layer, list[_State]]:
    depth, issue = place
    here = {
        c: (dict(span)[depth], span[0][0] == depth, span[-1][0] == depth)
        for c, span in enumerate(spans)
        if any(d == depth for d, _ in span)
    }
    index: dict[_State, int] = {}
    arcs: list[tuple[int, int, int, tuple[int, ...]]] = []
    for source, state in enumerate(states):
        for option in range(agenda.offsets[issue], agenda.offsets[issue + 1]):
            alive = set(state)
            done = []
            for c, (options, first, last) in here.items():
                matched = (first or c in state) and option in options
                alive.discard(c)
                if matched and last:
                    done.append(c)
                elif matched:
                    alive.add(c)
            if any(c < rule_count for c in done):
                continue
            target = index.setdefault(frozenset(alive), len(index))
            arcs.append((target, source, option, tuple(c - rule_count for c in done)))
    arcs.sort()
    return _as_layer(issue, len(index), arcs), list(index)


def _as_layer(issue: int, nodes: int, arcs: list[tuple[int, int, int, tuple[int, ...]]]) -> Layer:
    lengths = [len(done) for *_, done in arcs]
    return Layer(
        issue=issue,
        nodes=nodes,
        source=np.array([source for _, source, _, _ in arcs], dtype=np.int64),
        option=np.array([option for _, _, option, _ in arcs], dtype=np.int64),
        target=np.array([target for target, *_ in arcs], dtype=np.int64),
        triggers=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        vetoes=np.array([v for *_, done in arcs for v in done], dtype=np.int64),
    )


def _without_dead_ends(layers: list[Layer]) -> tuple[Layer, ...]:
    """Drop nodes from which no walk reaches the end, so that every walk is a package."""
    live = [np.ones(1, dtype=bool)]  # the end is a node even if no walk reaches it
    for depth in range(len(layers) - 1, -1, -1):
        layer = layers[depth]
        before = np.zeros(layers[depth - 1].nodes if depth else 1, dtype=bool)
        before[layer.source[live[0][layer.target]]] = True
        live.insert(0, before)
    return tuple(
        _thinned(layer, before, after)
        for layer, before, after in zip(layers, live[:-1], live[1:], strict=True)
    )


def _thinned(layer: Layer, before: NDArray[np.bool_], after: NDArray[np.bool_]) -> Layer:
    old, new = np.cumsum(before) - 1, np.cumsum(after) - 1
    arcs = [
        (
            int(new[layer.target[a]]),
            int(old[layer.source[a]]),
            int(layer.option[a]),
            tuple(layer.vetoes[layer.triggers[a] : layer.triggers[a + 1]].tolist()),
        )
        for a in np.flatnonzero(after[layer.target])
    ]
    return _as_layer(layer.issue, int(after.sum()), arcs)
