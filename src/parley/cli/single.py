"""Commands about a single text: begin it, bracket, merge, adopt, reserve, show it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from parley.cli.shared import console, tell, written

if TYPE_CHECKING:
    from parley.texts.articles import Draft
    from parley.texts.single.log import Kept

app = typer.Typer(
    name="text",
    help="The one text between the delegations, with brackets where it is not agreed.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

CaseOrFile = Annotated[
    Path, typer.Argument(metavar="CASE", help="The case folder, or the file of a single text.")
]
Who = Annotated[str, typer.Option("--who", help="The delegation that does it, or mediator.")]
When = Annotated[
    str | None, typer.Option("--when", help="When it was done; left out: now, in UTC.")
]
Why = Annotated[str | None, typer.Option("--why", help="Why.")]
Bracket = Annotated[str, typer.Option("--bracket", help="The bracket, as b1.")]
Place = Annotated[int, typer.Option("--alternative", help="The alternative, counted from 1.")]
Words = Annotated[str, typer.Option("--text", help="The words that are proposed.")]
Agreed = Annotated[
    str, typer.Option("--agreed-by", help="The delegations that have agreed, with commas.")
]


def _file(place: Path) -> Path:
    from parley.texts.single.log import FILE

    return place / FILE if place.is_dir() or not place.suffix else place


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _do(place: Path, when: str | None, **data: Any) -> None:
    """Do one operation, write it down, and say how many brackets are open."""
    from pydantic import TypeAdapter, ValidationError

    from parley.errors import SettingError
    from parley.texts.single.log import add, open_log
    from parley.texts.single.operations import Operation

    moment = when or datetime.now(UTC).strftime("%Y-%m-%dT%H:%M+00:00")
    step = {"when": moment, **{k: v for k, v in data.items() if v is not None}}
    try:
        operation: Operation = TypeAdapter(Operation).validate_python(step)
    except ValidationError as error:
        key = str(error.errors()[0]["loc"][-1])
        what = f"`{step.get(key, '')}` cannot be `{key}`."
        raise SettingError(what, "Look at --help for the form.") from None
    kept = add(open_log(_file(place)), operation)
    _tell(kept)


def _tell(kept: Kept) -> None:
    opened = len(kept.text.open)
    held = len(kept.text.reservations)
    typer.echo(f"Open brackets: {opened}. Reservations: {held}.")


@app.command()
def start(
    case: CaseOrFile,
    *,
    base: Annotated[Path, typer.Option("--from", help="The first text: .md or .docx.")],
    delegations: Annotated[
        str, typer.Option("--delegations", help="Who must agree, with commas between.")
    ],
) -> None:
    """Begin a single text; brackets that the first text has are taken as they stand."""
    from parley.texts.folder import read_text_file
    from parley.texts.single.log import start as begin

    kept = begin(_file(case), read_text_file(base, tell), _names(delegations))
    written(kept.path)
    _tell(kept)


@app.command()
def bridge(
    out: Annotated[Path, typer.Argument(metavar="TO", help="The draft to write: .md.")],
    texts: Annotated[
        list[Path], typer.Argument(metavar="A B [C …]", help="The texts, each with its party.")
    ],
    package: Annotated[
        list[str] | None,
        typer.Option("--package", help="An option of the package, as issue.option; several."),
    ] = None,
) -> None:
    """Make a bridging draft: agreed wording where texts agree, brackets where they do not."""
    from parley.texts.folder import read_text_file
    from parley.texts.markdown import write_markdown
    from parley.texts.single.bridging import bridge as put_together

    chosen = dict(part.split(".", 1) for part in package or () if "." in part)
    write_markdown(put_together([read_text_file(path, tell) for path in texts], chosen), out)
    written(out)


@app.command()
def show(
    case: CaseOrFile,
    *,
    view: Annotated[
        str | None, typer.Option("--as", help="As it would read if one delegation had its way.")
    ] = None,
    out: Annotated[
        list[Path] | None, typer.Option("--out", help="Write it: .md, .docx, .html or .txt.")
    ] = None,
) -> None:
    """Show the text with its brackets, and what is open by article and by round."""
    from parley.report.text_terminal import show_single
    from parley.texts.single.log import open_log
    from parley.texts.single.views import draft_of, reading_of

    kept = open_log(_file(case))
    draft = draft_of(kept.text, ids=True) if view is None else reading_of(kept.text, view)
    console().print(show_single(kept, draft))
    for path in out or ():
        shown = draft_of(kept.text) if view is None else draft
        _write(kept, shown, path, whole=view is None)


def _write(kept: Kept, draft: Draft, path: Path, *, whole: bool) -> None:
    from parley.case.file import write_text
    from parley.cli.texts import _form
    from parley.report.text_page import single_page, text_page
    from parley.texts.markdown import write_markdown
    from parley.texts.plain import plain
    from parley.texts.word.writing import write_word

    form = _form(path, (".md", ".docx", ".html", ".txt"))
    if form == ".md":
        write_markdown(draft, path)
    elif form == ".docx":
        write_word(draft, path)
    elif form == ".txt":
        write_text(path, plain(draft))
    else:
        title = f"Single text: {draft.front.title}"
        write_text(path, single_page(kept, title) if whole else text_page(draft))
    written(path)


@app.command()
def clean(
    case: CaseOrFile,
    out: Annotated[Path, typer.Argument(metavar="TO", help=".md, .docx, .html or .txt.")],
) -> None:
    """Write the agreed text, once no bracket and no reservation is left."""
    from parley.texts.single.log import open_log
    from parley.texts.single.views import clean as agreed

    kept = open_log(_file(case))
    _write(kept, agreed(kept.text), out, whole=False)


@app.command()
def bracket(
    case: CaseOrFile,
    *,
    who: Who,
    at: Annotated[str, typer.Option("--at", help="The provision, by its id.")],
    text: Words,
    words: Annotated[
        str | None, typer.Option("--words", help="The words as they stand; left out: all.")
    ] = None,
    when: When = None,
    why: Why = None,
) -> None:
    """Put words in brackets, with other words beside them."""
    _do(case, when, op="bracket", who=who, at=at, words=words, text=text, why=why)


@app.command()
def propose(
    case: CaseOrFile,
    *,
    who: Who,
    bracket: Bracket,
    text: Words,
    when: When = None,
    why: Why = None,
) -> None:
    """Add a wording to a bracket."""
    _do(case, when, op="propose", who=who, bracket=bracket, text=text, why=why)


@app.command()
def within(
    case: CaseOrFile,
    *,
    who: Who,
    bracket: Bracket,
    alternative: Place,
    words: Annotated[str, typer.Option("--words", help="The words as they stand.")],
    text: Words,
    when: When = None,
    why: Why = None,
) -> None:
    """Put words of an alternative in brackets again."""
    _do(
        case,
        when,
        op="within",
        who=who,
        bracket=bracket,
        alternative=alternative,
        words=words,
        text=text,
        why=why,
    )


@app.command()
def insert(
    case: CaseOrFile,
    *,
    who: Who,
    after: Annotated[str, typer.Option("--after", help="The provision that it follows.")],
    name: Annotated[str, typer.Option("--id", help="An id for the new paragraph.")],
    text: Words,
    when: When = None,
    why: Why = None,
) -> None:
    """Propose a new paragraph."""
    _do(case, when, op="insert", who=who, after=after, id=name, text=text, why=why)


@app.command()
def merge(
    case: CaseOrFile,
    *,
    who: Who,
    bracket: Bracket,
    alternatives: Annotated[str, typer.Option("--alternatives", help="Which, with commas: 1,2.")],
    text: Words,
    agreed_by: Agreed = "",
    when: When = None,
    why: Why = None,
) -> None:
    """Put one wording in the place of several alternatives."""
    _do(
        case,
        when,
        op="merge",
        who=who,
        bracket=bracket,
        alternatives=_names(alternatives),
        text=text,
        agreed_by=_names(agreed_by),
        why=why,
    )


@app.command()
def support(
    case: CaseOrFile,
    *,
    who: Who,
    bracket: Bracket,
    alternative: Place,
    when: When = None,
    why: Why = None,
) -> None:
    """Join those who propose an alternative."""
    _do(case, when, op="support", who=who, bracket=bracket, alternative=alternative, why=why)


@app.command()
def adopt(
    case: CaseOrFile,
    *,
    who: Who,
    bracket: Bracket,
    alternative: Place,
    agreed_by: Agreed,
    when: When = None,
    why: Why = None,
) -> None:
    """Settle a bracket: one alternative becomes text."""
    _do(
        case,
        when,
        op="adopt",
        who=who,
        bracket=bracket,
        alternative=alternative,
        agreed_by=_names(agreed_by),
        why=why,
    )


@app.command()
def drop(
    case: CaseOrFile,
    *,
    who: Who,
    bracket: Bracket,
    alternative: Place,
    when: When = None,
    why: Why = None,
) -> None:
    """Take back an alternative that one proposed."""
    _do(case, when, op="drop", who=who, bracket=bracket, alternative=alternative, why=why)


@app.command()
def reserve(
    case: CaseOrFile,
    *,
    who: Who,
    on: Annotated[str, typer.Option("--on", help="A bracket, or a provision by its id.")],
    when: When = None,
    why: Why = None,
) -> None:
    """Keep a position: nothing there can be adopted until it is lifted."""
    _do(case, when, op="reserve", who=who, on=on, why=why)


@app.command()
def lift(
    case: CaseOrFile,
    *,
    who: Who,
    on: Annotated[str, typer.Option("--on", help="What one has reserved.")],
    when: When = None,
    why: Why = None,
) -> None:
    """Lift one's own reservation."""
    _do(case, when, op="lift", who=who, on=on, why=why)


@app.command("round")
def open_round(
    case: CaseOrFile,
    number: Annotated[int, typer.Argument(help="Its number.")],
    *,
    when: When = None,
    why: Why = None,
) -> None:
    """Begin a round; brackets are counted from round to round."""
    _do(case, when, op="round", who="mediator", number=number, why=why)
