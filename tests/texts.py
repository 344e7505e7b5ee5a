"""Texts for tests: short ones by hand, and any by hypothesis."""

from __future__ import annotations

from hypothesis import strategies as st

from parley.texts.articles import CELL, Draft, Front, Provision, ProvisionKind
from parley.texts.markdown import parse_markdown

HEAD = "---\nparley: 1\ntitle: T\n---\n\n"
MARKS = st.sampled_from(list(".,;:()[]{}#|\\*_-–—“”«»'\"/^~`!?1a iЇїґяعربיִ漢\u00a0%&<>=+"))
LETTERS = st.one_of(MARKS, st.characters(categories=["L", "N", "P", "S"]))


def text_of(body: str, head: str = HEAD) -> Draft:
    return parse_markdown(head + body, "t.md")


def any_words() -> st.SearchStrategy[str]:
    """Words of a paragraph, with all that a format could stumble on."""
    word = st.text(LETTERS, min_size=1, max_size=8).map(lambda w: "".join(w.split()) or "x")
    return st.lists(word, min_size=1, max_size=8).map(" ".join)


WORDS = "the Parties shall cease fire within thirty days guns Київ لجنة zone 60 and not may".split()


def plain_words() -> st.SearchStrategy[str]:
    """Words of a paragraph as people write them, so that texts have some in common."""
    return st.lists(st.sampled_from(WORDS), min_size=1, max_size=12).map(" ".join)


def plain_drafts() -> st.SearchStrategy[Draft]:
    """Texts of plain words, that have much in common."""
    return drafts(plain_words())


@st.composite
def drafts(draw: st.DrawFn, words: st.SearchStrategy[str] | None = None) -> Draft:
    """A text with articles, paragraphs, points and rows of tables."""
    words = any_words() if words is None else words
    numbers = range(1, draw(st.integers(1, 4)) + 1)
    articles = tuple(
        _headed(draw, ProvisionKind.ARTICLE, f"Article {k}", f"a{k}", words) for k in numbers
    )
    annex = (_headed(draw, ProvisionKind.ANNEX, "Annex A", "annex-a", words),)
    opening = (Provision("opening", ProvisionKind.PARAGRAPH, text=draw(words)),)
    tops = (*opening, *articles, *(annex if draw(st.booleans()) else ()))
    return Draft("made.md", Front(parley=1, title="T", party="a"), tops)


def _headed(
    draw: st.DrawFn,
    kind: ProvisionKind,
    label: str,
    name: str,
    words: st.SearchStrategy[str],
) -> Provision:
    numbers = range(1, draw(COUNTS) + 1)
    children = [_paragraph(draw, f"{name}-{j}", f"{j}.", words) for j in numbers]
    if draw(st.booleans()):
        cells = draw(st.lists(words, min_size=2, max_size=3))
        children.append(Provision(f"{name}-row", ProvisionKind.ROW, text=CELL.join(cells)))
    issues = draw(st.sampled_from([(), ("ceasefire",), ("ceasefire.full", "aid")]))
    heading = draw(words)
    return Provision(name, kind, label, heading, "", tuple(children), issues)


COUNTS = st.integers(1, 4)


def _paragraph(draw: st.DrawFn, name: str, label: str, words: st.SearchStrategy[str]) -> Provision:
    points = tuple(
        Provision(f"{name}-{c}", ProvisionKind.POINT, f"({c})", text=draw(words))
        for c in "abc"[: draw(st.integers(0, 3))]
    )
    return Provision(name, ProvisionKind.PARAGRAPH, label, "", draw(words), points)
