"""What is done in a room of the population: rounds in every state, papers, a case, links."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import zipfile
from datetime import datetime, timedelta

from parley.exchange import keys, sealing
from parley.exchange.core import NONCE, core_of
from parley.exchange.receipts import from_json
from parley.room import charters, deposits, opening, papers, people, single_texts
from parley.room.models import (
    Account,
    CaseFile,
    Channel,
    Deposit,
    Invitation,
    Kind,
    Paper,
    Receipt,
    Role,
    Round,
)
from parley.room.standing import charter_of
from parley.room.ticks import commit_heads
from tests.room.population import (
    AGENTS,
    ALL,
    MEDIATION,
    NORTH,
    SOUTH,
    Place,
    at,
)

BOTH = (*NORTH, *SOUTH)
OWN = {"north": NORTH, "south": SOUTH}
DEADLINE = timedelta(days=4)
EARLY = ("expired", "expired-alone")
"""Rounds whose deadline has passed by now."""


def fill(place: Place, now: datetime) -> None:
    """Do everything that can be done in a room."""
    before = now - timedelta(days=3)
    with at(before):
        for who, name in AGENTS.items():
            charters.register(place.actor(name), keys.card(place.identities[who]))
        _rounds(place)
    with at(now - timedelta(days=1)):
        _end_early(place)
        _papers(place)
        _case(place)
        _single(place)
        _links(place)
        commit_heads(place.room)
    _know_the_rest(place)


def _rounds(place: Place) -> None:
    _round(place, "planned", "")
    _round(place, "draft-simple", "simple", agreed=())
    _round(place, "draft-sealed", "sealed", agreed=())
    _round(place, "open-simple", "simple", laid=("north",))
    _round(place, "open-sealed", "sealed", laid=("north",))
    _round(place, "armed-simple", "simple", laid=("north", "south"))
    _round(place, "armed-sealed", "sealed", laid=("north", "south"))
    _round(place, "released-simple", "simple", laid=("north", "south"), opens=True)
    _round(place, "released-mediator", "simple", laid=("north", "south"), opens=True, mediator=True)
    _round(place, "released-sealed", "sealed", laid=("north", "south"), opens=True)
    _round(place, "expired", "simple", laid=("north",))
    _round(place, "expired-alone", "simple", laid=("north",))
    void = _round(place, "void", "simple", laid=("north", "south"))
    Deposit.objects.filter(round=void, party__slug="north").update(blob=b"not what was laid down")
    opening.give_share(place.actor("mediator"), void, opening.Given())
    withdrawn = _round(place, "withdrawn", "simple", laid=("north",))
    opening.call_off(place.actor("mediator"), withdrawn)
    back = _round(place, "taken-back", "simple", laid=("north",))
    deposits.withdraw(place.actor("A1"), back)


def _round(
    place: Place,
    label: str,
    mode: str,
    *,
    agreed: tuple[str, ...] = tuple(AGENTS),
    laid: tuple[str, ...] = (),
    opens: bool = False,
    mediator: bool = False,
) -> Round:
    """A round with words of its own, brought to a state."""
    from parley.room import clock

    deadline = clock.now() + (timedelta(hours=6) if label in EARLY else DEADLINE)
    wanted = charters.Plan(
        title=place.secret(f"{label} title", ALL),
        place=place.secret(f"{label} place", ALL),
        begins=clock.now() + timedelta(days=10),
        zone="Europe/Istanbul",
        agenda=place.secret(f"{label} agenda", ALL),
        mode=mode,
        deadline=deadline if mode else None,
        template="# " + place.secret(f"{label} template", ALL) if mode else "",
        with_mediator=mediator,
    )
    round_ = charters.plan(place.actor("mediator"), wanted)
    place.put("round", label, round_.id)
    if not mode:
        return round_
    for who in agreed:
        if who != "witness" or mode == "sealed":
            line = place.identities[who].signer.sign(round_.charter) if mode == "sealed" else None
            charters.agree(place.actor(AGENTS[who]), round_, line)
    for party in laid:
        _lay(place, round_, label, party, opens=opens, mediator=mediator)
    if opens:
        _open(place, round_)
    round_.refresh_from_db()
    return round_


def _lay(
    place: Place, round_: Round, label: str, party: str, *, opens: bool, mediator: bool
) -> None:
    """A party lays down a text; who may know it depends on what becomes of the round."""
    readers = (*BOTH, *(MEDIATION if mediator else ())) if opens else OWN[party]
    reached: tuple[str, ...] | None = readers if opens and round_.mode == "simple" else ()
    if label == "expired-alone":
        readers = (*BOTH, *MEDIATION)
        reached = readers
    known: tuple[str, ...] = readers
    if (label, party) == ("released-simple", "north"):
        known, reached = ALL, ALL  # it is published below
    text = place.secret(f"{label} text of {party}", known, reached).encode()
    actor = place.actor(AGENTS[party])
    key = place.secret(f"{label} key of {party}", OWN[party], ())
    body = text
    if round_.mode == "sealed":
        charter = charter_of(round_)
        sealed = sealing.seal(
            deposits.header_of(round_, party),
            text,
            place.nonce(f"{label} nonce of {party}", readers),
            charter.sealed_to(),
            charter.agent_keys(),
            place.identities[party].signer,
        )
        body = sealing.to_json(sealed)
        place.texts[f"{label} deposit of {party}"] = body
    receipt = deposits.lay_down(actor, round_, body, key)
    place.texts[f"{label} text of {party}"] = text
    place.put("receipt", f"{label}-{party}", receipt.id, round_.id, party)
    place.token(f"{label} receipt of {party}", receipt.id, OWN[party])
    laid = Deposit.objects.get(round=round_, party__slug=party)
    place.put("deposit", f"{label}-{party}", laid.id, round_.id, party)
    if round_.mode == "simple":
        nonce = from_json(bytes(receipt.body)).nonce
        assert nonce is not None
        core = core_of(deposits.header_of(round_, party), text, nonce)
        place.texts[f"{label} core of {party}"] = core
        place.token(f"{label} nonce of {party}", nonce, known)


def _open(place: Place, round_: Round) -> None:
    """The mediator opens the texts."""
    mediator = place.actor("mediator")
    if round_.mode == "simple":
        opening.give_share(mediator, round_, opening.Given())
        return
    asked = opening.request_of(mediator, round_)
    layers = asked["layers"]
    assert isinstance(layers, dict)
    secret = place.identities["mediator"].age
    locks = {p: sealing.peel(base64.b64decode(x), secret).decode() for p, x in layers.items()}
    opening.give_share(mediator, round_, opening.Given(locks=locks))


def _end_early(place: Place) -> None:
    """Deadlines pass; one party lays its text open alone; one text is published."""
    from parley.room.standing import settle

    for label in EARLY:
        settle(place.thing("round", label).id)
    alone = Round.objects.get(id=place.thing("round", "expired-alone").id)
    deposits.alone(place.actor("A1"), alone, place.texts["expired-alone core of north"])
    shown = Round.objects.get(id=place.thing("round", "released-simple").id)
    core = place.texts["released-simple core of north"]
    paper = papers.publish(
        place.actor("A1"), shown, place.parties["north"], core, place.secret("published name", ALL)
    )
    _note(place, "plenary-published", paper, ALL, "A1")


def _papers(place: Place) -> None:
    channels = {
        "plenary": (Channel.objects.get(room=place.room, kind=Kind.PLENARY), ALL),
        "mediation": (Channel.objects.get(room=place.room, kind=Kind.MEDIATION), MEDIATION),
    }
    for slug, own in OWN.items():
        found = Channel.objects.get(room=place.room, kind=Kind.SHUTTLE, party__slug=slug)
        channels[f"shuttle-{slug}"] = (found, (*own, *MEDIATION))
    heads = Channel.objects.get(room=place.room, kind=Kind.HEADS)
    for label, (channel, _) in channels.items():
        place.put("channel", label, channel.id, owner=channel.party.slug if channel.party else "")
    place.put("channel", "heads", heads.id)
    spoken = [
        ("plenary", "A1", True),
        ("plenary", "B1", True),
        ("plenary", "mediator", False),
        ("plenary", "co-mediator", True),
        ("shuttle-north", "A1", True),
        ("shuttle-north", "A2", False),
        ("shuttle-north", "mediator", False),
        ("shuttle-north", "removed", True),
        ("shuttle-south", "B1", True),
        ("shuttle-south", "B1", False),
        ("shuttle-south", "mediator", False),
        ("mediation", "mediator", True),
        ("mediation", "co-mediator", False),
    ]
    for label, name, is_message in spoken:
        channel, known = channels[label]
        kind = "message" if is_message else "document"
        _say(place, channel, known, f"{label}-{name}-{kind}", name)
    _erase_one(place, channels["shuttle-north"][0])
    _read_some(place)
    gone = place.actor("removed").here
    gone.removed = gone.joined
    gone.save()


def _say(place: Place, channel: Channel, known: tuple[str, ...], label: str, name: str) -> None:
    is_message = label.endswith("message")
    content = place.secret(f"{label} words", known)
    paper = papers.put(
        place.actor(name),
        channel,
        content.encode(),
        place.secret(f"{label} key", (name,), ()),
        name="" if is_message else f"../{place.secret(f'{label} file', known)}.txt",
        is_message=is_message,
    )
    _note(place, label, paper, known, name)


def _note(place: Place, label: str, paper: Paper, known: tuple[str, ...], author: str) -> None:
    owner = paper.channel.party.slug if paper.channel.party else ""
    place.put("paper", label, paper.id, paper.channel_id, owner, author)
    place.token(f"{label} id", paper.id, known)
    place.token(f"{label} hash", paper.digest, known)
    place.token(f"{label} nonce", bytes(paper.body)[:NONCE], known)


def _erase_one(place: Place, channel: Channel) -> None:
    actor = place.actor("A1")
    content = place.secret("erased words", (), ())
    name = place.secret("erased file", (), ())
    paper = papers.put(
        actor, channel, content.encode(), place.secret("erased key", ("A1",), ()), name=name
    )
    papers.erase(actor, paper)
    place.put("paper", "shuttle-north-erased", paper.id, channel.id, "north", "A1")
    place.token("erased id", paper.id, (*NORTH, *MEDIATION))


def _read_some(place: Place) -> None:
    """Some have read some papers, which the mediators see."""
    for name, label in (
        ("A1", "shuttle-north-mediator-document"),
        ("mediator", "shuttle-south-B1-document"),
        ("B1", "plenary-mediator-document"),
    ):
        paper = Paper.objects.get(id=place.thing("paper", label).id)
        papers.content_of(place.actor(name), paper)


def _case(place: Place) -> None:
    """A case."""
    from parley.room import clock

    packed = _zip({"case.yaml": place.secret("case words", MEDIATION)})
    mistake = {"file": "case.yaml", "line": 1, "code": "x", "remedy": "", "severity": "warning"}
    mistake["what"] = place.secret("case said", MEDIATION)
    briefing = _zip({"briefing.html": place.secret("case briefing", MEDIATION)})
    case = CaseFile.objects.create(
        room=place.room,
        member=place.actor("co-mediator").here,
        packed=packed,
        said=json.dumps({"mistakes": [mistake], "left_out": [], "refusal": ""}),
        briefing=briefing,
        at=clock.now(),
    )
    place.put("case", "case", case.id)
    place.token("case id", case.id, MEDIATION)


def _zip(files: dict[str, str]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


def _single(place: Place) -> None:
    """A single text with a bracket, and what waits for agreement."""
    words = place.secret("single words", ALL)
    title = place.secret("single title", ALL)
    text = f"---\nparley: 1\ntitle: Talks\n---\n\n# Article 1: Guns\n\n1. {words} are silent.\n"
    mediator = place.actor("mediator")
    single = single_texts.start(mediator, title, text)
    place.put("single", "single", single.id)
    step = {"op": "bracket", "at": "guns.1", "text": place.secret("bracket words", ALL)}
    single_texts.do(place.actor("A1"), single.id, 1, step)
    adopt = {"op": "adopt", "bracket": "b1", "alternative": 2}
    motion = single_texts.do(mediator, single.id, 2, adopt)
    assert motion is not None
    place.put("motion", "motion", motion.id, single.id)


def _links(place: Place) -> None:
    """Invitations: open, used, for a reset."""
    by = place.accounts["mediator"]
    invited = [
        ("delegation", Role.DELEGATION, place.parties["south"]),
        ("observer", Role.OBSERVER, None),
        ("used", Role.WITNESS, None),
    ]
    for label, role, party in invited:
        reached = () if label == "used" else MEDIATION
        made, token = people.invite(
            place.room,
            role,
            party=party,
            label=place.secret(f"label of link {label}", MEDIATION, reached),
            by=by,
        )
        _link(place, label, made, token)
    Invitation.objects.filter(id=place.thing("invitation", "used").id).update(used=made.created)
    made, token = people.invite(
        None,
        label=place.secret("label of link reset", MEDIATION, ()),
        by=by,
        account=place.accounts["A2"],
    )
    _link(place, "reset", made, token)


def _link(place: Place, label: str, made: Invitation, token: str) -> None:
    place.put("invitation", label, made.id)
    place.put("token", label, token)
    place.token(f"link {label}", token, ())
    place.token(f"invitation {label}", made.id, MEDIATION)
    place.token(f"hash of link {label}", made.token_hash, ())


def _know_the_rest(place: Place) -> None:
    """What the server makes and nobody may have: its keys, the secrets of its channels."""
    for channel in Channel.objects.filter(room=place.room):
        label = f"{channel.kind} {channel.party.slug if channel.party else ''}"
        place.token(f"secret of channel {label}", bytes(channel.secret), ())
    for round_ in Round.objects.filter(room=place.room).exclude(server_key=b""):
        place.token(f"server's key of round {round_.number}", deposits.server_key(round_), ())
    for receipt in Receipt.objects.filter(round__room=place.room).select_related("party"):
        digest = hashlib.sha256(bytes(receipt.body)).hexdigest()
        place.token(f"hash of receipt {receipt.id}", digest, OWN[receipt.party.slug])
    for name, account in place.accounts.items():
        place.token(f"app of {name}", _app_secret(account), ())


def _app_secret(account: Account) -> str:
    from allauth.mfa.models import Authenticator
    from allauth.mfa.utils import decrypt

    found = Authenticator.objects.get(user=account, type=Authenticator.Type.TOTP)
    return str(decrypt(found.data["secret"]))
