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

NUMBERS = (
    *("three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"),
)
_FIRST_NUMBER = 3


def plain_words(text: str) -> list[str]:
    """The words of a text, in small letters."""
    return [word.lower() for word in _WORD.findall(text)]


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
        elif word in NUMBERS:
            result.append(str(NUMBERS.index(word) + _FIRST_NUMBER))
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
