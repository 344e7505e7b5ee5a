"""Planning a round, putting its charter forward, and agreeing to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.db import transaction
from django.db.models import Max
from pyrage import x25519

from parley.errors import OperationError, ProofError
from parley.exchange.charter import MODES, Charter, Keys, Side, joined
from parley.exchange.keys import read_card
from parley.exchange.notes import check_line
from parley.exchange.rounds import begin
from parley.exchange.sealing import Agent
from parley.room import clock
from parley.room.access import Actor
from parley.room.logbook import append, entries_about, log_key, moment, plenary
from parley.room.models import Card, Mode, Party, Room, Round
from parley.room.standing import charter_of, held, parsed, snapshot
from parley.room.vault import lock_away


@dataclass(frozen=True)
class Plan:
    """What a mediator says of a round; without a mode it has no exchange of texts."""

    title: str
    place: str = ""
    begins: datetime | None = None
    zone: str = "UTC"
    agenda: str = ""
    mode: str = ""
    deadline: datetime | None = None
    template: str = ""
    with_mediator: bool = False


def register(actor: Actor, note: str) -> Card:
    """Register the public keys of the party or agent that somebody acts for.

    Raises
    ------
    ProofError
        If the card is none, or bears another name.
    """
    name, _ = read_card(note)
    if name != actor.who:
        what = f"The card is of `{name}`, and you act for `{actor.who}`."
        raise ProofError(what, "Make keys under that name.")
    now = clock.now()
    with transaction.atomic():
        append(plenary(actor.room).id, "keys", now, who=name, card=note)
        return Card.objects.create(room=actor.room, who=name, note=note, member=actor.here, at=now)


def keys_of(room: Room, who: str) -> Keys | None:
    """The newest keys of a party or agent, if any are registered."""
    card = Card.objects.filter(room=room, who=who).order_by("-id").first()
    return None if card is None else read_card(card.note)[1]


def plan(actor: Actor, wanted: Plan) -> Round:
    """Write a new round into the room; its exchange begins as a DRAFT once the charter is out.

    Raises
    ------
    OperationError
        If there is no deadline ahead, too few parties, or keys that the mode needs are missing.
    """
    now = clock.now()
    with transaction.atomic():
        Room.objects.select_for_update().get(id=actor.room.id)
        last = Round.objects.filter(room=actor.room).aggregate(last=Max("number"))["last"] or 0
        round_ = Round(room=actor.room, number=last + 1, **vars(wanted))
        channel = plenary(actor.room).id
        if wanted.mode:
            _draw_up(round_, now)
        round_.save(force_insert=True)
        fields = {"title": round_.title, "place": round_.place, "number": round_.number}
        begins = moment(round_.begins) if round_.begins else None
        append(channel, "round", now, round_.id, round=round_.id, begins=begins, **fields)
        if wanted.mode:
            digest = charter_of(round_).hash()
            told = {"exchange": round_.id, "mode": round_.mode, "charter": digest}
            append(channel, "charter", now, round_.id, round=round_.number, **told)
    return round_


def _draw_up(round_: Round, now: datetime) -> None:
    """The charter of a round, and the server's key for it."""
    if round_.deadline is None or round_.deadline <= now:
        raise OperationError("The deadline has to be ahead.", "Set a later one.")
    parties = list(Party.objects.filter(room=round_.room).order_by("slug"))
    if len(parties) < 2:
        raise OperationError("An exchange needs two parties or more.", "Add a party.")
    server = x25519.Identity.generate()
    round_.server_key = lock_away(round_.room.id, str(server).encode())
    simple = round_.mode == Mode.SIMPLE
    sides = {
        party.slug: Side(party.name, None if simple else _needed(round_.room, party.slug))
        for party in parties
    }
    readers = (*sides, "mediator") if round_.with_mediator else tuple(sides)
    charter = Charter(
        room=round_.room.id,
        exchange=round_.id,
        round=round_.number,
        title=round_.title,
        mode=round_.mode,  # type: ignore[arg-type]
        deadline=moment(round_.deadline),
        parties=sides,
        agents=_agents(round_, str(server.to_public())),
        recipients=readers,
        log=log_key(round_.room.id),
        template=round_.template or None,
    )
    round_.charter = charter.text()
    round_.standing = snapshot(begin(charter))
    round_.state = "DRAFT"


def _agents(round_: Round, server: str) -> dict[Agent, Keys]:
    names = MODES[round_.mode]  # type: ignore[index]
    return {
        agent: Keys(server) if agent == "server" else _needed(round_.room, agent) for agent in names
    }


def _needed(room: Room, who: str) -> Keys:
    keys = keys_of(room, who)
    if keys is None:
        what = f"`{who}` has not registered any keys yet."
        raise OperationError(what, "Ask for them, or choose the simple mode.")
    return keys


def agree(actor: Actor, round_: Round, signature: str | None = None) -> None:
    """Agree to the charter, with one's signature where keys are in use.

    Raises
    ------
    OperationError
        If the exchange has moved on, or the actor does not sign.
    ProofError
        If the signature does not hold.
    """
    with held(actor.room, round_.id) as here:
        verifier = here.charter.signers().get(actor.who)
        if verifier is not None:
            if not signature:
                raise ProofError("The signature is missing.", "Sign with your key.")
            check_line(here.charter.text(), signature, verifier)
        if actor.who in here.exchange.agreed:
            return
        here.take("agree", actor.who, signature=signature if verifier else None)


def signed_charter(round_: Round) -> str:
    """The charter as a note with all signatures that are there."""
    gather = _signed if round_.state in {"", "DRAFT"} else _signed_by_all
    return gather(round_.id, round_.charter)


def _signed(exchange: str, text: str) -> str:
    # of a round the log holds first its plan, then its charter, then who agreed
    first = entries_about(exchange, most=2 + len(begin(parsed(text)).must_agree))
    lines = [
        str(entry["signature"])
        for entry in first
        if entry["kind"] == "agree" and entry.get("signature")
    ]
    return joined(text, lines)


# once all have agreed, no signature is added any more
_signed_by_all = lru_cache(maxsize=256)(_signed)
