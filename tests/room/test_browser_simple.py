"""A simple exchange in real browsers: by keyboard alone, over a bad line, after signing out."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from parley.room import charters
from parley.room.models import Deposit, Once, Receipt
from tests.browser.pages import chromium
from tests.room import rounds, world
from tests.room.browsing import seat, serving
from tests.room.world import Talks

pytestmark = [pytest.mark.browser, pytest.mark.committed]
FOCUS = """() => {
  const here = document.activeElement;
  const label = here.labels?.[0]?.textContent ?? here.textContent;
  const style = getComputedStyle(here);
  return [label.trim().replace(/\\s+/g, " "), style.outlineStyle !== "none", here.tagName];
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture
def address() -> Iterator[str]:
    with serving() as found:
        yield found


def tab_to(page: Page, name: str) -> None:
    """Go to something by the keyboard; wherever one is, one sees it."""
    for _ in range(60):
        label, is_seen, tag = page.evaluate(FOCUS)
        if label == name:
            return
        page.keyboard.press("Tab")
        assert page.evaluate(FOCUS)[1] or page.evaluate(FOCUS)[2] == "BODY", (label, is_seen, tag)
    raise AssertionError(f"{name!r} cannot be reached by the keyboard on {page.url}")


def enter(page: Page) -> None:
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_from_signing_in_to_a_text_laid_down_by_keyboard_alone(
    browser: Browser, address: str
) -> None:
    talks = world.talks()
    round_ = rounds.planned(talks)
    here = seat(browser, address)
    page = here.go("/")
    tab_to(page, "Login name")
    page.keyboard.type("north")
    tab_to(page, "Password")
    page.keyboard.type(world.PASSWORD)
    enter(page)
    page.keyboard.type(world.code_for(talks.account("north")))
    enter(page)
    assert page.url == f"{address}/r/{talks.room.id}/"
    tab_to(page, "Read and agree")
    enter(page)
    tab_to(page, "I have read it and agree")
    enter(page)
    for who in ("south", "mediator"):
        charters.agree(talks.actor(who), round_)
    page.reload()
    tab_to(page, "Lay down a text")
    enter(page)
    tab_to(page, "Text")
    page.keyboard.type("The crossing opens on Monday.")
    tab_to(page, "Lay the text down")
    enter(page)
    page.get_by_role("heading", name="Receipts of my party").wait_for()
    assert Receipt.objects.filter(round=round_, party__slug="north").count() == 1
    assert here.told == []
    page.context.close()


def _deposit(browser: Browser, address: str) -> tuple[Talks, Page]:
    talks = world.talks()
    round_ = rounds.agreed(talks, rounds.planned(talks))
    here = seat(browser, address, talks.account("north"))
    page = here.go(f"/r/{talks.room.id}/rounds/{round_.id}/deposit/")
    page.get_by_label("Text", exact=True).fill("Our text")
    return talks, page


def test_over_a_bad_line_the_words_stay_and_are_laid_down_once(
    browser: Browser, address: str
) -> None:
    _, page = _deposit(browser, address)
    send = page.get_by_role("button", name="Lay the text down")
    page.route("**/deposit/", lambda route: route.abort(), times=1)
    send.click()
    page.locator("#told", has_text="The connection broke").wait_for()
    assert Deposit.objects.count() == 0
    page.route("**/deposit/", lambda route: (route.fetch(), route.abort()), times=1)
    with page.expect_event("requestfailed"):
        send.click()
    assert Deposit.objects.count() == 1
    assert page.get_by_label("Text", exact=True).input_value() == "Our text"
    send.click()
    page.get_by_role("heading", name="Receipts of my party").wait_for()
    assert Deposit.objects.count() == 1
    page.context.close()


def test_a_browser_that_closes_before_the_text_is_out_leaves_nothing(
    browser: Browser, address: str
) -> None:
    _, page = _deposit(browser, address)
    page.context.set_offline(True)
    page.get_by_role("button", name="Lay the text down").click()
    again = _closed(page)
    assert again.get_by_role("heading", level=1).inner_text() == "Lay down a text"
    assert Deposit.objects.count() == 0
    again.context.close()


def test_a_browser_that_closes_in_mid_deposit_leaves_nothing_half_done(
    browser: Browser, address: str
) -> None:
    _, page = _deposit(browser, address)
    page.route("**/deposit/", lambda _: None)  # on its way, if it is not lost with the page
    page.get_by_role("button", name="Lay the text down").click()
    again = _closed(page)
    again.get_by_label("Text", exact=True).fill("Our second text")
    again.get_by_role("button", name=re.compile("Lay the text down|Replace")).click()
    again.get_by_role("heading", name="Receipts of my party").wait_for()
    laid = list(Deposit.objects.order_by("at"))
    assert [each.current for each in laid] == [False, True][-len(laid) :]
    assert Receipt.objects.count() == Once.objects.count() == len(laid)
    again.context.close()


def _closed(page: Page) -> Page:
    """A page that was closed, and opened anew in the same browser."""
    context, there = page.context, page.url
    page.close()
    context.set_offline(False)
    again = context.new_page()
    again.goto(there)
    return again


def test_who_was_signed_out_meanwhile_loses_no_word(browser: Browser, address: str) -> None:
    talks, page = _deposit(browser, address)
    page.context.clear_cookies()
    send = page.get_by_role("button", name="Lay the text down")
    send.click()
    page.locator("#told", has_text="You are signed out").wait_for()
    other = page.context.new_page()
    other.goto(address)
    other.get_by_label("Login name").fill("north")
    other.get_by_label("Password").fill(world.PASSWORD)
    other.keyboard.press("Enter")
    other.locator("input[name=code]").fill(world.code_for(talks.account("north")))
    other.keyboard.press("Enter")
    other.wait_for_url("**/r/**")
    send.click()
    page.get_by_role("heading", name="Receipts of my party").wait_for()
    assert Deposit.objects.count() == 1
    page.context.close()


def test_without_javascript_it_works_the_same(browser: Browser, address: str) -> None:
    talks = world.talks()
    round_ = rounds.agreed(talks, rounds.planned(talks))
    rounds.laid(talks, round_, "south")
    here = seat(browser, address, talks.account("north"), java_script_enabled=False)
    page = here.go(f"/r/{talks.room.id}/rounds/{round_.id}/deposit/")
    page.get_by_label("Text", exact=True).fill("Our text")
    page.get_by_role("button", name="Lay the text down").click()
    page.get_by_role("heading", name="Receipts of my party").wait_for()
    mediator = seat(browser, address, talks.account("mediator"), java_script_enabled=False)
    opening = mediator.go(f"/r/{talks.room.id}/")
    opening.get_by_role("link", name="Open the texts").click()
    opening.get_by_role("button", name="Open all texts now").click()
    page.goto(f"{address}/r/{talks.room.id}/rounds/{round_.id}/opened/")
    assert page.get_by_role("region", name="Text of South").inner_text() == "Text of south"
    for each in (page, opening):
        each.context.close()
