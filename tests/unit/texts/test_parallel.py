"""Texts in several languages, and texts as plain words."""

from __future__ import annotations

import pytest

from parley.errors import SettingError
from parley.report.text_page import text_page
from parley.texts.articles import Draft
from parley.texts.parallel import parallel
from parley.texts.plain import plain
from tests.texts import text_of


def text(language: str, *lines: str) -> Draft:
    body = "## Article 1. A {#a}\n\n" + "\n\n".join(lines)
    return text_of(body, f"---\nparley: 1\ntitle: T\nlanguage: {language}\n---\n\n")


ENGLISH = ("1. It lasts 30 days. {#one}", "2. It ends. {#two}")
UKRAINIAN = ("1. Триває 30 днів. {#one}", "2. Закінчується. {#two}")
ARABIC = ("1. يستمر 30 يوما. {#one}", "2. ينتهي. {#two}")


def test_three_languages_that_go_together() -> None:
    texts = [text("en", *ENGLISH), text("uk", *UKRAINIAN), text("ar", *ARABIC)]
    assert parallel(texts, texts) == ()


def test_what_does_not_go_together() -> None:
    english, ukrainian = text("en", *ENGLISH), text("uk", "1. Триває 60 днів. {#one}")
    found = [(d.id, d.languages) for d in parallel([english, ukrainian])]
    assert found == [("one", ("en", "uk")), ("two", ("uk",))]


def test_what_changed_in_one_language_only() -> None:
    before = [text("en", *ENGLISH), text("uk", *UKRAINIAN)]
    after = [text("en", ENGLISH[0], "2. It ends at noon. {#two}"), before[1]]
    (found,) = parallel(after, before)
    assert (found.id, found.languages) == ("two", ("uk",))
    assert "It changed in en and not in uk" in found.what


def test_each_in_a_language_of_its_own() -> None:
    english = text("en", *ENGLISH)
    with pytest.raises(SettingError):
        parallel([english, english])
    with pytest.raises(SettingError):
        parallel([english, text("uk", *UKRAINIAN)], [text("fr", *ENGLISH)])


def test_pages_run_the_right_way() -> None:
    page = text_page(text("ar", *ARABIC))
    assert 'lang="ar" dir="rtl"' in page
    assert "يستمر 30 يوما." in page
    assert 'dir="ltr"' in text_page(text("uk", *UKRAINIAN))


def test_plain_text_keeps_every_word() -> None:
    draft = text_of(
        "Opening.\n\n## Article 1. A\n\n1. B[^1] " + "word " * 30 + "\n   (a) C\n\n"
        "| x | y |\n\n[^1]: Note."
    )
    written = plain(draft)
    assert max(map(len, written.splitlines())) <= 72
    for provision in draft.all:
        for word in provision.words.replace("[^1]", "").split():
            assert word in written
    assert "[1] Note." in written
