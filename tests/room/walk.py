"""Asking the room for everything, as anybody: what comes back, what changed, what was logged."""

from __future__ import annotations

import hashlib
import io
import logging
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from copy import copy
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from unittest import mock

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core import mail
from django.db import connection
from django.test import Client, override_settings

from parley.room import urls as _urls  # noqa: F401  (all views are loaded)
from parley.room import workshop
from parley.room.logs import Bare
from tests.room import world
from tests.room.bodies import body
from tests.room.oracle import Target
from tests.room.population import Population, populate

NOT_WATCHED = {"django_session", "room_cache", "sqlite_sequence"}
"""Tables of sessions and of counts that limit how fast one may guess."""

_MASKS = (
    (re.compile(rb'(name="csrfmiddlewaretoken" value=")[^"]*'), rb"\1-"),
    (re.compile(rb'(name="next" value=")[^"]*'), rb"\1-"),
    (re.compile(rb'(name="key"[^>]* value=")[^"]*'), rb"\1-"),
    (re.compile(rb'(data-key=")[^"]*'), rb"\1-"),
)


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    content: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    cookies: str = field(repr=False)
    changed: frozenset[str]
    logged: str = field(repr=False)
    mails: int

    @property
    def masked(self) -> tuple[int, bytes, str]:
        """What anybody can tell of an answer apart from what is random in it."""
        to = re.sub("next=.*", "", self.headers.get("Location", ""))
        return self.status, mask(self.content), to

    @property
    def all(self) -> tuple[bytes, ...]:
        """Everything that came back or was logged."""
        heads = "\n".join(f"{k}: {v}" for k, v in self.headers.items())
        return self.content, heads.encode(), self.cookies.encode(), self.logged.encode()


def mask(content: bytes) -> bytes:
    """A page without what is random in it."""
    for pattern, to in _MASKS:
        content = pattern.sub(to, content)
    return content


def tables() -> list[str]:
    """The tables that are watched."""
    return sorted(set(connection.introspection.table_names()) - NOT_WATCHED)


def fingerprint() -> dict[str, str]:
    """What every table holds, in short."""
    found = {}
    with connection.cursor() as cursor:
        for table in tables():
            rows = cursor.execute(f'SELECT * FROM "{table}"').fetchall()
            text = "\n".join(sorted(repr(row) for row in rows))
            found[table] = hashlib.sha256(text.encode()).hexdigest()
    return found


@contextmanager
def log_of_server() -> Iterator[io.StringIO]:
    """What the server writes to its log meanwhile, in the form in which it writes it."""
    found = io.StringIO()
    handler = logging.StreamHandler(found)
    handler.setFormatter(Bare())
    root = logging.getLogger()
    others = list(root.handlers)
    root.handlers = [handler]
    try:
        yield found
    finally:
        root.handlers = others


_DONE: dict[str, Any] = {}


@contextmanager
def workshop_once() -> Iterator[None]:
    """Within, the same work on the same files is done once: it takes a second or more each time."""
    real = workshop.work

    def work(task: str, brought: Mapping[str, bytes], *args: Any, **options: Any) -> Any:
        key = repr((task, sorted(brought.items()), args, options))
        if key not in _DONE:
            _DONE[key] = real(task, brought, *args, **options)
        return _DONE[key]

    holders = [m for m in list(sys.modules.values()) if getattr(m, "work", None) is real]
    with ExitStack() as stack:
        for module in holders:
            stack.enter_context(mock.patch.object(module, "work", work))
        yield


@contextmanager
def peopled() -> Iterator[Population]:
    """The population, for as long as it is needed; whatever is slow on purpose is quick in it."""
    world._password_hash()  # once and for all tests, by the hasher of the room
    hashers = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]
    with override_settings(PASSWORD_HASHERS=hashers), world.rolled_back(), workshop_once():
        yield populate(make_password(world.PASSWORD))


class Walker:
    """Asks as one person; whatever a request changes is taken back after it."""

    def __init__(self, population: Population, name: str, *, csrf: bool = False) -> None:
        self.population = population
        self.name = name
        self.client = population.client(name, csrf=csrf)
        self.client.request = partial(_ask, self.client)  # type: ignore[method-assign]
        self._cookies = copy(self.client.cookies)
        self._before = fingerprint()

    def keep_cookies(self) -> None:
        """Go on with the cookies that the client has now."""
        self._cookies = copy(self.client.cookies)

    def restore_cookies(self) -> None:
        """Go back to the cookies that the client had."""
        self.client.cookies = copy(self._cookies)

    def ask(
        self,
        method: str,
        target: Target,
        *,
        unknown: bool = False,
        more: Mapping[str, str] | None = None,
    ) -> Answer:
        """Ask for an address with its object, or with one that does not exist.

        Parameters
        ----------
        more
            Fields that a form has besides those that it needs.
        """
        path, query = (
            (target.unknown, target.unknown_query) if unknown else (target.path, target.query)
        )
        given: dict[str, Any] = {}
        if method == "POST":
            with world.rolled_back():
                given = body(target.url, target.place, target.thing, self.name)
            if isinstance(given.get("data"), dict):
                given["data"] |= {k: v for k, v in query.items() if k in given["data"]}
                given["data"] |= more or {}
        return self.request(method, path, query=query, **given)

    def request(
        self, method: str, path: str, *, query: Mapping[str, str] | None = None, **given: Any
    ) -> Answer:
        """Any request."""
        self.restore_cookies()
        address = path + ("?" + "&".join(f"{k}={v}" for k, v in query.items()) if query else "")
        with world.rolled_back(), log_of_server() as log:
            before = _writes()
            response = _send(self.client, method, address, given)
            content = content_of(response)
            changed = self._changed() if _writes() != before else frozenset()
            return Answer(
                response.status_code,
                content,
                dict(response.headers),
                response.cookies.output(),
                changed,
                log.getvalue(),
                len(mail.outbox),
            )

    def _changed(self) -> frozenset[str]:
        after = fingerprint()
        return frozenset(t for t, value in after.items() if value != self._before[t])


def _ask(client: Client, **request: Any) -> Any:
    """As the client does it, without keeping what every template was given: that takes long."""
    response = client.handler(client._base_environ(**request))  # type: ignore[attr-defined]
    client.cookies.update(response.cookies)
    return response


def content_of(response: Any) -> bytes:
    """All of a body; with that a file is read to its end, and closed."""
    found: bytes = b"".join(response) if response.streaming else response.content
    return found


def _send(client: Client, method: str, address: str, given: dict[str, Any]) -> Any:
    if method == "POST":
        return client.post(address, **given)
    return client.generic(method, address, **given)


def _writes() -> int:
    """How many rows this connection has ever written."""
    connection.ensure_connection()
    found: int = connection.connection.total_changes
    return found
