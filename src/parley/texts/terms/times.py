"""Deadlines: each resolved to a date once the moment T0 is set."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from parley.texts.comparing.words import number_of
from parley.texts.terms.checklist import compiled
from parley.texts.terms.findings import Absent, Outcome, Problem
from parley.texts.terms.reading import Reading

_UNITS = {"minute": 1 / 60, "hour": 1.0, "day": 24.0, "week": 168.0}
_SPAN = re.compile(
    r"(?P<count>\d+|[a-z]+(?:-[a-z]+)?)\s*(?:\(\d+\)\s*)?(?:consecutive |calendar |working )?"
    r"(?P<unit>minute|hour|day|week)s?\b",
    re.IGNORECASE,
)
_PLUS = re.compile(
    r"\bT-?0\s*(?P<sign>[+−–-]|plus|minus)\s*(?P<count>\d+)\s*(?P<unit>h|d|minute|hour|day|week)s?\b",
    re.IGNORECASE,
)
_WITHIN = re.compile(
    r"\b(?:within|not later than|no later than|at the latest|at least|by)\s+"
    r"(?P<span>[\w-]+\s*(?:\(\d+\)\s*)?(?:consecutive |calendar |working )?"
    r"(?:minutes?|hours?|days?|weeks?|months?|years?))(?P<rest>[^.;]{0,90})",
    re.IGNORECASE,
)
_ANCHOR = re.compile(
    r"^\W*(?:of|from|after|following|before|prior to|preceding|upon|counted|as of|’|')",
    re.IGNORECASE,
)
_EVENT = re.compile(
    r"\b(?:upon|after|once|when|whenever|from|following|before|T0)\b",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"(?P<day>\d{1,2})\s+(?P<month>January|February|March|April|May|June|July|August|September|"
    r"October|November|December)\s+(?P<year>\d{4})"
)
_CLOCK = re.compile(r"\b(?P<hour>\d{1,2})[:.](?P<minute>\d{2})\b")
_OFFSET = re.compile(r"UTC\s*(?P<sign>[+−-])\s*(?P<hour>\d{1,2})(?::?(?P<minute>\d{2}))?")
_MONTHS = (
    "January February March April May June July August September October November December"
).split()


@dataclass(frozen=True)
class Deadline:
    """A deadline: its words, hours from T0 if it counts from there, and its date once T0 is set."""

    at: str
    words: str
    hours: float | None
    date: datetime | None


def t0_of(reading: Reading) -> datetime | None:
    """The moment T0: from the head of the text, else from the words that define it."""
    front = reading.draft.front.t0
    if front is not None and front.precision == "minute":
        return front.earliest
    for sentence in reading.sentences:
        if re.search(r"\bT0\b", sentence.text):
            moment = moment_in(sentence.text)
            if moment is not None and not _PLUS.search(sentence.text):
                return moment
    return None


def moment_in(text: str) -> datetime | None:
    """A date with hour and zone in a text."""
    date, clock = _DATE.search(text), _CLOCK.search(text)
    if not date or not clock:
        return None
    zone = UTC
    offset = _OFFSET.search(text)
    if offset:
        size = timedelta(hours=int(offset["hour"]), minutes=int(offset["minute"] or 0))
        zone = timezone(size if offset["sign"] == "+" else -size)
    elif not re.search(r"\b(?:UTC|GMT)\b", text):
        return None
    try:
        return datetime(
            int(date["year"]),
            _MONTHS.index(date["month"]) + 1,
            int(date["day"]),
            int(clock["hour"]),
            int(clock["minute"]),
            tzinfo=zone,
        )
    except ValueError:
        return None


def hours_of(text: str) -> float | None:
    """Hours from T0 that a deadline stands for; negative before it; ``None`` if not from T0."""
    plus = _PLUS.search(text)
    if plus:
        unit = {"h": "hour", "d": "day"}.get(plus["unit"].lower(), plus["unit"].lower())
        sign = 1 if plus["sign"] in {"+", "plus"} else -1
        return sign * int(plus["count"]) * _UNITS[unit]
    if not re.search(r"\bT-?0\b", text):
        return None
    span = _SPAN.search(text)
    if not span:
        return 0.0
    count = number_of(span["count"])
    if count is None:
        return None
    size = count * _UNITS[span["unit"].lower()]
    before = re.search(r"\b(?:before|prior to|preceding)\s+T-?0\b", text, re.IGNORECASE)
    return -size if before else size


def deadlines(reading: Reading) -> tuple[Deadline, ...]:
    """The deadlines of a text, in order."""
    t0 = t0_of(reading)
    found = []
    for sentence in reading.sentences:
        for words in deadline_words(sentence.text):
            hours = hours_of(words)
            date = moment_in(words)
            if date is None and hours is not None and t0 is not None:
                date = t0 + timedelta(hours=hours)
            found.append(Deadline(sentence.at, words, hours, date))
    return tuple(found)


def deadline_words(text: str) -> Iterator[str]:
    """The deadlines in some words, each in its own."""
    taken: list[tuple[int, int]] = []
    for pattern in (_PLUS, _WITHIN):
        for match in pattern.finditer(text):
            if any(a <= match.start() < b for a, b in taken):
                continue
            taken.append(match.span())
            words = match[0]
            cut = re.split(
                r",|\band\b|\bshall\b",
                words[len(match["span"]) :] if "span" in match.groupdict() else "",
                maxsplit=1,
            )
            yield (words[: len(match["span"])] + cut[0]).strip() if cut[0] else words.strip()


def resolvable(reading: Reading) -> Outcome:
    """Each deadline counts from something that has a date, or will have one."""
    found = list(_counted(reading))
    t0_used = [s for s in reading.sentences if re.search(r"\bT-?0\b", s.text)]
    if not found and not t0_used:
        return Absent(False)
    problems = [
        Problem(
            at,
            f"“{words}” does not say from when it counts.",
            "Say from when: “within 72 hours of T0”.",
        )
        for at, words, rest, before in found
        if not _ANCHOR.match(rest) and not _EVENT.search(before)
    ]
    if t0_used and not _t0_is_set(reading):
        what = "Deadlines count from T0, and T0 is not set."
        remedy = "Define it: “T0 is 06:00 UTC on …”; or set `t0` at the head."
        problems.append(Problem(t0_used[0].at, what, remedy))
    return tuple(problems)


def _counted(reading: Reading) -> Iterator[tuple[str, str, str, str]]:
    for sentence in reading.sentences:
        for match in _WITHIN.finditer(sentence.text):
            if match[0].lower().startswith("at least") and "notice" in sentence.text:
                continue
            words = f"{match[0][: match.start('span') - match.start()]}{match['span']}"
            count = match["span"].split()[0].split("(")[0]
            if number_of(count) is not None or count.isdigit():
                yield sentence.at, words, match["rest"], sentence.text[: match.start()]


def _t0_is_set(reading: Reading) -> bool:
    if reading.draft.front.t0 is not None:
        return True
    defines = re.compile(
        r"\bT-?0\b[”\"]?\)?,?\s*(?:means?|is|shall be|denotes?|=)|\(\s*[“\"]?T-?0[”\"]?\s*\)|"
        r"\b(?:called|hereinafter|as)\s+[“\"]?T-?0"
    )
    return any(defines.search(s.text) for s in reading.sentences)


def t0_words(reading: Reading) -> str | None:
    """The sentence in which T0 is defined."""
    date = compiled(("<date>",))
    found = (s.text for s in reading.sentences if "T0" in s.text and date.search(s.text))
    return next(found, None)
