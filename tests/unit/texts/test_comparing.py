"""Texts side by side: relations, redlines, tables; and the table in its files."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from parley.case.model import Case
from parley.errors import SettingError
from parley.report.text_page import comparison_page
from parley.report.text_tables import body, write_docx, write_xlsx
from parley.texts.comparing.redline import redline
from parley.texts.comparing.relation import Relation, by_words
from parley.texts.comparing.table import compare
from parley.texts.word.reading import read_word
from tests.build import case_of
from tests.texts import text_of

HEAD = "---\nparley: 1\ntitle: {0}\nparty: {0}\n---\n\n"


@pytest.mark.parametrize(
    ("first", "second", "relation"),
    [
        ("Fire shall cease.", "Fire shall cease.", Relation.SAME),
        ("It lasts 60 days.", "It lasts 30 days.", Relation.CONFLICTING),
        ("It lasts thirty days.", "It lasts ten days.", Relation.CONFLICTING),
        ("Each Party shall rotate.", "Each Party may rotate.", Relation.CONFLICTING),
        ("Each Party shall rotate.", "Each Party shall not rotate.", Relation.CONFLICTING),
        ("Each Party shall fly.", "Each Party shall fly unless it rains.", Relation.NARROWER),
        ("Each Party shall fly unless it rains.", "Each Party shall fly.", Relation.WIDER),
        ("Guns leave the zone.", "Guns and tanks leave the zone.", Relation.WIDER),
        ("Guns and tanks leave the zone.", "Guns leave the zone.", Relation.NARROWER),
        ("Prisoners go home.", "Captives are brought to the bridge.", Relation.REWORDED),
    ],
)
def test_relations_by_words(first: str, second: str, relation: Relation) -> None:
    assert by_words(first, second).relation is relation


WORDS = st.lists(st.sampled_from(["a", "the", "fire", "30", ",", "Київ", "لا", "\n"]), max_size=12)


@given(WORDS, WORDS)
def test_a_redline_holds_both_texts(first: list[str], second: list[str]) -> None:
    before, after = " ".join(first), " ".join(second)
    pieces = redline(before, after)
    assert "".join(p.text for p in pieces if p.kind != "inserted") == before
    assert "".join(p.text for p in pieces if p.kind != "deleted") == after


def case() -> Case:
    return case_of({"truce": ["none", "limited", "full"], "aid": ["on", "off"]})


def three() -> list[str]:
    return [
        "## Article 1. Truce\n\n1. Fire ceases on land. {#x issue=truce.limited}\n",
        "## Article 1. Truce\n\n1. Fire ceases on land. "
        "{#y issue=truce.limited issue=truce.full}\n",
        "## Article 1. Aid\n\n1. Aid goes on. {#z issue=aid.on}\n",
    ]


def test_by_issue() -> None:
    texts = [text_of(words, HEAD.format(name)) for name, words in zip("abc", three(), strict=True)]
    found = compare(texts, case())
    rows = {row.issue: row for row in found.issues}
    assert [r and r.relation for r in rows["truce"].readings] == [
        None,
        Relation.WIDER,
        Relation.MISSING,
    ]
    assert [r and r.relation for r in rows["aid"].readings] == [
        Relation.MISSING,
        Relation.MISSING,
        None,
    ]
    assert sum(not c.is_empty for row in found.paragraphs for c in row.cells) == 3


def test_as_many_texts_as_can_be_shown() -> None:
    text = text_of("## Article 1. A\n\n1. B.\n")
    for count in (0, 1, 9):
        with pytest.raises(SettingError):
            compare([text] * count)


def test_the_table_is_the_same_in_every_form(tmp_path: Path) -> None:
    texts = [text_of(words, HEAD.format(name)) for name, words in zip("abc", three(), strict=True)]
    texts.append(text_of("## Article 1. A\n\n1. =1+1 <b>&amp; حرب\n", HEAD.format("d")))
    found = compare(texts, case())
    write_xlsx(found, tmp_path / "t.xlsx")
    write_docx(found, tmp_path / "t.docx")
    sheet = load_workbook(tmp_path / "t.xlsx").active
    assert sheet is not None
    read = [[str(v or "") for v in row] for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert read == body(found)
    assert all(c.data_type != "f" for row in sheet.iter_rows() for c in row)
    said = "\n".join(p.text for p in read_word(tmp_path / "t.docx").draft().all)
    page = comparison_page(found)
    for row in found.paragraphs:
        for cell in row.cells:
            assert cell.text in said
    assert "<b>" not in page
    assert "&lt;b&gt;&amp;amp; حرب" in page
    before = (tmp_path / "t.xlsx").read_bytes(), (tmp_path / "t.docx").read_bytes()
    write_xlsx(found, tmp_path / "t.xlsx")
    write_docx(found, tmp_path / "t.docx")
    assert before == ((tmp_path / "t.xlsx").read_bytes(), (tmp_path / "t.docx").read_bytes())
