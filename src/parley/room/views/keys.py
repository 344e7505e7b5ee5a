"""Keys: the public card of each party and release agent; making one's own."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from parley.errors import ParleyError, ProofError
from parley.exchange.charter import hash_of, parts, words
from parley.room import access, charters
from parley.room.access import Actor
from parley.room.models import Card, Party
from parley.room.views.answers import refused

LARGEST_CARD = 4096


@dataclass(frozen=True)
class Keys:
    """The keys of a party or agent, if there are any, by the words that stand for them."""

    who: str
    name: str
    card: Card | None

    @property
    def words(self) -> list[str]:
        """Twelve words for the card, to be compared aloud."""
        return [] if self.card is None else words(hash_of(parts(self.card.note)[0])).split()


@require_http_methods(["GET", "HEAD", "POST"])
def keys(request: HttpRequest, room: str) -> HttpResponse:
    """Whose keys are known here; make or replace those one acts with."""
    action = "keys.register" if request.method == "POST" else "keys.see"
    actor = access.enter(request, action, room=room)
    return _registered(request, actor) if request.method == "POST" else _page(request, actor)


def _registered(request: HttpRequest, actor: Actor) -> HttpResponse:
    try:
        charters.register(actor, _card(request))
    except ParleyError as error:
        refused(request, error)
    else:
        messages.success(request, _("Your public keys are registered. Compare their words aloud."))
    return redirect("keys", actor.room.id)


def _card(request: HttpRequest) -> str:
    """The card in a form: made in the page, or the file that `parley keys` made."""
    file = request.FILES.get("file")
    if isinstance(file, UploadedFile):
        try:
            return str(file.read(LARGEST_CARD), "utf-8")
        except UnicodeDecodeError:
            raise ProofError(
                "This is no card of public keys.", "Take the file that ends in .parley-public"
            ) from None
    # forms send line breaks as CR LF; a signature is over LF alone
    return str(request.POST.get("card", ""))[:LARGEST_CARD].replace("\r\n", "\n")


def _page(request: HttpRequest, actor: Actor) -> HttpResponse:
    names = {party.slug: party.name for party in actor.all(Party).order_by("slug")}
    names |= {"mediator": _("Mediator"), "witness": _("Witness")}
    newest = {card.who: card for card in Card.objects.filter(room=actor.room).order_by("id")}
    everybody = [Keys(who, name, newest.get(who)) for who, name in names.items()]
    mine = next((keys for keys in everybody if keys.who == actor.who), None)
    shown = {
        "actor": actor,
        "mine": mine if actor.may("keys.register") else None,
        "everybody": everybody,
    }
    return render(request, "room/keys.html", shown)
