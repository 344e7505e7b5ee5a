"""A process that has a room ready, and forks a child for each act; the child can be killed.

    python -m tests.reliability.acts DATA

Orders come as lines of JSON on the standard input, answers go out as lines of JSON. Forking spares
the second that Django needs to start; strace is put on the child before it begins.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any

from tests.reliability.order import Order, Outcome

FILES = ("", "-journal", "-wal", "-shm")


def restore(database: Path, template: Path) -> None:
    """Put the database back as it was before any act."""
    for end in FILES:
        Path(f"{database}{end}").unlink(missing_ok=True)
    shutil.copyfile(template, database)


def obey(world: Any, database: Path, template: Path, order: Order) -> Outcome:
    """Do one act in a child, under strace, and tell what became of it."""
    restore(database, template)
    go, heard = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        os.close(go[1])
        os.close(heard[0])
        _act(world, order, go[0], heard[1])
    os.close(go[0])
    os.close(heard[1])
    tracer = None if not order.strace else _attach(child, order)
    os.write(go[1], b"x")
    os.close(go[1])
    with os.fdopen(heard[0]) as file:
        told = file.read().splitlines()
    _, status = os.waitpid(child, 0)
    if tracer is not None:
        tracer.wait()
    return Outcome(os.waitstatus_to_exitcode(status), told)


def _attach(child: int, order: Order) -> subprocess.Popen[str]:
    command = ["strace", "-f", "-p", str(child), *order.strace]
    tracer = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert tracer.stderr is not None
    for line in tracer.stderr:
        if "attached" in line:
            return tracer
    raise RuntimeError("strace could not be put on the process")


def _act(world: Any, order: Order, go: int, ack: int) -> None:
    """Within the child: wait for the word, then do it, telling each success at once."""
    from tests.reliability import defects
    from tests.reliability.world import ACTS

    code = 1
    try:
        defects.put_in(order.defect)
        os.read(go, 1)
        for act in order.acts:
            code = _try(world, ACTS[act], ack, order.tries)
            if code:
                break
    except Exception:
        traceback.print_exc()
    finally:
        os._exit(code)


def _try(world: Any, act: Any, ack: int, tries: int) -> int:
    """Do an act, again if the database could not write; what was refused is told as well."""
    from django.db import DatabaseError

    from parley.errors import OperationError
    from tests.reliability import defects
    from tests.reliability.world import can_read

    def tell(word: str) -> None:
        os.write(ack, f"{word}\n".encode())

    defects.early_tell = tell
    for times in range(tries):
        try:
            act(world, tell)
        except OperationError:
            # it was done after all, though the disk said no; only a deposit can be sent twice
            if not times:
                raise
            tell("")
            return 0
        except DatabaseError as error:
            os.write(ack, f"refused {type(error).__name__}; {can_read(world)}\n".encode())
        else:
            return 0
    return 3


def main(data: Path) -> None:
    """Make the room, then do as told until there is nothing more."""
    from parley.room.config import activate

    data.mkdir(mode=0o700, exist_ok=True)
    activate(data)
    from django.core.management import call_command
    from django.db import connections

    call_command("migrate", verbosity=0)
    from tests.reliability.world import build

    world = build()
    connections.close_all()
    database, template = data / "room.sqlite3", data / "template"
    shutil.copyfile(database, template)
    _say({"ready": True})
    for line in sys.stdin:
        outcome = obey(world, database, template, Order(**json.loads(line)))
        _say(vars(outcome))


def _say(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
