"""What the room does in a second: deposits beside bare transactions of the same database.

    python -m benchmarks.room [postgresql://USER@HOST/NAME]

In each run, short spells follow one another: single rows, the very rows of a deposit written by the
driver alone (the same tables, indexes and bytes, in one transaction each), deposits of one thread,
and deposits of eight. A disk that is slow for a while is so slow for all of them.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.cases import Row

if TYPE_CHECKING:
    from parley.room.access import Actor
    from parley.room.models import Receipt, Round

TEXT = 3000
"""Bytes of a text; a deposit of it has some 10 kB."""
THREADS = 8
SPELLS = 12
IN_A_SPELL = 48

Statement = tuple[str, Any, bool]
"""The statement, what it writes, and whether that is many rows."""
Execute = Callable[[str, Any, bool], None]


@dataclass(frozen=True)
class Rates:
    """Per second: single rows of 4 kB, the rows of a deposit, and deposits."""

    one_row: float
    same_rows: float
    alone: float
    together: float

    @property
    def share(self) -> float:
        """Deposits as a share of bare transactions."""
        return self.together / self.same_rows


def room_rows() -> list[Row]:
    """The lines of the table of benchmarks; of PostgreSQL where a database is named."""
    found = rate_rows("SQLite", _measured("sqlite"))
    address = os.environ.get("PARLEY_BENCH_DATABASE")
    return [*found, *rate_rows("PostgreSQL", _measured(address))] if address else found


def rate_rows(name: str, rates: Rates) -> list[Row]:
    """The lines about deposits in one database."""
    bare = f"bare: {rates.same_rows:,.0f} of the same rows, {rates.one_row:,.0f} of one row"
    return [
        Row(f"durable deposits, {name}, 1 thread", bare, f"{rates.alone:,.0f} per second", ""),
        Row(
            f"durable deposits, {name}, {THREADS} threads",
            f"{rates.share:.0%} of bare transactions of the same rows",
            f"{rates.together:,.0f} per second",
            "80% or more",
        ),
    ]


def _measured(database: str) -> Rates:
    """Measure in a process of its own: one process serves one data folder."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "benchmarks.room", "--measure", folder]
        env = {**os.environ, "PARLEY_ROOM_DATABASE": database}
        done = subprocess.run(command, check=True, capture_output=True, text=True, env=env)
    return Rates(**json.loads(done.stdout.splitlines()[-1]))


def measure(data: Path) -> Rates:
    """Measure in this process."""
    from parley.room.config import activate

    activate(data)
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    actor, round_, bodies = _open_round()
    statements = _recorded(lambda: _lay_down(actor, round_, next(bodies)))
    bare = _bare(statements)
    seconds = dict.fromkeys(("one_row", "same_rows", "alone", "together"), 0.0)
    with ThreadPoolExecutor(THREADS) as pool:
        for _ in range(SPELLS):
            seconds["one_row"] += _timed(bare.one_row)
            seconds["same_rows"] += _timed(bare.same_rows)
            ready = [(actor, round_, next(bodies)) for _ in range(2 * IN_A_SPELL)]
            seconds["alone"] += _timed(partial(_next_of, iter(ready[:IN_A_SPELL])))
            began = time.perf_counter()
            list(pool.map(_lay_down, *zip(*ready[IN_A_SPELL:], strict=True)))
            seconds["together"] += time.perf_counter() - began
    return Rates(**{name: SPELLS * IN_A_SPELL / spent for name, spent in seconds.items()})


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    for _ in range(IN_A_SPELL):
        work()
    return time.perf_counter() - began


def _lay_down(actor: Actor, round_: Round, body: bytes) -> Receipt:
    from parley.room.deposits import lay_down

    return lay_down(actor, round_, body, secrets.token_hex(10))


def _next_of(deposits: Iterator[tuple[Actor, Round, bytes]]) -> Receipt:
    return _lay_down(*next(deposits))


def _open_round() -> tuple[Actor, Round, Iterator[bytes]]:
    """A delegation, a sealed round that is open, and deposits for it without end."""
    from datetime import timedelta

    from parley.exchange import keys, sealing
    from parley.exchange.core import NONCE
    from parley.room import charters, clock, rooms
    from parley.room.access import Actor
    from parley.room.deposits import header_of
    from parley.room.models import Account, Member, Round
    from parley.room.standing import charter_of

    room = rooms.found_room("Benchmark")
    actors: dict[str, Actor] = {}
    for who in ("mediator", "witness", "north", "south"):
        party = rooms.add_party(actors["mediator"], who, who) if who in {"north", "south"} else None
        account = Account.objects.create(username=who, display_name=who)
        role = "delegation" if party else who
        member = Member.objects.create(room=room, account=account, role=role, party=party)
        actors[who] = Actor(account, member)
    identities = {who: keys.new_identity(who) for who in actors}
    for who, identity in identities.items():
        charters.register(actors[who], keys.card(identity))
    deadline = clock.now() + timedelta(hours=9)
    plan = charters.Plan("Benchmark", mode="sealed", deadline=deadline)
    round_ = charters.plan(actors["mediator"], plan)
    for who, identity in identities.items():
        charters.agree(actors[who], round_, identity.signer.sign(round_.charter))
    round_ = Round.objects.get(id=round_.id)
    charter, header = charter_of(round_), header_of(round_, "north")

    def sealed() -> Iterator[bytes]:
        signer, agents = identities["north"].signer, charter.agent_keys()
        while True:
            text, nonce = secrets.token_bytes(TEXT), secrets.token_bytes(NONCE)
            made = sealing.seal(header, text, nonce, charter.sealed_to(), agents, signer)
            yield sealing.to_json(made)

    return actors["north"], round_, sealed()


def _recorded(deposit: Callable[[], object]) -> list[list[Statement]]:
    """What deposits write, transaction by transaction, in a copy of the database made before."""
    from django.db import connection

    found: list[list[Statement]] = []

    def record(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(("INSERT", "UPDATE")):
            found[-1].append((sql, params, many))
        return execute(sql, params, many, context)

    deposit()
    _copy_database()
    with connection.execute_wrapper(record):
        for _ in range(SPELLS * IN_A_SPELL):
            found.append([])
            deposit()
    return found


def _copy_database() -> None:
    """A copy of the database in which bare transactions run."""
    import sqlite3

    from django.db import connection

    connection.ensure_connection()
    if connection.vendor == "sqlite":
        with sqlite3.connect(_copy_name()) as copy:
            connection.connection.backup(copy)
        copy.close()
        return
    import psycopg

    name = connection.settings_dict["NAME"]
    connection.close()
    given = {**connection.get_connection_params(), "dbname": "postgres"}
    given = {key: given[key] for key in ("host", "port", "user", "password") if given.get(key)}
    with psycopg.connect(dbname="postgres", autocommit=True, **given) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}_bare"')
        server.execute(f'CREATE DATABASE "{name}_bare" TEMPLATE "{name}"')


def _copy_name() -> str:
    from django.db import connection

    return f"{connection.settings_dict['NAME']}-bare"


@dataclass(frozen=True)
class Bare:
    """Transactions of the driver alone, with the settings of the room."""

    execute: Execute
    transactions: Iterator[list[Statement]]
    begin: str
    one: str

    def one_row(self) -> None:
        """A transaction of one row of 4 kB."""
        self.execute(self.one, (b"x" * 4096,), False)

    def same_rows(self) -> None:
        """A transaction with the rows of a deposit."""
        self.execute(self.begin, (), False)
        for sql, params, many in next(self.transactions):
            self.execute(sql, params, many)
        self.execute("COMMIT", (), False)


def _bare(statements: list[list[Statement]]) -> Bare:
    from django.db import connection

    if connection.vendor == "sqlite":
        # as the driver wants them; made before anything is timed
        ready = [[(_marked(sql), *rest) for sql, *rest in many] for many in statements]
        execute, begin, kind = _sqlite(), "BEGIN IMMEDIATE", "BLOB"
        one = "INSERT INTO bare VALUES (?)"
    else:
        ready, one = statements, "INSERT INTO bare VALUES (%s)"
        execute, begin, kind = _postgresql(), "BEGIN", "BYTEA"
    execute(f"CREATE TABLE bare (body {kind})", (), False)
    return Bare(execute, iter(ready), begin, one)


def _marked(sql: str) -> str:
    return sql.replace("%s", "?")


def _sqlite() -> Execute:
    import sqlite3

    from django.db import connection

    copy = sqlite3.connect(_copy_name(), isolation_level=None)
    copy.executescript(connection.settings_dict["OPTIONS"]["init_command"])

    def execute(sql: str, params: Any, many: bool) -> None:
        (copy.executemany if many else copy.execute)(sql, params).fetchall()

    return execute


def _postgresql() -> Execute:
    from django.db import connection

    params = connection.get_connection_params()
    params["dbname"] = f"{params['dbname']}_bare"
    bare = connection.get_new_connection(params)
    bare.autocommit = True  # "BEGIN" and "COMMIT" are among the statements
    cursor = bare.cursor()

    def execute(sql: str, params: Any, many: bool) -> None:
        if many:
            cursor.executemany(sql, params)
        else:
            cursor.execute(sql, params or None)

    return execute


def _told(name: str, rates: Rates) -> None:
    print(f"{name}: per second")
    print(f"  bare, one row of 4 kB         {rates.one_row:8,.0f}")
    print(f"  bare, the rows of a deposit   {rates.same_rows:8,.0f}")
    print(f"  deposits, 1 thread            {rates.alone:8,.0f}")
    print(f"  deposits, {THREADS} threads           {rates.together:8,.0f}  {rates.share:6.0%}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        print(json.dumps(vars(measure(Path(sys.argv[2])))))
    else:
        _told("SQLite", _measured("sqlite"))
        for address in sys.argv[1:]:
            _told("PostgreSQL", _measured(address))
