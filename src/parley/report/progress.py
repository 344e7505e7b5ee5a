"""A progress bar that shows itself only when the work takes long."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn


@contextmanager
def progress_bar(after: float) -> Iterator[Callable[[str, float], None]]:
    """Give a function that is told what is being done and how far it is, from 0 to 1.

    The bar appears on the error stream `after` seconds have passed, and is gone at the end.
    """
    console = Console(stderr=True)
    bar = Progress(TextColumn("{task.description}"), BarColumn(), console=console, transient=True)
    task = bar.add_task("", total=1.0)
    began = time.monotonic()

    def tell(what: str, done: float) -> None:
        bar.update(task, description=what, completed=done)
        if not bar.live.is_started and time.monotonic() - began >= after:
            bar.start()

    try:
        yield tell
    finally:
        if bar.live.is_started:
            bar.stop()
