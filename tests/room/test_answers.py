"""What every answer says to the browser, and what the server says when something is wrong."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path, reverse

from parley.room.logs import Bare
from parley.room.urls import urlpatterns as real
from parley.room.views import errors
from tests.room import world

SECRET = "the price of the harbour"


def full(_request: HttpRequest) -> HttpResponse:
    """A view whose database cannot write."""
    raise OperationalError(f"disk is full while writing {SECRET}")


def broken(_request: HttpRequest) -> HttpResponse:
    """A view with a defect."""
    raise ValueError(SECRET)


urlpatterns = [*real, path(f"full/{'x' * 12}/", full), path("broken/", broken)]
handler404 = errors.missing
handler500 = errors.failed


@contextmanager
def logged() -> Iterator[list[str]]:
    """What reaches the log, as it is written."""
    lines: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(Bare().format(record))

    keep = Keep()
    logging.getLogger().addHandler(keep)
    try:
        yield lines
    finally:
        logging.getLogger().removeHandler(keep)


@pytest.mark.parametrize("place", ["/", "/account/login/", "/account/", "/join/", "/nothing/"])
def test_every_answer_has_the_same_protection(place: str) -> None:
    for browser in (world.client(), world.client_for(world.account("hala"))):
        answer = browser.get(place)
        assert answer.headers["Content-Security-Policy"] == (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
            "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
            "require-trusted-types-for 'script'"
        )
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert "camera=()" in answer.headers["Permissions-Policy"]


def test_cookies_are_out_of_reach_of_scripts_and_of_other_sites() -> None:
    browser = world.client()
    browser.get("/account/login/")
    given = {"login": world.account("hala").username, "password": world.PASSWORD}
    browser.post("/account/login/", given)
    browser.post("/language/", {"language": "fr"})
    assert set(browser.cookies) == {"session", "csrf", "language"}
    for cookie in browser.cookies.values():
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"


@pytest.mark.parametrize(
    "place", ["/account/login/", "/account/second-step/", "/join/", "/account/"]
)
def test_pages_hold_no_script_or_style_of_their_own(place: str) -> None:
    browser = world.client_for(world.account("hala"))
    for one in (browser, world.client()):
        page = one.get(place, follow=True).content.decode()
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", page)
        for script in re.findall(r"<script[^>]*>", page):
            assert " src=" in script or 'type="application/json"' in script


def test_static_files_may_be_kept_for_good_and_only_they() -> None:
    page = world.client().get("/account/login/").content.decode()
    found = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    assert len(found) == 4
    for file in found:
        answer = world.client().get(file)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]
        assert "Content-Security-Policy" in answer.headers
        answer.close()


@override_settings(ROOT_URLCONF="tests.room.test_answers")
def test_a_database_that_cannot_write_is_told_as_such() -> None:
    browser = Client(raise_request_exception=False, SERVER_NAME="localhost")
    with logged() as lines:
        answer = browser.post("/full/xxxxxxxxxxxx/", {"text": SECRET})
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "10"
    assert "there is no receipt" in answer.content.decode()
    assert SECRET not in answer.content.decode()
    assert any("OperationalError" in line for line in lines)
    assert SECRET not in repr(lines)
    assert "xxxxxxxxxxxx" not in repr(lines)


@override_settings(ROOT_URLCONF="tests.room.test_answers")
def test_a_defect_shows_and_logs_nothing_of_what_was_sent() -> None:
    browser = Client(raise_request_exception=False, SERVER_NAME="localhost")
    with logged() as lines:
        answer = browser.post(f"/broken/?q={SECRET}", {"text": SECRET}, headers={"x-more": SECRET})
        browser.get(f"/missing/{SECRET}/")
        browser.get("/", headers={"host": "elsewhere.example"})
    assert answer.status_code == 500
    assert "Nothing was left half done" in answer.content.decode()
    assert SECRET not in answer.content.decode()
    assert any("ValueError" in line and "test_answers.py" in line for line in lines)
    assert SECRET not in repr(lines)


def test_what_is_not_there_tells_nothing_of_what_was_asked() -> None:
    browser = world.client_for(world.account("hala"))
    answer = browser.get(f"/nothing/{SECRET}/")
    assert answer.status_code == 404
    assert "Not here" in answer.content.decode()
    assert SECRET not in re.sub(r'name="next" value="[^"]*"', "", answer.content.decode())


def test_a_body_that_is_too_large_is_refused_before_it_is_read() -> None:
    browser = world.client_for(world.account("hala"))
    long = str(settings.BODY_LIMIT + 1)
    answer = browser.post(
        "/language/", b"", "application/x-www-form-urlencoded", CONTENT_LENGTH=long
    )
    assert answer.status_code == 413
    assert "10 megabytes" in answer.content.decode()


def test_a_language_is_kept_by_the_browser_and_the_account() -> None:
    account = world.account("hala")
    browser = world.client_for(account)
    answer = browser.post(reverse("language"), {"language": "fr", "next": "/account/"})
    assert answer.headers["Location"] == "/account/"
    assert '<html lang="fr">' in browser.get("/account/").content.decode()
    account.refresh_from_db()
    assert account.language == "fr"
    for elsewhere in ("https://elsewhere.example/", "//elsewhere.example/", "javascript:1", ""):
        answer = browser.post(reverse("language"), {"language": "xx", "next": elsewhere})
        assert answer.headers["Location"] == "/"
    account.refresh_from_db()
    assert account.language == "fr"
