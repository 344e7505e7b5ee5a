"""Answers that several views give: a word of what was refused, a file, JSON for a script."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict

from parley.errors import OperationError, ParleyError
from parley.room.told import told

CONFLICT, UNFIT = 409, 422


def refused(request: HttpRequest, error: ParleyError) -> None:
    """Tell on the next page why nothing was done."""
    messages.error(request, told(error))


def status_of(error: ParleyError) -> int:
    """The status of a refusal: it came at the wrong moment, or it does not hold."""
    return CONFLICT if isinstance(error, OperationError) else UNFIT


def sent(request: HttpRequest) -> QueryDict | None:
    """The fields of a form that was sent; a page that is only asked for has none."""
    return request.POST if request.method == "POST" else None


def wants_json(request: HttpRequest) -> bool:
    """Whether a script asks, and not a person."""
    asked = request.headers.get("Accept", "")
    return request.content_type == "application/json" or asked.startswith("application/json")


def error_json(error: ParleyError) -> JsonResponse:
    """A refusal for a script: the words, for it to show."""
    return JsonResponse({"error": told(error)}, status=status_of(error))


def attachment(content: bytes, name: str, kind: str = "application/octet-stream") -> HttpResponse:
    """A file to keep; browsers neither show it nor guess what it is."""
    answer = HttpResponse(content, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
