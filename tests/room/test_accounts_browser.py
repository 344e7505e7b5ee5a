"""Getting in with a real browser: an app, a passkey, and pages that anybody can read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser.pages import chromium
from tests.room.browsing import picture
from tests.room.world import code_of
from tests.room.world_accounts import Served, join, served, set_up_app, sign_in

pytestmark = pytest.mark.browser

SHAPES: dict[str, dict[str, Any]] = {
    "wide": {"viewport": {"width": 1280, "height": 900}},
    "narrow": {"viewport": {"width": 320, "height": 640}},
    "dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
    "narrow, dark": {"viewport": {"width": 320, "height": 640}, "color_scheme": "dark"},
}
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@dataclass(frozen=True)
class Place:
    """A server of a first run, and a browser."""

    browser: Browser
    server: Served


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with chromium() as browser, served(tmp_path_factory.mktemp("room") / "data") as server:
        yield Place(browser, server)


def page_of(place: Place, told: list[str], **shape: Any) -> Page:
    """A page in a browser profile of its own; what its console says is kept."""
    page = place.browser.new_context(**shape).new_page()
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("dialog", lambda dialog: told.append(dialog.message))
    return page


def looks_right(page: Page) -> None:
    """Nothing sticks out, targets can be hit, and axe finds nothing against WCAG 2.2 AA."""
    picture(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
    small = page.evaluate(
        """[...document.querySelectorAll("button, .button, input:not([type=hidden]), summary")]
        .filter((each) => each.checkVisibility())
        .map((each) => [each.outerHTML.slice(0, 80), each.getBoundingClientRect()])
        .filter(([, box]) => box.height < 24 || box.width < 24).map(([text]) => text)"""
    )
    assert small == [], page.url
    found = Axe().run(
        page,
        options={
            "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
        },
    )
    assert found.violations_count == 0, page.url + found.generate_report()


def test_an_app_then_name_password_and_code(place: Place) -> None:
    told: list[str] = []
    page = page_of(place, told)
    join(page, place.server.links[0], "hala")
    looks_right(page)
    page.goto(place.server.address + "/account/app/add/")
    looks_right(page)
    page.go_back()
    secret = set_up_app(page)
    looks_right(page)
    assert page.locator(".codes li").count() == 10
    page.goto(place.server.address + "/account/")
    page.get_by_role("button", name="Sign out").click()
    sign_in(page, place.server.address, "hala")
    assert page.url.endswith("/account/code/")
    page.locator("input[name=code]").fill(code_of(secret))
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.goto(place.server.address + "/account/")
    assert page.get_by_role("heading", name="Your account").is_visible()
    for path in ("", "password/", "passkeys/", "app/remove/", "codes/", "passkeys/add/"):
        page.goto(f"{place.server.address}/account/{path}")
        looks_right(page)
    assert told == [], "the browser's console"


def test_a_passkey_signs_in_by_itself(place: Place) -> None:
    told: list[str] = []
    page = page_of(place, told)
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    join(page, place.server.links[1], "omar")
    page.get_by_role("link", name="Set up a passkey").click()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("heading", name="Recovery codes").wait_for()
    page.goto(place.server.address + "/account/")
    assert page.get_by_text("Passkey", exact=True).is_visible()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.get_by_role("button", name="Sign out").wait_for()
    # and as the second step after a password
    page.get_by_role("button", name="Sign out").click()
    sign_in(page, place.server.address, "omar")
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_role("button", name="Sign out").wait_for()
    assert told == [], "the browser's console"


def test_a_device_that_does_not_confirm_is_told_in_words(place: Place) -> None:
    page = page_of(place, [])
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    page.goto(place.server.address + "/account/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.get_by_text("The device did not confirm").wait_for()
    assert page.url.endswith("/account/login/")


@pytest.mark.parametrize("shape", sorted(SHAPES))
def test_everybody_can_read_and_use_the_pages(place: Place, shape: str) -> None:
    page = page_of(place, [], **SHAPES[shape])
    page.goto(place.server.address + "/account/login/")
    looks_right(page)
    sign_in(page, place.server.address, "nobody")
    assert page.locator(".errorlist").is_visible()
    looks_right(page)
    page.goto(place.server.address + "/join/nothing/")
    looks_right(page)
    page.goto(place.server.address + "/nowhere/")
    looks_right(page)


def test_the_way_by_keyboard_alone(place: Place) -> None:
    page = page_of(place, [])
    page.goto(place.server.address + "/join/nothing/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the page"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Sign in"
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
    assert outline == "3px"
