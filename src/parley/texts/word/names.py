"""Identifiers of provisions as hidden bookmarks, which Word and LibreOffice keep.

A bookmark may have 40 letters, digits and underscores. Identifiers have small letters only, so a
capital can stand for a dot.
"""

from __future__ import annotations

from collections.abc import Iterable

_ID = "_pl_"
_ISSUE = "_pi"
LONGEST = 40


def bookmark_of(name: str) -> str | None:
    """The bookmark for an identifier; ``None`` if it is too long for one."""
    mark = _ID + _coded(name)
    return mark if len(mark) <= LONGEST else None


def bookmark_of_issue(issue: str, number: int) -> str | None:
    """The bookmark for a link to an issue, made unique by a number."""
    mark = f"{_ISSUE}{number}_{_coded(issue)}"
    return mark if len(mark) <= LONGEST else None


def id_in(bookmarks: Iterable[str]) -> str | None:
    """The identifier that the bookmarks of a paragraph give it."""
    found = [_plain(mark.removeprefix(_ID)) for mark in bookmarks if mark.startswith(_ID)]
    return next((name for name in found if name[:1].isalnum()), None)


def issue_in(bookmarks: Iterable[str]) -> tuple[str, ...]:
    """The links to issues that the bookmarks of a paragraph give it."""
    found = (mark.partition("_pi")[2].partition("_") for mark in bookmarks if mark[:3] == _ISSUE)
    return tuple(_plain(rest) for number, _, rest in found if number.isdigit() and rest)


def _coded(name: str) -> str:
    return name.replace("-", "_").replace(".", "D")


def _plain(mark: str) -> str:
    return mark.replace("_", "-").replace("D", ".")
