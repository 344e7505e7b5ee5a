"""Read and write the YAML files of a case folder.

Reading gives plain data and the line of every key and item, so that a mistake can be shown at
its place. Only a plain part of YAML 1.2 is taken: no anchors, aliases or tags, one document, dates
as text. Writing keeps comments and order, and is atomic: a file is whole, or as it was before.
"""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from parley.errors import Mistake, OutputError

MAX_BYTES = 5_000_000
"""Largest file that is read."""

MAX_DEPTH = 30
"""Deepest nesting that is read."""

Path_ = tuple[str | int, ...]
_PLAIN_TAGS = ("str", "int", "float", "bool", "null", "timestamp", "map", "seq", "merge")


@dataclass(frozen=True)
class Document:
    """A file as plain data, with the line of every key and item.

    `data` is ``None`` if the file could not be read; `mistakes` then says why.
    """

    name: str
    data: Any = None
    lines: dict[Path_, int] = field(default_factory=dict)
    mistakes: tuple[Mistake, ...] = ()

    def line(self, path: Path_) -> int:
        """The line of the thing at `path`, or of the nearest thing around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def mistake(self, path: Path_, code: str, what: str, remedy: str) -> Mistake:
        """A mistake at the place of `path`."""
        return Mistake(self.name, self.line(path), code, what, remedy)


class _Refused(Exception):  # noqa: N818  (a signal inside this module, never seen outside)
    def __init__(self, line: int, code: str, what: str, remedy: str) -> None:
        self.line, self.code, self.what, self.remedy = line, code, what, remedy

    def mistake(self, name: str) -> Mistake:
        return Mistake(name, self.line, self.code, self.what, self.remedy)


def read_yaml(path: Path, name: str) -> Document:
    """Read one file.

    Parameters
    ----------
    path
        The file.
    name
        How the file is called in mistakes.
    """
    try:
        return _parse(_text(path), name)
    except _Refused as refused:
        return Document(name, mistakes=(refused.mistake(name),))


def parse_yaml(text: str, name: str) -> Document:
    """Read YAML that stands in a text, as `read_yaml` does."""
    try:
        return _parse(text, name)
    except _Refused as refused:
        return Document(name, mistakes=(refused.mistake(name),))


def read_text(path: Path, name: str) -> tuple[str, tuple[Mistake, ...]]:
    """Read a text file in UTF-8; or why it cannot be read."""
    try:
        return _text(path), ()
    except _Refused as refused:
        return "", (refused.mistake(name),)


def _text(path: Path) -> str:
    try:
        if path.is_dir():
            raise _Refused(0, "not-a-file", "This is a folder, not a file.", "Name a text file.")
        if path.stat().st_size > MAX_BYTES:
            raise _Refused(
                0,
                "too-large",
                f"The file has over {MAX_BYTES // 1_000_000} MB, which no record by hand has.",
                "Split the record into several files in a folder record/.",
            )
        raw = path.read_bytes()
    except OSError as error:
        reason = error.strerror or "unknown reason"
        raise _Refused(
            0, "unreadable", f"The file cannot be read: {reason}.", "Check its name and rights."
        ) from None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise _Refused(
            line,
            "encoding",
            f"The file is not UTF-8: byte {raw[error.start]:#04x} is no part of a letter.",
            "Save it as UTF-8 in your editor.",
        ) from None
    return text


def _parse(text: str, name: str) -> Document:
    if not text.strip():
        raise _Refused(1, "empty", "The file is empty.", "`parley new` shows what belongs in it.")
    try:
        documents = list(_compose(text))
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise _Refused(
            line,
            "control-character",
            "There is a character here that text does not have.",
            "Delete it, or save the file anew as UTF-8.",
        ) from None
    except RecursionError:
        raise _too_deep(1) from None
    except MarkedYAMLError as error:
        raise _broken(error) from None
    except (YAMLError, ValueError) as error:
        raise _Refused(
            1, "broken-yaml", f"The file cannot be read as YAML: {error}.", "Look at its indents."
        ) from None
    if len(documents) != 1 or documents[0] is None:
        raise _Refused(
            1, "documents", "The file must hold one document.", "Take out the lines with only ---."
        )
    lines: dict[Path_, int] = {}
    mistakes: list[Mistake] = []
    data = _Reader(name, lines, mistakes).read(documents[0], (), 0)
    if not isinstance(data, dict):
        raise _Refused(
            1,
            "not-a-mapping",
            "The file must be a list of keys and values.",
            "Begin with `parley: 1`.",
        )
    return Document(name, None if mistakes else data, lines, tuple(mistakes))


def _compose(text: str) -> Iterator[Node | None]:
    yaml = YAML(typ="safe", pure=True)  # the round-trip reader leaves marks in folded text
    yaml.version = "1.2"
    yield from yaml.compose_all(io.StringIO(text))


def _broken(error: MarkedYAMLError) -> _Refused:
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark else 1
    problem = error.problem or "it breaks off"
    if "\\t" in problem:
        return _Refused(
            line,
            "broken-yaml",
            "The line is indented with a tab.",
            "Indent with spaces; YAML takes no tabs.",
        )
    if "found undefined alias" in problem or "duplicate anchor" in problem:
        return _alias(line)
    return _Refused(
        line,
        "broken-yaml",
        f"The file is broken here ({problem}).",
        "Look at this line and the one above: indents, a missing colon or quote; put text with "
        "a colon, # or quotes in it into quotation marks.",
    )


def _alias(line: int) -> _Refused:
    return _Refused(
        line,
        "alias",
        "Anchors and aliases (& and *) are not taken here.",
        "Write the thing out; if the text itself begins with & or *, put it in quotation marks.",
    )


def _too_deep(line: int) -> _Refused:
    return _Refused(
        line, "too-deep", f"It is nested over {MAX_DEPTH} levels deep.", "Nothing here needs that."
    )


@dataclass
class _Reader:
    """Turns nodes into plain data, noting the line of each."""

    name: str
    lines: dict[Path_, int]
    mistakes: list[Mistake]

    def read(self, node: Node, path: Path_, depth: int) -> Any:
        line = node.start_mark.line + 1
        self.lines.setdefault(path, line)
        if depth > MAX_DEPTH:
            raise _too_deep(line)
        if node.anchor:
            raise _alias(line)
        kind = str(node.tag or "").rsplit(":", 1)[-1]
        if kind not in _PLAIN_TAGS:
            raise _Refused(
                line,
                "tag",
                f"The tag {node.tag} is not taken here.",
                "Leave it out; if the text begins with !, put it in quotation marks.",
            )
        if isinstance(node, MappingNode):
            return self._mapping(node, path, depth)
        if isinstance(node, SequenceNode):
            return [self.read(item, (*path, k), depth + 1) for k, item in enumerate(node.value)]
        assert isinstance(node, ScalarNode)
        return _scalar(node, kind)

    def _mapping(self, node: MappingNode, path: Path_, depth: int) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, ScalarNode):
                raise _Refused(line, "key", "A key must be a plain word.", "Write `word: value`.")
            if key_node.anchor or key_node.tag == "tag:yaml.org,2002:merge":
                raise _alias(line)
            key = str(key_node.value)
            if key in result:
                what = f"`{key}` stands here twice (first in line {self.lines[(*path, key)]})."
                mistake = Mistake(self.name, line, "duplicate-key", what, "Keep one of them.")
                self.mistakes.append(mistake)
                continue
            self.lines[(*path, key)] = line
            result[key] = self.read(value_node, (*path, key), depth + 1)
        return result


def _scalar(node: ScalarNode, kind: str) -> Any:
    text: str = node.value
    if kind == "int":
        return _number(text, int)
    if kind == "float":
        return _number(text, float)
    if kind == "bool":
        return text.lower() == "true"
    if kind == "null" and node.style is None:
        return None
    return text


def _number(text: str, kind: type[int] | type[float]) -> int | float | str:
    """The number a text stands for; the text itself if Python reads it otherwise."""
    plain = text.lower().replace(".inf", "inf").replace(".nan", "nan")
    try:
        return kind(plain, 0) if kind is int and "0x" in plain else kind(plain)
    except ValueError:
        return text


def write_text(path: Path, text: str) -> None:
    """Write a text file, in UTF-8, whole or not at all; `OutputError` as in `write_bytes`."""
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file whole or not at all.

    Raises
    ------
    OutputError
        If it cannot be written; what was there before is untouched.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    except OSError as error:
        raise _cannot_write(path, error) from None
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        Path(part).chmod(usual_rights(0o666))
        Path(part).replace(path)
    except OSError as error:
        raise _cannot_write(path, error) from None
    finally:
        Path(part).unlink(missing_ok=True)


def usual_rights(wanted: int) -> int:
    """The rights that a new file or folder gets from the user's own settings (umask)."""
    mask = os.umask(0o077)
    os.umask(mask)
    return wanted & ~mask


def _cannot_write(path: Path, error: OSError) -> OutputError:
    return OutputError(
        f"The file cannot be written: {error.strerror or error}.",
        "Name a folder that you may write to, with room on the disk.",
        where=str(path),
    )


def edit_yaml(path: Path, change: Any) -> None:
    """Change a file in place; comments and order survive.

    `change` is called with the mapping of the file and alters it.
    """
    yaml = YAML(typ="rt", pure=True)
    yaml.preserve_quotes = True
    yaml.width = 100
    yaml.indent(mapping=2, sequence=4, offset=2)
    data = yaml.load(path.read_text(encoding="utf-8-sig"))
    change(data)
    stream = io.StringIO()
    yaml.dump(data, stream)
    write_text(path, stream.getvalue())
