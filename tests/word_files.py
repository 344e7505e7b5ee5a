"""Word files for tests, made part by part, so that they can hold anything."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
KIND = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
TYPES = (
    f'<?xml version="1.0"?><Types xmlns="{PACKAGE}/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/word/document.xml" ContentType="{KIND}"/></Types>'
)
RELS = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
    'relationships">{}</Relationships>'
)
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = f'<Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="word/document.xml"/>'


def paragraph(*runs: str, properties: str = "") -> str:
    shown = f"<w:pPr>{properties}</w:pPr>" if properties else ""
    return f"<w:p>{shown}{''.join(runs)}</w:p>"


def run(text: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'


def inserted(text: str, author: str = "A") -> str:
    return f'<w:ins w:id="1" w:author="{author}" w:date="2025-06-01T10:00:00Z">{run(text)}</w:ins>'


def deleted(text: str, author: str = "B") -> str:
    inner = f'<w:r><w:delText xml:space="preserve">{text}</w:delText></w:r>'
    return f'<w:del w:id="2" w:author="{author}" w:date="2025-06-02T10:00:00Z">{inner}</w:del>'


def word_file(
    path: Path,
    body: str,
    parts: dict[str, str | bytes] | None = None,
    relations: str = "",
    types: str = TYPES,
) -> Path:
    """Write a Word file with this body; `parts` are more parts, `relations` those of the body."""
    document = f'<?xml version="1.0"?><w:document xmlns:w="{W}" xmlns:r="{OFFICE}"><w:body>{body}'
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", types)
        archive.writestr("_rels/.rels", RELS.format(MAIN))
        archive.writestr("word/document.xml", f"{document}</w:body></w:document>")
        archive.writestr("word/_rels/document.xml.rels", RELS.format(relations))
        for name, content in (parts or {}).items():
            archive.writestr(name, content)
    path.write_bytes(stream.getvalue())
    return path
