"""Signed notes and checkpoints: what a log says of itself, for others to check and sign.

A note is text, a blank line, and lines of signatures, each with the name of a key, four bytes that
tell it, and an Ed25519 signature of the text. A checkpoint is a note about a log: its name, how
many entries it has, and the root over them. A party that keeps the checkpoints it was given can
show that a log was rewritten, or shown to others in another form.

Source: C2SP, *signed-note* and *tlog-checkpoint*.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from functools import cached_property

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from parley.errors import ProofError
from parley.exchange.merkle import HASH

ED25519 = b"\x01"
_ID = 4
_SIGNATURE = 64
_MARK = "\u2014 "
_MOST = 1_000_000
"""Most letters of a note."""
_NOT_IN_NAME = re.compile(r"[\s+\x00-\x1f]")
_NOT_IN_TEXT = re.compile(r"[\x00-\x09\x0b-\x1f]")
_SIZE = re.compile(r"0|[1-9][0-9]{0,17}")


@dataclass(frozen=True)
class Verifier:
    """A public key and its name; the name may hold neither blank nor plus."""

    name: str
    key: bytes

    def __post_init__(self) -> None:
        if not _is_name(self.name) or len(self.key) != 32:
            raise ProofError("This is no key: a name without blanks, and 32 bytes.")

    def __str__(self) -> str:
        """The key in one line, as the C2SP format writes it: name+id+key."""
        packed = base64.b64encode(ED25519 + self.key).decode()
        return f"{self.name}+{self.id.hex()}+{packed}"

    @property
    def id(self) -> bytes:
        """Four bytes that tell this key from others of its name."""
        start = self.name.encode() + b"\n" + ED25519 + self.key
        return hashlib.sha256(start).digest()[:_ID]

    def holds(self, text: str, signature: bytes) -> bool:
        """Whether a signature of this key is of this text."""
        try:
            Ed25519PublicKey.from_public_bytes(self.key).verify(signature, text.encode())
        except (InvalidSignature, ValueError):
            return False
        return True


def read_verifier(line: str) -> Verifier:
    """The public key in a line as ``str(verifier)`` gives it.

    Raises
    ------
    ProofError
        If it is none.
    """
    name, _, rest = line.partition("+")
    raw = _packed(rest.partition("+")[2])
    if raw is None or raw[:1] != ED25519 or str(found := Verifier(name, raw[1:])) != line:
        raise ProofError("This is no public key of a log.", "It looks like name+1234abcd+key.")
    return found


@dataclass(frozen=True)
class Signer:
    """A private key (32 bytes of seed) and its name."""

    name: str
    seed: bytes

    @cached_property
    def verifier(self) -> Verifier:
        """The public part."""
        return Verifier(self.name, self._private.public_key().public_bytes_raw())

    @cached_property
    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    def sign(self, text: str) -> str:
        """The line of a signature of a text."""
        signature = self._private.sign(text.encode())
        packed = base64.b64encode(self.verifier.id + signature).decode()
        return f"{_MARK}{self.name} {packed}\n"


@dataclass(frozen=True)
class Checkpoint:
    """What a log says of itself: its name, how many entries it has, and the root over them."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def signed(text: str, *signers: Signer) -> str:
    """A note: a text with signatures.

    Raises
    ------
    ProofError
        If the text cannot be one of a note: it must end a line, and hold no control characters.
    """
    if not _is_text(text):
        raise ProofError("This cannot be signed as a note.", "It must end with a line break.")
    return text + "\n" + "".join(signer.sign(text) for signer in signers)


def opened(note: str, *verifiers: Verifier) -> str:
    """The text of a note that all of these keys have signed.

    Signatures of other keys are left alone: somebody else may check them.

    Raises
    ------
    ProofError
        If it is no note, a signature of one of the keys is missing, or one does not hold.
    """
    text, lines = _parts(note)
    for verifier in verifiers:
        mine = [s for name, key, s in lines if (name, key) == (verifier.name, verifier.id)]
        if not mine:
            raise ProofError(
                f"`{verifier.name}` has not signed this.", "Ask for it with the signature."
            )
        if not all(verifier.holds(text, signature) for signature in mine):
            raise ProofError(
                f"The signature of `{verifier.name}` does not hold.", "Keep it as evidence."
            )
    return text


def check_line(text: str, line: str, verifier: Verifier) -> None:
    """Check that one line of signature is of this very text, by this key, and nothing else.

    A line that brings more text with it would be a signature of something else.

    Raises
    ------
    ProofError
        If it is not.
    """
    note = f"{text}\n{line}"
    if line.count("\n") != 1 or opened(note, verifier) != text:
        raise ProofError("This is no signature of that text.", "Sign it anew.")


def read_checkpoint(note: str, origin: str, *verifiers: Verifier) -> Checkpoint:
    """The checkpoint of a log in a signed note.

    Raises
    ------
    ProofError
        If a signature does not hold, or it is a checkpoint of another log.
    """
    lines = opened(note, *verifiers).split("\n")
    if len(lines) < 4 or lines[0] != origin:
        raise ProofError(f"This is no checkpoint of the log `{origin}`.", "Look which log it is.")
    if not _SIZE.fullmatch(lines[1]):
        raise ProofError("The checkpoint has no size.", "Ask for it anew.")
    root = _packed(lines[2])
    if root is None or len(root) != HASH:
        raise ProofError("The checkpoint has no root.", "Ask for it anew.")
    return Checkpoint(origin, int(lines[1]), root)


def _parts(note: str) -> tuple[str, list[tuple[str, bytes, bytes]]]:
    """The text of a note, and name, key and signature of each of its lines."""
    bad = ProofError("This is no signed note, or it is cut short.", "Ask for it anew.")
    before, middle, after = note.rpartition("\n\n")
    text = before + "\n"
    if len(note) > _MOST or not middle or not _is_text(text) or not after.endswith("\n"):
        raise bad
    found = []
    for line in after[:-1].split("\n"):
        name, _, packed = line.removeprefix(_MARK).partition(" ")
        raw = _packed(packed)
        if not line.startswith(_MARK) or not _is_name(name) or raw is None or len(raw) <= _ID:
            raise bad
        found.append((name, raw[:_ID], raw[_ID:]))
    return text, found


def _packed(text: str) -> bytes | None:
    """Bytes of base64 in its only right form; ``None`` if it is none."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if base64.b64encode(raw).decode() == text else None


def _is_name(name: str) -> bool:
    return bool(name) and not _NOT_IN_NAME.search(name)


def _is_text(text: str) -> bool:
    return text.endswith("\n") and not _NOT_IN_TEXT.search(text)
