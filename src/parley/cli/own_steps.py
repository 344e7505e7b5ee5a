"""Commands of a party with its own sealed text: take it back, lay it open alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from parley.cli.charter import KeyOption, own_key
from parley.cli.exchange import OutOption
from parley.cli.files import LARGE, PassphraseFile, check_new, read_as, read_file, write_and_tell

if TYPE_CHECKING:
    from parley.exchange.receipts import Receipt


def withdraw(
    receipt: Annotated[
        Path, typer.Argument(metavar="RECEIPT", help="The receipt of the text that is there.")
    ],
    *,
    key: KeyOption,
    out: OutOption,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Sign that your sealed text is taken back; possible until all texts are there."""
    from parley.exchange.own_steps import taken_back, to_json

    check_new(out)
    step = taken_back(_receipt(receipt), own_key(key, passphrase_file))
    write_and_tell(out, to_json(step))
    typer.echo("Give it to the room, on the page Take my text back.")


def lay_open(
    copy: Annotated[Path, typer.Argument(metavar="COPY", help="Your own copy: NAME.parley-own.")],
    *,
    receipt: Annotated[Path, typer.Option("--receipt", help="The receipt of that text.")],
    key: KeyOption,
    out: OutOption,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Make ready to lay your text open alone, after a deadline that others let pass.

    The copy must be of the very text that the receipt is of.
    """
    from parley.exchange.own_steps import laid_open, to_json

    check_new(out)
    raw, of = read_file(copy, LARGE), _receipt(receipt)
    step = laid_open(of, raw, own_key(key, passphrase_file))
    write_and_tell(out, to_json(step), secret=True)
    typer.echo("It holds your text in the clear: who has this file can read it.")
    typer.echo("Give it to the room, on the page Lay my text open alone.")


def _receipt(path: Path) -> Receipt:
    from parley.exchange.receipts import from_json

    return read_as(path, from_json)
