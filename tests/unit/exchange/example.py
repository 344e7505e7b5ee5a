"""Write `examples/sealed-exchange` anew: ``python -m tests.unit.exchange.example``."""

from __future__ import annotations

from pathlib import Path

from parley.exchange import shares
from parley.exchange.keys import card
from parley.exchange.sealing import sealed_core
from parley.exchange.sealing import to_json as deposit_json
from tests.unit.exchange.light import key_file
from tests.unit.exchange.rooms import (
    LOG,
    NONCE,
    Room,
    as_files,
    charter_of,
    identity,
    note_of,
    packed,
)

FOLDER = Path(__file__).parents[3] / "examples" / "sealed-exchange"
PASSPHRASE = "an example that everybody knows"
NAMES = ("north", "south", "server", "mediator", "witness")


def files() -> dict[str, bytes]:
    """The files of the example, but for those written by hand."""
    charter = charter_of(
        title="Opening the road", exchange="round-1", deadline="2026-11-25T14:00:00Z"
    )
    room = Room(charter)
    room.begin()
    room.agree()
    room.tick()
    receipts = {}
    for party in charter.parties:
        text = (FOLDER / f"{party}.md").read_bytes()
        receipts[f"{party}.receipt"] = room.deposit(party, text)
        room.tick()
    room.release()
    room.tick()
    found = as_files(receipts)
    found["room.zip"] = packed(room.export())
    found["round-1.charter"] = note_of(charter).encode()
    found["room.log-key"] = f"{LOG.verifier}\n".encode()
    for party, deposit in room.sealed.items():
        found[f"{party}.deposit"] = deposit_json(deposit)
        text, own = (FOLDER / f"{party}.md").read_bytes(), identity(party).public.age
        found[f"{party}.parley-own"] = sealed_core(deposit.header, text, NONCE, own)
    layers = shares.given(charter, room.sealed, identity("server"))
    locks = shares.given(charter, room.sealed, identity("mediator"), layers)
    found["server.layers"] = shares.to_json(layers)
    found["mediator.locks"] = shares.to_json(locks)
    for name in NAMES:
        found[f"{name}.parley-key"] = key_file(identity(name), PASSPHRASE)
        found[f"{name}.parley-public"] = card(identity(name)).encode()
    found["passphrase.txt"] = f"{PASSPHRASE}\n".encode()
    return found


def main() -> None:
    """Write them."""
    for name, data in files().items():
        (FOLDER / name).write_bytes(data)


if __name__ == "__main__":
    main()
