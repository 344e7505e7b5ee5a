"""A room served from this process, with people who have signed in, each in a browser of his own."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from urllib.parse import urlsplit
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from axe_playwright_python.sync_playwright import Axe
from django.core.wsgi import get_wsgi_application
from playwright.sync_api import Browser, BrowserContext, Page

from parley.room.models import Account
from tests.room import world

PASSPHRASE = "seven quiet boats at dawn"
SHAPES: dict[str, dict[str, Any]] = {
    "wide": {"viewport": {"width": 1280, "height": 900}},
    "phone": {"viewport": {"width": 360, "height": 740}},
    "dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
    "dark phone": {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark"},
}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
WATCH = """addEventListener("securitypolicyviolation", (breach) =>
  console.error(`breach of the policy: ${breach.violatedDirective}`));"""


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def serving() -> Iterator[str]:
    """The address of the data folder of this process, served by threads."""
    application = get_wsgi_application()
    with make_server("127.0.0.1", 0, application, _Server, _Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://localhost:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@dataclass
class Seat:
    """Somebody at his browser; `told` is what its console has complained of."""

    page: Page
    address: str
    told: list[str] = field(default_factory=list)

    def go(self, path: str) -> Page:
        """Open a page of the room."""
        self.page.goto(self.address + path)
        return self.page


def seat(browser: Browser, address: str, account: Account | None = None, **shape: Any) -> Seat:
    """A browser profile of its own, in which somebody has signed in past the second step."""
    context = browser.new_context(accept_downloads=True, **shape)
    context.add_init_script(WATCH)
    if account is not None:
        _sign_in(context, address, account)
    found = Seat(context.new_page(), address)
    found.page.on("console", lambda message: _note(found.told, message.type, message.text))
    found.page.on("pageerror", lambda error: found.told.append(str(error)))
    return found


def _note(told: list[str], kind: str, text: str) -> None:
    if kind in {"error", "warning"}:
        told.append(text)


def _sign_in(context: BrowserContext, address: str, account: Account) -> None:
    value = world.client_for(account).cookies["session"].value
    context.add_cookies([{"name": "session", "value": value, "url": address}])


def picture(page: Page) -> None:
    """With `PARLEY_PICTURES=FOLDER`: leave a picture of a page there, to be looked at."""
    folder = os.environ.get("PARLEY_PICTURES")
    if not folder:
        return
    dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    size, at = page.viewport_size, urlsplit(page.url)
    shape = f"{size['width'] if size else ''}{'-dark' * dark}"
    name = f"{at.path}?{at.query}".strip("/?").replace("/", "-") or "start"
    page.screenshot(path=Path(folder) / shape / f"{name}.png", full_page=True)


def looks_right(page: Page) -> None:
    """Nothing sticks out, and axe finds nothing against WCAG 2.2 AA."""
    picture(page)
    wide = page.evaluate(
        """[...document.querySelectorAll("body *")]
        .filter((each) => each.checkVisibility() && !each.closest(".skip"))
        .filter((each) => each.getBoundingClientRect().right > innerWidth + 1)
        .map((each) => each.outerHTML.slice(0, 120))"""
    )
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (page.url, wide)
    found = Axe().run(page, options={"runOnly": RULES})
    assert found.violations_count == 0, page.url + found.generate_report()
