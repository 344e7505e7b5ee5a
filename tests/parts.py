"""Parts that some tests need: where one is missing a test is skipped, but never in CI."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def missing(what: str) -> NoReturn:
    """Skip the test, saying why; with CI=true it fails."""
    if os.environ.get("CI") == "true":
        pytest.fail(what)
    pytest.skip(what)
