"""Texts as Markdown with front matter: read with every mistake at its line, written to be re-read.

The form is a small part of CommonMark: headings with ``#``, paragraphs, numbers, rows of tables
with ``|``, footnotes ``[^1]: …``, and ``{#id issue=ceasefire.full}`` at the end of a heading or
paragraph. A backslash takes from the next character any other meaning.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from parley.case.check import did_you_mean, validate
from parley.case.file import parse_yaml, read_text, write_text
from parley.errors import Mistake, TextError
from parley.texts.articles import CELL, HEADED, Draft, Front, Provision, ProvisionKind
from parley.texts.labels import split_heading, split_label
from parley.texts.outline import Line, outline

_FENCE = "---"
_TAIL = re.compile(r"(?<!\\)\{(?P<inside>[^{}\\]*)\}$")
_NOTE = re.compile(r"\[\^(?P<mark>[^\]\s]{1,20})\]:\s*(?P<text>.*)", re.DOTALL)
_ID = re.compile(r"[a-z0-9][a-z0-9.-]{0,119}")
_LINK = re.compile(r"[a-z0-9][a-z0-9-]*(\.[a-z0-9][a-z0-9-]*)?")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~\n])")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_RULE_ROW = re.compile(r"\|?[\s:|-]+\|?")


def read_markdown(path: Path, name: str | None = None) -> Draft:
    """Read a text.

    Raises
    ------
    TextError
        With all mistakes.
    """
    shown = name or str(path)
    text, mistakes = read_text(path, shown)
    if mistakes:
        raise TextError(mistakes)
    return parse_markdown(text, shown)


def parse_markdown(text: str, name: str) -> Draft:
    """Read a text that is at hand; `name` is what it is called in mistakes."""
    lines = text.replace("\r\n", "\n").split("\n")
    odd = [k for k, line in enumerate(lines, start=1) if _CONTROL.search(line)]
    if odd:
        what = "There is a character here that text does not have."
        remedy = "Delete it, or save the file anew as UTF-8."
        raise TextError([Mistake(name, k, "control-character", what, remedy) for k in odd[:20]])
    front, body, mistakes = _head(lines, name)
    reader = _Reader(name)
    provisions, found = outline(reader.lines(lines, body), name)
    mistakes += [*reader.mistakes, *found]
    if front is not None:
        mistakes += _dangling(front, provisions, name)
    if not provisions and not mistakes:
        what = "The text has no words below its head."
        mistakes.append(Mistake(name, body + 1, "empty", what, "Write its articles there."))
    if front is None or mistakes:
        raise TextError(mistakes)
    return Draft(name, front, provisions, tuple(reader.notes.items()))


def _head(lines: list[str], name: str) -> tuple[Front | None, int, list[Mistake]]:
    """The front matter, the number of its lines, and mistakes."""
    if not lines or lines[0].lstrip("\ufeff").rstrip() != _FENCE:
        remedy = "Begin with a line ---, then `parley: 1` and `title: …`, then a line ---."
        return None, 0, [Mistake(name, 1, "no-front-matter", "The head is missing.", remedy)]
    ends = [k for k, line in enumerate(lines[1:], start=1) if line.rstrip() == _FENCE]
    if not ends:
        remedy = "Put a line --- below the last line of the head."
        return None, 0, [Mistake(name, 1, "front-matter-open", "The head does not end.", remedy)]
    document = parse_yaml("\n" + "\n".join(lines[1 : ends[0]]) + "\n", name)
    if document.mistakes or document.data is None:
        return None, ends[0] + 1, list(document.mistakes)
    front, mistakes = validate(document, Front)
    return front, ends[0] + 1, mistakes


class _Reader:
    """Gathers lines into paragraphs, footnotes apart."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.mistakes: list[Mistake] = []
        self.notes: dict[str, str] = {}

    def lines(self, lines: list[str], begin: int) -> Iterator[Line]:
        block: list[str] = []
        start = begin
        for k, raw in enumerate([*lines[begin:], ""], start=begin):
            plain = raw.rstrip(" \r") if not raw.endswith("\\") else raw
            if block and (not plain.strip() or self._starts(plain, block)):
                yield from self._block(block, start + 1)
                block = []
            if plain.strip():
                if not block:
                    start = k
                block.append(plain.strip(" "))

    def _starts(self, plain: str, block: list[str]) -> bool:
        """Whether a line begins a paragraph of its own without a blank line before it."""
        text = plain.strip()
        if block[-1].endswith("\\") and not block[-1].endswith("\\\\"):
            return False
        if block[-1].startswith(("#", "|")) or text.startswith(("# ", "##", "|", "[^")):
            return True
        return bool(split_label(text)[1])

    def _block(self, block: list[str], line: int) -> Iterator[Line]:
        if block[0].startswith("|"):
            if not _RULE_ROW.fullmatch(block[0]):
                yield self._row(block[0], line)
            return
        text = _joined(block)
        note = _NOTE.fullmatch(text)
        if note:
            if note["mark"] in self.notes:
                self._wrong(line, "footnote-twice", f"Footnote {note['mark']} stands here twice.")
            self.notes[note["mark"]] = unescaped(note["text"])
            return
        level = len(text) - len(text.lstrip("#"))
        if level and text[level : level + 1] == " ":
            words, name, issues = self._tail(text[level:].strip(), line)
            yield Line(unescaped(words), line, heading=level, id=name, issues=issues)
            return
        words, name, issues = self._tail(text, line)
        _, label, rest = split_label(words)
        yield Line(unescaped(rest), line, label=label, id=name, issues=issues)

    def _row(self, text: str, line: int) -> Line:
        words, name, issues = self._tail(text, line)
        inner = words.strip().removeprefix("|").strip()
        inner = re.sub(r"(?<!\\)\|$", "", inner)
        cells = [unescaped(cell.strip(" ")) for cell in re.split(r"(?<!\\)\|", inner)]
        return Line(CELL.join(cells), line, id=name, issues=issues, row=True)

    def _tail(self, text: str, line: int) -> tuple[str, str | None, tuple[str, ...]]:
        """The words, the identifier and the issues that stand behind them in braces."""
        found = _TAIL.search(text)
        if not found:
            return text, None, ()
        name: str | None = None
        issues: list[str] = []
        for word in found["inside"].split():
            key, _, value = word.partition("=")
            if word.startswith("#") and _ID.fullmatch(word[1:]):
                name = word[1:]
            elif key == "issue" and _LINK.fullmatch(value):
                issues.append(value)
            else:
                what = f"`{word}` in braces is not understood."
                self._wrong(line, "braces", what, "Write {#id issue=issue.option}.")
        return text[: found.start()].rstrip(" "), name, tuple(issues)

    def _wrong(self, line: int, code: str, what: str, remedy: str = "Keep one of them.") -> None:
        self.mistakes.append(Mistake(self.name, line, code, what, remedy))


def _joined(block: list[str]) -> str:
    """Lines of one paragraph as one; a backslash at the end of a line keeps the break."""
    text = block[0]
    for line in block[1:]:
        hard = text.endswith("\\") and not text.endswith("\\\\")
        text = f"{text}\n{line}" if hard else f"{text} {line}"
    return text


def unescaped(text: str) -> str:
    """Text without the backslashes that took a meaning from a character."""
    return _ESCAPED.sub(r"\1", text)


def _dangling(front: Front, provisions: tuple[Provision, ...], name: str) -> Iterator[Mistake]:
    """What the head says about provisions that are not there."""
    known = {p.id for top in provisions for p in top.walk()}
    steps = {step.id for step in front.steps}
    groups = (front.obligations, front.steps, front.deliberately_open, front.comments)
    for at in [item.at for group in groups for item in group]:
        if at is not None and at not in known:
            what = f"The head names `{at}`, which is no provision of this text."
            yield Mistake(name, 1, "no-such-provision", what, did_you_mean(at, known))
    for step in front.steps:
        for other in step.after:
            if other not in steps:
                what = f"Step `{step.id}` comes after `{other}`, which is no step."
                yield Mistake(name, 1, "no-such-step", what, did_you_mean(other, steps))


def write_markdown(draft: Draft, path: Path) -> None:
    """Write a text; whole or not at all."""
    write_text(path, markdown(draft))


def markdown(draft: Draft, *, ids: bool = True) -> str:
    """A text as Markdown, with the identifiers of its provisions unless told otherwise."""
    parts = [f"{_FENCE}\n{_front(draft.front)}{_FENCE}\n"]
    parted = any(top.kind is ProvisionKind.PART for top in draft.provisions)
    for top in draft.provisions:
        parts += _written(top, 0, ids, 1 if parted else 2)
    parts += [f"[^{mark}]: {_escape(text)}\n" for mark, text in draft.footnotes]
    return "\n".join(parts)


def _front(front: Front) -> str:
    data: dict[str, Any] = front.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    data = {"parley": front.parley, "title": front.title, **data}
    yaml = YAML(typ="rt", pure=True)
    yaml.width = 100
    yaml.allow_unicode = True
    yaml.indent(mapping=2, sequence=4, offset=2)
    stream = io.StringIO()
    yaml.dump(data, stream)
    return stream.getvalue()


def _written(provision: Provision, depth: int, ids: bool, level: int) -> Iterator[str]:
    tail = _braces(provision, ids)
    if provision.kind in HEADED:
        yield f"{'#' * level} {_title(provision)}{tail}\n"
        for child in provision.children:
            yield from _written(child, 0, ids, level + 1)
        return
    if provision.kind is ProvisionKind.ROW:
        cells = (_escape(cell, row=True) for cell in provision.text.split(CELL))
        yield f"| {' | '.join(cells)} |{tail}\n"
        return
    words = _escape(provision.text, first=not provision.label)
    label = f"{provision.label} " if provision.label else ""
    yield f"{'   ' * depth}{label}{words}{tail}\n"
    for child in provision.children:
        yield from _written(child, depth + 1, ids, level)


def _title(provision: Provision) -> str:
    heading = _escape(provision.heading)
    if not provision.label:
        kind, label, _ = split_heading(provision.heading)
        return f"\\{heading}" if kind or label else heading
    return f"{provision.label}. {heading}".strip() if heading else provision.label


def _braces(provision: Provision, ids: bool) -> str:
    inside = [f"#{provision.id}"] if ids else []
    inside += [f"issue={issue}" for issue in provision.issues]
    return f" {{{' '.join(inside)}}}" if inside else ""


def _escape(text: str, *, first: bool = False, row: bool = False) -> str:
    """Text with backslashes where it would be read otherwise."""
    text = re.sub(r"\\(?=[!-/:-@\[-`{-~\n]|$)", r"\\\\", text)
    text = text.replace("{", "\\{").replace("}", "\\}")
    if row:
        text = text.replace("|", "\\|")
    text = text.replace("\n", "\\\n")
    if first and (split_label(text)[1] or text[:1] in "#|[" or text.strip() == _FENCE):
        text = f"\\{text}" if not text[:1].isalnum() else _break_label(text)
    return text


def _break_label(text: str) -> str:
    """Words that begin like a number, so that they do not read as one."""
    return re.sub(r"([.)])", r"\\\1", text, count=1)
