"""What is on a disk when the power fails: what was synced, and any part of what was not.

The writes of a process are read from a trace of its system calls and played into a model. In it a
file has what was synced, and a list of what was written since; a name in the folder is there for
good once the folder was synced. When the power fails, what was synced stays; of all else any
subset may have come to the disk, and of a write any of its sectors.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

SECTOR = 512
TRACED = "openat,pwrite64,pwritev,write,fsync,fdatasync,ftruncate,unlink,rename,link"
_CALL = re.compile(
    r"^\d+ +(?P<call>\w+)\((?:AT_FDCWD<[^>]*>, )?(?:\d+<(?P<file>[^>]*)>)?(?P<rest>.*)\) += \d+"
)
_PARTED = " <unfinished ...>"
_RESUMED = re.compile(r" *<\.\.\. \w+ resumed>")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')


@dataclass(frozen=True)
class Event:
    """One thing that a process did: create, write, truncate, sync, unlink, or tell."""

    kind: str
    name: str = ""
    at: int = 0
    data: bytes = b""


def traced(log: Path) -> list[str]:
    """Arguments of strace that write down all that `events` needs."""
    return ["-y", "-xx", "-s", "2000000", "-o", str(log), "-e", f"trace={TRACED}"]


def events(log: Path, folder: Path) -> Iterator[Event]:
    """What a process did in a folder, and when it told something through a pipe."""
    for line in _whole(log.read_text().splitlines()):
        found = _CALL.match(line)
        if found is None:
            continue
        call, rest = found["call"], found["rest"]
        path = Path(_plain(found["file"] or ""))
        if call == "write" and path.name.startswith("pipe:"):
            yield Event("tell")
        if call in {"openat", "unlink", "rename", "link"}:
            path = Path(_plain(_TEXT.findall(rest)[0]))
        if path == folder and call in {"fsync", "fdatasync"}:
            yield Event("sync", ".")
        if path.parent == folder:
            yield from _in_folder(call, path.name, rest)


def _whole(lines: list[str]) -> Iterator[str]:
    """Lines put together that strace had to part, because another thread came between."""
    begun: dict[str, str] = {}
    for line in lines:
        thread, _, rest = line.partition(" ")
        if rest.endswith(_PARTED):
            begun[thread] = line.removesuffix(_PARTED)
        elif found := _RESUMED.match(rest):
            yield begun.pop(thread) + rest[found.end() :]
        else:
            yield line


def _in_folder(call: str, name: str, rest: str) -> Iterator[Event]:
    if call == "openat" and "O_CREAT" in rest:
        yield Event("create", name)
    elif call in {"fsync", "fdatasync"}:
        yield Event("sync", name)
    elif call == "unlink":
        yield Event("unlink", name)
    elif call == "ftruncate":
        yield Event("truncate", name, int(rest.rpartition(",")[2]))
    elif call == "pwrite64":
        yield Event("write", name, int(rest.rpartition(",")[2]), _bytes(_TEXT.findall(rest)[0]))
    elif call != "openat":
        raise NotImplementedError(f"the model does not know {call} on {name}")


def _plain(escaped: str) -> str:
    return _bytes(escaped).decode() if "\\x" in escaped else escaped


def _bytes(escaped: str) -> bytes:
    return bytes.fromhex(escaped.replace("\\x", ""))


@dataclass
class File:
    """A file: what was synced, and what was done since."""

    synced: bytes = b""
    since: list[Event] = field(default_factory=list)


@dataclass
class Disk:
    """A folder: its files by name, what was synced of the names, and what was done since."""

    files: dict[str, File]
    names: dict[str, File]
    since: list[tuple[str, File | None]] = field(default_factory=list)

    @classmethod
    def of(cls, files: dict[str, bytes]) -> Disk:
        """A disk on which all is synced."""
        made = {name: File(content) for name, content in files.items()}
        return cls(dict(made), dict(made))

    def play(self, event: Event) -> None:
        """Do what a process did."""
        if event.kind == "sync" and event.name == ".":
            self.names, self.since = dict(self.files), []
        elif event.kind == "sync":
            file = self.files[event.name]
            file.synced, file.since = _after(file.synced, file.since), []
        elif event.kind == "create" and event.name not in self.files:
            self.files[event.name] = File()
            self.since.append((event.name, self.files[event.name]))
        elif event.kind == "unlink":
            del self.files[event.name]
            self.since.append((event.name, None))
        elif event.kind in {"write", "truncate"}:
            self.files[event.name].since.append(event)

    def synced(self) -> dict[str, bytes]:
        """The least that is there when the power fails now."""
        return {name: file.synced for name, file in self.names.items()}

    def perhaps(self, chance: random.Random) -> dict[str, bytes]:
        """What may be there when the power fails now: of what was not synced, any part."""
        share = chance.choice((0.1, 0.5, 0.9))
        names = dict(self.names)
        for name, file in self.since:
            if chance.random() < share:
                names.pop(name, None) if file is None else names.update({name: file})
        return {
            name: _after(file.synced, _part(file, share, chance)) for name, file in names.items()
        }


def _after(content: bytes, done: list[Event]) -> bytes:
    """The content of a file after all this was done to it."""
    made = bytearray(content)
    for event in done:
        if event.kind == "truncate":
            del made[event.at :]
        size = event.at + len(event.data) if event.kind == "write" else event.at
        made.extend(bytes(max(0, size - len(made))))
        made[event.at : event.at + len(event.data)] = event.data
    return bytes(made)


def _part(file: File, share: float, chance: random.Random) -> list[Event]:
    """Some of what was done to a file; now and then a write is torn, and some of its sectors are
    there."""
    found: list[Event] = []
    for event in file.since:
        if event.kind == "write" and len(event.data) > SECTOR and chance.random() < 0.3:
            found += (one for one in _sectors(event) if chance.random() < share)
        elif chance.random() < share:
            found.append(event)
    return found


def _sectors(event: Event) -> Iterator[Event]:
    begin = 0
    while begin < len(event.data):
        end = begin + SECTOR - (event.at + begin) % SECTOR
        yield Event("write", event.name, event.at + begin, event.data[begin:end])
        begin = end
