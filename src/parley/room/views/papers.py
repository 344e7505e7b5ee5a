"""One paper: taking it away, erasing one's own, carrying it to another channel."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from parley.errors import OperationError
from parley.room import access, papers
from parley.room.access import Actor
from parley.room.carrying import carry, readers_of
from parley.room.forms.papers import Carry
from parley.room.models import Channel, Paper
from parley.room.views.answers import refused
from parley.room.views.channels import by_whom, name_of, who_reads

ALONE = "default-src 'none'; sandbox"
"""The policy of a file: whatever it is, it runs nothing and loads nothing."""


def download(content: bytes, name: str) -> HttpResponse:
    """A file under a name that may be anything; browsers keep it and never show it."""
    answer = HttpResponse(content, content_type="application/octet-stream")
    answer["Content-Disposition"] = content_disposition_header(True, name)
    answer["Content-Security-Policy"] = ALONE
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@require_safe
def paper(request: HttpRequest, room: str, channel: str, paper: str) -> HttpResponse:
    """A paper, to take away."""
    actor = access.enter(request, "paper.get", room=room)
    found = actor.one(Paper, id=paper, channel=channel)
    try:
        content = papers.content_of(actor, found)
    except OperationError as error:
        refused(request, error)
        return redirect("channel", room, channel)
    return download(content, found.name or ("message.txt" if found.is_message else "document"))


@require_POST
def erase(request: HttpRequest, room: str, channel: str, paper: str) -> HttpResponse:
    """Erase what one has put there oneself."""
    actor = access.enter(request, "paper.erase", room=room)
    found = actor.one(Paper, id=paper, channel=channel)
    try:
        papers.erase(actor, found)
    except OperationError as error:
        refused(request, error)
    else:
        messages.success(request, _("It is erased. The log keeps that it was there."))
    return redirect("channel", room, channel)


@require_http_methods(["GET", "HEAD", "POST"])
def carry_over(request: HttpRequest, room: str, channel: str, paper: str) -> HttpResponse:
    """Carry a paper to another channel: choose where, see who will read it, then do it."""
    actor = access.enter(request, "paper.carry", room=room)
    found = actor.one(Paper, id=paper, channel=channel)
    ends = [(end, name_of(end)) for end in actor.all(Channel).exclude(id=channel)]
    form = Carry(ends, request.POST if request.method == "POST" else None)
    if request.method != "POST":
        form.initial["name"] = _neutral(found)
        return _ask(request, found, form)
    if not form.is_valid():
        return _ask(request, found, form, 422)
    to = actor.one(Channel, id=form.cleaned_data["to"])
    if "confirmed" not in request.POST:
        return _confirm(request, found, form, to)
    return _carry(request, actor, found, form, to)


def _neutral(paper: Paper) -> str:
    """A name that tells only of what form the file is."""
    stem, dot, ending = paper.name.rpartition(".")
    plain = dot and stem and ending.isascii() and ending.isalnum() and len(ending) <= 5
    return f"document.{ending.lower()}" if plain else "document"


def _ask(request: HttpRequest, paper: Paper, form: Carry, status: int = 200) -> HttpResponse:
    if paper.is_message:
        del form.fields["name"]
    shown = {"paper": paper, "channel": paper.channel, "form": form}
    shown |= {"channel_name": name_of(paper.channel)}
    return render(request, "room/paper_carry.html", shown, status=status)


def _confirm(request: HttpRequest, paper: Paper, form: Carry, to: Channel) -> HttpResponse:
    """Who will see it, by name, before it is done."""
    shown = {
        "paper": paper,
        "channel": paper.channel,
        "channel_name": name_of(paper.channel),
        "to": to,
        "to_name": name_of(to),
        "who_reads": who_reads(to),
        "readers": [by_whom(member) for member in readers_of(to)],
        "given": form.cleaned_data,
    }
    return render(request, "room/paper_confirm.html", shown)


def _carry(
    request: HttpRequest, actor: Actor, paper: Paper, form: Carry, to: Channel
) -> HttpResponse:
    given = form.cleaned_data
    name = "" if paper.is_message else given["name"] or _neutral(paper)
    try:
        carry(actor, paper, to, given["key"], name)
    except OperationError as error:
        refused(request, error)
        return redirect("channel", paper.channel.room_id, paper.channel_id)
    messages.success(request, _("It is there now, in your name."))
    return redirect("channel", paper.channel.room_id, to.id)
