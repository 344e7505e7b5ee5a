"""A room in memory, for tests: logs, exchanges, receipts and bundles, honest or not."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from parley.exchange import bundle as bundles
from parley.exchange import canonical
from parley.exchange.audit import Verdict, verify
from parley.exchange.bundle import Bundle, Channel, Listed, head_file, salt_file
from parley.exchange.charter import MODES, Charter, Keys, Mode, Side, joined
from parley.exchange.core import Header, core_of
from parley.exchange.heads import commitment, salt
from parley.exchange.keys import Identity, new_identity
from parley.exchange.merkle import Tree, leaf_hash
from parley.exchange.notes import Checkpoint, Signer, signed
from parley.exchange.own_steps import step_text
from parley.exchange.receipts import NO_MODE, Receipt, log_name, origin, to_json
from parley.exchange.sealing import Agent, Deposit, pairs_of, peel, seal
from parley.exchange.sealing import to_json as deposit_json

AT = "2026-11-25T14:00:00Z"
NONCE = bytes(range(32))
PARTIES = ("north", "south")


@cache
def identity(name: str) -> Identity:
    """Keys of a name; the same ones in all tests of a run."""
    return new_identity(name)


def charter_of(
    mode: Mode = "sealed", parties: tuple[str, ...] = PARTIES, **changes: Any
) -> Charter:
    """A charter of a mode, with the keys of `identity`."""
    simple = mode == "simple"
    agents: dict[Agent, Keys] = {}
    for agent in MODES[mode]:
        public = identity(agent).public
        agents[agent] = Keys(public.age) if agent == "server" else public
    fields: dict[str, Any] = {
        "room": ROOM,
        "exchange": "ex1",
        "round": 1,
        "title": "First round",
        "mode": mode,
        "deadline": AT,
        "parties": {p: Side(p.title(), None if simple else identity(p).public) for p in parties},
        "agents": agents,
        "recipients": parties,
        "log": LOG.verifier,
    }
    return Charter(**{**fields, **changes})


ROOM = "two-villages"
LOG = Signer(log_name(ROOM), bytes(range(1, 33)))


def note_of(charter: Charter) -> str:
    """A charter, signed by all."""
    text = charter.text()
    return joined(text, [identity(name).signer.sign(text) for name in charter.signers()])


def header(charter: Charter, party: str) -> Header:
    return Header(charter.room, charter.exchange, party, charter.round, charter.hash())


def sealed(charter: Charter, party: str, text: bytes = b"A text.") -> Deposit:
    """The text of a party, sealed."""
    to, agents = charter.sealed_to(), charter.agent_keys()
    return seal(header(charter, party), text, NONCE, to, agents, identity(party).signer)


def lock_of(deposit: Deposit, charter: Charter, pair: int = 0) -> str:
    """The lock of a deposit, as a pair of agents opens it."""
    first, second = pairs_of(charter.agents)[pair]
    return peel(peel(deposit.wraps[pair], identity(first).age), identity(second).age).decode()


@dataclass
class Room:
    """A room; what is done in it is written in its logs."""

    charter: Charter = field(default_factory=charter_of)
    logs: dict[str, list[bytes]] = field(default_factory=lambda: {"plenary": [], "heads": []})
    salts: dict[str, dict[int, tuple[bytes, int]]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    agreed: list[str] = field(default_factory=list)
    cores: dict[str, str] = field(default_factory=dict)
    sealed: dict[str, Deposit] = field(default_factory=dict)
    ticks: int = 0

    def add(self, channel: str, kind: str, **fields: Any) -> int:
        """Write an entry; its index."""
        log = self.logs.setdefault(channel, [])
        log.append(canonical.encode({"kind": kind, "at": AT, **fields}))
        return len(log) - 1

    def step(self, kind: str, who: str = "", **fields: Any) -> int:
        """Write an entry of the exchange."""
        told = {"who": who} if who else {}
        return self.add("plenary", kind, exchange=self.charter.exchange, **told, **fields)

    def tree(self, channel: str) -> Tree:
        return Tree(map(leaf_hash, self.logs[channel]))

    def checkpoint(self, channel: str, size: int | None = None) -> str:
        tree = self.tree(channel)
        wanted = len(tree) if size is None else size
        name = origin(self.charter.room, channel)
        return signed(Checkpoint(name, wanted, tree.root(wanted)).text(), LOG)

    def tick(self) -> None:
        """Commit to the heads of all channels."""
        self.ticks += 1
        heads = {}
        for name in self.logs:
            if name == "heads":
                continue
            tree = self.tree(name)
            salted = salt(name.encode().ljust(32), self.ticks)
            self.salts.setdefault(name, {})[self.ticks] = (salted, len(tree))
            heads[name] = commitment(salted, len(tree), tree.root())
        self.add("heads", "heads", tick=self.ticks, heads=heads)

    def begin(self) -> None:
        """Put the charter forward."""
        charter = self.charter
        digest = charter.hash()
        self.step("charter", round=charter.round, mode=charter.mode, charter=digest)

    def agree(self, *names: str) -> None:
        """Let these agree; left out: all who have to."""
        charter = self.charter
        for name in names or tuple(charter.signers()) or (*charter.parties, "mediator"):
            line = None
            if name in charter.signers():
                line = identity(name).signer.sign(charter.text())
                self.agreed.append(line)
            self.step("agree", name, signature=line)

    def deposit(self, party: str, text: bytes = b"A text.") -> Receipt:
        """Lay down a text; its receipt."""
        charter = self.charter
        if charter.mode == "simple":
            core = core_of(header(charter, party), text, NONCE)
            self.cores[party] = hashlib.sha256(core).hexdigest()
            fields = {"core": self.cores[party], "size": len(core), "charter": charter.hash()}
            index = self.step("deposit", party, statement=None, signature=None, **fields)
            self.files[f"opened/{charter.exchange}.{party}.bin"] = core
            return self.receipt("plenary", index, nonce=NONCE)
        deposit = sealed(charter, party, text)
        self.sealed[party] = deposit
        self.cores[party] = deposit.core_hash.hex()
        self.files[f"deposits/{charter.exchange}.{party}.json"] = deposit_json(deposit)
        statement = deposit.signed_text()
        index = self.step(
            "deposit",
            party,
            core=self.cores[party],
            size=len(deposit.outer),
            statement=hashlib.sha256(statement.encode()).hexdigest(),
            signature=deposit.signature,
        )
        return self.receipt("plenary", index, statement=statement, signature=deposit.signature)

    def by_hand(self, kind: Any, party: str) -> None:
        """Take back, or lay open alone."""
        exchange = self.charter.exchange
        text = step_text(kind, exchange, party, self.cores[party])
        keys = party in self.charter.signers()
        core = {"core": self.cores[party]} if kind == "alone" else {}
        signature = identity(party).signer.sign(text) if keys else None
        self.step(kind, party, signature=signature, **core)
        if kind == "withdraw":
            for file in (f"deposits/{exchange}.{party}.json", f"opened/{exchange}.{party}.bin"):
                self.files.pop(file, None)

    def release(self) -> None:
        """Arm, open, check, release."""
        self.step("armed")
        for agent in ("server", "mediator"):
            self.step("share", agent)
        self.step("checked")
        locks = {p: lock_of(d, self.charter) for p, d in self.sealed.items()}
        self.step("released", locks=locks)

    def receipt(self, channel: str, index: int, size: int | None = None, **parts: Any) -> Receipt:
        """The receipt of an entry, as of now or of a size."""
        tree = self.tree(channel)
        wanted = len(tree) if size is None else size
        kind = canonical.decode(self.logs[channel][index])
        of_exchange = isinstance(kind, dict) and "exchange" in kind
        return Receipt(
            mode=self.charter.mode if of_exchange else NO_MODE,
            room=self.charter.room,
            channel=channel,
            entry=self.logs[channel][index],
            index=index,
            proof=tree.inclusion(index, wanted),
            checkpoint=self.checkpoint(channel, wanted),
            log=LOG.verifier,
            charter=joined(self.charter.text(), self.agreed) if of_exchange else None,
            **parts,
        )

    def say(self, channel: str, name: str, text: bytes, who: str = "north") -> None:
        """A message in a channel."""
        body = NONCE + text
        core = hashlib.sha256(body).hexdigest()
        self.add(channel, "message", id=name, who=who, core=core, size=len(text))
        self.files[f"contents/{name}.bin"] = body

    def export(self) -> dict[str, bytes]:
        """The files of the bundle, without the seal."""
        charter = self.charter
        channels = tuple(
            Channel(name, "plenary" if name == "plenary" else "shuttle", _party(name))
            for name in self.logs
            if name != "heads"
        )
        listed = (Listed(charter.exchange, charter.round, charter.mode, "plenary"),)
        empty = Bundle(charter.room, AT, LOG.verifier, channels, listed, {})
        files = {"bundle.json": head_file(empty), "salts.json": salt_file(self.salts)}
        files[f"charters/{charter.exchange}.charter"] = joined(charter.text(), self.agreed).encode()
        for name, log in self.logs.items():
            files[f"logs/{name}.jsonl"] = b"".join(entry + b"\n" for entry in log)
            files[f"logs/{name}.checkpoint"] = self.checkpoint(name).encode()
        return {**files, **self.files}

    def check(self, receipts: Mapping[str, Receipt] | None = None) -> Verdict:
        """What the audit says of the bundle."""
        return verify(receipts or {}, bundles.open_bundle(sealed_files(self.export())))


def _party(channel: str) -> str | None:
    return None if channel == "plenary" else channel.removeprefix("with-")


def packed(files: Mapping[str, bytes]) -> bytes:
    """A bundle as a file."""
    stream = io.BytesIO()
    bundles.write(files.items(), ROOM, LOG, stream)
    return stream.getvalue()


def sealed_files(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files of a bundle, with the seal of the room."""
    return dict(bundles.read(io.BytesIO(packed(files))).files)


def whole(mode: Mode = "sealed") -> tuple[Room, dict[str, Receipt]]:
    """A room in which an exchange went through, with private talk beside it; and receipts."""
    room = Room(charter_of(mode))
    room.begin()
    room.agree()
    room.tick()
    room.deposit("north", b"Too early.")
    room.by_hand("withdraw", "north")
    first = room.deposit("north", b"What north says.")
    room.say("with-south", "m1", b"In confidence.", "south")
    room.tick()
    second = room.deposit("south", b"What south says.")
    room.release()
    room.add("plenary", "round", round="r2", title="Next", place="", number=2, begins=None)
    room.tick()
    return room, {"north.receipt": first, "south.receipt": second}


def as_files(receipts: Mapping[str, Receipt]) -> dict[str, bytes]:
    """Receipts as files."""
    return {name: to_json(receipt) for name, receipt in receipts.items()}


def wrong(verdict: Verdict) -> str:
    """All that does not hold."""
    return "\n".join(f"{f.where}: {f.what}" for f in verdict.those("does not hold"))


def open_room(mode: Any = "sealed") -> Room:
    """A room whose parties have agreed and laid nothing down."""
    room = Room(charter_of(mode))
    room.begin()
    room.agree()
    return room
