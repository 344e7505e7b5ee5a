"""Key files that open at once: an age file whose scrypt works little, for tests and examples.

Written from the published format (C2SP, age), apart from the library that Parley uses.
"""

from __future__ import annotations

import base64
import os

from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from parley.exchange import canonical
from parley.exchange.keys import FORMAT, Identity

WORK = 4


def key_file(identity: Identity, passphrase: str) -> bytes:
    """The key file of an identity."""
    seed = base64.b64encode(identity.seed).decode()
    fields = {"format": FORMAT, "name": identity.name, "age": identity.age, "sign": seed}
    return encrypted(canonical.encode(fields), passphrase)


def encrypted(plain: bytes, passphrase: str) -> bytes:
    """An age file of at most one chunk (64 KiB), encrypted to a passphrase."""
    file_key, salt, nonce = os.urandom(16), os.urandom(16), os.urandom(16)
    label = b"age-encryption.org/v1/scrypt"
    wrap = Scrypt(label + salt, 32, 1 << WORK, 8, 1).derive(passphrase.encode())
    body = ChaCha20Poly1305(wrap).encrypt(bytes(12), file_key, None)
    head = f"age-encryption.org/v1\n-> scrypt {_b64(salt)} {WORK}\n{_b64(body)}\n---".encode()
    mac = hmac.HMAC(_derived(file_key, b"", b"header"), hashes.SHA256())
    mac.update(head)
    sealed = ChaCha20Poly1305(_derived(file_key, nonce, b"payload")).encrypt(
        bytes(11) + b"\1", plain, None
    )
    return head + f" {_b64(mac.finalize())}\n".encode() + nonce + sealed


def _derived(key: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(hashes.SHA256(), 32, salt or None, info).derive(key)


def _b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode().rstrip("=")
