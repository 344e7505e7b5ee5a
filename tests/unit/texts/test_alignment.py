"""The alignment against pairs that were aligned by hand; the scores are those of the docs."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from parley.texts.comparing.align import align
from parley.texts.comparing.units import units_of
from parley.texts.markdown import parse_markdown
from tests.texts import text_of

ROOT = Path(__file__).parents[3]
PAIRS = sorted((ROOT / "tests" / "data" / "alignment").glob("*.yaml"))


@cache
def scores(first: int) -> tuple[float, float]:
    """Precision and recall over every other pair, from the first or the second."""
    right = found = gold = 0
    for path in PAIRS[first::2]:
        data = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
        pairs = align(parse_markdown(data["a"], "a"), parse_markdown(data["b"], "b")).pairs()
        wanted = {(a, b) for a, b in data["gold"]}
        right, found, gold = right + len(pairs & wanted), found + len(pairs), gold + len(wanted)
    return right / found, right / gold


@pytest.mark.parametrize(("first", "name"), [(0, "odd"), (1, "even")])
def test_the_docs_tell_the_scores(first: int, name: str) -> None:
    page = (ROOT / "docs" / "methods" / "texts.md").read_text(encoding="utf-8")
    told = re.search(rf"\| {name} [^|]*\| ([\d.]+) \| ([\d.]+) \|", page)
    assert told is not None
    assert scores(first) == pytest.approx((float(told[1]), float(told[2])), abs=0.005)


def test_there_are_thirty_pairs_with_gold_that_exists() -> None:
    assert len(PAIRS) == 30
    for path in PAIRS:
        data = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
        texts = {side: parse_markdown(data[side], side) for side in "ab"}
        units = {side: {u.id for u in units_of(text)} for side, text in texts.items()}
        assert all(a in units["a"] and b in units["b"] for a, b in data["gold"])


A = (
    "## Article 1. A\n\n1. Prisoners are exchanged, all for all. {#p issue=prisoners}\n\n"
    "2. The river is dredged. {#r issue=river}\n"
)


def test_a_text_is_aligned_with_itself_whole() -> None:
    text = text_of(A)
    found = align(text, text)
    assert found.pairs() == {("p", "p"), ("r", "r")}
    assert not any(match.moved for match in found.matches)
    assert found.only_left == found.only_right == ()


def test_the_same_identifier_belongs_together_whatever_it_says() -> None:
    other = text_of("## Article 9. B\n\n1. Nothing of the kind. {#p}\n\n2. The river flows. {#r}\n")
    assert align(text_of(A), other).pairs() == {("p", "p"), ("r", "r")}


def test_paragraphs_on_other_issues_are_kept_apart() -> None:
    other = text_of("## Article 1. A\n\n1. Prisoners are exchanged, all for all. {#x issue=aid}\n")
    assert align(text_of(A), other).pairs() == frozenset()


def test_order_does_not_matter_and_is_told() -> None:
    other = text_of(
        "## Article 1. A\n\n1. The river is dredged. {#b}\n\n"
        "2. Prisoners are exchanged, all for all. {#a}\n"
    )
    found = align(text_of(A), other)
    assert found.pairs() == {("p", "a"), ("r", "b")}
    assert [match.moved for match in found.matches].count(True) == 1
