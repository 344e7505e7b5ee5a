"""Channels, the single text and the case in a browser, as people use them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from parley.room import cases, charters, clock, deposits, opening, papers, single_texts
from parley.room.models import Channel, Kind, Paper, Round, SingleText
from tests.browser.pages import chromium
from tests.room import bringing, world
from tests.room.browsing import SHAPES, Seat, looks_right, seat, serving

pytestmark = [pytest.mark.browser, pytest.mark.committed]
FILE = "Проєкт угоди (остаточний).docx"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for all of these tests."""
    with chromium() as started:
        yield started


@pytest.fixture
def address() -> Iterator[str]:
    """Where the room is served."""
    with serving() as found:
        yield found


def channel(talks: world.Talks, name: str) -> Channel:
    """A channel: plenary, or the one of a party with the mediators."""
    if name == "plenary":
        return Channel.objects.get(room=talks.room, kind=Kind.PLENARY)
    return Channel.objects.get(room=talks.room, kind=Kind.SHUTTLE, party__slug=name)


def at(talks: world.Talks, rest: str) -> str:
    """A page of the room."""
    return f"/r/{talks.room.id}/{rest}"


def test_a_word_file_goes_from_north_to_the_mediator_and_on(
    browser: Browser, address: str, tmp_path: Path
) -> None:
    talks = world.talks()
    draft = tmp_path / FILE
    draft.write_bytes(bringing.word(tmp_path, "Article 1. Ceasefire", "1. Fire stops at once."))
    north = seat(browser, address, talks.account("north"))
    page = north.go(at(talks, f"c/{channel(talks, 'north').id}/"))
    page.get_by_label("Document").set_input_files(draft)
    page.get_by_role("button", name="Send the document").click()
    page.get_by_role("link", name=FILE).wait_for()

    mediator = seat(browser, address, talks.account("mediator"))
    page = mediator.go(at(talks, f"c/{channel(talks, 'north').id}/"))
    with page.expect_download() as taken:
        page.get_by_role("link", name=FILE).click()
    assert taken.value.suggested_filename == FILE
    assert Path(taken.value.path()).read_bytes() == draft.read_bytes()

    page.get_by_role("link", name="Carry to another channel").click()
    page.get_by_label("Mediators and South").check()
    page.get_by_label("Name of the file there").fill("wording.docx")
    page.get_by_role("button", name="Go on").click()
    page.get_by_text("South (South)").wait_for()
    assert Paper.objects.count() == 1
    page.get_by_role("button", name="Carry it over").click()
    page.get_by_role("link", name="wording.docx").wait_for()

    south = seat(browser, address, talks.account("south"))
    page = south.go(at(talks, f"c/{channel(talks, 'south').id}/"))
    page.get_by_role("link", name="wording.docx").wait_for()
    assert FILE not in page.content()
    for one in (north, mediator, south):
        assert one.told == []


def test_a_message_is_sent_and_erased(browser: Browser, address: str) -> None:
    talks = world.talks()
    north = seat(browser, address, talks.account("north"))
    page = north.go(at(talks, f"c/{channel(talks, 'plenary').id}/"))
    page.get_by_label("Message").fill("Good morning\n<b>to all</b>")
    page.get_by_role("button", name="Send the message").click()
    page.get_by_text("<b>to all</b>").wait_for()
    page.locator("summary", has_text="Erase").click()
    page.get_by_role("button", name="Erase it").click()
    page.get_by_text("A message stood here").wait_for()
    assert "to all" not in page.content()
    assert north.told == []


def test_a_single_text_from_a_word_file_to_the_agreed_text(
    browser: Browser, address: str, tmp_path: Path
) -> None:
    talks = world.talks()
    raw = bringing.word(tmp_path, "Article 1. Ceasefire", "1. Fire stops for 30 days.")
    papers.put(talks.actor("mediator"), channel(talks, "plenary"), raw, "k" * 20, name="a.docx")
    mediator = seat(browser, address, talks.account("mediator"))
    page = mediator.go(at(talks, "texts/"))
    page.get_by_label("From the plenary: a.docx").check()
    page.get_by_label("Title").fill("The text")
    page.get_by_role("button", name="Begin it").click()
    page.get_by_role("heading", name="The text").wait_for()

    north = seat(browser, address, talks.account("north"))
    page = north.go(at(talks, "texts/"))
    page.get_by_role("link", name="The text").click()
    page.get_by_role("link", name="Work on 1.").click()
    page.get_by_label("The words as they stand").fill("30")
    page.get_by_label("The words that you propose").first.fill("60")
    page.get_by_role("button", name="Propose it").first.click()
    page.get_by_text("b1.2 North:").first.wait_for()
    assert "?at=" in page.url
    page.get_by_role("button", name="Settle on b1.2").click()
    page.get_by_text("not yet: South").wait_for()

    south = seat(browser, address, talks.account("south"))
    page = south.go(at(talks, f"texts/{SingleText.objects.get().id}/"))
    page.get_by_role("button", name="Agree, for my delegation").click()
    page.get_by_text("Fire stops for 60 days.").wait_for()
    with page.expect_download() as taken:
        page.get_by_role("link", name="The agreed text").click()
    assert taken.value.suggested_filename == "agreed-text.docx"
    for one in (mediator, north, south):
        assert one.told == []


def test_what_was_typed_is_still_there_when_another_was_quicker(
    browser: Browser, address: str
) -> None:
    talks = world.talks()
    base = bringing.markdown(bringing.NORTH).decode()
    single = single_texts.start(talks.actor("mediator"), "The text", base)
    north = seat(browser, address, talks.account("north"))
    page = north.go(at(talks, f"texts/{single.id}/?at=1#n1"))
    page.get_by_label("The words that you propose").first.fill("Fire stops for ever.")
    name = single_texts.read(single).state.order()[2]
    step = {"op": "bracket", "at": name, "text": "They stay."}
    single_texts.do(talks.actor("south"), single.id, 1, step)
    page.get_by_role("button", name="Propose it").first.click()
    page.get_by_role("alert").get_by_text("Somebody else has changed the text").wait_for()
    assert page.get_by_label("The words that you propose").first.input_value() == (
        "Fire stops for ever."
    )
    page.get_by_text("They stay.").first.wait_for()
    page.get_by_role("button", name="Propose it").first.click()
    page.get_by_text("It is done.").wait_for()
    assert [told for told in north.told if "409" not in told] == []


def opened(talks: world.Talks) -> Round:
    """A round whose texts are open."""
    plan = charters.Plan(
        "First", mode="simple", deadline=clock.now() + timedelta(hours=1), with_mediator=True
    )
    round_ = charters.plan(talks.actor("mediator"), plan)
    for who in ("north", "south", "mediator"):
        charters.agree(talks.actor(who), round_)
    for who, words in (("north", bringing.NORTH), ("south", bringing.SOUTH)):
        deposits.lay_down(talks.actor(who), round_, words.encode(), f"key-of-{who}")
    opening.give_share(talks.actor("mediator"), round_, opening.Given())
    return round_


def lived_in(talks: world.Talks) -> list[str]:
    """A room in which something has happened; its pages."""
    north, plenary = talks.actor("north"), channel(talks, "plenary")
    papers.put(north, plenary, b"Good morning to all of you.", "1" * 20, is_message=True)
    long = f"{'A very long name of a document, ' * 4}{'x' * 60}.docx"
    paper = papers.put(north, plenary, b"words", "2" * 20, name=long)
    papers.content_of(talks.actor("south"), paper)
    gone = papers.put(north, plenary, b"Sorry.", "3" * 20, is_message=True)
    papers.erase(north, gone)
    round_ = opened(talks)
    base = bringing.markdown(bringing.NORTH).decode()
    single = single_texts.start(talks.actor("mediator"), "The text", base)
    name = single_texts.read(single).state.order()[1]
    step = {"op": "bracket", "at": name, "words": "30 days", "text": "60 days", "why": "Too short"}
    single_texts.do(north, single.id, 1, step)
    step = {"op": "propose", "bracket": "b1", "text": "45 days"}
    single_texts.do(talks.actor("south"), single.id, 2, step)
    single_texts.do(talks.actor("south"), single.id, 3, {"op": "reserve", "on": name})
    merge = {"op": "merge", "bracket": "b1", "alternatives": [2, 3], "text": "50 days"}
    single_texts.do(talks.actor("mediator"), single.id, 4, merge)
    return [
        f"c/{plenary.id}/",
        f"c/{plenary.id}/papers/{paper.id}/carry/",
        "readings/",
        f"rounds/{round_.id}/compare/",
        "texts/",
        f"texts/{single.id}/",
        f"texts/{single.id}/?at=1",
        "case/",
    ]


ONLY_MEDIATORS = ("/carry/", "case/")


@pytest.mark.parametrize("shape", SHAPES)
def test_every_page_looks_right(browser: Browser, address: str, shape: str) -> None:
    talks = world.talks()
    pages = lived_in(talks)
    for who in ("mediator", "north"):
        one = seat(browser, address, talks.account(who), **SHAPES[shape])
        for path in pages:
            if who == "mediator" or not path.endswith(ONLY_MEDIATORS):
                page = one.go(at(talks, path))
                page.evaluate("document.querySelectorAll('details').forEach((d) => d.open = true)")
                looks_right(page)
        assert one.told == []


def test_a_comparison_runs_nothing_and_leads_nowhere(browser: Browser, address: str) -> None:
    """The page stands alone under its own policy: its style works, a script would not."""
    talks = world.talks()
    round_ = opened(talks)
    one: Seat = seat(browser, address, talks.account("south"))
    page = one.go(at(talks, f"rounds/{round_.id}/compare/"))
    page.get_by_role("link", name="Open the comparison").click()
    page.get_by_role("heading", name="Comparison").wait_for()
    assert page.evaluate("getComputedStyle(document.querySelector('del')).textDecorationLine") == (
        "line-through"
    )
    assert page.evaluate("window.origin") == "null"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert one.told == []


def test_a_case_is_briefed_and_its_pages_lead_to_one_another(
    browser: Browser, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cases, "WORLDS", 200)
    talks = world.talks()
    case = tmp_path / "istanbul.zip"
    case.write_bytes(bringing.istanbul())
    one = seat(browser, address, talks.account("mediator"))
    page = one.go(at(talks, "case/"))
    page.get_by_label("Case").set_input_files(case)
    page.get_by_role("button", name="Bring it and check it").click()
    page.get_by_role("button", name="Make the briefing").click(timeout=180_000)
    page.get_by_role("link", name="Open the briefing").click()
    assert "Istanbul 2025" in page.title()
    page.locator("a[href='comparison.html']").first.click()
    page.get_by_role("heading", name="Comparison").wait_for()
    assert one.told == []
