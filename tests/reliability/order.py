"""What a test asks of the process of `acts`, and what it is told."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Order:
    """Do these acts one after another, each at most so many times.

    Parameters
    ----------
    strace
        Arguments of strace, which is put on the process if there are any.
    defect
        What is to be wrong with the room: see `defects`.
    """

    acts: list[str]
    strace: list[str] = field(default_factory=list)
    tries: int = 1
    defect: str = ""


@dataclass(frozen=True)
class Outcome:
    """How the process ended (minus a signal), and what it was told before that."""

    code: int
    told: list[str]

    @property
    def receipts(self) -> set[str]:
        """Hashes of receipts that were given."""
        return {word for word in self.told if word and not self.refusals(word)}

    @property
    def was_told(self) -> bool:
        """Whether any success was told."""
        return any(not self.refusals(word) for word in self.told)

    @staticmethod
    def refusals(word: str) -> bool:
        """Whether a word tells of a refusal."""
        return word.startswith("refused")


@dataclass(frozen=True)
class Runner:
    """A process of `acts`, with its data folder."""

    data: Path
    process: subprocess.Popen[str]

    @property
    def database(self) -> Path:
        return self.data / "room.sqlite3"

    @property
    def keys(self) -> Path:
        return self.data / "keys"

    def do(
        self, *acts: str, strace: Sequence[str] = (), tries: int = 1, defect: str = ""
    ) -> Outcome:
        """Have acts done, from the beginning of all."""
        order = Order(list(acts), list(strace), tries, defect)
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(vars(order)) + "\n")
        self.process.stdin.flush()
        return Outcome(**self._answer())

    def _answer(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("the process of acts has ended")
        found: dict[str, Any] = json.loads(line)
        return found


@contextmanager
def runner(data: Path) -> Iterator[Runner]:
    """Start a process of `acts` in a data folder of its own."""
    command = [sys.executable, "-m", "tests.reliability.acts", str(data)]
    process = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        made = Runner(data, process)
        made._answer()
        yield made
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()
