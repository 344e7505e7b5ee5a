"""Commands about a charter: draw it up, sign it, show it, read out its twelve words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from parley.cli.files import (
    PassphraseFile,
    passphrase,
    plain,
    read_file,
    read_text,
    write_and_tell,
)

if TYPE_CHECKING:
    from parley.exchange.charter import Charter, Keys
    from parley.exchange.keys import Identity
    from parley.exchange.notes import Verifier

app = typer.Typer(
    name="charter",
    help="The charter of an exchange: who takes part, with which keys, signed by all.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

CharterFile = Annotated[Path, typer.Argument(metavar="FILE", help="The charter.")]
KeyOption = Annotated[Path, typer.Option("--key", help="Your key: NAME.parley-key.")]


@app.command()
def new(
    out: Annotated[Path, typer.Argument(metavar="FILE", help="The charter to write.")],
    *,
    cards: Annotated[
        list[Path],
        typer.Option(
            "--card", help="A card, NAME.parley-public, of each party and release agent; several."
        ),
    ],
    log: Annotated[
        Path, typer.Option("--log", help="A file with the public key of the room's logs.")
    ],
    round_: Annotated[int, typer.Option("--round", help="The round of talks, from 1.")],
    title: Annotated[str, typer.Option("--title", help="What the exchange is about.")],
    deadline: Annotated[str, typer.Option("--deadline", help="In UTC, as 2026-11-25T14:00:00Z.")],
    mode: Annotated[str, typer.Option("--mode", help="sealed or two-agents.")] = "sealed",
    exchange: Annotated[
        str | None, typer.Option("--exchange", help="Its id; left out: round-NUMBER.")
    ] = None,
    names: Annotated[
        list[str] | None, typer.Option("--name", help="As id=Name in full, of a party; several.")
    ] = None,
    mediator_reads: Annotated[
        bool, typer.Option("--mediator-reads", help="What is opened opens for the mediator too.")
    ] = False,
    template: Annotated[
        str | None, typer.Option("--template", help="Headings that a text should have.")
    ] = None,
) -> None:
    """Draw up a charter from the cards of all; nobody has signed it yet."""
    from parley.exchange.charter import AGENTS, MODES, Charter, Mode, Side
    from parley.exchange.sealing import Agent

    keys, key = _cards(cards), _log(log)
    parties = {name: keys[name] for name in keys if name not in AGENTS}
    full = dict(_named(names or (), parties))
    agents: dict[Agent, Keys] = {name: keys[name] for name in MODES["sealed"] if name in keys}
    if "server" in agents:  # the server signs with the key of its logs
        agents["server"] = _without_sign(agents["server"])
    _check_mode(mode, {*agents})
    charter = Charter(
        room=key.name.removeprefix("parley/"),
        exchange=exchange or f"round-{round_}",
        round=round_,
        title=title,
        mode=cast("Mode", mode),
        deadline=deadline,
        parties={name: Side(full.get(name, name), side) for name, side in parties.items()},
        agents=agents,
        recipients=(*parties, "mediator") if mediator_reads else tuple(parties),
        log=key,
        template=template,
    )
    write_and_tell(out, charter.text().encode())
    _tell_missing(charter, set())


@app.command()
def sign(file: CharterFile, *, key: KeyOption, passphrase_file: PassphraseFile = None) -> None:
    """Sign a charter, after having read it: `parley charter show`."""
    from parley.case.file import write_bytes
    from parley.exchange.charter import joined, parse, parts, signatures

    note = read_text(file)
    text, lines = parts(note)
    charter, there = parse(text), signatures(note)
    identity = own_key(key, passphrase_file)
    check_registered(charter, identity)
    if identity.name in there:
        typer.echo(f"`{identity.name}` has signed it already.")
    else:
        lines.append(identity.signer.sign(text))
        write_bytes(file, joined(text, lines).encode())
        typer.echo(f"Signed as `{identity.name}`: {file}")
    _tell_missing(charter, {*there, identity.name})


@app.command()
def show(file: CharterFile) -> None:
    """Show a charter: who takes part, with which keys, who has not signed, and its words."""
    from parley.exchange.charter import parse, parts, signatures

    note = read_text(file)
    charter = parse(parts(note)[0])
    there = signatures(note)
    for name, value in _lines(charter):
        typer.echo(f"{name:<12}{plain(value)}")
    for name in charter.signers():
        typer.echo(f"{'signed' if name in there else 'NOT SIGNED':<12}{name}")
    _tell_missing(charter, set(there))
    _tell_words(charter)


@app.command()
def words(file: CharterFile) -> None:
    """Print the twelve words of a charter, to be read aloud at the table."""
    from parley.exchange.charter import parse, parts
    from parley.exchange.charter import words as twelve

    typer.echo(twelve(parse(parts(read_text(file))[0]).hash()))


def own_key(path: Path | None, file: Path | None) -> Identity:
    """The keys in a key file, opened with its passphrase."""
    from parley.errors import ProofError, SettingError
    from parley.exchange.keys import unlocked

    if path is None:
        raise SettingError("Your key is needed for this.", "Give it: --key NAME.parley-key.")
    raw = read_file(path)
    if not raw.startswith(b"age-encryption.org/"):
        what, remedy = "This is no key file.", "Take the file that ends in .parley-key."
        raise ProofError(what, remedy, where=str(path))
    return unlocked(raw, passphrase(file))


def check_registered(charter: Charter, identity: Identity) -> None:
    """The keys are those that the charter has under their name.

    Raises
    ------
    ProofError
        If it has others, or none.
    """
    from parley.errors import ProofError

    verifier = charter.signers().get(identity.name)
    if verifier is None:
        what = f"`{identity.name}` is not among those who sign this charter."
        raise ProofError(what, f"They are: {', '.join(charter.signers()) or 'nobody'}.")
    if verifier != identity.signer.verifier:
        what = f"The charter has another key of `{identity.name}` than this file."
        raise ProofError(what, "Do not sign; find out who put it there.")


def _cards(paths: list[Path]) -> dict[str, Keys]:
    from parley.errors import SettingError
    from parley.exchange.keys import read_card

    found: dict[str, Keys] = {}
    for path in paths:
        name, keys = read_card(read_text(path))
        if name in found:
            what = f"There are two cards of `{name}`."
            raise SettingError(what, "Give one of each.", where=str(path))
        found[name] = keys
    return found


def _log(path: Path) -> Verifier:
    from parley.errors import ProofError
    from parley.exchange.notes import read_verifier

    key = read_verifier(read_text(path).removesuffix("\n"))
    if not key.name.startswith("parley/"):
        raise ProofError("This is no key of a room's logs.", where=str(path))
    return key


def _without_sign(keys: Keys) -> Keys:
    from dataclasses import replace

    return replace(keys, sign=None)


def _named(names: list[str] | tuple[()], parties: dict[str, Keys]) -> list[tuple[str, str]]:
    from parley.errors import SettingError

    found = []
    for text in names:
        party, _, name = text.partition("=")
        if party not in parties or not name:
            what = f"`{text}` names no party of the charter."
            raise SettingError(what, "Write it as id=Name in full.")
        found.append((party, name))
    return found


def _check_mode(mode: str, agents: set[str]) -> None:
    from parley.errors import SettingError
    from parley.exchange.charter import MODES

    wanted: dict[str, set[str]] = {name: set(of) for name, of in MODES.items() if of}
    if mode == "simple":
        what = "In the simple mode the server holds the texts: there is nothing to sign."
        raise SettingError(what, "Begin the round in the room.")
    if mode not in wanted:
        raise SettingError(f"There is no mode `{mode}`.", f"Known are: {', '.join(wanted)}.")
    if agents != wanted[mode]:
        need = ", ".join(sorted(wanted[mode]))
        what = f"The mode `{mode}` needs cards of these release agents, and no others: {need}."
        raise SettingError(what, "Let each make its keys: parley keys NAME.")


def _lines(charter: Charter) -> list[tuple[str, str]]:
    """What a charter says, line by line."""
    from parley.exchange.charter import MODES

    found = [
        ("title", charter.title),
        ("room", charter.room),
        ("exchange", f"{charter.exchange}, round {charter.round}"),
        ("mode", f"{charter.mode}: {len(MODES[charter.mode])} release agents, two open"),
        ("deadline", charter.deadline),
    ]
    for name, side in charter.parties.items():
        found.append(("party", f"{name}: {side.name}, {side.keys.age if side.keys else 'no key'}"))
    found += [("agent", f"{name}: {keys.age}") for name, keys in charter.agents.items()]
    found.append(("readers", ", ".join(charter.recipients)))
    found.append(("log", str(charter.log)))
    if charter.template:
        found.append(("template", charter.template))
    return found


def _tell_missing(charter: Charter, there: set[str]) -> None:
    missing = [name for name in charter.signers() if name not in there]
    if missing:
        typer.echo(f"Not signed yet by: {', '.join(missing)}.")
    else:
        typer.echo("Signed by all.")


def _tell_words(charter: Charter) -> None:
    from parley.exchange.charter import words as twelve

    typer.echo(f"Twelve words: {twelve(charter.hash())}")
