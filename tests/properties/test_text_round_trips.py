"""Whatever is written is read again as it was, to the character."""

from __future__ import annotations

from hypothesis import given, settings

from parley.texts.articles import Draft
from parley.texts.markdown import markdown, parse_markdown
from tests.texts import drafts


@settings(max_examples=400, deadline=None)
@given(drafts())
def test_markdown(draft: Draft) -> None:
    again = parse_markdown(markdown(draft), draft.name)
    assert again.provisions == draft.provisions
    assert again.front == draft.front
