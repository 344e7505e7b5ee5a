"""Whether the tables of a data folder are those of this version of Parley."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Schema:
    """How the tables stand to this version.

    Parameters
    ----------
    missing
        Changes of this version that were not made yet.
    unknown
        Changes that were made, and that this version does not know: a later one made them.
    is_empty
        Whether there are no tables at all.
    has_cache
        Whether the table is there in which bad sign-ins are counted.
    """

    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    is_empty: bool
    has_cache: bool

    @property
    def is_current(self) -> bool:
        """Whether nothing is missing, and nothing unknown."""
        return not self.missing and not self.unknown and self.has_cache


def schema() -> Schema:
    """How the tables of the active data folder stand."""
    from django.conf import settings
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    loader = MigrationExecutor(connection).loader
    disk, applied = set(loader.disk_migrations or ()), set(loader.applied_migrations or ())
    apps = {app for app, _ in disk}
    tables = connection.introspection.table_names()
    return Schema(
        missing=_named(disk - applied),
        unknown=_named(one for one in applied - disk if one[0] in apps),
        is_empty=not tables,
        has_cache=str(settings.CACHES["default"]["LOCATION"]) in tables,
    )


def _named(migrations: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    return tuple(sorted(f"{app} {name}" for app, name in migrations))
