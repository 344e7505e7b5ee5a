"""Word by word: what one wording has and the other has not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

_TOKEN = re.compile(r"\w+|\s+|[^\w\s]", re.UNICODE)
_ISLAND = 3
"""Letters below which words that stayed the same between changes are not worth keeping apart."""


@dataclass(frozen=True)
class Piece:
    """Words that both wordings have, or only the first (deleted), or only the second (inserted)."""

    kind: Literal["same", "deleted", "inserted"]
    text: str


def redline(before: str, after: str) -> tuple[Piece, ...]:
    """The pieces of two wordings; the same and deleted ones give `before`, the others `after`."""
    a, b = _TOKEN.findall(before), _TOKEN.findall(after)
    pieces: list[Piece] = []
    for tag, i, j, k, m in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(Piece("same", "".join(a[i:j])))
            continue
        if j > i:
            pieces.append(Piece("deleted", "".join(a[i:j])))
        if m > k:
            pieces.append(Piece("inserted", "".join(b[k:m])))
    return tuple(_tidy(pieces))


def _tidy(pieces: list[Piece]) -> list[Piece]:
    """Single blanks and commas between changes go with them: whole phrases read better."""
    result: list[Piece] = []
    for k, piece in enumerate(pieces):
        inside = 0 < k < len(pieces) - 1
        if piece.kind == "same" and inside and len(piece.text.strip()) < _ISLAND:
            result += [Piece("deleted", piece.text), Piece("inserted", piece.text)]
        else:
            result.append(piece)
    return _grouped(result)


def _grouped(pieces: list[Piece]) -> list[Piece]:
    """Deleted before inserted between two things that stayed."""
    result: list[Piece] = []
    gone, new = "", ""
    for piece in [*pieces, Piece("same", "")]:
        if piece.kind == "deleted":
            gone += piece.text
        elif piece.kind == "inserted":
            new += piece.text
        else:
            result += [Piece("deleted", gone)] if gone else []
            result += [Piece("inserted", new)] if new else []
            result += [piece] if piece.text else []
            gone, new = "", ""
    return result
