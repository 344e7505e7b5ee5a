"""What may happen in an exchange, and when: all texts open at once, or none of them.

    DRAFT → OPEN (all have agreed to the charter) → ARMED (all texts are there) → CHECKED → RELEASED

with the exits WITHDRAWN (called off before ARMED), EXPIRED (the deadline came first) and VOID (a
text is not what its author signed). ARMED is the point of no return: from there no party can take
its text back, and nobody's clock counts. What happened is the order of the log; this is the rule by
which the log is read, by the room that writes it and by anybody who checks it later.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field, replace
from itertools import islice
from types import MappingProxyType
from typing import Literal

from parley.errors import OperationError
from parley.exchange.charter import Charter

State = Literal["DRAFT", "OPEN", "ARMED", "CHECKED", "RELEASED", "WITHDRAWN", "EXPIRED", "VOID"]
Kind = Literal[
    "agree", "deposit", "withdraw", "armed", "share", "checked", "released", "void", "deadline",
    "call-off", "alone",
]  # fmt: skip

NOTHING: Mapping[str, str] = MappingProxyType({})
WHEN: dict[Kind, tuple[State, ...]] = {
    "agree": ("DRAFT",),
    "deposit": ("OPEN",),
    "withdraw": ("OPEN",),
    "armed": ("OPEN",),
    "share": ("ARMED",),
    "checked": ("ARMED",),
    "void": ("ARMED",),
    "released": ("CHECKED",),
    "deadline": ("DRAFT", "OPEN"),
    "call-off": ("DRAFT", "OPEN"),
    "alone": ("EXPIRED",),
}
"""In which states each step may be taken."""

REFUSED: dict[State, str] = {
    "DRAFT": "Not all have agreed to the charter yet.",
    "OPEN": "Not all texts are there yet.",
    "ARMED": "All texts are there: from here nothing can be taken back or added.",
    "CHECKED": "All texts are there: from here nothing can be taken back or added.",
    "RELEASED": "The texts are open: this exchange has ended.",
    "WITHDRAWN": "This exchange was called off.",
    "EXPIRED": "The deadline has passed; nothing was opened.",
    "VOID": "A text was not what its author had signed; nothing was opened.",
}


@dataclass(frozen=True)
class Step:
    """One thing that happened: what, by whom, and (for a text) its commitment."""

    kind: Kind
    who: str = ""
    commitment: str = ""


class Used(Set[str]):
    """Commitments in the order in which they came; adding one copies nothing.

    The same dict stands behind all sets of one exchange, each of which sees its beginning.
    """

    def __init__(self, places: dict[str, int] | None = None, size: int = 0) -> None:
        self._places, self._size = {} if places is None else places, size

    def __contains__(self, commitment: object) -> bool:
        place = self._places.get(commitment) if isinstance(commitment, str) else None
        return place is not None and place < self._size

    def __iter__(self) -> Iterator[str]:
        return islice(self._places, self._size)

    def __len__(self) -> int:
        return self._size

    def also(self, commitment: str) -> Used:
        """These and one more."""
        places = self._places
        if len(places) != self._size:  # another step was taken from here before
            places = dict(islice(places.items(), self._size))
        places[commitment] = self._size
        return Used(places, self._size + 1)


@dataclass(frozen=True)
class Exchange:
    """How an exchange stands.

    Parameters
    ----------
    parties, agents
        Who lays down a text; who can help to open (in the simple mode the server and anyone of
        mediator and witness).
    must_agree
        Who has to agree to the charter.
    deposits
        Commitment of each text that is there now, by party.
    used
        Commitments of all texts ever laid down here, so that none can be laid down again by
        another.
    shares
        Agents who have given their share.
    alone
        Parties that have laid their text open by themselves after the deadline.
    """

    parties: frozenset[str]
    agents: frozenset[str]
    must_agree: frozenset[str]
    state: State = "DRAFT"
    agreed: frozenset[str] = frozenset()
    deposits: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    used: Used = field(default_factory=Used)
    shares: frozenset[str] = frozenset()
    alone: Mapping[str, str] = field(default_factory=lambda: NOTHING)

    @property
    def is_over(self) -> bool:
        """Whether it has ended, one way or another."""
        return self.state in {"RELEASED", "WITHDRAWN", "EXPIRED", "VOID"}

    @property
    def missing(self) -> frozenset[str]:
        """Parties whose text is not there."""
        return self.parties - set(self.deposits)


def begin(charter: Charter) -> Exchange:
    """An exchange on the terms of a charter, before anybody has agreed to it."""
    agents = frozenset(charter.agents) or frozenset({"server", "mediator", "witness"})
    parties = frozenset(charter.parties)
    return Exchange(parties, agents, frozenset(charter.signers()) or parties | {"mediator"})


def apply(exchange: Exchange, step: Step) -> Exchange:
    """The exchange after a step.

    Raises
    ------
    OperationError
        If the step is not allowed as things stand; the exchange is as it was.
    """
    if exchange.state not in WHEN.get(step.kind, ()):
        raise OperationError(REFUSED[exchange.state])
    if is_complete(exchange) and step.kind != "armed":
        raise OperationError(REFUSED["ARMED"])
    if step.kind in {"agree", "share"}:
        return _joined(exchange, step)
    if step.kind in {"deposit", "withdraw", "alone"}:
        return _texts(exchange, step)
    return _moved(exchange, step)


def replay(exchange: Exchange, steps: Iterable[Step]) -> Exchange:
    """The exchange after all these steps.

    Raises
    ------
    OperationError
        If one of them is not allowed.
    """
    for step in steps:
        exchange = apply(exchange, step)
    return exchange


def is_complete(exchange: Exchange) -> bool:
    """Whether the texts are all there and the step ``armed`` must follow."""
    return exchange.state == "OPEN" and not exchange.missing


def can_open(exchange: Exchange) -> bool:
    """Whether two agents have given their share."""
    return exchange.state == "ARMED" and len(exchange.shares) >= 2


def _joined(exchange: Exchange, step: Step) -> Exchange:
    """After somebody has agreed, or has given a share."""
    if step.kind == "share":
        if step.who not in exchange.agents:
            raise OperationError(f"`{step.who}` is no release agent of this exchange.")
        return replace(exchange, shares=exchange.shares | {step.who})
    if step.who not in exchange.must_agree:
        raise OperationError(f"`{step.who}` does not sign this charter.")
    agreed = exchange.agreed | {step.who}
    state: State = "OPEN" if agreed == exchange.must_agree else "DRAFT"
    return replace(exchange, agreed=agreed, state=state)


def _texts(exchange: Exchange, step: Step) -> Exchange:
    """After a text was laid down, replaced, taken back, or laid open alone."""
    if step.who not in exchange.parties:
        raise OperationError(f"`{step.who}` is no party of this exchange.")
    if step.kind == "alone":
        return _alone(exchange, step)
    deposits = dict(exchange.deposits)
    if step.kind == "withdraw":
        if deposits.pop(step.who, None) is None:
            raise OperationError("There is no text to take back.")
        return replace(exchange, deposits=MappingProxyType(deposits))
    if not step.commitment or step.commitment in exchange.used:
        what = "This very text was laid down before in this exchange."
        raise OperationError(what, "Seal it anew.")
    deposits[step.who] = step.commitment
    used = exchange.used.also(step.commitment)
    return replace(exchange, deposits=MappingProxyType(deposits), used=used)


def _alone(exchange: Exchange, step: Step) -> Exchange:
    if exchange.deposits.get(step.who) != step.commitment or not step.commitment:
        raise OperationError("This is not the text that was laid down.")
    alone = {**exchange.alone, step.who: step.commitment}
    return replace(exchange, alone=MappingProxyType(alone))


def _moved(exchange: Exchange, step: Step) -> Exchange:
    """After a step that moves the exchange as a whole."""
    if step.kind == "armed" and exchange.missing:
        raise OperationError(REFUSED["OPEN"])
    if step.kind in {"checked", "void"} and not can_open(exchange):
        raise OperationError("Two release agents are needed to open it.")
    after: dict[str, State] = {
        "armed": "ARMED",
        "checked": "CHECKED",
        "void": "VOID",
        "released": "RELEASED",
        "deadline": "EXPIRED",
        "call-off": "WITHDRAWN",
    }
    return replace(exchange, state=after[step.kind])
