"""Rounds of talks: planning one, how it stands, its charter, calling it off."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import available_timezones

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from parley.errors import ParleyError
from parley.exchange.charter import MODES
from parley.exchange.charter import Mode as CharterMode
from parley.room import access, charters, opening
from parley.room.access import Actor
from parley.room.forms.rounds import NewRound
from parley.room.models import Mode, Party, Round
from parley.room.told import told
from parley.room.views.answers import UNFIT, attachment, refused, sent
from parley.room.views.signatures import line_in, line_under_charter
from parley.room.views.waiting import MODES as MODE_WORDS
from parley.room.views.waiting import Shown, found, shown


@dataclass(frozen=True)
class Choice:
    """A mode of exchange: what it is, who can read, who could cheat, whose keys it lacks."""

    value: str
    label: str | Promise
    reads: str | Promise
    cheats: str | Promise
    missing: list[str]


ABOUT = {
    Mode.SEALED: (
        gettext_lazy(
            "Each side seals its text on its own device. To open, two of three must act: this"
            " server, the mediator, the witness."
        ),
        gettext_lazy(
            "None of the three can open anything alone. Two of them together could open early; to"
            " read, they would also need a reader: a party, or the mediator if you choose so below."
        ),
    ),
    Mode.TWO_AGENTS: (
        gettext_lazy(
            "Each side seals its text on its own device. To open, this server and the mediator"
            " must both act. For rooms without a witness."
        ),
        gettext_lazy(
            "Neither can open anything alone. Together they could open early; to read, they would"
            " also need a reader. If the mediator loses the key, the texts stay shut for good."
        ),
    ),
    Mode.SIMPLE: (
        gettext_lazy("The server holds the texts until all are there. Nobody needs keys."),
        gettext_lazy("The operator of this server could read the texts before they open."),
    ),
}


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, room: str) -> HttpResponse:
    """Plan a round; with an exchange, its charter is put forward at once."""
    actor = access.enter(request, "round.plan", room=room)
    missing = _missing(actor)
    last = actor.all(Round).order_by("-number").first()
    first = {"zone": last.zone if last else "UTC", "mode": "none", "place": last and last.place}
    form = NewRound(sent(request), initial=first, missing=missing)
    if request.method == "POST" and form.is_valid():
        try:
            round_ = charters.plan(actor, charters.Plan(**form.cleaned_data))
        except ParleyError as error:
            form.add_error(None, told(error))
        else:
            messages.success(request, _("The round is planned."))
            return redirect("round", actor.room.id, round_.id)
    page = {
        "actor": actor,
        "form": form,
        "zones": sorted(available_timezones()),
        "choices": [
            Choice(mode, MODE_WORDS[mode], *about, missing[mode]) for mode, about in ABOUT.items()
        ],
        "chosen": form["mode"].value(),
    }
    return render(request, "room/round_new.html", page, status=UNFIT if form.errors else 200)


def _missing(actor: Actor) -> dict[str, list[str]]:
    """By mode, the names of those whose keys it lacks."""
    parties = {party.slug: party.name for party in actor.all(Party).order_by("slug")}
    agents = {"mediator": _("the mediator"), "witness": _("the witness")}
    there = {who for who in [*parties, *agents] if charters.keys_of(actor.room, who)}
    lacking: dict[str, list[str]] = {Mode.SIMPLE: []}
    modes: dict[Mode, CharterMode] = {Mode.SEALED: "sealed", Mode.TWO_AGENTS: "two-agents"}
    for mode, name_ in modes.items():
        opens = set[str](MODES[name_])
        needed = parties | {who: name for who, name in agents.items() if who in opens}
        lacking[mode] = [name for who, name in needed.items() if who not in there]
    return lacking


@require_safe
def page(request: HttpRequest, room: str, round: str) -> HttpResponse:
    """How a round stands, and what the reader can do in it."""
    actor = access.enter(request, "round.see", room=room)
    return render(request, "room/round.html", _round_page(actor, shown(actor, found(actor, round))))


def _round_page(actor: Actor, now: Shown) -> dict[str, object]:
    party = actor.party.slug if actor.party else ""
    has_text = now.exchange is not None and party in now.exchange.deposits
    return {
        "actor": actor,
        "now": now,
        "round": now.round,
        "own_party": party,
        "may_replace": has_text and now.has("OPEN"),
        "may_call_off": actor.may("round.call-off") and now.has("DRAFT", "OPEN"),
        "may_see_receipts": actor.may("receipt.get"),
    }


@require_safe
def charter(request: HttpRequest, room: str, round: str) -> HttpResponse:
    """The charter as a file, with the signatures that are there."""
    actor = access.enter(request, "charter.see", room=room)
    round_ = found(actor, round)
    if not round_.charter:
        messages.error(request, _("This round has no exchange of texts, and so no charter."))
        return redirect("round", actor.room.id, round_.id)
    note = charters.signed_charter(round_)
    return attachment(note.encode(), f"round-{round_.number}.charter")


@require_http_methods(["GET", "HEAD", "POST"])
def agree(request: HttpRequest, room: str, round: str) -> HttpResponse:
    """Read the charter, and agree to it; where keys are in use, by one's signature."""
    actor = access.enter(request, "charter.agree", room=room)
    now = shown(actor, found(actor, round))
    if request.method == "POST":
        return _agreed(request, actor, now.round)
    if not now.has("DRAFT") or now.exchange is None or actor.who in now.exchange.agreed:
        return redirect("round", actor.room.id, now.round.id)
    if actor.who not in now.exchange.must_agree:
        messages.info(request, _("You are not among those who agree to this charter."))
        return redirect("round", actor.room.id, now.round.id)
    return render(request, "room/round_agree.html", _round_page(actor, now))


def _agreed(request: HttpRequest, actor: Actor, round_: Round) -> HttpResponse:
    try:
        line = line_under_charter(request, actor) or line_in(request)
        charters.agree(actor, round_, line)
    except ParleyError as error:
        refused(request, error)
        return redirect("agree", actor.room.id, round_.id)
    messages.success(request, _("Your agreement stands in the log."))
    return redirect("round", actor.room.id, round_.id)


@require_http_methods(["GET", "HEAD", "POST"])
def call_off(request: HttpRequest, room: str, round: str) -> HttpResponse:
    """Call the exchange of a round off, after a look at what that means."""
    actor = access.enter(request, "round.call-off", room=room)
    now = shown(actor, found(actor, round))
    if request.method == "POST":
        try:
            opening.call_off(actor, now.round)
        except ParleyError as error:
            refused(request, error)
        else:
            messages.success(
                request, _("The exchange is called off. What was laid down is erased.")
            )
        return redirect("round", actor.room.id, now.round.id)
    if not now.has("DRAFT", "OPEN"):
        return redirect("round", actor.room.id, now.round.id)
    return render(request, "room/round_call_off.html", _round_page(actor, now))
