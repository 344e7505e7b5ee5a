"""The channels: what is said and laid before people in them."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from parley.errors import OperationError
from parley.room import access, papers
from parley.room.access import Actor
from parley.room.carrying import readers_of
from parley.room.forms.papers import Bring, Say
from parley.room.models import Channel, Kind, Member, Paper
from parley.room.told import told
from parley.room.views.answers import UNFIT, status_of

A_PAGE = 50


@dataclass(frozen=True)
class Shown:
    """A paper as its channel shows it: of a message its words."""

    paper: Paper
    by: str
    words: str
    is_own: bool


def name_of(channel: Channel) -> str:
    """What a channel is called."""
    if channel.kind == Kind.SHUTTLE and channel.party is not None:
        return _("Mediators and %(party)s") % {"party": channel.party.name}
    return _("Among the mediators") if channel.kind == Kind.MEDIATION else _("Plenary")


def who_reads(channel: Channel) -> str:
    """Who can read a channel, in a sentence."""
    if channel.kind == Kind.SHUTTLE and channel.party is not None:
        party = {"party": channel.party.name}
        return _("Only the mediators and the delegation of %(party)s read this.") % party
    if channel.kind == Kind.MEDIATION:
        return _("Only the mediators read this.")
    return _("Everybody in this room reads this: all delegations, mediators, witness, observers.")


def by_whom(member: Member) -> str:
    """Somebody, with what he is here."""
    what = member.party.name if member.party is not None else member.get_role_display()
    return f"{member.account} ({what})"


@require_safe
def channel(request: HttpRequest, room: str, channel: str) -> HttpResponse:
    """What is in a channel, the newest last."""
    actor = access.enter(request, "channel.see", room=room)
    return _page(request, actor, actor.one(Channel, id=channel))


@require_POST
def send(request: HttpRequest, room: str, channel: str) -> HttpResponse:
    """Put a message or a document into a channel."""
    actor = access.enter(request, "channel.write", room=room)
    here = actor.one(Channel, id=channel)
    form = _form(request)
    if not form.is_valid():
        return _page(request, actor, here, form, UNFIT)
    given = form.cleaned_data
    try:
        if isinstance(form, Say):
            words = given["words"].replace("\r\n", "\n").encode()
            papers.put(actor, here, words, given["key"], is_message=True)
        else:
            file = given["file"]
            papers.put(actor, here, file.read(), given["key"], name=file.name)
    except OperationError as error:
        form.add_error(None, told(error))
        return _page(request, actor, here, form, status_of(error))
    return redirect("channel", room, here.id)


def _form(request: HttpRequest) -> Say | Bring:
    if request.POST.get("what") == "document":
        return Bring(request.POST, request.FILES)
    return Say(request.POST)


def _page(
    request: HttpRequest,
    actor: Actor,
    here: Channel,
    sent: Say | Bring | None = None,
    status: int = 200,
) -> HttpResponse:
    """A channel, with the form that was refused as it was sent."""
    page, there = _papers(request, here)
    messages = papers.contents_of(actor, [paper for paper in there if paper.is_message])
    others = actor.all(Channel).exclude(id=here.id)
    return render(
        request,
        "room/channel.html",
        {
            "channel": here,
            "name": name_of(here),
            "who_reads": who_reads(here),
            "readers": _readers(actor, here),
            "page": page,
            "papers": [_shown(actor, paper, messages.get(paper.id, b"")) for paper in there],
            "may_write": actor.may("channel.write"),
            "may_carry": actor.may("paper.carry"),
            "say": sent if isinstance(sent, Say) else Say(auto_id="say-%s"),
            "bring": sent if isinstance(sent, Bring) else Bring(auto_id="bring-%s"),
            "others": [(other, name_of(other)) for other in others],
        },
        status=status,
    )


def _readers(actor: Actor, here: Channel) -> list[str]:
    """Who reads a channel: by name those whom somebody may know, the other sides as such."""
    readers = list(readers_of(here))
    known = set(actor.all(Member).values_list("id", flat=True))
    names = [by_whom(member) for member in readers if member.id in known]
    sides = {m.party.name for m in readers if m.id not in known and m.party is not None}
    return names + [_("The delegation of %(party)s") % {"party": name} for name in sorted(sides)]


def _papers(request: HttpRequest, here: Channel) -> tuple[Page[str], QuerySet[Paper]]:
    """A page, and the papers on it; those of other pages are passed over by their index alone."""
    ids = Paper.objects.filter(channel=here).order_by("at", "id").values_list("id", flat=True)
    pages = Paginator(ids, A_PAGE)
    page = pages.get_page(request.GET.get("page", pages.num_pages))
    found = (
        Paper.objects.filter(id__in=list(page))
        .defer("body")  # of documents it is long, and not shown
        .select_related("author__account", "author__party", "party", "round")
        .order_by("at", "id")
    )
    return page, found


def _shown(actor: Actor, paper: Paper, message: bytes) -> Shown:
    words = message.decode("utf-8", "replace")
    return Shown(paper, by_whom(paper.author), words, paper.author == actor.here)
