"""What a release agent gives: its layer off every lock, or the locks themselves once both are off.

An agent helps to open all texts of an exchange or none: it takes off nothing as long as one party's
text is missing or is not as its party signed it, and it checks that every lock opens what was
signed before it hands on a single one.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from parley.errors import ParleyError, ProofError, SettingError
from parley.exchange import canonical
from parley.exchange.charter import Charter
from parley.exchange.core import Header
from parley.exchange.keys import Identity
from parley.exchange.sealing import Agent, Deposit, check_deposit, open_lock, pairs_of, peel, read

FORMAT = "parley-share-1"


@dataclass(frozen=True)
class Share:
    """What an agent gives for an exchange.

    Parameters
    ----------
    locks
        Of each party the key of its lock, once both layers are off.
    layers
        Of each party the lock with the layer of the other agent still on.
    """

    exchange: str
    agent: str
    locks: Mapping[str, str] = field(default_factory=dict)
    layers: Mapping[str, bytes] = field(default_factory=dict)


def to_json(share: Share) -> bytes:
    """The share as a file: canonical JSON."""
    fields: dict[str, object] = {
        "format": FORMAT,
        "exchange": share.exchange,
        "agent": share.agent,
    }
    if share.layers:
        fields["layers"] = {p: base64.b64encode(x).decode() for p, x in share.layers.items()}
    else:
        fields["locks"] = dict(share.locks)
    return canonical.encode(fields)


def from_json(raw: bytes) -> Share:
    """A share from a file; nothing is checked but the form.

    Raises
    ------
    ProofError
        If it is none.
    """
    share = canonical.restored(raw, FORMAT, _share, to_json)
    if share is None:
        raise ProofError("This is no share of a release agent.", "Look whether it is the file.")
    return share


def _share(fields: dict[str, Any]) -> Share:
    canonical.shaped(fields, exchange=str, agent=str)
    layers = {p: base64.b64decode(x, validate=True) for p, x in fields.get("layers", {}).items()}
    locks = fields.get("locks", {})
    canonical.shaped(locks, **dict.fromkeys(locks, str))
    return Share(fields["exchange"], fields["agent"], locks, layers)


def header_of(charter: Charter, party: str) -> Header:
    """What a text of a party belongs to."""
    return Header(charter.room, charter.exchange, party, charter.round, charter.hash())


def check_own(charter: Charter, deposit: Deposit) -> str:
    """Check that a deposit is of this exchange and signed by its party; the party.

    Raises
    ------
    ProofError
        If it is not.
    """
    party = deposit.header.party
    verifier = charter.signers().get(party)
    if party not in charter.parties or verifier is None:
        raise ProofError(f"`{party}` is no party of this exchange.", "Refuse it.")
    check_deposit(deposit, header_of(charter, party), verifier, charter.agents)
    return party


def given(
    charter: Charter,
    deposits: Mapping[str, Deposit],
    agent: Identity,
    before: Share | None = None,
    partner: str | None = None,
) -> Share:
    """What an agent gives: layers for its partner, or locks on top of the layers given `before`.

    Parameters
    ----------
    deposits
        Of every party, each as `check_own` lets it pass.
    partner
        The agent that takes off the other layer; left out: the first with whom this one begins.

    Raises
    ------
    ProofError
        If a layer does not come off, or under a lock is not what was signed.
    SettingError
        If a text is missing, or it is not this agent's turn.
    """
    me = _agent(charter, agent)
    missing = sorted(set(charter.parties) - set(deposits))
    if missing:
        what = f"The text of `{missing[0]}` is missing: all open at once, or none."
        raise SettingError(what, "Give the deposits of all parties.")
    if before is None:
        wrap = pairs_of(charter.agents).index(_pair(charter, me, partner))
        layers = _each(deposits, lambda party: peel(deposits[party].wraps[wrap], agent.age))
        return Share(charter.exchange, me, layers=layers)
    _check_before(charter, before, me)
    locks = _each(deposits, lambda party: peel(before.layers[party], agent.age))
    _each(deposits, lambda party: _checked(charter, deposits[party], locks[party], agent))
    return Share(charter.exchange, me, {party: lock.decode() for party, lock in locks.items()})


def opened_text(deposit: Deposit, share: Share, reader: Identity) -> bytes:
    """The text of a deposit, with the locks of a share, for one of its recipients.

    Raises
    ------
    ProofError
        If the share has no lock of it, it opens something else, or not for this key.
    """
    party = deposit.header.party
    if share.exchange != deposit.header.exchange or party not in share.locks:
        raise ProofError(f"There is no lock of the text of `{party}` here.", "Take the other file.")
    return read(deposit, open_lock(deposit, share.locks[party].encode()), reader.age)


def _agent(charter: Charter, agent: Identity) -> Agent:
    keys = charter.agents.get(cast("Agent", agent.name))
    if keys is None:
        what = f"`{agent.name}` is no release agent of this exchange."
        raise SettingError(what, f"They are: {', '.join(charter.agents)}.")
    if keys.age != agent.public.age:
        what = f"The charter has another key of `{agent.name}` than this one."
        raise ProofError(what, "Take the key that the charter was made with.")
    return cast("Agent", agent.name)


def _pair(charter: Charter, me: Agent, partner: str | None) -> tuple[Agent, Agent]:
    mine = [pair for pair in pairs_of(charter.agents) if pair[0] == me]
    for pair in mine:
        if partner in {None, pair[1]}:
            return pair
    what = f"`{me}` does not begin{f' with `{partner}`' if partner else ''}."
    raise SettingError(what, "The other agent takes its layer off first: give its file.")


def _check_before(charter: Charter, before: Share, me: Agent) -> None:
    if before.exchange != charter.exchange:
        raise ProofError("The layers are of another exchange.", "Take the file of this one.")
    if (before.agent, me) not in pairs_of(charter.agents) or set(before.layers) != set(
        charter.parties
    ):
        what = f"These are no layers for `{me}` to take off, or not of all parties."
        raise ProofError(what, "Ask the other agent for its file.")


def _checked(charter: Charter, deposit: Deposit, lock: bytes, agent: Identity) -> bytes:
    """What lies under a lock is what was signed; the mediator, if it reads, looks into the text."""
    inner = open_lock(deposit, lock)
    if agent.name in charter.recipients:
        read(deposit, inner, agent.age)
    return lock


def _each(parties: Mapping[str, object], do: Callable[[str], bytes]) -> dict[str, bytes]:
    """Of each party; an error says whose text it is."""
    found = {}
    for party in sorted(parties):
        try:
            found[party] = do(party)
        except ParleyError as error:
            raise ProofError(error.what, error.remedy, where=f"the text of `{party}`") from None
    return found
