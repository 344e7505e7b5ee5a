"""Telling an error in the language of the reader.

Errors come from parts of Parley that know no languages. Their sentences are fixed but for names in
backticks, numbers, and here and there other words (a list, a reason); so the sentence without these
is looked up, and they are put in again. The sentences are gathered from the code by `make
messages`, into `error_texts.py`.
"""

from __future__ import annotations

import re
from functools import cache

from django.utils.translation import gettext

from parley.errors import Mistake, ParleyError

_VALUE = re.compile(r"`[^`]*`|\d+")
PLACE = "{}"
LONGEST = 1000
"""What is longer is no sentence, and is not compared with those that are known."""


def told(error: ParleyError) -> str:
    """What is wrong and what would mend it, in the reader's language where it is known."""
    return " ".join(sentence(part) for part in (error.what, error.remedy) if part)


def told_mistake(mistake: Mistake) -> str:
    """A mistake in a file, with its place."""
    where = f"{mistake.file}:{mistake.line}" if mistake.line else mistake.file
    return f"{where}: {sentence(mistake.what)} {sentence(mistake.remedy)}".strip()


def sentence(text: str) -> str:
    """A sentence of an error in the reader's language; as it is, if there is no translation."""
    return _filled(pattern_of(text), _VALUE.findall(text)) or _with_words(text) or text


def pattern_of(text: str) -> str:
    """A sentence with a mark in the place of every name and number."""
    return _VALUE.sub(PLACE, text)


def _filled(pattern: str, values: list[str]) -> str:
    """The translation of a pattern with its values; nothing where there is none."""
    translated = gettext(pattern) if pattern else ""
    # a translation that lost or doubled a name would tell something else
    if translated == pattern or translated.count(PLACE) != len(values):
        return ""
    for value in values:
        translated = translated.replace(PLACE, value, 1)
    return translated


def _with_words(text: str) -> str:
    """The same for a sentence that has words in the place of a mark."""
    if len(text) > LONGEST:
        return ""
    for shape, pattern in _shapes():
        if found := shape.fullmatch(text):
            return _filled(pattern, [sentence(value) for value in found.groups()])
    return ""


@cache
def _shapes() -> tuple[tuple[re.Pattern[str], str], ...]:
    """What the known sentences with marks look like; those with most words of their own first."""
    from parley.room.error_texts import SENTENCES

    marked = [text for text in SENTENCES if PLACE in text]
    marked.sort(key=lambda text: -len(text.replace(PLACE, "")))
    return tuple((re.compile(_shape(text)), text) for text in marked)


def _shape(pattern: str) -> str:
    first, *rest = map(re.escape, pattern.split(PLACE))
    # any sentence would fit one that begins with a mark, so there only a name does
    return first + ("(.{1,200}?)" if first else "(`[^`]*`)") + "(.{1,200}?)".join(rest)
