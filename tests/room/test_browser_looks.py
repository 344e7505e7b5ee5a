"""Every page of rooms and rounds in light and dark, wide and on a phone: axe finds nothing, nothing
sticks out, and no browser complains."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser

from parley.room.models import Invitation, Round
from tests.browser.pages import chromium
from tests.room import rounds, world
from tests.room.browsing import SHAPES, Seat, looks_right, seat, serving
from tests.room.world import Talks

pytestmark = [pytest.mark.browser, pytest.mark.committed]


@dataclass
class House:
    """A room with a round in every state, served; and a browser."""

    browser: Browser
    address: str
    talks: Talks
    rounds: dict[str, Round]


PAGES = {
    "mediator": (
        "",
        "people/",
        "people/invite/",
        "people/party/",
        "people/remove/?member={north}",
        "people/reset/?member={north}",
        "log/",
        "rounds/new/",
        "rounds/{simple-draft}/call-off/",
        "rounds/{simple-armed}/",
        "rounds/{simple-armed}/opening/",
        "rounds/{sealed-armed}/opening/",
        "rounds/{read-by-mediator}/opened/",
    ),
    "north": (
        "",
        "people/",
        "keys/",
        "rounds/{none}/",
        "rounds/{simple-draft}/",
        "rounds/{simple-draft}/agree/",
        "rounds/{sealed-draft}/agree/",
        "rounds/{simple-open}/",
        "rounds/{simple-open}/deposit/",
        "rounds/{simple-open}/deposit/withdraw/",
        "rounds/{simple-open}/receipts/",
        "rounds/{sealed-open}/deposit/",
        "rounds/{sealed-open}/deposit/withdraw/",
        "rounds/{released}/",
        "rounds/{released}/opened/",
        "rounds/{sealed-released}/opened/",
        "rounds/{expired}/",
        "rounds/{expired}/deposit/alone/",
        "rounds/{sealed-expired}/deposit/alone/",
        "rounds/{void}/",
        "rounds/{called-off}/",
    ),
    "observer": ("", "keys/", "rounds/{released}/"),
    "operator": ("/operator/",),
}


def _rounds(talks: Talks) -> dict[str, Round]:
    """A round in every state."""
    found = {"simple-draft": rounds.planned(talks), "none": rounds.planned(talks, "")}
    for name in ("simple-open", "simple-armed", "released", "expired", "void", "called-off"):
        found[name] = rounds.agreed(talks, rounds.planned(talks))
    found["read-by-mediator"] = rounds.agreed(talks, rounds.planned(talks, with_mediator=True))
    for name in ("simple-open", "expired"):
        rounds.laid(talks, found[name], "north")
    for name in ("simple-armed", "released", "void", "read-by-mediator"):
        rounds.laid(talks, found[name], "north", "south", text="A long word: " + "z" * 90)
    rounds.opened(talks, found["released"])
    rounds.opened(talks, found["read-by-mediator"])
    rounds.spoiled(talks, found["void"])
    rounds.called_off(talks, found["called-off"])
    rounds.expired(found["expired"])
    return found | _sealed(talks)


def _sealed(talks: Talks) -> dict[str, Round]:
    keyring = rounds.Keyring(talks)
    keyring.register()
    found = {"sealed-draft": rounds.planned(talks, "sealed")}
    for name in ("sealed-open", "sealed-expired", "sealed-armed", "sealed-released"):
        found[name] = keyring.agreed(rounds.planned(talks, "sealed"))
    for name in ("sealed-open", "sealed-expired"):
        keyring.lay(found[name], "north")
    rounds.expired(found["sealed-expired"])
    for name in ("sealed-armed", "sealed-released"):
        keyring.lay(found[name], "north", "south")
    keyring.open(found["sealed-released"])
    return found


@pytest.fixture
def house() -> Iterator[House]:
    with chromium() as browser, serving() as address:
        talks = world.talks("Talks on the crossing of the river, the islands and the northern road")
        yield House(browser, address, talks, _rounds(talks))


def _page(house: House, at: Seat, path: str) -> None:
    ids = {name: round_.id for name, round_ in house.rounds.items()}
    path = path.format(north=house.talks.actor("north").here.id, **ids)
    path = path if path.startswith("/") else f"/r/{house.talks.room.id}/{path}"
    at.go(path)
    assert at.page.url == house.address + path
    assert at.page.locator("h1").count() == 1
    looks_right(at.page)


@pytest.mark.parametrize("shape", ["wide", "phone", "dark"])
def test_every_page_can_be_read_by_anybody(house: House, shape: str) -> None:
    for who, paths in PAGES.items():
        at = seat(house.browser, house.address, house.talks.account(who), **SHAPES[shape])
        for path in paths:
            _page(house, at, path)
        assert at.told == []
        at.page.context.close()


def test_what_forms_answer_can_be_read_too(house: House) -> None:
    at = seat(house.browser, house.address, house.talks.account("mediator"), **SHAPES["phone"])
    page = at.go(f"/r/{house.talks.room.id}/people/invite/")
    page.locator("#id_role").select_option("witness")
    page.get_by_role("button", name="Make the link").click()
    assert page.locator(".secret").inner_text().startswith("http")
    looks_right(page)
    at.go(f"/r/{house.talks.room.id}/people/")
    looks_right(page)
    assert Invitation.objects.filter(room=house.talks.room).count() == 1
    plan = at.go(f"/r/{house.talks.room.id}/rounds/new/")
    plan.get_by_label("Simple, the server holds the texts").check()
    plan.get_by_role("button", name="Plan the round").click()
    plan.get_by_text("An exchange of texts needs a deadline").wait_for()
    looks_right(plan)
    operator = seat(house.browser, house.address, house.talks.account("operator"))
    operator.go("/operator/").get_by_role("button", name="Check now").click()
    looks_right(operator.page)
    for each in (at, operator):
        # a form that is answered with 422 is told by the console as well
        assert [words for words in each.told if "422" not in words] == []
        each.page.context.close()
