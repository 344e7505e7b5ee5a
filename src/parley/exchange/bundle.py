"""The bundle: all that somebody may see of a room, in one file that anybody can check later.

It is an archive (`archive`) of the logs with their checkpoints, the salts that open the room tree,
charters, deposits, opened texts and contents. The room signs it with the key of its logs, so that
a file that was lost or changed on the way is told from one that was never in it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, NamedTuple

from parley.errors import ProofError
from parley.exchange import archive, canonical
from parley.exchange.notes import Signer, Verifier, opened, signed

FORMAT = "parley-bundle-1"
SALTS = "parley-salts-1"
HEAD, SEAL, SALT_FILE = "bundle.json", "bundle.note", "salts.json"
HEADS = "heads"
"""Name of the log of the room tree, where the bundle lists no channel of that kind."""
KINDS = ("plenary", "shuttle", "mediation", "heads")
_FILE = re.compile(
    r"logs/(?P<log>[a-z0-9-]+)\.(?:jsonl|checkpoint)"
    r"|charters/(?P<charter>[a-z0-9-]+)\.charter"
    r"|(?:deposits/(?P<deposit>[a-z0-9-]+)\.[a-z0-9-]+\.json)"
    r"|(?:opened/(?P<opened>[a-z0-9-]+)\.[a-z0-9-]+\.bin)"
    r"|contents/[a-z0-9-]+\.bin|receipts/[a-z0-9-]+\.json"
)


class Channel(NamedTuple):
    """A channel whose log the bundle holds whole."""

    id: str
    kind: str
    party: str | None


class Listed(NamedTuple):
    """An exchange that the bundle holds, and the channel in whose log it stands."""

    exchange: str
    round: int
    mode: str
    channel: str


@dataclass(frozen=True)
class Bundle:
    """What is in a bundle; `files` are read when they are asked for. Nothing is checked yet."""

    room: str
    made: str
    log: Verifier
    channels: tuple[Channel, ...]
    exchanges: tuple[Listed, ...]
    files: Mapping[str, bytes]

    @property
    def heads(self) -> str:
        """Name of the log of the room tree."""
        return next((c.id for c in self.channels if c.kind == "heads"), HEADS)

    def entries(self, log: str) -> tuple[bytes, ...]:
        """The entries of a log, in order.

        Raises
        ------
        ProofError
            If the file was changed.
        """
        raw = self.files[f"logs/{log}.jsonl"]
        if raw and not raw.endswith(b"\n"):
            raise ProofError("The log is cut short.", "Take the bundle as the room made it.")
        return tuple(raw[:-1].split(b"\n")) if raw else ()

    def text(self, name: str) -> str:
        """A file that is text.

        Raises
        ------
        ProofError
            If it is none.
        """
        try:
            return self.files[name].decode()
        except UnicodeDecodeError:
            raise ProofError("This is no text.", "Take the bundle as the room made it.") from None


def write(files: Iterable[tuple[str, bytes]], room: str, signer: Signer, stream: BinaryIO) -> None:
    """Write a bundle, signed with the key of the room's logs; files are taken one by one."""
    hashes: list[tuple[str, str]] = []

    def passed() -> Iterator[tuple[str, bytes]]:
        for name, data in files:
            hashes.append((name, hashlib.sha256(data).hexdigest()))
            yield name, data
        yield SEAL, signed(_seal(room, hashes), signer).encode()

    archive.write(passed(), stream)


def read(stream: BinaryIO) -> Bundle:
    """A bundle from a file.

    Raises
    ------
    ProofError
        If it is none.
    TooLargeError
        If it would unpack to more than anybody needs.
    """
    return open_bundle(archive.read(stream))


def open_bundle(files: Mapping[str, bytes]) -> Bundle:
    """A bundle from its files by name.

    Raises
    ------
    ProofError
        If they are none.
    """
    if HEAD not in files:
        raise ProofError("This is no bundle of a room.", "Take the file as the room made it.")
    fields = canonical.record(files[HEAD], FORMAT)
    try:
        bundle = _bundle(fields, files)
    except (KeyError, TypeError, ValueError, AttributeError):
        bundle = None
    if bundle is None or head_file(bundle) != files[HEAD]:
        raise ProofError("The head of the bundle was changed.", "Take it as the room made it.")
    _check_files(bundle)
    return bundle


def check_seal(bundle: Bundle) -> None:
    """Check that the room signed just these files.

    Raises
    ------
    ProofError
        If it did not.
    """
    text = opened(note := bundle.text(SEAL), bundle.log)
    hashes = [
        (name, hashlib.sha256(data).hexdigest())
        for name, data in bundle.files.items()
        if name != SEAL
    ]
    if text != _seal(bundle.room, hashes) or note.count("\n") != text.count("\n") + 2:
        what = "A file was taken out of the bundle, put in, or changed."
        raise ProofError(what, "Take it as the room made it.")


def salts(bundle: Bundle) -> dict[str, dict[int, tuple[bytes, int]]]:
    """Of each channel and tick: the salt, and how many entries the log had.

    Raises
    ------
    ProofError
        If the file is not right.
    """
    if SALT_FILE not in bundle.files:
        return {}
    fields = canonical.record(bundle.files[SALT_FILE], SALTS)
    try:
        found = {
            channel: {
                int(tick): (_raw(salt), _number(fields["sizes"][channel][tick]))
                for tick, salt in below.items()
            }
            for channel, below in fields["salts"].items()
        }
    except (KeyError, TypeError, ValueError, AttributeError):
        found = None
    if found is None or salt_file(found) != bundle.files[SALT_FILE]:
        raise ProofError("The salts were changed.", "Take the bundle as the room made it.")
    return found


def salt_file(found: Mapping[str, Mapping[int, tuple[bytes, int]]]) -> bytes:
    """The file of salts."""
    salts_, sizes = (
        {
            channel: {str(tick): pick(pair) for tick, pair in below.items()}
            for channel, below in found.items()
        }
        for pick in (lambda pair: base64.b64encode(pair[0]).decode(), lambda pair: pair[1])
    )
    return canonical.encode({"format": SALTS, "salts": salts_, "sizes": sizes})


def head_file(bundle: Bundle) -> bytes:
    """The file that says what is in the bundle."""
    key = base64.b64encode(bundle.log.key).decode()
    fields = {
        "format": FORMAT,
        "room": bundle.room,
        "made": bundle.made,
        "log": {"name": bundle.log.name, "key": key},
        "channels": [channel._asdict() for channel in bundle.channels],
        "exchanges": [listed._asdict() for listed in bundle.exchanges],
    }
    return canonical.encode(fields)


def _bundle(fields: dict[str, Any], files: Mapping[str, bytes]) -> Bundle:
    canonical.shaped(fields, room=str, made=str, log=dict, channels=list, exchanges=list)
    for channel in fields["channels"]:
        canonical.shaped(channel, id=str, kind=str, party=(str, type(None)))
    for listed in fields["exchanges"]:
        canonical.shaped(listed, exchange=str, round=int, mode=str, channel=str)
    return Bundle(
        fields["room"],
        fields["made"],
        Verifier(fields["log"]["name"], _raw(fields["log"]["key"])),
        tuple(Channel(**channel) for channel in fields["channels"]),
        tuple(Listed(**listed) for listed in fields["exchanges"]),
        files,
    )


def _check_files(bundle: Bundle) -> None:
    """Every file belongs to something that the head of the bundle lists."""
    logs = [c.id for c in bundle.channels if c.kind != "heads"] + [bundle.heads]
    exchanges = [listed.exchange for listed in bundle.exchanges]
    heads = [c.id for c in bundle.channels if c.kind == "heads"]
    sound = len(set(logs)) == len(logs) and len(set(exchanges)) == len(exchanges)
    sound &= len(heads) <= 1 and all(c.kind in KINDS for c in bundle.channels)
    if not sound or any(listed.channel not in logs for listed in bundle.exchanges):
        raise ProofError("The head of the bundle was changed.", "Take it as the room made it.")
    of_logs, of_exchanges = {None, *logs}, {None, *exchanges}
    for name in bundle.files:
        found = _FILE.fullmatch(name)
        log, *others = found.groups() if found else ("",)
        known = log in of_logs and of_exchanges.issuperset(others)
        if name not in {HEAD, SEAL, SALT_FILE} and not known:
            what = f"`{name}` in the bundle belongs to nothing that it lists."
            raise ProofError(what, "Take it as the room made it.")


def _seal(room: str, hashes: Iterable[tuple[str, str]]) -> str:
    """What the room signs: how many files there are, and a hash over all names and contents."""
    lines = sorted(f"{digest}  {name}\n" for name, digest in hashes)
    digest = hashlib.sha256("".join(lines).encode()).hexdigest()
    return f"{FORMAT}\n{room}\n{len(lines)}\n{digest}\n"


def _raw(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError(text) from None


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError(value)
    return value
