"""Who has had which document before him: all of it for the mediators, else one's own side."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from parley.room import access
from parley.room.access import Actor
from parley.room.carrying import readers_of
from parley.room.models import Channel, Member, Paper, Reading
from parley.room.views.channels import A_PAGE, by_whom, name_of


@dataclass
class Row:
    """A document: who had it when, and who not yet."""

    paper: Paper
    by: str
    had: list[tuple[str, object]] = field(default_factory=list)
    not_yet: list[str] = field(default_factory=list)


@require_safe
def readings(request: HttpRequest, room: str) -> HttpResponse:
    """Of every document in the channels that one sees, who has had it before him."""
    actor = access.enter(request, "readings.see", room=room)
    order = ("channel__kind", "channel__party__name", "channel", "at", "id")
    all_ids = (
        actor.all(Paper).filter(is_message=False).order_by(*order).values_list("id", flat=True)
    )
    page = Paginator(all_ids, A_PAGE).get_page(request.GET.get("page"))
    documents = (
        Paper.objects.filter(id__in=list(page))
        .defer("body")
        .select_related("channel__party", "author__account", "author__party")
        .order_by(*order)
    )
    groups = [
        (name_of(channel), _rows(actor, channel, papers))
        for channel, papers in groupby(documents, key=lambda paper: paper.channel)
    ]
    return render(request, "room/readings.html", {"groups": groups, "page": page})


def _rows(actor: Actor, channel: Channel, documents: Iterable[Paper]) -> list[Row]:
    rows = {paper.id: Row(paper, by_whom(paper.author)) for paper in documents}
    seen: set[tuple[str, str]] = set()
    found = (
        actor.all(Reading).filter(paper__in=rows).select_related("member__account", "member__party")
    )
    for reading in found.order_by("at", "id"):
        rows[reading.paper_id].had.append((by_whom(reading.member), reading.at))
        seen.add((reading.paper_id, reading.member_id))
    asked = [member for member in readers_of(channel) if _concerns(actor, member)]
    for name, row in rows.items():
        others = [m for m in asked if m.id != row.paper.author_id and (name, m.id) not in seen]
        row.not_yet = [by_whom(member) for member in others]
    return list(rows.values())


def _concerns(actor: Actor, member: Member) -> bool:
    """Whether somebody may know what a member has read: of one's own side, or as mediator."""
    return actor.is_mediating or (member.party is not None and member.party == actor.party)
