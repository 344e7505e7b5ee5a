"""A room on a small disk that fills up, as somebody at a browser sees it.

    python -m tests.reliability.full FOLDER

The folder is the whole disk. What happened is written out as one line of JSON.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

BLOCK = 4096
LEFT = 300 * 1024
"""Bytes that are left when deposits begin; some go in, then none does."""
REFUSED = 3
"""Deposits that are refused before room is made again."""


def fill(filler: Path, left: int) -> None:
    """Fill the disk up to so many bytes."""
    with contextlib.suppress(OSError), filler.open("ab", buffering=0) as file:
        while True:
            free = os.statvfs(filler.parent)
            if free.f_bavail * free.f_frsize <= left:
                return
            file.write(bytes(BLOCK))


def main(folder: Path, *, with_reserve: bool) -> dict[str, Any]:
    """Fill the disk while texts are laid down; let a deadline pass; make room again."""
    from parley.room.config import activate

    data = folder / "data"
    data.mkdir(mode=0o700)
    activate(data)
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("collectstatic", verbosity=0)
    from tests.reliability import world

    made = world.build()
    browser = _browser(made)
    from parley.room import clock, reserve, standing
    from parley.room.models import Receipt, Round

    held = with_reserve and reserve.keep()
    deposit = f"/r/{made.room.id}/rounds/{made.rounds['deposit'].id}/deposit/"

    def lay_down(key: int) -> int:
        body = world.sealed(made, made.rounds["deposit"], "north")
        header = {"Idempotency-Key": f"key-{key:06}"}
        return int(
            browser.post(deposit, body, content_type="application/json", headers=header).status_code
        )

    fill(folder / "filler", LEFT)
    statuses: list[int] = []
    while statuses.count(503) < REFUSED:
        statuses.append(lay_down(len(statuses)))
    receipts = Receipt.objects.filter(round=made.rounds["deposit"]).count()
    fill(folder / "filler", 0)
    pages = [
        int(browser.get(f"/r/{made.room.id}/{end}").status_code)
        for end in ("", f"rounds/{made.rounds['deposit'].id}/", "log/", "people/", "keys/")
    ]
    later, plain = clock.now() + timedelta(hours=6), clock.now
    clock.now = lambda: later
    try:
        expired: bool | str = standing.settle(made.rounds["deadline"].id)
    except Exception as error:
        expired = type(error).__name__
    clock.now = plain
    state = Round.objects.get(id=made.rounds["deadline"].id).state
    (folder / "filler").unlink()
    again = lay_down(len(statuses) - 1)
    return {
        "held": held,
        "statuses": statuses,
        "receipts": receipts,
        "pages": pages,
        "expired": expired,
        "state": state,
        "again": again,
    }


def _browser(made: Any) -> Any:
    """A browser of the delegation of the north, signed in while there was still room."""
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
    from django.test import Client

    from parley.room.middleware import BEGAN, SEEN

    account = made.actors["north"].account
    TOTP.activate(account, generate_totp_secret())
    browser = Client(SERVER_NAME="localhost")
    browser.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
    session = browser.session
    session[BEGAN] = session[SEEN] = int(time.time())
    session.save()
    return browser


if __name__ == "__main__":
    found = main(Path(sys.argv[1]), with_reserve="--without-reserve" not in sys.argv)
    sys.stdout.write(json.dumps(found) + "\n")
