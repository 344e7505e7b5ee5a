"""Whether all that a room keeps is what was once written: every row against the signed logs.

What the logs do not hold cannot be checked here: the titles of rooms, agendas and time zones of
rounds, names of files, whose account a place belongs to. Nor can it be seen that the folder as a
whole is an older copy, put back in the place of a newer one: for that there are the receipts and
checkpoints that members keep.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from parley.room.check.problem import Problem

__all__ = ["Problem", "problems"]


def problems(
    tell: Callable[[str, float], None] | None = None, known: Mapping[str, int] | None = None
) -> tuple[Problem, ...]:
    """All that is wrong with the active data folder; empty where nothing is.

    While it reads, others can read as well, but not write.

    Parameters
    ----------
    tell
        Is told what is being read and how far it is, from 0 to 1.
    known
        By channel, up to which entry contents were found whole before and are not read again.
    """
    # the parts that read the database need a data folder that is active; others do not
    from parley.room.check.whole import found_in

    return found_in(tell or (lambda _what, _done: None), known or {})
