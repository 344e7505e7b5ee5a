"""Every round against the log: its charter, its exchange step by step, its keys and shares."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pyrage import x25519

from parley.errors import OperationError, ProofError
from parley.exchange.charter import Charter, parse
from parley.exchange.notes import check_line
from parley.exchange.own_steps import step_text
from parley.exchange.rounds import WHEN, Exchange, Step, apply, begin
from parley.room.check.logs import Entries, Log
from parley.room.check.problem import Problem
from parley.room.check.rooms import Names, was
from parley.room.logbook import log_key, moment
from parley.room.models import Round, Share
from parley.room.standing import snapshot
from parley.room.vault import take_out

STEPS = ("charter", *WHEN)


@dataclass(frozen=True)
class Story:
    """A round whose exchange could be followed through the log."""

    round: Round
    charter: Charter
    exchange: Exchange
    entries: Entries
    plenary: Log
    names: Names

    @property
    def where(self) -> str:
        """How problems name it."""
        return name(self.round)

    def of(self, kind: str) -> Entries:
        """Its entries of one kind."""
        return [(index, entry) for index, entry in self.entries if entry["kind"] == kind]


def name(round_: Round) -> str:
    """How problems name a round."""
    return f"room {round_.room_id}, round {round_.id}"


def plan_problems(round_: Round, plenary: Log) -> Iterator[Problem]:
    """Whether a round is planned as the log tells, and has an exchange only where the log has."""
    told = [entry for _, entry in plenary.of("round") if entry["round"] == round_.id]
    begins = moment(round_.begins) if round_.begins else None
    there = {
        "title": round_.title,
        "place": round_.place,
        "number": round_.number,
        "begins": begins,
    }
    if len(told) != 1 or any(told[0].get(key) != value for key, value in there.items()):
        yield Problem(name(round_), "It is not planned as the log tells.")


def lost_rounds(rounds: list[Round], plenary: Log) -> Iterator[Problem]:
    """Rounds that the log tells of, and that are not there."""
    told = {entry["round"] for _, entry in plenary.of("round")}
    told |= {entry["exchange"] for _, entry in plenary.of(*STEPS)}
    for lost in sorted(told - {round_.id for round_ in rounds}):
        what = "The log tells of it, and it is not there."
        yield Problem(f"room {plenary.channel.room_id}, round {lost}", what)


def followed(round_: Round, plenary: Log, names: Names, found: list[Problem]) -> Story | None:
    """Follow the exchange of a round through the log; what is wrong on the way goes to `found`.

    Raises
    ------
    ProofError
        If the charter is none.
    """
    entries = [told for told in plenary.of(*STEPS) if told[1].get("exchange") == round_.id]
    if not round_.mode:
        kept = (round_.charter, round_.state, round_.standing, round_.server_key, round_.locks)
        if entries or any(kept):
            found.append(Problem(name(round_), "It has an exchange without a mode."))
        return None
    charter = parse(round_.charter)
    found += _charter_problems(round_, charter, entries)
    exchange = begin(charter)
    for index, entry in entries:
        if entry["kind"] == "charter":
            continue
        try:
            exchange = _after(exchange, charter, entry)
        except (OperationError, ProofError) as error:
            what = f"Entry {index} (`{entry['kind']}`) should not be there: {error.what}"
            found.append(Problem(name(round_), what))
            return None
    return Story(round_, charter, exchange, entries, plenary, names)


def _charter_problems(round_: Round, charter: Charter, entries: Entries) -> Iterator[Problem]:
    """Whether the charter is that of this round and of the log."""
    there = (
        charter.room,
        charter.exchange,
        charter.round,
        charter.title,
        charter.mode,
        charter.deadline,
        charter.template,
        "mediator" in charter.recipients,
        charter.log,
    )
    wanted = (
        round_.room_id,
        round_.id,
        round_.number,
        round_.title,
        round_.mode,
        moment(round_.deadline) if round_.deadline else None,
        round_.template or None,
        round_.with_mediator,
        log_key(round_.room_id),
    )
    if there != wanted:
        yield Problem(name(round_), "Its charter is of another round, or was changed.")
    told = [entry for _, entry in entries if entry["kind"] == "charter"]
    said = [(e.get("charter"), e.get("mode"), e.get("round")) for e in told]
    if said != [(charter.hash(), charter.mode, charter.round)] or entries[0][1] != told[0]:
        yield Problem(name(round_), "The log holds another charter, or the exchange begins before.")


def _after(exchange: Exchange, charter: Charter, entry: dict[str, Any]) -> Exchange:
    """The exchange after an entry; who has a key must have signed what it did."""
    kind, who = entry["kind"], entry.get("who", "")
    core = entry.get("core") or exchange.deposits.get(who, "")
    after = apply(exchange, Step(kind, who, entry.get("core", "")))
    verifier = charter.signers().get(who)
    if kind not in {"agree", "withdraw", "alone"}:
        return after
    if verifier is not None:
        text = charter.text() if kind == "agree" else step_text(kind, charter.exchange, who, core)
        check_line(text, str(entry.get("signature")), verifier)
    elif entry.get("signature") is not None:
        raise ProofError("There is a signature where there are no keys.")
    return after


def standing_problems(story: Story) -> Iterator[Problem]:
    """Whether the round stands as its entries make it stand."""
    round_, exchange = story.round, story.exchange
    if round_.state != exchange.state or round_.standing != snapshot(exchange):
        what = f"It is kept as {round_.state or 'none'}, and by the log it is {exchange.state}."
        yield Problem(story.where, what)
    locks = {} if not story.of("released") else story.of("released")[0][1]["locks"]
    if round_.locks != locks:
        yield Problem(story.where, "Its locks are not those that were released.")
    yield from _share_problems(story)


def _share_problems(story: Story) -> Iterator[Problem]:
    """Whether the shares that are kept are those that the log tells of."""
    given = {entry["who"]: entry["at"] for _, entry in story.of("share")}
    given.pop("server", None)
    shares = list(Share.objects.filter(round=story.round).select_related("member__party"))
    there = {share.agent: moment(share.at) for share in shares}
    if there != (given if story.charter.agents else {}):
        yield Problem(story.where, "The shares are not those that the log tells of.")
    room, parties = story.round.room, set(story.charter.parties)
    for share in shares:
        named = {*share.layers, *share.failed}
        own = was(share.member, share.agent, room, share.at, story.names)
        if not named <= parties or not own:
            yield Problem(story.where, f"The share of the {share.agent} is of somebody else.")


def server_key_of(story: Story, found: list[Problem]) -> str | None:
    """The server's key for an exchange; whether it is there as long as it must, and no longer.

    Raises
    ------
    RoomError
        If it does not open with the key of the room.
    """
    round_, exchange = story.round, story.exchange
    simple = story.charter.mode == "simple"
    needed = not exchange.is_over or (simple and exchange.state == "RELEASED")
    if not round_.server_key:
        if needed:
            found.append(Problem(story.where, "The server's key for it is missing."))
        return None
    if not needed:
        what = "It has ended, and the server's key for it was not erased."
        found.append(Problem(story.where, what))
    key = take_out(round_.room_id, bytes(round_.server_key)).decode()
    public = str(x25519.Identity.from_str(key).to_public())
    agent = story.charter.agents.get("server")
    if agent is not None and agent.age != public:
        found.append(Problem(story.where, "The server's key is not that of the charter."))
    return key
