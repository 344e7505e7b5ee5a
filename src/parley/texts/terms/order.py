"""The order of steps: who does what after what, by when, verified by whom, and what if it is missed.

Steps are those that the head of a text lists, else those that its words number: “Step 1”, “the
second phase”.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from parley.texts.articles import Step
from parley.texts.terms.checklist import compiled
from parley.texts.terms.findings import Absent, Outcome, Problem
from parley.texts.terms.reading import Reading
from parley.texts.terms.times import deadline_words, hours_of

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
_STEP = re.compile(
    r"\b(?:Step|Phase|Stage)\s+(?P<number>\d+|[A-Z])\b|"
    rf"\b(?:[Tt]he\s+)?(?P<ordinal>{'|'.join(_ORDINALS)})\s+(?:step|phase|stage)\b",
    re.IGNORECASE,
)
_TRIGGER = compiled(
    (r"\btrigger", r"\b(?:begins?|starts?|once|when|upon|after|following|at T0|on T0)\b")
)
_VERIFIER = compiled((r"\b(?:verif|certif|confirm|monitor|observ|inspect|attest)\w*",))
_FALLBACK = compiled(
    (
        r"\bif\b[^.]{0,80}\b(?:not|miss\w*|fail\w*|late|delay\w*)\b",
        r"\bfailing\b",
        r"\bfallback\b",
        r"\bin default\b",
        r"\bis missed\b",
        r"\bfails? to\b",
    )
)
_DEADLINE = compiled(("<when>",))
_AGENT = re.compile(
    r"(?:\b(?:each|both|neither|either|all|the|The|Each|Both|Neither)\s+(?:of the\s+)?"
    r"(?:[A-Z][\w-]*\s*(?:of\s+)?)+|(?:[A-Z][\w-]*\s*(?:of\s+)?)+)$"
)
_DUE = re.compile(r"\s*\b(?:by|within|not later than|no later than|at)\s+(?:T0|\d).*", re.DOTALL)
_AFTER = re.compile(
    r"\b(?:after|upon|once|following|when|completion of|depends on|until)\b[^.;]{0,60}?"
    r"\b(?:Step|Phase|Stage)\s+(?P<number>\d+|[A-Z])\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Ordered:
    """A step as it is tested and drawn.

    `hours` is its deadline from T0; `after` are the steps that come before it.
    """

    id: str
    name: str
    at: str
    after: tuple[str, ...]
    actor: str
    trigger: str
    deadline: str
    verifier: str
    fallback: str
    hours: float | None
    can_lose: str = ""


def steps_of(reading: Reading) -> tuple[Ordered, ...]:
    """The steps of a text, in the order in which they stand."""
    front = reading.draft.front.steps
    if front:
        return tuple(_declared(step) for step in front)
    return tuple(_read(reading))


def _declared(step: Step) -> Ordered:
    deadline = step.deadline or ""
    return Ordered(
        step.id,
        step.name,
        step.at or "",
        step.after,
        ", ".join(step.actor),
        step.trigger or (", ".join(step.after) if step.after else ""),
        deadline,
        step.verifier or "",
        step.fallback or "",
        hours_of(deadline) if deadline else None,
        step.can_lose or "",
    )


def _read(reading: Reading) -> Iterator[Ordered]:
    seen: set[str] = set()
    for paragraph in reading.paragraphs:
        found = _STEP.match(paragraph.text)
        if not found:
            continue
        name = _name(found)
        if name in seen:
            continue
        seen.add(name)
        body = paragraph.text[found.end() :]
        actor, act = _doing(reading, paragraph.at)
        after = tuple(dict.fromkeys(f"step-{m['number'].lower()}" for m in _AFTER.finditer(body)))
        yield Ordered(
            name,
            f"{found[0]}: {act}" if act else found[0],
            paragraph.at,
            after,
            actor,
            _words(_TRIGGER, body),
            next(deadline_words(body), "") or _words(_DEADLINE, body),
            _words(_VERIFIER, body),
            _words(_FALLBACK, body),
            _hours(body),
        )


def _doing(reading: Reading, at: str) -> tuple[str, str]:
    """Who does what in a step: the first duty in its words."""
    inside = {p.id for p in reading.draft.by_id[at].walk()}
    for duty in reading.duties:
        if duty.sentence.at in inside:
            found = _AGENT.search(duty.actor)
            actor = found[0].strip() if found else ""
            if actor:
                return actor, _DUE.sub("", duty.act.split(";")[0]).strip(" ,.")[:80]
    return "", ""


def _name(found: re.Match[str]) -> str:
    if found["number"]:
        return f"step-{found['number'].lower()}"
    return f"step-{_ORDINALS.index(found['ordinal'].lower()) + 1}"


def _words(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found[0].strip() if found else ""


def _hours(text: str) -> float | None:
    for part in re.split(r"[.;]|,\s", text):
        if re.search(r"\bT-?0\b", part):
            return hours_of(part)
    return None


def circles(after: Mapping[str, tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    """Steps that wait for one another, each circle once."""
    found: dict[frozenset[str], tuple[str, ...]] = {}

    def follow(path: tuple[str, ...]) -> None:
        for other in after.get(path[-1], ()):
            if other in path:
                circle = path[path.index(other) :]
                found.setdefault(frozenset(circle), circle)
            else:
                follow((*path, other))

    for name in after:
        follow((name,))
    return tuple(found.values())


def order(reading: Reading) -> Outcome:
    """Preconditions go round in no circle, and no deadline comes before that of a precondition."""
    steps = steps_of(reading)
    if not steps:
        return Absent()
    by_id = {step.id: step for step in steps}
    problems = [
        Problem(
            by_id[circle[0]].at,
            f"Steps wait for one another: {' → '.join((*circle, circle[0]))}.",
            "Let one of them come first.",
        )
        for circle in circles({s.id: s.after for s in steps})
    ]
    for step in steps:
        for name in step.after:
            before = by_id.get(name)
            if before is None:
                what = f"{step.name} comes after {name}, which is no step."
                problems.append(Problem(step.at, what, "Name a step of this text."))
            elif None not in (step.hours, before.hours) and step.hours < before.hours:  # type: ignore[operator]
                what = (
                    f"{step.name} is due at T0{step.hours:+g} h, before {before.name} "
                    f"(T0{before.hours:+g} h), which it comes after."
                )
                problems.append(Problem(step.at, what, "Move one of the two deadlines."))
    return tuple(problems)


def each_step(reading: Reading) -> Outcome:
    """Each step has trigger, actor, deadline, verifier, and a fallback if it is missed."""
    steps = steps_of(reading)
    if not steps:
        return Absent()
    problems = []
    for step in steps:
        parts = ("trigger", "actor", "deadline", "verifier", "fallback")
        missing = [name for name in parts if not getattr(step, name)]
        if missing:
            what = f"{step.name}: missing {', '.join(missing)}."
            problems.append(Problem(step.at, what, "Say what is missing, step by step."))
    return tuple(problems)
