"""The people of a room: parties, members, invitations; a new way in for who lost a device."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from parley.errors import ParleyError
from parley.room import access, clock, people
from parley.room.access import Actor
from parley.room.forms.rooms import Invite, NewParty
from parley.room.models import Invitation, Member, Party, Role
from parley.room.places import note_place
from parley.room.rooms import add_party
from parley.room.told import told
from parley.room.views.answers import UNFIT, refused, sent


@require_safe
def page(request: HttpRequest, room: str) -> HttpResponse:
    """Who is in the room, as far as the reader may know."""
    actor = access.enter(request, "people.see", room=room)
    members = list(
        actor.all(Member)
        .filter(removed__isnull=True)
        .select_related("account", "party")
        .order_by("joined")
    )
    order = list(Role)
    members.sort(key=lambda m: (order.index(Role(m.role)), m.party.slug if m.party else ""))
    may_invite = actor.may("people.invite")
    shown = {
        "actor": actor,
        "members": members,
        "parties": actor.all(Party).order_by("slug"),
        "invitations": _open_invitations(actor) if may_invite else [],
        "may_invite": may_invite,
        "may_remove": actor.may("people.remove"),
        "may_reset": actor.may("people.reset"),
    }
    return render(request, "room/people.html", shown)


def _open_invitations(actor: Actor) -> list[Invitation]:
    now = clock.now()
    made = Invitation.objects.filter(room=actor.room, used__isnull=True, expires__gt=now)
    return list(made.select_related("party").order_by("created"))


@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: HttpRequest, room: str) -> HttpResponse:
    """Make a link that gives somebody a place; it is shown once."""
    actor = access.enter(request, "people.invite", room=room)
    parties = actor.all(Party).order_by("slug")
    form = Invite(sent(request), parties=parties, roles=_roles(actor))
    if request.method == "POST" and form.is_valid():
        try:
            return _link(request, *_invited(actor, form))
        except ParleyError as error:
            form.add_error(None, told(error))
    status = UNFIT if form.errors else 200
    return render(request, "room/people_invite.html", {"actor": actor, "form": form}, status=status)


def _roles(actor: Actor) -> list[Role]:
    """The places that somebody may give: no co-mediator makes a mediator, who may more than he."""
    return [r for r in Role if r != Role.MEDIATOR or actor.may("people.invite-mediator")]


def _invited(actor: Actor, form: Invite) -> tuple[Invitation, str]:
    given = form.cleaned_data
    with transaction.atomic():
        made, token = people.invite(
            actor.room,
            given["role"],
            party=given["party"],
            label=given["label"],
            by=actor.account,
        )
        made.expires = made.created + timedelta(days=given["days"])
        made.save(update_fields=["expires"])
    return made, token


def _link(request: HttpRequest, made: Invitation, token: str) -> HttpResponse:
    return render(
        request, "room/people_link.html", {"invitation": made, "link": people.link(token)}
    )


@require_POST
def revoke(request: HttpRequest, room: str, invitation: str) -> HttpResponse:
    """Make a link that is still open useless."""
    actor = access.enter(request, "people.invite", room=room)
    made = Invitation.objects.filter(room=actor.room, id=invitation, used__isnull=True)
    if made.update(expires=clock.now()):
        messages.success(request, _("The link does not work any more."))
    return redirect("people", actor.room.id)


@require_http_methods(["GET", "HEAD", "POST"])
def party_add(request: HttpRequest, room: str) -> HttpResponse:
    """Add a party; its id stands in receipts and logs for good."""
    actor = access.enter(request, "party.add", room=room)
    form = NewParty(sent(request))
    if request.method == "POST" and form.is_valid():
        try:
            party = add_party(actor, form.cleaned_data["slug"], form.cleaned_data["name"])
        except ParleyError as error:
            form.add_error("slug", told(error))
        else:
            messages.success(request, _("%(name)s has been added.") % {"name": party.name})
            return redirect("people", actor.room.id)
    status = UNFIT if form.errors else 200
    return render(request, "room/people_party.html", {"actor": actor, "form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest, room: str) -> HttpResponse:
    """End somebody's place in the room, after a look at what that means."""
    actor = access.enter(request, "people.remove", room=room)
    member = _member(actor, request)
    if member == actor.here:
        messages.error(request, _("You cannot remove yourself. Another mediator can."))
        return redirect("people", actor.room.id)
    if request.method == "POST":
        with transaction.atomic():
            member.removed = clock.now()
            member.save(update_fields=["removed"])
            note_place(member, "left")
        gone = _("%(name)s has no place in this room any more.")
        messages.success(request, gone % {"name": member.account.display_name})
        return redirect("people", actor.room.id)
    return render(request, "room/people_remove.html", {"actor": actor, "member": member})


@require_http_methods(["GET", "HEAD", "POST"])
def reset(request: HttpRequest, room: str) -> HttpResponse:
    """Make a link with which a member sets a new password and a new second step."""
    actor = access.enter(request, "people.reset", room=room)
    member = _member(actor, request)
    if request.method == "POST":
        try:
            made, token = people.invite(
                None, label=member.account.display_name, by=actor.account, account=member.account
            )
        except ParleyError as error:
            refused(request, error)
            return redirect("people", actor.room.id)
        return _link(request, made, token)
    return render(request, "room/people_reset.html", {"actor": actor, "member": member})


def _member(actor: Actor, request: HttpRequest) -> Member:
    """The member that a form is about."""
    given = request.POST if request.method == "POST" else request.GET
    return actor.one(Member, id=given.get("member", ""), removed__isnull=True)
