"""Whatever is written is read again as it was, to the character."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings

from parley.texts.articles import Draft
from parley.texts.markdown import markdown, parse_markdown
from parley.texts.word.reading import read_word
from parley.texts.word.writing import write_word
from tests.texts import drafts


@settings(max_examples=400, deadline=None)
@given(drafts())
def test_markdown(draft: Draft) -> None:
    again = parse_markdown(markdown(draft), draft.name)
    assert again.provisions == draft.provisions
    assert again.front == draft.front


@settings(max_examples=60, deadline=None)
@given(drafts())
def test_word(draft: Draft) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "t.docx"
        write_word(draft, path)
        again = read_word(path).draft()
    assert again.provisions == draft.provisions
    assert again.front.title == draft.front.title
