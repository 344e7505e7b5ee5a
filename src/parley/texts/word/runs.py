"""The words of a Word paragraph, each with the tracked changes that it stands under.

A word may be inserted by one hand and deleted by another: every change is kept, and the two
versions of a text follow from them. A revision of an unknown form is refused, never dropped.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from lxml import etree

from parley.texts.word.numbering import W

Version = Literal["original", "final"]
ChangeKind = Literal["inserted", "deleted", "moved from", "moved to"]

_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_CHANGES: dict[str, ChangeKind] = {
    "ins": "inserted",
    "del": "deleted",
    "moveFrom": "moved from",
    "moveTo": "moved to",
}
_HIDDEN: dict[Version, frozenset[str]] = {
    "original": frozenset({"inserted", "moved to"}),
    "final": frozenset({"deleted", "moved from"}),
}
_BREAKS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "\u2011"}
_BREAKS |= {"softHyphen": "\u00ad"}
_DEEPER = frozenset(
    {"r", "hyperlink", "smartTag", "sdt", "sdtContent", "fldSimple", "customXml", "dir", "bdo"}
    | {"ruby", "rubyBase"}
)
_FORMATS = frozenset({"rPrChange", "pPrChange", "sectPrChange", "tblPrChange", "tblPrExChange"})
_FORMATS |= {"tcPrChange", "trPrChange", "tblGridChange", "numberingChange"}
_UNREADABLE = re.compile(r"cellIns|cellDel|cellMerge|customXml(Ins|Del|Move\w*)Range(Start|End)")


@dataclass(frozen=True)
class Change:
    """A tracked change: what was done, by whom, when (as the file says it)."""

    kind: ChangeKind
    author: str
    date: str


@dataclass(frozen=True)
class Run:
    """Words under the same changes, outermost first."""

    text: str
    changes: tuple[Change, ...] = ()

    def is_in(self, version: Version) -> bool:
        """Whether the words stand in that version of the text."""
        return not any(change.kind in _HIDDEN[version] for change in self.changes)


@dataclass
class Gathered:
    """What is found in a paragraph."""

    runs: list[Run] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    bookmarks: list[str] = field(default_factory=list)
    boxes: list[etree._Element] = field(default_factory=list)
    pictures: int = 0


def change_of(node: etree._Element) -> Change:
    """The change that an element such as ``w:ins`` stands for."""
    kind = _CHANGES[etree.QName(node).localname]
    date = str(node.get(f"{W}date", ""))
    return Change(kind, str(node.get(f"{W}author", "")), date)


def changes_in(properties: etree._Element | None) -> tuple[Change, ...]:
    """Changes of a paragraph mark or of a row of a table."""
    if properties is None:
        return ()
    return tuple(
        change_of(n) for n in properties if isinstance(n.tag, str) and n.tag[len(W) :] in _CHANGES
    )


class Reader:
    """Reads the words of paragraphs; one for each part of a file.

    `footnote` gives the mark of a footnote or endnote, `unreadable` is called with the name of a
    revision that is not known.
    """

    def __init__(
        self, footnote: Callable[[str, str], str], unreadable: Callable[[str], None]
    ) -> None:
        self.footnote, self.unreadable = footnote, unreadable
        self.fields: list[bool] = []
        self.formatting = 0

    def read(self, paragraph: etree._Element, outer: tuple[Change, ...] = ()) -> Gathered:
        """The words of a paragraph; `outer` are changes around it."""
        found = Gathered()
        self._children(paragraph, outer, found)
        return Gathered(
            list(_merged(found.runs)),
            found.comments,
            found.bookmarks,
            found.boxes,
            found.pictures,
        )

    def _children(self, node: etree._Element, changes: tuple[Change, ...], found: Gathered) -> None:
        for child in node:
            if isinstance(child.tag, str):
                self._one(child, changes, found)

    def _one(self, node: etree._Element, changes: tuple[Change, ...], found: Gathered) -> None:
        name = etree.QName(node).localname
        if str(node.tag).startswith(_MATH):
            self._math(node, name, changes, found)
        elif node.tag == f"{_MC}AlternateContent":
            for choice in node[:1]:  # the others say the same for older readers
                self._children(choice, changes, found)
        elif name in _CHANGES:
            self._children(node, (*changes, change_of(node)), found)
        elif name in {"rPr", "pPr"}:
            self.look_through(node)
        elif name in {"t", "delText"}:
            self._say(node.text or "", changes, found)
        elif name in _BREAKS:
            if node.get(f"{W}type") != "page":
                self._say(_BREAKS[name], changes, found)
        elif name in _DEEPER:
            self._children(node, changes, found)
        else:
            self._rarer(node, name, changes, found)

    def _rarer(
        self, node: etree._Element, name: str, changes: tuple[Change, ...], found: Gathered
    ) -> None:
        if name == "sym":
            code = int(str(node.get(f"{W}char", "0")), 16)
            self._say(chr(code) if code else "", changes, found)
        elif name == "fldChar":
            self._field(str(node.get(f"{W}fldCharType")))
        elif name in {"footnoteReference", "endnoteReference"}:
            mark = self.footnote(name.removesuffix("Reference"), str(node.get(f"{W}id")))
            self._say(f"[^{mark}]", changes, found)
        elif name == "commentReference":
            found.comments.append(str(node.get(f"{W}id")))
        elif name == "bookmarkStart":
            found.bookmarks.append(str(node.get(f"{W}name")))
        elif name in {"drawing", "pict", "object"}:
            self._drawing(node, found)
        elif _UNREADABLE.fullmatch(name):
            self.unreadable(name)
        elif next(node.iter(f"{W}t", f"{W}delText"), None) is not None:
            self._children(node, changes, found)  # not known, but it holds words

    def _say(self, text: str, changes: tuple[Change, ...], found: Gathered) -> None:
        if not any(self.fields):
            found.runs.append(Run(text, changes))

    def _field(self, kind: str) -> None:
        """Of a field only the result is text, not the instruction."""
        if kind == "begin":
            self.fields.append(True)
        elif kind == "separate" and self.fields:
            self.fields[-1] = False
        elif kind == "end" and self.fields:
            self.fields.pop()

    def _drawing(self, node: etree._Element, found: Gathered) -> None:
        boxes = [n for n in node.iter(f"{W}txbxContent") if _MC + "Fallback" not in _above(n)]
        found.boxes += boxes
        found.pictures += not boxes

    def _math(
        self, node: etree._Element, name: str, changes: tuple[Change, ...], found: Gathered
    ) -> None:
        if name == "ctrlPr":
            if any(etree.QName(n).localname in _CHANGES for n in node.iter(f"{W}*")):
                self.unreadable("a change within a formula")
        elif name == "t":
            self._say(node.text or "", changes, found)
        else:
            self._children(node, changes, found)

    def look_through(self, properties: etree._Element | None) -> None:
        """Count changes of form only; refuse what is not known."""
        if properties is None:
            return
        for node in properties.iter(f"{W}*"):
            name = etree.QName(node).localname
            if name in _FORMATS:
                self.formatting += 1
            elif _UNREADABLE.fullmatch(name):
                self.unreadable(name)


def _above(node: etree._Element) -> list[str]:
    return [str(n.tag) for n in node.iterancestors()]


def _merged(runs: list[Run]) -> Iterator[Run]:
    """Neighbours under the same changes put together."""
    last: Run | None = None
    for run in runs:
        if last is not None and last.changes == run.changes:
            last = Run(last.text + run.text, run.changes)
            continue
        if last is not None and last.text:
            yield last
        last = run
    if last is not None and last.text:
        yield last
