"""A Word file with one wide table, on paper laid across."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.oxml import OxmlElement
from docx.shared import Pt

from parley.texts.word.writing import fill_cell, repacked


def table_bytes(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    """The Word file of a table."""
    document = Document()
    core = document.core_properties
    core.title, core.author, core.comments = title, "", ""
    document.styles["Normal"].font.size = Pt(9)
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = section.page_height, section.page_width
    document.add_paragraph(title, style="Title")
    table: Any = document.add_table(rows=1, cols=len(columns), style="Table Grid")
    for cell, text in zip(table.rows[0].cells, columns, strict=True):
        fill_cell(cell.paragraphs[0], text)
        for run in cell.paragraphs[0].runs:
            run.bold = True
    repeat = OxmlElement("w:tblHeader")
    table.rows[0]._tr.get_or_add_trPr().append(repeat)
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            fill_cell(cell.paragraphs[0], text)
    stream = io.BytesIO()
    document.save(stream)
    return repacked(stream.getvalue())
