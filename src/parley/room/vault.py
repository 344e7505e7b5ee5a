"""Keys that the server keeps: for signing its logs, and for locking away what it must hold.

They lie in the data folder beside the database, not in it, so that a copy of the database alone
opens nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from parley.errors import RoomError
from parley.exchange.notes import Signer
from parley.exchange.receipts import log_name
from parley.room import config

NONCE = 12


def log_signer(room: str) -> Signer:
    """Signs the checkpoints of all logs of a room."""
    return _signer(log_name(room), _key(f"log-{room}"))


# made ready once for each key
_signer = lru_cache(maxsize=256)(Signer)


def lock_away(room: str, content: bytes) -> bytes:
    """Encrypt with the key of a room."""
    nonce = secrets.token_bytes(NONCE)
    return nonce + _cipher(room).encrypt(nonce, content, room.encode())


def take_out(room: str, locked: bytes) -> bytes:
    """Decrypt what `lock_away` gave.

    Raises
    ------
    RoomError
        If the key of the room is another than it was, or the content was changed.
    """
    try:
        return _cipher(room).decrypt(locked[:NONCE], locked[NONCE:], room.encode())
    except InvalidTag:
        what = "What the server keeps locked does not open with its key."
        raise RoomError(what, "Restore the folder `keys` from the same backup.") from None


def mark(room: str, content: bytes) -> str:
    """A mark by which the same content is known again, in hex; without the key of the room nobody
    can test a guess against it."""
    return hmac.new(_key(f"vault-{room}"), content, hashlib.sha256).hexdigest()


def _key(name: str) -> bytes:
    """A key of the data folder; its file is looked at each time, and read where it is another."""
    path = f"{config.current().folder}/keys/{name}"
    try:
        found = os.lstat(path)
    except OSError:
        return config.key_file(name)
    return _read(path, name, found.st_ino, found.st_mtime_ns, found.st_mode)


@lru_cache(maxsize=512)
def _read(_path: str, name: str, *_which: int) -> bytes:
    return config.key_file(name)


def _cipher(room: str) -> ChaCha20Poly1305:
    return ChaCha20Poly1305(_key(f"vault-{room}"))
