"""A folder served on localhost as the room serves its pages, and a Chromium to open them in."""

from __future__ import annotations

import base64
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
MODULES = Path(__file__).parents[2] / "src" / "parley" / "room" / "static" / "room" / "js"
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'"
)
_PRELUDE = """async (given) => {
  const names = ["bytes", "canonical", "charter", "ed25519", "errors", "keys", "merkle", "notes",
    "receipts", "sealing"];
  const modules = await Promise.all(names.map((name) => import(`/${name}.js`)));
  const { bytes, canonical, charter, ed25519, errors, keys, merkle, notes, receipts, sealing } =
    Object.fromEntries(names.map((name, k) => [name, modules[k]]));
  const raw = bytes.fromBase64;
  const code = (error) => {
    if (!(error instanceof errors.ExchangeError) || !(error.code in errors.SAYS)) throw error;
    return error.code;
  };
  const told = async (what) => {
    try { await what(); return ""; } catch (error) { return code(error); }
  };
  const flipped = (data, places, bits) => places.map((place, k) => {
    const copy = data.slice();
    copy[place] ^= 1 << bits[k];
    return copy;
  });
"""
_EMPTY = b"<!doctype html><html lang=en><title>Parley</title></html>"


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser; without one the test is skipped, but not in CI."""
    if CHROMIUM is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Chromium is missing; .ci/run installs it")
        pytest.skip("Chromium is not installed")
    with sync_playwright() as play:
        started = play.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield started
        started.close()


class _Handler(SimpleHTTPRequestHandler):
    extensions_map = {".js": "text/javascript", ".mjs": "text/javascript", "": "text/plain"}  # noqa: RUF012

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", CSP)
        self.send_header("X-Content-Type-Options", "nosniff")
        super().end_headers()

    def do_GET(self) -> None:
        if self.path not in {"/", "/favicon.ico"}:
            super().do_GET()
            return
        page = _EMPTY if self.path == "/" else b""
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def served(folder: Path, **others: Path) -> Iterator[str]:
    """The address of a folder, under the room's policy; its root is an empty page.

    Parameters
    ----------
    others
        More folders, by the name under which they are served.
    """

    class Handler(_Handler):
        def translate_path(self, path: str) -> str:
            first, _, rest = path.lstrip("/").partition("/")
            self.directory = str(others.get(first, folder))
            return super().translate_path(f"/{rest}" if first in others else path)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def opened(browser: Browser, address: str) -> Iterator[tuple[Page, list[str]]]:
    """A page, and what the browser complains of in it: errors, and breaches of the policy."""
    told: list[str] = []
    page = browser.new_page()
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    page.goto(f"{address}/")
    page.evaluate(
        "() => { window.breaches = []; addEventListener('securitypolicyviolation',"
        " (breach) => window.breaches.push(breach.violatedDirective)); }"
    )
    yield page, told
    told += page.evaluate("() => window.breaches")
    page.close()


def run(page: Page, code: str, **given: Any) -> Any:
    """What code gives in a page that has all modules at hand, and `given`, bytes as base64.

    There is ``raw`` (bytes of base64), ``told`` (the code of the error that a function ends with,
    or an empty text), and ``flipped`` (copies of bytes with one bit changed).
    """
    return page.evaluate(_PRELUDE + code + "\n}", {k: _plain(v) for k, v in given.items()})


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return {k: _plain(v) for k, v in value.items()} if isinstance(value, dict) else value
