"""What the room tree says of a channel: bound by it, and hidden by its salt."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from parley.errors import ProofError
from parley.exchange.heads import check_head, commitment, salt

SECRET = bytes(range(32))
ROOT = b"r" * 32


def test_salts_differ_by_tick_and_channel() -> None:
    assert salt(SECRET, 7) == hmac.new(SECRET, b"head 7", hashlib.sha256).digest()
    salts = {salt(secret, tick) for secret in (SECRET, bytes(32)) for tick in range(20)}
    assert len(salts) == 40


def test_a_commitment_is_that_of_the_specification() -> None:
    head = b'{"root":"' + ROOT.hex().encode() + b'","size":3}'
    wanted = hashlib.sha256(salt(SECRET, 1) + head).hexdigest()
    assert commitment(salt(SECRET, 1), 3, ROOT) == wanted
    check_head(wanted, salt(SECRET, 1), 3, ROOT)
    for other in (
        (salt(SECRET, 2), 3, ROOT),
        (salt(SECRET, 1), 4, ROOT),
        (salt(SECRET, 1), 3, bytes(32)),
    ):
        with pytest.raises(ProofError):
            check_head(wanted, *other)
    with pytest.raises(ProofError):
        check_head("", salt(SECRET, 1), 3, ROOT)


def test_an_unchanged_channel_looks_like_a_changed_one() -> None:
    """From tick to tick all commitments are new, whether anybody spoke or not."""
    quiet = [commitment(salt(SECRET, tick), 3, ROOT) for tick in range(50)]
    assert len(set(quiet)) == 50
    assert {len(said) for said in quiet} == {64}
