"""Keys of a delegation or release agent: made on its own device, kept behind a passphrase.

The file is age-encrypted to the passphrase (scrypt), so that stock tools open it. Of its public
part a card is made, signed by the key itself; only the card leaves the device.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

import pyrage
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pyrage import x25519

from parley.errors import ProofError, SettingError
from parley.exchange import canonical
from parley.exchange.charter import ID, Keys
from parley.exchange.notes import Signer, Verifier, opened, signed
from parley.exchange.sealing import sealed_to

FORMAT = "parley-key-1"
CARD = "parley-public-1"
SHORTEST = 12
"""Fewest letters of a passphrase."""
GAUGED = 20
"""How often at most this machine's speed is gauged before a key file is refused as too slow."""


@dataclass(frozen=True)
class Identity:
    """A name with private keys: `age` (AGE-SECRET-KEY-1…) to open, `seed` (32 bytes) to sign."""

    name: str
    age: str
    seed: bytes

    @property
    def signer(self) -> Signer:
        """Signs in this name."""
        return Signer(self.name, self.seed)

    @property
    def public(self) -> Keys:
        """The public part."""
        recipient = x25519.Identity.from_str(self.age).to_public()
        return Keys(str(recipient), self.signer.verifier.key)

    def __repr__(self) -> str:
        return f"Identity({self.name!r})"


def new_identity(name: str) -> Identity:
    """Fresh keys for a name.

    Raises
    ------
    SettingError
        If the name is no id (small letters, digits, hyphens).
    """
    if not ID.fullmatch(name):
        raise SettingError(f"`{name}` cannot be the name of a key.", "Use small letters: north.")
    seed = Ed25519PrivateKey.generate().private_bytes_raw()
    return Identity(name, str(x25519.Identity.generate()), seed)


def locked(identity: Identity, passphrase: str) -> bytes:
    """The key file.

    Raises
    ------
    SettingError
        If the passphrase is too short to protect it.
    """
    if len(passphrase) < SHORTEST:
        what = f"The passphrase has fewer than {SHORTEST} letters."
        raise SettingError(what, "Take four words or more that nobody would guess.")
    seed = base64.b64encode(identity.seed).decode()
    fields = {"format": FORMAT, "name": identity.name, "age": identity.age, "sign": seed}
    result: bytes = pyrage.passphrase.encrypt(canonical.encode(fields), passphrase)
    return result


def unlocked(raw: bytes, passphrase: str) -> Identity:
    """The keys in a key file.

    Raises
    ------
    ProofError
        If it does not open with this passphrase, or is no key file.
    """
    fields = canonical.record(_decrypted(raw, passphrase), FORMAT)
    try:
        identity = Identity(fields["name"], fields["age"], base64.b64decode(fields["sign"]))
        identity.public  # noqa: B018  (raises if a key is none)
    except (KeyError, TypeError, ValueError, pyrage.IdentityError):
        raise ProofError("There are no keys in this file.", "Make new ones.") from None
    return identity


def _decrypted(raw: bytes, passphrase: str) -> bytes:
    # age gauges by some milliseconds of work how fast this machine is, and refuses a file that was
    # made on one sixteen times faster; another program that runs in just these milliseconds makes
    # it gauge wrongly, so that it has to be asked more than once
    for _ in range(GAUGED):
        try:
            plain: bytes = pyrage.passphrase.decrypt(raw, passphrase)
        except (pyrage.DecryptError, ValueError) as error:
            if "xcessive work" in str(error):
                continue
            what = "The key file does not open."
            remedy = "Look whether it is the right file, and the passphrase."
            raise ProofError(what, remedy) from None
        return plain
    what = "This machine would take too long to open the key file."
    raise ProofError(what, "Close other programs, or use a faster machine.")


def card(identity: Identity) -> str:
    """The public card: name and public keys, signed by the key itself."""
    public = identity.public
    sign = base64.b64encode(identity.signer.verifier.key).decode()
    fields = {"age": public.age, "name": identity.name, "sign": sign}
    return signed(f"{CARD}\n{canonical.encode(fields).decode()}\n", identity.signer)


def read_card(note: str) -> tuple[str, Keys]:
    """The name and keys on a card.

    Raises
    ------
    ProofError
        If it is none, or is not signed by the key that is on it.
    """
    bad = ProofError("This is no card of public keys.", "Take the file that ends in .parley-public")
    head, _, body = note.rpartition("\n\n")[0].partition("\n")
    if head != CARD:
        raise bad
    fields = canonical.decode(body.encode())
    try:
        assert isinstance(fields, dict)
        name, age, sign = fields["name"], fields["age"], base64.b64decode(fields["sign"])
        assert ID.fullmatch(name)
        sealed_to(b"", age)
        verifier = Verifier(name, sign)
    except (AssertionError, KeyError, TypeError, binascii.Error, ValueError, SettingError):
        raise bad from None
    opened(note, verifier)
    return name, Keys(age, sign)
