"""Tests that look for a subject and for what must stand with it, by patterns of words."""

from __future__ import annotations

from parley.texts.terms.checklist import Element, Need, compiled
from parley.texts.terms.findings import Absent, Outcome, Problem
from parley.texts.terms.reading import Reading, Sentence, split_sentences


def by_words(element: Element, reading: Reading) -> Outcome:
    """Look for an element by its patterns."""
    subject = compiled(element.subject)
    hits = [p for p in reading.paragraphs if subject.search(_with_heading(p))]
    if element.context:
        context = compiled(element.context, True)
        hits = [p for p in hits if context.search(_with_heading(p))]
    if not hits:
        return Absent(not element.if_mentioned)
    hits = [p for p in hits if subject.search(p.text)] or hits
    hits.sort(key=lambda hit: -_met(element, hit))  # the paragraph that says most comes first
    problems = [p for need in element.needs for p in _unmet(element, need, hits, reading)]
    return (*problems, *_barred(element, hits))


def _met(element: Element, hit: Sentence) -> int:
    return sum(bool(compiled(n.has, n.case).search(hit.text)) for n in element.needs)


def _with_heading(paragraph: Sentence) -> str:
    return f"{paragraph.heading}. {paragraph.text}"


def _unmet(element: Element, need: Need, hits: list[Sentence], reading: Reading) -> list[Problem]:
    wanted = compiled(need.has, need.case)
    what = f"Not said: {need.missing}."
    if need.each:
        subject = compiled(element.subject)
        return [
            Problem(hit.at, what, need.remedy)
            for hit in hits
            if not any(wanted.search(s) for s in split_sentences(hit.text) if subject.search(s))
            and not wanted.search(hit.text)
        ][:1]
    scope = need.scope or element.scope
    if scope == "text":
        found = wanted.search(reading.text)
    elif scope == "paragraph":
        found = next((m for hit in hits if (m := wanted.search(hit.text))), None)
    else:
        articles = dict.fromkeys(hit.article for hit in hits)
        found = next((m for a in articles if (m := wanted.search(reading.article_text(a)))), None)
    return [] if found else [Problem(hits[0].at, what, need.remedy)]


def _barred(element: Element, hits: list[Sentence]) -> list[Problem]:
    return [
        Problem(hit.at, f"{bar.wrong[:1].upper()}{bar.wrong[1:]}.", bar.remedy)
        for bar in element.bars
        for hit in hits
        if compiled(bar.has).search(hit.text)
    ][:1]
