"""The room tree: what is said of every channel at every tick, without saying how much was spoken.

The head of a channel (how many entries, which root) is hashed with a salt that only its members
get. So the room tree binds the server to all its logs at once, and anybody can keep its checkpoint;
but nobody learns from it whether another channel has moved.
"""

from __future__ import annotations

import hashlib
import hmac

from parley.errors import ProofError
from parley.exchange import canonical


def salt(secret: bytes, tick: int) -> bytes:
    """The salt of a channel at a tick, from its secret; members get salts, never the secret."""
    return hmac.new(secret, b"head %d" % tick, hashlib.sha256).digest()


def commitment(salted: bytes, size: int, root: bytes) -> str:
    """What the room tree holds of a channel: SHA-256 of the salt, the size and the root, in hex."""
    head = canonical.encode({"size": size, "root": root.hex()})
    return hashlib.sha256(salted + head).hexdigest()


def check_head(said: str, salted: bytes, size: int, root: bytes) -> None:
    """Check that the room tree was said to hold this head of a channel.

    Raises
    ------
    ProofError
        If it holds another.
    """
    if said != commitment(salted, size, root):  # nothing of it is secret
        what = "The room tree holds another head of this channel."
        raise ProofError(what, "The log was rewritten; keep what you have.")
