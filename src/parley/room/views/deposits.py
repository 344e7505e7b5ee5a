"""Laying down a text, taking it back, laying it open alone; the receipts of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from parley.errors import OperationError, ParleyError, ProofError
from parley.exchange import receipts
from parley.exchange.core import core_of
from parley.exchange.own_steps import step_text
from parley.room import access, deposits
from parley.room.access import Actor
from parley.room.forms.deposits import Text, new_key
from parley.room.logbook import content
from parley.room.models import Mode, Once, Receipt, Round
from parley.room.told import told
from parley.room.views.answers import (
    UNFIT,
    attachment,
    error_json,
    refused,
    status_of,
    wants_json,
)
from parley.room.views.signatures import line_in, own_step_in
from parley.room.views.waiting import Shown, found, shown

KEY_HEADER = "Idempotency-Key"
SHORTEST_KEY, LONGEST_KEY = 8, 80
UNABLE = 503
A_PAGE = 50


@dataclass(frozen=True)
class Wanted:
    """A text that somebody wants to lay down, and the key of the request."""

    body: bytes
    key: str


@require_http_methods(["GET", "HEAD", "POST"])
def deposit(request: HttpRequest, room: str, round: str) -> HttpResponse:
    """Lay down a text, or replace the one that is there."""
    actor = access.enter(request, "deposit.make", room=room)
    round_ = found(actor, round)
    if request.method == "POST":
        return _laid_down(request, actor, round_)
    now = shown(actor, round_)
    if not now.has("OPEN"):
        return redirect("round", actor.room.id, round_.id)
    return _form(request, actor, now, Text(initial={"key": new_key()}))


def _form(
    request: HttpRequest, actor: Actor, now: Shown, form: Text, problem: str = "", status: int = 200
) -> HttpResponse:
    assert actor.party is not None
    own = next((laid for laid in now.laid if laid.party == actor.party.slug and laid.at), None)
    page = {
        "actor": actor,
        "now": now,
        "round": now.round,
        "form": form,
        "problem": problem,
        "own": own,
        "key": form["key"].value(),
    }
    return render(request, "room/deposit.html", page, status=status)


def _laid_down(request: HttpRequest, actor: Actor, round_: Round) -> HttpResponse:
    """Lay down what a request brings; nothing else of the request is kept."""
    form = Text(_given(request), request.FILES)
    try:
        wanted = _wanted(request, round_, form)
        if wanted is None:
            if wants_json(request):
                problems = [str(words) for errors in form.errors.values() for words in errors]
                return JsonResponse({"error": " ".join(problems)}, status=UNFIT)
            return _form(request, actor, shown(actor, round_), form, status=UNFIT)
        receipt = deposits.lay_down(actor, round_, wanted.body, wanted.key)
    except ParleyError as error:
        return _not_laid_down(request, actor, round_, form, error)
    except DatabaseError:
        return _unable(request, actor, round_, form)
    address = reverse("receipts", args=[actor.room.id, round_.id])
    if wants_json(request):
        mine = reverse("receipt", args=[actor.room.id, round_.id, receipt.id])
        return JsonResponse({"receipt": mine, "next": address})
    # nothing more is written now, no message either: what could fail then would hide the receipt
    return redirect(address)


def _wanted(request: HttpRequest, round_: Round, form: Text) -> Wanted | None:
    """What a request brings; ``None`` if a person has to mend the form."""
    if round_.mode == Mode.SIMPLE:
        given = form.cleaned_data if form.is_valid() else None
        return None if given is None else Wanted(given["body"], given["key"])
    if request.content_type == "application/json":
        return Wanted(request.body, _fit(str(form.data["key"])))
    file = request.FILES.get("sealed")
    if not isinstance(file, UploadedFile):
        raise ProofError("There is no sealed deposit.", "Choose the file that `parley seal` made.")
    return Wanted(file.read(), _fit(str(form.data["key"])))


def _given(request: HttpRequest) -> QueryDict:
    """The fields of a request; its key may stand in its head instead."""
    given = request.POST.copy()
    given["key"] = request.headers.get(KEY_HEADER) or given.get("key") or ""
    return given


def _fit(key: str) -> str:
    if not SHORTEST_KEY <= len(key) <= LONGEST_KEY:
        raise ProofError("The key of this request is missing.", "Open the page anew.")
    return key


def _not_laid_down(
    request: HttpRequest, actor: Actor, round_: Round, form: Text, error: ParleyError
) -> HttpResponse:
    """Tell why nothing was laid down; the words somebody wrote stay before him."""
    if wants_json(request):
        return error_json(error)
    round_.refresh_from_db()
    again = Text(initial={"text": form.data.get("text", ""), "key": new_key()})
    used = Once.objects.filter(member=actor.here, key=form.data.get("key", "")).exists()
    status = status_of(error)
    if isinstance(error, OperationError) and used:
        words = _(
            "From this same form another text was laid down before, and it is still there. Nothing"
            " new was laid down. If you want to replace it, send the form below."
        )
        return _form(request, actor, shown(actor, round_), again, words, status)
    return _form(request, actor, shown(actor, round_), again, told(error), status)


def _unable(request: HttpRequest, actor: Actor, round_: Round, form: Text) -> HttpResponse:
    """The server cannot write; the same form can be sent again without a second deposit."""
    words = _(
        "The server cannot write at this moment, and has given no receipt. Wait a minute and send"
        " the same form again: it is never laid down twice. The page of the round shows what is"
        " there."
    )
    if wants_json(request):
        answer: HttpResponse = JsonResponse({"error": words}, status=UNABLE)
    else:
        kept = {"text": form.data.get("text", ""), "key": form.data.get("key") or new_key()}
        now = shown(actor, round_)
        answer = _form(request, actor, now, Text(initial=kept), words, UNABLE)
    answer["Retry-After"] = "30"
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, room: str, round: str) -> HttpResponse:
    """Take one's text back, after a look at what that means."""
    actor = access.enter(request, "deposit.withdraw", room=room)
    now = shown(actor, found(actor, round))
    core = _own_core(actor, now)
    if request.method == "POST":
        try:
            step = own_step_in(request, actor, now.round, "withdraw", core)
            deposits.withdraw(actor, now.round, step.signature if step else line_in(request))
        except ParleyError as error:
            refused(request, error)
        else:
            messages.success(request, _("Your text is taken back, and erased on this server."))
        return redirect("round", actor.room.id, now.round.id)
    if not now.has("OPEN") or not core:
        return redirect("round", actor.room.id, now.round.id)
    text = step_text("withdraw", now.round.id, actor.who, core)
    page = {"actor": actor, "now": now, "round": now.round, "to_sign": text}
    return render(request, "room/deposit_withdraw.html", page)


def _own_core(actor: Actor, now: Shown) -> str:
    return now.exchange.deposits.get(actor.who, "") if now.exchange else ""


@require_http_methods(["GET", "HEAD", "POST"])
def alone(request: HttpRequest, room: str, round: str) -> HttpResponse:
    """After the deadline: lay one's own text open, though others did not come."""
    actor = access.enter(request, "deposit.alone", room=room)
    now = shown(actor, found(actor, round))
    core = _own_core(actor, now)
    if not now.has("EXPIRED") or not core or now.exchange is None:
        if request.method == "POST":
            refused(
                request,
                OperationError("There is nothing to open now.", "Look how the round stands."),
            )
        return redirect("round", actor.room.id, now.round.id)
    if actor.who in now.exchange.alone:
        return redirect("opened", actor.room.id, now.round.id)
    form = Text(initial={"key": new_key()})
    if request.method == "POST":
        form = Text(request.POST, request.FILES)
        try:
            return _opened_alone(request, actor, now.round, core, form)
        except ParleyError as error:
            if wants_json(request):
                return error_json(error)
            refused(request, error)
            return redirect("alone", actor.room.id, now.round.id)
    statement = step_text("alone", now.round.id, actor.who, core)
    page = {"actor": actor, "now": now, "round": now.round, "to_sign": statement, "form": form}
    return render(request, "room/deposit_alone.html", page)


def _opened_alone(
    request: HttpRequest, actor: Actor, round_: Round, core: str, form: Text
) -> HttpResponse:
    step = own_step_in(request, actor, round_, "alone", core)
    file = request.FILES.get("core")
    if step is not None:
        content = step.opened or b""
    elif isinstance(file, UploadedFile):
        content = file.read()
    elif form.is_valid():
        content = _core_again(actor, round_, core, form.cleaned_data["body"])
    else:
        raise ProofError("There is no text.", "Give the very text that you laid down.")
    deposits.alone(actor, round_, content, step.signature if step else line_in(request))
    messages.success(request, _("Your text is open now to all parties and the mediator."))
    address = reverse("opened", args=[actor.room.id, round_.id])
    return JsonResponse({"next": address}) if wants_json(request) else redirect(address)


def _core_again(actor: Actor, round_: Round, core: str, text: bytes) -> bytes:
    """In the simple mode: what was laid down, made again from the text and one's own receipt.

    Raises
    ------
    ProofError
        If it is not the very text that was laid down.
    """
    for kept in actor.all(Receipt).filter(round=round_).order_by("-at"):
        nonce = receipts.from_json(bytes(kept.body)).nonce
        if nonce is None:
            continue
        made = core_of(deposits.header_of(round_, actor.who), text, nonce)
        if hashlib.sha256(made).hexdigest() == core:
            return made
    raise ProofError("This is not the text that was laid down.", "Give it letter by letter.")


@require_safe
def receipts_page(request: HttpRequest, room: str, round: str) -> HttpResponse:
    """The receipts of one's own party in a round, the newest first, and what to do with them."""
    actor = access.enter(request, "receipt.get", room=room)
    now = shown(actor, found(actor, round))
    own = actor.all(Receipt).filter(round=now.round).select_related("entry")
    receipts_ = Paginator(own.order_by("-entry__index"), A_PAGE).get_page(request.GET.get("page"))
    page = {
        "actor": actor,
        "now": now,
        "round": now.round,
        "own_core": _own_core(actor, now),
        "page": receipts_,
        "receipts": [
            {"id": kept.id, "at": kept.at, "number": kept.entry.index, "core": _core_in(kept)}
            for kept in receipts_
        ],
    }
    return render(request, "room/deposit_receipts.html", page)


def _core_in(kept: Receipt) -> str:
    return str(content(kept.entry).get("core", ""))


@require_safe
def receipt(request: HttpRequest, room: str, round: str, receipt: str) -> HttpResponse:
    """A receipt as a file."""
    actor = access.enter(request, "receipt.get", room=room)
    kept = actor.one(Receipt, id=receipt, round=found(actor, round))
    return attachment(bytes(kept.body), f"receipt-{kept.entry.index}.parley")
