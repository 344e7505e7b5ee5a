"""Real numbers for Word, wherever Word would count to the same label; else it is written out.

Each run of neighbours that count on by one gets an instance of its own, so that a number never
depends on what stands elsewhere in the file.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn

from parley.texts.word.numbering import written

_FORMS = (
    (re.compile(r"(?P<before>)(?P<n>\d+)(?P<after>\.)"), "decimal"),
    (re.compile(r"(?P<before>)(?P<n>\d+)(?P<after>\))"), "decimal"),
    (re.compile(r"(?P<before>\()(?P<n>\d+)(?P<after>\))"), "decimal"),
    (re.compile(r"(?P<before>\(?)(?P<n>[ivxl]+)(?P<after>\))"), "lowerRoman"),
    (re.compile(r"(?P<before>\(?)(?P<n>[a-z]{1,2})(?P<after>\))"), "lowerLetter"),
    (re.compile(r"(?P<before>\()(?P<n>[A-Z])(?P<after>\))"), "upperLetter"),
    (re.compile(r"(?P<before>[^\W\d]+\.? )(?P<n>\d+)(?P<after>)"), "decimal"),
)
_FIRST_ABSTRACT = 900
Form = tuple[str, str]


class ListWriter:
    """Plans the numbers of a file, and gives paragraphs theirs."""

    def __init__(self, document: Any) -> None:
        self.document = document
        self.forms: dict[Form, int] = {}
        self.planned: dict[tuple[str, str], list[int | None]] = {}

    def plan(self, labels: Sequence[tuple[str, str]]) -> None:
        """Decide for each group and label, in order, whether Word counts it."""
        last: dict[str, tuple[Form, int, int]] = {}
        for group, label in labels:
            if not label:
                continue
            number: int | None = None
            found = _read(label, last.get(group)) if group else None
            if found is not None:
                form, value = found
                before = last.get(group)
                follows = before is not None and before[0] == form and before[1] + 1 == value
                number = before[2] if before is not None and follows else self._new(form, value)
                last[group] = (form, value, number)
            self.planned.setdefault((group, label), []).append(number)

    def take(self, group: str, label: str) -> int | None:
        """The instance for the next paragraph of this group and label; ``None`` to write it."""
        return self.planned[group, label].pop(0)

    def number(self, paragraph: Any, number: int, depth: int) -> None:
        """Make a paragraph one of an instance."""
        properties = paragraph._p.get_or_add_pPr().get_or_add_numPr()
        properties.get_or_add_ilvl().val = 0
        properties.get_or_add_numId().val = number
        if not paragraph.style.name.startswith("Heading"):
            indent = paragraph._p.get_or_add_pPr().get_or_add_ind()
            indent.set(qn("w:left"), str(360 * (depth + 1)))
            indent.set(qn("w:hanging"), "360")

    def _new(self, form: Form, value: int) -> int:
        numbering = self.document.part.numbering_part.element
        abstract = self.forms.get(form)
        if abstract is None:
            abstract = _FIRST_ABSTRACT + len(self.forms)
            self.forms[form] = abstract
            first = numbering.find(qn("w:num"))
            made = parse_xml(_abstract(abstract, *form))
            if first is None:
                numbering.append(made)
            else:
                first.addprevious(made)
        number = numbering.add_num(abstract)
        number.add_lvlOverride(ilvl=0).add_startOverride(value)
        return int(number.numId)


def _abstract(name: int, how: str, text: str) -> str:
    shown = text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    return (
        f'<w:abstractNum {nsdecls("w")} w:abstractNumId="{name}">'
        '<w:multiLevelType w:val="singleLevel"/>'
        f'<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="{how}"/>'
        f'<w:suff w:val="space"/><w:lvlText w:val="{shown}"/><w:lvlJc w:val="left"/>'
        '<w:pPr><w:ind w:left="0" w:firstLine="0"/></w:pPr></w:lvl>'
        "</w:abstractNum>"
    )


def _read(label: str, last: tuple[Form, int, int] | None) -> tuple[Form, int] | None:
    """How Word would count to a label, preferring what goes on from the last one."""
    readings = []
    for pattern, how in _FORMS:
        found = pattern.fullmatch(label)
        value = _value(found["n"], how) if found else 0
        if found and value and written(value, how) == found["n"]:
            end = found["after"] or "."
            readings.append(((how, f"{found['before']}%1{end}"), value))
    for form, value in readings:
        if last is not None and last[0] == form and last[1] + 1 == value:
            return form, value
    firsts = [reading for reading in readings if reading[1] == 1]
    return next(iter([*firsts, *readings]), None)


def _value(text: str, how: str) -> int:
    if how == "decimal":
        return int(text) if len(text) < 5 else 0
    return next((k for k in range(1, 60) if written(k, how) == text), 0)
