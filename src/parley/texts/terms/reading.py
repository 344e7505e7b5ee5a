"""What can be read off the words of a text: sentences, duties, definitions, references, times.

These readings are of English drafting as it is usual in agreements. They are made for finding what
to look at; what a text itself declares at its head (obligations, steps) comes before what is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from parley.texts.articles import HEADED, Draft, Provision

_ABBREVIATIONS = re.compile(
    r"\b(Art|Arts|No|Nos|para|paras|cf|e\.g|i\.e|Mr|Ms|Gen|Col|Lt|St|km|UTC)\.$"
)
_BREAK = re.compile(r"(?<=[.;!?])\s+(?=[A-Z“\"(])")
_NOTE = re.compile(r"\[\^[^\]\s]{1,20}\]")

_DEFINED = re.compile(
    r"[“\"](?P<term>[^”\"]{2,60})[”\"]\s*(?P<verb>means?|refers? to|denotes?|includes?|comprises?|"
    r"consists? of|shall mean|is|are|has the meaning|have the meaning)\b"
)
_HEREINAFTER = re.compile(r"\((?P<inside>[^()]{0,200}[“\"][^()]{2,200})\)")
_QUOTED = re.compile(r"[“\"](?P<term>[^”\"]{2,60})[”\"]")
_NAMING = frozenset(
    "hereinafter hereafter herein referred to as together collectively jointly individually the "
    "each a an and or called below".split()
)
_BARE_DEFINED = re.compile(
    r"^(?P<term>(?:[A-Z0-9][\w-]*)(?:\s(?:of|and|the|[A-Z0-9][\w-]*)){0,4})\s+(?:means?|denotes?)\b"
)
_MODAL = re.compile(
    r"\b(?P<modal>shall not|must not|may not|shall|must|undertakes? (?:not )?to|"
    r"agrees? (?:not )?to|commits? (?:itself|themselves) (?:not )?to|will not|will|may)\b"
)


@dataclass(frozen=True)
class Sentence:
    """A sentence, with the provision that it stands in and the heading above."""

    text: str
    at: str
    article: str
    heading: str


@dataclass(frozen=True)
class Duty:
    """What a sentence obliges, allows or forbids; `actor` is what stands before the verb."""

    actor: str
    mode: str
    act: str
    sentence: Sentence


@dataclass(frozen=True)
class Definition:
    """A term, where it is defined, the sentence that does it, and what it is said to mean."""

    term: str
    at: str
    words: str
    meaning: str


@dataclass(frozen=True, eq=False)
class Reading:
    """A text as the tests of terms see it."""

    draft: Draft

    @cached_property
    def paragraphs(self) -> tuple[Sentence, ...]:
        """Paragraphs with their points as one, and headings without paragraphs."""
        found: list[Sentence] = []

        def visit(provision: Provision, article: str, heading: str) -> None:
            if provision.kind in HEADED:
                heading = f"{provision.label} {provision.heading}".strip()
                for child in provision.children:
                    visit(child, provision.id, heading)
                if not provision.children:
                    found.append(Sentence("", provision.id, provision.id, heading))
                return
            words = " ".join(p.text.replace("\t", " ") for p in provision.walk() if p.text)
            found.append(Sentence(_NOTE.sub("", words), provision.id, article, heading))

        for top in self.draft.provisions:
            visit(top, "", "")
        return tuple(found)

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """Sentences; a point is read together with the words that introduce it."""
        return tuple(
            Sentence(text, at, paragraph.article, paragraph.heading)
            for paragraph in self.paragraphs
            for at, words in _unfolded(self.draft.by_id[paragraph.at])
            for text in split_sentences(_NOTE.sub("", words))
        )

    @cached_property
    def text(self) -> str:
        """All words, headings included."""
        return "\n".join(f"{p.heading}\n{p.text}" for p in self.paragraphs)

    @cached_property
    def duties(self) -> tuple[Duty, ...]:
        """What the text obliges, allows or forbids: as its head declares it, else as its words say.

        Where the head declares the obligations of a provision, its words are not read for others.
        """
        declared = self.draft.front.obligations
        known = {item.at for item in declared}
        found = [duty for s in self.sentences if s.at not in known for duty in _duties(s)]
        for item in declared:
            words = next((s for s in self.sentences if s.at == item.at), None)
            here = self.draft.article_of(item.at).id
            sentence = words or Sentence("", item.at, here, "")
            parts = (item.act, item.object, item.place, item.time, item.condition, item.exception)
            act = " ".join(part for part in parts if part)
            found.append(Duty(" and ".join(item.actor), item.mode, act, sentence))
        return tuple(found)

    @cached_property
    def definitions(self) -> tuple[Definition, ...]:
        """Terms with the words that define them."""
        return tuple(
            Definition(term, s.at, s.text, meaning)
            for s in self.sentences
            for term, meaning in _terms_in(s.text)
        )

    def article_text(self, article: str) -> str:
        """All words of an article, its heading included."""
        inside = [p for p in self.paragraphs if p.article == article]
        heading = inside[0].heading if inside else ""
        return "\n".join([heading, *(p.text for p in inside)])

    @cached_property
    def parties(self) -> tuple[str, ...]:
        """Names of the parties, where the text says who they are."""
        return tuple(dict.fromkeys(_parties(self)))


def _unfolded(provision: Provision) -> Iterator[tuple[str, str]]:
    """The words of a paragraph; each point with the words that lead to it."""
    if provision.kind in HEADED:
        return
    text = provision.text.replace("\t", " ").strip()
    if not provision.children or not text.rstrip().endswith((":", "—", "–")):
        yield provision.id, text
        for child in provision.children:
            yield from _unfolded(child)
        return
    lead = text.rstrip(":—– ")
    for child in provision.children:
        for at, words in _unfolded(child):
            yield at, f"{lead} {words}"


def split_sentences(text: str) -> list[str]:
    """The sentences of a text; also what semicolons part."""
    parts: list[str] = []
    for part in _BREAK.split(text):
        if parts and _ABBREVIATIONS.search(parts[-1]):
            parts[-1] += f" {part}"
        elif part.strip():
            parts.append(part)
    return [part.strip() for part in parts]


def _terms_in(text: str) -> Iterator[tuple[str, str]]:
    """Terms that a sentence defines, with what it says that they mean."""
    found: dict[str, str] = {}
    for match in _DEFINED.finditer(text):
        meaning = re.split(r";|[“\"]", text[match.end() :], maxsplit=1)[0]
        found.setdefault(match["term"].strip(" ,."), meaning)
    for match in _HEREINAFTER.finditer(text):
        around = re.findall(r"\w+", _QUOTED.sub(" ", match["inside"]).lower())
        if set(around) <= _NAMING:
            for quoted in _QUOTED.finditer(match["inside"]):
                found.setdefault(quoted["term"].strip(" ,."), "")
    bare = _BARE_DEFINED.match(text)
    if bare and not found:
        found[bare["term"]] = text[bare.end() :].split(";", maxsplit=1)[0]
    yield from found.items()


def _duties(sentence: Sentence) -> Iterator[Duty]:
    if any(True for _ in _terms_in(sentence.text)):
        return
    begin = 0
    actor = ""
    for found in _MODAL.finditer(sentence.text):
        before = sentence.text[begin : found.start()].strip(" ,;")
        after = sentence.text[found.end() :].strip()
        modal = found["modal"]
        own = _subject(before) or actor
        actor = own
        begin = found.end()
        yield Duty(own, _mode(modal), after, sentence)


def _mode(modal: str) -> str:
    if "not" in modal.split():
        return "must not"
    return "may" if modal == "may" else "must"


_CLAUSE = re.compile(
    r"\b(?:if|when|where|unless|until|once|after|before|upon|within|during|from|for|in|on|at|by|"
    r"provided that|as soon as|no later than|not later than|pending)\b[^,]*,\s*",
    re.IGNORECASE,
)
_JOINED = re.compile(r",?\s*(?:and|or|but|;|, which|, who|that|which|who)\s+(?=[A-Za-z])")


def _subject(before: str) -> str:
    """The words before a verb that say who acts, without clauses of time and condition."""
    words = before.strip()
    while True:
        found = _CLAUSE.match(words)
        if not found:
            break
        words = words[found.end() :]
    return words.strip(" ,;:")


_BETWEEN = re.compile(
    r"\b(?:between|by and between|concluded by)\s+(?P<list>.{5,400}?)"
    r"(?:\s*[.;(]|,?\s+(?:hereinafter|have|agree|on\b|for\b|concerning|regarding|to\b)|$)",
    re.DOTALL,
)
_MEANS_PARTIES = re.compile(
    r"[“\"](?:the )?(?:Parties|Sides|Party|Side)[”\"]\s+(?:means?|are|is|refers? to)\s+"
    r"(?:only |exactly )?(?P<list>.+)",
    re.DOTALL,
)
_NAME = re.compile(
    r"(?:the |The )?(?P<name>[A-Z][\w'’-]*(?:\s+(?:of|for|the|and the|[A-Z][\w'’-]*))*)"
)


def _parties(reading: Reading) -> Iterator[str]:
    for pattern in (_MEANS_PARTIES, _BETWEEN):
        for sentence in reading.sentences:
            found = pattern.search(sentence.text)
            if not found:
                continue
            names = [_clean(part) for part in re.split(r",|;|\band\b", found["list"])]
            kept = [name for name in names if name]
            if len(kept) > 1:
                yield from kept
                return


def _clean(part: str) -> str:
    found = _NAME.match(part.strip())
    if not found:
        return ""
    name = re.sub(r"\s+(?:of|for|the|and the)$", "", found["name"].strip())
    return name if name.lower() not in {"parties", "party", "side", "sides"} else ""
