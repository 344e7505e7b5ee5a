"""Words of a provision as they are compared: stems, and one word for words of like meaning.

The families of words are our own list, for English. Texts in other languages are compared by their
words as they stand, cut to their first letters, and by runs of letters, which need no list.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_ENDINGS = (
    ("ational", ""),
    ("ization", "iz"),
    ("isation", "iz"),
    ("ations", ""),
    ("ation", ""),
    ("ments", ""),
    ("ment", ""),
    ("ities", ""),
    ("ity", ""),
    ("ness", ""),
    ("ings", ""),
    ("ing", ""),
    ("ions", ""),
    ("ion", ""),
    ("ies", "y"),
    ("ied", "y"),
    ("ers", ""),
    ("er", ""),
    ("ed", ""),
    ("es", ""),
    ("ly", ""),
    ("al", ""),
    ("s", ""),
    ("e", ""),
)
_SHORTEST = 3
_PREFIX = 6
"""Letters by which words of other languages are known again in spite of their endings."""

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty"
).split()
_TENS = {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80}
_TENS |= {"twenty": 20, "ninety": 90, "hundred": 100}
_AMBIGUOUS = frozenset({"one", "two"})
"""Numbers that are mostly used as other words."""


def number_of(word: str) -> int | None:
    """The number that a word or figure stands for: "30", "thirty", "seventy-two"."""
    word = word.lower()
    if word.isdigit() and len(word) < 10:
        return int(word)
    if word in _SMALL:
        return _SMALL.index(word)
    first, _, second = word.partition("-")
    if first not in _TENS or (second and second not in _SMALL[1:10]):
        return None
    return _TENS[first] + (_SMALL.index(second) if second else 0)


def plain_words(text: str) -> list[str]:
    """The words of a text, in small letters."""
    return [word.lower() for word in _WORD.findall(text)]


def meaning_words(text: str) -> frozenset[str]:
    """The words of a text that carry meaning, as they stand."""
    return frozenset(plain_words(text)) - _common()


def stems(text: str, language: str = "en") -> list[str]:
    """The words of a text that carry meaning, as stems or as the name of their family."""
    words = plain_words(text)
    if language.split("-", maxsplit=1)[0] != "en":
        return [word[:_PREFIX] for word in words if len(word) > 2 or word.isdigit()]
    families, common = _families(), _common()
    result = []
    for word in words:
        stem = _stem(word)
        if stem in families:
            result.append(families[stem])
        elif word not in _AMBIGUOUS and number_of(word) is not None:
            result.append(str(number_of(word)))
        elif word not in common:
            result.append(stem)
    return result


@cache
def _stem(word: str) -> str:
    """A word without its usual endings; crude, and the same for all forms of most words."""
    word = word.removesuffix("'s").removesuffix("’s")
    if word.isdigit():
        return word
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST:
            return word[: len(word) - len(ending)] + instead
    return word


@cache
def _common() -> frozenset[str]:
    """Words that carry little meaning by themselves."""
    source = files("parley.texts.comparing") / "common.txt"
    return frozenset(source.read_text(encoding="utf-8").split())


@cache
def _families() -> dict[str, str]:
    """For each stem that has like-minded others the name of its family."""
    text = (files("parley.texts.comparing") / "families.txt").read_text(encoding="utf-8")
    result: dict[str, str] = {}
    for line in text.splitlines():
        words = line.partition("#")[0].split()
        for word in words:
            result[_stem(word)] = f"={words[0]}"
    return result
