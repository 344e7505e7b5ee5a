"""Commands of blind bids: bid, compare two bids as the mediator, check what came of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from parley.cli.charter import KeyOption, check_registered, own_key
from parley.cli.exchange import CharterOption, OutOption, signed_charter
from parley.cli.files import PassphraseFile, check_new, plain, read_as, read_text, write_and_tell

if TYPE_CHECKING:
    from parley.exchange.bids import Bid, Outcome, Rule, Side, Terms
    from parley.exchange.charter import Charter
    from parley.exchange.keys import Identity

app = typer.Typer(
    name="bids",
    help="Blind bids over one number: two parties bid, and only the mediator's device sees both.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

WARNINGS = {
    "midpoint": "If the bids meet, the midpoint is told: from it and your own bid the other side "
    "can work out yours.",
    "overlap": "If the bids meet, only that is told; the mediator can see both numbers.",
}


@app.command()
def make(
    *,
    side: Annotated[
        str,
        typer.Option("--side", help="at-least: the least you accept; at-most: the most you give."),
    ],
    charter: CharterOption,
    key: KeyOption,
    out: OutOption,
    question: Annotated[str | None, typer.Option("--question", help="What the number is.")] = None,
    unit: Annotated[
        str | None, typer.Option("--unit", help="Of what: days, km, persons, euros.")
    ] = None,
    other: Annotated[
        str | None,
        typer.Option("--with", help="The other party; left out where there are only two."),
    ] = None,
    rule: Annotated[
        str, typer.Option("--rule", help="What is told where bids meet: midpoint or overlap.")
    ] = "midpoint",
    attempts: Annotated[
        int, typer.Option("--attempts", help="How many are agreed; with more, more is told.")
    ] = 3,
    before: Annotated[
        Path | None,
        typer.Option(
            "--before", help="The outcome of the attempt before; the terms are then as they were."
        ),
    ] = None,
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
    from parley.exchange.bidding import bid
    from parley.exchange.bids import number, plainly
    from parley.exchange.core import NONCE

    check_new(out)
    earlier = None if before is None else _outcome(before)
    agreed, own = signed_charter(charter), own_key(key, passphrase_file)
    check_registered(agreed, own)
    if earlier is not None:
        terms = earlier.terms
    else:
        terms = _terms(agreed, own, question, unit, other, rule, attempts)
    typer.echo(f"{WARNINGS[terms.rule]} If not, that is told, and nothing else.", err=True)
    told = _number(number_file, f"{plain(terms.question)} ({side}, in {plain(terms.unit)})")
    value, nonce = number(told), secrets.token_bytes(NONCE)
    made = bid(agreed, terms, cast("Side", side), value, own, nonce, earlier)
    write_and_tell(out, bid_to_json(made))
    words, attempt = side.replace("-", " "), f"attempt {made.attempt} of {terms.attempts}"
    typer.echo(f"You bid {words} {plainly(value)} {plain(terms.unit)}, {attempt}.")
    typer.echo("Give the file to the mediator; nobody else can open it.")


@app.command()
def settle(
    bids: Annotated[list[Path], typer.Argument(metavar="BID BID", help="The two bids.")],
    *,
    charter: CharterOption,
    key: KeyOption,
    book: Annotated[
        Path,
        typer.Option(
            "--book", help="Your book of what was settled, made if missing: keep it, and use one."
        ),
    ],
    out: OutOption,
    show: Annotated[
        bool, typer.Option("--show", help="Show both numbers, on this screen alone.")
    ] = False,
    passphrase_file: PassphraseFile = None,
) -> None:
    """As the mediator: compare two bids. What comes out tells both parties the same.

    Each attempt is compared once; the book keeps what came of it.
    """
    from parley.case.file import write_bytes
    from parley.exchange.bid_files import book_to_json, outcome_to_json
    from parley.exchange.settling import opened
    from parley.exchange.settling import settle as settled

    check_new(out)
    agreed, given = signed_charter(charter), [_bid(path) for path in bids]
    own, kept = own_key(key, passphrase_file), _book(book)
    outcome = settled(agreed, given, own, kept)
    if outcome not in kept:  # before anybody hears of it
        write_bytes(book, book_to_json([*kept, outcome]))
    write_and_tell(out, outcome_to_json(outcome))
    if show:
        for party, value in opened(agreed, given, own).items():
            typer.echo(f"  {party}: {value}")
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


def _terms(
    charter: Charter, own: Identity, question: str | None, unit: str | None,
    other: str | None, rule: str, attempts: int,
) -> Terms:  # fmt: skip
    """The terms of a first attempt."""
    from parley.errors import SettingError
    from parley.exchange.bids import Terms, check_parties

    check_parties(charter, own.name)
    if question is None or unit is None:
        what = "It is not said what is bid for."
        raise SettingError(what, "Give --question and --unit, or --before with an outcome.")
    others = [party for party in charter.parties if party != own.name]
    if other is None and len(others) > 1:
        what = "It is not said with whom you bid."
        raise SettingError(what, f"Give --with: {', '.join(others)}.")
    first, second = sorted((own.name, other or others[0]))
    return Terms(question, unit, (first, second), cast("Rule", rule), attempts)


def _number(file: Path | None, question: str) -> str:
    if file is not None:
        return read_text(file).partition("\n")[0]
    asked: str = typer.prompt(question, err=True)
    return asked


def _tell(outcome: Outcome) -> None:
    """What an outcome says, and twelve words by which the two can see that theirs is the same."""
    from parley.exchange.charter import words

    terms = outcome.terms
    who, attempt = " and ".join(terms.parties), f"attempt {outcome.attempt} of {terms.attempts}"
    typer.echo(f"{plain(terms.question)}, {who}, {attempt}:")
    if outcome.value is not None:
        typer.echo(f"  the bids meet, halfway at {outcome.value} {plain(terms.unit)}.")
    elif outcome.meets:
        typer.echo("  the bids meet.")
    else:
        left = terms.attempts - outcome.attempt
        more = f"{left or 'No'} more {'were' if left > 1 else 'was'} agreed."
        typer.echo(f"  the bids do not meet. {more}")
    typer.echo(f"Twelve words: {words(outcome.hash())}")


def _bid(path: Path) -> Bid:
    from parley.exchange.bid_files import bid_from_json

    return read_as(path, bid_from_json)


def _outcome(path: Path) -> Outcome:
    from parley.exchange.bid_files import outcome_from_json

    return read_as(path, outcome_from_json)


def _book(path: Path) -> tuple[Outcome, ...]:
    from parley.exchange.bid_files import book_from_json

    return read_as(path, book_from_json) if path.exists() else ()
