"""The file of a single text: what it began with, and every operation since, in order.

The text is never stored: it is what the operations make of the beginning. So nothing can stand in
it that nobody did, and nothing that somebody wrote can vanish.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints
from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import LiteralScalarString

from parley.case.check import validate
from parley.case.file import Document, read_yaml, write_text
from parley.case.parts import Id, Part
from parley.errors import Mistake, OperationError, TextError
from parley.texts.articles import Draft
from parley.texts.markdown import markdown, parse_markdown
from parley.texts.single.operations import Operation
from parley.texts.single.rules import apply
from parley.texts.single.state import SingleText, begin

FILE = "single-text.yaml"


class Log(Part):
    """A single text as it is kept."""

    parley: Literal[1] = Field(description="Version of the format.")
    delegations: Annotated[tuple[Id, ...], Field(min_length=2, max_length=32)]
    base: Annotated[str, StringConstraints(min_length=1, max_length=5_000_000)] = Field(
        description="The text that it began with, as Markdown with its head."
    )
    operations: Annotated[tuple[Operation, ...], Field(max_length=100_000)] = ()


@dataclass(frozen=True)
class Kept:
    """A log that was read and replayed.

    `states` are the text at the beginning and after each operation; `written` is what stands in the
    file.
    """

    path: Path
    log: Log
    states: tuple[SingleText, ...]
    written: str = field(compare=False, repr=False)

    @property
    def text(self) -> SingleText:
        """The text as it stands."""
        return self.states[-1]


def start(path: Path, base: Draft, delegations: tuple[str, ...]) -> Kept:
    """Begin a single text; a file that is there already is not overwritten.

    Raises
    ------
    OperationError
        If there is one already, or the first text cannot be taken.
    OutputError
        If the file cannot be written.
    """
    if path.exists():
        what = "There is a single text here already."
        raise OperationError(what, "Go on with it, or name another file.", where=str(path))
    begin(base, delegations)  # what is wrong is told at its place in the first text
    log = Log(parley=1, delegations=delegations, base=markdown(base))
    states = _states(path, log)
    text = _as_text(log)
    write_text(path, text)
    return Kept(path, log, states, text)


def open_log(path: Path) -> Kept:
    """Read a single text and replay it.

    Raises
    ------
    TextError
        With all mistakes, if the file cannot be read or an operation in it cannot have been done.
    """
    if not path.exists():
        remedy = "Begin one with `parley text start`, or look at the name."
        what = "There is no single text here."
        raise TextError([Mistake(str(path), 0, "no-single-text", what, remedy)])
    document = read_yaml(path, str(path))
    if document.mistakes or document.data is None:
        raise TextError(document.mistakes)
    log, mistakes = validate(document, Log)
    if log is None:
        raise TextError(mistakes)
    return Kept(path, log, _states(path, log, document), path.read_text(encoding="utf-8"))


def add(kept: Kept, step: Operation) -> Kept:
    """Do an operation and write it down.

    Raises
    ------
    OperationError
        If it is refused, or somebody else has written to the file meanwhile; nothing is written.
    OutputError
        If the file cannot be written; it is as it was.
    """
    last = kept.log.operations[-1] if kept.log.operations else None
    if last is not None and step.when.precedes(last.when):
        what = f"The last operation is of {last.when}, this one of {step.when}."
        raise OperationError(what, "Operations are written down in the order of time.")
    after = apply(kept.text, step)
    log = kept.log.model_copy(update={"operations": (*kept.log.operations, step)})
    if not kept.path.exists() or kept.path.read_text(encoding="utf-8") != kept.written:
        what = "Somebody else has written to the single text meanwhile."
        raise OperationError(what, "Look at it anew, then do it again.", where=str(kept.path))
    text = _as_text(log)
    write_text(kept.path, text)
    return Kept(kept.path, log, (*kept.states, after), text)


def _states(path: Path, log: Log, document: Document | None = None) -> tuple[SingleText, ...]:
    base = parse_markdown(log.base, f"{path} (base)")
    states = [begin(base, log.delegations)]
    for k, step in enumerate(log.operations):
        try:
            states.append(apply(states[-1], step))
        except OperationError as error:
            line = document.line(("operations", k)) if document else 0
            what = f"Operation {k + 1} cannot have been done: {error.what}"
            remedy = f"{error.remedy} The file was changed by hand, or is damaged."
            raise TextError([Mistake(str(path), line, "operation", what, remedy)]) from None
    return tuple(states)


def _as_text(log: Log) -> str:
    data: dict[str, Any] = log.model_dump(mode="json", exclude_none=True)
    data["base"] = LiteralScalarString(log.base)
    data["operations"] = [_in_order(step) for step in data["operations"]]
    yaml = YAML(typ="rt", pure=True)
    yaml.width = 100
    yaml.allow_unicode = True
    yaml.indent(mapping=2, sequence=4, offset=2)
    stream = io.StringIO()
    stream.write("# Written by Parley; the text is what these operations make of its base.\n")
    yaml.dump(data, stream)
    return stream.getvalue()


def _in_order(step: dict[str, Any]) -> dict[str, Any]:
    """An operation with what was done first, then by whom and when."""
    first = {key: step[key] for key in ("op", "who", "when")}
    return first | {key: value for key, value in step.items() if key not in first}
