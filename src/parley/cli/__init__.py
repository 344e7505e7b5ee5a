"""The commands.

Each command opens a case folder, calls one thing and shows what came out. What takes long to load
is loaded only by the command that needs it, so that ``parley --help`` answers at once.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import parley
from parley.cli import bids, charter, exchange, own_steps, single, texts
from parley.cli import room as room_commands
from parley.cli.files import plain
from parley.cli.shared import AsJson, CaseArgument
from parley.cli.shared import console as _console
from parley.cli.shared import count as _count
from parley.errors import CaseError, MistakesError, ParleyError

if TYPE_CHECKING:
    from pydantic import BaseModel

    from parley.deals.acceptance import Progress
    from parley.errors import Mistake
    from parley.record.folder import CaseFolder
    from parley.report.view import View
    from parley.texts.articles import Draft
    from parley.texts.single.log import Kept
    from parley.workbench import ConflictStudy

app = typer.Typer(
    name="parley",
    help="The open workbench for peace talks: from what has been said, by whom and on whose word, "
    "to what could be agreed.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

SHOW_PROGRESS_AFTER = 1.0
INTERRUPTED = 130
STOPPED = "Stopped. Nothing was left half written."


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"parley {parley.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    pass


@app.command()
def check(case: CaseArgument, as_json: AsJson = False) -> None:
    """List every mistake in a case folder, with its place and what would mend it."""
    try:
        mistakes = _doubts(case)
    except CaseError as error:
        mistakes = list(error.mistakes)
    errors = [mistake for mistake in mistakes if mistake.severity == "error"]
    if as_json:
        typer.echo(json.dumps({"case": str(case), "mistakes": _as_data(mistakes)}, indent=1))
    else:
        _show_check(case, mistakes)
    if errors:
        raise typer.Exit(ParleyError.exit_code)


def _doubts(case: Path) -> list[Mistake]:
    """The doubts about a case folder, or about a file that holds a conflict alone."""
    from parley.case.moves_check import moves_in

    if _is_alone(case):
        return list(moves_in(case)[1])
    folder = open_case(case)
    return [*folder.warnings, *_texts_of(folder)[2]]


def _texts_of(
    folder: CaseFolder,
) -> tuple[tuple[Draft, ...], Kept | None, list[Mistake]]:
    """The proposals of a case and its single text: what can be read, and mistakes."""
    from parley.errors import TextError
    from parley.texts.folder import proposals_in
    from parley.texts.single.log import FILE, open_log

    found, mistakes = proposals_in(folder.path, folder.case)
    single = None
    if (folder.path / FILE).exists():
        try:
            single = open_log(folder.path / FILE)
        except TextError as error:
            mistakes += error.mistakes
    return found, single, mistakes


def _is_alone(case: Path) -> bool:
    """Whether what is named is a file that holds a conflict alone, and not a case folder."""
    of_folder = {"case.yaml", "record.yaml"}
    return not case.is_dir() and case.suffix in {".yaml", ".yml"} and case.name not in of_folder


def _as_data(mistakes: list[Mistake]) -> list[dict[str, object]]:
    names = ("file", "line", "severity", "code", "what", "remedy")
    return [{name: getattr(mistake, name) for name in names} for mistake in mistakes]


def _show_check(case: Path, mistakes: list[Mistake]) -> None:
    from parley.report.terminal import show_mistakes

    show_mistakes(_console(), mistakes)
    errors = sum(mistake.severity == "error" for mistake in mistakes)
    warnings = len(mistakes) - errors
    if not mistakes:
        typer.echo(f"{case}: no mistakes.")
    else:
        typer.echo(f"{case}: {_count(errors, 'mistake')}, {_count(warnings, 'doubt')}.")


@app.command()
def new(case: CaseArgument) -> None:
    """Make a commented case folder to start from."""
    from parley.case.library import new_case
    from parley.record.claims import Record

    for path in new_case(case, Record):
        typer.echo(str(path))
    typer.echo(f"Now edit these, then: parley check {case}")


@app.command()
def schema(
    part: Annotated[
        str,
        typer.Argument(
            metavar="[case|record|moves|text|single]", help="Which file the schema is for."
        ),
    ] = "case",
) -> None:
    """Print the JSON Schema of a file (of a text: of its head), for editors."""
    from parley.case.library import json_schema
    from parley.case.model import Case
    from parley.case.moves import MovesFile
    from parley.errors import SettingError
    from parley.record.claims import Record
    from parley.texts.articles import Front
    from parley.texts.single.log import Log

    models: dict[str, type[BaseModel]] = {
        "case": Case,
        "record": Record,
        "moves": MovesFile,
        "text": Front,
        "single": Log,
    }
    if part not in models:
        remedy = f"Ask for one of: {', '.join(models)}."
        raise SettingError(f"There is no schema `{part}`.", remedy)
    typer.echo(json_schema(models[part]), nl=False)


@app.command()
def record(case: CaseArgument, as_json: AsJson = False) -> None:
    """Print the record: who said what, by party, issue and origin, and what contradicts what."""
    from parley.report.terminal import record as shown

    view = _view(case, ("wants", "contested", "timeline"), seed=1, worlds=2)
    if as_json:
        from parley.report.export import findings_json

        typer.echo(findings_json(view.findings, view.agenda), nl=False)
    else:
        _console().print(shown(view))


@app.command()
def brief(
    case: CaseArgument,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for the page; left out: CASE/briefing.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the random numbers.")] = 1,
    worlds: Annotated[
        int, typer.Option("--worlds", help="Number of worlds that are drawn.")
    ] = 10_000,
    as_json: AsJson = False,
) -> None:
    """Write a briefing: a page with every number traced to its sources, and a summary here."""
    from parley.report.briefing import write_briefing
    from parley.report.export import findings_json
    from parley.report.terminal import summary

    with _progress(quiet=as_json) as progress:
        view = _view(case, None, seed=seed, worlds=worlds, progress=progress)
        written = write_briefing(view, out if out is not None else case / "briefing")
    if as_json:
        typer.echo(findings_json(view.findings, view.agenda), nl=False)
        return
    console = _console()
    console.print(summary(view))
    console.print()
    console.print(f"The briefing: {written.page}", soft_wrap=True)
    console.print(f"All findings: {written.findings}", soft_wrap=True)


@app.command()
def moves(
    case: Annotated[
        Path, typer.Argument(metavar="CASE", help="The case folder, or a file with moves alone.")
    ],
    *,
    state: Annotated[
        str | None, typer.Option("--state", help="All about one state: its number or pattern.")
    ] = None,
    path: Annotated[
        bool, typer.Option("--path", help="How states that hold can be reached from today.")
    ] = False,
    inverse: Annotated[
        str | None,
        typer.Option("--inverse", help="Whose mind must change, about what, for a state to hold."),
    ] = None,
    coalitions: Annotated[
        bool, typer.Option("--coalitions", help="What decision makers would do together.")
    ] = False,
    horizon: Annotated[
        int | None, typer.Option("--horizon", help="Look so many moves ahead (two parties).")
    ] = None,
    concept: Annotated[
        str, typer.Option("--concept", help="Nash, GMR, SMR, SEQ or SIM; for --inverse.")
    ] = "SEQ",
    export: Annotated[
        list[Path] | None,
        typer.Option("--export", help="Write results: .json, .csv, .graphml, .dot or .svg."),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the random numbers.")] = 1,
    worlds: Annotated[
        int, typer.Option("--worlds", help="Number of worlds that are drawn.")
    ] = 10_000,
    as_json: AsJson = False,
) -> None:
    """Tell which outcomes would hold, and why: moves, counter-moves, what each side prefers."""
    from parley.report.conflict_answers import Question, answer, conflict_view

    with _progress(quiet=as_json) as progress:
        study, title, names, record_names = _conflict(case, seed, worlds, progress)
        view = conflict_view(study, title, names, record_names)
        asked = Question(state, path, inverse, coalitions, horizon, concept, tuple(export or ()))
        found = answer(study, view, asked)
    if as_json:
        typer.echo(found.data, nl=False)
        return
    console = _console()
    console.print(found.shown)
    for file in found.written:
        console.print(f"Written: {file}", soft_wrap=True)


def _conflict(
    case: Path, seed: int, worlds: int, progress: Progress | None
) -> tuple[ConflictStudy, str, dict[str, str], dict[str, str]]:
    """The conflict of a case folder, or of a file that holds one alone; with the names in it."""
    from parley.case.moves_check import open_moves
    from parley.errors import SettingError
    from parley.report.view import record_names
    from parley.workbench import ConflictStudy, Study

    if _is_alone(case):
        file = open_moves(case)
        names = {party.id: party.name for party in file.parties}
        Study.check_settings(seed, worlds)
        study = ConflictStudy(file.moves, None, None, seed, worlds, progress)
        return study, file.title, names, {}
    folder = open_case(case)
    found = Study(folder.case, folder.record, seed, worlds, progress).conflict
    if found is None:
        raise SettingError(
            "The case has no moves.",
            "Add a section `moves` to case.yaml: what each side can do, and would rather see.",
            where=str(case / "case.yaml"),
        )
    names = {party.id: party.name for party in folder.case.parties}
    return found, folder.case.title, names, record_names(folder.case, folder.record)


def open_case(case: Path) -> CaseFolder:
    """Open a case folder; what is certain and contradicts itself is a mistake at its place."""
    from parley.errors import ContradictionError, Mistake
    from parley.preferences.evidence import refuse_contradictions
    from parley.record.folder import open_folder

    folder = open_folder(case)
    try:
        refuse_contradictions(folder.case, folder.record)
    except ContradictionError as error:
        file, line = max(folder.places[name] for name in error.assertions)
        mistake = Mistake(file, line, "contradiction", error.what, error.remedy)
        raise CaseError([*folder.warnings, mistake]) from None
    return folder


def _view(
    case: Path,
    names: tuple[str, ...] | None,
    *,
    seed: int,
    worlds: int,
    progress: Progress | None = None,
) -> View:
    from parley.report.view import View
    from parley.workbench import ANALYSES, Study, run

    folder = open_case(case)
    proposals, kept, wrong = _texts_of(folder)
    if wrong:
        raise CaseError([*folder.warnings, *wrong])
    # a page may travel: it names files within the case, never where the case lies on this machine
    proposals = tuple(replace(t, name=str(Path(t.name).relative_to(case))) for t in proposals)
    study = Study(folder.case, folder.record, seed, worlds, progress, proposals)
    findings = run(study, names if names is not None else tuple(ANALYSES))
    places = {
        name: (str(Path(file).relative_to(case)), line)
        for name, (file, line) in folder.places.items()
    }
    return View(folder.case, folder.record, findings, places, proposals, kept)


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Progress | None]:
    """A progress bar on the error stream, once the work takes longer than a second."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from parley.report.progress import progress_bar

    with progress_bar(SHOW_PROGRESS_AFTER) as tell:
        yield tell


app.command()(texts.compare)
app.command()(texts.terms)
app.command()(texts.convert)
app.command()(texts.parallel)
app.command()(exchange.keys)
app.add_typer(charter.app)
app.command()(exchange.seal)
app.command("open")(exchange.open_)
app.command()(exchange.verify)
app.command()(own_steps.withdraw)
app.command("lay-open")(own_steps.lay_open)
app.add_typer(bids.app)
app.add_typer(single.app)
app.add_typer(room_commands.app)


def _show_error(error: ParleyError) -> None:
    from rich.console import Console

    console = Console(stderr=True, highlight=False, markup=False, emoji=False)
    if isinstance(error, MistakesError):
        from parley.report.terminal import show_mistakes

        show_mistakes(console, error.mistakes)
    # the message may quote what stands in somebody else's file
    console.print("\n".join(plain(line) for line in str(error).split("\n")), soft_wrap=True)


def main() -> None:
    """Run the command line; every foreseen error is told in words, without a traceback."""
    try:
        code = app(standalone_mode=False)
        if code == INTERRUPTED:
            typer.echo(STOPPED, err=True)
    except ParleyError as error:
        _show_error(error)
        code = error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        typer.echo(STOPPED, err=True)
        code = INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except typer.Exit as leave:
        code = leave.exit_code
    except Exception as error:
        code = _usage(error)
    sys.exit(code or 0)


def _usage(error: Exception) -> int:
    """Show a wrong use of the command line; anything else is a defect and goes on."""
    show = getattr(error, "show", None)
    if show is None:
        raise error
    show()
    return int(getattr(error, "exit_code", ParleyError.exit_code))


if __name__ == "__main__":
    main()
