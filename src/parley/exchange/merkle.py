"""A log that can only grow: the Merkle tree of RFC 6962, with proofs that anybody can check.

Leaves and nodes are hashed apart (a leaf with 0x00 before it, a node with 0x01), so that neither
can be taken for the other. A proof of inclusion shows that an entry stands in a log of a given
root; a proof of consistency that a later log holds an earlier one unchanged at its beginning.

Sources: RFC 6962, section 2.1 (hashes and proofs); RFC 9162, sections 2.1.3.2 and 2.1.4.2 (checking
them); for subtrees the Internet-Draft *Merkle Tree Certificates*, section 4.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, MutableMapping, Sequence

from parley.errors import ProofError

HASH = 32
"""Bytes of a hash (SHA-256)."""

EMPTY = hashlib.sha256(b"").digest()
"""Root of the tree without leaves."""


def leaf_hash(entry: bytes) -> bytes:
    """The hash of an entry."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two nodes side by side."""
    return hashlib.sha256(b"\x01" + left + right).digest()


Place = tuple[int, int]
"""Where a full node stands: its level, from 0 for leaves, and its place on it, from 0."""


class Tree:
    """The tree of a log, from the hashes of its leaves.

    Nodes of full subtrees are kept, so that a root or proof takes time with the logarithm of the
    size.

    Parameters
    ----------
    leaves
        Hashes of leaves to begin with.
    nodes, size
        Where nodes are kept, for a tree that lives elsewhere than in memory, and how many leaves
        it has there.
    """

    def __init__(
        self,
        leaves: Iterable[bytes] = (),
        nodes: MutableMapping[Place, bytes] | None = None,
        size: int = 0,
    ) -> None:
        self._nodes: MutableMapping[Place, bytes] = {} if nodes is None else nodes
        self._leaves = size
        for leaf in leaves:
            self.append(leaf)

    def __len__(self) -> int:
        return self._leaves

    def append(self, leaf: bytes) -> int:
        """Add the hash of a leaf; its index, from 0."""
        if len(leaf) != HASH:
            raise ValueError(f"a hash has {HASH} bytes, not {len(leaf)}")
        index = self._leaves
        node, level, place = leaf, 0, index
        self._nodes[0, place] = node
        while place % 2 == 1:
            node = node_hash(self._nodes[level, place - 1], node)
            level, place = level + 1, place // 2
            self._nodes[level, place] = node
        self._leaves += 1
        return index

    def root(self, size: int | None = None) -> bytes:
        """The root when the log had `size` leaves; left out: now."""
        wanted = self._size(size)
        return self._range(0, wanted) if wanted else EMPTY

    def inclusion(self, index: int, size: int | None = None) -> tuple[bytes, ...]:
        """Proof that the leaf at `index` stands in the log of `size` leaves (RFC 6962, 2.1.1)."""
        wanted = self._size(size)
        if not 0 <= index < wanted:
            raise ValueError(f"there is no leaf {index} among {wanted}")
        return tuple(self._path(index, 0, wanted))

    def consistency(self, old: int, size: int | None = None) -> tuple[bytes, ...]:
        """Proof that the log of `size` leaves begins with that of `old` (RFC 6962, 2.1.2)."""
        wanted = self._size(size)
        if not 0 < old <= wanted:
            raise ValueError(f"there is no log of {old} leaves within one of {wanted}")
        return tuple(self._between(old, 0, wanted, whole=True))

    def _size(self, size: int | None) -> int:
        wanted = len(self) if size is None else size
        if not 0 <= wanted <= len(self):
            raise ValueError(f"the log has {len(self)} leaves, not {wanted}")
        return wanted

    def _range(self, begin: int, end: int) -> bytes:
        """The hash over leaves `begin` to `end`, which a tree of some size has as a node."""
        width = end - begin
        if width & (width - 1) == 0 and begin % width == 0:
            level = width.bit_length() - 1
            return self._nodes[level, begin >> level]
        middle = begin + _split(width)
        return node_hash(self._range(begin, middle), self._range(middle, end))

    def _path(self, index: int, begin: int, end: int) -> list[bytes]:
        if end - begin == 1:
            return []
        middle = begin + _split(end - begin)
        if index < middle:
            return [*self._path(index, begin, middle), self._range(middle, end)]
        return [*self._path(index, middle, end), self._range(begin, middle)]

    def _between(self, old: int, begin: int, end: int, *, whole: bool) -> list[bytes]:
        if old == end:
            return [] if whole else [self._range(begin, end)]
        middle = begin + _split(end - begin)
        if old <= middle:
            left = self._between(old, begin, middle, whole=whole)
            return [*left, self._range(middle, end)]
        right = self._between(old, middle, end, whole=False)
        return [*right, self._range(begin, middle)]


def _split(width: int) -> int:
    """The largest power of two below a width of two or more."""
    return 1 << (width - 1).bit_length() - 1


def check_inclusion(
    leaf: bytes, index: int, size: int, root: bytes, proof: Sequence[bytes]
) -> None:
    """Check that a leaf stands at `index` in the log of `size` leaves with this root.

    Raises
    ------
    ProofError
        If the proof does not show it (RFC 9162, 2.1.3.2).
    """
    if not 0 <= index < size:
        raise _wrong(f"there is no entry {index} in a log of {size}")
    place, last, node = index, size - 1, leaf
    for step in _hashes(proof, leaf, root):
        if last == 0:
            raise _wrong("the proof is too long")
        if place % 2 or place == last:
            node = node_hash(step, node)
            while place % 2 == 0 and place:
                place, last = place >> 1, last >> 1
        else:
            node = node_hash(node, step)
        place, last = place >> 1, last >> 1
    if last or node != root:
        raise _wrong("the entry is not in this log")


def check_consistency(
    old: int, size: int, old_root: bytes, root: bytes, proof: Sequence[bytes]
) -> None:
    """Check that the log of `size` leaves begins with that of `old`, unchanged.

    Raises
    ------
    ProofError
        If the proof does not show it (RFC 9162, 2.1.4.2), or `old` is 0: of the empty log anything
        is a continuation.
    """
    if not 0 < old <= size:
        raise _wrong(f"a log of {old} entries is not the beginning of one of {size}")
    check_subtree(0, old, size, old_root, root, proof)


def check_subtree(
    begin: int, end: int, size: int, part: bytes, root: bytes, proof: Sequence[bytes]
) -> None:
    """Check that leaves `begin` to `end` of the log, as a tree of their own, have the root `part`.

    Raises
    ------
    ProofError
        If they have not, or such leaves are no subtree.
    """
    width = end - begin
    if width == 0 and 0 <= begin <= size and part == EMPTY and not proof:
        return
    if not 0 <= begin < end <= size or begin % (1 << (width - 1).bit_length()):
        raise _wrong(f"entries {begin} to {end} are no part of a log of {size}")
    steps = _hashes(proof)
    first, place, last = begin, end - 1, size - 1
    while first != place and (place == last or place % 2):
        first, place, last = first >> 1, place >> 1, last >> 1
    if first != place and not steps:
        raise _wrong("the proof is too short")
    inner = outer = part if first == place else steps.pop(0)
    _climb(first, place, last, inner, outer, steps, (part, root))


def _climb(
    first: int,
    place: int,
    last: int,
    inner: bytes,
    outer: bytes,
    steps: list[bytes],
    wanted: tuple[bytes, bytes],
) -> None:
    """Climb to the root, building the part (`inner`) and the whole (`outer`) on the way."""
    for step in steps:
        if last == 0:
            raise _wrong("the proof is too long")
        if place % 2 or place == last:
            if first < place:
                inner = node_hash(step, inner)
            outer = node_hash(step, outer)
            while place % 2 == 0 and place:
                first, place, last = first >> 1, place >> 1, last >> 1
        else:
            outer = node_hash(outer, step)
        first, place, last = first >> 1, place >> 1, last >> 1
    if last or (inner, outer) != wanted:
        raise _wrong("the later log does not hold the earlier one unchanged")


def _hashes(proof: Sequence[bytes], *ends: bytes) -> list[bytes]:
    """The steps of a proof; they, the leaf and the root must be hashes by their length."""
    if any(len(step) != HASH for step in (*proof, *ends)):
        raise _wrong(f"a hash in it has not {HASH} bytes")
    return list(proof)


def _wrong(what: str) -> ProofError:
    return ProofError(
        f"The proof does not hold: {what}.", "Ask for it anew; if it fails again, keep both."
    )
