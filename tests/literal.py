"""The graph model, word for word: slow, with sets, and with nothing taken from the engine.

Definitions: Fang, Hipel & Kilgour 1993; Kilgour, Hipel, Fang & Peng 2001; Inohara & Hipel 2008; Li,
Hipel, Kilgour & Fang 2004; Hamouda, Kilgour & Hipel 2004. A model is given by combinations of
options (tuples of booleans), so that the engine's codes, fibers and arcs play no part.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

Combination = tuple[bool, ...]
Step = Callable[[int, int], list[int]]
Signs = Sequence[Callable[[int, int], str]]


@dataclass(frozen=True, eq=False)
class Literal:
    """A conflict.

    `states` are sets of combinations, `owners` the decision maker of each option, `irreversible`
    gives for options the only direction that is allowed; `values` [i][s] is higher for better.
    """

    states: Sequence[frozenset[Combination]]
    owners: Sequence[int]
    values: Sequence[Sequence[int]]
    irreversible: dict[int, str] = field(default_factory=dict)

    @property
    def makers(self) -> range:
        return range(len(self.values))

    @property
    def all(self) -> range:
        return range(len(self.states))

    def can_change(self, i: int, a: Combination, b: Combination) -> bool:
        for k, (before, after) in enumerate(zip(a, b, strict=True)):
            if before != after:
                if self.owners[k] != i:
                    return False
                way = self.irreversible.get(k)
                if (way == "forward" and before) or (way == "back" and after):
                    return False
        return True

    @cached_property
    def moves(self) -> list[list[frozenset[int]]]:
        """moves[i][s]: R_i(s)."""
        return [
            [
                frozenset(
                    t
                    for t in self.all
                    if t != s
                    and any(
                        self.can_change(i, a, b) for a in self.states[s] for b in self.states[t]
                    )
                )
                for s in self.all
            ]
            for i in self.makers
        ]

    def prefers(self, i: int, t: int, s: int) -> bool:
        return self.values[i][t] > self.values[i][s]

    def improvements(self, i: int, s: int) -> list[int]:
        return [t for t in self.moves[i][s] if self.prefers(i, t, s)]

    def reached(self, movers: Iterable[int], s: int, better: bool = False) -> set[int]:
        """R_H(s), or R_H⁺(s)."""
        return self.legal(movers, s, self.improvements if better else None)

    def legal(self, movers: Iterable[int], s: int, some: Step | None = None) -> set[int]:
        """What is reached by legal sequences of (some) moves: nobody twice in a row."""
        movers = list(movers)
        step: Step = some or (lambda j, t: list(self.moves[j][t]))
        pairs: set[tuple[int, int]] = set()
        front = [(t, j) for j in movers for t in step(j, s)]
        while front:
            pair = front.pop()
            if pair not in pairs:
                pairs.add(pair)
                t, last = pair
                front += [(u, j) for j in movers if j != last for u in step(j, t)]
        return {t for t, _ in pairs}

    def others(self, *some: int) -> list[int]:
        return [j for j in self.makers if j not in some]

    def nash(self, i: int, s: int) -> bool:
        return not self.improvements(i, s)

    def gmr(self, i: int, s: int) -> bool:
        return all(
            any(not self.prefers(i, u, s) for u in self.reached(self.others(i), t))
            for t in self.improvements(i, s)
        )

    def smr(self, i: int, s: int) -> bool:
        return all(
            any(
                not self.prefers(i, u, s)
                and all(not self.prefers(i, v, s) for v in self.moves[i][u])
                for u in self.reached(self.others(i), t)
            )
            for t in self.improvements(i, s)
        )

    def seq(self, i: int, s: int) -> bool:
        return all(
            any(not self.prefers(i, u, s) for u in self.reached(self.others(i), t, better=True))
            for t in self.improvements(i, s)
        )

    def ways(self, i: int, s: int) -> list[tuple[Combination, int]]:
        """Improvements of i from the single combination of s, as combinations and states."""
        (here,) = self.states[s]
        return [
            (b, t)
            for t in self.improvements(i, s)
            for b in self.states[t]
            if self.can_change(i, here, b)
        ]

    def sim(self, i: int, s: int) -> bool | None:
        """``None`` where it is undefined."""
        if len(self.states[s]) > 1:
            return None if self.improvements(i, s) else True
        mine = self.ways(i, s)
        if not mine:
            return True
        theirs = {k: self.ways(k, s) for k in self.others(i)}
        for some in (mine, *theirs.values()):
            if len({t for _, t in some}) < len(some):
                return None
        (here,) = self.states[s]
        return all(self._sanctioned_at_once(i, s, here, goal, theirs) for goal, _ in mine)

    def _sanctioned_at_once(
        self,
        i: int,
        s: int,
        here: Combination,
        goal: Combination,
        theirs: dict[int, list[tuple[Combination, int]]],
    ) -> bool:
        choices = [[None, *(c for c, _ in theirs[k])] for k in theirs]
        for made in itertools.product(*choices):
            if all(one is None for one in made):
                continue
            joint = list(here)
            for k, one in zip([i, *theirs], (goal, *made), strict=True):
                for o, owner in enumerate(self.owners):
                    if owner == k and one is not None:
                        joint[o] = one[o]
            found = [t for t in self.all if tuple(joint) in self.states[t]]
            if found and not self.prefers(i, found[0], s):
                return True
        return False

    def stable(self, concept: str, i: int, s: int) -> bool | None:
        judge: dict[str, Callable[[int, int], bool | None]] = {
            "Nash": self.nash,
            "GMR": self.gmr,
            "SMR": self.smr,
            "SEQ": self.seq,
            "SIM": self.sim,
        }
        return judge[concept](i, s)

    def strong(self, concept: str, i: int, s: int, blocks: Sequence[Sequence[int]]) -> bool:
        """Strongly stable: every improvement meets a sanction that is greatly worse."""

        def greatly_worse(u: int) -> bool:
            return blocks[i][u] < blocks[i][s]

        return all(
            any(
                greatly_worse(u)
                and (concept != "SMR" or all(greatly_worse(v) for v in self.moves[i][u]))
                for u in self.reached(self.others(i), t, better=concept == "SEQ")
            )
            for t in self.improvements(i, s)
        )

    def unknown(self, kind: str, concept: str, i: int, s: int, signs: Signs) -> bool:
        """Stability of type a, b, c or d; `signs` [i](t, s) is ">", "<", "=" or "?"."""

        def leaves(t: int) -> bool:
            return signs[i](t, s) == ">" or (kind in "ac" and signs[i](t, s) == "?")

        def deters(u: int) -> bool:
            return signs[i](u, s) in "<=" or (kind in "cd" and signs[i](u, s) == "?")

        def improving(j: int, t: int) -> list[int]:
            return [u for u in self.moves[j][t] if signs[j](u, t) in ">?"]

        wanted = [t for t in self.moves[i][s] if leaves(t)]
        if concept == "Nash":
            return not wanted
        step = improving if concept == "SEQ" else None
        return all(
            any(
                deters(u) and (concept != "SMR" or all(deters(v) for v in self.moves[i][u]))
                for u in self.legal(self.others(i), t, step)
            )
            for t in wanted
        )

    # ------------------------------------------------------------------ coalitions

    def all_prefer(self, some: Iterable[int], t: int, s: int) -> bool:
        return all(self.prefers(i, t, s) for i in some)

    def coalition_improvements(self, some: Sequence[int], s: int) -> set[int]:
        return {t for t in self.reached(some, s) if self.all_prefer(some, t, s)}

    def coalition_stable(self, concept: str, some: Sequence[int], s: int) -> bool:
        rest = self.others(*some)
        if concept == "CNash":
            return not self.coalition_improvements(some, s)

        def is_sanction(u: int) -> bool:
            if self.all_prefer(some, u, s):
                return False
            return concept != "CSMR" or not any(
                self.all_prefer(some, v, s) for v in self.reached(some, u)
            )

        return all(
            any(is_sanction(u) for u in self.reached(rest, t, better=concept == "CSEQ"))
            for t in self.coalition_improvements(some, s)
        )

    # ------------------------------------------------------------------ limited moves

    def ahead(self, h: int, i: int, s: int) -> int:
        """G_h(i, s) for two decision makers; of equal moves the lowest state."""
        if h == 0 or not self.moves[i][s]:
            return s
        j = 1 - i
        best = max(sorted(self.moves[i][s]), key=lambda t: self.values[i][self.ahead(h - 1, j, t)])
        goal = self.ahead(h - 1, j, best)
        return goal if self.prefers(i, goal, s) else s

    # ------------------------------------------------------------------ status quo

    def fewest_moves(self, start: int, better: bool = False) -> dict[int, int]:
        """The least number of legal moves to every state that can be reached."""
        step = self.improvements if better else (lambda j, t: list(self.moves[j][t]))
        found, front, count = {start: 0}, {(start, -1)}, 0
        seen = set(front)
        while front:
            count += 1
            front = {
                (u, j) for t, last in front for j in self.makers if j != last for u in step(j, t)
            } - seen
            seen |= front
            for t, _ in front:
                found.setdefault(t, count)
        return found


def patterns(text: str) -> Iterator[Combination]:
    """The combinations of a pattern."""
    letters = [(True,) if x == "Y" else (False,) if x == "N" else (False, True) for x in text]
    yield from itertools.product(*letters)
