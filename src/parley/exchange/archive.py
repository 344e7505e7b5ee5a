"""A zip in one form only, so that nothing in it can be changed, hidden or added unseen.

Any program opens it; but what is read here must be, byte for byte, what a plain writer makes of
these names and contents: no dates, no comments, no gaps, no second copy of a name. Contents are
written as they are; deflated ones are read too (there the same content can be packed in more ways
than one), in memory, one at a time, never beyond the size that was declared. Nothing is ever
written to disk.

Source: PKWARE, *.ZIP File Format Specification* (APPNOTE), 6.3; RFC 1951 (deflate).
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from parley.errors import ProofError, TooLargeError

MOST = 200_000
"""Most files in one archive."""
LARGEST = 4_000_000_000
"""Most bytes in one archive, unpacked."""
LARGEST_FILE = 1_000_000_000
"""Most bytes of one file in it."""
RATIO = 200
"""By how much a file may shrink; beyond that it is a bomb (small files may shrink more)."""
_SMALL = 1_000_000
_NAME = re.compile(r"[a-z0-9-]+(?:[./][a-z0-9-]+)*")
_LONGEST = 200
_STORED, _DEFLATED = 0, 8
_DATE = 0x21  # 1 January 1980, the first there is
_RIGHTS = 0o600 << 16
_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s4B4HL2L5H2L")
_END = struct.Struct("<4s4H2LH")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_WHERE_64 = struct.Struct("<4sLQL")
_FULL = 0xFFFF


@dataclass(frozen=True)
class Place:
    """Where a file stands in the archive, and how it is packed."""

    name: str
    method: int
    crc: int
    packed: int
    size: int
    offset: int

    @property
    def begin(self) -> int:
        """Where its content begins."""
        return self.offset + _LOCAL.size + len(self.name)

    @property
    def end(self) -> int:
        """Where its content ends."""
        return self.begin + self.packed

    def local(self) -> bytes:
        """What stands before the content."""
        sizes = (self.crc, self.packed, self.size, len(self.name), 0)
        return _LOCAL.pack(b"PK\3\4", 20, 0, self.method, 0, _DATE, *sizes) + self.name.encode()

    def central(self) -> bytes:
        """What the directory at the end says of it."""
        head = (b"PK\1\2", 20, 3, 20, 0, 0, self.method, 0, _DATE)
        sizes = (self.crc, self.packed, self.size, len(self.name), 0, 0, 0, 0)
        return _CENTRAL.pack(*head, *sizes, _RIGHTS, self.offset) + self.name.encode()


def write(files: Iterable[tuple[str, bytes]], stream: BinaryIO) -> None:
    """Write an archive; contents are stored as they are, one after another.

    Raises
    ------
    ProofError
        If a name is not of small letters, digits and hyphens, or stands there twice.
    TooLargeError
        If there is too much for an archive.
    """
    places: list[Place] = []
    offset = 0
    for name, data in files:
        place = Place(name, _STORED, zlib.crc32(data), len(data), len(data), offset)
        places.append(place)
        offset = place.end
        _check_limits(place, len(places), offset)
        stream.write(place.local() + data)
    _check_names(places)
    stream.write(_directory(places, offset))


def read(stream: BinaryIO) -> Files:
    """The files of an archive; each is unpacked when it is asked for.

    Raises
    ------
    ProofError
        If it is no archive, or not in the one form.
    TooLargeError
        If it would unpack to more than anybody needs.
    """
    end = stream.seek(0, 2)
    places = _places(_tail(stream, end))
    offset = places[-1].end if places else 0
    directory = _directory(places, offset)
    if offset + len(directory) != end or _part(stream, offset, len(directory)) != directory:
        raise _changed()
    _check_names(places)
    return Files(stream, places)


class Files(Mapping[str, bytes]):
    """The files of an archive, by name. Reading one raises ProofError if it was changed."""

    def __init__(self, stream: BinaryIO, places: Iterable[Place]) -> None:
        self._stream = stream
        self._places = {place.name: place for place in places}

    def __getitem__(self, name: str) -> bytes:
        place = self._places[name]
        local = place.local()
        raw = _part(self._stream, place.offset, len(local) + place.packed)
        if len(raw) != len(local) + place.packed or raw[: len(local)] != local:
            raise _changed(name)
        data = raw[len(local) :]
        if place.method == _DEFLATED:
            data = _inflated(data, place)
        if len(data) != place.size or zlib.crc32(data) != place.crc:
            raise _changed(name)
        return data

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


def _tail(stream: BinaryIO, end: int) -> bytes:
    """The directory at the end, with what stands after it."""
    closing = _part(stream, max(0, end - _END.size), _END.size)
    if len(closing) != _END.size or closing[:4] != b"PK\5\6":
        raise _changed()
    _, _, _, _, count, size, offset, _ = _END.unpack(closing)
    if count == _FULL:
        back = _END.size + _WHERE_64.size + _END_64.size
        long = _part(stream, max(0, end - back), _END_64.size)
        if len(long) == _END_64.size and long[:4] == b"PK\6\6":
            count = _END_64.unpack(long)[7]
    if count > MOST:
        raise TooLargeError(f"The archive has more than {MOST:,} files.", "Refuse it.")
    if size > MOST * (_CENTRAL.size + _LONGEST) or offset + size > end:
        raise _changed()
    return _part(stream, offset, size)


def _places(directory: bytes) -> list[Place]:
    """What the directory lists. Where each begins is counted, never taken on trust."""
    found: list[Place] = []
    at = offset = 0
    while at < len(directory):
        if at + _CENTRAL.size > len(directory):
            raise _changed()
        row = _CENTRAL.unpack_from(directory, at)
        name = directory[at + _CENTRAL.size : at + _CENTRAL.size + row[12]]
        if row[6] not in {_STORED, _DEFLATED} or not name.isascii():
            raise _changed()
        place = Place(name.decode(), row[6], row[9], row[10], row[11], offset)
        found.append(place)
        at += _CENTRAL.size + len(name)
        offset = place.end
    unpacked = 0
    for count, place in enumerate(found, 1):
        unpacked += place.size
        _check_limits(place, count, max(unpacked, place.end))
    return found


def _check_limits(place: Place, count: int, total: int) -> None:
    if count > MOST:
        raise TooLargeError(f"The archive has more than {MOST:,} files.", "Make several.")
    if total > LARGEST or place.size > LARGEST_FILE:
        what = f"The archive has more than {LARGEST // 10**9} GB, or a file of over 1 GB."
        raise TooLargeError(what, "Make several.")
    if place.size > max(_SMALL, place.packed * RATIO):
        what = f"`{place.name[:_LONGEST]}` would unpack to {place.size // max(1, place.packed):,} "
        raise TooLargeError(what + "times its size.", "This is how bombs are packed: refuse it.")


def _check_names(places: list[Place]) -> None:
    names = [place.name for place in places]
    for name in names:
        if not _NAME.fullmatch(name) or len(name) > _LONGEST:
            what = f"There is a file in the archive whose name no room gives: {name[:60]!r}."
            raise ProofError(what, "Take the archive as the room made it.")
    if len(set(names)) < len(names):
        raise ProofError("A name stands twice in the archive.", "Refuse it.")


def _directory(places: list[Place], offset: int) -> bytes:
    """What stands at the end of an archive: the directory, and where to find it."""
    rows = b"".join(place.central() for place in places)
    count, end = len(places), b""
    if count > _FULL:
        counts = (count, count, len(rows), offset)
        end += _END_64.pack(b"PK\6\6", _END_64.size - 12, 45, 45, 0, 0, *counts)
        end += _WHERE_64.pack(b"PK\6\7", 0, offset + len(rows), 1)
    short = min(count, _FULL)
    return rows + end + _END.pack(b"PK\5\6", 0, 0, short, short, len(rows), offset, 0)


def _inflated(data: bytes, place: Place) -> bytes:
    """What a deflated content unpacks to: no more than declared, and nothing after its end."""
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        found = unpacker.decompress(data, place.size + 1)
    except zlib.error:
        raise _changed(place.name) from None
    if not unpacker.eof or unpacker.unused_data:
        raise _changed(place.name)
    return found


def _part(stream: BinaryIO, offset: int, size: int) -> bytes:
    stream.seek(offset)
    return stream.read(size)


def _changed(name: str = "") -> ProofError:
    what = f"`{name}` in the archive was changed." if name else "This is no archive of a room."
    return ProofError(
        what, "It was cut short, changed or packed anew: take it as the room made it."
    )
