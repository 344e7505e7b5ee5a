"""Every word that the room says can be said in another language; one more is complete."""

from __future__ import annotations

import ast
import gettext
import html
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.utils import translation

from parley.errors import OperationError
from parley.room.config import LANGUAGES
from parley.room.told import sentence, told
from tests.docs.messages import TEXTS, error_texts
from tests.room import world

ROOM = TEXTS.parent
OTHERS = [code for code, _ in LANGUAGES if code != "en"]
MARKS = re.compile(r"%\(\w+\)[sd]|%[sd%]|\{\}|</?\w+[^>]*>")


def catalogue(file: Path) -> dict[str, list[str]]:
    """Every message with its translations (several for a plural), without the head."""
    with file.open("rb") as opened:
        raw: dict[object, str] = gettext.GNUTranslations(opened)._catalog  # type: ignore[attr-defined]
    found: dict[str, list[str]] = {}
    for key, text in raw.items():
        name = key[0] if isinstance(key, tuple) else str(key)
        found.setdefault(name, []).append(text)
    found.pop("", None)
    return found


def compiled(language: str) -> dict[str, list[str]]:
    return catalogue(ROOM / "locale" / language / "LC_MESSAGES" / "django.mo")


def test_the_sentences_of_errors_are_gathered() -> None:
    assert TEXTS.read_text(encoding="utf-8") == error_texts(), "run `make messages`"


@pytest.mark.parametrize("language", OTHERS)
def test_a_language_that_is_offered_is_complete(language: str, tmp_path: Path) -> None:
    if shutil.which("msgfmt") is None:
        assert not os.environ.get("CI"), "GNU gettext is missing"
        pytest.skip("GNU gettext is not installed")
    copy = tmp_path / "parley" / "room"
    shutil.copytree(ROOM, copy, ignore=shutil.ignore_patterns("__pycache__", "vendor"))
    gather = (
        "import django, os; django.setup();"
        "from django.core.management import call_command as c;"
        f"c('makemessages', locale=['{language}'], no_location=True, no_wrap=True, verbosity=0)"
    )
    env = {k: v for k, v in os.environ.items() if k != "PARLEY_ROOM_DATA"}
    env["DJANGO_SETTINGS_MODULE"] = "parley.room.settings"
    subprocess.run([sys.executable, "-c", gather], cwd=copy, env=env, check=True)
    po = copy / "locale" / language / "LC_MESSAGES" / "django.po"
    stated = subprocess.run(
        ["msgfmt", "--statistics", "-o", tmp_path / "all.mo", po],
        capture_output=True,
        text=True,
        check=True,
        env={**env, "LC_ALL": "C"},
    ).stderr
    assert "untranslated" not in stated, stated
    assert "fuzzy" not in stated, stated
    assert catalogue(tmp_path / "all.mo") == compiled(language), "run `make messages`"


@pytest.mark.parametrize("language", OTHERS)
def test_no_name_or_mark_is_lost_in_translation(language: str) -> None:
    wrong = [
        (message, text)
        for message, texts in compiled(language).items()
        for text in texts
        if sorted(MARKS.findall(message)) != sorted(MARKS.findall(text)) and len(texts) == 1
    ]
    assert not wrong


@pytest.mark.parametrize("language", OTHERS)
def test_an_error_is_told_in_the_language_of_the_reader(language: str) -> None:
    error = OperationError("`north` is no party of this exchange.")
    with translation.override(language):
        there = told(error)
    assert there != str(error)
    assert "`north`" in there
    with translation.override("en"):
        assert told(error) == str(error)
    unknown = OperationError("Nobody has written this sentence before.")
    with translation.override(language):
        assert told(unknown) == str(unknown)


@pytest.mark.parametrize("language", OTHERS)
def test_words_within_a_sentence_do_not_keep_it_from_being_told(language: str) -> None:
    lists = "There are: one-place, `north` and 1,200 more."
    within = "The proof does not hold: the proof is too long."
    with translation.override(language):
        assert sentence(lists) != lists
        assert "one-place, `north` and 1,200 more" in sentence(lists)
        assert "does not hold" not in sentence(within)
        assert "too long" not in sentence(within)
    with translation.override("en"):
        assert sentence(lists) == lists


def test_all_that_scripts_say_stands_on_the_page() -> None:
    said = (ROOM / "static/room/js/errors.js").read_text(encoding="utf-8")
    codes = set(re.findall(r'^  "?([a-z-]+)"?: "', said, re.MULTILINE))
    page = (ROOM / "templates/room/key_words.html").read_text(encoding="utf-8")
    assert len(codes) > 30
    assert codes <= set(re.findall(r'data-word="([a-z-]+)"', page))


def test_no_message_is_asked_for_within_another_string() -> None:
    """The tool that gathers messages does not look into an f-string."""
    wrong = [
        f"{path.name}:{node.lineno} {ast.unparse(call)}"
        for path in ROOM.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.JoinedStr)
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and ast.unparse(call.func) in {"_", "gettext", "pgettext"}
    ]
    assert wrong == []


def sentences_in(language: str) -> list[str]:
    """What the catalogue translates: each sentence of several words, without its values."""
    found = {
        text
        for message, texts in compiled(language).items()
        if " " in message.strip() and message not in texts
        for text in [re.sub(r"\s+", " ", MARKS.split(message)[0]).strip()]
    }
    return sorted(text for text in found if text.count(" ") >= 2)


def english_in(page: bytes, language: str) -> list[str]:
    """Sentences of the catalogue that stand untranslated on a page."""
    shown = html.unescape(re.sub(r"\s+", " ", page.decode()))
    return [text for text in sentences_in(language) if text in shown]


PAGES = {
    "mediator": ("", "people/", "people/invite/", "rounds/new/", "log/", "readings/", "case/"),
    "north": ("", "keys/", "texts/", "people/"),
    "observer": ("", "log/"),
}


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("name", PAGES)
def test_real_pages_hold_no_english_sentence(language: str, name: str) -> None:
    talks = world.talks()
    browser = world.client_for(talks.account(name))
    for place in PAGES[name]:
        address = f"/r/{talks.room.id}/{place}"
        browser.cookies["language"] = "en"
        assert english_in(browser.get(address).content, language), f"the test sees nothing: {place}"
        browser.cookies["language"] = language
        page = browser.get(address)
        assert f'<html lang="{language}">' in page.content.decode()
        assert english_in(page.content, language) == [], place


@pytest.mark.parametrize("language", OTHERS)
def test_what_is_wrong_with_a_form_is_said_in_the_language_of_the_reader(language: str) -> None:
    talks = world.talks()
    browser = world.client_for(talks.account("mediator"))
    browser.cookies["language"] = language
    page = browser.post(f"/r/{talks.room.id}/people/party/", {"slug": "a b"}).content.decode()
    assert 'class="errorlist"' in page
    assert english_in(page.encode(), language) == []
    assert "This field is required" not in page
    stranger = world.client()
    stranger.cookies["language"] = language
    wrong = {"login": "nobody", "password": "nothing at all"}
    refused = stranger.post("/account/login/", wrong).content.decode()
    assert 'class="errorlist' in refused
    assert "not correct" not in refused


@pytest.mark.parametrize("language", OTHERS)
def test_a_language_that_was_chosen_is_kept_and_goes_with_the_account(language: str) -> None:
    talks = world.talks()
    browser = world.client_for(talks.account("north"))
    browser.post("/language/", {"language": language, "next": "/"})
    assert f'<html lang="{language}">' in browser.get("/", follow=True).content.decode()
    other = world.client()
    other.post("/account/login/", {"login": "north", "password": world.PASSWORD})
    other.post("/account/code/", {"code": world.code_for(talks.account("north"))})
    assert f'<html lang="{language}">' in other.get("/", follow=True).content.decode()


def test_no_words_take_long_to_be_told() -> None:
    """However often the marks of a sentence could stand in them: each is looked for once."""
    made_for_it = "Write it as x" + "-" * 150 + "T" * 150 + ":" * 150 + "Z"
    with translation.override("fr"):
        assert sentence(made_for_it) == made_for_it
        assert sentence("Write it as 2026-11-25T14:00:00Z.").startswith("Écrivez")
