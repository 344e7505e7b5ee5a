"""A room with everything in every state, a second of the same shape, and everybody who could come.

Every secret in it is a canary (`tests.room.canaries`), with who may know it written beside it. The
people of the first room are called A1, A2 (one delegation), B1 (the other), mediator, co-mediator,
witness, observer, removed; those of the second the same with `-twin`; the operator is of none.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from unittest import mock

from allauth.account.internal.flows.login import (
    _AUTHENTICATION_METHODS_USER_SESSION_KEY,
    AUTHENTICATION_METHODS_SESSION_KEY,
)
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client

from parley.exchange.keys import Identity, new_identity
from parley.room import people
from parley.room.access import Actor
from parley.room.models import Account, Member, Party, Role, Room
from parley.room.rooms import add_party, found_room
from tests.room import world
from tests.room.canaries import NOBODY, Canaries

NORTH, SOUTH = ("A1", "A2"), ("B1",)
MEDIATION = ("mediator", "co-mediator")
ALL = (*NORTH, *SOUTH, *MEDIATION, "witness", "observer")
TWIN = "-twin"
ROLES = {
    "mediator": Role.MEDIATOR,
    "co-mediator": Role.CO_MEDIATOR,
    "A1": Role.DELEGATION,
    "A2": Role.DELEGATION,
    "B1": Role.DELEGATION,
    "removed": Role.DELEGATION,
    "witness": Role.WITNESS,
    "observer": Role.OBSERVER,
}
SIDE = {"A1": "north", "A2": "north", "removed": "north", "B1": "south"}
AGENTS = {"north": "A1", "south": "B1", "mediator": "mediator", "witness": "witness"}
"""Who registers the keys of each."""


@dataclass(frozen=True)
class Thing:
    """An object of a room that an address can name.

    Parameters
    ----------
    kind
        Its kind, as the part of an address that names it: round, channel, paper, …
    label
        Which of its kind, as the oracle tells them apart.
    within
        The round or channel under which its address stands.
    owner
        The party whose it is.
    author
        Who has written it, by his name in the cast.
    """

    kind: str
    label: str
    id: str
    within: str = ""
    owner: str = ""
    author: str = ""


@dataclass(repr=False)
class Place:
    """One room with its people and objects."""

    mark: str
    canaries: Canaries
    room: Room
    accounts: dict[str, Account] = field(default_factory=dict)
    parties: dict[str, Party] = field(default_factory=dict)
    identities: dict[str, Identity] = field(default_factory=dict)
    things: list[Thing] = field(default_factory=list)
    texts: dict[str, bytes] = field(default_factory=dict)
    """What was laid down and is needed once more, by name."""

    def actor(self, name: str) -> Actor:
        """Somebody, as one who acts in this room."""
        account = self.accounts[name]
        found = Member.objects.select_related("room", "party")
        return Actor(account, found.get(room=self.room, account=account))

    def secret(
        self, name: str, known: tuple[str, ...], reached: tuple[str, ...] | None = None
    ) -> str:
        """A secret word that some of this room may know."""
        found = None if reached is None else [n + self.mark for n in reached]
        return self.canaries.new(name + self.mark, [n + self.mark for n in known], found)

    def nonce(self, name: str, known: tuple[str, ...]) -> bytes:
        """32 secret bytes that some of this room may know."""
        return self.canaries.nonce(name + self.mark, [n + self.mark for n in known], NOBODY)

    def token(self, name: str, value: bytes | str, known: tuple[str, ...]) -> None:
        """Something that the room has made, which some of it may know."""
        self.canaries.token(name + self.mark, value, [n + self.mark for n in known])

    def put(
        self, kind: str, label: str, id_: str, within: str = "", owner: str = "", author: str = ""
    ) -> None:
        """Note an object."""
        self.things.append(Thing(kind, label, id_, within, owner, author))

    def thing(self, kind: str, label: str) -> Thing:
        """An object by its label."""
        return next(t for t in self.things if (t.kind, t.label) == (kind, label))

    def of(self, kind: str) -> list[Thing]:
        """All objects of a kind."""
        return [t for t in self.things if t.kind == kind]


@dataclass(repr=False)
class Population:
    """Both rooms, and clients of everybody."""

    canaries: Canaries
    here: Place
    twin: Place
    operator: Account
    clients: dict[str, Client] = field(default_factory=dict)

    @property
    def places(self) -> tuple[Place, Place]:
        """Both rooms."""
        return self.here, self.twin

    @property
    def cast(self) -> list[str]:
        """Everybody who could come."""
        twins = [f"A1{TWIN}", f"mediator{TWIN}"]
        return ["anonymous", *ROLES, *twins, "operator"]

    def account(self, name: str) -> Account:
        """Somebody's account."""
        if name == "operator":
            return self.operator
        place = self.twin if name.endswith(TWIN) else self.here
        return place.accounts[name.removesuffix(TWIN)]

    def client(self, name: str, *, csrf: bool = False) -> Client:
        """A browser of somebody, who has just signed in and confirmed who he is."""
        if name == "anonymous":
            return world.client(csrf=csrf)
        made = world.client_for(self.account(name), csrf=csrf)
        confirm(made, self.account(name))
        return made


def confirm(client: Client, account: Account) -> None:
    """As if he had just given his password and code again."""
    session = client.session
    assert isinstance(session, SessionStore)
    session[_AUTHENTICATION_METHODS_USER_SESSION_KEY] = account.pk
    given = {"at": time.time(), "reauthenticated": True}
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [
        {"method": m} | given for m in ("password", "mfa")
    ]
    session.save()


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Within, the room's clock stands."""
    with mock.patch("parley.room.clock.now", return_value=moment):
        yield


def populate(password: str) -> Population:
    """Both rooms; within a transaction that the caller rolls back.

    Parameters
    ----------
    password
        The hash of the password of everybody.
    """
    canaries = Canaries()
    now = datetime.now(UTC).replace(microsecond=0)
    with at(now - timedelta(days=3)):
        here, twin = (_place(canaries, mark) for mark in ("", TWIN))
    operator = _operator(canaries)
    Account.objects.update(password=password)
    for account in (operator, *here.accounts.values(), *twin.accounts.values()):
        account.password = password  # sessions hang on it
    canaries.token("hash of the password", password.rpartition("$")[2], NOBODY)
    from tests.room import population_work

    for place in (here, twin):
        population_work.fill(place, now)
        add_second_steps(place)
    return Population(canaries, here, twin, operator)


def _operator(canaries: Canaries) -> Account:
    account = world.account(
        canaries.new("login of operator", ["operator"], NOBODY),
        display=canaries.new("name of operator", ["operator"]),
        operator=True,
    )
    code = RecoveryCodes.activate(account).generate_codes()[0]
    canaries.token("recovery code of operator", code, ["operator"], ["operator"])
    _, token = people.invite(None, label=canaries.new("label of operator's link", NOBODY))
    canaries.token("operator's link", token, NOBODY)
    return account


def _place(canaries: Canaries, mark: str) -> Place:
    title = canaries.new(f"title of room{mark}", [name + mark for name in ALL])
    place = Place(mark, canaries, found_room(title))
    place.put("room", "room", place.room.id)
    _enter(place, "mediator")
    for slug in ("north", "south"):
        name = place.secret(f"name of {slug}", ALL)
        place.parties[slug] = add_party(place.actor("mediator"), slug, name)
    for name in ROLES:
        if name != "mediator":
            _enter(place, name)
    for who in AGENTS:
        place.identities[who] = new_identity(who)
        place.token(f"key of {who}", place.identities[who].age, ())
    return place


def _knows_name(name: str) -> tuple[str, ...]:
    """Who may know the name of a member: all know the table's, a delegation's people only those
    who meet them; A1 and B1 have spoken in the plenary, under their names."""
    if name == "A2":
        return (*NORTH, *MEDIATION)
    if name == "removed":
        return (*NORTH, *MEDIATION, "removed")
    return ALL


def _enter(place: Place, name: str) -> None:
    """Somebody comes into the room."""
    login = place.secret(f"login of {name}", (name,), ())
    known = _knows_name(name)
    display = place.secret(f"name of {name}", known, (name,) if name != "removed" else ())
    account = world.account(login, display=display)
    place.accounts[name] = account
    side = SIDE.get(name)
    party = place.parties[side] if side else None
    member = Member.objects.create(room=place.room, account=account, role=ROLES[name], party=party)
    place.token(f"member {name}", member.id, known)
    place.token(f"account {name}", account.id, (name,))
    place.put("member", name, member.id, owner=side or "")


def add_second_steps(place: Place) -> None:
    """Everybody has recovery codes; A1 and the mediator have a passkey as well."""
    for name, account in place.accounts.items():
        code = RecoveryCodes.activate(account).generate_codes()[0]
        whose = [name + place.mark]
        place.canaries.token(f"recovery code of {name}{place.mark}", code, whose, whose)
    for name in ("A1", "mediator"):
        label = place.secret(f"passkey of {name}", (name,))
        made = Authenticator.objects.create(
            user=place.accounts[name],
            type=Authenticator.Type.WEBAUTHN,
            data={"name": label, "credential": _credential(name)},
        )
        place.put("passkey", name, str(made.pk))


def _credential(name: str) -> dict[str, object]:
    """What a device registers: a public key, and no proof of its maker."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from fido2.cose import ES256
    from fido2.utils import websafe_encode
    from fido2.webauthn import (
        Aaguid,
        AttestationObject,
        AttestedCredentialData,
        AuthenticatorData,
        CollectedClientData,
    )

    public = ec.generate_private_key(ec.SECP256R1()).public_key()
    key = ES256.from_cryptography_key(public)  # type: ignore[no-untyped-call]
    data = AttestedCredentialData.create(Aaguid.NONE, name.encode().ljust(16, b"-"), key)
    flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV | AuthenticatorData.FLAG.AT
    made = AuthenticatorData.create(bytes(32), flags, 0, data)
    client = CollectedClientData.create("webauthn.create", bytes(32), "http://localhost")
    raw = websafe_encode(data.credential_id)
    attestation = websafe_encode(bytes(AttestationObject.create("none", made, {})))
    response = {"clientDataJSON": websafe_encode(bytes(client)), "attestationObject": attestation}
    return {"id": raw, "rawId": raw, "type": "public-key", "response": response}
