"""As new users do it: one command gives a room; three people, each at a browser of his own, go from
their invitations to a simultaneous opening; the bundle and the receipts are checked offline.

Nothing here touches the database: only what the command prints, pages, and files that are saved.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.pages import chromium
from tests.room.world_accounts import join, parley, served, set_up_app

pytestmark = pytest.mark.browser
PASSPHRASE = "seven quiet boats at dawn"
TEXTS = {"north": "The crossing opens on Monday.", "south": "The crossing opens on Friday."}
SLOW = 60_000


@dataclass
class Table:
    """The server's address, a folder for what people save, and the page of each of them."""

    address: str
    folder: Path
    pages: dict[str, Page]
    room: str = ""

    def go(self, who: str, path: str) -> Page:
        """A page of the room, for somebody."""
        page = self.pages[who]
        page.goto(f"{self.address}/r/{self.room}/{path}")
        return page

    def saved(self, page: Page, button: str, name: str, role: str = "button") -> Path:
        """What somebody saves by a button or link."""
        with page.expect_download() as download:
            page.get_by_role(role, name=button).first.click()  # type: ignore[arg-type]
        download.value.save_as(self.folder / name)
        return self.folder / name

    def unlock(self, page: Page, who: str) -> None:
        """Somebody gives his key file and passphrase."""
        page.get_by_label("Your key file").set_input_files(self.folder / f"{who}.parley-key")
        page.get_by_label("Passphrase of the key file").fill(PASSPHRASE)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


def enter(table: Table, browser: Browser, who: str, link: str) -> None:
    """Somebody accepts an invitation in a browser of his own, with an app as second step."""
    page = browser.new_context(accept_downloads=True).new_page()
    page.set_default_timeout(SLOW)
    join(page, link, who)
    set_up_app(page)
    table.pages[who] = page


def test_three_people_from_invitation_to_a_verified_bundle(
    browser: Browser, tmp_path: Path
) -> None:
    with served(tmp_path / "data") as server:
        table = Table(server.address, tmp_path, {})
        enter(table, browser, "mediator", server.links[0])
        page = table.pages["mediator"]
        page.goto(server.address)
        page.get_by_role("link", name="People").first.click()
        table.room = page.url.split("/r/")[1].split("/")[0]
        invite_parties(table, browser)
        make_keys(table)
        round_ = plan_and_agree(table)
        lay_down_and_open(table, round_)
        receipts = [receipt(table, round_, who) for who in TEXTS]
        log = table.go("mediator", "log/")
        bundle = table.saved(log, "Download the bundle", "room.zip")
    check_offline(table, round_, receipts, bundle)


def invite_parties(table: Table, browser: Browser) -> None:
    """The mediator adds two parties and invites somebody of each."""
    for who in TEXTS:
        page = table.go("mediator", "people/party/")
        page.get_by_label("Name of the party").fill(who.capitalize())
        page.get_by_label("Short id").fill(who)
        page.get_by_role("button", name="Add the party").click()
        page = table.go("mediator", "people/invite/")
        page.locator("select[name=role]").select_option(label="Delegation")
        page.locator("select[name=party]").select_option(label=who.capitalize())
        page.get_by_role("button", name="Make the link").click()
        enter(table, browser, who, page.locator(".secret code").inner_text())


def make_keys(table: Table) -> None:
    """Each makes keys in his browser; only the public card goes to the server."""
    for who in table.pages:
        page = table.go(who, "keys/")
        page.get_by_label("Passphrase", exact=True).fill(PASSPHRASE)
        page.get_by_label("Passphrase again").fill(PASSPHRASE)
        table.saved(page, "Make keys and save the key file", f"{who}.parley-key")
        page.get_by_role("button", name="I have the key file; register").click()
        page.get_by_text("Your public keys are registered").wait_for()


def plan_and_agree(table: Table) -> str:
    """The mediator plans a round; all three sign its charter, and see the same twelve words."""
    page = table.go("mediator", "rounds/new/")
    page.get_by_label("Title").fill("Second drafts")
    page.get_by_label("Place").fill("The old customs house")
    page.get_by_label("Time zone of the talks").fill("Europe/Istanbul")
    page.get_by_label("Sealed, server and mediator open").check()
    page.get_by_label("Deadline for the texts").fill("2090-01-01T10:00")
    page.get_by_role("button", name="Plan the round").click()
    page.get_by_text("The round is planned").wait_for()
    round_ = page.url.rstrip("/").rpartition("/")[2]
    words = set()
    for who in table.pages:
        page = table.go(who, f"rounds/{round_}/agree/")
        table.unlock(page, who)
        page.get_by_role("button", name="I have read it; sign and agree").click()
        page.wait_for_url(f"**/rounds/{round_}/")
        words.add(page.locator(".words").inner_text())
    assert len(words) == 1
    return round_


def lay_down_and_open(table: Table, round_: str) -> None:
    """Both lay down; neither can read before the mediator opens, then both read both."""
    for who, text in TEXTS.items():
        page = table.go(who, f"rounds/{round_}/deposit/")
        page.get_by_label("Text", exact=True).fill(text)
        table.unlock(page, who)
        page.get_by_role("button", name="Seal it and lay it down").click()
        page.get_by_role("heading", name="Your text is laid down").wait_for()
    before = table.go("north", f"rounds/{round_}/opened/")
    assert "Open the texts" not in before.content()
    page = table.go("mediator", f"rounds/{round_}/opening/")
    table.unlock(page, "mediator")
    page.get_by_role("button", name="Check and open all texts").click()
    page.wait_for_url(f"**/rounds/{round_}/")
    for who in TEXTS:
        page = table.go(who, f"rounds/{round_}/opened/")
        table.unlock(page, who)
        page.get_by_role("button", name="Open the texts").click()
        for text in TEXTS.values():
            expect(page.get_by_text(text)).to_be_visible(timeout=SLOW)


def receipt(table: Table, round_: str, who: str) -> Path:
    """A delegation saves its receipt."""
    page = table.go(who, f"rounds/{round_}/receipts/")
    with page.expect_download() as download:
        page.locator("a[href*='/receipts/']").first.click()
    place = table.folder / f"{who}.parley"
    download.value.save_as(place)
    return place


def check_offline(table: Table, round_: str, receipts: list[Path], bundle: Path) -> None:
    """With the server gone: the files alone prove it, and a changed one is told."""
    files = [str(path) for path in receipts]
    done = parley("verify", *files, "--bundle", str(bundle))
    assert done.returncode == 0, done.stdout + done.stderr
    (table.folder / "phrase").write_text(PASSPHRASE)
    got = table.folder / "south.txt"
    opened = parley(
        *("open", "--bundle", str(bundle), "--exchange", round_, "--party", "south"),
        *("--key", str(table.folder / "north.parley-key"), "--out", str(got)),
        *("--passphrase-file", str(table.folder / "phrase")),
    )
    assert opened.returncode == 0, opened.stderr
    assert got.read_text() == TEXTS["south"]
    changed = receipts[0].read_bytes().replace(b'"size":4', b'"size":5', 1)
    receipts[0].write_bytes(changed.replace(b'\\"who\\":\\"north\\"', b'\\"who\\":\\"south\\"', 1))
    done = parley("verify", *files, "--bundle", str(bundle))
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
