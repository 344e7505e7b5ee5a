"""References within a text: to articles, paragraphs and annexes; and whether they lead anywhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from parley.texts.articles import Draft, Provision, ProvisionKind
from parley.texts.terms.checklist import compiled
from parley.texts.terms.findings import Absent, Outcome, Problem
from parley.texts.terms.reading import Reading

_ARTICLE = re.compile(
    r"(?:(?P<lead>(?:sub-?)?paragraphs?|points?)\s+(?P<first>[\d.]+|\([a-z\d]+\))"
    r"(?:\s?\([a-z\d]+\))*(?:\s+and\s+[\d.]+)?\s+of\s+)?"
    r"\bArticles?\s+(?P<numbers>\d+(?:\.\d+)*(?:\s*\(\d+\))?(?:\s*(?:,|and|or|to|through|–|-)\s*\d+)*)"
    r"(?:,?\s+paragraphs?\s+(?P<then>\d+))?(?=(?P<after>[^.;]{0,60}))"
)
_FOREIGN = re.compile(
    r"^(?:\s*\([\w]+\))*(?:,? (?:paragraph|point)s? [\w()]+)?,?\s+(?:of|to|in)\s+(?:the|that|its|an?)\s+"
    r"(?:[\w-]+\s+){0,6}?(?:Charter|Convention|Treaty|Protocols?|Constitution|Act|Law|Regulation|"
    r"Agreement of|Accord|Statute|Memorandum|Annex)\b"
)
_ANNEX = re.compile(
    r"\bAnnex(?:es)?\s+(?P<names>[A-Z\d]{1,3}(?:\s*(?:,|and|or|to)\s*[A-Z\d]{1,3})*)\b"
)
_RANGE = re.compile(r"(\d+)\s*(?:to|through|–|-)\s*(\d+)")


@dataclass(frozen=True)
class Reference:
    """A reference, where it stands, and what it leads to; ``None`` if nowhere."""

    words: str
    at: str
    target: str | None


def references(reading: Reading) -> tuple[Reference, ...]:
    """Every reference of a text to its own articles, paragraphs and annexes."""
    articles = {_number(p): p for p in reading.draft.all if p.kind is ProvisionKind.ARTICLE}
    annexes = _annexes(reading.draft)
    found: list[Reference] = []
    for paragraph in reading.paragraphs:
        for match in _ARTICLE.finditer(paragraph.text):
            if not _FOREIGN.match(match["after"] or ""):
                found += _to_articles(match, paragraph.at, articles)
        for match in _ANNEX.finditer(paragraph.text):
            for name in re.findall(r"[A-Z\d]{1,3}", match["names"]):
                target = annexes.get(name)
                found.append(
                    Reference(f"Annex {name}", paragraph.at, target.id if target else None)
                )
    return tuple(found)


def _to_articles(
    match: re.Match[str], at: str, articles: dict[str, Provision]
) -> Iterator[Reference]:
    inner = match["then"] or (match["first"] or "").strip("().") or None
    for number in _numbers(match["numbers"]):
        article = articles.get(number)
        words = f"Article {number}" + (f", paragraph {inner}" if inner else "")
        target = article.id if article else None
        if article is not None and inner:
            target = _inside(article, inner)
        yield Reference(words, at, target)


def _numbers(text: str) -> list[str]:
    text = re.sub(r"\(\d+\)", "", text)
    found: list[str] = []
    for first, last in _RANGE.findall(text):
        found += [str(n) for n in range(int(first), min(int(last), int(first) + 200) + 1)]
    return list(dict.fromkeys([*found, *re.findall(r"\d+(?:\.\d+)*", text)]))


def _inside(article: Provision, inner: str) -> str | None:
    for provision in article.walk():
        if provision is not article and provision.label.strip("().") == inner:
            return provision.id
    return None


def _number(provision: Provision) -> str:
    found = re.search(r"\d+(?:\.\d+)*", provision.label)
    return found[0] if found else provision.label


def _annexes(draft: Draft) -> dict[str, Provision]:
    found = [p for p in draft.all if p.kind is ProvisionKind.ANNEX]
    return {p.label.split()[-1].rstrip(".").upper(): p for p in found}


def cross_references(reading: Reading) -> Outcome:
    """Every reference to an article or paragraph leads to one."""
    found = [r for r in references(reading) if r.words.startswith("Article")]
    if not found:
        return Absent(False)
    return tuple(
        Problem(r.at, f"“{r.words}” is not in this text.", "Correct the number, or add it.")
        for r in dict.fromkeys(found)
        if r.target is None
    )


_INTEGRAL = re.compile(r"\bintegral\b|\bforms? part of\b|\bpart of this\b", re.IGNORECASE)


def annexes(reading: Reading) -> Outcome:
    """Each annex that is cited is there, is dated, and is said to be part of the text."""
    own = _annexes(reading.draft)
    cited = [r for r in references(reading) if r.words.startswith("Annex")]
    if not cited and not own:
        return Absent(False)
    problems = [
        Problem(r.at, f"{r.words} is cited and is not there.", "Add it, or take the reference out.")
        for r in dict.fromkeys(cited)
        if r.target is None
    ]
    if not _INTEGRAL.search(reading.text):
        at = cited[0].at if cited else next(iter(own.values())).id
        what = "It is not said that the annexes are part of the text."
        problems.append(Problem(at, what, "Add: “The annexes are an integral part …”."))
    date = compiled(("<date>",))
    for name, annex in own.items():
        words = " ".join(p.words for p in annex.walk())
        about = re.compile(rf"\bAnnex(?:es)?\b[^.]*\b{re.escape(name)}\b[^.]*")
        near = [words, *(m[0] for p in reading.paragraphs for m in about.finditer(p.text))]
        every = re.search(r"\bannexes\b[^.]*\bdated\b[^.]*", reading.text, re.IGNORECASE)
        if not any(date.search(text) for text in near) and not (every and date.search(every[0])):
            problems.append(Problem(annex.id, f"Annex {name} is not dated.", "Date it."))
    return tuple(problems)
