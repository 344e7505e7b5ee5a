"""A single text as its page shows it: every provision, its brackets, and what can be done there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from parley.room import single_texts
from parley.room.access import Actor
from parley.room.models import Motion, Party, SingleText
from parley.room.views.channels import by_whom
from parley.texts.articles import HEADED
from parley.texts.single import operations as op
from parley.texts.single.brackets import Bracket, Content, brackets_in, written
from parley.texts.single.state import SingleText as State
from parley.texts.single.views import open_points, place_in

LATEST = 30


@dataclass(frozen=True)
class Wording:
    """One wording in a bracket."""

    number: int
    by: str
    pieces: tuple[Piece, ...]
    words: str
    is_mine: bool


@dataclass(frozen=True)
class Piece:
    """Words that are agreed, or a bracket."""

    words: str = ""
    bracket: str = ""
    wordings: tuple[Wording, ...] = ()


@dataclass(frozen=True)
class OpenBracket:
    """A bracket with which something can be done."""

    id: str
    wordings: tuple[Wording, ...]
    is_reserved: bool


@dataclass(frozen=True)
class Place:
    """A provision: where it stands, what it says, what is open in it."""

    number: int
    id: str
    label: str
    level: int
    pieces: tuple[Piece, ...]
    brackets: tuple[OpenBracket, ...]
    reserved_by: tuple[str, ...]
    is_reserved: bool
    is_new: bool


@dataclass(frozen=True)
class Waiting:
    """What was put forward and waits for somebody's agreement."""

    motion: Motion
    what: str
    text: str
    agreed: tuple[str, ...]
    missing: tuple[str, ...]
    may_agree: bool
    may_take_back: bool


@dataclass(frozen=True)
class Names:
    """Delegations by their ids."""

    known: dict[str, str]

    def of(self, who: str) -> str:
        """The name of a delegation; the mediator by what he is."""
        return self.known.get(who, _("Mediator") if who == "mediator" else who)

    def all(self, by: tuple[str, ...]) -> tuple[str, ...]:
        """The names of several."""
        return tuple(map(self.of, by))


def shown(actor: Actor, single: SingleText, at: int | None) -> dict[str, Any]:
    """All that the page needs; `at` is the provision on which somebody works."""
    read = single_texts.read(single)
    known = dict(Party.objects.filter(room=single.room_id).values_list("slug", "name"))
    names = Names(known)
    state = read.state
    places = [_place(k, name, state, names, actor) for k, name in enumerate(state.order())]
    return {
        "single": single,
        "state": state,
        "places": places,
        "at": at if actor.may("single.work") else None,
        "number_of": {place.id: place.number for place in places},
        "points": [(p, _number(places, p.at)) for p in open_points(state)],
        "waiting": [
            _waiting(motion, missing, names, actor)
            for motion, missing in single_texts.open_motions(single, state)
        ],
        "may_work": actor.may("single.work"),
        "is_delegation": actor.party is not None and actor.party.slug in state.delegations,
        "is_clean": not state.open and not state.reservations,
        "next_round": state.round + 1,
        "by_round": sorted(read.by_round.items()),
        "latest": [_told(step, names, state) for step in read.log.operations[: -LATEST - 1 : -1]],
        "language": state.base.language,
    }


def _number(places: list[Place], name: str) -> int:
    return next(place.number for place in places if place.id == name)


def _place(number: int, name: str, state: State, names: Names, actor: Actor) -> Place:
    provision = state.base.by_id.get(name)
    content = state.content[name]
    reserved = sorted(r.who for r in state.reservations if r.on == name)
    return Place(
        number=number,
        id=name,
        label=provision.label if provision is not None else "",
        level=0 if provision is None or provision.kind not in HEADED else 3,
        pieces=_pieces(content, names, actor),
        brackets=tuple(_bracket(b, state, names, actor) for b in brackets_in(content)),
        reserved_by=names.all(tuple(reserved)),
        is_reserved=actor.who in reserved,
        is_new=provision is None,
    )


def _pieces(content: Content, names: Names, actor: Actor) -> tuple[Piece, ...]:
    return tuple(
        Piece(words=node)
        if isinstance(node, str)
        else Piece(bracket=node.id, wordings=_wordings(node, names, actor))
        for node in content
    )


def _wordings(bracket: Bracket, names: Names, actor: Actor) -> tuple[Wording, ...]:
    return tuple(
        Wording(
            number=k,
            by=", ".join(names.all(alternative.by)),
            pieces=_pieces(alternative.content, names, actor),
            words=written(alternative.content),
            is_mine=actor.who in alternative.by,
        )
        for k, alternative in enumerate(bracket.alternatives, start=1)
    )


def _bracket(bracket: Bracket, state: State, names: Names, actor: Actor) -> OpenBracket:
    reserved = any(r.who == actor.who and r.on == bracket.id for r in state.reservations)
    return OpenBracket(bracket.id, _wordings(bracket, names, actor), reserved)


def _waiting(motion: Motion, missing: tuple[str, ...], names: Names, actor: Actor) -> Waiting:
    step = motion.step
    given = {"bracket": step["bracket"], "who": by_whom(motion.member)}
    if step["op"] == "adopt":
        what = _("%(who)s puts forward to settle bracket %(bracket)s: wording %(number)s is text.")
        what = what % {**given, "number": step["alternative"]}
    else:
        numbers = ", ".join(map(str, step["alternatives"]))
        what = _("%(who)s puts forward one wording in bracket %(bracket)s instead of %(numbers)s:")
        what = what % {**given, "numbers": numbers}
    return Waiting(
        motion=motion,
        what=what,
        text=step.get("text", ""),
        agreed=names.all(tuple(motion.agreed)),
        missing=names.all(missing),
        may_agree=actor.who in missing,
        may_take_back=motion.member == actor.member or actor.who in motion.agreed,
    )


def _told(step: op.Operation, names: Names, state: State) -> dict[str, Any]:
    """An operation, in words."""
    given = {
        "bracket": str(getattr(step, "bracket", "")),
        "number": str(getattr(step, "alternative", getattr(step, "number", ""))),
        "place": _where(step, state),
    }
    words = {
        "bracket": _("Other words proposed, %(place)s"),
        "propose": _("A wording added to bracket %(bracket)s"),
        "within": _("Words of wording %(number)s of bracket %(bracket)s put in brackets"),
        "insert": _("A new paragraph proposed, after %(place)s"),
        "merge": _("Wordings of bracket %(bracket)s made into one"),
        "support": _("Wording %(number)s of bracket %(bracket)s supported"),
        "adopt": _("Bracket %(bracket)s settled: wording %(number)s is text"),
        "drop": _("Wording %(number)s of bracket %(bracket)s taken back"),
        "reserve": _("A reservation, %(place)s"),
        "lift": _("A reservation lifted, %(place)s"),
        "round": _("Round %(number)s begun"),
    }
    return {
        "who": names.of(step.who),
        "when": step.when.earliest,
        "what": words[step.op] % given,
        "why": step.why or "",
    }


def _where(step: op.Operation, state: State) -> str:
    """Where something was done, as a reader finds it."""
    name = str(getattr(step, "at", None) or getattr(step, "on", None) or getattr(step, "after", ""))
    return place_in(state, name) if name in state.content else name
