"""What each operation makes of a single text, and when it is refused.

The rules, in words: whoever proposes puts words beside words, never in their place; an alternative
is taken back only by those who proposed it; one that several proposed loses only the one who takes
it back; alternatives are merged only if all who proposed them agree; a bracket is settled only when
every delegation has agreed and none has a reservation on it, on what it stands in, or on what
stands in it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from parley.errors import OperationError
from parley.texts.articles import ProvisionKind
from parley.texts.single import operations as op
from parley.texts.single.brackets import (
    DEEPEST,
    NOTE,
    Alternative,
    Bracket,
    Content,
    brackets_in,
    deepest,
    joined,
    with_bracket,
    written,
)
from parley.texts.single.state import MEDIATOR, Reservation, SingleText


def apply(text: SingleText, step: op.Operation) -> SingleText:
    """The text after an operation.

    Raises
    ------
    OperationError
        If it names what is not there, or may not be done by whom it says.
    """
    if step.who != MEDIATOR and step.who not in text.delegations:
        known = ", ".join((*text.delegations, MEDIATOR))
        raise OperationError(f"`{step.who}` has no part in this text.", f"Known are: {known}.")
    return _DO[step.op](text, step)


def _propose(text: SingleText, step: op.Propose) -> SingleText:
    content = _of(text, step.at)
    new = _beside(content, step.words, step.text, step.who, text)
    return _set(text, step.at, new)


def _beside(
    content: Content, words: str | None, proposed: str, who: str, text: SingleText
) -> Content:
    """Content with words put in brackets, and others beside them."""
    name = f"b{text.brackets + 1}"
    mine = Alternative(_plain(proposed), (who,))
    if words is None:
        return (Bracket(name, (Alternative(content), mine)),)
    hits = [k for k, node in enumerate(content) if isinstance(node, str) and words in node]
    count = sum(str(content[k]).count(words) for k in hits)
    if not words or count == 0:
        what = f"The words “{words}” do not stand here outside of brackets."
        raise OperationError(what, f"The text is: “{written(content)}”.")
    if count > 1:
        what = f"The words “{words}” stand here {count} times."
        raise OperationError(what, "Give more of the words around them.")
    k = hits[0]
    before, _, after = str(content[k]).partition(words)
    bracket = Bracket(name, (Alternative((words,)), mine))
    return joined([*content[:k], before, bracket, after, *content[k + 1 :]])


def _plain(words: str) -> Content:
    """Proposed words; they may not hold brackets, which only operations make."""
    without_notes = NOTE.sub("", words)
    if "[" in without_notes or "]" in without_notes:
        what = "Proposed words may not hold brackets of their own."
        raise OperationError(what, "Propose the words, then put some of them in brackets.")
    return (words,) if words else ()


def _alternative(text: SingleText, step: op.Alternative) -> SingleText:
    bracket = _bracket(text, step.bracket)
    content = _plain(step.text)
    for k, known in enumerate(bracket.alternatives, start=1):
        if known.content == content:
            what = f"These words stand in `{bracket.id}` already, as alternative {k}."
            raise OperationError(what, "Support that one.")
    alternatives = (*bracket.alternatives, Alternative(content, (step.who,)))
    return _replace(text, bracket, (replace(bracket, alternatives=alternatives),))


def _within(text: SingleText, step: op.Within) -> SingleText:
    bracket, k = _alternative_of(text, step.bracket, step.alternative)
    inner = _beside(bracket.alternatives[k].content, step.words, step.text, step.who, text)
    changed = _changed(bracket, k, replace(bracket.alternatives[k], content=inner))
    after = _replace(text, bracket, (changed,))
    if deepest(after.content[text.place_of(bracket.id)]) > DEEPEST:
        what = f"Brackets would stand in one another more than {DEEPEST} deep."
        raise OperationError(what, "Propose another wording of the whole instead.")
    return replace(after, brackets=text.brackets + 1)


def _insert(text: SingleText, step: op.Insert) -> SingleText:
    after = text.base.by_id.get(step.after)
    if step.after not in text.content:
        raise OperationError(f"There is no provision `{step.after}`.", "Look at `--show`.")
    if step.id in text.content:
        raise OperationError(f"There is a provision `{step.id}` already.", "Take another id.")
    if after is not None and after.kind is ProvisionKind.PART:
        what = "A paragraph cannot follow the heading of a part."
        raise OperationError(what, "Name an article or a paragraph.")
    name = f"b{text.brackets + 1}"
    new = (Bracket(name, (Alternative(_plain(step.text), (step.who,)),)),)
    inserted = {**text.inserted, step.id: step.after}
    return replace(_set(text, step.id, new), inserted=inserted)


def _merge(text: SingleText, step: op.Merge) -> SingleText:
    bracket = _bracket(text, step.bracket)
    places = sorted({_alternative_of(text, step.bracket, k)[1] for k in step.alternatives})
    if len(places) < 2:
        raise OperationError("Merging takes two different alternatives.", "Name two.")
    merged = [bracket.alternatives[k] for k in places]
    if any(list(brackets_in(a.content)) for a in merged):
        what = "An alternative that holds open brackets cannot be merged."
        raise OperationError(what, "Settle the brackets in it first.")
    by = tuple(dict.fromkeys(who for a in merged for who in a.by))
    asked = text.delegations if any(not a.by for a in merged) else by
    _refuse_unless_agreed(asked, step.agreed_by)
    for who in asked:
        _refuse_reserved(text, bracket, who)
    new = Alternative(_plain(step.text), by)
    kept = [a for k, a in enumerate(bracket.alternatives) if k not in places]
    kept.insert(places[0], new)
    return _replace(text, bracket, (replace(bracket, alternatives=tuple(kept)),))


def _refuse_unless_agreed(asked: tuple[str, ...], agreed: tuple[str, ...]) -> None:
    missing = [who for who in asked if who not in agreed]
    if missing:
        what = f"Not agreed by: {', '.join(missing)}."
        raise OperationError(what, "It is done when they have agreed; name them in agreed_by.")


def _refuse_reserved(text: SingleText, bracket: Bracket, who: str) -> None:
    """Refuse to merge for one who has a reservation here."""
    if Reservation(who, bracket.id) in text.reservations:
        what = f"`{who}` has a reservation on `{bracket.id}`."
        raise OperationError(what, "It must be lifted first.")


def _support(text: SingleText, step: op.Support) -> SingleText:
    bracket, k = _alternative_of(text, step.bracket, step.alternative)
    chosen = bracket.alternatives[k]
    if step.who == MEDIATOR:
        raise OperationError("The mediator takes no side.", "A delegation can support it.")
    if step.who in chosen.by:
        raise OperationError(f"`{step.who}` proposes it already.", "Nothing is to be done.")
    changed = replace(chosen, by=(*chosen.by, step.who))
    return _replace(text, bracket, (_changed(bracket, k, changed),))


def _adopt(text: SingleText, step: op.Adopt) -> SingleText:
    bracket, k = _alternative_of(text, step.bracket, step.alternative)
    _refuse_unless_agreed(text.delegations, step.agreed_by)
    held = sorted(
        f"`{r.who}` on `{r.on}`" for r in text.reservations if r.on in _touching(text, bracket)
    )
    if held:
        what = f"There are reservations: {', '.join(held)}."
        raise OperationError(what, "They must be lifted first.")
    return _replace(text, bracket, bracket.alternatives[k].content)


def _touching(text: SingleText, bracket: Bracket) -> frozenset[str]:
    """What a reservation must be on to stand against settling a bracket."""
    place = text.place_of(bracket.id)
    around = {
        outer.id
        for outer in brackets_in(text.content[place])
        if any(b.id == bracket.id for a in outer.alternatives for b in brackets_in(a.content))
    }
    inside = {b.id for b in brackets_in((bracket,))}
    above = {place}
    here = place
    while here in text.inserted:
        here = text.inserted[here]
        if here in text.base.by_id:
            above |= {text.base.article_of(here).id}
    while here in text.base.parent:
        here = text.base.parent[here].id
        above.add(here)
    return frozenset(around | inside | above)


def _drop(text: SingleText, step: op.Drop) -> SingleText:
    bracket, k = _alternative_of(text, step.bracket, step.alternative)
    chosen = bracket.alternatives[k]
    if step.who not in chosen.by:
        what = f"Alternative {k + 1} of `{bracket.id}` was not proposed by `{step.who}`."
        raise OperationError(what, "Only those who proposed it can take it back.")
    left = tuple(who for who in chosen.by if who != step.who)
    if left:
        return _replace(text, bracket, (_changed(bracket, k, replace(chosen, by=left)),))
    if list(brackets_in(chosen.content)):
        what = f"Alternative {k + 1} of `{bracket.id}` holds open brackets of others."
        raise OperationError(what, "Settle them first.")
    rest = bracket.alternatives[:k] + bracket.alternatives[k + 1 :]
    if len(rest) == 1 and not rest[0].by:
        reserved = sorted(r.who for r in text.reservations if r.on == bracket.id)
        if reserved:
            what = f"There are reservations on `{bracket.id}`: {', '.join(reserved)}."
            raise OperationError(what, "They must be lifted first.")
        return _replace(text, bracket, rest[0].content)  # the words that stood there before
    return _replace(text, bracket, (replace(bracket, alternatives=rest),) if rest else ())


def _reserve(text: SingleText, step: op.Reserve) -> SingleText:
    if step.who == MEDIATOR:
        raise OperationError("The mediator has no reservations.", "A delegation has.")
    if step.on not in text.content and step.on not in text.open:
        remedy = "Name a provision, or an open bracket as b1."
        raise OperationError(f"There is nothing called `{step.on}`.", remedy)
    new = Reservation(step.who, step.on)
    if new in text.reservations:
        raise OperationError(f"`{step.who}` has reserved it already.", "Nothing is to be done.")
    return replace(text, reservations=text.reservations | {new})


def _lift(text: SingleText, step: op.Lift) -> SingleText:
    old = Reservation(step.who, step.on)
    if old not in text.reservations:
        what = f"`{step.who}` has no reservation on `{step.on}`."
        raise OperationError(what, "Only one's own reservation can be lifted.")
    return replace(text, reservations=text.reservations - {old})


def _round(text: SingleText, step: op.OpenRound) -> SingleText:
    if step.number <= text.round:
        what = f"Round {step.number} is not after round {text.round}."
        raise OperationError(what, f"The next is {text.round + 1}.")
    return replace(text, round=step.number)


def _of(text: SingleText, name: str) -> Content:
    if name not in text.content:
        raise OperationError(f"There is no provision `{name}`.", "Look at the text for its ids.")
    return text.content[name]


def _bracket(text: SingleText, name: str) -> Bracket:
    text.place_of(name)
    return text.open[name]


def _alternative_of(text: SingleText, name: str, number: int) -> tuple[Bracket, int]:
    bracket = _bracket(text, name)
    if number > len(bracket.alternatives):
        what = f"`{name}` has {len(bracket.alternatives)} alternatives; there is no {number}."
        raise OperationError(what, "Count them from 1 as they stand.")
    return bracket, number - 1


def _changed(bracket: Bracket, k: int, new: Alternative) -> Bracket:
    alternatives = (*bracket.alternatives[:k], new, *bracket.alternatives[k + 1 :])
    return replace(bracket, alternatives=alternatives)


def _set(text: SingleText, name: str, content: Content) -> SingleText:
    """The text with new words at a provision, in which one more bracket was opened."""
    changed = {**text.content, name: content}
    return replace(text, content=changed, brackets=text.brackets + 1)


def _replace(text: SingleText, bracket: Bracket, new: Content) -> SingleText:
    """The text with something else where a bracket stands; reservations on what is gone end."""
    place = text.place_of(bracket.id)
    content = {**text.content, place: with_bracket(text.content[place], bracket.id, new)}
    changed = replace(text, content=content)
    gone = {b.id for b in brackets_in((bracket,))} - set(changed.open)
    kept = frozenset(r for r in text.reservations if r.on not in gone)
    return replace(changed, reservations=kept)


_DO: dict[str, Callable[[SingleText, Any], SingleText]] = {
    "bracket": _propose,
    "propose": _alternative,
    "within": _within,
    "insert": _insert,
    "merge": _merge,
    "support": _support,
    "adopt": _adopt,
    "drop": _drop,
    "reserve": _reserve,
    "lift": _lift,
    "round": _round,
}
