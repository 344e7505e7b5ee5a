"""The single text: all see it with its brackets; delegations and mediators work on it."""

from __future__ import annotations

import json

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from parley.errors import ParleyError
from parley.room import access, papers, single_texts
from parley.room.access import Actor
from parley.room.forms.singles import Do, Start
from parley.room.models import Channel, Kind, Paper, Round, SingleText
from parley.room.open_texts import brought, open_texts, options
from parley.room.told import sentence, told, told_mistake
from parley.room.views.answers import UNFIT, refused, status_of
from parley.room.views.compare import standalone
from parley.room.views.papers import download
from parley.room.views.single_page import shown
from parley.room.workshop import Made, work
from parley.texts.markdown import markdown
from parley.texts.single.views import draft_of

FILES = {
    "md": "single-text.md",
    "docx": "single-text.docx",
    "yaml": "single-text.yaml",
    "agreed": "agreed-text.docx",
}


@require_http_methods(["GET", "HEAD", "POST"])
def singles(request: HttpRequest, room: str) -> HttpResponse:
    """The single texts of the room; mediators begin one here."""
    if request.method == "POST":
        return _start(request, access.enter(request, "single.start", room=room))
    actor = access.enter(request, "single.see", room=room)
    return _list(request, actor, Start(_sources(actor)) if actor.may("single.start") else None)


def _list(
    request: HttpRequest, actor: Actor, form: Start | None, status: int = 200
) -> HttpResponse:
    found = [(one, single_texts.read(one).state) for one in actor.all(SingleText).order_by("-at")]
    return render(request, "room/singles.html", {"singles": found, "form": form}, status=status)


def _sources(actor: Actor) -> list[tuple[str, str]]:
    """With what a single text can begin: a document of the plenary, or the texts of a round."""
    plenary = actor.all(Channel).get(kind=Kind.PLENARY)
    documents = Paper.objects.filter(channel=plenary, is_message=False, erased__isnull=True)
    found = []
    for round_ in actor.all(Round).filter(state__in=("RELEASED", "EXPIRED")).order_by("-number"):
        there = [text for text in open_texts(actor, round_) if text.content is not None]
        if len(there) > 1:
            words = {"number": round_.number}
            name = _("A bridging draft of the texts of round %(number)s, with brackets") % words
            found.append((f"round-{round_.id}", name))
    for paper in documents.defer("body").order_by("-at", "id")[:50]:
        name = paper.name or _("Document without a name")
        found.append((f"paper-{paper.id}", _("From the plenary: %(name)s") % {"name": name}))
    return found


def _start(request: HttpRequest, actor: Actor) -> HttpResponse:
    form = Start(_sources(actor), request.POST)
    if not form.is_valid():
        return _list(request, actor, form, UNFIT)
    try:
        made = _first(actor, form.cleaned_data["source"])
        base = made.files["text.md"].decode()
        single = single_texts.start(actor, form.cleaned_data["title"], base)
    except ParleyError as error:
        form.add_error(None, told(error))
        for mistake in getattr(error, "mistakes", ())[:10]:
            form.add_error(None, told_mistake(mistake))
        return _list(request, actor, form, status_of(error))
    for line in made.said.get("told", ()):
        messages.warning(request, " ".join(sentence(str(part)) for part in line))
    return redirect("single", actor.room.id, single.id)


def _first(actor: Actor, source: str) -> Made:
    """The first text, read in the workshop."""
    kind, _dash, name = source.partition("-")
    if kind == "round":
        texts = open_texts(actor, actor.one(Round, id=name))
        return work("bridge", brought(actor, texts), texts=options(texts))
    paper = actor.one(Paper, id=name)
    content = papers.content_of(actor, paper)
    party = paper.party.slug if paper.party is not None else None
    text = {"name": _("the document"), "title": _("Single text"), "party": party}
    return work("read", {"text-0": content}, texts=[text])


@require_safe
def single(request: HttpRequest, room: str, single: str) -> HttpResponse:
    """A single text as it stands."""
    actor = access.enter(request, "single.see", room=room)
    found = actor.one(SingleText, id=single)
    at = request.GET.get("at", "")
    place = int(at) if at.isascii() and at.isdigit() and len(at) < 7 else None
    return render(request, "room/single.html", shown(actor, found, place))


@require_POST
def do(request: HttpRequest, room: str, single: str) -> HttpResponse:
    """Do something to a single text, or put it forward where others must agree."""
    actor = access.enter(request, "single.work", room=room)
    found = actor.one(SingleText, id=single)
    form = Do(request.POST)
    if not form.is_valid():
        what = _("Something is missing or too long.")
        return _again(request, actor, found, what, UNFIT)
    given = form.cleaned_data
    step = form.step()
    if step["op"] == "insert":
        step["id"] = f"new-{given['version']}"
    try:
        waits = single_texts.do(actor, found.id, given["version"], step)
    except ParleyError as error:
        return _again(request, actor, found, told(error), status_of(error))
    if waits is not None:
        messages.info(request, _("It is put forward, and is done once all who must have agreed."))
    else:
        messages.success(request, _("It is done."))
    return _back(room, found.id, given["place"])


def _again(
    request: HttpRequest, actor: Actor, found: SingleText, what: str, status: int
) -> HttpResponse:
    """The page as the text stands now, with what was sent still in its fields."""
    found.refresh_from_db()
    place = request.POST.get("place", "")
    at = int(place) if place.isascii() and place.isdigit() and len(place) < 7 else None
    page = shown(actor, found, at) | {"refused": what, "given": request.POST}
    return render(request, "room/single.html", page, status=status)


def _back(room: str, single: str, place: int | None) -> HttpResponse:
    answer = redirect("single", room, single)
    if place is not None:
        answer["Location"] += f"?at={place}#n{place}"
    return answer


@require_POST
def motion(request: HttpRequest, room: str, single: str, motion: str) -> HttpResponse:
    """Agree to what somebody has put forward; or take it, or one's agreement, back."""
    actor = access.enter(request, "single.work", room=room)
    found = actor.one(SingleText, id=single)
    try:
        if request.POST.get("answer") == "agree":
            if single_texts.agree(actor, found.id, motion):
                messages.success(request, _("All have agreed; it is done."))
        else:
            single_texts.take_back(actor, found.id, motion)
    except ParleyError as error:
        refused(request, error)
    return redirect("single", room, found.id)


@require_safe
def single_file(request: HttpRequest, room: str, single: str, form: str) -> HttpResponse:
    """A single text to take away, or as a page of its own."""
    actor = access.enter(request, "single.see", room=room)
    found = actor.one(SingleText, id=single)
    if form == "page":
        return _made(request, found, "single", "single-text.html")
    if form not in FILES:
        raise Http404
    if form == "md":
        draft = draft_of(single_texts.read(found).state)
        return download(markdown(draft).encode(), FILES[form])
    if form == "yaml":
        return download(bytes(found.log), FILES[form])
    return _made(request, found, "clean" if form == "agreed" else "single", FILES[form])


def _made(request: HttpRequest, single: SingleText, task: str, name: str) -> HttpResponse:
    # a file of YAML may hold JSON; lines of a bearable length keep mistakes readable
    log = json.dumps(json.loads(bytes(single.log)), ensure_ascii=False, indent=1).encode()
    try:
        made = work(task, {"single-text.yaml": log}, title=single.title)
    except ParleyError as error:
        refused(request, error)
        return redirect("single", single.room_id, single.id)
    return (
        standalone(made.files[name]) if name.endswith(".html") else download(made.files[name], name)
    )
