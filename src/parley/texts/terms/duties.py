"""Duties: each with a named actor, with a measure for its words, and mirrored or meant one-sided."""

from __future__ import annotations

import re
from collections.abc import Iterator

from parley.texts.comparing.words import stems
from parley.texts.terms.checklist import compiled
from parley.texts.terms.findings import Absent, Outcome, Problem
from parley.texts.terms.reading import Duty, Reading

_VAGUE = re.compile(
    r"\b(as soon as (?:possible|practicable|feasible)|appropriate(?:ly)?|significant(?:ly)?|"
    r"normally|immediately|promptly|without (?:undue )?delay|reasonabl[ey]|substantial(?:ly)?|"
    r"adequate(?:ly)?|where (?:possible|feasible)|if necessary|as (?:necessary|needed)|"
    r"in due course|best (?:efforts|endeavours)|sufficient(?:ly)?|(?:in a )?timely(?: manner)?|"
    r"generally|usually|in principle|to the extent possible|from time to time|shortly|soon|"
    r"expeditiously|large quantities|excessive(?:ly)?|considerable|minimal)\b",
    re.IGNORECASE,
)
_MEASURE = ("<span>", "<date>", "<distance>", r"\b\d+\b", "<clock>")
_PASSIVE = re.compile(
    r"^(?:(?:also|not|only|immediately|fully|further|thereafter|at once|never|always|then)\s+)*be\s+"
    r"(?:(?:also|not|only|further|at once|\w+ly)\s+)*"
    r"(?P<verb>\w+(?:ed|en|wn|ne|ld|nt|ut|pt|ght|un|de|id|ung|it|oken))\b"
)
_STATES = frozenset(
    "composed considered deemed bound entitled required understood construed interpreted regarded "
    "treated based located limited held vacant permitted allowed equipped unarmed armed authorised "
    "authorized obliged excepted excluded included covered situated annexed counted".split()
)
_BY = re.compile(r"\bby\s+(?:the\s+|each\s+|both\s+|an?\s+|either\s+|its\s+|their\s+)?[A-Za-z]")
_BY_TIME = re.compile(
    r"\bby\s+(?:T0|\d|noon|midnight|way|means|virtue|reason|air|sea|land|road|rail|"
    r"the (?:end|date|time|same|day|hour|deadline))",
    re.IGNORECASE,
)
_THINGS = re.compile(
    r"^(?:all |any |every |the |no |such )*(?:acts? of|hostilit\w+|fire|firing|fighting|attacks?|"
    r"shelling|violence|weapons?|heavy weapons?|prisoners?|detainees?|mines?|there)\b[^,]*$",
    re.IGNORECASE,
)
_STOPS = re.compile(r"^(?:cease|stop|end|come to an end|be no|halt)\b")


def actor(reading: Reading) -> Outcome:
    """No duty without a named actor."""
    duties = [d for d in reading.duties if d.mode != "may"]
    if not duties:
        return Absent(False)
    return tuple(dict.fromkeys(problem for duty in duties for problem in _without_actor(duty)))


def _without_actor(duty: Duty) -> Iterator[Problem]:
    passive = _PASSIVE.match(duty.act)
    undone = passive and passive["verb"].lower() not in _STATES and not _has_agent(duty.act)
    stops = _STOPS.match(duty.act) or duty.actor.lower() == "there"
    if undone or (stops and _THINGS.match(duty.actor)):
        what = f"Nobody is named who does it: “{_short(duty)}”."
        yield Problem(duty.sentence.at, what, "Say who: “each Party shall …”.")


def _has_agent(act: str) -> bool:
    return any(not _BY_TIME.match(act, m.start()) for m in _BY.finditer(act))


def _short(duty: Duty) -> str:
    words = f"{duty.actor} {'shall' if duty.mode == 'must' else 'shall not'} {duty.act}".split()
    return " ".join(words[:14]) + (" …" if len(words) > 14 else "")


def vague(reading: Reading) -> Outcome:
    """No duty whose words have no measure."""
    defined = {item.term.lower() for item in reading.definitions}
    duties = [d for d in reading.duties if d.mode != "may"]
    if not duties:
        return Absent(False)
    measure = compiled(_MEASURE)
    found = {}
    for duty in duties:
        for clause in duty.sentence.text.split(";"):
            for word in [] if measure.search(clause) else _VAGUE.findall(clause):
                if word.lower() in defined:
                    continue
                what = f"“{word}” has no measure here."
                remedy = "Say how much, how far or by when; or mark it as open on purpose."
                found[duty.sentence.at, word.lower()] = Problem(duty.sentence.at, what, remedy)
    return tuple(found.values())


_ONE_SIDED = re.compile(
    r"\b(one-sided|unilateral(?:ly)?|without reciprocity|no (?:corresponding|reciprocal|mirror)|"
    r"not reciprocal|alone|on its own part only|for its part only)\b",
    re.IGNORECASE,
)
_LIKE = 0.45


def mirrored(reading: Reading) -> Outcome:
    """Every duty of one party alone has its like for the others, or is marked one-sided."""
    parties = [name for name in reading.parties if len(name) > 2]
    by_party: dict[str, list[Duty]] = {name: [] for name in parties}
    for duty in reading.duties:
        named = [name for name in parties if name in duty.actor]
        if len(named) == 1 and duty.mode != "may":
            by_party[named[0]].append(duty)
    if not any(by_party.values()):
        return Absent(False)
    problems = []
    for name, duties in by_party.items():
        others = [d for other, found in by_party.items() if other != name for d in found]
        for duty in duties:
            if _ONE_SIDED.search(duty.sentence.text) or any(
                _alike(duty, other, parties) for other in others
            ):
                continue
            what = f"Only {name} has this duty, and it is not said that this is meant."
            remedy = "Give the others the like duty, or say that it is one-sided."
            problems.append(Problem(duty.sentence.at, what, remedy))
    return tuple(dict.fromkeys(problems))


def _alike(one: Duty, other: Duty, parties: list[str]) -> bool:
    a, b = (_bare(d.act, parties) for d in (one, other))
    return one.mode == other.mode and len(a & b) >= _LIKE * max(1, len(a | b))


def _bare(act: str, parties: list[str]) -> frozenset[str]:
    for name in parties:
        act = act.replace(name, "")
    return frozenset(stems(act))
