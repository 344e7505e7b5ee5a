"""Write a Word file: real numbers, headings, footnotes, comments, and tracked changes."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from docx import Document
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement
from docx.oxml.ns import nsdecls, qn
from docx.shared import Pt, RGBColor
from lxml import etree

from parley.case.file import write_bytes
from parley.texts.articles import CELL, HEADED, Comment, Draft, Provision, ProvisionKind
from parley.texts.word.head import keywords_of
from parley.texts.word.lists import ListWriter
from parley.texts.word.names import bookmark_of, bookmark_of_issue
from parley.texts.word.runs import Change, Run

_TAGS = {
    "inserted": "w:ins",
    "deleted": "w:del",
    "moved from": "w:moveFrom",
    "moved to": "w:moveTo",
}
_NOTE = re.compile(r"\[\^([^\]\s]{1,20})\]")
_PIECES = re.compile(r"(\t|\n|\[\^[^\]\s]{1,20}\])")
_EPOCH = (1980, 1, 1, 0, 0, 0)
_AFTER_BIDI = (
    *("w:adjustRightInd", "w:snapToGrid", "w:spacing", "w:ind", "w:contextualSpacing"),
    *("w:mirrorIndents", "w:suppressOverlap", "w:jc", "w:textDirection", "w:textAlignment"),
    *("w:textboxTightWrap", "w:outlineLvl", "w:divId", "w:cnfStyle", "w:rPr", "w:sectPr"),
    "w:pPrChange",
)
_INDENT = 360
"""Twentieths of a point by which each level stands further in."""

RIGHT_TO_LEFT = frozenset({"ar", "he", "fa", "ur", "ps", "dv", "yi"})


@dataclass(frozen=True)
class Block:
    """One paragraph to be written, or one row of a table.

    `group` tells which numbers are counted together; empty where the number is part of `runs`.
    `cells` are the texts of a row; then `runs` is empty.
    """

    runs: tuple[Run, ...]
    label: str = ""
    group: str = ""
    heading: int = 0
    depth: int = 0
    id: str = ""
    issues: tuple[str, ...] = ()
    mark: tuple[Change, ...] = ()
    cells: tuple[tuple[Run, ...], ...] = ()
    row_change: Change | None = None


@dataclass
class _State:
    """What is counted while a file is written."""

    notes: dict[str, str]
    lists: ListWriter
    written: list[str] = field(default_factory=list)
    marks: int = 0
    changes: int = 0
    runs: dict[str, list[Any]] = field(default_factory=dict)


def write_word(draft: Draft, path: Path) -> None:
    """Write a text as a Word file, whole or not at all."""
    write_bytes(path, word_bytes(draft))


def word_bytes(draft: Draft, blocks: Sequence[Block] | None = None) -> bytes:
    """The Word file of a text; of other `blocks` than its own where they are given."""
    document = Document()
    _prepare(document, draft)
    if draft.front.title:
        _fill(document.add_paragraph(style="Title"), Block((Run(draft.front.title),)), None)
    state = _State(dict(draft.footnotes), ListWriter(document))
    _write(document, list(blocks_of(draft) if blocks is None else blocks), state)
    _add_notes(document, state)
    _add_comments(document, draft.front.comments, state)
    stream = io.BytesIO()
    document.save(stream)
    return repacked(stream.getvalue())


def blocks_of(draft: Draft) -> Iterator[Block]:
    """The paragraphs of a text."""
    for top in draft.provisions:
        yield from _blocks(top, "", 0, 1)


def _blocks(provision: Provision, above: str, depth: int, level: int) -> Iterator[Block]:
    name, issues = provision.id, provision.issues
    if provision.kind is ProvisionKind.ROW:
        cells = tuple((Run(cell),) for cell in provision.text.split(CELL))
        yield Block((), id=name, issues=issues, cells=cells)
        return
    if provision.kind in HEADED:
        group = "" if not provision.label else f"{provision.kind.value}s"
        runs = (Run(provision.heading),)
        yield Block(runs, provision.label, group, min(level, 9), 0, name, issues)
        for child in provision.children:
            yield from _blocks(child, name, 0, level + 1)
        return
    group = f"{above}/{depth}" if provision.label else ""
    yield Block((Run(provision.text),), provision.label, group, 0, depth, name, issues)
    for child in provision.children:
        yield from _blocks(child, name, depth + 1, level)


def _prepare(document: Any, draft: Draft) -> None:
    core = document.core_properties
    core.title = draft.front.title[:255]
    core.author, core.comments, core.language = "", "", draft.language
    core.keywords = keywords_of(draft.front)
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "Times New Roman", Pt(11)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), draft.language)
    if draft.language.split("-")[0] in RIGHT_TO_LEFT:
        language.set(qn("w:bidi"), draft.language)
    normal.element.get_or_add_rPr().append(language)
    for name in ("Title", *(f"Heading {k}" for k in range(1, 10))):
        font = document.styles[name].font
        font.color.rgb, font.name = RGBColor(0, 0, 0), "Times New Roman"
        fonts = document.styles[name].element.rPr.rFonts
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)


def _write(document: Any, blocks: list[Block], state: _State) -> None:
    state.lists.plan([(_group(block), block.label) for block in blocks])
    table: Any = None
    for block in blocks:
        if not block.cells:
            table = None
            style = f"Heading {block.heading}" if block.heading else None
            paragraph = document.add_paragraph(style=style)
            if block.depth and not block.heading:
                _indent(paragraph, block.depth)
            _fill(paragraph, block, state)
            continue
        if table is None or len(table.columns) != len(block.cells):
            if table is not None:
                document.add_paragraph()
            table = document.add_table(rows=0, cols=len(block.cells), style="Table Grid")
        _row(table.add_row(), block, state)


def _group(block: Block) -> str:
    """Which numbers are counted together; from right to left they are written out, since programs
    do not agree on where a counted number stands there.
    """
    words = "".join(run.text for run in block.runs)
    return "" if reads_right_to_left(words) else block.group


def _indent(paragraph: Any, depth: int) -> None:
    paragraph.paragraph_format.left_indent = Pt(depth * _INDENT / 20)


def _row(row: Any, block: Block, state: _State) -> None:
    if block.row_change is not None:
        properties = row._tr.get_or_add_trPr()
        properties.append(_change(block.row_change, state))
    for k, (cell, runs) in enumerate(zip(row.cells, block.cells, strict=True)):
        first = Block(runs, id=block.id if k == 0 else "", issues=block.issues if k == 0 else ())
        _fill(cell.paragraphs[0], first, state)


def _fill(paragraph: Any, block: Block, state: _State | None) -> None:
    """Put words, number, bookmarks and changes into a paragraph."""
    element = paragraph._p
    runs = block.runs
    rightward = reads_right_to_left("".join(run.text for run in runs))
    if state is not None and block.label:
        number = state.lists.take(_group(block), block.label)
        if number is None:
            gap = ". " if block.heading and not block.label.endswith((".", ")")) else " "
            runs = (Run(block.label + gap), *runs)
        else:
            state.lists.number(paragraph, number, block.depth)
    if rightward:
        element.get_or_add_pPr().insert_element_before(OxmlElement("w:bidi"), *_AFTER_BIDI)
    if state is not None:
        _bookmarks(element, block, state)
        for change in block.mark:
            _mark(element, change, state)
    for run in runs:
        _say(element, run, state, block.id)


def fill_cell(paragraph: Any, text: str) -> None:
    """Put plain words into a paragraph, with their breaks and their direction."""
    _fill(paragraph, Block((Run(text),)), None)


def _bookmarks(element: Any, block: Block, state: _State) -> None:
    names = [bookmark_of(block.id)] if block.id else []
    names += [bookmark_of_issue(issue, state.marks) for issue in block.issues]
    for name in names:
        state.marks += 1
        for tag in ("w:bookmarkStart", "w:bookmarkEnd") if name else ():
            node = OxmlElement(tag)
            node.set(qn("w:id"), str(state.marks))
            if tag == "w:bookmarkStart":
                node.set(qn("w:name"), str(name))
            element.append(node)


def _mark(element: Any, change: Change, state: _State) -> None:
    properties = element.get_or_add_pPr()
    inside = properties.find(qn("w:rPr"))
    if inside is None:
        inside = OxmlElement("w:rPr")
        properties.append(inside)
    inside.append(_change(change, state))


def _change(change: Change, state: _State) -> Any:
    state.changes += 1
    node = OxmlElement(_TAGS[change.kind])
    node.set(qn("w:id"), str(100_000 + state.changes))
    node.set(qn("w:author"), change.author or "Parley")
    if change.date:
        node.set(qn("w:date"), change.date)
    return node


def _say(element: Any, run: Run, state: _State | None, name: str) -> None:
    """Put words into a paragraph, inside the changes under which they stand."""
    inner = element
    for change in run.changes if state is not None else ():
        assert state is not None
        node = _change(change, state)
        inner.append(node)
        inner = node
    gone = any(change.kind in {"deleted", "moved from"} for change in run.changes)
    for piece in _PIECES.split(run.text):
        if piece:
            made = _run(piece, gone, state)
            inner.append(made)
            if state is not None:
                state.runs.setdefault(name, []).append(made)


def _run(piece: str, gone: bool, state: _State | None) -> Any:
    node = OxmlElement("w:r")
    if reads_right_to_left(piece):
        properties = OxmlElement("w:rPr")
        properties.append(OxmlElement("w:rtl"))
        node.append(properties)
    note = _NOTE.fullmatch(piece)
    if note and state is not None and note[1] in state.notes:
        if note[1] not in state.written:
            state.written.append(note[1])
        child = OxmlElement("w:footnoteReference")
        child.set(qn("w:id"), str(state.written.index(note[1]) + 1))
        properties = OxmlElement("w:rPr")
        raised = OxmlElement("w:vertAlign")
        raised.set(qn("w:val"), "superscript")
        properties.append(raised)
        node.append(properties)
    elif piece in {"\t", "\n"}:
        child = OxmlElement("w:tab" if piece == "\t" else "w:br")
    else:
        child = OxmlElement("w:delText" if gone else "w:t")
        child.text = piece
        child.set(qn("xml:space"), "preserve")
    node.append(child)
    return node


def reads_right_to_left(text: str) -> bool:
    """Whether the first letter with a direction runs from right to left."""
    for letter in text:
        way = unicodedata.bidirectional(letter)
        if way in {"R", "AL"}:
            return True
        if way == "L":
            return False
    return False


def _add_notes(document: Any, state: _State) -> None:
    if not state.written:
        return
    root = etree.fromstring(f"<w:footnotes {nsdecls('w')}/>")
    for k, kind in ((-1, "separator"), (0, "continuationSeparator")):
        inner = f"<w:p><w:r><w:{kind}/></w:r></w:p>"
        text = f'<w:footnote {nsdecls("w")} w:type="{kind}" w:id="{k}">{inner}</w:footnote>'
        root.append(etree.fromstring(text))
    for k, mark in enumerate(state.written, start=1):
        note = OxmlElement("w:footnote")
        note.set(qn("w:id"), str(k))
        paragraph = OxmlElement("w:p")
        note.append(paragraph)
        for piece in _PIECES.split(state.notes[mark]):
            if piece:
                paragraph.append(_run(piece, False, None))
        root.append(note)
    blob = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    name = PackURI("/word/footnotes.xml")
    part = Part(name, CONTENT_TYPE.WML_FOOTNOTES, blob, document.part.package)
    document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)


def _add_comments(document: Any, comments: Sequence[Comment], state: _State) -> None:
    from docx.text.run import Run as WordRun

    for comment in comments:
        runs = state.runs.get(comment.at or "", [])
        if not runs:
            continue
        first, last = (WordRun(node, document) for node in (runs[0], runs[-1]))
        made = document.add_comment([first, last], comment.text, comment.by or "", "")
        made._comment_elm.attrib.pop(qn("w:date"), None)
        if comment.date:
            made._comment_elm.set(qn("w:date"), comment.date)


def repacked(data: bytes) -> bytes:
    """The same file with fixed times, so that the same text gives the same bytes."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            if "thumbnail" not in name:
                info = zipfile.ZipInfo(name, _EPOCH)
                info.compress_type = zipfile.ZIP_DEFLATED
                target.writestr(info, _without_thumbnail(name, source.read(name)))
    return stream.getvalue()


def _without_thumbnail(name: str, data: bytes) -> bytes:
    if name == "_rels/.rels":
        return re.sub(rb"<Relationship [^>]*thumbnail[^>]*/>", b"", data)
    return data
