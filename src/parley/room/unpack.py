"""Zip files that people bring: judged by what they declare, before anything is unpacked.

A Word file is one, and a packed case folder. The sizes that a zip file declares bound what the
library reads from it, so that they can be judged beforehand. Names in it are never used as paths.
"""

from __future__ import annotations

import io
import re
import stat
import struct
import zipfile
import zlib
from pathlib import Path

from parley.errors import OperationError

MEGABYTE = 1024 * 1024
MOST_LISTED = MEGABYTE
"""Most bytes of the list of contents: some thousands of entries."""

MOST_ENTRIES = 2_000
MOST_PART = 24 * MEGABYTE
MOST_ALL = 64 * MEGABYTE
MOST_RATIO = 200
"""Most that a large part may be larger than it is packed; words pack to about a tenth."""

SMALL = 2 * MEGABYTE
"""Below this a part may pack as well as it likes."""

DEEPEST = 200
_BRACKET = re.compile(rb"[\[\]{}]")
_END = b"PK\x05\x06"
_END_SIZE = 22
_LARGE = b"PK\x06\x07"
_KINDS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_DEVICE = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)")
_IGNORED = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini")
_BOMB = "Such a file is no text of talks; ask for a clean copy."


def open_zip(raw: bytes) -> zipfile.ZipFile:
    """Open a zip file, if what it declares is within bounds.

    Raises
    ------
    OperationError
        If it is damaged, declares too much, or is locked with a password.
    """
    if _listed(raw) > MOST_LISTED:
        raise OperationError("The file holds far too many parts.", _BOMB)
    try:
        archive = zipfile.ZipFile(io.BytesIO(raw))
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error):
        raise OperationError("The file is damaged, or cut short.", "Send it anew.") from None
    infos = archive.infolist()
    size = sum(info.file_size for info in infos)
    if len(infos) > MOST_ENTRIES or size > MOST_ALL:
        what = f"The file unpacks to {len(infos):,} parts with {size / MEGABYTE:,.0f} MB."
        raise OperationError(what, _BOMB)
    for info in infos:
        _judge(info)
    return archive


def _listed(raw: bytes) -> int:
    """How long the list of contents is; the library reads exactly that much of it."""
    at = len(raw) - _END_SIZE
    if not (raw[at : at + 4] == _END and raw[-2:] == b"\0\0"):
        at = raw.rfind(_END, max(0, at - 0xFFFF))
    if at < 0 or len(raw) - at < _END_SIZE:
        raise OperationError("The file is damaged, or cut short.", "Send it anew.")
    if raw[max(0, at - 20) : at - 16] == _LARGE:
        raise OperationError("The file is of a form for very large archives.", _BOMB)
    found: int = struct.unpack_from("<L", raw, at + 12)[0]
    return found


def _judge(info: zipfile.ZipInfo) -> None:
    if info.flag_bits & 1:
        what = "The file is protected by a password."
        raise OperationError(what, "Take the password off in a copy, and use that.")
    if info.compress_type not in _KINDS:
        raise OperationError("The file is packed in an unusual way.", "Pack it anew as plain zip.")
    packed = max(1, info.compress_size)
    blown = info.file_size > SMALL and info.file_size > MOST_RATIO * packed
    if info.file_size > MOST_PART or blown:
        what = f"A part of the file unpacks to {info.file_size / MEGABYTE:,.0f} MB."
        raise OperationError(what, _BOMB)


def part(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """One part, unpacked.

    Raises
    ------
    OperationError
        If it is damaged.
    """
    try:
        with archive.open(info) as stream:
            return stream.read(MOST_PART + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, struct.error):
        raise OperationError("The file is damaged, or cut short.", "Send it anew.") from None


def refuse_depth(raw: bytes) -> None:
    """Refuse YAML with lists in lists without end, for which its reader would take long.

    Raises
    ------
    OperationError
        If brackets are open deeper than anybody writes by hand.
    """
    depth = 0
    for found in _BRACKET.finditer(raw):
        depth = max(0, depth + (1 if found[0] in b"[{" else -1))
        if depth > DEEPEST:
            what = f"Lists stand in one another over {DEEPEST} levels deep."
            raise OperationError(what, "Nothing here needs that.")


def unpack_case(raw: bytes, folder: Path) -> list[str]:
    """Unpack a case folder; what does not belong to a case is left out, and named.

    Parameters
    ----------
    folder
        An empty folder of our own. Files get the places that a case folder has; no path of the
        zip file is used.

    Raises
    ------
    OperationError
        If a name in it could lead elsewhere, or two are the same.
    """
    archive = open_zip(raw)
    infos = [info for info in archive.infolist() if not info.is_dir()]
    paths = {info: _steps(info) for info in infos}
    kept = {info: steps for info, steps in paths.items() if not set(steps) & set(_IGNORED)}
    top = _common_top(list(kept.values()))
    taken: set[str] = set()
    left_out = []
    for info, steps in kept.items():
        place = _place(steps[top:])
        if place is None:
            left_out.append("/".join(steps[top:]))
            continue
        if place.casefold() in taken:
            raise OperationError(f"`{place}` is in it twice.", "Pack the case anew.")
        taken.add(place.casefold())
        content = part(archive, info)
        if place.endswith(".yaml"):
            refuse_depth(content)
        path = folder / place
        path.parent.mkdir(mode=0o700, exist_ok=True)
        with path.open("xb") as file:
            file.write(content)
    return left_out


def _steps(info: zipfile.ZipInfo) -> list[str]:
    """The steps of a name in a zip file, each of which is a plain name."""
    mode = info.external_attr >> 16
    if stat.S_IFMT(mode) not in {0, stat.S_IFREG}:
        what = "The file holds a link or a device, not only files."
        raise OperationError(what, "Pack the case anew, without links.")
    # the library cuts a name at NUL; what it was before counts
    steps = info.orig_filename.split("/")
    if not all(map(_is_plain, steps)):
        what = f"A name in the file could lead elsewhere: {info.orig_filename[:80]!r}."
        raise OperationError(what, "Pack the case anew from its folder.")
    return steps


def _is_plain(name: str) -> bool:
    """Whether a name names a file on every system, and nothing but a file."""
    # systems differ in what they make of blanks and dots at an end; ".." has nothing else
    if not name or name != name.rstrip(" .").lstrip() or len(name.encode("utf-8", "replace")) > 150:
        return False
    return all(c.isprintable() and c not in '\\:*?"<>|' for c in name) and not _DEVICE.match(name)


def _common_top(paths: list[list[str]]) -> int:
    """How many folders stand above the case: one, where a folder was packed with its name."""
    if not any(steps[-1] == "case.yaml" for steps in paths):
        raise OperationError("There is no case.yaml in it.", "Pack the folder of the case.")
    return min(len(steps) for steps in paths if steps[-1] == "case.yaml") - 1


def _place(steps: list[str]) -> str | None:
    """Where a file belongs in a case folder, or None if it belongs to no case."""
    if len(steps) == 1 and steps[0] in {"case.yaml", "record.yaml", "single-text.yaml"}:
        return steps[0]
    if len(steps) == 2:
        folder, name = steps
        if folder == "record" and name.endswith(".yaml"):
            return f"record/{name}"
        if folder == "proposals" and name.endswith(".md"):
            return f"proposals/{name}"
    return None
