"""The paragraphs of a text as they are put side by side."""

from __future__ import annotations

from dataclasses import dataclass

from parley.texts.articles import HEADED, Draft, Provision


@dataclass(frozen=True)
class Unit:
    """A paragraph with its points, or the rows of a table: what is aligned.

    `id` is that of the paragraph, `text` all its words, `heading` that of its article, `issues` the
    issues of the case that it is tied to.
    """

    id: str
    text: str
    heading: str
    article: str
    issues: frozenset[str] = frozenset()


def units_of(draft: Draft) -> tuple[Unit, ...]:
    """The paragraphs of a text, in order; a heading without any stands for itself."""
    found: list[Unit] = []

    def visit(provision: Provision, heading: str, article: str) -> None:
        if provision.kind not in HEADED:
            words, issues = _all_words(provision), _issues(provision)
            found.append(Unit(provision.id, words, heading, article, issues))
            return
        below = [c for c in provision.children if c.kind not in HEADED]
        if not provision.children:
            found.append(Unit(provision.id, provision.heading, heading, provision.id))
        for child in below:
            visit(child, provision.heading, provision.id)
        for child in provision.children:
            if child.kind in HEADED:
                visit(child, child.heading, child.id)

    for top in draft.provisions:
        visit(top, "", "")
    return tuple(found)


def _all_words(provision: Provision) -> str:
    return " ".join(p.text.replace("\t", " ") for p in provision.walk() if p.text)


def _issues(provision: Provision) -> frozenset[str]:
    return frozenset(link.partition(".")[0] for p in provision.walk() for link in p.issues)
