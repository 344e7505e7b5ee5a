"""The single text in a room: who does what to it, one at a time, each time written in the log.

What may be done is decided by `texts.single.rules`. What takes the agreement of several (to merge
wordings, to settle a bracket) waits until each has agreed under his own account: nobody speaks for
another here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db import transaction
from pydantic import TypeAdapter, ValidationError

from parley.errors import OperationError
from parley.exchange import canonical
from parley.room import clock
from parley.room.access import Actor
from parley.room.logbook import append, plenary
from parley.room.models import Motion, Party, SingleText
from parley.texts.markdown import parse_markdown
from parley.texts.single import operations as op
from parley.texts.single.brackets import written
from parley.texts.single.log import Log
from parley.texts.single.rules import apply
from parley.texts.single.state import SingleText as State
from parley.texts.single.state import begin

MOST_STEPS = 5_000
LARGEST_BASE = 1_000_000
TOGETHER = frozenset({"merge", "adopt"})
"""Operations that take the agreement of others."""

_STEP: TypeAdapter[op.Operation] = TypeAdapter(op.Operation)


@dataclass(frozen=True)
class Read:
    """A single text as it stands, and how many brackets were open at the end of each round."""

    log: Log
    state: State
    by_round: Mapping[int, int]


def read(single: SingleText) -> Read:
    """The text that the operations in a log make of its beginning."""
    return _read(bytes(single.log))


@lru_cache(maxsize=32)
def _read(raw: bytes) -> Read:
    log = Log.model_validate_json(raw)
    state = begin(parse_markdown(log.base, "the first text"), log.delegations)
    by_round = {state.round: len(state.open)}
    for step in log.operations:
        state = apply(state, step)
        by_round[state.round] = len(state.open)
    return Read(log, state, by_round)


def start(actor: Actor, title: str, base: str) -> SingleText:
    """Begin a single text between all parties of the room.

    Parameters
    ----------
    base
        Its first text as Markdown, as the workshop gave it.

    Raises
    ------
    OperationError
        If there are fewer than two parties, or the text is too long.
    TextError
        If it cannot be read.
    """
    if len(base) > LARGEST_BASE:
        raise OperationError("The text is too long for this.", "Take a part of it.")
    parties = tuple(Party.objects.filter(room=actor.room).order_by("slug").values_list("slug"))
    delegations = tuple(slug for (slug,) in parties)
    begin(parse_markdown(base, "the first text"), delegations)
    log = Log(parley=1, delegations=delegations, base=base)
    now = clock.now()
    with transaction.atomic():
        single = SingleText(room=actor.room, title=title, log=_raw(log), at=now)
        single.save(force_insert=True)
        _write_down(actor, single)
    return single


def do(actor: Actor, single_id: str, version: int, step: Mapping[str, Any]) -> Motion | None:
    """Do an operation, or put it forward where others must agree to it.

    Parameters
    ----------
    version
        The version that somebody had before him when he decided.
    step
        The operation, without who and when.

    Returns
    -------
    Motion | None
        What now waits for the agreement of others; ``None`` if it is done.

    Raises
    ------
    OperationError
        If the rules refuse it, or the text has changed meanwhile; nothing is done then.
    """
    with transaction.atomic():
        single = _locked(actor, single_id)
        if single.version != version:
            what = "Somebody else has changed the text since you opened this page."
            remedy = "Your words are still here. Look at the text as it stands now; send them anew."
            raise OperationError(what, remedy)
        if step.get("op") in TOGETHER:
            return _put_forward(actor, single, step)
        _apply(actor, single, actor.who, step)
    return None


def agree(actor: Actor, single_id: str, motion_id: str) -> bool:
    """Agree to what somebody has put forward; whether it is done with that.

    Raises
    ------
    OperationError
        If it is not open any more, or what it is about has changed since.
    """
    with transaction.atomic():
        single = _locked(actor, single_id)
        motion = _motion(single, motion_id)
        return _agreed(actor, single, motion)


def take_back(actor: Actor, single_id: str, motion_id: str) -> None:
    """Take back what one has put forward, or one's agreement to it.

    Raises
    ------
    OperationError
        If it is not open any more, or one has no part in it.
    """
    with transaction.atomic():
        single = _locked(actor, single_id)
        motion = _motion(single, motion_id)
        if motion.member == actor.here:
            motion.closed = clock.now()
        elif actor.who in motion.agreed:
            motion.agreed = [who for who in motion.agreed if who != actor.who]
        else:
            raise OperationError("You have not put this forward, nor agreed to it.")
        motion.save(update_fields=["agreed", "closed"])
        _note(actor, "taken-back", motion)


def open_motions(single: SingleText, state: State) -> Iterator[tuple[Motion, tuple[str, ...]]]:
    """What waits for agreement, each with those who must still agree."""
    motions = Motion.objects.filter(single=single, closed__isnull=True)
    for motion in motions.select_related("member__account", "member__party").order_by("at", "id"):
        if motion.basis == _basis(state, motion.step):
            asked = asked_by(state, motion.step)
            yield motion, tuple(who for who in asked if who not in motion.agreed)


def asked_by(state: State, step: Mapping[str, Any]) -> tuple[str, ...]:
    """Who must agree: to settle a bracket all, to merge those who proposed the wordings."""
    bracket = state.open.get(str(step.get("bracket")))
    if bracket is None or step["op"] == "adopt":
        return state.delegations
    chosen = [a for k, a in enumerate(bracket.alternatives, 1) if k in step["alternatives"]]
    if not chosen or any(not alternative.by for alternative in chosen):
        return state.delegations
    return tuple(dict.fromkeys(who for alternative in chosen for who in alternative.by))


def _locked(actor: Actor, single_id: str) -> SingleText:
    return SingleText.objects.select_for_update().get(id=single_id, room=actor.room)


def _motion(single: SingleText, motion_id: str) -> Motion:
    found = Motion.objects.filter(single=single, id=motion_id, closed__isnull=True).first()
    if found is None:
        raise OperationError("This does not wait for anybody any more.", "Look at the text anew.")
    return found


def _put_forward(actor: Actor, single: SingleText, step: Mapping[str, Any]) -> Motion | None:
    """Put an operation forward; if the same waits already, that is agreed to."""
    state = read(single).state
    checked = _operation(actor.who, {**step, "agreed_by": state.delegations})
    apply(state, checked)  # what the rules would refuse even if all agreed is refused now
    wanted = checked.model_dump(mode="json", include=set(step))
    for motion, _ in open_motions(single, state):
        if motion.step == wanted:
            return None if _agreed(actor, single, motion) else motion
    motion = Motion(
        single=single,
        step=wanted,
        basis=_basis(state, wanted),
        member=actor.here,
        at=clock.now(),
    )
    motion.save(force_insert=True)
    _note(actor, "motion", motion)
    if actor.who not in asked_by(state, wanted):
        return motion
    return None if _agreed(actor, single, motion) else motion


def _agreed(actor: Actor, single: SingleText, motion: Motion) -> bool:
    state = read(single).state
    if motion.basis != _basis(state, motion.step):
        what = "What this is about has changed since it was put forward."
        raise OperationError(what, "Put it forward anew.")
    asked = asked_by(state, motion.step)
    if actor.who not in asked:
        raise OperationError("Your agreement is not asked for this.")
    if actor.who not in motion.agreed:
        motion.agreed = [*motion.agreed, actor.who]
        _note(actor, "assent", motion)
    is_done = set(asked) <= set(motion.agreed)
    if is_done:
        by = "mediator" if motion.member.party is None else motion.member.party.slug
        _apply(actor, single, by, {**motion.step, "agreed_by": motion.agreed})
        motion.closed = clock.now()
    motion.save(update_fields=["agreed", "closed"])
    return is_done


def _apply(actor: Actor, single: SingleText, who: str, step: Mapping[str, Any]) -> None:
    """Do an operation, and write it into the log of the text and of the plenary."""
    found = read(single)
    if len(found.log.operations) >= MOST_STEPS:
        what = "This text has had more steps than one text can have here."
        raise OperationError(what, "Take it away and begin a new one from it.")
    done = _operation(who, step)
    apply(found.state, done)
    log = found.log.model_copy(update={"operations": (*found.log.operations, done)})
    single.log, single.version = _raw(log), single.version + 1
    single.save(update_fields=["log", "version"])
    _write_down(actor, single)


def _operation(who: str, step: Mapping[str, Any]) -> op.Operation:
    when = clock.now().strftime("%Y-%m-%dT%H:%M+00:00")
    given = {key: value for key, value in step.items() if value is not None}
    try:
        return _STEP.validate_python({**given, "who": who, "when": when})
    except ValidationError as error:
        names = {str(part["loc"][-1]) for part in error.errors() if part["loc"]}
        what = f"Something is missing or too long: {', '.join(sorted(names)) or 'what to do'}."
        raise OperationError(what, "Fill it in and send it again.") from None


def _basis(state: State, step: Mapping[str, Any]) -> str:
    bracket = state.open.get(str(step.get("bracket")))
    shown = "" if bracket is None else written((bracket,), ids=True)
    return hashlib.sha256(shown.encode()).hexdigest()


def _raw(log: Log) -> bytes:
    """The log in JSON, which is YAML as well: `parley text` goes on with it."""
    return canonical.encode(log.model_dump(mode="json", exclude_none=True))


def _write_down(actor: Actor, single: SingleText) -> None:
    fields = {"id": single.id, "version": single.version, "who": actor.who}
    digest = hashlib.sha256(bytes(single.log)).hexdigest()
    append(plenary(actor.room).id, "single", clock.now(), single.id, text=digest, **fields)


def _note(actor: Actor, kind: str, motion: Motion) -> None:
    digest = hashlib.sha256(canonical.encode(motion.step)).hexdigest()
    fields = {"id": motion.id, "single": motion.single_id, "who": actor.who, "step": digest}
    append(plenary(actor.room).id, kind, clock.now(), motion.single_id, **fields)
