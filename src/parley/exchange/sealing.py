"""Sealing a text so that it opens for all at once or for nobody: the release lock, two of three.

A text is encrypted to its recipients, that to a fresh lock, and the lock to every two of three
release agents (server, mediator, witness), one layer for each. So no agent alone can open anything,
no two can read what is not addressed to them, and a party that has deposited cannot hold its text
back. What a text belongs to (room, exchange, party, round, charter) stands inside the seal and is
signed, so that no deposit can be passed off as another.

The format of every layer is age v1 (age-encryption.org), which stock tools can open. Keys are drawn
from the operating system's randomness, and nothing else here is.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import pyrage
from pyrage import x25519

from parley.errors import ProofError, SettingError
from parley.exchange import canonical
from parley.exchange.core import Header, core_of, text_of
from parley.exchange.notes import Signer, Verifier, check_line

Agent = Literal["server", "mediator", "witness"]
PAIRS: tuple[tuple[Agent, Agent], ...] = (
    ("server", "mediator"),
    ("server", "witness"),
    ("mediator", "witness"),
)
"""Who can open together: the first peels the outer layer, the second the inner one."""


def pairs_of(agents: Iterable[str]) -> tuple[tuple[Agent, Agent], ...]:
    """The pairs among these agents: three of three agents, one of server and mediator alone."""
    there = set(agents)
    return tuple(pair for pair in PAIRS if there.issuperset(pair))


_AGE, _END_OF_HEAD = b"age-encryption.org/", b"\n--- "
_LONGEST_HEAD = 6 * 1024
"""Longest head of an age file that is read, in bytes: some fifty recipients."""
_LOCK = re.compile(r"age1[0-9a-z]+")
FORMAT = "parley-deposit-1"
_SIGNED = FORMAT + "\n"


@dataclass(frozen=True)
class Deposit:
    """A sealed text, as it is laid down.

    Parameters
    ----------
    header
        What it belongs to.
    outer
        The text, sealed to its recipients and then to the lock.
    wraps
        The lock, sealed to each pair of agents, in the order of `PAIRS`.
    inner_hash, core_hash
        SHA-256 of what lies under the lock, and of the text with its header, padded.
    lock
        The public key of the lock.
    signature
        By the party: the line of a signed note over all of this.
    """

    header: Header
    outer: bytes
    wraps: tuple[bytes, ...]
    inner_hash: bytes
    core_hash: bytes
    lock: str
    signature: str

    def signed_text(self) -> str:
        """What the party signs."""
        return self._signed

    @cached_property
    def _signed(self) -> str:
        return _statement(
            self.header, self.inner_hash, self.outer, self.wraps, self.lock, self.core_hash
        )


def seal(
    header: Header,
    text: bytes,
    nonce: bytes,
    recipients: Sequence[str],
    agents: Mapping[Agent, str],
    signer: Signer,
) -> Deposit:
    """Seal a text.

    Parameters
    ----------
    nonce
        32 fresh random bytes; they keep a guess at the text from being checked by its hash.
    recipients
        Public keys (age) of those who may read it once it is released.
    agents
        Public keys of the release agents: three, of whom any two open it; or server and mediator
        alone, where the loss of one key loses the text.

    Raises
    ------
    SettingError
        If a key is none, an agent is missing or stands twice, or the text is too large.
    """
    pairs = pairs_of(agents)
    if not {"server", "mediator"} <= set(agents) or len(set(agents.values())) < len(agents):
        raise SettingError("Release agents with a key each are needed.", "Look at the charter.")
    if not recipients:
        what = "Nobody could read it: there are no recipients."
        raise SettingError(what, "Look at the charter.")
    core = core_of(header, text, nonce)
    lock = x25519.Identity.generate()
    inner = _encrypted(core, [_recipient(key) for key in recipients])
    outer = _encrypted(inner, [lock.to_public()])
    wraps = tuple(
        _encrypted(_encrypted(str(lock).encode(), [_recipient(agents[b])]), [_recipient(agents[a])])
        for a, b in pairs
    )
    inner_hash, core_hash = _sha(inner), _sha(core)
    public = str(lock.to_public())
    statement = _statement(header, inner_hash, outer, wraps, public, core_hash)
    return Deposit(header, outer, wraps, inner_hash, core_hash, public, signer.sign(statement))


def sealed_core(header: Header, text: bytes, nonce: bytes, key: str) -> bytes:
    """The core of a text, sealed to one public key (age) alone: an age file."""
    return sealed_to(core_of(header, text, nonce), key)


def sealed_to(data: bytes, key: str) -> bytes:
    """Anything, sealed to one public key (age).

    Raises
    ------
    SettingError
        If it is no key, or one to which nothing can be sealed.
    """
    return _encrypted(data, [_recipient(key)])


def core_in(sealed: bytes, header: Header, identity: str) -> bytes:
    """The core that was sealed to one key alone.

    Raises
    ------
    ProofError
        If it is not sealed to this key, was changed, or is of another place.
    """
    core = _decrypted(sealed, identity)
    text_of(core, header)
    return core


def check_deposit(
    deposit: Deposit, header: Header, verifier: Verifier, agents: Iterable[str]
) -> None:
    """Check that a deposit is this party's, for this round, unchanged, and sealed to these agents.

    Raises
    ------
    ProofError
        If it is not.
    """
    # true equals 1, but is another text
    if deposit.header != header or type(deposit.header.round) is not int:
        raise ProofError("The deposit is of another room, exchange, party or round.", "Refuse it.")
    if len(deposit.wraps) != len(pairs_of(agents)):
        raise ProofError("The deposit is not sealed to all release agents.", "Refuse it.")
    check_line(deposit.signed_text(), deposit.signature, verifier)


def peel(layer: bytes, identity: str) -> bytes:
    """Take off one's own layer of a wrap.

    Raises
    ------
    ProofError
        If it is not sealed to this key, or was changed.
    """
    return _decrypted(layer, identity)


def open_lock(deposit: Deposit, key: bytes) -> bytes:
    """What lies under the lock, once both layers of a wrap are off; it is checked by its hash.

    Raises
    ------
    ProofError
        If this is not the key of the lock, or what lies under it is not what was signed.
    """
    try:
        lock = x25519.Identity.from_str(key.decode("ascii"))
    except (pyrage.IdentityError, UnicodeDecodeError, ValueError):
        raise ProofError("This is no key of a lock.", "The deposit is void.") from None
    if str(lock.to_public()) != deposit.lock:
        raise ProofError("This key is of another lock.", "The deposit is void.")
    inner = _decrypted(deposit.outer, str(lock))
    if _sha(inner) != deposit.inner_hash:
        raise ProofError("Under the lock is not what was signed.", "The deposit is void.")
    return inner


def read(deposit: Deposit, inner: bytes, identity: str) -> bytes:
    """The text, for one of its recipients; header and hash are checked.

    Raises
    ------
    ProofError
        If it is not sealed to this key, or is not the text that was signed for this place.
    """
    core = _decrypted(inner, identity)
    if _sha(core) != deposit.core_hash:
        raise ProofError("This is not the text that was signed.", "Keep it as evidence.")
    return text_of(core, deposit.header)


def _statement(
    header: Header,
    inner_hash: bytes,
    outer: bytes,
    wraps: Sequence[bytes],
    lock: str,
    core_hash: bytes,
) -> str:
    lines = [
        canonical.encode(vars(header)).decode(),
        f"inner {inner_hash.hex()}",
        f"outer {_sha(outer).hex()}",
        *(f"wrap {k} {_sha(wrap).hex()}" for k, wrap in zip(itertools.count(), wraps)),
        f"lock {lock}",
        f"core {core_hash.hex()}",
    ]
    return _SIGNED + "".join(f"{line}\n" for line in lines)


def to_json(deposit: Deposit) -> bytes:
    """The deposit as it is kept and sent: canonical JSON."""
    fields = {
        "format": FORMAT,
        "header": vars(deposit.header),
        "outer": _b64(deposit.outer),
        "wraps": [_b64(wrap) for wrap in deposit.wraps],
        "inner": deposit.inner_hash.hex(),
        "core": deposit.core_hash.hex(),
        "lock": deposit.lock,
        "signature": deposit.signature,
    }
    return canonical.encode(fields)


def from_json(raw: bytes) -> Deposit:
    """A deposit from the form it is sent in; nothing is checked but the form.

    Raises
    ------
    ProofError
        If it is none.
    """
    deposit = canonical.restored(raw, FORMAT, _deposit, to_json)
    if deposit is None:
        raise ProofError("This is no deposit, or it was changed.", "Seal it anew.")
    return deposit


def _deposit(fields: dict[str, Any]) -> Deposit:
    header = Header(**fields["header"])
    if not all(isinstance(v, str) for v in (header.room, header.exchange, header.party)):
        raise TypeError(header)
    if not _LOCK.fullmatch(fields["lock"]):  # it stands on a line of its own in what is signed
        raise ValueError(fields["lock"])
    inner, core = bytes.fromhex(fields["inner"]), bytes.fromhex(fields["core"])
    if not len(inner) == len(core) == hashlib.sha256().digest_size:
        raise ValueError(fields["core"])
    return Deposit(
        header,
        base64.b64decode(fields["outer"], validate=True),
        tuple(base64.b64decode(wrap, validate=True) for wrap in fields["wraps"]),
        inner,
        core,
        str(fields["lock"]),
        str(fields["signature"]),
    )


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _recipient(key: str) -> x25519.Recipient:
    try:
        return x25519.Recipient.from_str(key)
    except (pyrage.RecipientError, ValueError):
        what = "This is no public key of age."
        raise SettingError(what, "It begins with age1; look at the charter.") from None


def _encrypted(data: bytes, recipients: Sequence[x25519.Recipient]) -> bytes:
    try:
        result: bytes = pyrage.encrypt(data, list(recipients))
    except BaseException as error:  # the library panics over a key to which nothing can be sealed
        if type(error).__name__ != "PanicException":
            raise
        what = "Nothing can be sealed to this public key."
        raise SettingError(what, "Find out whose it is; let new ones be made.") from None
    return result


def _decrypted(data: bytes, identity: str) -> bytes:
    # the library reads a head in quadratic time, so that a long one would hold everything up
    what = "It does not open with this key, or it was changed."
    bad = ProofError(what, "Use the key it is sealed to.")
    if not data.startswith(_AGE) or data.find(_END_OF_HEAD, 0, _LONGEST_HEAD) < 0:
        raise bad
    try:
        result: bytes = pyrage.decrypt(data, [x25519.Identity.from_str(identity)])
    except (pyrage.DecryptError, pyrage.IdentityError, ValueError):
        raise bad from None
    return result
