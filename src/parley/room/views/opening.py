"""Opening the texts of a round, and reading what is open."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from parley.errors import OperationError, ParleyError, ProofError
from parley.exchange import canonical
from parley.exchange.receipts import to_json
from parley.exchange.sealing import from_json, text_of
from parley.exchange.shares import FORMAT as SHARE
from parley.room import access, opening, papers
from parley.room.access import Actor
from parley.room.charters import signed_charter
from parley.room.deposits import header_of
from parley.room.logbook import Placed, content, plenary, receipt_of, tree_of
from parley.room.models import Deposit, Entry, Mode, Paper, Round
from parley.room.opening import Given
from parley.room.told import told
from parley.room.views.answers import attachment, error_json, refused, wants_json
from parley.room.views.waiting import Shown, found, shown

KINDS = ((b"PK\x03\x04", "docx"), (b"%PDF-", "pdf"))


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


@dataclass(frozen=True)
class Text:
    """A text that is open, as far as the server can show it; else the reader's device does."""

    deposit: Deposit
    name: str
    lock: str = ""
    content: bytes | None = None
    problem: str = ""
    is_published: bool = False
    may_publish: bool = False

    @property
    def kind(self) -> str:
        """What it is by its first bytes: docx, pdf or txt."""
        return kind_of(self.content or b"")

    @property
    def words(self) -> str | None:
        """The text itself, where it is plain text."""
        if self.content is None or self.kind != "txt":
            return None
        try:
            return self.content.decode()
        except UnicodeDecodeError:
            return None


def kind_of(content_: bytes) -> str:
    """What a text is by its first bytes; it is not looked at any further."""
    return next((kind for start, kind in KINDS if content_.startswith(start)), "txt")


@require_safe
def opened(request: HttpRequest, room: str, round: str) -> HttpResponse:
    """The texts that are open, for those for whom they were laid down."""
    actor = access.enter(request, "opened.read", room=room)
    now = _readable(actor, round)
    if not now.has("RELEASED", "EXPIRED"):
        return redirect("round", actor.room.id, now.round.id)
    texts = [_text(actor, now, deposit) for deposit in _open_deposits(actor, now.round)]
    page_ = {
        "actor": actor,
        "now": now,
        "round": now.round,
        "texts": texts,
        "is_sealed": any(text.lock for text in texts),
    }
    return render(request, "room/opened.html", page_)


def _readable(actor: Actor, round_id: str) -> Shown:
    """How a round stands, for one of its readers.

    Raises
    ------
    Http404
        If the texts are not for him.
    """
    round_ = found(actor, round_id)
    if not round_.mode or not opening.may_read(actor, round_):
        raise Http404
    return shown(actor, round_)


def _open_deposits(actor: Actor, round_: Round) -> list[Deposit]:
    there = actor.all(Deposit).filter(round=round_, current=True).select_related("party", "round")
    if round_.state == "RELEASED":
        return list(there.order_by("party__slug"))
    alone = round_.standing.get("alone", {})
    return [d for d in there.order_by("party__slug") if alone.get(d.party.slug) == d.core]


def _text(actor: Actor, now: Shown, deposit: Deposit) -> Text:
    published = Paper.objects.filter(
        channel=plenary(actor.room), round=now.round, party=deposit.party
    ).exists()
    lock = now.round.locks.get(deposit.party.slug, "")
    found_, problem = _content(deposit)
    may = _may_publish(actor, now.round, deposit) and not published
    return Text(deposit, deposit.party.name, lock, found_, problem, published, may)


def _content(deposit: Deposit) -> tuple[bytes | None, str]:
    """The text that the server can show, and what is wrong if it cannot."""
    try:
        core = opening.opened_core(deposit)
        if core is None:
            return None, ""
        return text_of(core, header_of(deposit.round, deposit.party.slug)), ""
    except ParleyError as error:
        return None, told(error)


def _may_publish(actor: Actor, round_: Round, deposit: Deposit) -> bool:
    """A party lays its own text before all; the mediators any that they may read."""
    own = actor.party is not None and actor.party == deposit.party
    return own or (actor.is_mediating and opening.may_read(actor, round_))


@require_safe
def text(request: HttpRequest, room: str, round: str, deposit: str) -> HttpResponse:
    """A text that is open, as a file; where only readers' keys open it, the sealed deposit."""
    actor = access.enter(request, "opened.read", room=room)
    now = _readable(actor, round)
    wanted = _open_one(actor, now.round, deposit)
    name = f"round-{now.round.number}-{wanted.party.slug}"
    content_, problem = _content(wanted)
    if problem:
        messages.error(request, problem)
        return redirect("opened", actor.room.id, now.round.id)
    if content_ is None:
        sealed = bytes(wanted.blob)
        return attachment(sealed, f"{name}.parley-deposit", "application/json")
    return attachment(content_, f"{name}.{kind_of(content_)}")


def _open_one(actor: Actor, round_: Round, deposit_id: str) -> Deposit:
    for deposit in _open_deposits(actor, round_):
        if deposit.id == deposit_id and round_.state in {"RELEASED", "EXPIRED"}:
            return deposit
    raise Http404


@require_POST
def publish(request: HttpRequest, room: str, round: str, deposit: str) -> HttpResponse:
    """Lay an open text before all in the plenary, so that the room can work with it."""
    actor = access.enter(request, "opened.publish", room=room)
    now = _readable(actor, round)
    wanted = _open_one(actor, now.round, deposit)
    if not _may_publish(actor, now.round, wanted):
        raise Http404
    try:
        core = opening.opened_core(wanted) or _core_in(request)
        text_ = text_of(core, header_of(now.round, wanted.party.slug))
        name = f"round-{now.round.number}-{wanted.party.slug}.{kind_of(text_)}"
        papers.publish(actor, now.round, wanted.party, core, name)
    except ParleyError as error:
        if wants_json(request):
            return error_json(error)
        refused(request, error)
        return redirect("opened", actor.room.id, now.round.id)
    messages.success(request, _("The text is laid before all members of the room."))
    address = reverse("opened", args=[actor.room.id, now.round.id])
    return JsonResponse({"next": address}) if wants_json(request) else redirect(address)


def _core_in(request: HttpRequest) -> bytes:
    """What a reader's device has opened; `papers.publish` checks it by its hash."""
    file = request.FILES.get("core")
    if not isinstance(file, UploadedFile):
        raise ProofError("Only the device of a reader can open this text.", "Open it there first.")
    return bytes(file.read())
