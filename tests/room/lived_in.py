"""A room in which much has happened: rounds of every mode and end, papers, readings, ticks."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from parley.exchange import keys, sealing
from parley.exchange.charter import parse
from parley.exchange.core import core_of
from parley.exchange.keys import Identity
from parley.exchange.own_steps import step_text
from parley.room import cases, charters, clock, deposits, opening, papers, single_texts, ticks
from parley.room.models import Channel, Deposit, Member, Paper, Round
from parley.room.places import note_place
from parley.room.workshop import Made
from tests.room import world

BEGAN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PARTIES = ("north", "south")
BASE = (
    "---\nparley: 1\ntitle: Draft\n---\n\n## Article 1. Ceasefire {#a1}\n\n"
    "1. Fire stops for 30 days. {#a1-1}\n\n2. Both sides withdraw. {#a1-2}\n"
)
SIGNERS = (*PARTIES, "mediator", "witness")


@dataclass
class LivedIn:
    """The room, the keys of its people, and what was made in it, by a word for each."""

    talks: world.Talks
    identities: dict[str, Identity]
    now: datetime = BEGAN
    rounds: dict[str, Round] = field(default_factory=dict)
    papers: dict[str, Paper] = field(default_factory=dict)
    cores: dict[str, bytes] = field(default_factory=dict)

    def round(self, word: str) -> Round:
        """A round as it stands now."""
        return Round.objects.get(id=self.rounds[word].id)

    def plan(self, word: str, mode: str, *, with_mediator: bool = False) -> Round:
        """A round with a charter to which all have agreed."""
        deadline = self.now + timedelta(hours=2)
        wanted = charters.Plan(
            word, mode=mode, deadline=deadline, with_mediator=with_mediator, place="Geneva"
        )
        made = charters.plan(self.talks.actor("mediator"), wanted)
        self.rounds[word] = made
        for who in SIGNERS:
            if mode == "simple" and who == "witness":
                continue
            if mode == "two-agents" and who == "witness":
                continue
            line = None if mode == "simple" else self.identities[who].signer.sign(made.charter)
            charters.agree(self.talks.actor(who), made, line)
        return self.round(word)

    def lay_down(self, word: str, who: str, key: str = "") -> bytes:
        """Lay down a text; what was sent."""
        round_ = self.round(word)
        text = f"What {who} proposes in {word}{key}.".encode()
        if round_.mode != "simple":
            text = sealing.to_json(self.sealed(round_, who, text))
        deposits.lay_down(self.talks.actor(who), round_, text, f"{word}{who}{key}")
        return text

    def sealed(self, round_: Round, who: str, text: bytes) -> sealing.Deposit:
        """A text as a party seals it."""
        charter = parse(round_.charter)
        nonce = hashlib.sha256(text).digest()
        header = deposits.header_of(round_, who)
        self.cores[f"{round_.title} {who}"] = core_of(header, text, nonce)
        return sealing.seal(
            header,
            text,
            nonce,
            charter.sealed_to(),
            charter.agent_keys(),
            self.identities[who].signer,
        )

    def open(self, word: str, agent: str = "mediator") -> str:
        """Open the texts of a round, as a release agent does; the state after it."""
        round_, actor = self.round(word), self.talks.actor(agent)
        if round_.mode == "simple":
            return opening.give_share(actor, round_, opening.Given())
        asked = opening.request_of(actor, round_)
        layers = asked["layers"]
        assert isinstance(layers, dict)
        own = self.identities[agent].age
        locks = {
            party: sealing.peel(base64.b64decode(layer), own).decode()
            for party, layer in layers.items()
        }
        return opening.give_share(actor, round_, opening.Given(locks=locks))

    def channel(self, kind: str, party: str | None = None) -> Channel:
        """A channel of the room."""
        return Channel.objects.get(room=self.talks.room, kind=kind, party__slug=party)


@contextmanager
def at_its_time(here: LivedIn | None = None) -> Iterator[None]:
    """The clock of the room stands where `here` says, or at the beginning."""
    with patch.object(clock, "now", lambda: here.now if here else BEGAN):
        yield


def lived_in(title: str = "Talks", mark: str = "") -> LivedIn:
    """A room in which all of this has happened."""
    with at_its_time():
        talks = world.talks(title, mark)
        here = LivedIn(talks, {who: keys.new_identity(who) for who in SIGNERS})
        _all_have_come()
        for who, identity in here.identities.items():
            charters.register(talks.actor(who), keys.card(identity))
    with at_its_time(here):
        _simple_rounds(here)
        _sealed_rounds(here)
        _put_papers(here)
        _work(here)
        for _ in range(3):
            here.now += timedelta(minutes=11)
            ticks.tick()
        _what_expires(here)
    return here


def _all_have_come() -> None:
    """Everybody has his place since the beginning, and the logs tell of it."""
    Member.objects.update(joined=BEGAN)
    Member.objects.filter(removed__isnull=False).update(removed=BEGAN)
    for member in Member.objects.select_related("party").order_by("id"):
        note_place(member, "joined")
        if member.removed:
            note_place(member, "left")


def _simple_rounds(here: LivedIn) -> None:
    charters.plan(here.talks.actor("mediator"), charters.Plan("Only talk", place="Oslo"))
    here.plan("simple open", "simple")
    here.lay_down("simple open", "north")
    here.lay_down("simple open", "north", "again")
    here.plan("simple released", "simple", with_mediator=True)
    here.lay_down("simple released", "north")
    here.lay_down("simple released", "south")
    assert here.open("simple released") == "RELEASED"
    published = here.round("simple released")
    deposit = Deposit.objects.get(round=published, party__slug="north")
    core = opening.opened_core(deposit)
    assert core is not None
    papers.publish(here.talks.actor("mediator"), published, deposit.party, core, "text.md")


def _sealed_rounds(here: LivedIn) -> None:
    here.plan("sealed released", "sealed")
    for who in PARTIES:
        here.lay_down("sealed released", who)
    assert here.open("sealed released", "witness") == "RELEASED"
    here.plan("armed", "two-agents")
    for who in PARTIES:
        here.lay_down("armed", who)
    here.plan("waiting", "sealed")
    here.lay_down("waiting", "south")
    here.plan("taken back", "sealed")
    here.lay_down("taken back", "north")
    round_ = here.round("taken back")
    core = round_.standing["deposits"]["north"]
    line = here.identities["north"].signer.sign(step_text("withdraw", round_.id, "north", core))
    deposits.withdraw(here.talks.actor("north"), round_, line)
    here.plan("called off", "sealed")
    here.lay_down("called off", "north")
    opening.call_off(here.talks.actor("mediator"), here.round("called off"))
    _void(here)


def _void(here: LivedIn) -> None:
    """A round in which what south had sealed does not open."""
    round_ = here.plan("void", "two-agents")
    here.lay_down("void", "north")
    good = here.sealed(round_, "south", b"What south proposes.")
    wrong = sealing.Deposit(
        good.header,
        good.outer,
        good.wraps,
        hashlib.sha256(b"another").digest(),
        good.core_hash,
        good.lock,
        "",
    )
    line = here.identities["south"].signer.sign(wrong.signed_text())
    bad = sealing.Deposit(
        wrong.header, wrong.outer, wrong.wraps, wrong.inner_hash, wrong.core_hash, wrong.lock, line
    )
    deposits.lay_down(here.talks.actor("south"), round_, sealing.to_json(bad), "void")
    assert here.open("void") == "VOID"


def _put_papers(here: LivedIn) -> None:
    def put(word: str, who: str, channel: Channel, *, is_message: bool) -> None:
        here.papers[word] = papers.put(
            here.talks.actor(who), channel, f"The {word}.".encode(), word, is_message=is_message
        )

    shuttle = here.channel("shuttle", "north")
    put("note", "north", shuttle, is_message=True)
    put("answer", "mediator", shuttle, is_message=True)
    put("map", "mediator", here.channel("plenary"), is_message=False)
    put("doubt", "co-mediator", here.channel("mediation"), is_message=True)
    put("slip", "south", here.channel("shuttle", "south"), is_message=False)
    papers.content_of(here.talks.actor("mediator"), here.papers["note"])
    papers.content_of(here.talks.actor("south"), here.papers["map"])
    papers.erase(here.talks.actor("south"), here.papers["slip"])


def _work(here: LivedIn) -> None:
    """A single text with what was done, what waits and what was taken back; a case."""
    mediator, north, south = (here.talks.actor(n) for n in ("mediator", "north", "south"))
    single = single_texts.start(mediator, "Draft", BASE)

    def bracket(version: int, at: str, text: str) -> None:
        step = {"op": "bracket", "at": at, "text": text}
        single_texts.do(north, single.id, version, step)

    bracket(1, "a1-1", "Fire stops at once.")
    bracket(2, "a1-2", "Nobody withdraws.")
    adopt = {"op": "adopt", "bracket": "b1", "alternative": 2}
    settled = single_texts.do(north, single.id, 3, adopt)
    assert settled is not None
    assert single_texts.agree(south, single.id, settled.id)
    other = {**adopt, "bracket": "b2"}
    given_up = single_texts.do(south, single.id, 4, other)
    assert given_up is not None
    single_texts.take_back(south, single.id, given_up.id)
    waits = single_texts.do(mediator, single.id, 4, other)
    assert waits is not None
    single_texts.agree(north, single.id, waits.id)
    with patch.object(cases, "work", lambda *_: Made({})):
        kept, removed = (cases.put(mediator, packed) for packed in (b"a case", b"another"))
    cases.remove(mediator, removed)
    assert kept.id != removed.id


def _what_expires(here: LivedIn) -> None:
    """The deadlines of two rounds pass; in one of them a party lays its text open alone."""
    here.plan("expired", "sealed")
    here.lay_down("expired", "north")
    here.plan("expired simple", "simple")
    here.lay_down("expired simple", "south")
    still_open = [here.round(word) for word in ("simple open", "waiting", "taken back")]
    for round_ in still_open:
        assert round_.state == "OPEN"
    here.now += timedelta(hours=1, minutes=58)
    _settle(here, "expired", "expired simple")
    round_, core = here.round("expired"), here.cores["expired north"]
    digest = hashlib.sha256(core).hexdigest()
    line = here.identities["north"].signer.sign(step_text("alone", round_.id, "north", digest))
    deposits.alone(here.talks.actor("north"), round_, core, line)


def _settle(here: LivedIn, *words: str) -> None:
    from parley.room.standing import settle

    here.now += timedelta(minutes=5)
    for word in words:
        assert settle(here.round(word).id), word
