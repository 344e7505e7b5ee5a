"""The comparison as a table for Excel and for Word."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from parley.case.file import write_bytes
from parley.texts.comparing.table import Comparison, Row
from parley.texts.word.tables import table_bytes

_EPOCH = (1980, 1, 1, 0, 0, 0)
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_MOST = 32_000
"""Most letters of a cell; Excel takes 32,767."""
_STAMP = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")


def head(comparison: Comparison) -> list[str]:
    """The headings of the table."""
    columns = ["Row", "Point"]
    for name in comparison.names:
        columns += [f"{name}: where", name, f"{name}: stands to the first"]
    return [*columns, "Note"]


def body(comparison: Comparison) -> list[list[str]]:
    """The rows of the table: issues of the case first, then paragraph by paragraph."""
    rows = [_row(f"i{k}", row) for k, row in enumerate(comparison.issues, start=1)]
    return rows + [_row(f"p{k}", row) for k, row in enumerate(comparison.paragraphs, start=1)]


def _row(name: str, row: Row) -> list[str]:
    cells = [name, row.topic]
    for cell, reading in zip(row.cells, row.readings, strict=True):
        relation = "" if reading is None else f"{reading.relation.value}: {reading.why}"
        cells += [cell.place, cell.text, relation]
    notes = ["may not belong together"] * row.unsure + ["in another order"] * row.moved
    return [*cells, "; ".join(notes)]


def write_xlsx(comparison: Comparison, path: Path) -> None:
    """Write the comparison as an Excel file, whole or not at all."""
    book = Workbook()
    sheet: Any = book.active
    sheet.title = "Comparison"
    for line in [head(comparison), *body(comparison)]:
        sheet.append([_FORBIDDEN.sub("", cell)[:_MOST] for cell in line])
    for row in sheet.iter_rows():
        for cell in row:
            cell.data_type = "s"  # words that begin with = are words
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for k, title in enumerate(head(comparison), start=1):
        wide = title in comparison.names
        sheet.column_dimensions[get_column_letter(k)].width = 60 if wide else 18
    sheet.freeze_panes = "C2"
    stream = io.BytesIO()
    book.save(stream)
    write_bytes(path, _steady(stream.getvalue()))


def _steady(data: bytes) -> bytes:
    """The same file without the hour at which it was made."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            content = source.read(name)
            if name == "docProps/core.xml":
                content = _STAMP.sub(rb"\g<1>1980-01-01T00:00:00Z", content)
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(info, content)
    return stream.getvalue()


def write_docx(comparison: Comparison, path: Path) -> None:
    """Write the comparison as a Word file with one wide table, whole or not at all."""
    columns = ["Point", *comparison.names]
    rows = []
    for row in [*comparison.issues, *comparison.paragraphs]:
        cells = [row.topic]
        for cell, reading in zip(row.cells, row.readings, strict=True):
            relation = "" if reading is None else f"\n[{reading.relation.value}: {reading.why}]"
            where = f"{cell.place}\n" if cell.place else "—"
            cells.append(f"{where}{cell.text}{relation}")
        rows.append(cells)
    write_bytes(path, table_bytes("Comparison", columns, rows))
