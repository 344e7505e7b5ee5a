"""Reading the texts of a round that are open, and laying them before all."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from parley.errors import ParleyError, ProofError
from parley.exchange.core import text_of
from parley.room import access, opening, papers
from parley.room.access import Actor
from parley.room.deposits import header_of
from parley.room.logbook import plenary
from parley.room.models import Deposit, Paper, Round
from parley.room.told import told
from parley.room.views.answers import attachment, error_json, refused, wants_json
from parley.room.views.waiting import Shown, found, shown

KINDS = ((b"PK\x03\x04", "docx"), (b"%PDF-", "pdf"))


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
def page(request: HttpRequest, room: str, round: str) -> HttpResponse:
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
