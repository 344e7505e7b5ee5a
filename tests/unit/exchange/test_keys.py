"""Keys: a file behind a passphrase, and a card that proves it holds the keys."""

from __future__ import annotations

import base64

import pyrage
import pytest

from parley.errors import ProofError, SettingError
from parley.exchange import canonical
from parley.exchange.keys import (
    CARD,
    Identity,
    card,
    locked,
    new_identity,
    read_card,
    unlocked,
)
from parley.exchange.notes import Signer, signed
from tests.unit.exchange.light import encrypted, key_file
from tests.unit.exchange.rooms import identity

PASSPHRASE = "correct horse battery staple"
ZERO = "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq5cu47z"
"""A public key that is a point of low order."""


def test_a_key_file_opens_with_its_passphrase_only() -> None:
    one = new_identity("north")
    raw = locked(one, PASSPHRASE)
    assert unlocked(raw, PASSPHRASE) == one
    assert raw.startswith(b"age-encryption.org/v1\n-> scrypt ")
    for part in (one.age.encode(), one.seed, base64.b64encode(one.seed)):
        assert part not in raw


@pytest.mark.parametrize("passphrase", ["", "correct horse battery stapl", PASSPHRASE.upper()])
def test_another_passphrase_does_not_open_it(passphrase: str) -> None:
    with pytest.raises(ProofError, match="does not open"):
        unlocked(key_file(identity("north"), PASSPHRASE), passphrase)


def test_a_file_that_takes_too_much_work_is_told_apart() -> None:
    raw = key_file(identity("north"), PASSPHRASE).replace(b" 4\n", b" 40\n", 1)
    with pytest.raises(ProofError, match="too long"):
        unlocked(raw, PASSPHRASE)


def test_a_machine_that_was_busy_for_a_moment_opens_it(monkeypatch: pytest.MonkeyPatch) -> None:
    raw, decrypt = key_file(identity("north"), PASSPHRASE), pyrage.passphrase.decrypt
    busy = [True, True, False]

    def gauged(raw: bytes, passphrase: str) -> bytes:
        if busy.pop(0):
            raise pyrage.DecryptError("Excessive work parameter for passphrase.")
        return bytes(decrypt(raw, passphrase))

    monkeypatch.setattr(pyrage.passphrase, "decrypt", gauged)
    assert unlocked(raw, PASSPHRASE) == identity("north")
    assert not busy


def test_a_short_passphrase_is_refused() -> None:
    with pytest.raises(SettingError):
        locked(identity("north"), "elevenchars")


def test_no_byte_of_a_key_file_can_be_changed() -> None:
    raw = key_file(identity("north"), PASSPHRASE)
    assert unlocked(raw, PASSPHRASE) == identity("north")
    work = raw.index(b"scrypt") + 30
    for place in range(len(raw)):
        if raw[place : place + 1].isdigit() and abs(place - work) < 5:
            continue  # another amount of work: refused too, but after doing it
        changed = bytearray(raw)
        changed[place] ^= 1
        with pytest.raises(ProofError):
            unlocked(bytes(changed), PASSPHRASE)
    for other in (b"", b"age", raw[:-1], raw[:100], raw + b"x", b"\0" * 1000):
        with pytest.raises(ProofError):
            unlocked(other, PASSPHRASE)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"format": "parley-key-1"},
        {"format": "parley-key-1", "name": "north", "age": "AGE-SECRET-KEY-1", "sign": ""},
        {"format": "parley-key-1", "name": 5, "age": identity("north").age, "sign": "AAAA"},
        {"format": "parley-key-1", "name": "a b", "age": identity("north").age, "sign": "A" * 44},
    ],
    ids=range(5),
)
def test_an_age_file_with_something_else_in_it(fields: dict[str, object]) -> None:
    with pytest.raises(ProofError):
        unlocked(encrypted(canonical.encode(fields), PASSPHRASE), PASSPHRASE)


@pytest.mark.parametrize("name", ["", "North", "a b", "-a", "a/b", "../a", "a" * 41, "ä", "a\n"])
def test_names_that_no_key_can_have(name: str) -> None:
    with pytest.raises(SettingError):
        new_identity(name)


def test_a_card_holds_the_public_part_only() -> None:
    one = identity("north")
    note = card(one)
    assert read_card(note) == ("north", one.public)
    assert one.age not in note
    assert base64.b64encode(one.seed).decode() not in note
    assert one.age not in repr(one)


def forged(fields: dict[str, object], signer: Signer) -> str:
    return signed(f"{CARD}\n{canonical.encode(fields).decode()}\n", signer)


def test_cards_that_are_none() -> None:
    one, other = identity("north"), identity("south")
    key = base64.b64encode(one.signer.verifier.key).decode()
    fields: dict[str, object] = {"age": one.public.age, "name": "north", "sign": key}
    assert read_card(forged(fields, one.signer))
    for bad in (
        forged(fields, Signer("north", other.seed)),
        forged({**fields, "age": "age1nonsense"}, one.signer),
        forged({**fields, "name": "North"}, Signer("North", one.seed)),
        forged({**fields, "sign": "AAAA"}, one.signer),
        forged({"name": "north"}, one.signer),
        card(one).replace(CARD, "parley-public-2"),
        card(one)[:-1],
        "",
        CARD + "\n",
    ):
        with pytest.raises(ProofError):
            read_card(bad)


def test_the_secret_is_not_in_what_is_printed() -> None:
    one = Identity("north", "AGE-SECRET-KEY-1ABC", bytes(32))
    assert repr(one) == "Identity('north')"


def test_a_card_with_a_key_to_which_nothing_can_be_sealed_is_none() -> None:
    own = new_identity("north")
    sign = base64.b64encode(own.signer.verifier.key).decode()
    fields = {"age": ZERO, "name": "north", "sign": sign}
    note = signed(f"parley-public-1\n{canonical.encode(fields).decode()}\n", own.signer)
    with pytest.raises(ProofError, match="no card"):
        read_card(note)
