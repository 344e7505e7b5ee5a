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
_NAME = re.compile(r"`[^`]*`")
PLACE = "{}"
LONGEST = 1000
"""What is longer is no sentence, and is not compared with those that are known."""
LONGEST_VALUE = 200
"""Most letters of what stands in the place of a mark."""


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
    for pieces, pattern in _shapes():
        if (values := _between(pieces, text)) is not None:
            return _filled(pattern, [sentence(value) for value in values])
    return ""


@cache
def _shapes() -> tuple[tuple[tuple[str, ...], str], ...]:
    """What stands around the marks of the known sentences; those with most words of their own
    first."""
    from parley.room.error_texts import SENTENCES

    marked = [text for text in SENTENCES if PLACE in text]
    marked.sort(key=lambda text: -len(text.replace(PLACE, "")))
    return tuple((tuple(text.split(PLACE)), text) for text in marked)


def _between(pieces: tuple[str, ...], text: str) -> list[str] | None:
    """What stands between these pieces in a text; nothing if it has not all of them in order.

    Each is looked for once, from the left, so that no text takes long, whatever somebody put in it.
    """
    first, *middle, last = pieces
    if not text.startswith(first) or not text.endswith(last):
        return None
    at, values = len(first), []
    for piece in middle:
        end = text.find(piece, at + 1)
        if end < 0:
            return None
        values.append(text[at:end])
        at = end + len(piece)
    values.append(text[at : len(text) - len(last)])
    # any sentence would fit one that begins with a mark, so there only a name does
    fits = bool(first) or _NAME.fullmatch(values[0]) is not None
    return values if fits and all(0 < len(value) <= LONGEST_VALUE for value in values) else None
