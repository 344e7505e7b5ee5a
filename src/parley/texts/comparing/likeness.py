"""How alike paragraphs are: as bags of stems, as runs of letters, and by their articles.

Bags are weighted by how rare a word is in the two texts (tf-idf; Salton & Buckley 1988).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from parley.texts.comparing.units import Unit
from parley.texts.comparing.words import plain_words, stems

Floats = NDArray[np.float64]

WORDS = 0.72
"""Weight of stems; the rest is that of runs of letters."""
HEADING = 0.35
"""Weight of the words of a heading, beside those of the paragraph."""


class Space:
    """The paragraphs of both texts as vectors of unit length."""

    def __init__(
        self, left: Sequence[Unit], right: Sequence[Unit], languages: tuple[str, str]
    ) -> None:
        units = [(u, languages[0]) for u in left] + [(u, languages[1]) for u in right]
        self.size = len(left)
        self.words = _vectors([_bag(u, language) for u, language in units])
        self.letters = _vectors([_runs(u.text) for u, _ in units])

    def likeness(self) -> Floats:
        """Shape (left, right), from 0 to 1."""
        n = self.size
        words = self.words[:n] @ self.words[n:].T
        letters = self.letters[:n] @ self.letters[n:].T
        result: Floats = (WORDS * words + (1 - WORDS) * letters).toarray()
        return result

    def of_articles(self, left: Sequence[Unit], right: Sequence[Unit]) -> Floats:
        """Shape (left, right): likeness of the whole articles in which paragraphs stand."""
        n = self.size
        firsts = _sums([u.article for u in left]) @ self.words[:n]
        others = _sums([u.article for u in right]) @ self.words[n:]
        rows = _places([u.article for u in left])
        columns = _places([u.article for u in right])
        whole = (_unit_rows(firsts) @ _unit_rows(others).T).toarray()
        result: Floats = whole[np.ix_(rows, columns)]
        return result

    def of_groups(self, some: list[int], others: list[int]) -> float:
        """Likeness of several paragraphs taken as one with several others (counted from 0)."""
        return float(
            sum(
                weight * _cosine(matrix[some].sum(axis=0), matrix[others].sum(axis=0))
                for weight, matrix in ((WORDS, self.words), (1 - WORDS, self.letters))
            )
        )


def _places(names: Sequence[str]) -> list[int]:
    order = {name: k for k, name in enumerate(dict.fromkeys(names))}
    return [order[name] for name in names]


def _sums(names: Sequence[str]) -> sparse.csr_array:
    """A matrix that adds up the rows of like names."""
    places = _places(names)
    shape = (max(places) + 1, len(names))
    return sparse.csr_array((np.ones(len(names)), (places, range(len(names)))), shape=shape)


def _unit_rows(matrix: sparse.csr_array) -> sparse.csr_array:
    norms = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    return sparse.diags_array(1 / np.maximum(norms, 1e-12)).tocsr() @ matrix


def _cosine(a: object, b: object) -> float:
    x, y = np.asarray(a).ravel(), np.asarray(b).ravel()
    norm = float(np.linalg.norm(x) * np.linalg.norm(y))
    return float(x @ y) / norm if norm else 0.0


def _bag(unit: Unit, language: str) -> Counter[str]:
    bag: Counter[str] = Counter()
    for stem in stems(unit.text, language):
        bag[stem] += 1.0  # type: ignore[assignment]
    for stem in stems(unit.heading, language):
        bag[stem] += HEADING  # type: ignore[assignment]
    return bag


def _runs(text: str) -> Counter[str]:
    joined = f" {' '.join(plain_words(text))} "
    return Counter(joined[k : k + 4] for k in range(max(0, len(joined) - 3)))


def _vectors(bags: list[Counter[str]]) -> sparse.csr_array:
    """Rows of unit length, weighted by how rare a word is in the two texts."""
    names = {word: k for k, word in enumerate(sorted({w for bag in bags for w in bag}))}
    counts = np.zeros(max(1, len(names)))
    for bag in bags:
        for word in bag:
            counts[names[word]] += 1
    rarity = np.log((1 + len(bags)) / (1 + counts)) + 0.3
    data, columns, starts = [], [], [0]
    for bag in bags:
        weights = np.array([(1 + np.log(max(n, 0.2))) * rarity[names[w]] for w, n in bag.items()])
        weights = np.maximum(weights, 0.0)
        norm = np.linalg.norm(weights)
        data.append(weights / norm if norm else weights)
        columns.append(np.array([names[w] for w in bag], dtype=np.int64))
        starts.append(starts[-1] + len(bag))
    values = np.concatenate(data) if data else np.zeros(0)
    places = np.concatenate(columns) if columns else np.zeros(0, dtype=np.int64)
    return sparse.csr_array((values, places, starts), shape=(len(bags), max(1, len(names))))
