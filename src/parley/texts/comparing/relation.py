"""How one wording stands to another: same, narrower, wider, conflicting, or otherwise worded.

The reading is by words only and is marked as such wherever it is shown: it helps to find what to
look at, and a human decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from parley.case.model import Issue
from parley.texts.comparing.words import meaning_words, number_of, plain_words


class Relation(StrEnum):
    """How the texts stand to one another on a point."""

    SAME = "same"
    NARROWER = "narrower"
    WIDER = "wider"
    CONFLICTING = "conflicting"
    REWORDED = "reworded"
    MISSING = "missing"
    UNCLEAR = "to be read"


@dataclass(frozen=True)
class Reading:
    """A relation, and what it was read from."""

    relation: Relation
    why: str


_QUALIFIERS = re.compile(
    r"\b(except|unless|provided that|subject to|save for|save that|only|other than|excluding|"
    r"if and only if|on condition|so long as|to the extent)\b",
    re.IGNORECASE,
)
_WORDS = re.compile(r"[A-Za-z]+(?:-[A-Za-z]+)?")
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_MODES = (
    ("must not", re.compile(r"\b(shall|must|may|will)\s+(not|neither|no\b)|\bno\s+\w+\s+shall\b")),
    ("must", re.compile(r"\b(shall|must|undertakes?|agrees? to|will)\b")),
    ("may", re.compile(r"\b(may|is entitled to|are entitled to)\b")),
)
_MOSTLY = 0.8


def by_words(first: str, second: str, language: str = "en") -> Reading:
    """How the second wording stands to the first, as far as words tell."""
    if plain_words(first) == plain_words(second):
        return Reading(Relation.SAME, "the same words")
    numbers = numbers_in(first), numbers_in(second)
    if numbers[0] and numbers[1] and not (numbers[0] & numbers[1]):
        shown = f"{_shown(numbers[0])} against {_shown(numbers[1])}"
        return Reading(Relation.CONFLICTING, f"the numbers differ: {shown}")
    if language.split("-", maxsplit=1)[0] == "en":
        modes = mode_of(first), mode_of(second)
        if None not in modes and modes[0] != modes[1]:
            return Reading(Relation.CONFLICTING, f"“{modes[0]}” against “{modes[1]}”")
    return _by_extent(first, second, numbers)


def _by_extent(first: str, second: str, numbers: tuple[frozenset[str], frozenset[str]]) -> Reading:
    one, other = meaning_words(first), meaning_words(second)
    limits = len(_QUALIFIERS.findall(first)), len(_QUALIFIERS.findall(second))
    shared = len(one & other)
    if shared >= _MOSTLY * len(one) and limits[1] > limits[0]:
        return Reading(Relation.NARROWER, "it adds a condition or an exception")
    if shared >= _MOSTLY * len(other) and limits[0] > limits[1]:
        return Reading(Relation.WIDER, "it leaves out a condition or an exception")
    if one < other and shared:
        return Reading(Relation.WIDER, "it says all of the other, and more")
    if other < one and shared:
        return Reading(Relation.NARROWER, "it says a part of the other")
    if numbers[0] != numbers[1]:
        odd = numbers[0] ^ numbers[1]
        return Reading(Relation.REWORDED, f"other words, and {_shown(odd)} on one side only")
    return Reading(Relation.REWORDED, "other words")


def numbers_in(text: str) -> frozenset[str]:
    """The numbers of a text, in figures; numbers in English words count as well."""
    words = [number_of(w) for w in _WORDS.findall(text) if w.lower() not in {"one", "two"}]
    return frozenset([*_NUMBER.findall(text), *(str(n) for n in words if n is not None)])


def mode_of(text: str) -> str | None:
    """Whether a text says that something must, may or must not be done; the first that it says."""
    for mode, pattern in _MODES:
        if pattern.search(text.lower()):
            return mode
    return None


def _shown(numbers: Iterable[str]) -> str:
    return ", ".join(sorted(numbers, key=lambda n: (len(n), n)))


def by_options(issue: Issue, first: frozenset[str], second: frozenset[str]) -> Reading:
    """How the second text stands to the first on an issue of the case, by the options they name."""
    if not second or not first:
        return Reading(Relation.MISSING, "nothing on this issue in one of the texts")
    names = {option.id: option.name for option in issue.options}
    if first == second:
        return Reading(Relation.SAME, "the same: " + _named(first, names))
    if second < first:
        return Reading(Relation.NARROWER, "it leaves fewer ways open: " + _named(second, names))
    if first < second:
        return Reading(Relation.WIDER, "it leaves more ways open: " + _named(second, names))
    if first & second:
        return Reading(Relation.UNCLEAR, "both name " + _named(first & second, names))
    return Reading(Relation.CONFLICTING, f"{_named(first, names)} against {_named(second, names)}")


def _named(options: frozenset[str], names: dict[str, str]) -> str:
    return " or ".join(f"“{name}”" for key, name in names.items() if key in options)
