"""The head of a text in the properties of a Word file, so that it comes back with the words.

Party, kind, date, round and status stand among the keywords, as ``parley party=north; round=2``.
"""

from __future__ import annotations

import re

from pydantic import ValidationError

from parley.texts.articles import Front

_MARK = "parley "
_KEYS = ("party", "kind", "date", "round", "status", "language")
_PAIR = re.compile(rf"({'|'.join(_KEYS)})=(.*?)(?=[;,]?\s+(?:{'|'.join(_KEYS)})=|$)")
_MOST = 250


def keywords_of(front: Front) -> str:
    """The keywords that stand for the head of a text; what does not fit is left out."""
    data = front.model_dump(mode="json", exclude_none=True)
    pairs = [
        f"{key}={data[key]}" for key in _KEYS if key in data and not set(";,") & set(str(data[key]))
    ]
    result = _MARK
    for pair in pairs:
        if len(result) + len(pair) + 2 <= _MOST:
            result += f"{'; ' if result != _MARK else ''}{pair}"
    return result if result != _MARK else ""


def head_in(title: str, keywords: str) -> Front:
    """The head that the keywords of a file give a text; what cannot be read is left out."""
    data: dict[str, object] = {"parley": 1, "title": title}
    _, mark, rest = keywords.partition(_MARK)
    for key, value in _PAIR.findall(rest) if mark else ():
        if value:
            candidate = {**data, key: int(value) if key == "round" and value.isdigit() else value}
            try:
                Front.model_validate(candidate)
            except ValidationError:
                continue
            data = candidate
    return Front.model_validate(data)
