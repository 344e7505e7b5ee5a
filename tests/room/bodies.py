"""What a form needs to be accepted: so that whoever may do something really does it.

Every function gets the room, the object and the name of whoever asks, and gives what the client
posts: `data`, and how.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from parley.exchange import canonical, keys, sealing
from parley.exchange.core import core_of
from parley.exchange.own_steps import step_text
from parley.room import deposits, opening
from parley.room.models import Round, SingleText
from parley.room.standing import charter_of
from tests.room import world
from tests.room.population import SIDE, TWIN, Place, Thing

Body = Callable[[Place, Thing, str], Mapping[str, Any]]


def body(url: str, place: Place, thing: Thing, name: str) -> dict[str, Any]:
    """What somebody posts to an address about an object."""
    return dict(BODIES[url](place, thing, name)) if url in BODIES else {"data": {}}


def acts_for(name: str) -> str:
    """The name under which somebody acts in an exchange."""
    plain = name.removesuffix(TWIN)
    return SIDE.get(plain, "witness" if plain == "witness" else "mediator")


def _round(thing: Thing) -> Round:
    return Round.objects.get(id=thing.id if thing.kind == "round" else thing.within)


def _signed(place: Place, name: str, text: str) -> str:
    return place.identities[acts_for(name)].signer.sign(text)


def _agree(place: Place, thing: Thing, name: str) -> Mapping[str, Any]:
    round_ = _round(thing)
    if round_.mode != "sealed":
        return {"data": {}}
    return {"data": {"signature": _signed(place, name, round_.charter)}}


def _deposit(place: Place, thing: Thing, name: str) -> Mapping[str, Any]:
    round_, party = _round(thing), acts_for(name)
    words = f"a text by {name}".encode()
    key = hashlib.sha256(f"{name}{thing.id}".encode()).hexdigest()
    if round_.mode != "sealed" or party not in place.parties:
        return {"data": {"text": words.decode(), "key": key}}
    charter = charter_of(round_)
    sealed = sealing.seal(
        deposits.header_of(round_, party),
        words,
        hashlib.sha256(key.encode()).digest(),
        charter.sealed_to(),
        charter.agent_keys(),
        place.identities[party].signer,
    )
    file = SimpleUploadedFile("text.parley-deposit", sealing.to_json(sealed))
    return {"data": {"sealed": file, "key": key}}


def _withdraw(place: Place, thing: Thing, name: str) -> Mapping[str, Any]:
    round_, party = _round(thing), acts_for(name)
    core = round_.standing.get("deposits", {}).get(party, "") if round_.standing else ""
    text = step_text("withdraw", round_.id, party, core)
    return {"data": {"signature": _signed(place, name, text)}}


def _alone(place: Place, thing: Thing, name: str) -> Mapping[str, Any]:
    text = place.texts.get(f"{thing.label} text of {acts_for(name)}", b"a text")
    return {"data": {"text": text.decode(), "key": "key-of-alone-1"}}


def _share(place: Place, thing: Thing, name: str) -> Mapping[str, Any]:
    round_, agent = _round(thing), acts_for(name)
    if round_.mode != "sealed" or agent not in {"mediator", "witness"} or round_.state != "ARMED":
        return {"data": {}}
    member = place.actor(agent)
    asked: Any = opening.request_of(member, round_)["layers"]
    secret = place.identities[agent].age
    locks = {p: sealing.peel(base64.b64decode(x), secret).decode() for p, x in asked.items()}
    fields = {"format": "parley-share-1", "exchange": round_.id, "agent": agent, "locks": locks}
    file = SimpleUploadedFile("round.parley-share", canonical.encode(fields))
    return {"data": {"share": file}}


def _publish(place: Place, thing: Thing, _name: str) -> Mapping[str, Any]:
    label, _, party = thing.label.rpartition("-")
    core = place.texts.get(f"{label} core of {party}")
    if core is None and f"{label} text of {party}" in place.texts:
        nonce = f"{label} nonce of {party}{place.mark}"
        value = place.canaries.secrets[nonce].value.ljust(32, b"~")
        text = place.texts[f"{label} text of {party}"]
        core = core_of(deposits.header_of(_round(thing), party), text, value)
    return {"data": {"core": SimpleUploadedFile("core.bin", core or b"nothing")}}


def _keys(_place: Place, _thing: Thing, name: str) -> Mapping[str, Any]:
    return {"data": {"card": keys.card(keys.new_identity(acts_for(name)))}}


def _send(_place: Place, thing: Thing, name: str) -> Mapping[str, Any]:
    return {"data": {"words": f"a word by {name}", "key": f"key-of-word-{thing.label}"}}


def _carry(place: Place, thing: Thing, _name: str) -> Mapping[str, Any]:
    to = place.thing("channel", "mediation" if thing.label.startswith("plenary") else "plenary")
    given = {"to": to.id, "name": "document.txt", "key": "key-of-carry-1", "confirmed": "1"}
    return {"data": given}


def _round_new(_place: Place, _thing: Thing, name: str) -> Mapping[str, Any]:
    given = {
        "title": f"A round by {name}",
        "place": "A house by the sea",
        "zone": "Europe/Istanbul",
        "begins": "2036-06-02T10:00",
        "agenda": "Guns",
        "mode": "simple",
        "deadline": "2036-06-01T10:00",
        "template": "Guns",
    }
    return {"data": given}


def _member(_place: Place, thing: Thing, _name: str) -> Mapping[str, Any]:
    return {"data": {"member": thing.id}}


def _case(_place: Place, _thing: Thing, name: str) -> Mapping[str, Any]:
    file = SimpleUploadedFile("case.yaml", b"parley: 1\ntitle: A case\n")
    return {"data": {"files": file}}


def _singles(place: Place, _thing: Thing, _name: str) -> Mapping[str, Any]:
    source = place.thing("paper", "plenary-mediator-document").id
    return {"data": {"source": f"paper-{source}", "title": "Another text"}}


def _single_do(_place: Place, thing: Thing, name: str) -> Mapping[str, Any]:
    version = SingleText.objects.get(id=thing.id).version
    given = {"op": "insert", "after": "guns.1", "text": f"Words by {name}."}
    return {"data": given | {"version": version, "place": 1}}


BODIES: dict[str, Body] = {
    "make_room": lambda *_: {"data": {"title": "A new room"}},
    "invite": lambda *_: {"data": {"role": "observer", "label": "somebody", "days": "7"}},
    "party-add": lambda *_: {"data": {"name": "West", "slug": "west"}},
    "remove": _member,
    "reset": _member,
    "keys": _keys,
    "round-new": _round_new,
    "agree": _agree,
    "deposit": _deposit,
    "withdraw": _withdraw,
    "alone": _alone,
    "opening-request": lambda *_: {"data": "{}", "content_type": "application/json"},
    "share": _share,
    "publish": _publish,
    "send": _send,
    "paper-carry": _carry,
    "case": _case,
    "singles": _singles,
    "single-do": _single_do,
    "single-motion": lambda *_: {"data": {"answer": "agree"}},
    "language": lambda *_: {"data": {"language": "fr", "next": "/"}},
    "account_login": lambda *_: {"data": {"login": "nobody", "password": "nothing"}},
    "account_reauthenticate": lambda *_: {"data": {"password": world.PASSWORD}},
    "account_change_password": lambda *_: {
        "data": {
            "oldpassword": world.PASSWORD,
            "password1": "a louder table inland",
            "password2": "a louder table inland",
        }
    },
    "mfa_authenticate": lambda *_: {"data": {"code": "000000"}},
    "mfa_reauthenticate": lambda *_: {"data": {"code": "000000"}},
    "mfa_activate_totp": lambda *_: {"data": {"code": "000000"}},
    "mfa_add_webauthn": lambda *_: {"data": {"name": "device", "credential": json.dumps({})}},
    "mfa_edit_webauthn": lambda *_: {"data": {"name": "another name"}},
}
