"""Every point at which a process touches the disk, and what is there after a kill at each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.reliability.audit import Found, audit_file
from tests.reliability.order import Outcome, Runner

SYSCALLS = (
    "write", "writev", "pwrite64", "pwritev", "fsync", "fdatasync", "ftruncate", "fallocate",
    "rename", "renameat", "renameat2", "unlink", "unlinkat", "link", "linkat", "mkdir",
)  # fmt: skip
"""What changes files; what is not made at all costs nothing."""
ACTS = (
    "deposit", "replace", "arm", "several", "withdraw", "share", "release", "deadline", "call-off",
    "paper", "tick",
)  # fmt: skip
"""Names of the acts in `world.ACTS`, which cannot be imported without a data folder."""
_CALL = re.compile(r"^\d+ +(\w+)\(", re.MULTILINE)


@dataclass(frozen=True)
class Point:
    """The so-many-th call of one kind, counted for itself: strace counts each kind apart."""

    syscall: str
    at: int

    def killed(self) -> list[str]:
        """Arguments of strace: kill the process before this call."""
        inject = f"inject={self.syscall}:signal=KILL:when={self.at}"
        return ["-o", "/dev/null", "-e", f"trace={self.syscall}", "-e", inject]

    def failing(self, error: str, calls: int = 1) -> list[str]:
        """Arguments of strace: this call fails, and those after it, `calls` in all."""
        when = f"{self.at}..{self.at + calls - 1}"
        inject = f"inject={self.syscall}:error={error}:when={when}"
        return ["-o", "/dev/null", "-e", f"trace={self.syscall}", "-e", inject]


def points(runner: Runner, act: str, defect: str = "") -> list[Point]:
    """All points of an act, in no order."""
    log = runner.data / "strace"
    traced = ["-o", str(log), "-e", "trace=" + ",".join(SYSCALLS)]
    runner.do(act, strace=traced, defect=defect)
    counts = Counter(_CALL.findall(log.read_text()))
    return [Point(name, at + 1) for name, count in sorted(counts.items()) for at in range(count)]


@dataclass(frozen=True)
class Ends:
    """The two ways in which an act may end: it never was, or it is done."""

    before: Found
    after: Found


def ends(runner: Runner, act: str) -> Ends:
    """What is there before an act, and after it."""
    before = audit_file(runner.data / "template", runner.keys)
    done = runner.do(act)
    after = audit_file(runner.database, runner.keys)
    assert done.code == 0
    assert not before.problems, before.problems
    assert not after.problems, after.problems
    assert before.told != after.told
    return Ends(before, after)


def lost(outcome: Outcome, ends: Ends, database: Path, keys: Path) -> Iterator[str]:
    """What is wrong after an act that may have been cut off: lost, or half done."""
    found = audit_file(database, keys)
    yield from found.problems
    if found.told not in {ends.before.told, ends.after.told}:
        yield f"neither done nor undone: {found.told}"
    if outcome.was_told and found.told != ends.after.told:
        yield "it was told, and is not there"
    if outcome.receipts - found.receipts:
        yield "a receipt was given that is not there"


def violations(
    runner: Runner, act: str, where: Iterable[Point], ends: Ends, defect: str = ""
) -> Iterator[str]:
    """Kill an act at each of these points; what is wrong afterwards."""
    for point in where:
        outcome = runner.do(act, strace=point.killed(), defect=defect)
        if outcome.code not in {0, -9}:
            yield f"{act}, {point}: it ended with {outcome.code}"
        for problem in lost(outcome, ends, runner.database, runner.keys):
            yield f"{act}, killed before {point.syscall} {point.at}: {problem}"
