"""A room to test in: one data folder for each test process, people, and clients that are signed in.

Importing anything of `tests.room` activates a fresh data folder (in a temporary place, removed at
the end), so a test module imports models at its head like any other module. Nothing else is needed:

    from tests.room import world

    def test_something() -> None:
        talks = world.talks()
        page = world.client_for(talks.account("north")).get(f"/rooms/{talks.room.id}/")

Each test runs within a transaction that is rolled back. A test with threads, or that needs what
`transaction.on_commit` does, is marked `@pytest.mark.committed`: it writes for good, and all
tables are emptied after it. A test of another server process makes its own data folder and calls
`parley room …` in a subprocess.

- `account(name)`      an account with the password `PASSWORD` and an app as its second step
- `code_for(account)`  the code that its app shows now
- `talks(title)`       a room with a person in every role; see `Talks`
- `client_for(account, csrf=False)`  a client that has signed in past the second step;
                       with `csrf=True` it refuses forms without their token, as a server does
- `client()`           a client of a stranger
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.test import Client

    from parley.room.access import Actor
    from parley.room.models import Account, Party, Room

PASSWORD = "a quiet table by the sea"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@cache
def activate() -> Path:
    """Start Django on a fresh data folder, once in a process; the folder.

    A process that serves a folder already (a script of a test) goes on with that one.
    """
    from django.apps import apps

    from parley.room import config

    if apps.ready:
        return config.current().folder
    # Playwright keeps an event loop in this thread, which Django would take for async code
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    data = Path(tempfile.mkdtemp(prefix="parley-room-"))
    atexit.register(shutil.rmtree, data, ignore_errors=True)
    data.chmod(0o700)
    config.activate(data)
    _make_tables()
    return data


def _make_tables() -> None:
    """Tables straight from the models: the migrations have a test of their own, and take long."""
    from django.apps import apps
    from django.conf import settings
    from django.core.management import call_command
    from django.test.utils import setup_test_environment

    setup_test_environment()
    settings.MIGRATION_MODULES = {app.label: None for app in apps.get_app_configs()}
    call_command("migrate", run_syncdb=True, verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    settings.MIGRATION_MODULES = {}


@contextmanager
def rolled_back() -> Iterator[None]:
    """What is written within is gone afterwards."""
    from django.db import transaction

    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def emptied() -> Iterator[None]:
    """What is written within stays, for other threads to see; all tables are emptied afterwards."""
    from django.core.management import call_command
    from django.db import connection, connections

    try:
        yield
    finally:
        call_command("flush", verbosity=0, interactive=False)
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM room_cache")
        connections.close_all()


@cache
def _password_hash() -> str:
    from django.contrib.auth.hashers import make_password

    return make_password(PASSWORD)


def account(
    name: str, *, display: str = "", operator: bool = False, second_factor: bool = True
) -> Account:
    """An account with the password `PASSWORD`, and an app as second step unless told otherwise."""
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    from parley.room.models import Account

    made = Account.objects.create(
        username=name,
        display_name=display or name.capitalize(),
        is_operator=operator,
        password=_password_hash(),
    )
    if second_factor:
        TOTP.activate(made, generate_totp_secret())
    return made


def code_for(account: Account) -> str:
    """The code that the app of an account shows now."""
    from allauth.mfa.models import Authenticator
    from allauth.mfa.utils import decrypt

    found = Authenticator.objects.get(user=account, type=Authenticator.Type.TOTP)
    return code_of(decrypt(found.data["secret"]))


def code_of(secret: str) -> str:
    """The code that an app shows now for a secret."""
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

    code: str = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    return code


def client(*, csrf: bool = False, address: str = "127.0.0.1") -> Client:
    """A browser of a stranger, at a network address."""
    from django.test import Client

    return Client(enforce_csrf_checks=csrf, SERVER_NAME="localhost", REMOTE_ADDR=address)


def client_for(account: Account, *, csrf: bool = False) -> Client:
    """A browser that has signed in past the second step, just now."""
    from django.contrib.sessions.backends.db import SessionStore

    from parley.room.middleware import BEGAN, SEEN

    made = client(csrf=csrf)
    made.force_login(account, backend=BACKEND)
    session = made.session
    assert isinstance(session, SessionStore)
    session[BEGAN] = session[SEEN] = int(time.time())
    session.save()
    return made


@dataclass(frozen=True)
class Talks:
    """A room with somebody in every role.

    `people` has: mediator, co-mediator, north, north-2, south, witness, observer; and outside the
    room: operator, removed (was north's, is no member any more), stranger (mediator elsewhere).
    """

    room: Room
    parties: dict[str, Party]
    people: dict[str, Account]

    def account(self, name: str) -> Account:
        """Somebody, by his name in `people`."""
        return self.people[name]

    def actor(self, name: str) -> Actor:
        """The same as one who acts in this room."""
        from parley.room.access import Actor
        from parley.room.models import Member

        member = Member.objects.select_related("room", "party").get(
            room=self.room, account=self.people[name]
        )
        return Actor(self.people[name], member)


def talks(title: str = "Talks", mark: str = "") -> Talks:
    """A room with a person in every role; `mark` keeps login names of two rooms apart."""
    from django.utils import timezone

    from parley.room.models import Member, Role
    from parley.room.rooms import found_room

    room = found_room(title)
    people: dict[str, Account] = {}

    def enter(name: str, role: Role, party: Party | None = None) -> Member:
        people[name] = account(f"{name}{mark}")
        return Member.objects.create(room=room, account=people[name], role=role, party=party)

    enter("mediator", Role.MEDIATOR)
    so_far = Talks(room, {}, people)
    parties = {name: _party(so_far, name) for name in ("north", "south")}
    enter("co-mediator", Role.CO_MEDIATOR)
    for name in ("north", "north-2", "south"):
        enter(name, Role.DELEGATION, parties[name.split("-")[0]])
    enter("witness", Role.WITNESS)
    enter("observer", Role.OBSERVER)
    gone = enter("removed", Role.DELEGATION, parties["north"])
    gone.removed = timezone.now()
    gone.save()
    people["operator"] = account(f"operator{mark}", operator=True)
    people["stranger"] = account(f"stranger{mark}")
    elsewhere = found_room("Elsewhere")
    Member.objects.create(room=elsewhere, account=people["stranger"], role=Role.MEDIATOR)
    return Talks(room, parties, people)


def _party(talks: Talks, name: str) -> Party:
    from parley.room.rooms import add_party

    return add_party(talks.actor("mediator"), name, name.capitalize())
