"""The logs that somebody may see, entry by entry, and their signed checkpoints."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from parley.room import access
from parley.room.access import Actor
from parley.room.logbook import content
from parley.room.models import Channel, Entry, Kind
from parley.room.views.answers import attachment

PAGE = 100
WORDS = {
    "founded": gettext_lazy("The room was founded"),
    "party": gettext_lazy("A party was added"),
    "keys": gettext_lazy("Public keys were registered"),
    "round": gettext_lazy("A round was planned"),
    "charter": gettext_lazy("A charter was put forward"),
    "agree": gettext_lazy("Agreed to the charter"),
    "deposit": gettext_lazy("A text was laid down"),
    "withdraw": gettext_lazy("A text was taken back"),
    "armed": gettext_lazy("All texts were there"),
    "share": gettext_lazy("A release agent gave its share"),
    "checked": gettext_lazy("All texts were found as signed"),
    "released": gettext_lazy("All texts were opened"),
    "void": gettext_lazy("A text was not as signed; nothing was opened"),
    "deadline": gettext_lazy("The deadline passed; nothing was opened"),
    "call-off": gettext_lazy("The exchange was called off"),
    "alone": gettext_lazy("A party laid its text open alone"),
    "single": gettext_lazy("The single text stands in a new version"),
    "motion": gettext_lazy("A motion was made on the single text"),
    "assent": gettext_lazy("Agreed to a motion on the single text"),
    "taken-back": gettext_lazy("A motion on the single text was taken back"),
    "joined": gettext_lazy("Somebody took a place"),
    "left": gettext_lazy("A place has ended"),
    "reset-link": gettext_lazy("A link for a new way in was made"),
    "reset": gettext_lazy("A member has set a new way in"),
    "carried": gettext_lazy("A paper was carried to another channel"),
    "case": gettext_lazy("A case was put in"),
    "case-removed": gettext_lazy("A case was removed"),
    "message": gettext_lazy("A message was sent"),
    "document": gettext_lazy("A document was laid before the channel"),
    "reading": gettext_lazy("A member had a paper before them for the first time"),
    "erased": gettext_lazy("The content of a paper was erased"),
}


@dataclass(frozen=True)
class Line:
    """An entry: its place, what it says in words, and as it is written."""

    index: int
    at: str
    words: str
    who: str
    written: str


@dataclass(frozen=True)
class Log:
    """A log: the channel and what it is called."""

    channel: Channel
    name: str


@require_safe
def page(request: HttpRequest, room: str) -> HttpResponse:
    """The entries of a log, newest first, a hundred at a time."""
    actor = access.enter(request, "log.see", room=room)
    logs = logs_of(actor)
    chosen = next((log for log in logs if log.channel.id == request.GET.get("log")), logs[0])
    entries = Entry.objects.filter(channel=chosen.channel).order_by("-index")
    found = Paginator(entries, PAGE).get_page(request.GET.get("page"))
    shown = {
        "actor": actor,
        "logs": logs,
        "chosen": chosen,
        "page": found,
        "lines": [_line(entry) for entry in found],
        "may_bundle": actor.may("bundle.get"),
    }
    return render(request, "room/log.html", shown)


def logs_of(actor: Actor) -> list[Log]:
    """The logs that somebody may see, that of all members first."""
    names = {Kind.PLENARY: _("All members"), Kind.MEDIATION: _("The mediator's side")}
    logs = [
        Log(channel, names.get(Kind(channel.kind)) or _shuttle(channel))
        for channel in actor.all(Channel).select_related("party").order_by("id")
    ]
    order = [Kind.PLENARY, Kind.SHUTTLE, Kind.MEDIATION]
    return sorted(logs, key=lambda log: (order.index(Kind(log.channel.kind)), log.name))


def _shuttle(channel: Channel) -> str:
    assert channel.party is not None
    return _("The mediator's side and %(party)s") % {"party": channel.party.name}


def _line(entry: Entry) -> Line:
    fields: dict[str, Any] = content(entry)
    written = json.dumps(fields, ensure_ascii=False, indent=1)
    words = WORDS.get(str(fields["kind"]), str(fields["kind"]))
    return Line(entry.index, str(fields["at"]), str(words), str(fields.get("who", "")), written)


@require_safe
def checkpoint(request: HttpRequest, room: str) -> HttpResponse:
    """The signed checkpoint of a log, to be kept: with it a rewritten log is found out."""
    actor = access.enter(request, "log.see", room=room)
    channel = actor.one(Channel, id=request.GET.get("log", ""))
    return attachment(channel.checkpoint.encode(), f"log-{channel.size}.checkpoint")
