"""Every word that the room says can be said in another language; one more is complete."""

from __future__ import annotations

import gettext
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
from parley.room.told import told
from tests.docs.messages import TEXTS, error_texts

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
