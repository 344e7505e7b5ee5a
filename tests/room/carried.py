"""A Chromium whose every request is answered in this process, so that none leaves it.

The answers come from the views with all middleware, with their headers, and the database is that of
the test: what it has written need not be committed, and is rolled back.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client
from playwright.sync_api import Browser, Dialog, Page, Route

from tests.browser.pages import chromium

ORIGIN = "http://localhost"
WATCH = """
window.zqBreaches = [];
addEventListener("securitypolicyviolation", (breach) => window.zqBreaches.push(
  `${breach.violatedDirective} ${breach.blockedURI} ${breach.sample}`));
"""


@dataclass
class Carried:
    """A page, and everything that it should not have done or asked for."""

    page: Page
    client: Client
    strange: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    prepared: dict[str, tuple[str, dict[str, str]]] = field(default_factory=dict)
    """Forms that are sent when an address is opened: so the answer to any form can be looked at."""
    database: BaseDatabaseWrapper = field(default_factory=lambda: connections["default"])

    def go(self, path: str) -> Page:
        """Open a page of the room."""
        self.page.goto(ORIGIN + path)
        return self.page

    def send(self, path: str, given: dict[str, str]) -> Page:
        """Open the page that answers a form."""
        self.prepared[f"/sent/{len(self.prepared)}/"] = (path, given)
        return self.go(f"/sent/{len(self.prepared) - 1}/")

    def answer(self, route: Route) -> None:
        """Answer a request from here; one to anywhere else is noted, and fails."""
        # Playwright calls from a context of its own, in which Django would connect anew
        connections["default"] = self.database
        request = route.request
        parts = urlsplit(request.url)
        self.asked.append(request.url)
        if f"{parts.scheme}://{parts.netloc}" != ORIGIN:
            self.strange.append(f"asked for {request.url}")
            route.abort()
            return
        path = request.url.removeprefix(ORIGIN)
        if path in self.prepared:
            to, given = self.prepared[path]
            response = self.client.post(to, given)
        else:
            body = request.post_data_buffer or b""
            headers = {k: v for k, v in request.headers.items() if k not in {"cookie", "host"}}
            response = self.client.generic(
                request.method,
                path,
                body,
                content_type=request.headers.get("content-type", "application/octet-stream"),
                headers=headers,
            )
        # a redirect that the browser follows would not be asked for here
        while response.status_code in {301, 302, 303, 307}:
            response = self.client.get(response.headers["Location"])
        if response.status_code >= 500:
            self.strange.append(f"{path} fails with {response.status_code}")
        content = b"".join(response) if response.streaming else response.content
        # cookies stay with the client: a page cannot read them in any case
        headers = {k: v for k, v in response.headers.items() if k.lower() != "content-length"}
        route.fulfill(status=response.status_code, headers=headers, body=content)

    def dialog(self, dialog: Dialog) -> None:
        """Note that something has opened a dialog."""
        self.strange.append(f"a dialog: {dialog.message}")
        dialog.dismiss()


@contextmanager
def chromium_here() -> Iterator[Browser]:
    """A browser that is started in the middle of a test, without losing what it has written.

    While Playwright runs, Django takes this thread for async code, and would connect anew.
    """
    database = connections["default"]
    with chromium() as browser:
        connections["default"] = database
        yield browser


@contextmanager
def carried(browser: Browser, client: Client) -> Iterator[Carried]:
    """A browser of somebody, whose client has signed in."""
    context = browser.new_context(accept_downloads=True)
    context.add_init_script(WATCH)
    page = context.new_page()
    client.raise_request_exception = False
    found = Carried(page, client)
    page.on("dialog", found.dialog)
    page.on("pageerror", lambda error: found.strange.append(f"an error: {error}"))
    context.on("page", lambda new: found.strange.append("a window") if new is not page else None)
    context.route("**/*", found.answer)
    try:
        yield found
    finally:
        context.close()
