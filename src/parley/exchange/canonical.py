"""One form of JSON only, so that the same content always gives the same bytes to hash and sign.

Keys are sorted, there are no blanks, and text is UTF-8; there are no fractions, since their
digits differ between programs. What is read must be in this very form: two texts that look
alike to a program but not to a hash would be a way to say two things at once.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

from parley.errors import ProofError

T = TypeVar("T")
_PLAIN = (dict, list, str, int, bool, type(None))
DEEPEST = 40
"""Most levels of lists and objects in one another."""


def _refuse(text: str) -> NoReturn:
    raise ValueError(text)


_READER = json.JSONDecoder(parse_constant=_refuse, parse_float=_refuse)
_WRITER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def encode(value: object) -> bytes:
    """The bytes of a value: of objects, lists, texts, whole numbers, true, false and null.

    Raises
    ------
    ProofError
        If it holds anything else, or text that is no Unicode (a lone half of a pair).
    """
    try:
        _plain(value, 0)
        return _WRITER.encode(value).encode()
    except (TypeError, ValueError):
        raise ProofError("This cannot be written down in one form only.") from None


def decode(raw: bytes) -> object:
    """The value that these bytes stand for.

    Raises
    ------
    ProofError
        If they are not JSON, or not in the one form that `encode` writes.
    """
    try:
        value: object = _READER.decode(raw.decode())
        if raw.count(b"[") + raw.count(b"{") > DEEPEST:  # with fewer it is not so deep
            _plain(value, 0)
        if _WRITER.encode(value).encode() == raw:
            return value
    except (ValueError, RecursionError):
        pass
    raise ProofError("It is cut short or was changed: it is not in the form it is written in.")


def record(raw: bytes, form: str) -> dict[str, Any]:
    """An object whose `format` is `form`.

    Raises
    ------
    ProofError
        If it is none.
    """
    value = decode(raw)
    if not isinstance(value, dict) or value.get("format") != form:
        raise ProofError(f"This is no `{form}`.", "Look whether it is the right file.")
    return value


def restored(
    raw: bytes, form: str, made: Callable[[dict[str, Any]], T], written: Callable[[T], bytes]
) -> T | None:
    """What a record stands for; nothing, unless it would be written as these very bytes again.

    Parameters
    ----------
    made
        Makes it of the fields. Whatever it finds wrong with them may leave it as an error.
    written
        Writes it.

    Raises
    ------
    ProofError
        If its `format` is not `form`.
    """
    fields = record(raw, form)
    try:
        found = made(fields)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    return found if written(found) == raw else None


def shaped(value: object, /, **kinds: type | tuple[type, ...]) -> dict[str, Any]:
    """An object that has these keys, with values of these types; it may have more.

    Raises
    ------
    ProofError
        If it has not.
    """
    if isinstance(value, dict) and all(
        key in value and _is(value[key], kind) for key, kind in kinds.items()
    ):
        return value
    raise ProofError(f"This should have {', '.join(kinds)}, each of its kind.")


def _is(value: object, kind: type | tuple[type, ...]) -> bool:
    """Whether it is of the type; true and false are no numbers, as they are in Python."""
    return isinstance(value, kind) and (not isinstance(value, bool) or kind is bool)


def _plain(value: object, depth: int) -> None:
    if depth > DEEPEST or not isinstance(value, _PLAIN):
        raise ValueError("not plain")
    if isinstance(value, dict):
        for key, below in value.items():
            if not isinstance(key, str):
                raise TypeError("not a text")
            _plain(below, depth + 1)
    elif isinstance(value, list):
        for below in value:
            _plain(below, depth + 1)
