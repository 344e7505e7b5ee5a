"""What is written to the log: that something failed and where in the code, never what was sent."""

from __future__ import annotations

import logging
import traceback
from datetime import UTC, datetime


class Bare(logging.Formatter):
    """One line for each record, without paths of requests and without values.

    Messages of other libraries may hold a path, an id or a text; so only their logger's name,
    the status and the place in the code are told.
    """

    def format(self, record: logging.LogRecord) -> str:
        when = datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        words = record.getMessage() if record.name.startswith("parley") else _status(record)
        line = f"{when} {record.levelname} {record.name} {words}".rstrip()
        if record.exc_info and record.exc_info[1] is not None:
            line += "\n" + _places(record.exc_info[1])
        return line


def _status(record: logging.LogRecord) -> str:
    status = getattr(record, "status_code", None)
    return f"status {status}" if status is not None else f"{record.module}:{record.lineno}"


def _places(error: BaseException) -> str:
    """The kind of an error and the lines of code it passed, without its message."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    return "\n".join([*lines, f"  {type(error).__name__}"])
