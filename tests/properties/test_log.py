"""A log that can only grow: every proof holds, and nothing else does."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.errors import ProofError
from parley.exchange.merkle import (
    EMPTY,
    Tree,
    check_consistency,
    check_inclusion,
    leaf_hash,
    node_hash,
)
from parley.exchange.notes import Checkpoint, Signer, Verifier, opened, read_checkpoint, signed


def literal_root(leaves: list[bytes]) -> bytes:
    """RFC 6962, 2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return node_hash(literal_root(leaves[:k]), literal_root(leaves[k:]))


def leaves(count: int) -> list[bytes]:
    return [leaf_hash(b"%d" % k) for k in range(count)]


@pytest.mark.parametrize("size", range(33))
def test_roots_and_all_proofs_of_small_logs(size: int) -> None:
    entries = leaves(size)
    tree = Tree(entries)
    assert tree.root() == literal_root(entries)
    for old in range(1, size + 1):
        root = literal_root(entries[:old])
        assert tree.root(old) == root
        check_consistency(old, size, root, tree.root(), tree.consistency(old))
        for index in range(old):
            check_inclusion(entries[index], index, old, root, tree.inclusion(index, old))


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_proof_of_anything_else_does_not_hold(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 70))
    tree, entries = Tree(leaves(size)), leaves(size)
    index = data.draw(st.integers(0, size - 1))
    proof = list(tree.inclusion(index))
    other = data.draw(st.integers(0, size - 1).filter(lambda k: k != index))
    with pytest.raises(ProofError):
        check_inclusion(entries[other], index, size, tree.root(), proof)
    with pytest.raises(ProofError):
        check_inclusion(entries[index], other, size, tree.root(), proof)
    with pytest.raises(ProofError):
        check_inclusion(entries[index], index, size, tree.root(), [*proof, EMPTY])
    place = data.draw(st.integers(0, len(proof) - 1))
    bit = data.draw(st.integers(0, 255))
    proof[place] = flipped(proof[place], bit)
    with pytest.raises(ProofError):
        check_inclusion(entries[index], index, size, tree.root(), proof)


def flipped(raw: bytes, bit: int) -> bytes:
    changed = bytearray(raw)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_log_that_was_rewritten_is_told(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 60))
    old = data.draw(st.integers(1, size - 1))
    place = data.draw(st.integers(0, old - 1))
    before = Tree(leaves(old)).root()
    entries = leaves(size)
    entries[place] = leaf_hash(b"another")
    later = Tree(entries)
    with pytest.raises(ProofError):
        check_consistency(old, size, before, later.root(), later.consistency(old))


SIGNER = Signer("room.example/log", bytes(range(32)))
WITNESS = Signer("witness", bytes(range(1, 33)))
POINT = Checkpoint("room.example/log", 7, leaf_hash(b"x"))


def test_a_checkpoint_with_a_cosignature() -> None:
    note = signed(POINT.text(), SIGNER, WITNESS)
    assert read_checkpoint(note, POINT.origin, SIGNER.verifier, WITNESS.verifier) == POINT
    assert read_checkpoint(note, POINT.origin, SIGNER.verifier) == POINT
    with pytest.raises(ProofError):
        read_checkpoint(signed(POINT.text(), WITNESS), POINT.origin, SIGNER.verifier)
    with pytest.raises(ProofError):
        read_checkpoint(note, "another/log", SIGNER.verifier)
    with pytest.raises(ProofError):
        read_checkpoint(note, POINT.origin, Verifier(SIGNER.name, WITNESS.verifier.key))


def test_every_changed_byte_of_a_checkpoint_is_told() -> None:
    note = signed(POINT.text(), SIGNER).encode()
    for place in range(len(note)):
        for bit in range(8):
            changed = bytearray(note)
            changed[place] ^= 1 << bit
            text = bytes(changed).decode("utf-8", errors="replace")
            with pytest.raises(ProofError):
                read_checkpoint(text, POINT.origin, SIGNER.verifier)
    for size in range(len(note)):
        with pytest.raises(ProofError):
            read_checkpoint(note[:size].decode(errors="replace"), POINT.origin, SIGNER.verifier)


@given(st.text(max_size=200))
def test_anything_else_is_told_in_words(text: str) -> None:
    with pytest.raises(ProofError):
        opened(text, SIGNER.verifier)
