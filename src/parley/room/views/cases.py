"""The mediators' case: brought, checked, briefed; nobody else sees that there is one."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from parley.errors import ParleyError
from parley.room import access, cases
from parley.room.access import Actor
from parley.room.forms.cases import BringCase
from parley.room.models import CaseFile
from parley.room.told import told
from parley.room.views.answers import UNFIT, refused, status_of
from parley.room.views.compare import standalone
from parley.room.views.papers import download


@require_http_methods(["GET", "HEAD", "POST"])
def case(request: HttpRequest, room: str) -> HttpResponse:
    """The cases of the mediators, and where they bring one."""
    if request.method == "POST":
        return _bring(request, access.enter(request, "case.put", room=room))
    actor = access.enter(request, "case.see", room=room)
    return _list(request, actor, BringCase())


def _list(request: HttpRequest, actor: Actor, form: BringCase, status: int = 200) -> HttpResponse:
    found = actor.all(CaseFile).select_related("member__account").order_by("-at", "id")
    shown = [(one, cases.checked(one)) for one in found]
    return render(request, "room/case.html", {"cases": shown, "form": form}, status=status)


def _bring(request: HttpRequest, actor: Actor) -> HttpResponse:
    form = BringCase(request.POST, request.FILES)
    if not form.is_valid():
        return _list(request, actor, form, UNFIT)
    try:
        cases.put(actor, cases.pack(form.contents()))
    except ParleyError as error:
        form.add_error(None, told(error))
        return _list(request, actor, form, status_of(error))
    return redirect("case", actor.room.id)


@require_POST
def brief(request: HttpRequest, room: str, case: str) -> HttpResponse:
    """Make the briefing of a case."""
    actor = access.enter(request, "case.put", room=room)
    found = actor.one(CaseFile, id=case)
    try:
        cases.brief(actor, found)
    except ParleyError as error:
        refused(request, error)
    else:
        messages.success(request, _("The briefing is made."))
    return redirect("case", room)


@require_safe
def briefing(request: HttpRequest, room: str, case: str, name: str = cases.PAGE) -> HttpResponse:
    """A page of a briefing, under a policy of its own; or its findings, to take away."""
    actor = access.enter(request, "case.see", room=room)
    content = cases.page_of(actor.one(CaseFile, id=case), name)
    if content is None:
        raise Http404
    return standalone(content) if name.endswith(".html") else download(content, name)


@require_safe
def packed(request: HttpRequest, room: str, case: str) -> HttpResponse:
    """A case as it came, to take away."""
    actor = access.enter(request, "case.see", room=room)
    return download(bytes(actor.one(CaseFile, id=case).packed), "case.zip")


@require_POST
def remove(request: HttpRequest, room: str, case: str) -> HttpResponse:
    """Remove a case with all that was made of it."""
    actor = access.enter(request, "case.put", room=room)
    cases.remove(actor, actor.one(CaseFile, id=case))
    messages.success(request, _("The case is removed."))
    return redirect("case", room)
