"""How the exchange of a round stands, in words, and what waits for whom."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

from django.db import DatabaseError
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parley.exchange.charter import Charter, words
from parley.exchange.rounds import Exchange
from parley.room import clock
from parley.room.access import Actor
from parley.room.logbook import entries_about, last_about, moment
from parley.room.models import Deposit, Mode, Round
from parley.room.opening import may_read
from parley.room.standing import charter_of, settle, standing

STATES = {
    "": gettext_lazy("Planned"),
    "DRAFT": gettext_lazy("To be agreed"),
    "OPEN": gettext_lazy("Texts can be laid down"),
    "ARMED": gettext_lazy("All texts are there"),
    "CHECKED": gettext_lazy("All texts are there"),
    "RELEASED": gettext_lazy("Texts are open"),
    "WITHDRAWN": gettext_lazy("Called off"),
    "EXPIRED": gettext_lazy("Deadline passed"),
    "VOID": gettext_lazy("Void"),
}
STOPPED = {
    "WITHDRAWN": gettext_lazy(
        "The mediator called the exchange off. What was laid down is erased."
    ),
    "EXPIRED": gettext_lazy(
        "The deadline passed before all texts were there. Nothing was opened; what this server held"
        " is erased."
    ),
}
TONES = {
    "": "open",
    "DRAFT": "waiting",
    "OPEN": "waiting",
    "ARMED": "open",
    "CHECKED": "open",
    "RELEASED": "done",
    "WITHDRAWN": "ended",
    "EXPIRED": "ended",
    "VOID": "void",
}
MODES = {
    Mode.SEALED: gettext_lazy("Sealed, two of three open"),
    Mode.TWO_AGENTS: gettext_lazy("Sealed, server and mediator open"),
    Mode.SIMPLE: gettext_lazy("Simple, the server holds the texts"),
}


@dataclass(frozen=True)
class Agreed:
    """Somebody who has to agree to the charter; `at` is empty until then."""

    who: str
    name: str
    at: str = ""


@dataclass(frozen=True)
class Laid:
    """What all see of the text of a party: whether it is there, since when, how large, its hash."""

    party: str
    name: str
    at: str = ""
    size: int = 0
    core: str = ""
    alone: bool = False

    @property
    def kilobytes(self) -> int:
        """The padded size."""
        return -(-self.size // 1024)


@dataclass(frozen=True)
class Step:
    """What somebody can do next, or what he waits for: `link` is the name of an address."""

    words: str
    link: str = ""
    label: str = ""


@dataclass(frozen=True)
class Shown:
    """How a round stands, as a page shows it; a round without an exchange has no charter."""

    round: Round
    step: Step
    charter: Charter | None = None
    exchange: Exchange | None = None

    @cached_property
    def agreed(self) -> tuple[Agreed, ...]:
        """Who has to agree to the charter, and who has when."""
        if self.charter is None or self.exchange is None:
            return ()
        return _agreed(self.charter, self.exchange)

    @cached_property
    def laid(self) -> tuple[Laid, ...]:
        """What all see of the texts."""
        if self.charter is None or self.exchange is None:
            return ()
        return _laid(self.charter, self.exchange)

    @property
    def state(self) -> str:
        """The state, as a word."""
        return str(STATES[self.round.state])

    @property
    def tone(self) -> str:
        """Its class as a badge."""
        return TONES[self.round.state]

    @property
    def mode(self) -> str:
        """The mode, in words."""
        return str(MODES.get(Mode(self.round.mode), "")) if self.round.mode else ""

    @property
    def is_simple(self) -> bool:
        """Whether the server holds the texts, so that the page must warn of it."""
        return self.round.mode == Mode.SIMPLE

    @property
    def words(self) -> list[str]:
        """The twelve words that stand for the charter."""
        return words(self.charter.hash()).split() if self.charter else []

    @property
    def all_there(self) -> bool:
        """Whether all texts were there, whatever came of it."""
        return self.has("ARMED", "CHECKED", "RELEASED", "VOID")

    @property
    def is_stopped(self) -> bool:
        """Whether it has ended without opening."""
        return self.has("WITHDRAWN", "EXPIRED", "VOID")

    @property
    def why(self) -> str:
        """Why it has ended so; of a void text, whose it was."""
        if not self.has("VOID") or self.charter is None:
            return str(STOPPED.get(self.round.state, ""))
        # with it the exchange has ended
        void = last_about(self.round.id)
        words = _("The text of %(name)s was not what it had signed. Nothing was opened.")
        return words % {"name": name_of(self.charter, str(void["who"]))}

    def has(self, *states: str) -> bool:
        """Whether it is in one of these states."""
        return self.round.state in states


def found(actor: Actor, round_id: str) -> Round:
    """A round of the room; if its deadline has passed meanwhile, that is written down first."""
    round_ = actor.one(Round, id=round_id)
    if _settled(round_.id):
        round_.refresh_from_db()
    return round_


def all_found(actor: Actor) -> list[Round]:
    """All rounds of the room as `found`, the newest first."""
    rounds = actor.all(Round).order_by("-number")
    late = rounds.filter(state__in=("DRAFT", "OPEN"), deadline__lt=clock.now())
    for round_id in list(late.values_list("id", flat=True)):
        _settled(round_id)
    return list(rounds)


def _settled(round_id: str) -> bool:
    """Write down that a deadline has passed, if it has; whether it was so.

    Where nothing can be written now, pages are read all the same; whoever writes first says it.
    """
    with suppress(DatabaseError):
        return settle(round_id)
    return False


def shown(actor: Actor, round_: Round) -> Shown:
    """How a round stands for somebody."""
    if not round_.mode:
        return Shown(round_, Step(_("A round of talks without an exchange of texts.")))
    charter, exchange = charter_of(round_), standing(round_)
    return Shown(round_, next_step(actor, round_, charter, exchange), charter, exchange)


def name_of(charter: Charter, who: str) -> str:
    """The name of a party or agent."""
    if who in charter.parties:
        return charter.parties[who].name
    names = {"mediator": _("the mediator"), "witness": _("the witness"), "server": _("this server")}
    return names.get(who, who)


def _agreed(charter: Charter, exchange: Exchange) -> tuple[Agreed, ...]:
    # of a round the log holds first its plan, then its charter, then who agreed
    entries = entries_about(charter.exchange, most=2 + len(exchange.must_agree))
    at = {entry["who"]: str(entry["at"]) for entry in entries if entry["kind"] == "agree"}
    order = [*charter.parties, "mediator", "witness"]
    return tuple(
        Agreed(who, _at_head(charter, who), at.get(who, ""))
        for who in sorted(exchange.must_agree, key=order.index)
    )


def _at_head(charter: Charter, who: str) -> str:
    """The name of a party as it writes itself; of an agent with a capital."""
    name = name_of(charter, who)
    return name if who in charter.parties else capfirst(name)


def _laid(charter: Charter, exchange: Exchange) -> tuple[Laid, ...]:
    cores = list(exchange.deposits.values())
    rows = Deposit.objects.filter(round=charter.exchange, core__in=cores)
    there = {core: (moment(at), size) for core, at, size in rows.values_list("core", "at", "size")}
    found_ = []
    for party, side in charter.parties.items():
        core = exchange.deposits.get(party, "")
        at, size = there.get(core, ("", 0))
        core = core if core in there else ""
        found_.append(Laid(party, side.name, at, size, core, party in exchange.alone))
    return tuple(found_)


def next_step(actor: Actor, round_: Round, charter: Charter, exchange: Exchange) -> Step:
    """What waits for somebody in a round now, in plain words."""
    of_state: dict[str, Callable[[Actor, Round, Charter, Exchange], Step]] = {
        "DRAFT": _to_agree,
        "OPEN": _to_lay_down,
        "ARMED": _to_open,
        "CHECKED": _to_open,
        "RELEASED": _to_read,
        "EXPIRED": _after_deadline,
    }
    if round_.state in of_state:
        return of_state[round_.state](actor, round_, charter, exchange)
    if round_.state == "VOID":
        return Step(_("A text was not what its author had signed. Nothing was opened."))
    return Step(_("This exchange was called off. What was laid down has been erased."))


def _to_agree(actor: Actor, _round: Round, charter: Charter, exchange: Exchange) -> Step:
    missing = exchange.must_agree - exchange.agreed
    if actor.who in missing:
        told = _("Read the charter of this exchange, and agree to it if you can.")
        return Step(told, "agree", _("Read and agree"))
    told = _("Waiting for agreement to the charter by: %(names)s.")
    return Step(told % {"names": _names(charter, missing)})


def _to_lay_down(actor: Actor, _round: Round, charter: Charter, exchange: Exchange) -> Step:
    names = {"names": _names(charter, exchange.missing)}
    party = actor.party.slug if actor.party else ""
    if party in exchange.missing:
        return Step(_("Lay down your text before the deadline."), "deposit", _("Lay down a text"))
    if party in exchange.deposits:
        told = _("Your text is there. Waiting for the text of: %(names)s.") % names
        return Step(told + " " + _("Until then you can replace it or take it back."))
    return Step(_("Waiting for the text of: %(names)s.") % names)


def _to_open(actor: Actor, _round: Round, charter: Charter, exchange: Exchange) -> Step:
    there = _("All texts are there; from here nothing can be taken back or added.")
    agents = set[str](charter.agents) or {"mediator", "witness"}
    gave = exchange.shares - {"server"}
    if actor.who in agents and actor.who not in gave:
        told = _("You can open them now.")
        return Step(f"{there} {told}", "opening", _("Open the texts"))
    if actor.who in agents:
        told = _("You have given your share. One more release agent is needed.")
        return Step(f"{there} {told}", "opening", _("Look at the opening"))
    others = _names(charter, agents - gave - {"server"})
    told = _("They are opened by: %(names)s.") % {"names": others}
    return Step(f"{there} {told}")


def _to_read(actor: Actor, round_: Round, *_more: object) -> Step:
    if may_read(actor, round_) and actor.may("opened.read"):
        return Step(_("The texts are open. You can read them."), "opened", _("Read the texts"))
    return Step(_("The texts are open to those who may read them."))


def _after_deadline(actor: Actor, _round: Round, _charter: Charter, exchange: Exchange) -> Step:
    told = _("The deadline has passed before all texts were there. Nothing was opened.")
    party = actor.party.slug if actor.party else ""
    if party in exchange.deposits and party not in exchange.alone:
        more = _("If you wish, you can lay your own text open alone.")
        return Step(f"{told} {more}", "alone", _("Lay my text open alone"))
    if exchange.alone and actor.may("opened.read"):
        return Step(told, "opened", _("Read what was laid open"))
    return Step(told)


def _names(charter: Charter, who: frozenset[str] | set[str]) -> str:
    order = [*charter.parties, "mediator", "witness", "server"]
    return ", ".join(name_of(charter, name) for name in sorted(who, key=order.index))
