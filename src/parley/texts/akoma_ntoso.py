"""Akoma Ntoso (OASIS LegalDocumentML 1.0): a text as XML for archives and law databases.

A text is a ``doc``: its preamble, then parts, articles, paragraphs and points with their numbers,
headings and contents. Every element has an ``eId`` by the naming convention and keeps Parley's
identifier in ``wId``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from lxml import etree

from parley.case.file import write_bytes
from parley.texts.articles import CELL, Draft, Provision, ProvisionKind
from parley.texts.outline import slug

NAMESPACE: Final = "http://docs.oasis-open.org/legaldocml/ns/akn/3.0"
_A: Final = f"{{{NAMESPACE}}}"
_NOTE = re.compile(r"\[\^([^\]\s]{1,20})\]")
_UNDATED = "0001-01-01"
_SHORT = {
    ProvisionKind.PART: ("part", "part"),
    ProvisionKind.ARTICLE: ("article", "art"),
    ProvisionKind.ANNEX: ("hcontainer", "annex"),
    ProvisionKind.PARAGRAPH: ("paragraph", "para"),
    ProvisionKind.POINT: ("point", "point"),
    ProvisionKind.ROW: ("paragraph", "para"),
}
_LANGUAGES = {
    "ar": "ara",
    "de": "deu",
    "en": "eng",
    "es": "spa",
    "fa": "fas",
    "fr": "fra",
    "he": "heb",
    "it": "ita",
    "pt": "por",
    "ru": "rus",
    "tr": "tur",
    "uk": "ukr",
    "zh": "zho",
}


def write_akoma_ntoso(draft: Draft, path: Path) -> None:
    """Write a text as Akoma Ntoso, whole or not at all."""
    write_bytes(path, akoma_ntoso(draft))


def akoma_ntoso(draft: Draft) -> bytes:
    """A text as Akoma Ntoso XML."""
    root = etree.Element(f"{_A}akomaNtoso", nsmap={None: NAMESPACE})
    document = _sub(root, "statement", name="agreement")
    _meta(document, draft)
    names = _Names()
    opening = _opening(draft)
    preface = _sub(document, "preface")
    title = _sub(_sub(preface, "p"), "docTitle")
    title.text = draft.front.title
    if opening:
        preamble = _sub(document, "preamble")
        for provision in opening:
            _paragraph(preamble, provision.text, draft)
            for below in provision.children:
                for point in below.walk():
                    _paragraph(preamble, f"{point.label} {point.text}".strip(), draft)
    body = _sub(document, "mainBody")
    for provision in draft.provisions[len(opening) :]:
        _add(body, provision, names, "", draft)
    if not len(body):
        _paragraph(body, "", draft)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _opening(draft: Draft) -> tuple[Provision, ...]:
    """Unnumbered paragraphs before the first article."""
    found: list[Provision] = []
    for provision in draft.provisions:
        if provision.kind is not ProvisionKind.PARAGRAPH or provision.label:
            break
        found.append(provision)
    return tuple(found) if len(found) < len(draft.provisions) else ()


def _meta(document: Any, draft: Draft) -> None:
    meta = _sub(document, "meta")
    identification = _sub(meta, "identification", source="#parley")
    day = draft.front.date.day if draft.front.date is not None else _UNDATED
    name = slug(draft.front.title)[:80] or "text"
    language = _LANGUAGES.get(draft.language.split("-")[0], draft.language.split("-")[0])
    work = f"/akn/un/statement/{day}/{name}"
    levels = (
        ("FRBRWork", work, f"{work}/!main"),
        ("FRBRExpression", f"{work}/{language}@", f"{work}/{language}@/!main"),
        ("FRBRManifestation", f"{work}/{language}@.akn", f"{work}/{language}@/!main.akn"),
    )
    for tag, uri, this in levels:
        node = _sub(identification, tag)
        _sub(node, "FRBRthis", value=this)
        _sub(node, "FRBRuri", value=uri)
        _sub(node, "FRBRdate", date=day, name="draft")
        _sub(node, "FRBRauthor", href="#author")
        if tag == "FRBRWork":
            _sub(node, "FRBRcountry", value="un")
        if tag == "FRBRExpression":
            _sub(node, "FRBRlanguage", language=language)
    references = _sub(meta, "references", source="#parley")
    author = draft.front.party or "unknown"
    organization = {"href": f"/akn/ontology/organization/{author}", "showAs": author}
    _sub(references, "TLCOrganization", eId="author", **organization)
    program = {"href": "/akn/ontology/organization/parley", "showAs": "Parley"}
    _sub(references, "TLCOrganization", eId="parley", **program)
    if draft.footnotes:
        notes = _sub(meta, "notes", source="#parley")
        for k, (mark, text) in enumerate(draft.footnotes, start=1):
            note = _sub(notes, "note", eId=f"note_{k}", marker=mark)
            for line in text.split("\n"):
                _sub(note, "p").text = line


class _Names:
    """Names of elements by the convention, made unique."""

    def __init__(self) -> None:
        self.taken: set[str] = set()

    def new(self, above: str, short: str, number: str) -> str:
        base = f"{above}__" if above else ""
        number = re.sub(r"[^\w-]+", "-", number.strip("().")).strip("-") or "1"
        name, k = f"{base}{short}_{number}", 1
        while name in self.taken:
            k += 1
            name = f"{base}{short}_{number}-{k}"
        self.taken.add(name)
        return name


def _add(above: Any, provision: Provision, names: _Names, prefix: str, draft: Draft) -> None:
    tag, short = _SHORT[provision.kind]
    number = provision.label.split()[-1] if provision.label else ""
    name = names.new(prefix, short, number)
    extra = {"name": "annex"} if provision.kind is ProvisionKind.ANNEX else {}
    node = _sub(above, tag, eId=name, wId=provision.id, **extra)
    if provision.label:
        _sub(node, "num").text = provision.label
    if provision.heading:
        _words(_sub(node, "heading"), provision.heading, draft)
    if provision.children:
        if provision.text:
            _paragraph(_sub(node, "intro"), provision.text, draft)
        for child in provision.children:
            _add(node, child, names, name, draft)
        return
    content = _sub(node, "content")
    if provision.kind is ProvisionKind.ROW:
        row = _sub(_sub(content, "table"), "tr")
        for cell in provision.text.split(CELL):
            _paragraph(_sub(row, "td"), cell, draft)
        return
    _paragraph(content, provision.text, draft)


def _paragraph(above: Any, text: str, draft: Draft) -> None:
    _words(_sub(above, "p"), text, draft)


def _words(node: Any, text: str, draft: Draft) -> None:
    """Words, with references to notes and breaks between lines as elements."""
    marks = [mark for mark, _ in draft.footnotes]
    last: Any = None
    for piece in _pieces(text):
        note = _NOTE.fullmatch(piece)
        if note and note[1] in marks:
            last = _sub(node, "noteRef", href=f"#note_{marks.index(note[1]) + 1}", marker=note[1])
        elif piece == "\n":
            last = _sub(node, "br")
        elif last is None:
            node.text = (node.text or "") + piece
        else:
            last.tail = (last.tail or "") + piece


def _pieces(text: str) -> Iterator[str]:
    for piece in re.split(r"(\n|\[\^[^\]\s]{1,20}\])", text):
        if piece:
            yield piece


def _sub(above: Any, tag: str, **attributes: str) -> Any:
    return etree.SubElement(above, f"{_A}{tag}", attributes)
