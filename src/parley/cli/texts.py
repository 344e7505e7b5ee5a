"""Commands about written texts: compare them, check their terms, convert them, keep languages."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from parley.cli.shared import AsJson, console, tell, written

if TYPE_CHECKING:
    from parley.case.model import Case
    from parley.texts.articles import Draft, TextKind
    from parley.texts.comparing.table import Comparison
    from parley.workbench.texts import TextFinding

TABLES = (".html", ".xlsx", ".docx", ".json")

TextArgument = Annotated[Path, typer.Argument(metavar="TEXT", help="A text: .md or .docx.")]
Texts = Annotated[
    list[Path], typer.Argument(metavar="A B [C …]", help="Two texts or more: .md or .docx.")
]
Out = Annotated[
    list[Path] | None, typer.Option("--out", help="Write a file; may be given several times.")
]


def compare(
    texts: Texts,
    *,
    case: Annotated[
        Path | None, typer.Option("--case", help="The case folder: compare by its issues as well.")
    ] = None,
    out: Out = None,
    redline: Annotated[
        Path | None,
        typer.Option("--redline", help="Write a .docx with B against A as tracked changes."),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the random numbers.")] = 1,
    worlds: Annotated[
        int, typer.Option("--worlds", help="Number of worlds that are drawn, with --case.")
    ] = 2_000,
    as_json: AsJson = False,
) -> None:
    """Put texts side by side, point by point: as a table for the screen, for Excel, for Word."""
    from parley.report.text_export import comparison_json
    from parley.report.text_terminal import show_comparison
    from parley.texts.comparing.table import compare as put_together
    from parley.texts.folder import read_text_file

    for path in out or ():
        _form(path, TABLES)
    # a page may travel: it names files, never where they lie on this machine
    drafts = [replace(read_text_file(path, tell), name=path.name) for path in texts]
    folder = None
    if case is not None:
        from parley.cli import open_case

        folder = open_case(case)
        _refuse_links(drafts, folder.case)
    comparison = put_together(drafts, None if folder is None else folder.case)
    found: tuple[TextFinding, ...] = ()
    if folder is not None:
        from parley.workbench import Study, text_in_case

        study = Study(folder.case, folder.record, seed, worlds, None, tuple(drafts))
        found = tuple(text_in_case(study, draft) for draft in drafts)
    if as_json:
        typer.echo(comparison_json(comparison, found), nl=False)
    else:
        console().print(show_comparison(comparison, found))
    for path in out or ():
        _write_comparison(comparison, found, path)
        _say(path, as_json)
    if redline is not None:
        _write_redline(drafts, redline)
        _say(redline, as_json)


def _say(path: Path, quiet: bool) -> None:
    if not quiet:
        written(path)


def _refuse_links(drafts: list[Draft], case: Case) -> None:
    """Refuse texts that name issues or options which the case does not have."""
    from parley.errors import TextError
    from parley.texts.folder import check_links

    mistakes = [m for draft in drafts for m in check_links(draft, case)]
    if mistakes:
        raise TextError(mistakes)


def _write_comparison(comparison: Comparison, found: tuple[TextFinding, ...], path: Path) -> None:
    from parley.case.file import write_text
    from parley.report.text_export import comparison_json
    from parley.report.text_page import comparison_page
    from parley.report.text_tables import write_docx, write_xlsx

    kind = _form(path, TABLES)
    if kind == ".html":
        write_text(path, comparison_page(comparison, found))
    elif kind == ".xlsx":
        write_xlsx(comparison, path)
    elif kind == ".docx":
        write_docx(comparison, path)
    else:
        write_text(path, comparison_json(comparison, found))


def _form(path: Path, known: tuple[str, ...]) -> str:
    from parley.errors import SettingError

    kind = path.suffix.lower()
    if kind == ".pdf" and ".html" in known:
        what = f"`{path.name}`: PDF is made by printing the page."
        raise SettingError(what, "Write .html, open it in a browser, and print it as PDF.")
    if kind not in known:
        what = f"`{path.name}` ends in nothing that can be written."
        raise SettingError(what, f"Let its name end in one of: {', '.join(known)}.")
    return kind


def _write_redline(drafts: list[Draft], path: Path) -> None:
    from parley.case.file import write_bytes
    from parley.errors import SettingError
    from parley.texts.comparing.tracked import tracked
    from parley.texts.word.writing import word_bytes

    if len(drafts) != 2:
        raise SettingError("A redline is of two texts.", "Give the earlier one, then the later.")
    _form(path, (".docx",))
    before, after = drafts
    author = after.front.party or "Parley"
    date = f"{after.front.date.day}T00:00:00Z" if after.front.date is not None else ""
    write_bytes(path, word_bytes(after, tracked(before, after, author, date)))


def terms(
    text: TextArgument,
    *,
    kind: Annotated[
        str | None,
        typer.Option("--kind", help="pause, cessation, definitive or framework."),
    ] = None,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Look for what a ceasefire has to define: what is absent, what is defective, and where."""
    from parley.report.text_export import terms_json
    from parley.report.text_terminal import show_terms
    from parley.texts.folder import read_text_file
    from parley.texts.terms.check import check_terms

    draft = replace(read_text_file(text, tell), name=text.name)
    found = check_terms(draft, _kind(kind))
    if as_json:
        typer.echo(terms_json(found), nl=False)
    else:
        console().print(show_terms(found))
    for path in out or ():
        from parley.case.file import write_text
        from parley.report.text_page import terms_page

        form = _form(path, (".html", ".json", ".svg"))
        if form == ".html":
            write_text(path, terms_page(found))
        elif form == ".json":
            write_text(path, terms_json(found))
        else:
            write_text(path, _steps_svg(found.draft))
        _say(path, as_json)


def _kind(text: str | None) -> TextKind | None:
    from parley.errors import SettingError
    from parley.texts.articles import TextKind

    if text is None:
        return None
    try:
        return TextKind(text)
    except ValueError:
        known = ", ".join(kind.value for kind in TextKind)
        what = f"There is no kind of text `{text}`."
        raise SettingError(what, f"Known are: {known}.") from None


def _steps_svg(draft: Draft) -> str:
    from parley.errors import SettingError
    from parley.report.step_picture import step_picture
    from parley.texts.terms.order import steps_of
    from parley.texts.terms.reading import Reading

    steps = steps_of(Reading(draft))
    if not steps:
        what = "The text has no steps to draw."
        raise SettingError(what, "Number them (“Step 1. …”), or list them as `steps` at its head.")
    return step_picture(steps).svg + "\n"


def convert(
    source: Annotated[Path, typer.Argument(metavar="FROM", help="A text: .md or .docx.")],
    target: Annotated[
        Path, typer.Argument(metavar="TO", help="A file: .md, .docx, .html, .txt or .xml.")
    ],
    *,
    version: Annotated[
        str, typer.Option("--version", help="Of tracked changes: final or original.")
    ] = "final",
    party: Annotated[str | None, typer.Option("--party", help="Whose text it is.")] = None,
    title: Annotated[str | None, typer.Option("--title", help="Its title.")] = None,
    language: Annotated[str | None, typer.Option("--language", help="Its language: en.")] = None,
    kind: Annotated[str | None, typer.Option("--kind", help="What it sets out to be.")] = None,
) -> None:
    """Turn a text into another form: Word, Markdown, a page to print, plain text, Akoma Ntoso."""
    from parley.case.file import write_text
    from parley.report.text_page import text_page
    from parley.texts.akoma_ntoso import write_akoma_ntoso
    from parley.texts.markdown import write_markdown
    from parley.texts.plain import plain
    from parley.texts.word.writing import write_word

    form = _form(target, (".md", ".docx", ".html", ".txt", ".xml"))
    draft = _read(source, version)
    changes = {"party": party, "title": title, "language": language, "kind": _kind(kind)}
    draft = _with_head(draft, {k: v for k, v in changes.items() if v is not None})
    if form == ".md":
        write_markdown(draft, target)
    elif form == ".docx":
        write_word(draft, target)
    elif form == ".xml":
        write_akoma_ntoso(draft, target)
    else:
        write_text(target, text_page(draft) if form == ".html" else plain(draft))
    written(target)


def _read(source: Path, version: str) -> Draft:
    from parley.errors import SettingError
    from parley.texts.folder import WORD, read_text_file

    if version not in {"final", "original"}:
        what = f"There is no version `{version}`."
        raise SettingError(what, "Ask for final (after all tracked changes) or original.")
    if source.suffix.lower() not in WORD:
        return read_text_file(source)
    from parley.report.text_terminal import show_word
    from parley.texts.word.reading import read_word

    word = read_word(source)
    console().print(show_word(word))
    return word.draft("final" if version == "final" else "original")


def _with_head(draft: Draft, changes: dict[str, object]) -> Draft:
    """A text with another head, checked as if it had been read."""
    from pydantic import ValidationError

    from parley.errors import SettingError
    from parley.texts.articles import Front

    data = {**draft.front.model_dump(mode="json", exclude_defaults=True), **changes}
    data |= {"parley": 1, "title": data.get("title", draft.front.title)}
    try:
        front = Front.model_validate(data)
    except ValidationError as error:
        key = str(error.errors()[0]["loc"][0])
        what = f"`{data.get(key)}` cannot be the {key} of a text."
        raise SettingError(what, "A party is an id of the case, a language as en or uk.") from None
    return replace(draft, front=front)


def parallel(
    texts: Annotated[
        list[Path],
        typer.Argument(
            metavar="A [B …]", help="One text in several languages; or one that names the others."
        ),
    ],
    *,
    earlier: Annotated[
        list[Path] | None,
        typer.Option("--earlier", help="An earlier version of one of them; once for each."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List where authentic texts in several languages do not go together."""
    from parley.report.text_terminal import show_divergences
    from parley.texts.folder import read_text_file
    from parley.texts.parallel import parallel as side_by_side

    now = [read_text_file(path, tell) for path in texts]
    if len(now) == 1:
        now += [
            read_text_file(texts[0].parent / name, tell) for name in now[0].front.authentic.values()
        ]
    before = [read_text_file(path, tell) for path in earlier or ()]
    found = side_by_side(now, before)
    if as_json:
        rows = [
            {"id": d.id, "place": d.place, "what": d.what, "languages": list(d.languages)}
            for d in found
        ]
        typer.echo(json.dumps({"divergences": rows}, indent=1, ensure_ascii=False))
        return
    console().print(show_divergences(found))
