"""The file around a Word text: opened with bounded memory, and refused if it could do harm.

Nothing in it is executed and nothing outside it is fetched. What is refused, and what is only told,
is decided here before any of the text is read.
"""

from __future__ import annotations

import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from lxml import etree

from parley.errors import Mistake, TextError

MAX_PART = 80_000_000
"""Most bytes of one part, unpacked."""

MAX_ALL = 400_000_000
"""Most bytes of all parts, unpacked."""

MAX_MEMBERS = 5_000
MAX_DEPTH = 200
"""Deepest nesting of XML."""

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_RELS = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_HARMLESS = ("hyperlink", "attachedTemplate")
_TYPES = "[Content_Types].xml"


@dataclass(frozen=True)
class Relation:
    """What one part says of another, or of something outside."""

    id: str
    kind: str
    target: str
    external: bool


@dataclass
class Package:
    """The parts of a Word file.

    `told` are things that a reader should know and that stop nothing.
    """

    name: str
    archive: zipfile.ZipFile
    told: list[Mistake] = field(default_factory=list)

    def has(self, part: str) -> bool:
        """Whether there is such a part."""
        return part in self.archive.NameToInfo

    def xml(self, part: str) -> etree._Element:
        """A part as XML, without entities, and not larger than `MAX_PART`."""
        raw = self._bytes(part)
        encoding = "utf-16" if raw[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8"
        self._refuse_entities(part, raw, encoding)
        # what the part says of its encoding is not asked: it was looked at in this one
        parser = etree.XMLParser(
            encoding=encoding,
            resolve_entities=False,
            no_network=True,
            huge_tree=True,
            remove_comments=True,
        )
        try:
            return etree.fromstring(raw, parser)
        except etree.XMLSyntaxError as error:
            self.refuse("broken-word", f"The part {part} is broken: {error.msg}.")

    def _refuse_entities(self, part: str, raw: bytes, encoding: str) -> None:
        """No part of a Word file declares entities, wherever in it and in whatever encoding."""
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            what = f"The part {part} is in an encoding that Word files do not have."
            self.refuse("encoding", what)
        if "<!DOCTYPE" in text or "<!ENTITY" in text:
            self.refuse("doctype", f"The part {part} declares entities, which no Word file does.")

    def relations(self, part: str) -> list[Relation]:
        """What a part refers to; targets within the file as names of parts."""
        folder, base = posixpath.split(part)
        rels = posixpath.join(folder, "_rels", f"{base}.rels")
        if not self.has(rels):
            return []
        return [_relation(node, folder) for node in self.xml(rels).iter(_RELS)]

    def refuse(self, code: str, what: str, remedy: str = "") -> NoReturn:
        """Stop, with a clear word."""
        advice = remedy or "Save it anew in Word or LibreOffice as .docx, and try again."
        raise TextError([Mistake(self.name, 0, code, what, advice)])

    def tell(self, code: str, what: str, remedy: str) -> None:
        """Note something that stops nothing."""
        self.told.append(Mistake(self.name, 0, code, what, remedy, "warning"))

    def _bytes(self, part: str) -> bytes:
        try:
            with self.archive.open(part) as stream:
                raw = stream.read(MAX_PART + 1)
        except KeyError:
            self.refuse("broken-word", f"The part {part} is missing.")
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError):
            self.refuse("broken-word", f"The part {part} is damaged.")
        if len(raw) > MAX_PART:
            what = f"The part {part} unpacks to over {MAX_PART // 1_000_000} MB."
            self.refuse("too-large", what, "Such a file is no text; ask for a clean copy.")
        return raw


def _relation(node: etree._Element, folder: str) -> Relation:
    external = node.get("TargetMode") == "External"
    target = str(node.get("Target", ""))
    if not external:
        target = target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
        target = posixpath.normpath(target)
    kind = str(node.get("Type", "")).rsplit("/", 1)[-1]
    return Relation(str(node.get("Id", "")), kind, target, external)


def open_package(path: Path, name: str) -> Package:
    """Open a Word file.

    Raises
    ------
    TextError
        If it is no .docx, or holds what a text does not need: macros, embedded objects, parts of
        other documents; or unpacks to more than a text can be.
    """
    kept = _kept(path, name)
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, NotImplementedError):
        raise _one(name, *kept) from None
    package = Package(name, archive)
    _refuse_bombs(package)
    if not package.has(_TYPES):
        package.refuse("not-word", "This is a zip file, but no Word file.")
    _refuse_dangerous(package)
    return package


def _one(name: str, code: str, what: str, remedy: str) -> TextError:
    return TextError([Mistake(name, 0, code, what, remedy)])


def _kept(path: Path, name: str) -> tuple[str, str, str]:
    """What to say if the file is no zip file."""
    try:
        with path.open("rb") as stream:
            head = stream.read(2_000_000)
    except OSError as error:
        reason = error.strerror or "unknown reason"
        code = "unreadable"
        raise _one(
            name, code, f"The file cannot be read: {reason}.", "Check its name and rights."
        ) from None
    if head.startswith(_OLE) and _ENCRYPTED in head:
        what = "The file is protected by a password."
        return "password", what, "Open it in Word, take the password off in a copy, and use that."
    if head.startswith(_OLE):
        what = "This is a .doc file of before 2007."
        return "old-word", what, "Open it in Word or LibreOffice and save it as .docx."
    remedy = "Give a .docx file, or a .md file."
    return "not-word", "This is no Word file, or it is cut short.", remedy


def _refuse_bombs(package: Package) -> None:
    infos = package.archive.infolist()
    size = sum(info.file_size for info in infos)
    if len(infos) > MAX_MEMBERS or size > MAX_ALL:
        what = f"The file unpacks to {len(infos):,} parts with {size / 1e6:,.0f} MB."
        package.refuse("too-large", what, "Such a file is no text; ask for a clean copy.")
    if any(info.flag_bits & 1 for info in infos):
        remedy = "Take the password off in a copy, and use that."
        package.refuse("password", "The file is protected by a password.", remedy)


def _refuse_dangerous(package: Package) -> None:
    names = package.archive.namelist()
    types = package._bytes(_TYPES)
    copy = "Save a copy as .docx without them, and use that."
    if any(n.lower().endswith("vbaproject.bin") for n in names) or b"macroEnabled" in types:
        package.refuse("macros", "The file holds macros. None was run.", copy)
    if any("/embeddings/" in n or "/activeX/" in n for n in names):
        package.refuse("embedded", "Other documents or objects are embedded in the file.", copy)
    if any("/afchunk" in n.lower() for n in names):
        what = "Parts of other documents are linked into the file."
        package.refuse("embedded", what, "Open it in Word, save it, and use the saved file.")
    for relation in _all_relations(package):
        _judge(package, relation)


def _all_relations(package: Package) -> Iterator[Relation]:
    for name in package.archive.namelist():
        folder, base = posixpath.split(name)
        if base.endswith(".rels") and folder.endswith("_rels"):
            yield from package.relations(posixpath.join(posixpath.dirname(folder), base[:-5]))


def _judge(package: Package, relation: Relation) -> None:
    if relation.kind in {"aFChunk", "subDocument"}:
        what = "Parts of other documents are linked into the file."
        package.refuse("embedded", what, "Open it in Word, save it, and use the saved file.")
    if relation.kind in {"oleObject", "package", "control"}:
        what = "Other documents or objects are embedded in the file or linked to it."
        package.refuse("embedded", what, "Save a copy without them, and use that.")
    if relation.external and relation.kind not in _HARMLESS:
        what = f"The file refers to something outside it ({relation.kind}). It was not fetched."
        package.tell("external-link", what, "Ask for a copy that stands alone, if it matters.")
