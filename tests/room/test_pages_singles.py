"""The single text in a room: who sees it, who works on it, and that nobody speaks for another."""

from __future__ import annotations

import hashlib
import re
import threading
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from parley.errors import OperationError
from parley.room import papers, single_texts
from parley.room.logbook import content, plenary
from parley.room.models import Channel, Entry, Kind, Motion, SingleText
from parley.texts.single.brackets import written
from parley.texts.single.log import open_log
from parley.texts.single.operations import Adopt
from tests.room import world
from tests.room.bringing import NORTH, markdown, word

INSIDE = ("mediator", "co-mediator", "north", "north-2", "south", "witness", "observer")
OUTSIDE = ("operator", "removed", "stranger")
WORKING = {"mediator", "co-mediator", "north", "north-2", "south"}
BASE = (
    "---\nparley: 1\ntitle: Draft\n---\n\n## Article 1. Ceasefire {#a1}\n\n"
    "1. Fire stops for 30 days. {#a1-1}\n\n2. Both sides withdraw. {#a1-2}\n"
)


def begun(talks: world.Talks) -> SingleText:
    """A single text that a mediator has begun."""
    return single_texts.start(talks.actor("mediator"), "The text", BASE)


def address(single: SingleText, rest: str = "") -> str:
    """Where a single text is."""
    return f"/r/{single.room_id}/texts/{single.id}/{rest}"


def do(talks: world.Talks, who: str, single: SingleText, /, **given: Any) -> Any:
    """What somebody gets who does something from the page as it stands."""
    single.refresh_from_db()
    given = {"version": single.version, **given}
    answer = world.client_for(talks.account(who)).post(address(single, "do/"), given)
    single.refresh_from_db()
    return answer


def answer(talks: world.Talks, who: str, single: SingleText, said: str) -> Any:
    """What somebody gets who answers to what waits for agreement."""
    motion = Motion.objects.get(single=single, closed__isnull=True)
    client = world.client_for(talks.account(who))
    got = client.post(address(single, f"motions/{motion.id}/"), {"answer": said})
    single.refresh_from_db()
    return got


def words(single: SingleText) -> str:
    """The first paragraph, with brackets."""
    return written(single_texts.read(single).state.content["a1-1"])


def entries(talks: world.Talks, *kinds: str) -> list[dict[str, Any]]:
    """Entries of the plenary of these kinds."""
    found = Entry.objects.filter(channel=plenary(talks.room)).order_by("index")
    return [entry for entry in map(content, found) if entry["kind"] in kinds]


def test_all_see_it_and_those_at_the_table_work_on_it() -> None:
    talks = world.talks()
    single = begun(talks)
    for who in (*INSIDE, *OUTSIDE):
        client = world.client_for(talks.account(who))
        seen = 200 if who in INSIDE else 404
        for rest in ("", "file/md/", "file/yaml/"):
            assert client.get(address(single, rest)).status_code == seen, (who, rest)
        assert client.get(f"/r/{talks.room.id}/texts/").status_code == seen, who
        given = {"version": 1, "op": "reserve", "on": "a1-1"}
        got = client.post(address(single, "do/"), given).status_code
        expected = (302 if who in {"north"} else 409) if who in WORKING else 404
        assert got == expected, who
        if who in INSIDE:
            page = client.get(address(single)).content.decode()
            assert ("Work on it" in page) == (who in WORKING)
    assert world.client().get(address(single)).status_code == 302


def test_who_does_it_is_who_has_signed_in_not_what_the_form_says() -> None:
    talks = world.talks()
    single = begun(talks)
    given = {"op": "bracket", "at": "a1-1", "words": "30", "text": "60"}
    do(talks, "north", single, **given, who="south", by="south", agreed_by="north,south")
    assert words(single) == "Fire stops for [30] [north: 60] days."
    do(talks, "co-mediator", single, op="propose", bracket="b1", text="45")
    assert words(single) == "Fire stops for [30] [north: 60] [mediator: 45] days."


def test_nobody_agrees_for_another() -> None:
    talks = world.talks()
    single = begun(talks)
    do(talks, "north", single, op="bracket", at="a1-1", words="30", text="60")
    for who in ("mediator", "north", "north-2"):
        do(talks, who, single, op="adopt", bracket="b1", alternative=2, agreed_by="north,south")
        assert single.version == 2
    assert answer(talks, "witness", single, "agree").status_code == 404
    assert "Your agreement is not asked" in _followed(talks, "mediator", single)
    assert single.version == 2
    assert answer(talks, "south", single, "agree").status_code == 302
    assert words(single) == "Fire stops for 60 days."
    last = single_texts.read(single).log.operations[-1]
    assert isinstance(last, Adopt)
    assert (last.op, last.who, sorted(last.agreed_by)) == ("adopt", "mediator", ["north", "south"])


def _followed(talks: world.Talks, who: str, single: SingleText) -> str:
    motion = Motion.objects.get(single=single, closed__isnull=True)
    client = world.client_for(talks.account(who))
    given = {"answer": "agree"}
    page = client.post(address(single, f"motions/{motion.id}/"), given, follow=True)
    return str(page.content.decode())


def test_wordings_are_merged_once_those_who_proposed_them_have_agreed() -> None:
    talks = world.talks()
    single = begun(talks)
    do(talks, "north", single, op="bracket", at="a1-1", words="30", text="60")
    do(talks, "south", single, op="propose", bracket="b1", text="50")
    do(talks, "mediator", single, op="merge", bracket="b1", alternatives=[2, 3], text="55")
    page = world.client_for(talks.account("north")).get(address(single)).content.decode()
    assert "Waits for agreement" in page
    assert "not yet: North, South" in page
    answer(talks, "north", single, "agree")
    assert "[north: 60]" in words(single)
    answer(talks, "south", single, "agree")
    assert words(single) == "Fire stops for [30] [north+south: 55] days."


def test_nobody_agrees_to_what_has_changed_since() -> None:
    talks = world.talks()
    single = begun(talks)
    do(talks, "north", single, op="bracket", at="a1-1", words="30", text="60")
    do(talks, "north", single, op="adopt", bracket="b1", alternative=2)
    do(talks, "north", single, op="propose", bracket="b1", text="90")
    motion = Motion.objects.get(single=single)
    client = world.client_for(talks.account("south"))
    assert "Waits for agreement" not in client.get(address(single)).content.decode()
    given = {"answer": "agree"}
    page = client.post(address(single, f"motions/{motion.id}/"), given, follow=True)
    assert "has changed since" in page.content.decode()
    assert "[north: 90]" in words(single)


def test_an_agreement_is_taken_back_before_all_have_agreed() -> None:
    talks = world.talks()
    single = begun(talks)
    do(talks, "north", single, op="bracket", at="a1-1", words="30", text="60")
    do(talks, "mediator", single, op="adopt", bracket="b1", alternative=2)
    answer(talks, "north", single, "agree")
    answer(talks, "north-2", single, "back")  # of the same delegation
    answer(talks, "south", single, "agree")
    assert "[north: 60]" in words(single)
    answer(talks, "north", single, "agree")
    assert words(single) == "Fire stops for 60 days."


@pytest.mark.parametrize(
    ("who", "given", "said"),
    [
        ("mediator", {"op": "support", "bracket": "b1", "alternative": 1}, "takes no side"),
        ("mediator", {"op": "reserve", "on": "a1-1"}, "has no reservations"),
        ("south", {"op": "drop", "bracket": "b1", "alternative": 2}, "was not proposed by"),
        ("south", {"op": "lift", "on": "a1-1"}, "has no reservation"),
        ("south", {"op": "propose", "bracket": "b9", "text": "x"}, "no open bracket"),
        ("south", {"op": "propose", "bracket": "b1", "text": "[x]"}, "brackets of their own"),
        ("south", {"op": "propose", "bracket": "b1", "text": "60"}, "stand in"),
        ("south", {"op": "bracket", "at": "a1-1", "words": "31", "text": "x"}, "do not stand here"),
        ("south", {"op": "bracket", "at": "a9", "text": "x"}, "no provision"),
        ("south", {"op": "insert", "after": "a1-1"}, "missing or too long"),
        ("south", {"op": "nonsense"}, "missing or too long"),
        ("mediator", {"op": "round", "number": 0}, "missing or too long"),
    ],
)
def test_the_rules_of_texts_decide_and_say_why(who: str, given: dict[str, Any], said: str) -> None:
    talks = world.talks()
    single = begun(talks)
    do(talks, "north", single, op="bracket", at="a1-1", words="30", text="60")
    before = bytes(single.log)
    got = do(talks, who, single, **given)
    assert got.status_code in {409, 422}
    assert said in got.content.decode().replace("&#x27;", "'")
    assert bytes(single.log) == before


def test_two_at_once_and_nothing_that_was_written_is_lost() -> None:
    talks = world.talks()
    single = begun(talks)
    mine = "Fire stops for good, <at once>."
    given = {"op": "bracket", "at": "a1-1", "place": 1, "text": mine, "why": "It is time."}
    do(talks, "south", single, op="bracket", at="a1-2", text="North withdraws.")
    got = do(talks, "north", single, **given, version=1)
    assert got.status_code == 409
    page = got.content.decode()
    assert "Somebody else has changed the text since you opened this page." in page
    assert "Fire stops for good, &lt;at once&gt;.</textarea>" in page
    assert 'value="It is time."' in page
    assert "North withdraws." in page  # the text as it stands now is beside it
    version = re.findall(r'name="version" value="(\d+)"', page)
    assert set(version) == {"2"}
    assert do(talks, "north", single, **given, version=2).status_code == 302
    assert "good, <at once>." in words(single)


@pytest.mark.committed
def test_two_at_the_very_same_moment() -> None:
    talks = world.talks()
    single = begun(talks)
    done: list[str] = []
    ready = threading.Barrier(4)

    def work(who: str, text: str) -> None:
        try:
            actor = talks.actor(who)
            step = {"op": "bracket", "at": "a1-1", "words": "30", "text": text}
            ready.wait(10)
            single_texts.do(actor, single.id, 1, step)
            done.append(text)
        except OperationError:
            pass
        finally:
            connections.close_all()

    pairs = [("north", "60"), ("south", "61"), ("north-2", "62"), ("mediator", "63")]
    threads = [threading.Thread(target=work, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    single.refresh_from_db()
    assert len(done) == 1
    assert single.version == 2
    assert done[0] in words(single)


def test_every_change_is_in_the_log_of_the_plenary() -> None:
    talks = world.talks()
    single = begun(talks)
    do(talks, "north", single, op="bracket", at="a1-1", words="30", text="60")
    do(talks, "south", single, op="adopt", bracket="b1", alternative=2)
    answer(talks, "north", single, "agree")
    told = entries(talks, "single", "motion", "assent")
    assert [(e["kind"], e["who"]) for e in told] == [
        ("single", "mediator"),
        ("single", "north"),
        ("motion", "south"),
        ("assent", "south"),
        ("assent", "north"),
        ("single", "north"),
    ]
    assert told[-1]["version"] == single.version == 3
    assert told[-1]["text"] == hashlib.sha256(bytes(single.log)).hexdigest()


def test_a_change_and_its_entry_come_together_or_not_at_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    talks = world.talks()
    single = begun(talks)

    def broken(*_args: object, **_fields: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(single_texts, "append", broken)
    step = {"op": "bracket", "at": "a1-1", "text": "x"}
    with pytest.raises(RuntimeError):
        single_texts.do(talks.actor("north"), single.id, 1, step)
    single.refresh_from_db()
    assert single.version == 1
    assert words(single) == "Fire stops for 30 days."


def test_it_is_taken_away_in_every_form(tmp_path: Path) -> None:
    talks = world.talks()
    single = begun(talks)
    do(talks, "north", single, op="bracket", at="a1-1", words="30", text="60")
    client = world.client_for(talks.account("observer"))
    assert b"[30] [north: 60] days" in client.get(address(single, "file/md/")).content
    file = tmp_path / "single-text.yaml"
    file.write_bytes(client.get(address(single, "file/yaml/")).content)
    kept = open_log(file)  # the command line goes on with it
    assert kept.text == single_texts.read(single).state
    docx = client.get(address(single, "file/docx/"))
    assert docx.content[:2] == b"PK"
    assert docx["Content-Disposition"] == 'attachment; filename="single-text.docx"'
    page = client.get(address(single, "file/page/"))
    assert page["Content-Security-Policy"].endswith("; sandbox")
    assert b"north" in page.content
    agreed = client.get(address(single, "file/agreed/"), follow=True)
    assert "1 open brackets" in agreed.content.decode()
    do(talks, "north", single, op="drop", bracket="b1", alternative=2)
    assert client.get(address(single, "file/agreed/")).content[:2] == b"PK"
    assert client.get(address(single, "file/exe/")).status_code == 404


# -- how it begins ---------------------------------------------------------------------------


def plenary_of(talks: world.Talks) -> Channel:
    """The channel of all."""
    return Channel.objects.get(room=talks.room, kind=Kind.PLENARY)


def test_it_begins_with_a_word_file_of_the_plenary(tmp_path: Path) -> None:
    talks = world.talks()
    raw = word(tmp_path, "Article 1. Ceasefire", "1. Fire stops for [30] [60] days.")
    paper = papers.put(talks.actor("north"), plenary_of(talks), raw, "k" * 20, name="draft.docx")
    client = world.client_for(talks.account("mediator"))
    given = {"source": f"paper-{paper.id}", "title": "The text"}
    got = client.post(f"/r/{talks.room.id}/texts/", given)
    single = SingleText.objects.get(room=talks.room)
    assert got["Location"] == address(single)
    assert len(single_texts.read(single).state.open) == 1
    assert single_texts.read(single).log.delegations == ("north", "south")


@pytest.mark.parametrize("who", ["north", "south", "witness", "observer", *OUTSIDE])
def test_only_mediators_begin_one(who: str) -> None:
    talks = world.talks()
    paper = papers.put(
        talks.actor("north"), plenary_of(talks), markdown(NORTH), "k" * 20, name="draft.md"
    )
    client = world.client_for(talks.account(who))
    given = {"source": f"paper-{paper.id}", "title": "The text"}
    assert client.post(f"/r/{talks.room.id}/texts/", given).status_code == 404
    assert not SingleText.objects.exists()


def test_it_does_not_begin_with_what_one_side_gave_the_mediators() -> None:
    talks = world.talks()
    shuttle = Channel.objects.get(room=talks.room, kind=Kind.SHUTTLE, party__slug="north")
    paper = papers.put(talks.actor("north"), shuttle, markdown(NORTH), "k" * 20, name="draft.md")
    client = world.client_for(talks.account("mediator"))
    page = client.get(f"/r/{talks.room.id}/texts/").content.decode()
    assert "draft.md" not in page
    given = {"source": f"paper-{paper.id}", "title": "The text"}
    assert client.post(f"/r/{talks.room.id}/texts/", given).status_code == 422
    assert not SingleText.objects.exists()


def test_mistakes_of_the_first_text_are_told_where_it_is_chosen() -> None:
    talks = world.talks()
    raw = markdown("1. We stop.\n\n1. We go on.\n")
    paper = papers.put(talks.actor("north"), plenary_of(talks), raw, "k" * 20, name="draft.md")
    client = world.client_for(talks.account("mediator"))
    given = {"source": f"paper-{paper.id}", "title": "The text"}
    got = client.post(f"/r/{talks.room.id}/texts/", given)
    assert "stands here twice" in got.content.decode()
    assert 'value="The text"' in got.content.decode()
    assert not SingleText.objects.exists()
