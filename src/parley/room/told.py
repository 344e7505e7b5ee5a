"""Telling an error in the language of the reader.

Errors come from parts of Parley that know no languages. Their sentences are fixed but for names in
backticks and numbers; so the sentence without these is looked up, and they are put in again. The
sentences are gathered from the code by `make messages`, into `error_texts.py`.
"""

from __future__ import annotations

import re

from django.utils.translation import gettext

from parley.errors import ParleyError

_VALUE = re.compile(r"`[^`]*`|\d+")
PLACE = "{}"


def told(error: ParleyError) -> str:
    """What is wrong and what would mend it, in the reader's language where it is known."""
    return " ".join(sentence(part) for part in (error.what, error.remedy) if part)


def sentence(text: str) -> str:
    """A sentence of an error in the reader's language; as it is, if there is no translation."""
    pattern = pattern_of(text)
    translated = gettext(pattern)
    values = _VALUE.findall(text)
    # a translation that lost or doubled a name would tell something else
    if translated == pattern or translated.count(PLACE) != len(values):
        return text
    for value in values:
        translated = translated.replace(PLACE, value, 1)
    return translated


def pattern_of(text: str) -> str:
    """A sentence with a mark in the place of every name and number."""
    return _VALUE.sub(PLACE, text)
