"""Whether everything that clients were told is in the database, once, and all of it whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from tests.reliability.audit import Found, Query

ONCE = "SELECT key, digest, answer FROM room_once"
DEPOSITS = "SELECT count(*) FROM room_deposit"


def wrong(query: Query, found: Found, told: Iterable[dict[str, Any]]) -> Iterator[str]:
    """What was told and is not there, or not as it was told; or there twice.

    Parameters
    ----------
    found
        What an audit of the whole database found.
    told
        What clients have written down: see `clients`.
    """
    yield from found.problems
    there = {key: (digest, answer) for key, digest, answer in query(ONCE)}
    for one in told:
        if "file" in one:
            if one["file"] not in found.receipts:
                yield f"a receipt was kept that is not there: {one['file']}"
        elif there.get(one["key"]) != (one["digest"], one["receipt"]):
            yield f"a text was acknowledged that is not there: {one['key']}"
    answers = [answer for _, answer in there.values()]
    if len(set(answers)) != len(answers):
        yield "two keys have one receipt"
    # the audit has it that every text in the log has one receipt, and every receipt one key
    if query(DEPOSITS) != [(len(found.receipts),)]:
        yield "the texts are not as many as the receipts"
