"""Whatever is written is read again as it was, to the character."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings

from parley.texts.articles import Draft
from parley.texts.comparing.tracked import tracked
from parley.texts.markdown import markdown, parse_markdown
from parley.texts.word.reading import read_word
from parley.texts.word.writing import word_bytes, write_word
from tests.texts import drafts, plain_drafts


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


@settings(max_examples=60, deadline=None)
@given(plain_drafts(), plain_drafts())
def test_tracked_changes_hold_both_texts(before: Draft, after: Draft) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "t.docx"
        path.write_bytes(word_bytes(after, tracked(before, after, "A", "2025-06-02T10:00:00Z")))
        read = read_word(path)
    assert shown(read.draft("original")) == shown(before)
    assert shown(read.draft("final")) == shown(after)


def shown(draft: Draft) -> list[tuple[str, str, str, str]]:
    return [(p.kind, p.label, p.heading, p.text) for p in draft.all]
