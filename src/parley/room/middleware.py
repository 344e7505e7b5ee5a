"""What happens around every request: headers, the limit of a body, the end of sessions, the
second factor."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

Handler = Callable[[HttpRequest], HttpResponseBase]

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
}
# pages that somebody needs before he has a second factor
WITHOUT_SECOND_FACTOR = frozenset(
    {
        "second_step",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "account_reauthenticate",
        "account_logout",
        "language",
    }
)
BEGAN, SEEN = "began", "seen"
SEEN_EVERY = 60


def headers(get_response: Handler) -> Handler:
    """Put the same protective headers on every answer; keep nothing but static files."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if not request.path.startswith(settings.STATIC_URL):
            response.headers["Cache-Control"] = "no-store"
        return response

    return answer


def body_limit(get_response: Handler) -> Handler:
    """Refuse a body that is too long before any of it is read."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdigit() or int(length) > settings.BODY_LIMIT:
            return render(request, "413.html", status=413)
        return get_response(request)

    return answer


def begin_session(request: HttpRequest) -> None:
    """Note when somebody has signed in; from then on the session has its end."""
    request.session[BEGAN] = request.session[SEEN] = int(time.time())


def session_ends(get_response: Handler) -> Handler:
    """End a session 12 hours after it began, or an hour after the last request."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        if request.user.is_authenticated:
            now = int(time.time())
            if _has_ended(request, now):
                logout(request)
                messages.warning(request, _("Your session has ended. Sign in again."))
                if request.method == "POST":
                    messages.warning(
                        request,
                        _(
                            "What you sent meanwhile was not taken. Sign in, then go back in your"
                            " browser to the page where you wrote it, and send it again."
                        ),
                    )
            elif now - request.session[SEEN] >= SEEN_EVERY:
                _note_seen(request, now)
        return get_response(request)

    return answer


def _has_ended(request: HttpRequest, now: int) -> bool:
    began, seen = request.session.get(BEGAN), request.session.get(SEEN)
    if not isinstance(began, int) or not isinstance(seen, int):
        return True
    # a clock that was set back must not lengthen a session either
    long = not 0 <= now - began < settings.SESSION_COOKIE_AGE
    return long or now - seen >= settings.SESSION_IDLE_SECONDS


def _note_seen(request: HttpRequest, now: int) -> None:
    """Note that somebody is there; where the disk is full, pages can be read all the same."""
    before = request.session[SEEN]
    request.session[SEEN] = now
    try:
        with transaction.atomic():
            request.session.save()
    except DatabaseError:
        request.session[SEEN] = before
    request.session.modified = False


class SecondFactor:
    """Nobody goes anywhere before he has a second factor; nor without having signed in."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, _view: object, _args: Any, _kwargs: Any
    ) -> HttpResponse | None:
        """Send those who have no second factor to the page where they set one."""
        from parley.room.people import has_second_factor

        match = request.resolver_match
        if match is None or match.view_name in WITHOUT_SECOND_FACTOR:
            return None
        if not request.user.is_authenticated or has_second_factor(request.user):
            return None
        return redirect("second_step")

    def process_exception(self, _request: HttpRequest, error: Exception) -> HttpResponseBase | None:
        """Send those to the login page whom `access.enter` does not know."""
        from parley.room.access import NotSignedInError

        return error.answer if isinstance(error, NotSignedInError) else None
