"""The charter of an exchange: who takes part, with which keys, on what terms, signed by all.

It is a signed note (`notes`), so its signatures can be gathered one by one and in any order. Its
hash is over the text alone; every deposit is bound to it. Twelve words stand for the hash: read
aloud at the table, they show that all have the same charter, and that nobody, the operator
included, has put a key of his own in the place of another's.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from types import NoneType
from typing import Any, Literal

from mnemonic import Mnemonic

from parley.errors import ProofError, SettingError
from parley.exchange import canonical
from parley.exchange.notes import Verifier, opened
from parley.exchange.sealing import Agent

Mode = Literal["sealed", "two-agents", "simple"]
MODES: dict[Mode, tuple[Agent, ...]] = {
    "sealed": ("server", "mediator", "witness"),
    "two-agents": ("server", "mediator"),
    "simple": (),
}
"""The release agents of each mode; in `simple` the server holds the texts."""

FORMAT = "parley-charter-1"
AGENTS = frozenset(MODES["sealed"])
"""Names that no party may have."""
ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_MEDIATOR = "mediator"


@dataclass(frozen=True)
class Keys:
    """Public keys: `age` (age1…) to seal to, `sign` (32 bytes) to check signatures with."""

    age: str
    sign: bytes | None = None


@dataclass(frozen=True)
class Side:
    """A party: its name, and its keys (none where the server holds the texts)."""

    name: str
    keys: Keys | None = None


@dataclass(frozen=True)
class Charter:
    """What all agree to before anything is laid down.

    Parameters
    ----------
    room, exchange, round, title
        What it is about; `round` counts the rounds of talks from 1.
    mode
        Who holds what: see `MODES`.
    deadline
        UTC, as 2026-11-25T14:00:00Z. Without all deposits by then, nothing opens.
    parties
        By id; each lays down one text.
    agents
        The release agents of the mode, with their keys.
    recipients
        Ids of those who may read what is opened: every party, and ``mediator`` if so agreed.
    log
        Name and public key of the log of the room.
    template
        Headings that a text should have, if so agreed.
    """

    room: str
    exchange: str
    round: int
    title: str
    mode: Mode
    deadline: str
    parties: Mapping[str, Side]
    agents: Mapping[Agent, Keys]
    recipients: tuple[str, ...]
    log: Verifier
    template: str | None = None
    quorum: int = field(default=2)

    def __post_init__(self) -> None:
        if set(self.agents) != set(MODES.get(self.mode, ())):
            raise SettingError("The release agents are not those of the mode.")
        if len(self.parties) < 2 or not all(ID.fullmatch(name) for name in self.parties):
            raise SettingError("An exchange needs two parties or more, each with an id.")
        if AGENTS & set(self.parties):
            raise SettingError("A party cannot be called as a release agent is.", "Rename it.")
        if set(self.recipients) - {_MEDIATOR} != set(self.parties):
            raise SettingError("Every party reads what is opened; others only the mediator.")
        if not _is_time(self.deadline):
            raise SettingError("The deadline is no time.", "Write it as 2026-11-25T14:00:00Z.")
        if self.mode != "simple" and not self._keys_are_there():
            raise SettingError("A key is missing.", "Every party and agent registers its keys.")

    def _keys_are_there(self) -> bool:
        sides = all(side.keys and side.keys.sign for side in self.parties.values())
        return sides and all(k.sign or a == "server" for a, k in self.agents.items())

    def text(self) -> str:
        """The text that is signed."""
        return self._text

    def hash(self) -> str:
        """SHA-256 of the text, in hex."""
        return self._hash

    @cached_property
    def _hash(self) -> str:
        return hash_of(self._text)

    @cached_property
    def _text(self) -> str:
        parties = {
            name: {
                "name": side.name,
                "age": side.keys.age if side.keys else None,
                "sign": _b64(side.keys.sign) if side.keys else None,
            }
            for name, side in self.parties.items()
        }
        agents = {a: {"age": k.age, "sign": _b64(k.sign)} for a, k in self.agents.items()}
        fields = {
            "room": self.room,
            "exchange": self.exchange,
            "round": self.round,
            "title": self.title,
            "mode": self.mode,
            "deadline": self.deadline,
            "parties": parties,
            "agents": agents,
            "recipients": list(self.recipients),
            "log": {"name": self.log.name, "key": _b64(self.log.key)},
            "template": self.template,
            "quorum": self.quorum,
        }
        return f"{FORMAT}\n{canonical.encode(fields).decode()}\n"

    def signers(self) -> dict[str, Verifier]:
        """Who has to sign, with the key to check it by; nobody where the server holds the texts."""
        keys = {name: side.keys for name, side in self.parties.items()}
        keys |= {agent: k for agent, k in self.agents.items() if agent != "server"}
        return {name: Verifier(name, k.sign) for name, k in keys.items() if k and k.sign}

    def sealed_to(self) -> list[str]:
        """The keys (age) of the recipients, in the order of the charter."""
        found = []
        for name in self.recipients:
            keys = self.agents["mediator"] if name == _MEDIATOR else self.parties[name].keys
            if keys:
                found.append(keys.age)
        return found

    def agent_keys(self) -> dict[Agent, str]:
        """The keys (age) of the release agents."""
        return {agent: keys.age for agent, keys in self.agents.items()}


def _is_time(text: str) -> bool:
    if not _TIME.fullmatch(text):
        return False
    try:
        return datetime.fromisoformat(text) is not None
    except ValueError:
        return False


def hash_of(text: str) -> str:
    """SHA-256 of a charter's text, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def words(digest: str) -> str:
    """Twelve words for a hash, to be read aloud (BIP 39 over its first 16 bytes)."""
    return Mnemonic("english").to_mnemonic(bytes.fromhex(digest)[:16])


def read_charter(note: str, signed_by: Iterable[str] | None = None) -> Charter:
    """The charter in a note, signed by all who have to, or by those named.

    Raises
    ------
    ProofError
        If it is no charter, or a signature is missing or does not hold.
    """
    text, _ = parts(note)
    charter = parse(text)
    there = signatures(note)
    wanted = charter.signers() if signed_by is None else signed_by
    for name in sorted(set(wanted) - set(there)):
        raise ProofError(f"`{name}` has not signed the charter.", "Ask for it with the signature.")
    return charter


def parts(note: str) -> tuple[str, list[str]]:
    """The text of a charter, and the lines of its signatures; a text alone has none."""
    text, middle, after = note.partition("\n\n")
    if not middle:
        return note, []
    return text + "\n", [f"{line}\n" for line in after.removesuffix("\n").split("\n")]


def signatures(note: str) -> dict[str, str]:
    """The lines of signature under a charter, by who signed; each is checked.

    Raises
    ------
    ProofError
        If one does not hold, or is of somebody who does not sign, or there twice.
    """
    text, lines = parts(note)
    signers = parse(text).signers()
    found: dict[str, str] = {}
    for line in lines:
        name = line.removeprefix("\u2014 ").partition(" ")[0]
        if name not in signers or name in found:
            what = "There is a signature under the charter that does not belong there."
            raise ProofError(what, "Ask for it anew.")
        opened(f"{text}\n{line}", signers[name])
        found[name] = line
    if note != joined(text, found.values()):
        raise ProofError("This is no charter, or it was changed.", "Ask for it anew.")
    return found


def joined(text: str, lines: Iterable[str]) -> str:
    """A charter with these lines of signature; without any, its text alone."""
    below = "".join(lines)
    return f"{text}\n{below}" if below else text


def parse(text: str) -> Charter:
    """The charter that a text is; signatures are not looked at.

    Raises
    ------
    ProofError
        If it is none.
    """
    head, _, body = text.partition("\n")
    bad = ProofError("This is no charter, or it was changed.", "Ask for it anew.")
    if head != FORMAT or not body.endswith("\n"):
        raise bad
    fields = canonical.decode(body[:-1].encode())
    try:
        charter = _charter(fields)
    except (KeyError, TypeError, ValueError, AttributeError, SettingError):
        raise bad from None
    if charter.text() != text:
        raise bad
    return charter


def _charter(fields: Any) -> Charter:
    texts = dict.fromkeys(("room", "exchange", "title", "mode", "deadline"), str)
    canonical.shaped(fields, round=int, quorum=int, template=(str, NoneType), **texts)
    for side in fields["parties"].values():
        canonical.shaped(side, name=str, age=(str, NoneType))
    sides = {
        name: Side(f["name"], Keys(f["age"], _raw(f["sign"])) if f["age"] else None)
        for name, f in fields["parties"].items()
    }
    return Charter(
        room=fields["room"],
        exchange=fields["exchange"],
        round=fields["round"],
        title=fields["title"],
        mode=fields["mode"],
        deadline=fields["deadline"],
        parties=sides,
        agents={a: Keys(f["age"], _raw(f["sign"])) for a, f in fields["agents"].items()},
        recipients=tuple(fields["recipients"]),
        log=Verifier(fields["log"]["name"], base64.b64decode(fields["log"]["key"])),
        template=fields["template"],
        quorum=fields["quorum"],
    )


def _b64(key: bytes | None) -> str | None:
    return None if key is None else base64.b64encode(key).decode()


def _raw(text: str | None) -> bytes | None:
    return None if text is None else base64.b64decode(text, validate=True)
