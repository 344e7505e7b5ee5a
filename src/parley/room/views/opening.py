"""Opening the texts of a round: what a release agent needs, and what it gives."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from parley.errors import OperationError, ParleyError, ProofError
from parley.exchange import canonical
from parley.exchange.receipts import to_json
from parley.exchange.sealing import from_json
from parley.exchange.shares import FORMAT as SHARE
from parley.room import access, opening
from parley.room.access import Actor
from parley.room.charters import signed_charter
from parley.room.logbook import Placed, content, plenary, receipt_of, tree_of
from parley.room.models import Entry, Mode, Round
from parley.room.opening import Given
from parley.room.told import told
from parley.room.views.answers import attachment, error_json, refused, wants_json
from parley.room.views.waiting import found, shown


@require_safe
def page(request: HttpRequest, room: str, round: str) -> HttpResponse:
    """The page on which a release agent opens the texts."""
    actor = access.enter(request, "share.give", room=room)
    now = shown(actor, found(actor, round))
    if now.charter is None or not now.has("ARMED"):
        return redirect("round", actor.room.id, now.round.id)
    agents = set(now.charter.agents) or {"mediator", "witness"}
    if actor.who not in agents:
        messages.info(request, _("You are no release agent of this exchange."))
        return redirect("round", actor.room.id, now.round.id)
    gave = now.exchange.shares - {"server"} if now.exchange else frozenset()
    shown_ = {
        "actor": actor,
        "now": now,
        "round": now.round,
        "has_given": actor.who in gave,
        "others_gave": sorted(gave - {actor.who}),
    }
    return render(request, "room/opening.html", shown_)


@require_POST
def ask(request: HttpRequest, room: str, round: str) -> HttpResponse:
    """What a release agent needs to take off its layer: a file, or JSON for the page."""
    actor = access.enter(request, "share.give", room=room)
    round_ = found(actor, round)
    try:
        asked = opening.request_of(actor, round_)
    except ParleyError as error:
        if wants_json(request):
            return error_json(error)
        refused(request, error)
        return redirect("round", actor.room.id, round_.id)
    asked |= {
        "exchange": round_.id,
        "charter": signed_charter(round_),
        "receipts": _receipts_now(round_, asked["deposits"]),
    }
    if wants_json(request):
        return JsonResponse(asked)
    name = f"round-{round_.number}-opening.zip"
    return attachment(_files(round_, actor, asked), name, "application/zip")


def _files(round_: Round, actor: Actor, asked: dict[str, Any]) -> bytes:
    """The same as files, for `parley open --share`."""
    parties = sorted(asked["deposits"])
    files = {f"round-{round_.number}.charter": str(asked["charter"])}
    files |= {f"{party}.parley-deposit": asked["deposits"][party] for party in parties}
    files |= {f"{party}.parley": asked["receipts"][party] for party in parties}
    for agent, layers in (("server", asked["layers"]), (_other(actor), asked["others"])):
        if set(layers) == set(parties):
            share = {"format": SHARE, "exchange": round_.id, "agent": agent, "layers": layers}
            files[f"{agent}.parley-share"] = canonical.encode(share).decode()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        for name, text in files.items():
            made.writestr(zipfile.ZipInfo(name), text)
    return packed.getvalue()


def _other(actor: Actor) -> str:
    """The release agent that could have left layers for this one."""
    return "witness" if actor.is_mediating else "mediator"


def _receipts_now(round_: Round, deposits: Any) -> dict[str, str]:
    """Of each party, the proof that its deposit stands in the log as it is now."""
    channel = plenary(round_.room)
    tree, charter = tree_of(channel), signed_charter(round_)
    found_ = {}
    for party, raw in deposits.items():
        deposit = from_json(raw.encode())
        entry = _entry_of(round_, deposit.core_hash.hex())
        placed = Placed(entry, tree.inclusion(entry.index), channel.checkpoint)
        receipt = receipt_of(
            placed,
            round_.mode,
            charter=charter,
            statement=deposit.signed_text(),
            signature=deposit.signature,
        )
        found_[party] = to_json(receipt).decode()
    return found_


def _entry_of(round_: Round, core: str) -> Entry:
    for entry in Entry.objects.filter(about=round_.id).select_related("channel"):
        fields = content(entry)
        if fields["kind"] == "deposit" and fields["core"] == core:
            return entry
    raise OperationError("A deposit does not stand in the log.", "Tell whoever runs this server.")


@require_POST
def share(request: HttpRequest, room: str, round: str) -> HttpResponse:
    """Give one's share: a click in the simple mode, else what was made on one's own device."""
    actor = access.enter(request, "share.give", room=room)
    round_ = found(actor, round)
    try:
        given = Given() if round_.mode == Mode.SIMPLE else _given(request, actor, round_)
        state = opening.give_share(actor, round_, given)
    except ParleyError as error:
        return _not_shared(request, actor, round_, error)
    words, next_ = _after(actor, round_, state)
    messages.success(request, words)
    if wants_json(request):
        return JsonResponse({"state": state, "next": next_, "words": words})
    return redirect(next_)


def _after(actor: Actor, round_: Round, state: str) -> tuple[str, str]:
    """What to tell whoever gave a share, and where he goes on."""
    round_.refresh_from_db()
    page_ = reverse("round", args=[actor.room.id, round_.id])
    if state == "RELEASED":
        words = _("The texts are open, to all who may read them, at the same moment.")
        may = opening.may_read(actor, round_) and actor.may("opened.read")
        return words, reverse("opened", args=[actor.room.id, round_.id]) if may else page_
    if state == "VOID":
        return _("A text was not what its author had signed. Nothing was opened."), page_
    return _("Your share is given. One more release agent is needed."), page_


def _not_shared(
    request: HttpRequest, actor: Actor, round_: Round, error: ParleyError
) -> HttpResponse:
    round_.refresh_from_db()
    words = told(error)
    if round_.state == "RELEASED":
        words = _("Somebody else opened the texts a moment ago. There is nothing more to do.")
    if wants_json(request):
        return JsonResponse({"error": words}, status=409)
    messages.info(request, words) if round_.state == "RELEASED" else messages.error(request, words)
    return redirect("round", actor.room.id, round_.id)


def _given(request: HttpRequest, actor: Actor, round_: Round) -> Given:
    """The share in a request: the JSON of the page, or the file made by `parley open`."""
    file = request.FILES.get("share")
    if isinstance(file, UploadedFile):
        raw = file.read()
    elif request.content_type == "application/json":
        raw = request.body
    else:
        raise ProofError("There is no share.", "Choose the file that `parley open` made.")
    fields = canonical.record(raw.strip(), SHARE)
    if fields.get("exchange") != round_.id or fields.get("agent") != actor.who:
        raise ProofError("This share is of another exchange or agent.", "Make it from this round.")
    locks, layers = _texts(fields.get("locks")), _texts(fields.get("layers"))
    failed = fields.get("failed", [])
    if not isinstance(failed, list) or not all(isinstance(name, str) for name in failed):
        raise ProofError("This is no share, or it was changed.", "Make it anew.")
    if locks and (layers or failed):
        raise ProofError("A share opens all texts, or hands on all layers.", "Make it anew.")
    return Given(locks, layers, tuple(failed))


def _texts(given: object) -> dict[str, str]:
    if given is None:
        return {}
    if isinstance(given, dict) and all(isinstance(text, str) for text in given.values()):
        return given
    raise ProofError("This is no share, or it was changed.", "Make it anew.")
