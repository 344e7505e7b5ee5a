"""Commands about a room: serve it, invite people, and keep it."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from parley.cli import upkeep

app = typer.Typer(
    name="room",
    help="The web application for one mediation or several: serve it, invite people, keep it.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Data = Annotated[
    Path, typer.Argument(metavar="DATA", help="The data folder of the room; made if missing.")
]


class Server(StrEnum):
    """Which program answers browsers."""

    WAITRESS = "waitress"
    GUNICORN = "gunicorn"


@app.command()
def serve(
    data: Data,
    *,
    port: Annotated[
        int | None,
        typer.Option(
            "--port", min=1, max=65535, help="Where it listens; left out: as in room.toml."
        ),
    ] = None,
    server: Annotated[
        Server, typer.Option("--server", help="gunicorn serves from several processes.")
    ] = Server.WAITRESS,
) -> None:
    """Serve a room; on the first run it prints the links to begin with."""
    from parley.room.config import PORT_VARIABLE
    from parley.room.serve import serve as run

    if port is not None:
        os.environ[PORT_VARIABLE] = str(port)
    run(data, server.value, typer.echo)


@app.command()
def invite(
    data: Data,
    *,
    operator: Annotated[
        bool, typer.Option("--operator", help="For an account that keeps the server running.")
    ] = False,
    room: Annotated[
        str | None, typer.Option("--room", help="The room, by its id (it stands in addresses).")
    ] = None,
    role: Annotated[
        str | None,
        typer.Option("--role", help="mediator, co-mediator, delegation, witness or observer."),
    ] = None,
    party: Annotated[
        str | None, typer.Option("--party", help="For a delegation: its party, by its id.")
    ] = None,
    reset: Annotated[
        str | None,
        typer.Option("--reset", help="A login name: a new password and second step for it."),
    ] = None,
) -> None:
    """Print a link for one person, to hand over in a way that both trust."""
    from parley.room.serve import prepare

    prepare(data)
    from parley.room.invite import at_command_line

    typer.echo(at_command_line(operator=operator, room=room, role=role, party=party, reset=reset))


app.command()(upkeep.check)
app.command()(upkeep.backup)
app.command()(upkeep.restore)
app.command()(upkeep.export)
app.command()(upkeep.upgrade)
