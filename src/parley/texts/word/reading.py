"""Read a Word file: its words in both versions, its numbers, footnotes, comments and changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from lxml import etree

from parley.errors import Mistake, TextError
from parley.texts.articles import Comment, Draft, Front
from parley.texts.outline import outline
from parley.texts.word.head import head_in
from parley.texts.word.names import id_in, issue_in
from parley.texts.word.numbering import Counter, Lists, W, lists_of
from parley.texts.word.package import Package, open_package
from parley.texts.word.runs import Change, Reader, Run, Version, changes_in
from parley.texts.word.styles import Styles, number_in, styles_of
from parley.texts.word.versions import Paragraph, in_version, lines_of, text_of

MOST_MESSAGES = 20
_CORE = "{http://schemas.openxmlformats.org/package/2006/metadata/core-properties}"


@dataclass(frozen=True)
class Revision:
    """A tracked change as a reader of the list of changes sees it."""

    change: Change
    text: str
    place: int


@dataclass(frozen=True)
class WordText:
    """A Word file that was read.

    `told` are things that stop nothing: pictures, headers, links that were not followed.
    """

    name: str
    paragraphs: tuple[Paragraph, ...]
    lists: Lists
    notes: tuple[tuple[str, tuple[Paragraph, ...]], ...]
    comments: dict[str, Comment]
    told: tuple[Mistake, ...]
    formatting: int
    title: str
    keywords: str

    @property
    def revisions(self) -> tuple[Revision, ...]:
        """Every tracked change of words, in order."""
        groups = [self.paragraphs, *(paragraphs for _, paragraphs in self.notes)]
        return tuple(
            Revision(change, run.text, paragraph.place)
            for group in groups
            for paragraph in group
            for run in (*paragraph.runs, Run("¶", paragraph.mark))
            for change in run.changes
        )

    def draft(self, version: Version = "final", front: Front | None = None) -> Draft:
        """One version of the text: before all tracked changes, or after.

        Raises
        ------
        TextError
            If numbers stand twice, or there is no text.
        """
        kept = list(in_version(self.paragraphs, version))
        lines = list(lines_of(kept, version, Counter(self.lists)))
        provisions, mistakes = outline(lines, self.name)
        if not provisions:
            remedy = "Look whether the text is a picture; such a file must be typed first."
            mistakes.append(Mistake(self.name, 0, "empty", "There are no words in it.", remedy))
        if mistakes:
            raise TextError(mistakes)
        texts = {mark: text_of(paragraphs, version) for mark, paragraphs in self.notes}
        spoken = "".join(line.text for line in lines)
        notes = tuple((mark, text) for mark, text in texts.items() if f"[^{mark}]" in spoken)
        at = {p.line: p.id for top in provisions for p in top.walk()}
        comments = tuple(
            self.comments[name].model_copy(update={"at": at.get(paragraph.place)})
            for paragraph in self.paragraphs
            for name in paragraph.comments
            if name in self.comments
        )
        head = front or head_in(self._title(kept, version), self.keywords)
        return Draft(
            self.name,
            head.model_copy(update={"comments": (*head.comments, *comments)}),
            provisions,
            notes,
        )

    def _title(self, kept: list[Paragraph], version: Version) -> str:
        titles = [p.text(version).strip() for p in kept if p.title]
        found = " ".join(t for t in titles if t) or self.title or Path(self.name).stem
        return " ".join(found.split())[:4000] or "Untitled"


def read_word(path: Path, name: str | None = None) -> WordText:
    """Read a Word file (.docx).

    Raises
    ------
    TextError
        If it is refused (see `open_package`), damaged, or holds a revision that cannot be read.
    """
    shown = name or str(path)
    package = open_package(path, shown)
    with package.archive:
        return _File(package).read()


class _File:
    """Reads one file, gathering what is told on the way."""

    def __init__(self, package: Package) -> None:
        self.package = package
        targets = {r.kind: r.target for r in package.relations("") if not r.external}
        self.main = targets.get("officeDocument", "word/document.xml")
        self.parts = {r.kind: r.target for r in package.relations(self.main) if not r.external}
        self.styles: Styles = styles_of(self._part("styles"))
        self.lists = lists_of(self._part("numbering"))
        self.marks: dict[tuple[str, str], str] = {}
        self.wrong: list[Mistake] = []
        self.place = 0
        self.pictures = 0
        self.reader = Reader(self._mark, self._unreadable)
        self.core = targets.get("core-properties")

    def _part(self, kind: str) -> etree._Element | None:
        part = self.parts.get(kind)
        return self.package.xml(part) if part and self.package.has(part) else None

    def read(self) -> WordText:
        body = self.package.xml(self.main).find(f"{W}body")
        if body is None:
            self.package.refuse("not-word", "This is no Word file: it has no body.")
        paragraphs = tuple(self._blocks(body, ()))
        notes = tuple(self._notes("footnote")) + tuple(self._notes("endnote"))
        comments = dict(self._comments())
        self._tell()
        if self.wrong:
            raise TextError(self.wrong[:MOST_MESSAGES])
        return WordText(
            self.package.name,
            paragraphs,
            self.lists,
            notes,
            comments,
            tuple(self.package.told),
            self.reader.formatting,
            self._property("{http://purl.org/dc/elements/1.1/}title"),
            self._property(f"{_CORE}keywords"),
        )

    def _mark(self, kind: str, name: str) -> str:
        prefix = "" if kind == "footnote" else "e"
        known = sum(1 for key in self.marks if key[0] == kind)
        return self.marks.setdefault((kind, name), f"{prefix}{known + 1}")

    def _unreadable(self, what: str) -> None:
        self.wrong.append(
            Mistake(
                self.package.name,
                self.place,
                "unread-revision",
                f"A tracked change here is of a kind that cannot be read ({what}).",
                "Ask for a copy in which it is accepted or rejected; it may not be dropped.",
            )
        )

    def _blocks(self, node: etree._Element, outer: tuple[Change, ...]) -> Iterator[Paragraph]:
        for child in node:
            if not isinstance(child.tag, str):
                continue
            name = etree.QName(child).localname
            if name == "p":
                yield from self._paragraph(child, outer)
            elif name == "tbl":
                yield from self._table(child, outer)
            elif name in {"ins", "del", "moveFrom", "moveTo"}:
                self._unreadable(f"{name} around whole paragraphs")
            elif name in {"sdt", "sdtContent", "customXml"}:
                yield from self._blocks(child, outer)
            elif name == "altChunk":
                what = "Parts of other documents are linked into the file."
                self.package.refuse("embedded", what, "Open it in Word, save it, and use that.")
            else:
                self.reader.look_through(child)

    def _paragraph(self, node: etree._Element, outer: tuple[Change, ...]) -> Iterator[Paragraph]:
        self.place += 1
        place = self.place
        properties = node.find(f"{W}pPr")
        mark = None if properties is None else properties.find(f"{W}rPr")
        found = self.reader.read(node, outer)
        self.pictures += found.pictures
        style = self.styles.of(properties)
        yield Paragraph(
            tuple(found.runs),
            style.heading,
            style.title,
            self._number(properties, before=False),
            self._number(properties, before=True),
            (*outer, *changes_in(mark)),
            place,
            id_in(found.bookmarks),
            issue_in(found.bookmarks),
            tuple(found.comments),
        )
        for box in found.boxes:
            yield from self._blocks(box, outer)

    def _number(self, properties: etree._Element | None, *, before: bool) -> tuple[str, int] | None:
        if before and properties is not None:
            change = properties.find(f"{W}pPrChange/{W}pPr")
            properties = change if change is not None else properties
        return number_in(properties, self.styles, self.lists)

    def _table(self, node: etree._Element, outer: tuple[Change, ...]) -> Iterator[Paragraph]:
        for row in node.iterchildren(f"{W}tr"):
            properties = row.find(f"{W}trPr")
            self.reader.look_through(properties)
            changes = (*outer, *changes_in(properties))
            cells = [c for c in row.iter(f"{W}tc") if next(c.iterancestors(f"{W}tr")) is row]
            for cell in cells:
                self.reader.look_through(cell.find(f"{W}tcPr"))
            number = self.place + 1
            for k, cell in enumerate(cells):
                for paragraph in self._blocks(cell, changes):
                    inside = len(cells) > 1
                    yield replace(paragraph, row=(number, k)) if inside else paragraph

    def _notes(self, kind: str) -> Iterator[tuple[str, tuple[Paragraph, ...]]]:
        root = self._part(f"{kind}s")
        if root is None:
            return
        for node in root.iterchildren(f"{W}{kind}"):
            mark = self.marks.get((kind, str(node.get(f"{W}id"))))
            if mark is not None:
                yield mark, tuple(self._blocks(node, ()))

    def _comments(self) -> Iterator[tuple[str, Comment]]:
        root = self._part("comments")
        if root is None:
            return
        for node in root.iterchildren(f"{W}comment"):
            texts = [p.text("final") for p in self._blocks(node, ())]
            text = "\n".join(t for t in texts if t.strip()).strip()
            by, date = node.get(f"{W}author"), node.get(f"{W}date")
            if text:
                comment = Comment(by=by or None, date=date or None, text=text[:4000])
                yield str(node.get(f"{W}id")), comment

    def _tell(self) -> None:
        if self.pictures:
            what = f"{self.pictures} pictures in the file are not read."
            self.package.tell("picture", what, "Look at them in Word: they may hold text or maps.")
        for kind in ("header", "footer"):
            root = self._part(kind)
            if root is not None and any((t.text or "").strip() for t in root.iter(f"{W}t")):
                what = f"The {kind} of the pages is not read."
                self.package.tell("header", what, "Look at it in Word.")

    def _property(self, tag: str) -> str:
        """One of the properties of the file; empty if it has none."""
        if not self.core or not self.package.has(self.core):
            return ""
        found = self.package.xml(self.core).find(tag)
        return (found.text or "").strip() if found is not None else ""
