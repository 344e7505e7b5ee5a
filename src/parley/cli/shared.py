"""What several commands share: arguments, the console, how to write what was asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

CaseArgument = Annotated[Path, typer.Argument(metavar="CASE", help="The case folder.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


def console() -> Console:
    """The terminal; nothing in texts is taken for markup."""
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False)


def written(path: Path) -> None:
    """Say that a file was written."""
    typer.echo(f"Written: {path}")


def count(number: int, word: str) -> str:
    """A number of things: "1 mistake", "2 doubts"."""
    return f"{number} {word}{'' if number == 1 else 's'}"


def tell(what: str) -> None:
    """Say on the error stream what a reader should know."""
    typer.echo(what, err=True)
