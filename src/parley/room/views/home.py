"""Where one arrives: one's rooms, and for the operator the rooms of this server."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from parley.room import access, people
from parley.room.forms.rooms import NewRoom
from parley.room.models import Member, Role, Room
from parley.room.rooms import found_room


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The rooms of which one is a member; whoever has one only goes there at once."""
    actor = access.enter(request, "home.see")
    places = list(
        Member.objects.filter(account=actor.account, removed__isnull=True)
        .select_related("room", "party")
        .order_by("room__title", "room")
    )
    if actor.may("rooms.list") and not places:
        return redirect("operator")
    if len(places) == 1 and not actor.may("rooms.list"):
        return redirect("room", places[0].room_id)
    is_operator = actor.may("rooms.list")
    return render(request, "room/home.html", {"places": places, "is_operator": is_operator})


@require_safe
def operator(request: HttpRequest) -> HttpResponse:
    """That rooms exist, and how the server does; nothing of what is in them, no title either."""
    access.enter(request, "rooms.list")
    return _operator(request, NewRoom())


def _operator(
    request: HttpRequest,
    form: NewRoom,
    status: int = 200,
    problems: Sequence[object] | None = None,
) -> HttpResponse:
    present = Count("members", filter=Q(members__removed__isnull=True))
    rooms = Room.objects.annotate(present=present).order_by("created").only("id", "created")
    shown = {"rooms": rooms, "form": form, "problems": problems}
    return render(request, "room/operator.html", shown, status=status)


@require_POST
def health(request: HttpRequest) -> HttpResponse:
    """Check the whole data folder now; nobody can write meanwhile, so it is never done unasked."""
    from parley.room.check import problems

    access.enter(request, "health.see")
    return _operator(request, NewRoom(), problems=problems())


@require_POST
def make_room(request: HttpRequest) -> HttpResponse:
    """Make a room, and show once the link for its first mediator."""
    actor = access.enter(request, "room.make")
    form = NewRoom(request.POST)
    if not form.is_valid():
        return _operator(request, form, status=422)
    room = found_room(form.cleaned_data["title"])
    made, token = people.invite(room, Role.MEDIATOR, by=actor.account)
    shown = {"invitation": made, "link": people.link(token), "room_id": room.id}
    return render(request, "room/operator_link.html", shown)
