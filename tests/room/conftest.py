"""Every test of the room leaves the database as it found it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.room import world


@pytest.fixture(autouse=True)
def _left_as_found(request: pytest.FixtureRequest) -> Iterator[None]:
    if request.node.get_closest_marker("committed"):
        with world.emptied():
            yield
    else:
        with world.rolled_back():
            yield
