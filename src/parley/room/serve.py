"""Preparing a data folder, and serving it.

`prepare` may be run at any time and by several processes at once: it makes what is missing. A
server holds a lock on the folder while it runs, so that a restore cannot pull it away.
"""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, NoReturn

from parley import __version__
from parley.errors import RoomError
from parley.room.config import RoomConfig, activate, private_folder

THREADS = 8
CONNECTIONS = 500
SILENCE_SECONDS = 30
TICK_EVERY_SECONDS = 5
HEADROOM = 64 * 1024
MOST_TOLD = 3

Server = Literal["waitress", "gunicorn"]
Tell = Callable[[str], None]


def prepare(data: Path) -> RoomConfig:
    """Make the data folder ready: the database, its tables, the static files.

    Raises
    ------
    RoomError
        If the folder cannot be written, or is of another version of Parley.
    """
    private_folder(data)
    os.umask(0o077)
    config = activate(data)
    with locked(config, "preparing"):
        _bring_up_to_date(config)
    return config


def _bring_up_to_date(config: RoomConfig) -> None:
    from django.core.management import call_command
    from django.db import DatabaseError, connections

    from parley.room.upgrade import refuse_other_version

    try:
        if refuse_other_version(config).is_empty:
            call_command("migrate", verbosity=0, interactive=False)
        call_command("createcachetable", verbosity=0)
    except DatabaseError as error:
        what = f"The database does not answer: {str(error).splitlines()[0]}."
        raise RoomError(what, "Check `database` in room.toml.", where=str(config.data)) from None
    finally:
        connections.close_all()
    _collect_static(config)


def _collect_static(config: RoomConfig) -> None:
    """Put the static files to where they are served from, if they changed since the last time."""
    from django.contrib.staticfiles.finders import get_finders
    from django.core.management import call_command

    files = (
        Path(storage.path(name)) for finder in get_finders() for name, storage in finder.list([])
    )
    told = [f"{path} {path.stat().st_size} {path.stat().st_mtime_ns}\n" for path in files]
    wanted, note = "".join([__version__, *sorted(told)]), config.folder / "static.from"
    there = (config.folder / "static" / "staticfiles.json").exists()
    if there and note.exists() and note.read_text() == wanted:
        return
    call_command("collectstatic", verbosity=0, interactive=False)
    note.write_text(wanted)


@contextmanager
def locked(config: RoomConfig, name: str, *, shared: bool = False) -> Iterator[None]:
    """Hold a lock on the data folder; wait for it, or (shared) refuse where it is taken."""
    path = config.folder / f"{name}.lock"
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(handle, (fcntl.LOCK_SH | fcntl.LOCK_NB) if shared else fcntl.LOCK_EX)
        yield
    except BlockingIOError:
        what = "Another command is working on this data folder."
        raise RoomError(what, "Wait until it has ended.", where=str(config.data)) from None
    finally:
        os.close(handle)


def serve(data: Path, server: Server, tell: Tell) -> None:
    """Prepare, check, print the address and on a first run its links, and serve until stopped."""
    config = prepare(data)
    with locked(config, "serving", shared=True):
        refuse_unfit(config)
        # from the moment that the address is told, to be stopped is no failure
        for stopping in (signal.SIGTERM, signal.SIGINT):
            signal.signal(stopping, _stop)

        def greet() -> None:
            for line in greeting(config):
                tell(line)

        run = _waitress if server == "waitress" else _gunicorn
        run(config, greet)


def refuse_unfit(config: RoomConfig) -> None:
    """Refuse to serve what could lose or has lost something."""
    from parley.room.check import problems
    from parley.room.check.known import checked_before, remember, sizes

    before, now_there = checked_before(config), sizes()
    found = [one for one in problems(known=before.known) if one.severity == "error"]
    if found:
        more = f" And {len(found) - MOST_TOLD} more." if len(found) > MOST_TOLD else ""
        told = " ".join(str(problem) for problem in found[:MOST_TOLD])
        remedy = "See all of it with `parley room check`."
        raise RoomError(f"It is not fit to serve. {told}{more}", remedy, where=str(config.data))
    remember(config, before.at, now_there)


def greeting(config: RoomConfig) -> list[str]:
    """What the person who starts the server reads; on a first run the links to begin with."""
    lines = [f"Parley serves {config.data} at {config.origin}"]
    first = first_links()
    if first:
        lines += ["", "Nobody has an account yet. Two links, each for one person, for seven days:"]
        for words, address in first:
            lines += [f"  {words}:", f"    {address}"]
        lines.append("")
    return [*lines, "Stop it with Ctrl-C."]


def first_links() -> list[tuple[str, str]]:
    """Links for the first operator and the first mediator; none once there is any account."""
    from django.db import connections

    from parley.room import people
    from parley.room.models import Account, Invitation, Role, Room
    from parley.room.rooms import found_room

    try:
        if Account.objects.exists():
            return []
        Invitation.objects.filter(by=None, used=None).delete()
        room = Room.objects.first() or found_room("Room 1")
        _, mediator = people.invite(room, Role.MEDIATOR, label="first mediator")
        _, operator = people.invite(None, label="first operator")
        return [
            (f"For the mediator of “{room.title}”", people.link(mediator)),
            (
                "For an operator, who makes further rooms and sees no contents; if you want one",
                people.link(operator),
            ),
        ]
    finally:
        connections.close_all()


def tick_until(stop: threading.Event) -> None:
    """Do what is due by the clock, every few seconds, until told to stop."""
    import logging

    from django.db import connections

    from parley.room.ticks import tick

    while not stop.wait(TICK_EVERY_SECONDS):
        try:
            tick()
        except Exception:  # whatever it was, the next tick is due all the same
            logging.getLogger("parley.room.ticks").exception("a tick failed")
        finally:
            connections.close_all()


def _start_ticking() -> threading.Event:
    stop = threading.Event()
    threading.Thread(target=tick_until, args=(stop,), name="ticks", daemon=True).start()
    return stop


def _application() -> Any:
    # all pages now, not when somebody asks for the first: several may do so at once
    import_module("parley.room.urls")
    return import_module("parley.room.wsgi").application


def _waitress(config: RoomConfig, greet: Callable[[], None]) -> None:
    """Serve from this one process; greet once it listens, since new links end older ones."""
    from django.conf import settings
    from waitress.server import create_server

    limit = settings.BODY_LIMIT + HEADROOM
    try:
        server = create_server(
            _application(),
            host=config.address,
            port=config.port,
            threads=THREADS,
            connection_limit=CONNECTIONS,
            channel_timeout=SILENCE_SECONDS,
            max_request_body_size=limit,
            inbuf_overflow=limit,  # no body is ever put into a folder for temporary files
            asyncore_use_poll=True,
            clear_untrusted_proxy_headers=config.proxies == 0,
            ident=None,
        )
    except OSError as error:
        raise _no_address(config, error) from None
    stop = _start_ticking()
    try:
        greet()
        server.run()
    finally:
        stop.set()
        server.close()


def _stop(_signal: int, _frame: object) -> NoReturn:
    raise SystemExit(0)


def _no_address(config: RoomConfig, error: OSError) -> RoomError:
    place = f"{config.address}:{config.port}"
    if error.errno == errno.EADDRINUSE:
        remedy = "Stop the other program, or choose another with --port."
        return RoomError(f"Something else listens at {place}.", remedy)
    return RoomError(f"It cannot listen at {place}: {error.strerror}.", "Mend address or port.")


def _gunicorn(config: RoomConfig, greet: Callable[[], None]) -> None:
    """Serve from several processes, for a team; greet once they listen."""
    try:
        from gunicorn.app.base import BaseApplication
    except ImportError:
        remedy = "Install it with: pip install 'parley-talks[team]'."
        raise RoomError("gunicorn is not installed.", remedy) from None

    class Application(BaseApplication):
        def load_config(self) -> None:
            for name, value in gunicorn_settings(config).items():
                self.cfg.set(name, value)
            self.cfg.set("when_ready", lambda _arbiter: greet())

        def load(self) -> Any:
            return _application()

    Application().run()


def gunicorn_settings(config: RoomConfig) -> dict[str, object]:
    """How gunicorn serves a room: some processes, each with threads, ticking each by itself."""
    return {
        "bind": f"{config.address}:{config.port}",
        "workers": min(8, 1 + (os.cpu_count() or 1)),
        "worker_class": "gthread",
        "threads": THREADS,
        "timeout": 60,
        "graceful_timeout": 10,
        "accesslog": None,
        "loglevel": "warning",
        "post_worker_init": lambda _worker: _start_ticking(),
    }
