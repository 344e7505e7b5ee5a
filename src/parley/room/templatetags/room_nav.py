"""The links of a room, as far as somebody may follow them."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

register = template.Library()

LINKS = (
    ("room", _("Overview"), "room.see"),
    ("singles", _("Single text"), "single.see"),
    ("case", _("Case"), "case.see"),
    ("readings", _("Readings"), "readings.see"),
    ("people", _("People"), "people.see"),
    ("keys", _("Keys"), "keys.see"),
    ("log", _("Log"), "log.see"),
)
"""Name of the address, word, and the action that it takes to go there."""


@register.inclusion_tag("room/nav.html", takes_context=True)
def room_nav(context: dict[str, Any]) -> dict[str, Any]:
    """The links of the room that a page is in."""
    request = context["request"]
    actor = request.actor
    here = request.resolver_match.url_name
    links = [
        {"address": reverse(name, args=[actor.room.id]), "word": word, "is_here": name == here}
        for name, word, action in LINKS
        if actor.may(action) and _exists(name, actor.room.id)
    ]
    return {"links": links}


def _exists(name: str, room: str) -> bool:
    try:
        reverse(name, args=[room])
    except NoReverseMatch:
        return False
    return True
