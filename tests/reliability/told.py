"""Whether everything that clients were told is in the database, once, and all of it whole."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tests.reliability.audit import Found, Query

ONCE = (
    "SELECT key, digest, answer, room_id FROM room_once"
    " JOIN room_member ON room_member.id = room_once.member_id"
)
DEPOSITS = "SELECT count(*) FROM room_deposit"


def wrong(query: Query, keys: Path, found: Found, told: Iterable[dict[str, Any]]) -> Iterator[str]:
    """What was told and is not there, or not as it was told; or there twice.

    Parameters
    ----------
    keys
        The folder of keys: what was sent is known by a mark that is made with the room's.
    found
        What an audit of the whole database found.
    told
        What clients have written down: see `clients`.
    """
    yield from found.problems
    there = {key: rest for key, *rest in query(ONCE)}
    vaults = {path.name: path.read_bytes() for path in keys.glob("vault-*")}
    for one in told:
        if "file" in one:
            if one["file"] not in found.receipts:
                yield f"a receipt was kept that is not there: {one['file']}"
            continue
        digest, answer, room = there.get(one["key"], ("", "", ""))
        vault = vaults.get(f"vault-{room}", b"")
        mark = hmac.new(vault, one["sent"].encode(), hashlib.sha256).hexdigest()
        if (digest, answer) != (mark, one["receipt"]):
            yield f"a text was acknowledged that is not there: {one['key']}"
    answers = [answer for _, answer, _ in there.values()]
    if len(set(answers)) != len(answers):
        yield "two keys have one receipt"
    # the audit has it that every text in the log has one receipt, and every receipt one key
    if query(DEPOSITS) != [(len(found.receipts),)]:
        yield "the texts are not as many as the receipts"
