"""Every error that Parley raises on purpose, drawn as a tree.

```
ParleyError                     what is wrong, where, what would mend it; exit code 2
├── MistakesError               a file has mistakes: all of them, with file and line
│   ├── CaseError               … the case folder
│   └── TextError               … a proposal or another text of the talks
├── ProofError                  a signature, proof or receipt does not hold; exit code 1
├── OperationError              an operation on a single text is refused; the text is as it was
├── ContradictionError          assertions that must hold cannot hold together
├── SettingError                a setting of an analysis is out of its range
├── TooLargeError               the exact method would not end; names a smaller question
├── RoomError                   the room's data, database or settings are not fit to serve
└── OutputError                 a result could not be written; nothing was left half done
```

A user sees one of these, never a traceback. Anything else that escapes is a defect of Parley.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, order=True)
class Mistake:
    """One thing that is wrong in a case folder.

    Parameters
    ----------
    file
        Path as the user would write it, relative to where the command was given.
    line
        Line in that file, from 1; 0 when the mistake is about the file as a whole.
    code
        Stable name of the kind of mistake, for programs (``unknown-key``, ``no-such-party``).
    what
        What is wrong, in a sentence.
    remedy
        What would mend it, in a sentence.
    severity
        ``"error"`` stops every analysis; ``"warning"`` does not.
    """

    file: str
    line: int
    code: str
    what: str
    remedy: str
    severity: Severity = field(default="error", compare=False)

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.what} {self.remedy}".rstrip()


class ParleyError(Exception):
    """What is wrong, where, and what would mend it."""

    exit_code = 2

    def __init__(self, what: str, remedy: str = "", *, where: str = "") -> None:
        self.what = what
        self.remedy = remedy
        self.where = where
        super().__init__(str(self))

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.what} {self.remedy}".rstrip()


class MistakesError(ParleyError):
    """A file has mistakes; `mistakes` holds all of them, in order of place."""

    subject = "file"
    hint = ""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        self.mistakes = tuple(sorted(mistakes))
        count = sum(mistake.severity == "error" for mistake in self.mistakes)
        what = f"The {self.subject} has {count} {'mistake' if count == 1 else 'mistakes'}."
        super().__init__(what, self.hint)


class CaseError(MistakesError):
    """The case folder has mistakes."""

    subject = "case"
    hint = "Run `parley check` to list them."


class TextError(MistakesError):
    """A proposal, or another text of the talks, cannot be read as it is."""

    subject = "text"


class ProofError(ParleyError):
    """A signature, proof, checkpoint or receipt does not hold, or is of another thing."""

    exit_code = 1


class OperationError(ParleyError):
    """An operation on a single text is refused; the text is as it was."""


class ContradictionError(ParleyError):
    """Assertions that must hold (certain, or too tightly bound) cannot hold together.

    `assertions` are the ids of those that are certain, sorted.
    """

    def __init__(self, what: str, remedy: str, assertions: Sequence[str] = ()) -> None:
        self.assertions = tuple(assertions)
        super().__init__(what, remedy)


class SettingError(ParleyError):
    """A setting of an analysis is out of its range, or names something unknown."""


class TooLargeError(ParleyError):
    """The exact method would not end in reasonable time or memory."""


class RoomError(ParleyError):
    """The room's data, its database or its settings are not fit to serve."""


class OutputError(ParleyError):
    """A result could not be written; nothing was left half done."""
