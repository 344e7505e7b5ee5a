"""A sealed exchange through the real pages: keys, charter, texts, opening, reading, each at his own
browser. No key and no word of a text comes to the server before it is open."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request, Route
from pyrage import x25519

from parley.exchange import keys, sealing
from parley.exchange.charter import parse
from parley.exchange.sealing import Agent
from parley.room import charters, deposits
from parley.room.models import Card, Deposit, Paper, Receipt, Round
from tests.browser.pages import chromium
from tests.room import rounds, world
from tests.room.browsing import PASSPHRASE, Seat, seat, serving
from tests.room.world import Talks

pytestmark = [pytest.mark.browser, pytest.mark.committed]
AT_TABLE = ("north", "south", "mediator")
SLOW = 60_000
"""Milliseconds: a passphrase is made costly to guess, and so to use."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture
def address() -> Iterator[str]:
    with serving() as found:
        yield found


class Venue:
    """Two delegations and the mediator at their browsers; the witness has keys already."""

    def __init__(self, browser: Browser, address: str, folder: Path) -> None:
        self.talks: Talks = world.talks()
        self.folder = folder
        self.sent: list[bytes] = []
        self.seats: dict[str, Seat] = {}
        self.others: dict[str, keys.Identity] = {}
        for who in AT_TABLE:
            self.sit(browser, address, who)
        self.witness = keys.new_identity("witness")
        charters.register(self.talks.actor("witness"), keys.card(self.witness))

    def sit(self, browser: Browser, address: str, who: str) -> None:
        """Somebody opens a browser."""
        found = seat(browser, address, self.talks.account(who))
        found.page.set_default_timeout(SLOW)
        found.page.on("request", self._note)
        self.seats[who] = found

    def _note(self, request: Request) -> None:
        self.sent.append(request.post_data_buffer or b"")

    def page(self, who: str, path: str) -> Page:
        """A page of the room."""
        return self.seats[who].go(f"/r/{self.talks.room.id}/{path}")

    def key(self, who: str) -> Path:
        """The key file of somebody."""
        return self.folder / f"{who}.parley-key"

    def make_keys(self) -> None:
        """All at the table make their keys in their browsers."""
        for who in AT_TABLE:
            page = self.page(who, "keys/")
            page.get_by_label("Passphrase", exact=True).fill(PASSPHRASE)
            page.get_by_label("Passphrase again").fill(PASSPHRASE)
            with page.expect_download() as saved:
                page.get_by_role("button", name="Make keys and save the key file").click()
            assert saved.value.suggested_filename == f"{who}.parley-key"
            saved.value.save_as(self.key(who))
            page.get_by_role("button", name="I have the key file; register").click()
            page.get_by_text("Your public keys are registered").wait_for()

    def have_keys(self, *who: str) -> None:
        """Some have made their keys already, with the offline tool; all have registered."""
        for name in AT_TABLE:
            identity = keys.new_identity(name)
            charters.register(self.talks.actor(name), keys.card(identity))
            self.others[name] = identity
            if name in who:
                self.key(name).write_bytes(keys.locked(identity, PASSPHRASE))

    def have_agents(self, browser: Browser, address: str) -> None:
        """Mediator and witness have keys, and sit at their browsers."""
        self.have_keys("mediator")
        self.key("witness").write_bytes(keys.locked(self.witness, PASSPHRASE))
        self.sit(browser, address, "witness")

    def signed(self) -> Round:
        """A round whose charter all have signed elsewhere."""
        round_ = rounds.planned(self.talks, "sealed")
        for name, identity in {**self.others, "witness": self.witness}.items():
            charters.agree(self.talks.actor(name), round_, identity.signer.sign(round_.charter))
        return round_

    def unlock(self, page: Page, who: str) -> None:
        """Somebody gives his key file and passphrase."""
        page.get_by_label("Your key file").set_input_files(self.key(who))
        page.get_by_label("Passphrase of the key file").fill(PASSPHRASE)

    def agree(self, round_: Round) -> None:
        """All sign the charter in their browsers; the witness elsewhere."""
        for who in AT_TABLE:
            page = self.page(who, f"rounds/{round_.id}/agree/")
            self.unlock(page, who)
            page.get_by_role("button", name="I have read it; sign and agree").click()
            page.wait_for_url(f"**/rounds/{round_.id}/")
        line = self.witness.signer.sign(round_.charter)
        charters.agree(self.talks.actor("witness"), round_, line)

    def lay_down(self, round_: Round, who: str, text: str | Path) -> Page:
        """A delegation seals a text in its browser and lays it down."""
        page = self.page(who, f"rounds/{round_.id}/deposit/")
        if isinstance(text, Path):
            page.get_by_label("Or a file").set_input_files(text)
        else:
            page.get_by_label("Text", exact=True).fill(text)
        self.unlock(page, who)
        page.get_by_role("button", name="Seal it and lay it down").click()
        page.get_by_role("heading", name="Your text is laid down").wait_for()
        return page

    def lay_broken(self, round_: Round, who: str, broken: tuple[Agent, ...]) -> None:
        """A deposit whose locks are sealed to strange keys in place of those of some agents."""
        charter = parse(round_.charter)
        strange = {agent: keys.new_identity("strange").public.age for agent in broken}
        deposit = sealing.seal(
            deposits.header_of(round_, who),
            f"Text of {who}".encode(),
            bytes(32),
            charter.sealed_to(),
            charter.agent_keys() | strange,
            self.others[who].signer,
        )
        body = sealing.to_json(deposit)
        deposits.lay_down(self.talks.actor(who), round_, body, f"key-of-{who}")

    def lay_false(self, round_: Round, who: str, **changes: Any) -> None:
        """A deposit that is signed as something else than it is."""
        charter, header = parse(round_.charter), deposits.header_of(round_, who)
        signer, agents = self.others[who].signer, charter.agent_keys()
        made = sealing.seal(header, b"x", bytes(32), charter.sealed_to(), agents, signer)
        false = replace(made, **changes)
        false = replace(false, signature=signer.sign(false.signed_text()))
        body = sealing.to_json(false)
        deposits.lay_down(self.talks.actor(who), round_, body, f"key-of-{who}")

    def open(self, round_: Round, who: str) -> Page:
        """A release agent opens the texts in its browser, as far as it can."""
        page = self.page(who, f"rounds/{round_.id}/opening/")
        self.unlock(page, who)
        page.get_by_role("button", name="Check and open all texts").click()
        page.wait_for_url(re.compile(f"rounds/{round_.id}/(opened/)?$"))
        return page

    def told(self, page: Page, words: str) -> None:
        """The page tells something below its form."""
        page.locator("#told", has_text=words).wait_for()

    def quiet(self) -> None:
        """No browser has complained of anything."""
        for who, found in self.seats.items():
            assert found.told == [], who


@pytest.fixture
def venue(browser: Browser, address: str, tmp_path: Path) -> Iterator[Venue]:
    found = Venue(browser, address, tmp_path)
    yield found
    for each in found.seats.values():
        each.page.context.close()


def test_two_delegations_and_a_mediator_from_keys_to_reading(venue: Venue, tmp_path: Path) -> None:
    venue.make_keys()
    plan = venue.page("mediator", "rounds/new/")
    plan.get_by_label("Title").fill("Second drafts")
    plan.get_by_label("Time zone of the talks").fill("Europe/Istanbul")
    plan.get_by_label("Sealed, two of three open").check()
    plan.get_by_label("Deadline for the texts").fill("2090-01-01T10:00")
    plan.get_by_role("button", name="Plan the round").click()
    plan.get_by_text("The round is planned").wait_for()
    round_ = Round.objects.get(room=venue.talks.room)
    venue.agree(round_)
    draft = tmp_path / "draft.pdf"
    draft.write_bytes(b"%PDF-1.7 Quito in May")
    page = venue.lay_down(round_, "north", "The crossing at Zanzibar opens on Monday.")
    page.get_by_role("link", name="To the receipt").click()
    with page.expect_download() as saved:
        page.get_by_role("link", name=re.compile("receipt-.*parley")).click()
    kept = Receipt.objects.get(round=round_)
    assert Path(saved.value.path()).read_bytes() == bytes(kept.body)
    venue.lay_down(round_, "south", draft)
    venue.open(round_, "mediator")
    assert rounds.fresh(round_).state == "RELEASED"
    for body in venue.sent:
        assert b"Zanzibar" not in body
        assert b"Quito" not in body
        assert PASSPHRASE.encode() not in body
        assert b"AGE-SECRET-KEY" not in body or b"parley-share-1" in body
        assert venue.key("north").read_bytes()[:200] not in body
    _read(venue, round_)
    venue.quiet()


def _read(venue: Venue, round_: Round) -> None:
    """Both delegations read both texts; one is laid before all."""
    for who in ("north", "south"):
        page = venue.page(who, f"rounds/{round_.id}/opened/")
        assert "Zanzibar" not in page.content()
        venue.unlock(page, who)
        page.get_by_role("button", name="Open the texts").click()
        page.get_by_text("The crossing at Zanzibar opens on Monday.").wait_for()
        with page.expect_download() as saved:
            page.get_by_role("button", name="Download the text of South").click()
        assert saved.value.suggested_filename == f"round-{round_.number}-south.pdf"
        assert Path(saved.value.path()).read_bytes() == b"%PDF-1.7 Quito in May"
    assert page.get_by_role("button", name="Lay the text of North before all").count() == 0
    page.get_by_role("button", name="Lay the text of South before all").click()
    page.get_by_text("The text is laid before all members").wait_for()
    paper = Paper.objects.get(round=round_)
    assert bytes(paper.body).endswith(b"%PDF-1.7 Quito in May")


def test_a_text_is_taken_back_and_another_laid_open_alone(venue: Venue) -> None:
    venue.have_keys("north")
    round_ = venue.signed()
    venue.lay_down(round_, "north", "A first text")
    page = venue.page("north", f"rounds/{round_.id}/deposit/withdraw/")
    venue.unlock(page, "north")
    page.get_by_role("button", name="Take my text back").click()
    page.get_by_text("Your text is taken back").wait_for()
    assert rounds.fresh(round_).standing["deposits"] == {}
    page = venue.lay_down(round_, "north", "A second text")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save my own copy").click()
    own = venue.folder / saved.value.suggested_filename
    saved.value.save_as(own)
    assert b"second" not in own.read_bytes()
    rounds.expired(round_)
    page = venue.page("north", f"rounds/{round_.id}/")
    page.get_by_role("link", name="Lay my text open alone").click()
    page.get_by_label("Your own copy").set_input_files(own)
    venue.unlock(page, "north")
    page.get_by_role("button", name="Lay my text open").click()
    page.get_by_text("Your text is open now to all parties").wait_for()
    south = venue.page("south", f"rounds/{round_.id}/opened/")
    assert south.get_by_text("A second text").is_visible()
    venue.quiet()


def test_what_is_wrong_is_told_in_words_and_nothing_is_lost(venue: Venue, tmp_path: Path) -> None:
    venue.have_keys("north", "south")
    page = venue.page("north", "keys/")
    page.get_by_label("Passphrase", exact=True).fill(PASSPHRASE)
    page.get_by_label("Passphrase again").fill("another one")
    page.get_by_role("button", name="Make keys and save the key file").click()
    venue.told(page, "The two passphrases are not the same")
    round_ = rounds.planned(venue.talks, "sealed")
    page = venue.page("north", f"rounds/{round_.id}/agree/")
    sign = page.get_by_role("button", name="I have read it; sign and agree")
    sign.click()
    venue.told(page, "Choose your key file")
    page.get_by_label("Your key file").set_input_files(venue.key("north"))
    page.get_by_label("Passphrase of the key file").fill("seven quiet boats at dusk")
    sign.click()
    venue.told(page, "does not open with this passphrase")
    page.get_by_label("Your key file").set_input_files(venue.key("south"))
    page.get_by_label("Passphrase of the key file").fill(PASSPHRASE)
    sign.click()
    venue.told(page, "This key file is of another party or agent: south")
    stray = tmp_path / "stray.parley-key"
    stray.write_bytes(keys.locked(keys.new_identity("north"), PASSPHRASE))
    page.get_by_label("Your key file").set_input_files(stray)
    sign.click()
    venue.told(page, "These are not the keys that the charter names")
    assert rounds.fresh(round_).standing["agreed"] == []
    assert Card.objects.filter(room=venue.talks.room, who="north").count() == 1


def test_a_connection_that_breaks_lays_nothing_down_twice(venue: Venue) -> None:
    venue.have_keys("north")
    round_ = venue.signed()
    page = venue.page("north", f"rounds/{round_.id}/deposit/")
    page.get_by_label("Text", exact=True).fill("Our text")
    venue.unlock(page, "north")
    # the request arrives, its answer does not
    page.route("**/deposit/", lambda route: (route.fetch(), route.abort()), times=1)
    page.get_by_role("button", name="Seal it and lay it down").click()
    venue.told(page, "The connection broke")
    assert Deposit.objects.filter(round=round_).count() == 1
    page.get_by_role("button", name="Seal it and lay it down").click()
    page.get_by_role("heading", name="Your text is laid down").wait_for()
    assert Deposit.objects.filter(round=round_).count() == 1
    assert Receipt.objects.filter(round=round_).count() == 1


def test_where_the_server_does_not_open_mediator_and_witness_do(
    venue: Venue, browser: Browser, address: str
) -> None:
    venue.have_agents(browser, address)
    round_ = venue.signed()
    venue.lay_broken(round_, "north", ())
    venue.lay_broken(round_, "south", ("server",))
    page = venue.open(round_, "mediator")
    assert page.get_by_text("Your share is given. One more release agent is needed.").is_visible()
    assert rounds.fresh(round_).state == "ARMED"
    page = venue.open(round_, "witness")
    assert page.get_by_text("The texts are open, to all who may read them").is_visible()
    assert rounds.fresh(round_).state == "RELEASED"
    venue.quiet()


def test_what_no_agent_can_open_is_void_once_all_have_tried(
    venue: Venue, browser: Browser, address: str
) -> None:
    venue.have_agents(browser, address)
    round_ = venue.signed()
    venue.lay_broken(round_, "north", ())
    venue.lay_broken(round_, "south", ("server", "mediator", "witness"))
    venue.open(round_, "mediator")
    assert rounds.fresh(round_).state == "ARMED"
    page = venue.open(round_, "witness")
    assert rounds.fresh(round_).state == "VOID"
    assert page.get_by_text("The text of South was not what it had signed").is_visible()
    venue.quiet()


def test_an_agent_whose_page_is_shown_another_text_does_not_open(venue: Venue) -> None:
    """The server shows the agent a deposit that is not the one in the log."""
    venue.have_keys("mediator")
    round_ = venue.signed()
    for who in ("north", "south"):
        venue.lay_broken(round_, who, ())
    charter = parse(round_.charter)
    other = sealing.seal(
        deposits.header_of(round_, "south"),
        b"Another text",
        bytes(32),
        charter.sealed_to(),
        charter.agent_keys(),
        venue.others["south"].signer,
    )
    page = venue.page("mediator", f"rounds/{round_.id}/opening/")

    def exchanged(route: Route) -> None:
        answer = route.fetch()
        asked = answer.json()
        asked["deposits"]["south"] = sealing.to_json(other).decode()
        route.fulfill(response=answer, json=asked)

    page.route("**/opening/request/", exchanged)
    venue.unlock(page, "mediator")
    page.get_by_role("button", name="Check and open all texts").click()
    venue.told(page, "The proof does not show that a deposit stands in the log")
    assert rounds.fresh(round_).state == "ARMED"
    assert rounds.fresh(round_).standing["shares"] == ["server"]


@pytest.mark.parametrize("what", ["lock", "inner_hash"])
def test_a_text_that_opens_to_something_else_is_void_and_holds_nobody_up(
    venue: Venue, browser: Browser, address: str, what: str
) -> None:
    """Its wraps open, and what is under them is not what its party signed."""
    venue.have_agents(browser, address)
    round_ = venue.signed()
    venue.lay_broken(round_, "north", ())
    wrong = {"lock": str(x25519.Identity.generate().to_public()), "inner_hash": bytes(32)}
    venue.lay_false(round_, "south", **{what: wrong[what]})
    venue.open(round_, "mediator")
    if rounds.fresh(round_).state == "ARMED":
        venue.open(round_, "witness")
    assert rounds.fresh(round_).state == "VOID"
    venue.quiet()
