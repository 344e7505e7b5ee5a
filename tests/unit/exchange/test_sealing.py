"""The release lock: two of three open it, nobody alone; every changed byte is told."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import permutations

import pyrage
import pytest
from pyrage import x25519

from parley.errors import ProofError, SettingError
from parley.exchange import canonical
from parley.exchange.core import LARGEST, SIZES, Header
from parley.exchange.notes import Signer
from parley.exchange.sealing import (
    PAIRS,
    Agent,
    Deposit,
    check_deposit,
    from_json,
    open_lock,
    peel,
    read,
    seal,
    sealed_to,
    to_json,
)

HEADER = Header("room", "exchange-1", "north", 2, "ab" * 32)
SIGNER = Signer("north", bytes(32))
TEXT = "Вогонь припиняється.".encode()
NAMES: tuple[Agent, ...] = ("server", "mediator", "witness")


@cache
def keys() -> dict[str, x25519.Identity]:
    return {name: x25519.Identity.generate() for name in (*NAMES, "north", "south", "stranger")}


def secret(name: str) -> str:
    return str(keys()[name])


def public(name: str) -> str:
    return str(keys()[name].to_public())


def sealed(text: bytes = TEXT, header: Header = HEADER) -> Deposit:
    agents = {name: public(name) for name in NAMES}
    to = [public("north"), public("south")]
    return seal(header, text, b"n" * 32, to, agents, SIGNER)


def opened_by(deposit: Deposit, first: Agent, second: Agent) -> bytes:
    wrap = deposit.wraps[PAIRS.index((first, second))]
    return open_lock(deposit, peel(peel(wrap, secret(first)), secret(second)))


def test_any_two_agents_open_it_and_only_recipients_read_it() -> None:
    deposit = sealed()
    check_deposit(deposit, HEADER, SIGNER.verifier, NAMES)
    for first, second in PAIRS:
        inner = opened_by(deposit, first, second)
        for name in ("north", "south"):
            assert read(deposit, inner, secret(name)) == TEXT
        for name in (*NAMES, "stranger"):
            with pytest.raises(ProofError):
                read(deposit, inner, secret(name))


def test_nobody_alone_opens_it() -> None:
    deposit = sealed()
    for name in (*NAMES, "north", "south", "stranger"):
        for wrap in deposit.wraps:
            layer = wrap
            try:
                layer = peel(layer, secret(name))
            except ProofError:
                continue
            with pytest.raises(ProofError):
                peel(layer, secret(name))
            with pytest.raises(ProofError):
                open_lock(deposit, layer)
        for blob in (deposit.outer, *deposit.wraps):
            assert TEXT not in blob
    for first, second in permutations(NAMES, 2):
        if (first, second) not in PAIRS:
            with pytest.raises(ProofError):
                peel(deposit.wraps[0], secret("witness"))


def test_it_belongs_to_one_place_only() -> None:
    deposit = sealed()
    for changed in (
        replace(HEADER, room="other"),
        replace(HEADER, exchange="other"),
        replace(HEADER, party="south"),
        replace(HEADER, round=3),
        replace(HEADER, charter="cd" * 32),
    ):
        with pytest.raises(ProofError):
            check_deposit(deposit, changed, SIGNER.verifier, NAMES)
        moved = replace(deposit, header=changed)
        with pytest.raises(ProofError):
            check_deposit(moved, changed, SIGNER.verifier, NAMES)
        with pytest.raises(ProofError):
            read(moved, opened_by(deposit, "server", "mediator"), secret("south"))
    with pytest.raises(ProofError):
        check_deposit(deposit, HEADER, Signer("north", bytes(range(32))).verifier, NAMES)


def changes(raw: bytes, every: int = 7) -> list[bytes]:
    places = range(0, len(raw), every)
    return [raw[:k] + bytes([raw[k] ^ 1]) + raw[k + 1 :] for k in places]


def test_every_change_is_told() -> None:
    deposit = sealed()
    changed = [replace(deposit, outer=outer) for outer in changes(deposit.outer, 97)]
    for k in range(len(PAIRS)):
        wraps = list(deposit.wraps)
        others = [(*wraps[:k], wrap, *wraps[k + 1 :]) for wrap in changes(wraps[k])]
        changed += [replace(deposit, wraps=other) for other in others]
    changed.append(replace(deposit, wraps=deposit.wraps[:2]))
    changed.append(replace(deposit, wraps=deposit.wraps[::-1]))
    changed.append(replace(deposit, inner_hash=bytes(32)))
    changed.append(replace(deposit, core_hash=bytes(32)))
    changed.append(replace(deposit, lock=public("stranger")))
    signature = deposit.signature.encode()
    changed += [replace(deposit, signature=s.decode("latin-1")) for s in changes(signature, 1)]
    for other in changed:
        with pytest.raises(ProofError):
            check_deposit(other, HEADER, SIGNER.verifier, NAMES)


NOISE = 600
"""Bytes by which seals of one size differ at random: age adds stanzas that mean nothing."""


def test_sizes_tell_little() -> None:
    small = [len(sealed(b"x" * n).outer) for n in (0, 1, 1000, 3500)]
    assert max(small) - min(small) < NOISE
    assert len(sealed(b"x" * (SIZES[0] + 1)).outer) > SIZES[1]
    large = [len(sealed(b"x" * n).outer) for n in (300_000, 500_000)]
    assert max(large) - min(large) < NOISE


@pytest.mark.parametrize("text", [b"", b"\0" * 100, b"parley-core-1\n", b"x" * 300_000])
def test_any_bytes_come_back(text: bytes) -> None:
    deposit = sealed(text)
    assert read(deposit, opened_by(deposit, "mediator", "witness"), secret("south")) == text


def test_what_cannot_be_sealed() -> None:
    agents = {name: public(name) for name in NAMES}
    with pytest.raises(SettingError):
        seal(HEADER, TEXT, b"short", [public("south")], agents, SIGNER)
    with pytest.raises(SettingError):
        seal(HEADER, TEXT, b"n" * 32, [], agents, SIGNER)
    with pytest.raises(SettingError):
        seal(HEADER, TEXT, b"n" * 32, ["age1nonsense"], agents, SIGNER)
    one = dict.fromkeys(NAMES, public("server"))
    with pytest.raises(SettingError):
        seal(HEADER, TEXT, b"n" * 32, [public("south")], one, SIGNER)
    with pytest.raises(SettingError):
        seal(HEADER, b"x" * LARGEST, b"n" * 32, [public("south")], agents, SIGNER)


def test_the_same_text_never_gives_the_same_seal() -> None:
    one, other = sealed(), sealed()
    assert one.outer != other.outer
    assert one.lock != other.lock


def test_a_signature_of_a_longer_text_is_none_of_this() -> None:
    deposit = sealed()
    longer = deposit.signed_text() + "\nmore\n"
    other = replace(deposit, signature="more\n\n" + SIGNER.sign(longer))
    with pytest.raises(ProofError):
        check_deposit(other, HEADER, SIGNER.verifier, NAMES)


def test_true_is_not_the_first_round() -> None:
    first = replace(HEADER, round=1)
    deposit = sealed(header=replace(HEADER, round=True))
    with pytest.raises(ProofError):
        check_deposit(deposit, first, SIGNER.verifier, NAMES)


def test_a_long_head_is_not_read() -> None:
    """The library reads it in quadratic time, and nothing else runs meanwhile."""
    own, strangers = x25519.Identity.generate(), [x25519.Identity.generate() for _ in range(200)]
    to = [own.to_public(), *(each.to_public() for each in strangers)]
    few, many = pyrage.encrypt(b"x", to[:30]), pyrage.encrypt(b"x", to)
    assert peel(few, str(own)) == b"x"
    for bad in (many, many.replace(b"\n--- ", b"\n-- "), b"-----BEGIN AGE ENCRYPTED FILE-----\n"):
        with pytest.raises(ProofError, match="does not open"):
            peel(bad, str(own))


@pytest.mark.parametrize("name", ["inner", "core"])
@pytest.mark.parametrize("size", [0, 31, 33, 200_000])
def test_a_hash_has_its_length(name: str, size: int) -> None:
    fields = canonical.record(to_json(sealed()), "parley-deposit-1")
    raw = canonical.encode({**fields, name: "ab" * size})
    with pytest.raises(ProofError, match="no deposit"):
        from_json(raw)


def test_nothing_is_sealed_to_a_key_that_is_none() -> None:
    zero = "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq5cu47z"
    for key in (zero, "age1", "x"):
        with pytest.raises(SettingError):
            sealed_to(b"x", key)
