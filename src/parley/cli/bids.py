"""Commands of blind bids: bid, compare two bids as the mediator, check what came of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from parley.cli.charter import KeyOption, check_registered, own_key
from parley.cli.exchange import CharterOption, OutOption, signed_charter
from parley.cli.files import PassphraseFile, check_new, plain, read_file, read_text, write_and_tell

if TYPE_CHECKING:
    from parley.exchange.bids import Bid, Outcome, Rule, Side

app = typer.Typer(
    name="bids",
    help="Blind bids over one number: two parties bid, and only the mediator's device sees both.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

WARNINGS = {
    "midpoint": "If the bids meet, the midpoint is told: from it and your own bid the other side "
    "can work out yours.",
    "overlap": "If the bids meet, only that is told; the mediator knows both numbers and goes on.",
}


@app.command()
def make(
    *,
    question: Annotated[str, typer.Option("--question", help="What the number is.")],
    unit: Annotated[str, typer.Option("--unit", help="Of what: days, km, persons, euros.")],
    side: Annotated[
        str,
        typer.Option("--side", help="at-least: the least you accept; at-most: the most you give."),
    ],
    charter: CharterOption,
    key: KeyOption,
    out: OutOption,
    rule: Annotated[
        str, typer.Option("--rule", help="What is told where bids meet: midpoint or overlap.")
    ] = "midpoint",
    attempt: Annotated[int, typer.Option("--attempt", help="Which attempt, from 1.")] = 1,
    attempts: Annotated[
        int, typer.Option("--attempts", help="How many are agreed; with more, more is told.")
    ] = 3,
    number_file: Annotated[
        Path | None,
        typer.Option(
            "--number-file", help="A file whose first line is the number; left out: asked."
        ),
    ] = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Bid: seal a number to the mediator alone. Both parties name the same terms."""
    import secrets

    from parley.exchange.bid_files import bid_to_json
    from parley.exchange.bids import Terms, bid, number, plainly
    from parley.exchange.core import NONCE

    check_new(out)
    terms = Terms(question, unit, cast("Rule", rule), attempts)
    agreed = signed_charter(charter)
    own = own_key(key, passphrase_file)
    check_registered(agreed, own)
    typer.echo(f"{WARNINGS[rule]} If they do not meet, that is told, and nothing else.", err=True)
    told = _number(number_file, f"{plain(question)} ({side}, in {plain(unit)})")
    value, nonce = number(told), secrets.token_bytes(NONCE)
    made = bid(agreed, terms, cast("Side", side), attempt, value, own, nonce)
    write_and_tell(out, bid_to_json(made))
    side_words = side.replace("-", " ")
    typer.echo(f"You bid {side_words} {plainly(value)} {plain(unit)}, attempt {attempt}.")
    typer.echo("Give the file to the mediator; nobody else can open it.")


@app.command()
def settle(
    bids: Annotated[list[Path], typer.Argument(metavar="BID BID", help="The two bids.")],
    *,
    charter: CharterOption,
    key: KeyOption,
    out: OutOption,
    before: Annotated[
        Path | None, typer.Option("--before", help="The outcome of the attempt before this one.")
    ] = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    """As the mediator: compare two bids. What comes out tells both parties the same."""
    from parley.exchange.bid_files import outcome_to_json
    from parley.exchange.bids import settle as settled

    check_new(out)
    agreed, given = signed_charter(charter), [_bid(path) for path in bids]
    earlier = None if before is None else _outcome(before)
    outcome = settled(agreed, given, own_key(key, passphrase_file), earlier)
    write_and_tell(out, outcome_to_json(outcome))
    _tell(outcome)
    typer.echo("Give the file to both parties.")


@app.command()
def check(
    outcome: Annotated[Path, typer.Argument(metavar="OUTCOME", help="What the mediator gave.")],
    *,
    charter: CharterOption,
    bid: Annotated[
        Path | None, typer.Option("--bid", help="Your bid, to see that it is about this one.")
    ] = None,
) -> None:
    """Check that the mediator signed an outcome, that it is about your bid, and what it says."""
    from parley.exchange.bids import check_outcome

    found = _outcome(outcome)
    check_outcome(signed_charter(charter), found, None if bid is None else _bid(bid))
    _tell(found)
    typer.echo("The mediator has signed it." + (" It is about your bid." if bid else ""))


def _number(file: Path | None, question: str) -> str:
    if file is not None:
        return read_text(file).partition("\n")[0]
    asked: str = typer.prompt(question, err=True)
    return asked


def _tell(outcome: Outcome) -> None:
    terms = outcome.terms
    typer.echo(f"{plain(terms.question)}, attempt {outcome.attempt} of {terms.attempts}:")
    if outcome.value is not None:
        typer.echo(f"  the bids meet, halfway at {plain(outcome.value)} {plain(terms.unit)}.")
    elif outcome.meets:
        typer.echo("  the bids meet.")
    else:
        left = terms.attempts - outcome.attempt
        more = f"{left or 'No'} more {'were' if left > 1 else 'was'} agreed."
        typer.echo(f"  the bids do not meet. {more}")


def _bid(path: Path) -> Bid:
    from parley.errors import ProofError
    from parley.exchange.bid_files import bid_from_json

    try:
        return bid_from_json(read_file(path))
    except ProofError as error:
        raise ProofError(error.what, error.remedy, where=str(path)) from None


def _outcome(path: Path) -> Outcome:
    from parley.errors import ProofError
    from parley.exchange.bid_files import outcome_from_json

    try:
        return outcome_from_json(read_file(path))
    except ProofError as error:
        raise ProofError(error.what, error.remedy, where=str(path)) from None
