"""The core of a text: the text with what it belongs to and random bytes, padded.

What it belongs to (room, exchange, party, round, charter) stands inside, so that no text can be
passed off as one of another place; the random bytes keep a guess at the text from being checked by
its hash; the padding leaves little to be told by its size.
"""

from __future__ import annotations

from dataclasses import dataclass

from parley.errors import ProofError, SettingError
from parley.exchange import canonical

SIZES = tuple(k * 1024 for k in (4, 16, 64, 256))
LARGEST = 10 * 1024 * 1024
NONCE = 32
_DIGITS = 9
_MAGIC = b"parley-core-1\n"


@dataclass(frozen=True)
class Header:
    """What a deposit belongs to. `charter` is the hash of the room's charter, in hex."""

    room: str
    exchange: str
    party: str
    round: int
    charter: str


def core_of(header: Header, text: bytes, nonce: bytes) -> bytes:
    """Header, nonce and text, padded so that its size tells little.

    Raises
    ------
    SettingError
        If the nonce has not 32 bytes, or the text is too large.
    """
    if len(nonce) != NONCE:
        raise SettingError(f"The nonce has {len(nonce)} bytes.", f"It needs {NONCE}.")
    head = canonical.encode(vars(header))
    plain = _MAGIC + b"%d %d\n" % (len(head), len(text)) + head + nonce + text
    if len(plain) > LARGEST:
        what = f"The text is larger than {LARGEST // 1024 // 1024} MB."
        raise SettingError(what, "Deposit the words, without pictures.")
    return plain.ljust(_padded(len(plain)), b"\0")


def _padded(size: int) -> int:
    """The next size of the few that a deposit may have."""
    step = SIZES[-1]
    return next((s for s in SIZES if size <= s), -(-size // step) * step)


def text_of(core: bytes, header: Header) -> bytes:
    """The text in a core.

    Raises
    ------
    ProofError
        If it is of another room, exchange, party, round or charter.
    """
    bad = ProofError("The text inside is not of this room, exchange, party or round.")
    if not core.startswith(_MAGIC):
        raise bad
    line, _, rest = core[len(_MAGIC) :].partition(b"\n")
    sizes = line.split(b" ")
    if len(sizes) != 2 or not all(s.isdigit() and len(s) <= _DIGITS for s in sizes):
        raise bad
    head, text = (int(s) for s in sizes)
    expected = canonical.encode(vars(header))
    if rest[:head] != expected or len(rest) < head + NONCE + text:
        raise bad
    return rest[head + NONCE : head + NONCE + text]
