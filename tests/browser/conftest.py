"""A browser, and a page in it that has the room's modules."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import pages
from tests.browser.pages import MODULES


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with pages.chromium() as started:
        yield started


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    with pages.served(MODULES) as address:
        with pages.opened(browser, address) as (found, told):
            yield found
        assert told == []
