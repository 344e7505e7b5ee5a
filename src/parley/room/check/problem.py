"""What a check of a room finds, and how a check goes on when what it reads is broken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from parley.errors import ParleyError, Severity

__all__ = ["RESTORE", "Problem", "Severity", "guarded", "noting"]

RESTORE = "Keep the folder as evidence; restore a backup into another."


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is not as it should be.

    Parameters
    ----------
    where
        The file, channel, round or row; never anything of a content.
    what
        What is wrong, in a sentence.
    remedy
        What would mend it, in a sentence.
    severity
        ``"error"``: nothing is served until it is mended. ``"warning"``: somebody should look.
    """

    where: str
    what: str
    remedy: str = RESTORE
    severity: Severity = field(default="error", compare=False)

    def __str__(self) -> str:
        return f"{self.where}: {self.what} {self.remedy}".rstrip()


BROKEN = (ValueError, KeyError, TypeError, AttributeError, IndexError, AssertionError)
"""What reading of broken rows raises."""


def guarded(where: str, check: Iterable[Problem]) -> Iterator[Problem]:
    """What a check finds; that it cannot go on is a problem as well."""
    found: list[Problem] = []
    with noting(where, found):
        yield from check
    yield from found


@contextmanager
def noting(where: str, found: list[Problem]) -> Iterator[None]:
    """Put it to `found` if what is done within cannot go on."""
    try:
        yield
    except ParleyError as error:
        found.append(Problem(where, error.what))
    except BROKEN:
        found.append(Problem(where, "It is not in the form in which it was written."))
