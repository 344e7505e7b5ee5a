"""Conditions on a state of a conflict: options that are taken, joined by not, and, or, if, iff.

``not escalate and (withdraw or 2)`` is read as the field writes it; options are named by id or
by their number in the order of the file, from 1. Signs may stand for words: ``-`` or ``!`` for
not, ``&`` and, ``|`` or. ``A if B`` means that A holds wherever B does, ``A iff B`` that both hold
or neither. Not binds strongest, then and, then or, then if and iff, which need brackets
among themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from parley.case.check import did_you_mean

Bools = NDArray[np.bool_]
Kind = Literal["option", "not", "and", "or", "if", "iff"]

MAX_DEPTH = 100
"""Deepest nesting of brackets and nots that is read."""

WORDS = ("not", "and", "or", "if", "iff")
"""Words of the language; no option may be called so."""

_SIGNS = {"-": "not", "!": "not", "−": "not", "–": "not", "&": "and", "|": "or"}
_TOKEN = re.compile(r"\s*(?:(?P<word>[A-Za-z0-9][A-Za-z0-9-]*)|(?P<sign>[-!−–&|()]))")


class ConditionError(ValueError):
    """A condition cannot be read; holds what is wrong and what would mend it."""

    def __init__(self, what: str, remedy: str) -> None:
        self.what, self.remedy = what, remedy
        super().__init__(f"{what} {remedy}")


@dataclass(frozen=True)
class Condition:
    """A condition: an option, or parts joined by a word.

    `option` is the index of an option (from 0) where `kind` is ``"option"``; `parts` has one part
    for not and two for the others.
    """

    kind: Kind
    option: int = -1
    parts: tuple[Condition, ...] = ()

    def options(self) -> frozenset[int]:
        """The options that are spoken of."""
        if self.kind == "option":
            return frozenset({self.option})
        return frozenset().union(*(part.options() for part in self.parts))

    def holds(self, taken: Mapping[int, Bools] | Sequence[Bools]) -> Bools:
        """Where the condition holds.

        `taken` gives for each option that is spoken of an array: whether it is taken.
        """
        if self.kind == "option":
            return taken[self.option]
        found = [part.holds(taken) for part in self.parts]
        if self.kind == "not":
            return ~found[0]
        if self.kind == "and":
            return found[0] & found[1]
        if self.kind == "or":
            return found[0] | found[1]
        return found[0] | ~found[1] if self.kind == "if" else found[0] == found[1]

    def words(self, names: Sequence[str]) -> str:
        """The condition with the given names of options."""
        if self.kind == "option":
            return names[self.option]
        if self.kind == "not":
            return f"not {self._inner(0, names)}"
        return f"{self._inner(0, names)} {self.kind} {self._inner(1, names)}"

    def _inner(self, k: int, names: Sequence[str]) -> str:
        part = self.parts[k]
        text = part.words(names)
        chained = part.kind == self.kind in {"and", "or"} and k == 0
        return text if part.kind in {"option", "not"} or chained else f"({text})"


def read_condition(text: str, options: Sequence[str]) -> Condition:
    """Read a condition over options with these ids.

    Raises
    ------
    ConditionError
        If it cannot be read, or names an unknown option.
    """
    reader = _Reader(list(_tokens(text)), options, text)
    found = reader.whole()
    if reader.left:
        raise reader.surprise()
    return found


def _tokens(text: str) -> Iterator[str]:
    place = 0
    text = text.rstrip()
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            sign = text[place:].lstrip()[0]
            remedy = "Use ids of options, not, and, or, if, iff, and brackets."
            raise ConditionError(f"`{sign}` cannot stand in a condition.", remedy)
        place = match.end()
        word = match["word"]
        yield _SIGNS.get(match["sign"], match["sign"]) if word is None else word.lower()


class _Reader:
    """Reads by descent: if and iff, or, and, not, brackets."""

    def __init__(self, tokens: list[str], options: Sequence[str], text: str) -> None:
        self.left = tokens[::-1]
        self.options = options
        self.text = text
        self.depth = 0

    def surprise(self) -> ConditionError:
        if not self.left:
            return ConditionError(
                f"The condition `{_short(self.text)}` ends too early.", "Finish it."
            )
        what = f"`{self.left[-1]}` stands where nothing can, in `{_short(self.text)}`."
        return ConditionError(what, "Put brackets round what belongs together.")

    def take(self, *wanted: str) -> str | None:
        return self.left.pop() if self.left and self.left[-1] in wanted else None

    def whole(self) -> Condition:
        first = self.joined("or")
        word = self.take("if", "iff")
        if word is None:
            return first
        second = self.joined("or")
        return Condition("if" if word == "if" else "iff", parts=(first, second))

    def joined(self, word: Literal["or", "and"]) -> Condition:
        found = self.joined("and") if word == "or" else self.single()
        while self.take(word):
            more = self.joined("and") if word == "or" else self.single()
            found = Condition(word, parts=(found, more))
        return found

    def single(self) -> Condition:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ConditionError("The condition is nested too deeply.", "Write it in parts.")
        try:
            return self.inner()
        finally:
            self.depth -= 1

    def inner(self) -> Condition:
        if self.take("not"):
            return Condition("not", parts=(self.single(),))
        if self.take("("):
            found = self.whole()
            if not self.take(")"):
                raise self.surprise()
            return found
        if not self.left or self.left[-1] in {*WORDS, ")"}:
            raise self.surprise()
        return Condition("option", self.option(self.left.pop()))

    def option(self, word: str) -> int:
        if word in self.options:
            return self.options.index(word)
        if word.isdigit() and 1 <= int(word) <= len(self.options):
            return int(word) - 1
        remedy = did_you_mean(word, self.options)
        raise ConditionError(f"There is no option `{word}` among the moves.", remedy)


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"
