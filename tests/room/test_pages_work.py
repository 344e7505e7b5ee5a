"""Open texts side by side, and the mediators' case: who sees what, and that nothing else does."""

from __future__ import annotations

import io
import json
import re
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from parley.room import cases, charters, clock, deposits, opening, papers
from parley.room.logbook import content
from parley.room.models import CaseFile, Channel, Deposit, Entry, Kind, Reading, Round, SingleText
from tests.room import bringing, world
from tests.room.bringing import NORTH, SOUTH

INSIDE = ("mediator", "co-mediator", "north", "north-2", "south", "witness", "observer")
OUTSIDE = ("operator", "removed", "stranger")
TABLE = {"mediator", "co-mediator", "north", "north-2", "south"}
MEDIATORS = {"mediator", "co-mediator"}


def laid_down(talks: world.Talks, *, with_mediator: bool = True) -> Round:
    """A round in the simple mode in which both texts lie on the server."""
    mediator = talks.actor("mediator")
    plan = charters.Plan(
        "First",
        mode="simple",
        deadline=clock.now() + timedelta(hours=1),
        with_mediator=with_mediator,
    )
    round_ = charters.plan(mediator, plan)
    for who in ("north", "south", "mediator"):
        charters.agree(talks.actor(who), round_)
    for who, words in (("north", NORTH), ("south", SOUTH)):
        deposits.lay_down(talks.actor(who), round_, words.encode(), f"key-of-{who}")
    round_.refresh_from_db()
    return round_


def opened(talks: world.Talks, *, with_mediator: bool = True) -> Round:
    """A round whose texts are open."""
    round_ = laid_down(talks, with_mediator=with_mediator)
    opening.give_share(talks.actor("mediator"), round_, opening.Given())
    round_.refresh_from_db()
    return round_


def get(talks: world.Talks, who: str, rest: str, **more: Any) -> Any:
    """A page of the room, as somebody gets it."""
    return world.client_for(talks.account(who)).get(f"/r/{talks.room.id}/{rest}", **more)


def test_before_they_are_open_there_is_nothing_to_compare() -> None:
    talks = world.talks()
    round_ = laid_down(talks)
    for who in TABLE:
        page = get(talks, who, f"rounds/{round_.id}/compare/")
        assert "No text of this round is open yet." in page.content.decode()
        assert get(talks, who, f"rounds/{round_.id}/compare/page/").status_code == 302


def test_those_at_the_table_compare_open_texts() -> None:
    talks = world.talks()
    round_ = opened(talks)
    for who in (*INSIDE, *OUTSIDE):
        page = get(talks, who, f"rounds/{round_.id}/compare/")
        assert page.status_code == (200 if who in TABLE else 404), who
    page = get(talks, "south", f"rounds/{round_.id}/compare/page/")
    assert page["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"
    )
    words = page.content.decode()
    assert "<del>30</del><ins>60</ins> days" in words
    assert "Text of North" in words
    table = get(talks, "north", f"rounds/{round_.id}/compare/xlsx/")
    assert table.content[:2] == b"PK"
    assert table["Content-Disposition"] == 'attachment; filename="round-1-comparison.xlsx"'
    assert get(talks, "north", f"rounds/{round_.id}/compare/exe/").status_code == 404
    for who in ("witness", "observer", *OUTSIDE):
        answer = get(talks, who, f"rounds/{round_.id}/compare/page/")
        assert answer.status_code == 404, who


def test_a_mediator_who_does_not_read_gets_only_what_was_laid_before_all() -> None:
    talks = world.talks()
    round_ = opened(talks, with_mediator=False)
    address = f"rounds/{round_.id}/compare/"
    assert "30 days" not in get(talks, "mediator", address).content.decode()
    back = get(talks, "mediator", f"{address}page/")
    assert back.status_code == 302
    assert get(talks, "north", f"{address}page/").status_code == 200
    for deposit in Deposit.objects.filter(round=round_):
        core = opening.opened_core(deposit)
        assert core is not None
        actor = talks.actor(deposit.party.slug)
        papers.publish(actor, round_, deposit.party, core, "text.md")
    get(talks, "mediator", address)
    assert not Reading.objects.exists()  # to see that they are there is not to have read them
    assert "<ins>60</ins>" in get(talks, "mediator", f"{address}page/").content.decode()
    readers = {reading.member for reading in Reading.objects.all()}
    assert readers == {talks.actor("mediator").member}


def test_a_single_text_begins_with_a_bridging_draft() -> None:
    talks = world.talks()
    round_ = opened(talks)
    client = world.client_for(talks.account("mediator"))
    page = client.get(f"/r/{talks.room.id}/texts/").content.decode()
    assert "A bridging draft of the texts of round 1, with brackets" in page
    given = {"source": f"round-{round_.id}", "title": "The text"}
    client.post(f"/r/{talks.room.id}/texts/", given)
    single = SingleText.objects.get(room=talks.room)
    text = get(talks, "observer", f"texts/{single.id}/file/md/").content.decode()
    assert "[north: 30] [south: 60] days" in text


# -- the case --------------------------------------------------------------------------------


def bring(talks: world.Talks, who: str, raw: bytes, name: str = "case.zip") -> Any:
    """What somebody gets who brings a case."""
    client = world.client_for(talks.account(who))
    file = SimpleUploadedFile(name, raw)
    return client.post(f"/r/{talks.room.id}/case/", {"files": file})


def kept(talks: world.Talks) -> CaseFile:
    """A case with its briefing, as the room keeps it."""
    return CaseFile.objects.create(
        room=talks.room,
        member=talks.actor("mediator").here,
        packed=b"packed",
        briefing=bringing.packed({"briefing.html": b"<p>secret</p>", "findings.json": b"{}"}),
        at=clock.now(),
    )


def test_istanbul_from_the_zip_file_to_the_briefing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cases, "WORLDS", 200)
    talks = world.talks()
    raw = bringing.istanbul()
    assert bring(talks, "mediator", raw).status_code == 302
    page = get(talks, "co-mediator", "case/").content.decode()
    assert "no mistakes" in page
    assert "README.md" in page
    case = CaseFile.objects.get(room=talks.room)
    client = world.client_for(talks.account("co-mediator"))
    assert client.get(f"/r/{talks.room.id}/case/{case.id}/briefing/").status_code == 404
    made = client.post(f"/r/{talks.room.id}/case/{case.id}/brief/", follow=True)
    assert "The briefing is made." in made.content.decode()
    briefing = get(talks, "mediator", f"case/{case.id}/briefing/")
    assert briefing["Content-Security-Policy"].endswith("img-src data:; sandbox")
    words = briefing.content.decode()
    assert "Istanbul 2025" in words
    assert str(world.activate()) not in words
    for name in set(re.findall(r'href="([a-z-]+\.html)"', words)):
        assert get(talks, "mediator", f"case/{case.id}/briefing/{name}").status_code == 200, name
    findings = get(talks, "mediator", f"case/{case.id}/briefing/findings.json")
    assert findings["Content-Disposition"] == 'attachment; filename="findings.json"'
    assert json.loads(findings.content)["findings"]
    packed = get(talks, "mediator", f"case/{case.id}/")
    assert packed.content == raw
    for name in ("case.yaml", "..%2Fkeys", "nothing.html"):
        assert get(talks, "mediator", f"case/{case.id}/briefing/{name}").status_code == 404


@pytest.mark.parametrize("who", ["north", "south", "witness", "observer", *OUTSIDE])
def test_nobody_else_sees_that_there_is_a_case(who: str) -> None:
    talks = world.talks()
    case = kept(talks)
    client = world.client_for(talks.account(who))
    at = f"/r/{talks.room.id}/case/"
    assert client.get(at).status_code == 404
    assert bring(talks, who, bringing.istanbul()).status_code == 404
    for rest in ("", "briefing/", "briefing/findings.json"):
        assert client.get(f"{at}{case.id}/{rest}").status_code == 404, rest
    for rest in ("brief/", "remove/"):
        assert client.post(f"{at}{case.id}/{rest}").status_code == 404, rest
    assert CaseFile.objects.count() == 1
    if who in INSIDE:
        log = b"".join(
            bytes(entry.body) for entry in Entry.objects.exclude(channel__kind=Kind.MEDIATION)
        )
        assert case.id.encode() not in log
        page = client.get(f"/r/{talks.room.id}/").content.decode()
        assert "/case/" not in page


def test_a_case_with_mistakes_is_shown_with_them_and_not_briefed() -> None:
    talks = world.talks()
    broken = bringing.packed({"case.yaml": b"parley: 1\ntitle: A\nparteis: []\n"})
    assert bring(talks, "mediator", broken).status_code == 302
    page = get(talks, "mediator", "case/").content.decode()
    assert "<code>case.yaml:3</code>" in page
    assert "Make the briefing" not in page
    case = CaseFile.objects.get(room=talks.room)
    client = world.client_for(talks.account("mediator"))
    told = client.post(f"/r/{talks.room.id}/case/{case.id}/brief/", follow=True)
    assert "The case has mistakes." in told.content.decode()


@pytest.mark.parametrize("raw", [b"no zip", b"PK\x03\x04 cut", bringing.packed({"a.txt": b"x"})])
def test_what_is_no_case_is_not_kept(raw: bytes) -> None:
    talks = world.talks()
    answer = bring(talks, "mediator", raw)
    assert answer.status_code in {302, 409}
    assert (answer.status_code == 302) == CaseFile.objects.exists()


def test_a_case_is_removed_with_its_briefing() -> None:
    talks = world.talks()
    case = kept(talks)
    client = world.client_for(talks.account("mediator"))
    assert client.get(f"/r/{talks.room.id}/case/{case.id}/remove/").status_code == 405
    client.post(f"/r/{talks.room.id}/case/{case.id}/remove/")
    assert not CaseFile.objects.exists()
    channel = Channel.objects.get(room=talks.room, kind=Kind.MEDIATION)
    kinds = [content(entry)["kind"] for entry in Entry.objects.filter(channel=channel)]
    assert kinds == ["case-removed"]


def test_several_files_are_one_case() -> None:
    talks = world.talks()
    client = world.client_for(talks.account("mediator"))
    names = ("case.yaml", "record.yaml", "proposals/russia.md")
    files = [SimpleUploadedFile(n, (bringing.ISTANBUL / n).read_bytes()) for n in names]
    client.post(f"/r/{talks.room.id}/case/", {"files": files})
    packed = bytes(CaseFile.objects.get(room=talks.room).packed)
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.namelist() == ["case.yaml", "record.yaml", "proposals/russia.md"]
    assert "no mistakes" in get(talks, "mediator", "case/").content.decode()
