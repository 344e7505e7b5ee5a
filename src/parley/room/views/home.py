"""Where one arrives: one's rooms, and for the operator the rooms of this server."""

from __future__ import annotations

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from parley.room import access, people
from parley.room.forms.rooms import NewRoom
from parley.room.models import Member, Role, Room
from parley.room.rooms import found_room


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The rooms of which one is a member."""
    actor = access.enter(request, "home.see")
    places = (
        Member.objects.filter(account=actor.account, removed__isnull=True)
        .select_related("room", "party")
        .order_by("room__title", "room")
    )
    shown: dict[str, object] = {"places": places}
    if actor.may("rooms.list"):
        shown |= {"rooms": _rooms(), "form": NewRoom()}
    return render(request, "room/home.html", shown)


def _rooms() -> object:
    """That rooms exist, and how many people are in them; nothing of their contents."""
    present = Count("members", filter=Q(members__removed__isnull=True))
    return Room.objects.annotate(present=present).order_by("created")


@require_POST
def make_room(request: HttpRequest) -> HttpResponse:
    """Make a room, and show once the link for its first mediator."""
    actor = access.enter(request, "room.make")
    form = NewRoom(request.POST)
    if not form.is_valid():
        shown = {"places": (), "rooms": _rooms(), "form": form}
        return render(request, "room/home.html", shown, status=422)
    room = found_room(form.cleaned_data["title"])
    made, token = people.invite(room, Role.MEDIATOR, by=actor.account)
    return render(
        request, "room/accounts/link.html", {"invitation": made, "link": people.link(token)}
    )
