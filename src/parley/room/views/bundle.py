"""Taking away all that one may see, in a file that anybody can check."""

from __future__ import annotations

from django.http import FileResponse, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from parley.errors import ParleyError
from parley.room import access
from parley.room.export import bundle_of
from parley.room.views.answers import refused


@require_POST
def bundle(request: HttpRequest, room: str) -> HttpResponseBase:
    """The bundle of a member. A form asks for it, since what he has not read counts as read."""
    actor = access.enter(request, "bundle.get", room=room)
    try:
        file = bundle_of(actor)
    except ParleyError as error:
        refused(request, error)
        return redirect("log", actor.room.id)
    return FileResponse(
        file, as_attachment=True, filename="bundle.zip", content_type="application/zip"
    )
