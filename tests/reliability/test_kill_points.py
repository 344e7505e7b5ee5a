"""A process that is killed at any point of a step: what it told is there, and nothing half done."""

from __future__ import annotations

import sqlite3
from itertools import islice

import pytest

from parley.room.database import wal_is_safe
from tests.reliability.figures import note
from tests.reliability.forms import LONG, needs_strace, thinned
from tests.reliability.order import Runner
from tests.reliability.points import ACTS, ends, points, violations

pytestmark = needs_strace
JOURNALS = [
    "",
    pytest.param(
        "wal-full",
        marks=pytest.mark.skipif(
            not wal_is_safe(sqlite3.sqlite_version_info), reason="this SQLite is refused with WAL"
        ),
    ),
]
EACH = 1 if LONG else 30
"""Of so many points one is tried: of all in the long form."""


@pytest.mark.parametrize("journal", JOURNALS)
def test_kill_at_every_point(runner: Runner, journal: str) -> None:
    killed = 0
    found: list[str] = []
    for offset, act in enumerate(ACTS):
        where = thinned(points(runner, act, journal), EACH, offset)
        found += violations(runner, act, where, ends(runner, act), journal)
        killed += len(where)
    note("kill points", acts=len(ACTS), journal=journal or "truncate", points=killed)
    assert not found, found[:5]
    assert killed > (500 if LONG else len(ACTS))


@pytest.mark.parametrize("defect", ["told-early", "two-steps", "no-row", "off"])
def test_defect_is_found(runner: Runner, defect: str) -> None:
    where = thinned(points(runner, "deposit", defect), 2)
    found = violations(runner, "deposit", where, ends(runner, "deposit"), defect)
    assert list(islice(found, 1))
