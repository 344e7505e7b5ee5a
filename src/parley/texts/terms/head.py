"""Who, what kind, in which languages, from when: what stands at the beginning and end of a text."""

from __future__ import annotations

import re

from parley.texts.articles import TextKind
from parley.texts.terms.checklist import compiled
from parley.texts.terms.findings import Absent, Outcome, Problem
from parley.texts.terms.reading import Reading, Sentence

_BARE = re.compile(
    r"\b(?:the|both|all|either|each|two|warring|opposing|conflicting)\s+(?:warring |opposing |armed )?"
    r"(?P<word>sides?|factions?|belligerents?|part(?:y|ies)|armed groups?|combatants)\b"
    r"(?!\s+(?:of|arms?|that|which|who)\b)",
    re.IGNORECASE,
)


def parties(reading: Reading) -> Outcome:
    """Each party named as one actor; no bare “the sides”."""
    named = reading.parties
    defined = {_single(d.term.removeprefix("the ")) for d in reading.definitions}
    bare = [
        (p, m["word"])
        for p in reading.paragraphs
        for m in _BARE.finditer(p.text)
        if _single(m["word"]) not in defined
    ]
    if not bare:
        actors = {d.actor for d in reading.duties if d.actor[:1].isupper()}
        return () if len(named) > 1 or len(actors) > 1 else Absent()
    if len(named) > 1 and all(_single(word) == "party" for _, word in bare):
        return ()
    paragraph, word = bare[0]
    what = f"“{word}” is used, and it is not defined who they are."
    remedy = "Name each: “Parties” means A and B."
    return (Problem(paragraph.at, what, remedy),)


def _single(word: str) -> str:
    word = word.lower()
    return f"{word[:-3]}y" if word.endswith("ies") else word.rstrip("s")


_SIGNS = re.compile(
    r"\b(?:signed (?:by|for|on behalf)|[Ff]or (?:the )?[A-Z][^:.;]{1,80}:|on behalf of|signator(?:y|ies)|"
    r"in witness whereof|signatures? by\b)",
)
_CAPACITY = re.compile(
    r"\b(minister|general|head|commander|chief|chair\w*|secretary|representative|president|deputy|"
    r"ambassador|plenipotentiar\w+|delegate|admiral|colonel|marshal|envoy|governor|leader|director|"
    r"negotiator|premier|speaker|member)\b",
    re.IGNORECASE,
)
_PERSON = re.compile(r"\b[A-Z][\w'’-]+\s+(?:[A-Z]\.\s+)?(?:[a-z]{2,3}\s+)?[A-Z][\w'’-]+")


def signatories(reading: Reading) -> Outcome:
    """Each party has a signatory with name and capacity."""
    lines = [p for p in reading.paragraphs if _SIGNS.search(p.text)]
    if not lines:
        return Absent()
    text = " ".join(reading.article_text(a) for a in dict.fromkeys(p.article for p in lines))
    for name in reading.parties:
        at = text.find(name)
        if at < 0:
            what = f"Nobody signs for {name}."
            return (Problem(lines[0].at, what, "Add name and capacity of who signs."),)
    problems = []
    for line in lines:
        own = line.text
        for name in reading.parties:
            own = own.replace(name, "")
        if not _PERSON.search(own):
            what = "The name of who signs is missing."
            problems.append(Problem(line.at, what, "Add the name."))
        elif not _CAPACITY.search(own):
            what = "The capacity in which one signs is missing."
            problems.append(Problem(line.at, what, "Add the capacity: “Minister of …”."))
    return tuple(problems)


_KINDS = {
    TextKind.PAUSE: re.compile(r"\b(pause|truce|humanitarian (?:pause|ceasefire)|lull)\b", re.I),
    TextKind.CESSATION: re.compile(r"\b(cessation(?: of hostilities)?)\b", re.I),
    TextKind.DEFINITIVE: re.compile(
        r"\b(definitive|permanent|final|comprehensive) (?:ceasefire|cease-fire|peace|truce)", re.I
    ),
    TextKind.FRAMEWORK: re.compile(r"\b(framework)\b", re.I),
}
_STATES_KIND = re.compile(
    r"\b(?:this|the present) (?:agreement|text|document|instrument|protocol)\b[^.]{0,40}\b(?:is|provides "
    r"for|constitutes|establishes|sets)\b|\bkind of (?:text|agreement)\b",
    re.IGNORECASE,
)
_LASTING = frozenset({TextKind.DEFINITIVE})


def kind(reading: Reading) -> Outcome:
    """The kind of text is said, and agrees with its title and how long it lasts."""
    said = [s for s in reading.sentences if _STATES_KIND.search(s.text) and _kinds_in(s.text)]
    title = _kinds_in(reading.draft.front.title)
    if not said:
        return Absent()
    stated = _kinds_in(said[0].text)
    if title and not stated & title:
        what = f"The text calls itself {_names(stated)}, and its title says {_names(title)}."
        return (Problem(said[0].at, what, "Make title and text agree."),)
    front = reading.draft.front.kind
    if front is not None and front not in stated:
        what = f"The text calls itself {_names(stated)}, and its head says {front.value}."
        return (Problem(said[0].at, what, "Make them agree."),)
    return _against_duration(reading, stated, said[0])


def _against_duration(reading: Reading, stated: set[TextKind], said: Sentence) -> Outcome:
    lasts = compiled(
        (r"\b(?:lasts?|expires?|remains? in force|for a period of)\b[^.]{0,60}<span>",)
    )
    endless = re.compile(r"\b(?:indefinite(?:ly)?|no fixed term|permanent(?:ly)?)\b", re.IGNORECASE)
    for sentence in reading.sentences:
        if stated & _LASTING and lasts.search(sentence.text):
            what = "A definitive ceasefire lasts for a set time only."
            return (Problem(sentence.at, what, "Call it a pause, or take the end out."),)
        if TextKind.PAUSE in stated and sentence != said and endless.search(sentence.text):
            what = "A pause is said to last without end."
            return (Problem(sentence.at, what, "Set its end, or call it a cessation."),)
    return ()


def _kinds_in(text: str) -> set[TextKind]:
    return {kind for kind, words in _KINDS.items() if words.search(text)}


def _names(kinds: set[TextKind]) -> str:
    return " and ".join(sorted(kind.value for kind in kinds))


_LANGUAGE = re.compile(
    r"\b(?:Arabic|Armenian|Azerbaijani|Chinese|Dari|English|French|Georgian|German|Hebrew|Italian|"
    r"Kurdish|Pashto|Persian|Portuguese|Romanian|Russian|Serbian|Spanish|Swahili|Turkish|Ukrainian|"
    r"Urdu|[A-Z][a-z]+(?:ian|ish|ese|ic|an|i|ine|u))\b"
)
_ON_LANGUAGE = re.compile(
    r"\b(?:authentic|languages?|(?:[A-Z]\w+) (?:text|version)s?|equally valid|done in)\b"
)
_PREVAILS = re.compile(
    r"\b(?:prevails?|takes? precedence|controls?|governs?|shall be decisive|is decisive)\b", re.I
)


def languages(reading: Reading) -> Outcome:
    """The authentic languages are listed, and which prevails if there are several."""
    hits = [p for p in reading.paragraphs if _ON_LANGUAGE.search(p.text)]
    hits = [p for p in hits if re.search(r"authentic|languages?|version|text", p.text)]
    hits = [p for p in hits if _LANGUAGE.search(p.text) or "language" in p.text.lower()]
    if not hits:
        return Absent()
    text = " ".join(reading.article_text(a) for a in dict.fromkeys(p.article for p in hits))
    listed = set(_LANGUAGE.findall(" ".join(p.text for p in hits)))
    if not listed:
        return (Problem(hits[0].at, "The languages are not listed.", "List them by name."),)
    if len(listed) > 1 and not _PREVAILS.search(text):
        what = "There are several authentic languages, and none prevails."
        return (Problem(hits[0].at, what, "Say which prevails where they differ."),)
    return ()


_STARTS = re.compile(
    r"\b(?:T0\b[”\"]?\s+(?:means?|is|shall be)|enters? into force|entry into force|takes? effect|"
    r"(?:shall )?(?:cease|begins?|starts?|commences?|stops?)\b[^.]{0,80}\b(?:at|on|from|when|once|upon)\b)",
    re.IGNORECASE,
)
_CEASES = re.compile(
    r"T0|ceasefire|cease-fire|cessation|hostilit|\bfire\b|truce|pause|into force|takes? effect",
    re.I,
)
_ZONE = re.compile(
    r"\b(?:UTC|GMT|Z\b|CET|CEST|EET|EEST|MSK|EST|local time|[A-Z]\w+ (?:standard )?time|time zone)|"
    r"[+-]\d{2}:\d{2}|[+-]\d{4}\b",
)
_TRIGGER = re.compile(r"\b(?:when|once|upon|as soon as|after)\b", re.IGNORECASE)
_DECIDES = re.compile(
    r"\b(?:Commission|Committee|Mission|Council|Guarantor|Chair|Board|Mediator|Secretary|Panel|Body|"
    r"Cell|Centre)\w*\b[^.]{0,80}\b(?:certif|declar|determin|confirm|announc|notif|record|find)\w*|"
    r"\b(?:certified|declared|determined|confirmed|announced|notified|certification|confirmation|"
    r"declaration|notification)\b[^.]{0,40}\bby the [A-Z]",
)


def start(reading: Reading) -> Outcome:
    """A moment with date, hour and zone; or a trigger, and a body that says that it has come."""
    hits = [s for s in reading.sentences if _STARTS.search(s.text) and _CEASES.search(s.text)]
    if not hits:
        return Absent()
    best: list[Problem] | None = None
    for hit in hits:
        found = _start_problems(hit)
        if not found:
            return ()
        if best is None or len(found) < len(best):
            best = found
    return tuple(best or ())


def _start_problems(hit: Sentence) -> list[Problem]:
    date, clock = (compiled((f"<{name}>",)).search(hit.text) for name in ("date", "clock"))
    if not date and _TRIGGER.search(hit.text):
        if _DECIDES.search(hit.text):
            return []
        what = "It starts upon an event, and nobody is named who says that it has come."
        return [Problem(hit.at, what, "Name the body that declares it, or give a moment.")]
    parts = [("the date", date), ("the hour", clock), ("the time zone", _ZONE.search(hit.text))]
    missing = [name for name, there in parts if not there]
    what = f"Of the start is missing: {', '.join(missing)}."
    remedy = "Write: “at 06:00 UTC on 10 June 2025”."
    return [Problem(hit.at, what, remedy)] if missing else []
