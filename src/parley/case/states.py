"""The states of a conflict: combinations of options that can be, in the order of their numbers.

A combination is coded as a whole number, the first option being the lowest binary digit. Feasible
combinations are found option after option, each rule being applied as soon as all options in it
are decided, so that rules keep the work small where they leave few combinations.

The numbering follows the field's programs: feasible combinations count up with the first option
fastest; merged states come last, in the order in which they are listed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from parley.case.conditions import Condition, ConditionError, read_condition
from parley.case.moves import Moves
from parley.errors import Severity

MAX_STATES = 1 << 22
"""Most feasible combinations that are listed."""

Path_ = tuple[str | int, ...]
Codes = NDArray[np.uint64]
Bools = NDArray[np.bool_]
_PATTERN = re.compile(r"[YN–−-]+")


@dataclass(frozen=True)
class Wrong:
    """Something wrong in a section, at a path within it."""

    path: Path_
    code: str
    what: str
    remedy: str
    severity: Severity = "error"


@dataclass(frozen=True, eq=False)
class States:
    """The states of a conflict.

    Parameters
    ----------
    options
        Ids of the options, in the order of the file; empty for a model given as a graph.
    owners
        Shape (options,): the decision maker of each, counted from 0.
    size
        Number of states.
    combinations
        Shape (C,): codes of all feasible combinations, ascending.
    state_of
        Shape (C,): the state of each combination, counted from 0.
    names
        For each state its name, or ``""``; empty if none has one.
    """

    options: tuple[str, ...]
    owners: NDArray[np.int64]
    size: int
    combinations: Codes
    state_of: NDArray[np.int32]
    names: tuple[str, ...] = ()

    @cached_property
    def codes(self) -> Codes:
        """Shape (states,): the lowest combination of each state."""
        first = np.full(self.size, np.iinfo(np.uint64).max, dtype=np.uint64)
        np.minimum.at(first, self.state_of, self.combinations)
        return first

    @cached_property
    def members(self) -> NDArray[np.int64]:
        """Shape (states,): how many combinations each state has."""
        return np.bincount(self.state_of, minlength=self.size)

    @property
    def is_plain(self) -> bool:
        """Whether every state is one combination."""
        return bool(self.options) and self.size == len(self.combinations)

    def taken(self, option: int) -> Bools:
        """Shape (C,): in which combinations an option is taken."""
        return _bit(self.combinations, option)

    def holds(self, condition: Condition) -> Bools:
        """Shape (C,): in which combinations a condition holds."""
        return condition.holds({k: self.taken(k) for k in condition.options()})

    def where(self, condition: Condition) -> Bools:
        """Shape (states,): in which states a condition holds, in all their combinations."""
        result = np.ones(self.size, dtype=bool)
        result[self.state_of[~self.holds(condition)]] = False
        return result

    def pattern(self, state: int) -> str:
        """A state as a pattern: Y, N, or - where its combinations differ."""
        own = self.combinations[self.state_of == state]
        every, some = np.bitwise_and.reduce(own), np.bitwise_or.reduce(own)
        letters = []
        for k in range(len(self.options)):
            bit = np.uint64(1 << k)
            letters.append("Y" if every & bit else "-" if some & bit else "N")
        return "".join(letters)

    def name(self, state: int) -> str:
        """The name that the file gives a state, or ``""``."""
        return self.names[state] if self.names else ""

    def find(self, ref: int | str) -> int | None:
        """The state of this number (from 1), pattern or name, counted from 0; else ``None``."""
        if isinstance(ref, int) or ref.isdigit():
            return int(ref) - 1 if 1 <= int(ref) <= self.size else None
        if ref in self.names:
            return self.names.index(ref)
        if not is_pattern(ref) or len(ref) != len(self.options):
            return None
        found = np.unique(self.state_of[_matches(ref, self.combinations)])
        return int(found[0]) if len(found) == 1 else None


def is_pattern(text: str) -> bool:
    """Whether a text is meant as a pattern and not as a condition."""
    return _PATTERN.fullmatch(text) is not None


def read_rule(text: str, options: Sequence[str]) -> Condition:
    """Read a pattern or a condition.

    Raises
    ------
    ConditionError
        If it is neither.
    """
    if not is_pattern(text):
        return read_condition(text, options)
    if len(text) != len(options):
        what = (
            f"The pattern `{text}` has {len(text)} letters, but there are {len(options)} options."
        )
        raise ConditionError(what, "Write one letter for each option: Y, N or -.")
    parts = [
        Condition("option", k) if x == "Y" else Condition("not", parts=(Condition("option", k),))
        for k, x in enumerate(text)
        if x in "YN"
    ]
    if not parts:
        raise ConditionError(f"The pattern `{text}` says nothing.", "Write Y or N somewhere.")
    whole = parts[0]
    for part in parts[1:]:
        whole = Condition("and", parts=(whole, part))
    return whole


def states_of(moves: Moves) -> tuple[States | None, list[Wrong]]:
    """The states of a section, or ``None`` and what is wrong."""
    if moves.is_graph:
        return _graph(moves)
    options = tuple(option.id for option in moves.options)
    rules, wrong = _rules(moves, options)
    if wrong:
        return None, wrong
    owners = np.array([i for i, m in enumerate(moves.decision_makers) for _ in m.options])
    try:
        barred = [rules["infeasible", k] for k in range(len(moves.infeasible))]
        if moves.states is not None:
            return _listed(moves, options, owners, barred)
        codes = _combinations(len(options), barred)
    except _TooManyError as many:
        return None, [many.wrong]
    if not len(codes):
        path: Path_ = ("infeasible", 0)
        what = "What is infeasible leaves no state at all."
        return None, [Wrong(path, "no-state", what, "Take one of the entries out.")]
    groups = [rules["merged", k] for k in range(len(moves.merged))]
    return _merge(moves, options, owners, codes, groups)


def _rules(moves: Moves, options: Sequence[str]) -> tuple[dict[Path_, Condition], list[Wrong]]:
    found: dict[Path_, Condition] = {}
    wrong = []
    texts = [(("infeasible", k), entry.when) for k, entry in enumerate(moves.infeasible)]
    texts += [(("merged", k), entry.when) for k, entry in enumerate(moves.merged)]
    texts += [(("outcomes", k), entry.when) for k, entry in enumerate(moves.outcomes)]
    for place, text in texts:
        try:
            found[place] = read_rule(text, options)
        except ConditionError as error:
            wrong.append(Wrong(place, "condition", error.what, error.remedy))
    return found, wrong


class _TooManyError(Exception):
    def __init__(self, options: int) -> None:
        self.wrong = Wrong(
            ("decision_makers",),
            "too-many-states",
            f"{options} options give 2^{options} = {1 << options:,} combinations, and more than "
            f"{MAX_STATES:,} are left when the infeasible ones are taken out.",
            "Say in `infeasible` what cannot be together, list the `states` that matter, or leave "
            "options out that change nothing for anybody.",
        )


def _combinations(count: int, barred: Sequence[Condition]) -> Codes:
    """Codes of all combinations that no rule forbids, ascending."""
    if count > 63:
        raise _TooManyError(count)
    order = _order(count, barred)
    codes = np.zeros(1, dtype=np.uint64)
    decided: set[int] = set()
    for k in order:
        if len(codes) > MAX_STATES:
            raise _TooManyError(count)
        codes = np.concatenate([codes, codes | np.uint64(1 << k)])
        decided.add(k)
        for rule in barred:
            if k in rule.options() and rule.options() <= decided:
                codes = codes[~_holds(rule, codes)]
    if len(codes) > MAX_STATES:
        raise _TooManyError(count)
    return np.sort(codes)


def _order(count: int, barred: Sequence[Condition]) -> list[int]:
    """Options in an order that lets rules be applied early: those of the shortest rules first."""
    named = [k for rule in sorted(barred, key=_length) for k in sorted(rule.options())]
    return list(dict.fromkeys([*named, *range(count)]))


def _length(rule: Condition) -> int:
    return len(rule.options())


def _bit(codes: Codes, option: int) -> Bools:
    found: Bools = (codes >> np.uint64(option)) & np.uint64(1) == 1
    return found


def _holds(rule: Condition, codes: Codes) -> Bools:
    return rule.holds({k: _bit(codes, k) for k in rule.options()})


def _matches(pattern: str, codes: Codes) -> Bools:
    care = sum(1 << k for k, x in enumerate(pattern) if x in "YN")
    want = sum(1 << k for k, x in enumerate(pattern) if x == "Y")
    found: Bools = (codes & np.uint64(care)) == np.uint64(want)
    return found


def _merge(
    moves: Moves,
    options: tuple[str, ...],
    owners: NDArray[np.int64],
    codes: Codes,
    groups: Sequence[Condition],
) -> tuple[States | None, list[Wrong]]:
    group = np.full(len(codes), -1, dtype=np.int32)
    wrong = []
    for k, rule in enumerate(groups):
        inside = _holds(rule, codes)
        if not inside.any():
            what = f"No feasible combination is `{moves.merged[k].when}`."
            wrong.append(Wrong(("merged", k), "merged", what, "Take it out, or mend it."))
        elif (group[inside] >= 0).any():
            what = f"`{moves.merged[k].when}` overlaps with a merged state before it."
            wrong.append(
                Wrong(("merged", k), "merged", what, "A combination is in one state only.")
            )
        group[inside] = k
    single = group < 0
    state_of = np.where(single, np.cumsum(single) - 1, group + int(single.sum())).astype(np.int32)
    names = [""] * int(single.sum()) + [entry.name or "" for entry in moves.merged]
    kept = tuple(names) if any(names) else ()
    found = States(options, owners, len(names), codes, state_of, kept)
    return (None if wrong else found), wrong


def _listed(
    moves: Moves, options: tuple[str, ...], owners: NDArray[np.int64], barred: Sequence[Condition]
) -> tuple[States | None, list[Wrong]]:
    """States that the file lists one by one."""
    wrong: list[Wrong] = []
    rows: list[tuple[int, Codes]] = []
    listed = moves.states or ()
    for k, entry in enumerate(listed):
        pattern = entry.pattern or ""
        if not is_pattern(pattern) or len(pattern) != len(options):
            what = f"State {k + 1} has no pattern of {len(options)} letters."
            remedy = "Write Y, N or - for each option, in their order."
            wrong.append(Wrong(("states", k), "pattern", what, remedy))
            continue
        codes = _of_pattern(pattern)
        for rule in barred:
            codes = codes[~_holds(rule, codes)]
        if not len(codes):
            what = f"State {k + 1} (`{pattern}`) is infeasible."
            wrong.append(Wrong(("states", k), "no-state", what, "Take it out, or the rule."))
        rows.append((k, codes))
    if wrong or not rows:
        return None, wrong or [Wrong(("states",), "no-state", "There is no state.", "List some.")]
    codes = np.concatenate([codes for _, codes in rows])
    state_of = np.repeat([k for k, _ in rows], [len(codes) for _, codes in rows])
    order = np.argsort(codes, kind="stable")
    codes, state_of = codes[order], state_of[order].astype(np.int32)
    same = np.flatnonzero(codes[1:] == codes[:-1])
    if len(same):
        first, second = sorted(state_of[same[0] : same[0] + 2].tolist())
        what = f"States {first + 1} and {second + 1} have a combination in common."
        remedy = "A combination is in one state only."
        return None, [Wrong(("states", second), "merged", what, remedy)]
    names = tuple(entry.name or "" for entry in listed)
    kept = names if any(names) else ()
    return States(options, owners, len(rows), codes, state_of, kept), []


def _of_pattern(pattern: str) -> Codes:
    codes = np.zeros(1, dtype=np.uint64)
    if pattern.count("Y") + pattern.count("N") + 22 < len(pattern):
        raise _TooManyError(len(pattern))
    for k, letter in enumerate(pattern):
        taken = codes | np.uint64(1 << k)
        codes = (
            taken if letter == "Y" else codes if letter == "N" else np.concatenate([codes, taken])
        )
    return codes


def _graph(moves: Moves) -> tuple[States | None, list[Wrong]]:
    """States of a model given as a graph: only names."""
    names = tuple(entry.name or entry.pattern or "" for entry in moves.states or ())
    wrong = []
    for k, name in enumerate(names):
        if name and name in names[:k]:
            what = f"Two states are called `{name}`."
            wrong.append(Wrong(("states", k), "name-twice", what, "Give each its own name."))
    empty = np.zeros(0, dtype=np.uint64)
    found = States((), np.zeros(0, np.int64), len(names), empty, np.zeros(0, np.int32), names)
    return (None if wrong or not names else found), wrong


def read_move(text: str, find: Callable[[str], int | None]) -> list[tuple[int, int]]:
    """A move of a model given as a graph, as pairs of states from 0: one, or one for each way.

    Raises
    ------
    ConditionError
        If it cannot be read.
    """
    match = re.fullmatch(r"(.+?)\s*(<->|->)\s*(.+)", text)
    ends = (find(match[1]), find(match[3])) if match else (None, None)
    if match is None or ends[0] is None or ends[1] is None or ends[0] == ends[1]:
        what = f"`{text}` is no move from one state to another."
        raise ConditionError(what, "Write it as 1 -> 2, or 1 <-> 2 for both ways.")
    there, back = (ends[0], ends[1]), (ends[1], ends[0])
    return [there, back] if match[2] == "<->" else [there]
