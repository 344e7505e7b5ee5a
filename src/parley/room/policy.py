"""Who may do what: the one table that decides every access.

Rows are actions; a view names one of them in the one call at its head (`access.enter`). What is
not in a row is refused. Which of several objects somebody may see (his own channel, his own
receipts) is decided in `visible`, in this file as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from parley.room.models import (
    CaseFile,
    Channel,
    Deposit,
    Kind,
    Member,
    Paper,
    Party,
    Reading,
    Receipt,
    Role,
    Round,
    SingleText,
)

if TYPE_CHECKING:
    from django.db.models import Model

    from parley.room.access import Actor

MEDIATOR, CO = Role.MEDIATOR, Role.CO_MEDIATOR
DELEGATION, WITNESS, OBSERVER = Role.DELEGATION, Role.WITNESS, Role.OBSERVER
MEDIATION = frozenset({MEDIATOR, CO})
TABLE = MEDIATION | {DELEGATION}
AGENTS = MEDIATION | {WITNESS}
ALL = TABLE | {WITNESS, OBSERVER}

POLICY: dict[str, frozenset[Role]] = {
    # the room
    "room.see": ALL,
    "log.see": ALL,
    "bundle.get": TABLE | {WITNESS},
    "people.see": ALL,
    "people.invite": MEDIATION,
    "people.invite-mediator": frozenset({MEDIATOR}),
    "people.remove": frozenset({MEDIATOR}),
    "people.reset": frozenset({MEDIATOR}),
    "party.add": MEDIATION,
    "keys.see": ALL,
    "keys.register": TABLE | {WITNESS},
    # rounds
    "round.see": ALL,
    "round.plan": MEDIATION,
    "round.call-off": frozenset({MEDIATOR}),
    "charter.see": ALL,
    "charter.agree": TABLE | {WITNESS},
    # texts laid down
    "deposit.make": frozenset({DELEGATION}),
    "deposit.withdraw": frozenset({DELEGATION}),
    "deposit.alone": frozenset({DELEGATION}),
    "receipt.get": frozenset({DELEGATION}),
    "share.give": AGENTS,
    "opened.read": TABLE,
    "opened.compare": TABLE,
    "opened.publish": TABLE,
    # channels
    "channel.see": TABLE | {WITNESS, OBSERVER},
    "channel.write": TABLE,
    "paper.get": ALL,
    "paper.erase": TABLE,
    "paper.carry": MEDIATION,
    "readings.see": TABLE,
    # work
    "single.see": ALL,
    "single.work": TABLE,
    "single.start": MEDIATION,
    "case.see": MEDIATION,
    "case.put": MEDIATION,
}
"""Who may do what in a room of which he is a member."""

OPEN = Q(current=True) & (Q(round__state="RELEASED") | Q(round__state="EXPIRED") & ~Q(blob=b""))
"""Texts that are open: all of a round, or what a party laid open alone after the deadline."""

OPERATOR = frozenset({"rooms.list", "room.make", "health.see"})
"""What an operator may do; none of it looks into a room."""

SIGNED_IN = frozenset({"home.see"})
"""What everybody may do who has signed in."""


def may(actor: Actor, action: str) -> bool:
    """Whether somebody may do something at all; unknown actions are refused."""
    if actor.member is None:
        return action in SIGNED_IN or (action in OPERATOR and actor.account.is_operator)
    return actor.role in POLICY.get(action, frozenset())


def visible(actor: Actor, model: type[Model]) -> Q:
    """Which objects of a kind somebody may see, within the room he is in.

    Raises
    ------
    KeyError
        If the kind has no row here: nothing is visible by default.
    """
    own = Q(party=actor.party) & Q(party__isnull=False)
    if model in _TO_CHANNEL:
        seen = _channels(actor, _TO_CHANNEL[model])
        return seen & _own_side(actor) if model is Reading else seen
    if model is Receipt:
        return Q(round__room=actor.room) & (own if actor.role == DELEGATION else Q())
    if model is Deposit:
        return Q(round__room=actor.room) & (own | OPEN if actor.role == DELEGATION else Q())
    if model is Member:
        table = Q(role__in=[*MEDIATION, WITNESS, OBSERVER])
        return Q(room=actor.room) & (Q() if actor.is_mediating else table | own)
    if model is CaseFile:
        return Q(room=actor.room) & (Q() if actor.is_mediating else Q(pk__in=[]))
    return {Round: Q(room=actor.room), Party: Q(room=actor.room), SingleText: Q(room=actor.room)}[
        model
    ]


_TO_CHANNEL: dict[type[Model], str] = {
    Channel: "",
    Paper: "channel__",
    Reading: "paper__channel__",
}
"""How each of these leads to the channel that it is in."""


def _own_side(actor: Actor) -> Q:
    """Who has read what is for the mediators; else for one's own delegation."""
    if actor.is_mediating:
        return Q()
    return Q(member__party=actor.party) & Q(member__party__isnull=False)


def _channels(actor: Actor, to: str) -> Q:
    """Channels that somebody sees, from a model that leads to them by `to`."""
    room = Q(**{f"{to}room": actor.room})
    seen = Q(**{f"{to}kind": Kind.PLENARY})
    if actor.is_mediating:
        seen |= Q(**{f"{to}kind__in": [Kind.SHUTTLE, Kind.MEDIATION]})
    elif actor.role == DELEGATION:
        seen |= Q(**{f"{to}kind": Kind.SHUTTLE, f"{to}party": actor.party})
    return room & seen
