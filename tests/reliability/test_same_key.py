"""The same request, sent many times: it is done once, and gets the same answer each time."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models import Model

from parley.errors import OperationError
from parley.room import deposits, papers, rows
from parley.room.models import Channel, Deposit, Kind, Once, Paper, Receipt, Round
from tests.reliability.rounds import at_once, audited, open_round, told
from tests.room import world
from tests.room.world import Talks

TIMES = 100
KEY = "the-same-key"


def differences(talks: Talks, round_: Round, times: int = TIMES) -> list[str]:
    """What is not as if it had been sent once."""
    found = at_once(
        times, lambda _: deposits.lay_down(talks.actor("north"), round_, b"A text.", KEY)
    )
    wrong = [str(answer) for answer in found if not isinstance(answer, Receipt)]
    if len({bytes(one.body) for one in found if isinstance(one, Receipt)}) != 1:
        wrong.append("the receipts differ")
    if told(round_).count("deposit") != 1 or Deposit.objects.filter(round=round_).count() != 1:
        wrong.append("it was laid down more than once")
    return wrong


def test_same_key_at_once(talks: Talks) -> None:
    round_ = open_round(talks)
    assert differences(talks, round_) == []
    assert Once.objects.filter(key=KEY).count() == 1
    assert audited().problems == ()


def test_last_text_at_once(talks: Talks) -> None:
    """It arms the exchange: those that come after it are too late for a text, not for a receipt."""
    round_ = open_round(talks)
    deposits.lay_down(talks.actor("south"), round_, b"Theirs.", "another-key")
    assert len(set(at_once(20, lambda _: _last(talks, round_)))) == 1
    assert told(round_)[-2:] == ["deposit", "armed"]
    assert audited().problems == ()


def _last(talks: Talks, round_: Round) -> bytes:
    return bytes(deposits.lay_down(talks.actor("north"), round_, b"A text.", KEY).body)


def test_defect_is_found(talks: Talks, monkeypatch: pytest.MonkeyPatch) -> None:
    def put(model: type[Model], **values: Any) -> None:
        if model is not Once:
            rows.put(model, **values)

    monkeypatch.setattr(deposits, "put", put)
    assert differences(talks, open_round(talks), 8)


def test_same_key_with_another_text(talks: Talks) -> None:
    round_ = open_round(talks)
    first = deposits.lay_down(talks.actor("north"), round_, b"A text.", KEY)
    with pytest.raises(OperationError, match="another text"):
        deposits.lay_down(talks.actor("north"), round_, b"Another text.", KEY)
    again = deposits.lay_down(talks.actor("north"), round_, b"A text.", KEY)
    assert bytes(again.body) == bytes(first.body)


def test_same_key_over_the_pages(talks: Talks) -> None:
    round_ = open_round(talks)
    browser = world.client_for(talks.account("north"))
    address = f"/r/{talks.room.id}/rounds/{round_.id}/deposit/"

    def send(text: str) -> int:
        return browser.post(address, {"text": text, "key": "k" * 20}).status_code

    assert [send("A text."), send("A text."), send("Another text.")] == [302, 302, 409]
    assert told(round_).count("deposit") == 1


def test_same_key_of_two_members(talks: Talks) -> None:
    """A key is its member's own: another's is no answer to him, and does not stop him."""
    round_ = open_round(talks)
    for who in ("north", "north-2"):
        deposits.lay_down(talks.actor(who), round_, f"Of {who}.".encode(), KEY)
    assert told(round_).count("deposit") == 2


def test_same_message_at_once(talks: Talks) -> None:
    channel = Channel.objects.get(room=talks.room, kind=Kind.PLENARY)
    found = at_once(
        20, lambda _: papers.put(talks.actor("north"), channel, b"Good day.", KEY, is_message=True)
    )
    assert len({paper.id for paper in found}) == 1
    assert Paper.objects.count() == 1
    assert audited().problems == ()
