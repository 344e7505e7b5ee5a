"""A data folder with a room in which many can act, and their sessions, before it is served.

    python -m tests.reliability.seeding DATA CLIENTS ROUNDS

Half of the clients are of the delegation of north, half of that of south. Of the rounds, in simple
mode, one half is for either; the other side never comes, so they stay open. What is needed to act
as each of them goes to the standard output as JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.reliability.order import ROOT

if TYPE_CHECKING:
    from parley.room.models import Account, Party
    from tests.room.world import Talks

SIDES = ("north", "south")


def seed(data: Path, clients: int, rounds: int = 4, **environment: str) -> list[dict[str, Any]]:
    """Make a data folder in a process of its own; those who can act in it."""
    from tests.room.world_accounts import clean_environment

    command = [sys.executable, "-m", "tests.reliability.seeding", data, clients, rounds]
    done = subprocess.run(
        [str(part) for part in command],
        cwd=ROOT,
        env=clean_environment() | environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    people: list[dict[str, Any]] = json.loads(done.stdout)
    return people


def main(data: Path, clients: int, rounds: int) -> None:
    """Make the folder and tell who can act."""
    from parley.room.serve import prepare

    prepare(data)
    from django.db import transaction

    with transaction.atomic():
        people = _people(clients, rounds)
    json.dump(people, sys.stdout)


def _people(clients: int, rounds: int) -> list[dict[str, Any]]:
    from parley.room.models import Channel, Kind
    from tests.room import world

    talks = world.talks()
    ids = [open_round(talks, number) for number in range(rounds)]
    plenary = Channel.objects.get(room=talks.room, kind=Kind.PLENARY)
    made = []
    for number in range(clients):
        side = number % len(SIDES)
        account = _member(talks, number, talks.parties[SIDES[side]])
        own = Channel.objects.get(room=talks.room, party=talks.parties[SIDES[side]])
        made.append(
            {
                "room": talks.room.id,
                "round": ids[(number // 2 % (rounds // 2)) * 2 + side],
                "rounds": ids,
                "channels": [plenary.id, own.id],
                "session": session_of(account),
            }
        )
    return made


def _member(talks: Talks, number: int, party: Party) -> Account:
    from parley.room.models import Member, Role
    from tests.room import world

    account = world.account(f"client-{number}")
    Member.objects.create(room=talks.room, account=account, role=Role.DELEGATION, party=party)
    return account


def open_round(talks: Talks, number: int) -> str:
    """A round in simple mode to which all have agreed."""
    from parley.room import charters, clock

    deadline = clock.now() + timedelta(days=2)
    plan = charters.Plan(f"Round {number}", mode="simple", deadline=deadline)
    made = charters.plan(talks.actor("mediator"), plan)
    for who in ("mediator", *SIDES):
        charters.agree(talks.actor(who), made, None)
    return made.id


def session_of(account: Account) -> str:
    """A session of somebody who has just signed in past the second step."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from parley.room.middleware import BEGAN, SEEN
    from tests.room.world import BACKEND

    made = SessionStore()
    made[SESSION_KEY] = account.pk
    made[BACKEND_SESSION_KEY] = BACKEND
    made[HASH_SESSION_KEY] = account.get_session_auth_hash()
    made[BEGAN] = made[SEEN] = int(time.time())
    made.save()
    assert made.session_key is not None
    return made.session_key


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
