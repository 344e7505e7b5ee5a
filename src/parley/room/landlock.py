"""The folders that a process may still touch, and that it opens no connection: by Linux's Landlock.

What is given up here is given up for good, also for what the process starts. On a system without
Landlock nothing happens, and the process is only as shut in as its other limits make it.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

CREATE, ADD, RESTRICT = 444, 445, 446
VERSION_ASKED = 1
PATH_BENEATH = 1
READ = 1 << 0 | 1 << 2 | 1 << 3
"""To execute and read files, and to list folders."""

OF_A_FILE = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 14
"""What can be done to a file that is no folder: execute, write, read, cut."""

KNOWN_SINCE = {1: (1 << 13) - 1, 2: 1 << 13, 3: 1 << 14, 5: 1 << 15}
"""What each version of Landlock has learnt to forbid, of files."""

CONNECTIONS, ABOVE = 3, 3
"""To bind and to connect; to reach processes outside by signals and hidden sockets."""

SYSTEM = ("/usr", "/bin", "/lib", "/lib64", "/etc", "/nix/store", "/proc", "/sys/devices/system")
DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random")


def only(own: Iterable[Path]) -> bool:
    """Touch only these folders from now on, and read only what programs need to run.

    Returns
    -------
    bool
        Whether the system sees to it.
    """
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    version = libc.syscall(CREATE, None, 0, VERSION_ASKED)
    if version < 1:
        return False
    files = sum(bits for since, bits in KNOWN_SINCE.items() if since <= version)
    wanted = [files, CONNECTIONS if version >= 4 else 0, ABOVE if version >= 6 else 0]
    raw = struct.pack("<3Q", *wanted)[: 8 if version < 4 else 16 if version < 6 else 24]
    rules = libc.syscall(CREATE, raw, len(raw), 0)
    if rules < 0:
        return False
    for path in _programs():
        _allow(libc, rules, path, READ & files)
    for device in DEVICES:
        _allow(libc, rules, Path(device), files & ~(1 << 15))
    for path in own:
        _allow(libc, rules, path, files)
    done = bool(libc.syscall(RESTRICT, rules, 0) == 0)
    os.close(rules)
    return done


def _programs() -> Iterator[Path]:
    """Where Python, its packages and the libraries of the system are."""
    yield from map(Path, SYSTEM)
    yield from map(Path, {sys.prefix, sys.base_prefix, sys.exec_prefix, *filter(None, sys.path)})
    yield Path(sys.executable).resolve().parent
    yield Path(__file__).parents[1]
    with suppress(OSError):
        loaded = Path("/proc/self/maps").read_text(encoding="utf-8", errors="replace")
        yield from {Path(line.split()[-1]).parent for line in loaded.splitlines() if ".so" in line}


def _allow(libc: ctypes.CDLL, rules: int, path: Path, what: int) -> None:
    try:
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not path.is_dir():
            what &= OF_A_FILE
        libc.syscall(ADD, rules, PATH_BENEATH, struct.pack("<Qi", what, handle), 0)
    finally:
        os.close(handle)
