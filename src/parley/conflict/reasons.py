"""Why a state is stable for a decision maker, or not: the moves and the answers to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from parley.conflict.joint_moves import is_defined, joint_moves
from parley.conflict.model import Conflict
from parley.conflict.paths import Step
from parley.conflict.stability import Concept
from parley.conflict.unknown import refuse_unknown

Kind = Literal["cannot move", "no improvement", "deterred", "free", "undefined"]

TOLD = 3
"""Improvements of which the answers are told."""


@dataclass(frozen=True)
class Answer:
    """How the others can answer one improvement.

    Parameters
    ----------
    move
        The improvement, counted from 0.
    steps
        The shortest answer that leaves the decision maker no better off than before; empty for
        moves made at once.
    at_once
        For SIM: who would move at the same time, and to which state each alone.
    end
        Where the answer ends.
    equal
        Whether the end is as good as the state at the beginning, and not worse.
    """

    move: int
    steps: tuple[Step, ...]
    at_once: tuple[tuple[str, int], ...]
    end: int
    equal: bool


@dataclass(frozen=True)
class Reason:
    """Why a state is stable for a decision maker, or not.

    Parameters
    ----------
    party, state, concept
        Of whom, of which state (from 0), in which sense.
    kind
        ``cannot move``, ``no improvement``, ``deterred`` (all improvements meet an answer) or
        ``free`` (one does not: the state is not stable); ``undefined`` where SIM is not defined.
    improvements
        How many improvements there are.
    answers
        If deterred: answers to the best `TOLD` improvements.
    free
        If free: the improvement that it likes best of those without an answer.
    """

    party: str
    state: int
    concept: Concept
    kind: Kind
    improvements: int
    answers: tuple[Answer, ...] = ()
    free: int | None = None

    @property
    def stable(self) -> bool:
        """Whether the state is stable."""
        return self.kind not in {"free", "undefined"}


def why(conflict: Conflict, state: int, party: str, concept: Concept) -> Reason:
    """Why `state` (from 0) is stable for a decision maker, or not.

    Raises
    ------
    SettingError
        If comparisons are unknown.
    """
    refuse_unknown(conflict)
    i = conflict.parties.index(party)
    own = conflict.preferences.values[i]
    goals = conflict.reached(i, state)
    if not len(goals):
        return Reason(party, state, concept, "cannot move", 0)
    better = sorted((int(t) for t in goals if own[t] > own[state]), key=lambda t: (-own[t], t))
    if not better:
        return Reason(party, state, concept, "no improvement", 0)
    if concept is Concept.NASH:
        return Reason(party, state, concept, "free", len(better), free=better[0])
    if concept is Concept.SIM and not is_defined(conflict, i, state):
        return Reason(party, state, concept, "undefined", len(better))
    answers = []
    for move in better:
        answer = _answer(conflict, i, state, move, concept)
        if answer is None:
            return Reason(party, state, concept, "free", len(better), free=move)
        answers.append(answer)
    return Reason(party, state, concept, "deterred", len(better), tuple(answers[:TOLD]))


def _answer(conflict: Conflict, i: int, state: int, move: int, concept: Concept) -> Answer | None:
    own = conflict.preferences.values[i]
    if concept is Concept.SIM:
        for joint in joint_moves(conflict, i, state, move):
            if own[joint.goal] <= own[state]:
                equal = bool(own[joint.goal] == own[state])
                return Answer(move, (), joint.movers, joint.goal, equal)
        return None

    def deters(goal: int) -> bool:
        if own[goal] > own[state]:
            return False
        escapes = conflict.reached(i, goal) if concept is Concept.SMR else np.zeros(0, int)
        return not bool((own[escapes] > own[state]).any())

    steps = _shortest(conflict, i, move, concept is Concept.SEQ, deters)
    if steps is None:
        return None
    end = steps[-1].state
    return Answer(move, steps, (), end, bool(own[end] == own[state]))


def _shortest(
    conflict: Conflict, i: int, start: int, improving: bool, deters: Callable[[int], bool]
) -> tuple[Step, ...] | None:
    """The shortest legal sequence of the others from `start` to a state that deters."""
    values = conflict.preferences.values
    front: list[tuple[int, int, tuple[Step, ...]]] = [(start, -1, ())]
    seen: set[tuple[int, int]] = set()
    while front:
        further = []
        for here, last, steps in front:
            for j in range(len(values)):
                if j in {i, last}:
                    continue
                for goal in conflict.reached(j, here).tolist():
                    better = bool(values[j, goal] > values[j, here])
                    if (goal, j) in seen or (improving and not better):
                        continue
                    seen.add((goal, j))
                    path = (*steps, Step(conflict.parties[j], goal, better))
                    if deters(goal):
                        return path
                    further.append((goal, j, path))
        front = further
    return None
