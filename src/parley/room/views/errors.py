"""Pages for what went wrong. They tell what to do, and nothing of what was asked for."""

from __future__ import annotations

import sys

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string


def failed(_request: HttpRequest) -> HttpResponse:
    """The server failed. Where the database could not write, one may try again soon."""
    # not rendered with the request: whatever failed once must not be asked again
    if isinstance(sys.exc_info()[1], OperationalError):
        response = HttpResponse(render_to_string("503.html"), status=503)
        response.headers["Retry-After"] = "10"
        return response
    return HttpResponse(render_to_string("500.html"), status=500)


def missing(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """What is not there, and what one may not see: the same page."""
    return render(request, "404.html", status=404)


def csrf(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """A form came from elsewhere, or its page was open for too long."""
    return render(request, "403_csrf.html", status=403)


def too_many(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """Too many tries in a short time."""
    return render(request, "429.html", status=429)
