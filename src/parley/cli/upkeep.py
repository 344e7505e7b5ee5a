"""Commands for whoever keeps a room running: check, back up, restore, export, upgrade."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from parley.cli.files import PassphraseFile, passphrase, read_file, read_text
from parley.cli.shared import AsJson, count, tell, written
from parley.errors import ProofError, RoomError

if TYPE_CHECKING:
    from parley.room.check import Problem
    from parley.room.config import RoomConfig

SHOW_PROGRESS_AFTER = 1.0

Data = Annotated[Path, typer.Argument(metavar="DATA", help="The data folder of the room.")]


def check(data: Data, as_json: AsJson = False) -> None:
    """Check that all a room keeps is as it was written; exit code 1 if anything is not."""
    found = _problems(data)
    if as_json:
        shown = {"data": str(data), "problems": [asdict(problem) for problem in found]}
        typer.echo(json.dumps(shown, indent=1))
    else:
        _show(data, found)
    if any(problem.severity == "error" for problem in found):
        raise typer.Exit(ProofError.exit_code)


def _show(data: Path, found: tuple[Problem, ...]) -> None:
    for problem in found:
        typer.echo(f"{problem.severity}: {problem}")
    warnings = sum(problem.severity == "warning" for problem in found)
    errors = len(found) - warnings
    said = f"{count(errors, 'problem')}, {count(warnings, 'warning')}" if found else "no problems"
    typer.echo(f"{data}: {said}.")


def _problems(data: Path) -> tuple[Problem, ...]:
    """What is wrong with a data folder; nothing is made in it."""
    from parley.room.check.folder import folder_problems
    from parley.room.check.problem import Problem
    from parley.room.config import activate

    config = _config_of(data)
    # before anything else: whoever asks for a key closes the folder of keys
    found = list(folder_problems(config))
    try:
        activate(data)
        from parley.room.check import problems

        with _progress() as told:
            found += problems(told)
    except RoomError as error:
        found.append(Problem(error.where or str(data), error.what, error.remedy))
    return tuple(dict.fromkeys(found))


def _config_of(data: Path) -> RoomConfig:
    """The settings of a folder in which there is a room already."""
    from parley.room.config import read_config

    config = read_config(data)
    if not config.is_postgresql and not (config.folder / "room.sqlite3").exists():
        what = "There is no room in this folder."
        raise RoomError(what, "Name the data folder.", where=str(data))
    return config


@contextmanager
def _progress() -> Iterator[Callable[[str, float], None]]:
    """A bar on the error stream, if somebody sits before it."""
    if not sys.stderr.isatty():
        yield lambda _what, _done: None
        return
    from parley.report.progress import progress_bar

    with progress_bar(SHOW_PROGRESS_AFTER) as told:
        yield told


def backup(
    data: Data,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write the backup.")],
    *,
    to: Annotated[
        list[str] | None,
        typer.Option(
            "--to",
            metavar="KEY",
            help="Encrypt it to a key: a file NAME.parley-public, or age1…; several times.",
        ),
    ] = None,
) -> None:
    """Write a copy of a room to one file, also while it is being served."""
    from parley.room.backup import backup as make

    make(data, file, [_public_key(one) for one in to or []])
    written(file)
    if not to:
        tell("It is not encrypted: who has this file can read what the server can. See --to.")


def _public_key(given: str) -> str:
    """A public key of age, as it was given or from a card."""
    from parley.exchange.keys import read_card

    return given if given.startswith("age1") else read_card(read_text(Path(given)))[1].age


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The backup.")],
    data: Annotated[
        Path, typer.Argument(metavar="DATA", help="A folder that is empty, or not there yet.")
    ],
    *,
    key: Annotated[
        Path | None,
        typer.Option(
            "--key", help="Where it is encrypted: NAME.parley-key, or a file of age-keygen."
        ),
    ] = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Bring a backup back into an empty folder, and check it."""
    from parley.room.restore import restore as bring_back

    made = bring_back(file, data, [_private_key(key, passphrase_file)] if key else [])
    typer.echo(f"Restored: {data}, as it stood at {made.made}.")
    tell("What was acknowledged later is not in it; the receipts of members will show that.")
    check(data)


def _private_key(path: Path, passphrase_file: Path | None) -> str:
    """A private key of age, from a key file of Parley or of age-keygen."""
    from parley.exchange.keys import unlocked
    from parley.room.restore import AGE, read_identity

    raw = read_file(path)
    if raw.startswith(AGE):
        return unlocked(raw, passphrase(passphrase_file)).age
    return read_identity(path)


def export(
    data: Data,
    *,
    room: Annotated[str, typer.Option("--room", help="The room, by its id.")],
    out: Annotated[Path, typer.Option("--out", help="Where to write the bundle.")],
) -> None:
    """Write a bundle that proves the logs of a room whole, without anything that can be read."""
    from parley.room.backup import refuse_existing, write_private
    from parley.room.config import activate

    refuse_existing(out)
    _config_of(data)
    config = activate(data)
    from parley.room.upgrade import refuse_other_version

    refuse_other_version(config)
    from parley.room.export import proof_of
    from parley.room.models import Room

    place = Room.objects.filter(id=room).first()
    if place is None:
        known = ", ".join(Room.objects.order_by("created").values_list("id", flat=True))
        raise RoomError(f"There is no room `{room}`.", f"There are: {known or 'none'}.")
    with proof_of(place) as bundle:
        write_private(out, iter(lambda: bundle.read(1024 * 1024), b""))
    written(out)


def upgrade(data: Data) -> None:
    """Bring a data folder to this version of Parley: after a backup, and checked at the end."""
    from parley.room.upgrade import upgrade as bring_up

    _config_of(data)
    done = bring_up(data)
    if done.backup is None:
        typer.echo("Nothing to change: the data is of this version.")
    else:
        typer.echo(f"Backup from before: {done.backup}")
        typer.echo(f"Changed: {', '.join(done.changes)}.")
    check(data)
