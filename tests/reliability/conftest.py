"""A room to be killed, once for all tests of a process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.reliability.order import Runner
from tests.reliability.order import runner as started
from tests.room import world
from tests.room.world import Talks


@pytest.fixture(scope="session")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    """A process of `acts`."""
    with started(Path(tmp_path_factory.mktemp("room")) / "data") as made:
        yield made


@pytest.fixture
def talks() -> Iterator[Talks]:
    """A room in this process, with people in it; it is there until the end of the test."""
    with world.emptied():
        yield world.talks()
