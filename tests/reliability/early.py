"""`parley`, but with a defect: what is written is told before it is on the disk.

python -m tests.reliability.early room serve DATA …
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any

DELAY = 0.05


def early(work: Callable[[Any], Callable[[], Any]]) -> Any:
    """Do a work in a transaction, and tell its result before that is committed."""
    from django.db import connection, transaction

    from parley.room.group import Shared

    told: queue.SimpleQueue[tuple[Any, Exception | None]] = queue.SimpleQueue()

    def later() -> None:
        try:
            with transaction.atomic():
                shared = Shared()
                answer = work(shared)
                shared.close()
                told.put((answer(), None))
                time.sleep(DELAY)
        except Exception as error:  # it is for whoever waits for this work
            told.put((None, error))
        finally:
            connection.close()

    threading.Thread(target=later).start()
    result, error = told.get()
    if error is not None:
        raise error
    return result


def _with_defect(plain: Callable[[], Any]) -> Callable[[], Any]:
    def application() -> Any:
        standing: Any = import_module("parley.room.standing")
        standing.together = early
        return plain()

    return application


if __name__ == "__main__":
    from parley.cli import main
    from parley.room import serve

    serve._application = _with_defect(serve._application)
    main()
