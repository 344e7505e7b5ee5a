"""The open texts of a round, side by side."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from parley.errors import ParleyError
from parley.room import access
from parley.room.models import Round
from parley.room.open_texts import brought, open_texts, options
from parley.room.views.answers import refused
from parley.room.views.papers import download
from parley.room.workshop import work

STANDALONE = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"
"""The policy of a page that was made by Parley and stands alone: it runs nothing."""

FILES = {"xlsx": "comparison.xlsx", "docx": "comparison.docx", "html": "comparison.html"}


def standalone(page: bytes) -> HttpResponse:
    """A page that holds its own style and no script, under a policy of its own."""
    answer = HttpResponse(page, content_type="text/html; charset=utf-8")
    answer["Content-Security-Policy"] = STANDALONE
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@require_safe
def compare(request: HttpRequest, room: str, round: str) -> HttpResponse:
    """Which texts can be compared here, and where the comparison is."""
    actor = access.enter(request, "opened.compare", room=room)
    found = actor.one(Round, id=round)
    try:
        texts = open_texts(actor, found)
    except ParleyError as error:
        refused(request, error)
        return redirect("round", room, round)
    there = sum(text.content is not None for text in texts)
    shown = {"round": found, "texts": texts, "is_ready": there > 1, "files": ("xlsx", "docx")}
    return render(request, "room/compare.html", shown)


@require_safe
def comparison(request: HttpRequest, room: str, round: str, form: str) -> HttpResponse:
    """The comparison itself: a page that stands alone, or a file to take away."""
    actor = access.enter(request, "opened.compare", room=room)
    found = actor.one(Round, id=round)
    if form != "page" and form not in FILES:
        raise Http404
    try:
        texts = open_texts(actor, found)
        if sum(text.content is not None for text in texts) < 2:
            return redirect("compare", room, round)
        made = work("compare", brought(actor, texts), texts=options(texts))
    except ParleyError as error:
        refused(request, error)
        return redirect("compare", room, round)
    if form == "page":
        return standalone(made.files[FILES["html"]])
    return download(made.files[FILES[form]], f"round-{found.number}-{FILES[form]}")
