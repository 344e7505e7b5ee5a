"""Commands of the sealed exchange that need no room: make keys, seal, open, verify."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from parley.cli.charter import KeyOption, check_registered, own_key
from parley.cli.files import (
    LARGE,
    PassphraseFile,
    check_new,
    passphrase,
    read_file,
    read_text,
    write_and_tell,
)

if TYPE_CHECKING:
    from parley.exchange.charter import Charter
    from parley.exchange.sealing import Deposit
    from parley.exchange.shares import Share

CharterOption = Annotated[Path, typer.Option("--charter", help="The charter, signed by all.")]
OutOption = Annotated[Path, typer.Option("--out", help="The file to write; it must be new.")]


def keys(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="The party, or server, mediator or witness.")
    ],
    *,
    out: Annotated[Path, typer.Option("--out", help="The folder to write to.")],
    passphrase_file: PassphraseFile = None,
) -> None:
    """Make keys: one file to keep behind a passphrase, and a card of its public part to give."""
    from parley.exchange.keys import card, locked, new_identity

    identity = new_identity(name)
    secret, public = out / f"{name}.parley-key", out / f"{name}.parley-public"
    check_new(secret, public, remedy="Name another folder.")
    keys_ = locked(identity, passphrase(passphrase_file, new=True))
    write_and_tell(secret, keys_, secret=True)
    write_and_tell(public, card(identity).encode())
    typer.echo("Keep the first, and a copy of it; without it nothing opens. Give the second.")


def seal(
    text: Annotated[Path, typer.Argument(metavar="TEXT", help="The text: any file.")],
    *,
    charter: CharterOption,
    key: KeyOption,
    out: OutOption,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Seal a text for an exchange: nobody reads it before all texts are there.

    A second file is your own copy, sealed to your key alone: if others do not come, you can lay
    your text open with it.
    """
    import secrets

    from parley.errors import SettingError
    from parley.exchange.core import NONCE
    from parley.exchange.sealing import seal as sealed
    from parley.exchange.sealing import sealed_core, to_json
    from parley.exchange.shares import header_of

    own = out.parent / f"{out.stem}.parley-own"
    check_new(out, own)
    terms = signed_charter(charter)
    content = read_file(text, LARGE)
    identity = own_key(key, passphrase_file)
    if identity.name not in terms.parties:
        what = f"`{identity.name}` lays down no text in this exchange."
        raise SettingError(what, f"The parties are: {', '.join(terms.parties)}.")
    check_registered(terms, identity)
    header, nonce = header_of(terms, identity.name), secrets.token_bytes(NONCE)
    agents = terms.agent_keys()
    deposit = sealed(header, content, nonce, terms.sealed_to(), agents, identity.signer)
    copy = sealed_core(header, content, nonce, identity.public.age)
    write_and_tell(out, to_json(deposit))
    write_and_tell(own, copy)
    typer.echo(f"Sealed as `{identity.name}`, {len(content):,} bytes. Give the first file.")
    typer.echo("Keep the second: with it alone you can lay the text open, should others not come.")


def open_(
    deposits: Annotated[
        list[Path] | None, typer.Argument(metavar="[DEPOSIT …]", help="Sealed texts.")
    ] = None,
    *,
    out: OutOption,
    key: Annotated[Path | None, typer.Option("--key", help="Your key: NAME.parley-key.")] = None,
    charter: Annotated[
        Path | None, typer.Option("--charter", help="The charter, signed by all.")
    ] = None,
    share: Annotated[
        bool, typer.Option("--share", help="As a release agent: take your layer off all texts.")
    ] = False,
    layers: Annotated[
        Path | None, typer.Option("--layers", help="What the other agent gave you.")
    ] = None,
    partner: Annotated[
        str | None, typer.Option("--with", help="The agent that takes off the other layer.")
    ] = None,
    receipts: Annotated[
        list[Path] | None, typer.Option("--receipt", help="The receipt of a deposit; several.")
    ] = None,
    locks: Annotated[
        Path | None, typer.Option("--locks", help="What the second agent gave: the locks.")
    ] = None,
    bundle: Annotated[
        Path | None, typer.Option("--bundle", help="Of a room, in place of the files above.")
    ] = None,
    exchange: Annotated[str | None, typer.Option("--exchange", help="Which, in a bundle.")] = None,
    party: Annotated[str | None, typer.Option("--party", help="Whose text, in a bundle.")] = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Open a sealed text with your key; or, as a release agent, help to open all of them."""
    from parley.errors import SettingError
    from parley.exchange import shares

    if bundle is not None:
        from parley.cli.bundle import text_in_bundle

        write_and_tell(out, text_in_bundle(bundle, exchange, party, key, passphrase_file))
        return
    if charter is None or not deposits or (locks is None and not share):
        what = "It is not said what to open, or with what."
        remedy = "Give DEPOSIT, --charter, and --locks or --share; or --bundle and --party."
        raise SettingError(what, remedy)
    terms = signed_charter(charter)
    sealed = _deposits(terms, deposits)
    _check_receipts(terms, sealed, receipts or [])
    if share:
        before = None if layers is None else _share(layers)
        given = shares.given(terms, sealed, own_key(key, passphrase_file), before, partner)
        write_and_tell(out, shares.to_json(given))
        found = "locks: give the file to the parties" if given.locks else "layers: give the file on"
        typer.echo(f"It holds the {found}.")
        return
    assert locks is not None
    if len(sealed) != 1:
        raise SettingError("One text is opened at a time.", "Give one deposit.")
    (deposit,) = sealed.values()
    opened = _share(locks)
    content = shares.opened_text(deposit, opened, own_key(key, passphrase_file))
    write_and_tell(out, content)
    typer.echo(f"It is the text that `{deposit.header.party}` signed.")


def verify(
    receipts: Annotated[
        list[Path] | None, typer.Argument(metavar="[RECEIPT …]", help="Receipts.")
    ] = None,
    *,
    bundle: Annotated[
        Path | None, typer.Option("--bundle", help="What was exported of the room.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
) -> None:
    """Check receipts and a bundle. Ends with 0 (valid), 1 (invalid) or 2 (incomplete)."""
    from parley.cli.bundle import checked, show_verdict, verdict_json
    from parley.errors import SettingError

    if not receipts and bundle is None:
        raise SettingError("There is nothing to check.", "Give receipts, or --bundle.")
    found = checked(receipts or [], bundle)
    if as_json:
        typer.echo(verdict_json(found))
    else:
        show_verdict(found)
    raise typer.Exit({"valid": 0, "invalid": 1, "incomplete": 2}[found.verdict.outcome])


def signed_charter(path: Path) -> Charter:
    """A charter that all have signed."""
    from parley.exchange.charter import read_charter

    return read_charter(read_text(path))


def _deposits(charter: Charter, paths: list[Path]) -> dict[str, Deposit]:
    """Deposits by party, each checked."""
    from parley.errors import ParleyError, ProofError
    from parley.exchange.sealing import from_json
    from parley.exchange.shares import check_own

    found: dict[str, Deposit] = {}
    for path in paths:
        raw = read_file(path, LARGE)
        try:
            deposit = from_json(raw)
            party = check_own(charter, deposit)
        except ParleyError as error:
            raise ProofError(error.what, error.remedy, where=str(path)) from None
        if party in found:
            what = f"There are two texts of `{party}`."
            raise ProofError(what, "Give the one that its receipt is of.", where=str(path))
        found[party] = deposit
    return found


def _check_receipts(charter: Charter, deposits: dict[str, Deposit], paths: list[Path]) -> None:
    """Every receipt that is given is of the deposit of its party."""
    from parley.errors import ProofError
    from parley.exchange.receipts import check_receipt, from_json

    for path in paths:
        receipt = from_json(read_file(path))
        _, of = check_receipt(receipt)
        deposit = deposits.get(str(receipt.content.get("who")))
        same = deposit is not None and receipt.content.get("core") == deposit.core_hash.hex()
        if of != charter or not same or receipt.content["kind"] != "deposit":
            what = "The receipt is of another deposit."
            raise ProofError(what, "Ask its party for both.", where=str(path))


def _share(path: Path) -> Share:
    from parley.exchange.shares import from_json

    return from_json(read_file(path, LARGE))
