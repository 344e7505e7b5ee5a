"""What is measured of texts: a comparison, the terms, and a long Word file read."""

from __future__ import annotations

import random
import resource
import tempfile
from multiprocessing import get_context
from pathlib import Path

from benchmarks.cases import Row, best_of
from parley.texts.articles import Draft, Front, Provision, ProvisionKind, TextKind
from parley.texts.comparing.table import compare
from parley.texts.terms.check import check_terms
from parley.texts.word.reading import read_word
from parley.texts.word.writing import write_word

WORDS = (
    "the Parties shall each cease fire within thirty days of signature and withdraw their heavy "
    "weapons from the line of contact as shown in annex A under the eyes of the mission which may "
    "report to both commanders any violation of this agreement by prisoners drones or artillery"
).split()


def text_of(seed: int, articles: int, paragraphs: int, words: int) -> Draft:
    """A text of random words."""
    draw = random.Random(seed)

    def said(count: int) -> str:
        return " ".join(draw.choice(WORDS) for _ in range(count)).capitalize() + "."

    tops = []
    for k in range(1, articles + 1):
        children = tuple(
            Provision(f"a{k}-{j}", ProvisionKind.PARAGRAPH, f"{j}.", text=said(words))
            for j in range(1, paragraphs + 1)
        )
        label = f"Article {k}"
        tops.append(Provision(f"a{k}", ProvisionKind.ARTICLE, label, said(3), "", children))
    return Draft("made.md", Front(parley=1, title="Made"), tuple(tops))


def compared() -> float:
    """Seconds to compare two texts of 200 articles."""
    texts = []
    for seed in (1, 2):
        text = text_of(seed, 200, 4, 25)
        texts.append(Draft(text.name, text.front, _renamed(text.provisions, seed)))
    return best_of(3, lambda: compare(texts))


def _renamed(provisions: tuple[Provision, ...], seed: int) -> tuple[Provision, ...]:
    """The same with identifiers of its own, so that they give no hint."""
    return tuple(
        Provision(f"t{seed}-{p.id}", p.kind, p.label, p.heading, p.text, _renamed(p.children, seed))
        for p in provisions
    )


def checked() -> float:
    """Seconds for the terms of a text of 200 articles."""
    text = text_of(1, 200, 4, 25)
    return best_of(3, lambda: check_terms(text, TextKind.CESSATION))


def read_long(path: str) -> tuple[float, float]:
    """Seconds to read a Word file, and the peak memory of the process in MB."""
    seconds = best_of(2, lambda: read_word(Path(path)).draft())
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def text_rows() -> list[Row]:
    """The lines of the table that are about texts."""
    rows = [
        Row("two texts of 200 articles compared", "800 paragraphs", f"{compared():.2f} s", "5 s"),
        Row("terms of a text of 200 articles", "60 elements", f"{checked():.2f} s", "3 s"),
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "long.docx"
        write_word(text_of(3, 500, 5, 90), path)
        with get_context("spawn").Pool(1) as pool:
            seconds, peak = pool.apply(read_long, (str(path),))
    what = "a Word file of 225,000 words (some 500 pages) read"
    rows.append(Row(what, f"peak {peak:.0f} MB", f"{seconds:.2f} s", "20 s, 500 MB"))
    return rows
