"""Secrets that can be recognised wherever they turn up, and in whatever form.

Every secret of a population is a word or some bytes that stand nowhere else. Words begin alike, so
that one search finds any of them, also in base64, in hex, in an archive or compressed. What the
room makes by itself (ids, hashes, keys) is known by its value.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

PREFIX = "zqxvkjw"
NOBODY: frozenset[str] = frozenset()
DEEPEST = 4

_TOKENS = (
    re.compile(rb"(?<![a-z0-9])[a-z2-7]{12}(?![a-z0-9])"),  # ids
    re.compile(rb"(?<![0-9a-fA-F])[0-9a-f]{64}(?![0-9a-fA-F])"),  # hashes
    re.compile(rb"AGE-SECRET-KEY-1[0-9A-Z]{58}"),
    re.compile(rb"(?<![a-z0-9])[a-z0-9]{32}(?![a-z0-9])"),  # keys of sessions
    re.compile(rb"(?<![A-Z2-7])[A-Z2-7]{32}(?![A-Z2-7])"),  # secrets of apps
    re.compile(rb"(?<![0-9])[0-9]{8}(?![0-9])"),  # recovery codes
    re.compile(rb"[A-Za-z0-9+/]{43}="),  # hashes and keys in base64
    re.compile(rb"(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])"),  # secrets of links
)


def word(name: str) -> str:
    """The word that stands for a secret: small letters and digits, the same each time."""
    return PREFIX + hashlib.sha256(name.encode()).hexdigest()[:12]


def _within_base64(value: bytes) -> Iterator[bytes]:
    """What base64 makes of some bytes, wherever they begin; without the letters at the edges
    that depend on what stands beside them."""
    for before in range(3):
        coded = base64.b64encode(bytes(before) + value)
        start = (0, 2, 3)[before]
        end = len(coded) - (0, 3, 2)[(before + len(value)) % 3]
        yield coded[start:end]
        yield base64.urlsafe_b64encode(bytes(before) + value)[start:end]


def forms(value: bytes) -> tuple[bytes, ...]:
    """Some bytes in the forms in which they could get out."""
    hexed = value.hex().encode()
    wide = value.decode("latin-1").encode("utf-16-le")
    return (value, value.upper(), hexed, hexed.upper(), wide, value[::-1], *_within_base64(value))


_PLAIN = re.compile(re.escape(PREFIX.encode()) + rb"[0-9a-f]{12}")
_PACKED = re.compile(b"|".join(re.escape(f) for f in sorted(set(forms(PREFIX.encode())[1:]))))


def layers(body: bytes, depth: int = DEEPEST) -> Iterator[bytes]:
    """Some bytes, and what is packed in them: archives with their names, compressed streams."""
    yield body
    if depth == 0:
        return
    for inner in _unpacked(body):
        yield from layers(inner, depth - 1)


def _unpacked(body: bytes) -> Iterator[bytes]:
    if body.startswith(b"\x1f\x8b"):
        with suppress(OSError, EOFError, zlib.error):
            yield gzip.decompress(body)
    if body.startswith((b"\x78\x01", b"\x78\x9c", b"\x78\xda")):
        with suppress(zlib.error):
            yield zlib.decompress(body)
    if body.startswith(b"PK\x03\x04"):
        with suppress(zipfile.BadZipFile), zipfile.ZipFile(io.BytesIO(body)) as archive:
            for member in archive.infolist():
                yield member.filename.encode()
                yield archive.read(member)


@dataclass(frozen=True)
class Secret:
    """Something that not everybody may know.

    Parameters
    ----------
    known
        Who may know it.
    reached
        Who must be able to find it somewhere; else the search for it would prove nothing.
    """

    name: str
    value: bytes
    known: frozenset[str]
    reached: frozenset[str]


@dataclass(repr=False)
class Canaries:
    """All secrets of a population."""

    secrets: dict[str, Secret] = field(default_factory=dict)
    _words: dict[str, tuple[bytes, ...]] = field(default_factory=dict)
    _plain: dict[bytes, tuple[str, ...]] = field(default_factory=dict)
    _tokens: dict[bytes, str] = field(default_factory=dict)
    _seen: dict[bytes, frozenset[str]] = field(default_factory=dict)

    def new(self, name: str, known: Iterable[str], reached: Iterable[str] | None = None) -> str:
        """A new secret word."""
        made = word(name)
        self._add(name, made.encode(), known, reached)
        self._words[name] = forms(made.encode())
        self._plain[made.encode()] = (name,)
        return made

    def nonce(self, name: str, known: Iterable[str], reached: Iterable[str] | None = None) -> bytes:
        """32 secret bytes."""
        return self.new(name, known, reached).encode().ljust(32, b"~")

    def token(
        self,
        name: str,
        value: bytes | str,
        known: Iterable[str],
        reached: Iterable[str] | None = NOBODY,
    ) -> None:
        """Something that the room made by itself: an id, a hash, a key."""
        raw = value.encode() if isinstance(value, str) else value
        self._add(name, raw, known, reached)
        if isinstance(value, str):
            self._tokens[raw] = name
            with suppress(ValueError):
                self._tokens[base64.b64encode(bytes.fromhex(value))] = name
        else:
            self._tokens[raw.hex().encode()] = name
            self._tokens[base64.b64encode(raw)] = name

    def _add(
        self, name: str, value: bytes, known: Iterable[str], reached: Iterable[str] | None
    ) -> None:
        if name in self.secrets:
            raise ValueError(f"{name} is there already")
        may = frozenset(known)
        self.secrets[name] = Secret(
            name, value, may, may if reached is None else frozenset(reached)
        )

    def found_in(self, *parts: bytes) -> set[str]:
        """Names of the secrets that are in some bytes, in any form."""
        found: set[str] = set()
        for part in parts:
            key = hashlib.blake2b(part, digest_size=16).digest()
            if key not in self._seen:
                self._seen[key] = frozenset(self._search(part))
            found |= self._seen[key]
        return found

    def named_in(self, path: str) -> set[str]:
        """Secrets that whoever asks for an address has named himself."""
        return {self._tokens[part] for part in path.encode().split(b"/") if part in self._tokens}

    def _search(self, part: bytes) -> Iterator[str]:
        for layer in layers(part):
            for found in _PLAIN.findall(layer):
                yield from self._plain.get(found, ())
            if _PACKED.search(layer):
                for name, shapes in self._words.items():
                    if any(shape in layer for shape in shapes):
                        yield name
            for pattern in _TOKENS:
                for token in pattern.findall(layer):
                    if token in self._tokens:
                        yield self._tokens[token]

    def leaked(self, person: str, found: Iterable[str]) -> list[str]:
        """Which of these secrets somebody must not know."""
        return sorted(name for name in found if person not in self.secrets[name].known)
