"""Opening the texts: all at once, by two of the release agents, or none of them.

In the simple mode the server holds the texts, and one of mediator and witness is the second. Else
a release agent takes off its own layer on its own device; the server checks every lock before any
party gets anything, and publishes all locks in one transaction.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import pyrage
from pyrage import x25519

from parley.errors import OperationError, ProofError
from parley.exchange.core import text_of
from parley.exchange.rounds import can_open
from parley.exchange.sealing import PAIRS, Agent, from_json, open_lock, pairs_of, peel
from parley.room.access import Actor
from parley.room.deposits import header_of, server_key
from parley.room.models import Deposit, Mode, Round, Share
from parley.room.standing import Held, charter_of, held


@dataclass(frozen=True)
class Given:
    """What a release agent brings.

    Parameters
    ----------
    locks
        Of each party, the key of its lock, once both layers are off.
    layers
        Of each party, the lock with the layer of the other agent still on, where the server is
        not to take part.
    failed
        Parties whose layer would not come off.
    """

    locks: Mapping[str, str] = field(default_factory=dict)
    layers: Mapping[str, str] = field(default_factory=dict)
    failed: tuple[str, ...] = ()


def request_of(actor: Actor, round_: Round) -> dict[str, object]:
    """What a release agent needs: every deposit, with the layers that are already off.

    That the server takes its own layer off is written in the log, once.

    Raises
    ------
    OperationError
        If not all texts are there, or the mode has no such agent.
    """
    with held(actor.room, round_.id) as here:
        agent = _agent(here, actor)
        if here.exchange.state != "ARMED":
            raise OperationError("There is nothing to open now.", "All texts must be there.")
        if not here.charter.agents:
            raise OperationError("The server holds these texts; there is no lock to open.")
        deposits = _current(here)
        layers = _layers(here, agent, deposits)
        if "server" not in here.exchange.shares:
            here.take("share", "server")
    return {
        "deposits": {party: raw.decode() for party, raw in deposits.items()},
        "layers": layers,
        "others": _others(round_, agent),
    }


def _layers(here: Held, agent: Agent, deposits: Mapping[str, bytes]) -> dict[str, str]:
    """Of each party, the lock with this agent's layer alone on it; what will not come off is
    left out."""
    place = pairs_of(here.charter.agents).index(("server", agent))
    key, found = server_key(here.round), {}
    for party, raw in deposits.items():
        try:
            layer = peel(from_json(raw).wraps[place], key)
        except ProofError:
            continue
        found[party] = base64.b64encode(layer).decode()
    return found


def _others(round_: Round, agent: Agent) -> dict[str, str]:
    """Layers that another agent left for this one."""
    others = Share.objects.filter(round=round_).exclude(agent=agent)
    return {party: layer for share in others for party, layer in share.layers.items()}


def give_share(actor: Actor, round_: Round, given: Given) -> str:
    """Give the share of a release agent; the state after it.

    Raises
    ------
    OperationError
        If there is nothing to open, or a lock is not that of the deposit.
    """
    with held(actor.room, round_.id) as here:
        agent = _agent(here, actor)
        if here.exchange.state != "ARMED":
            raise OperationError("There is nothing to open now.", "Look how the round stands.")
        if here.charter.mode == Mode.SIMPLE.value:
            here.take("share", agent)
            here.take("share", "server")
            _open_simple(here)
            return here.exchange.state
        if set(given.locks) | set(given.layers) | set(given.failed) != set(here.charter.parties):
            raise OperationError("The share has not all parties.", "Make it anew.")
        _refuse_foreign(here, given)
        _keep_share(here, actor, agent, given)
        here.take("share", agent)
        _go_on(here, given)
        return here.exchange.state


def _keep_share(here: Held, actor: Actor, agent: Agent, given: Given) -> None:
    Share.objects.update_or_create(
        round=here.round,
        agent=agent,
        defaults={
            "member": actor.here,
            "layers": dict(given.layers),
            "failed": list(given.failed),
            "at": here.now,
        },
    )


def _go_on(here: Held, given: Given) -> None:
    """Open, or find that a text is not what was signed, or wait for the other agent."""
    if given.failed:
        failed = [set(share.failed) for share in Share.objects.filter(round=here.round)]
        tried = len(here.charter.agents) - 1
        if len(failed) >= tried and set.intersection(*failed) and can_open(here.exchange):
            party = min(set.intersection(*failed))
            here.take("void", party, why="the layers of its lock would not come off")
            here.erase()
        return
    if given.locks and can_open(here.exchange):
        _open_sealed(here, given.locks)


def _refuse_foreign(here: Held, given: Given) -> None:
    """A lock that is not the one of the deposit is the agent's mistake, not the party's."""
    deposits = _current(here)
    for party, lock in given.locks.items():
        try:
            public = str(x25519.Identity.from_str(lock).to_public())
        except (pyrage.IdentityError, ValueError):
            public = ""
        if public != from_json(deposits[party]).lock:
            what = "The share does not fit the deposits."
            raise OperationError(what, "Make it anew from this round.")


def _open_sealed(here: Held, locks: Mapping[str, str]) -> None:
    """Check all locks; publish all of them, or none."""
    for party, raw in _current(here).items():
        try:
            open_lock(from_json(raw), locks[party].encode())
        except ProofError:
            here.take("void", party, why="under its lock is not what it had signed")
            here.erase()
            return
    here.take("checked")
    here.take("released", locks=dict(sorted(locks.items())))
    here.round.locks = dict(locks)
    here.round.server_key = b""
    here.round.save(update_fields=["locks", "server_key"])


def _open_simple(here: Held) -> None:
    """Check that every text is what it was when laid down; then all may read."""
    for party, blob in _current(here).items():
        try:
            text_of(
                _core(here.round, blob, here.exchange.deposits[party]), header_of(here.round, party)
            )
        except ProofError:
            here.take("void", party, why="what the server holds is not what was laid down")
            here.erase()
            return
    here.take("checked")
    here.take("released", locks={})


def _core(round_: Round, blob: bytes, digest: str) -> bytes:
    """In the simple mode: the core under the server's key, checked by its hash."""
    try:
        core: bytes = pyrage.decrypt(blob, [x25519.Identity.from_str(server_key(round_))])
    except pyrage.DecryptError:
        raise ProofError("What the server holds does not open.") from None
    if hashlib.sha256(core).hexdigest() != digest:
        raise ProofError("What the server holds was changed.")
    return core


def _current(here: Held) -> dict[str, bytes]:
    found = Deposit.objects.filter(round=here.round, current=True).select_related("party")
    return {deposit.party.slug: bytes(deposit.blob) for deposit in found}


def _agent(here: Held, actor: Actor) -> Agent:
    agents = dict(PAIRS)  # in the simple mode anybody of mediator and witness
    known = {*agents, *agents.values()} - {"server"}
    allowed = set(here.charter.agents) or known
    if actor.who not in allowed & known:
        raise OperationError("You are no release agent of this exchange.")
    return actor.who


def call_off(actor: Actor, round_: Round) -> None:
    """Call an exchange off, before all texts are there; what was laid down is erased.

    Raises
    ------
    OperationError
        If it is too late.
    """
    with held(actor.room, round_.id) as here:
        here.take("call-off", actor.who)
        here.erase()


def opened_core(deposit: Deposit) -> bytes | None:
    """What the server can show of a text that is open: its core; ``None`` if it cannot.

    In the simple mode after the release; in any mode what a party has laid open alone.

    Raises
    ------
    ProofError
        If what the server holds is not what was laid down.
    """
    round_ = deposit.round
    party = deposit.party.slug
    if round_.state == "EXPIRED" and round_.standing["alone"].get(party) == deposit.core:
        return bytes(deposit.blob)
    if round_.state == "RELEASED" and round_.mode == Mode.SIMPLE and deposit.current:
        return _core(round_, bytes(deposit.blob), deposit.core)
    return None


def may_read(actor: Actor, round_: Round) -> bool:
    """Whether somebody is among those for whom the texts of a round open.

    A party that came into the room later is none of them: it does not stand in the charter.
    """
    if not round_.charter:
        return False
    if actor.is_mediating:
        return round_.with_mediator or round_.state == "EXPIRED"
    return actor.party is not None and actor.party.slug in charter_of(round_).parties
