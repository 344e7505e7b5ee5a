"""Requests that write at once share one transaction, and so one wait for the disk.

The first that comes writes; whoever comes meanwhile waits, and the next writer takes all of them
along. What several of them need is read once and written once. Nobody gets an answer before the
transaction that holds his work is on the disk.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from django.db import DatabaseError, connection, transaction

T = TypeVar("T")


class Closes(Protocol):
    """Something that keeps back what it has to write until it is closed."""

    def close(self) -> None:
        """Write it."""


S = TypeVar("S", bound=Closes)


class Shared:
    """What the works of one transaction have in common, each thing made by the first to need it."""

    def __init__(self) -> None:
        self._found: dict[str, Any] = {}

    def of(self, name: str, make: Callable[[], S]) -> S:
        """The thing of this name."""
        if name not in self._found:
            self._found[name] = make()
        found: S = self._found[name]
        return found

    def close(self) -> None:
        """Write what all of it has kept back, the last made first."""
        for each in reversed(self._found.values()):
            each.close()


Work = Callable[[Shared], Callable[[], T]]
"""What is to be done; it gives what, once all that is shared is written, gives the answer."""


class _Job:
    """Somebody's work, and what came of it."""

    def __init__(self, work: Work[Any]) -> None:
        self.work = work
        self.turn = threading.Event()
        self.is_done = False
        self.result: Any = None
        self.error: Exception | None = DatabaseError("nothing was written")

    def alone(self) -> None:
        """Do it in a transaction of its own."""
        try:
            _write([self])
        except Exception as error:  # whatever it is, it is for whoever waits for this work
            self.error = error

    def answer(self) -> Any:
        """What came of it, for whoever wanted it."""
        if self.error is not None:
            raise self.error
        return self.result


_gate = threading.Lock()
_waiting: list[_Job] = []
_is_led = False


def together(work: Work[T]) -> T:
    """Do a work that writes to the database, maybe in one transaction with that of others.

    Parameters
    ----------
    work
        What is to be done, in whichever thread; it may be done again from the start if the
        database fails, so all it does must be in the transaction or under an idempotency key.

    Returns
    -------
    T
        What the work gave, once it is on the disk.
    """
    job = _Job(work)
    if connection.in_atomic_block:
        job.alone()
    else:
        if not _joins(job):
            job.turn.wait()
        if not job.is_done:
            _lead()
    answer: T = job.answer()
    return answer


def _joins(job: _Job) -> bool:
    """Put a job into the row; whether it is up to its owner to write."""
    global _is_led
    with _gate:
        _waiting.append(job)
        leads, _is_led = not _is_led, True
    return leads


def _lead() -> None:
    """Write all that waits, then hand over to the first who has come meanwhile."""
    global _is_led  # noqa: PLW0603
    with _gate:
        jobs = _waiting[:]
        _waiting.clear()
    try:
        write(jobs)
    finally:
        with _gate:
            following = _waiting[0] if _waiting else None
            _is_led = following is not None
        for job in jobs:
            job.is_done = True
            job.turn.set()
        if following is not None:
            following.turn.set()


def write(jobs: list[_Job]) -> None:
    """Write several works in one transaction; if one of them fails or is refused, each by itself.

    Refusals are few: most are found before a work comes here.
    """
    if len(jobs) == 1 or not _all_at_once(jobs):
        for job in jobs:
            job.alone()


def _all_at_once(jobs: list[_Job]) -> bool:
    """Whether all were written, in one transaction; else none was."""
    try:
        _write(jobs)
    except Exception:  # it may be about any of them, or about the disk
        return False
    return True


def _write(jobs: list[_Job]) -> None:
    """Write all of these works in one transaction, or none of them."""
    with transaction.atomic():
        shared = Shared()
        answers = [job.work(shared) for job in jobs]
        shared.close()
        for job, answer in zip(jobs, answers, strict=True):
            job.result = answer()
        if connection.needs_rollback:
            # a savepoint within was lost: Django would undo all of it without a word
            raise DatabaseError("the transaction was undone")
    for job in jobs:
        job.error = None
