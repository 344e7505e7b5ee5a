"""Defined terms: each once, each used, none resting on itself; and capitalised words without one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from parley.texts.terms.findings import Absent, Outcome, Problem
from parley.texts.terms.reading import Definition, Reading

_HEADS = (
    "Zone Zones Area Areas Line Lines Weapon Weapons Arms Forces Force Period Periods Party Parties "
    "Side Sides Mechanism Corridor Corridors Monitor Monitors Observer Observers Step Steps Day Days "
    "Hour Date Territory Materials Person Persons List Lists Violation Violations Breach Breaches "
    "Ceasefire Cessation Hostilities Prisoner Prisoners Detainee Detainees Position Positions Unit "
    "Units Group Groups Officer Officers Infrastructure Incident Incidents Convoy Convoys Route "
    "Routes Point Points Measure Measures Equipment Act Acts Activities Response Notice Guarantor "
    "Guarantors Commission Committee Mission Board Panel Cell Centre Secretariat Truce Pause"
).split()
_CAPITAL = re.compile(
    r"(?<![.!?“\"(;:]\s)(?<![.!?“\"(;:])(?<=[a-z,)] )(?P<term>(?:[A-Z][\w-]*\s+(?:of\s+)?)*"
    rf"(?:{'|'.join(_HEADS)}))\b(?!\s+\d)"
)
_QUOTED = re.compile(r"[“\"](?P<term>[A-Za-z][^”\"]{1,50})[”\"]")
_ESTABLISHED = re.compile(
    r"(?:\b(?:establish\w*|appoint\w*|invite\w*|creat\w*|set up|form)\b[^.;]{0,60}?"
    r"\b(?:an?|the|its)\s+(?P<after>(?:[A-Z][\w-]*\s*(?:of |for )?)+)|"
    r"\b(?:[Aa]n?|[Tt]he)\s+(?P<before>(?:[A-Z][\w-]*\s*(?:of |for )?)+?)\s*"
    r"(?:\([^)]*\)\s*)?"
    r"(?:is|are|shall be)\s+(?:hereby\s+)?(?:established|set up|created|formed|appointed))"
)


_ELSEWHERE = frozenset({"Party", "Side"})
"""Terms that the test of the parties looks at."""


@dataclass(frozen=True)
class TermGraph:
    """Terms, where each is defined, where used, and which definitions rest on which terms."""

    defined: Mapping[str, tuple[Definition, ...]]
    uses: Mapping[str, tuple[str, ...]]
    rests_on: Mapping[str, tuple[str, ...]]
    undefined: tuple[tuple[str, str], ...]

    @property
    def unused(self) -> tuple[str, ...]:
        """Terms that are defined and not used."""
        return tuple(term for term, places in self.uses.items() if not places)

    @property
    def twice(self) -> tuple[str, ...]:
        """Terms that are defined more than once: perhaps in two senses."""
        return tuple(term for term, found in self.defined.items() if len(found) > 1)

    @property
    def circles(self) -> tuple[tuple[str, ...], ...]:
        """Definitions that rest on themselves, by way of others or at once."""
        found: dict[frozenset[str], tuple[str, ...]] = {}
        for start in self.rests_on:
            for circle in _circles(self.rests_on, (start,)):
                found.setdefault(frozenset(circle), circle)
        return tuple(found.values())


def _circles(
    rests_on: Mapping[str, tuple[str, ...]], path: tuple[str, ...]
) -> Iterator[tuple[str, ...]]:
    for term in rests_on.get(path[-1], ()):
        if term == path[0]:
            yield path
        elif term not in path and len(path) < 12:
            yield from _circles(rests_on, (*path, term))


def term_graph(reading: Reading) -> TermGraph:
    """The defined terms of a text."""
    defined: dict[str, list[Definition]] = {}
    for item in reading.definitions:
        same = defined.setdefault(_key(item.term), [])
        if all(item.words != other.words for other in same):  # “Parties”, each a “Party”
            same.append(item)
    uses, rests_on = {}, {}
    for term, items in defined.items():
        places = {item.at for item in items}
        used = _word(term)
        uses[term] = tuple(
            p.at
            for p in reading.paragraphs
            if used.search(_beyond(p.text, [i.words for i in items if i.at in places]))
        )
        rests_on[term] = tuple(
            other for other in defined if any(_rests(item, other) for item in items)
        )
    named = {k: tuple(v) for k, v in defined.items()}
    return TermGraph(named, uses, rests_on, tuple(_undefined(reading, set(defined))))


def _key(term: str) -> str:
    words = term.strip().removeprefix("the ").removeprefix("The ").split()
    return " ".join([*words[:-1], _single(words[-1])]) if words else term


def _single(word: str) -> str:
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def _word(term: str) -> re.Pattern[str]:
    stem = re.escape(term[:-1] if term.endswith("y") else term)
    tail = "(?:y|ies)" if term.endswith("y") else "(?:e?s)?"
    return re.compile(rf"\b{stem}{tail}\b")


def _beyond(text: str, definitions: list[str]) -> str:
    """A text without the sentences that define."""
    for words in definitions:
        text = text.replace(words, "")
    return text


def _rests(item: Definition, other: str) -> bool:
    """Whether what a term is said to mean names another term."""
    return bool(_word(other).search(item.meaning))


def _undefined(reading: Reading, defined: set[str]) -> Iterator[tuple[str, str]]:
    known = defined | {_key(name) for name in reading.parties} | set(_established(reading))
    known |= {_key(title) for title in (reading.draft.front.title,)}
    seen: set[str] = set()
    for sentence in reading.sentences:
        found = [m["term"] for m in _CAPITAL.finditer(sentence.text)]
        found += [m["term"] for m in _QUOTED.finditer(sentence.text) if m["term"][0].isupper()]
        for term in found:
            key = _key(_name_only(term))
            inside = any(key == k or key in k or k in key for k in known)
            if key and not inside and key not in seen and key not in _ELSEWHERE:
                seen.add(key)
                yield key, sentence.at


def _name_only(term: str) -> str:
    words = term.split()
    while words and words[0] in {"The", "This", "Each", "Any", "No", "All", "A", "An", "Article"}:
        words = words[1:]
    return " ".join(words)


def _established(reading: Reading) -> Iterator[str]:
    for sentence in reading.sentences:
        for found in _ESTABLISHED.finditer(sentence.text):
            name = (found["after"] or found["before"] or "").strip()
            if name:
                yield _key(name)


def terms(reading: Reading) -> Outcome:
    """Each term defined once, each capitalised or quoted term defined."""
    graph = term_graph(reading)
    if not graph.defined and not graph.undefined:
        return Absent(False)
    twice = [
        Problem(
            graph.defined[term][1].at,
            f"“{term}” is defined here again, after {_place(reading, graph.defined[term][0].at)}: "
            "it may have two senses.",
            "Keep one definition, or give the second sense a term of its own.",
        )
        for term in graph.twice
    ]
    missing = [
        Problem(
            at,
            f"“{term}” is written as a defined term and is not defined.",
            f"Define it: “{term}” means …; or write it small.",
        )
        for term, at in graph.undefined
    ]
    return (*twice, *missing)


def circular(reading: Reading) -> Outcome:
    """Each definition used; none resting on itself."""
    graph = term_graph(reading)
    if not graph.defined:
        return Absent(False)
    unused = [
        Problem(
            graph.defined[term][0].at,
            f"“{term}” is defined and not used.",
            "Take the definition out, or use the term where it is meant.",
        )
        for term in graph.unused
    ]
    circles = [
        Problem(
            graph.defined[circle[0]][0].at,
            f"Definitions rest on one another: {' → '.join((*circle, circle[0]))}.",
            "Define one of them in words of its own.",
        )
        for circle in graph.circles
    ]
    return (*unused, *circles)


def _place(reading: Reading, at: str) -> str:
    return reading.draft.place(at)
