"""`parley`, but with a defect: PostgreSQL may forget what it has just acknowledged.

    python -m tests.reliability.forgetful room serve DATA …

Each connection asks for it by itself, after the settings of the cluster were found in order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def _with_defect(plain: Callable[[], Any]) -> Callable[[], Any]:
    def application() -> Any:
        from django.db.backends.signals import connection_created

        def forget(connection: Any, **_more: object) -> None:
            with connection.cursor() as cursor:
                cursor.execute("SET synchronous_commit = off")

        connection_created.connect(forget, weak=False)
        return plain()

    return application


if __name__ == "__main__":
    from parley.cli import main
    from parley.room import serve

    serve._application = _with_defect(serve._application)
    main()
