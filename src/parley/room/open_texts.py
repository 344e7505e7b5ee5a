"""The texts of a round that the server can have: those that somebody may read here and now.

In the simple mode these are the texts themselves, once they are open. What was sealed stays sealed
for the server; of it there is only what a delegation has laid open in the plenary.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from parley.exchange.core import NONCE, text_of
from parley.room import papers
from parley.room.access import Actor
from parley.room.deposits import header_of
from parley.room.models import Deposit, Kind, Paper, Party, Round
from parley.room.opening import may_read, opened_core


@dataclass(frozen=True)
class OpenText:
    """The text of a party in a round; `content` is ``None`` where the server has none.

    `paper` is where it was laid before all, if the content is from there.
    """

    party: Party
    content: bytes | None = None
    paper: Paper | None = None

    def option(self) -> dict[str, Any]:
        """What the workshop is told of it; never the name of a file."""
        title = f"Text of {self.party.name}"
        return {"name": self.party.name, "title": title, "party": self.party.slug}


def open_texts(actor: Actor, round_: Round) -> list[OpenText]:
    """The texts of all parties that laid one down, as far as they are open to somebody.

    Raises
    ------
    ProofError
        If what the server holds is not what was laid down.
    """
    deposits = Deposit.objects.filter(round=round_, current=True).select_related("party", "round")
    if round_.state not in {"RELEASED", "EXPIRED"}:
        return []
    return [_open_text(actor, deposit) for deposit in deposits.order_by("party__slug")]


def _open_text(actor: Actor, deposit: Deposit) -> OpenText:
    round_ = deposit.round
    if may_read(actor, round_):
        core = opened_core(deposit)
        if core is not None:
            return OpenText(deposit.party, text_of(core, header_of(round_, deposit.party.slug)))
    published = Paper.objects.filter(
        channel__room=actor.room,
        channel__kind=Kind.PLENARY,
        round=round_,
        party=deposit.party,
        is_message=False,
        erased__isnull=True,
    ).first()
    if published is None:
        return OpenText(deposit.party)
    return OpenText(deposit.party, bytes(published.body)[NONCE:], published)


def brought(actor: Actor, texts: list[OpenText]) -> dict[str, bytes]:
    """Texts as the workshop takes them; with that somebody has those of the plenary before him."""
    for text in texts:
        if text.paper is not None:
            papers.content_of(actor, text.paper)
    there = [text.content for text in texts if text.content is not None]
    return {f"text-{k}": content for k, content in enumerate(there)}


def options(texts: list[OpenText]) -> list[dict[str, Any]]:
    """What the workshop is told of the texts that are there, in the same order."""
    return [text.option() for text in texts if text.content is not None]
