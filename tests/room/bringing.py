"""Files as people bring them: texts, Word files, packed cases, and files that are traps."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.word_files import MAIN, RELS, TYPES, W, paragraph, run, word_file

ISTANBUL = Path(__file__).parents[2] / "examples" / "istanbul-2025"
NORTH = (
    "## Article 1. Ceasefire\n\n1. All fire stops at 06:00 UTC on 1 May 2026 for 30 days.\n\n"
    "2. Both sides withdraw heavy arms 10 km from the line of contact.\n"
)
SOUTH = NORTH.replace("30 days", "60 days").replace("10 km", "25 km")


def text(name: str) -> dict[str, Any]:
    """What the workshop is told of a text of a party."""
    return {"name": name, "title": f"Text of {name}", "party": name.lower()}


def markdown(words: str, title: str = "A draft") -> bytes:
    """Words as Markdown with a head."""
    return f"---\nparley: 1\ntitle: {title}\n---\n\n{words}".encode()


def word(tmp: Path, *paragraphs: str) -> bytes:
    """A Word file with these paragraphs."""
    body = "".join(paragraph(run(words)) for words in paragraphs)
    return word_file(tmp / "made.docx", body).read_bytes()


def packed(files: Mapping[str, bytes]) -> bytes:
    """A zip file."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


def istanbul(top: str = "istanbul-2025/", **more: bytes) -> bytes:
    """The example of Istanbul, packed."""
    files = {
        f"{top}{path.relative_to(ISTANBUL)}": path.read_bytes()
        for path in sorted(ISTANBUL.rglob("*"))
        if path.is_file()
    }
    return packed(files | more)


def word_with(document: bytes) -> bytes:
    """A Word file whose main part is exactly this."""
    parts = {
        "[Content_Types].xml": TYPES.encode(),
        "_rels/.rels": RELS.format(MAIN).encode(),
        "word/document.xml": document,
    }
    return packed(parts)


def blown_up(size: int) -> bytes:
    """A Word file with a main part of so many bytes, all of it well-formed and full of words."""
    one = paragraph(run("a" * 200)).encode()
    many = one * max(1, 2**20 // len(one))
    head = f'<?xml version="1.0"?><w:document xmlns:w="{W}"><w:body>'.encode()
    tail = b"</w:body></w:document>"
    times = (size - len(head) - len(tail)) // len(many)
    crc = zlib.crc32(head)
    for _ in range(times):
        crc = zlib.crc32(many, crc)
    crc = zlib.crc32(tail, crc)
    # what repeats is packed once: every block stands by itself
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    first = packer.compress(head) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(many) + packer.flush(zlib.Z_FULL_FLUSH)
    last = packer.compress(tail) + packer.flush()
    body = first + block * times + last
    length = len(head) + times * len(many) + len(tail)
    return _zip_of("word/document.xml", body, crc, length)


def _zip_of(name: str, body: bytes, crc: int, length: int) -> bytes:
    """A Word file with one part that was packed by hand."""
    raw = word_with(b"")
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        others = [(i.filename, archive.read(i)) for i in archive.infolist() if i.filename != name]
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for other, content in others:
            archive.writestr(other, content)
        info = zipfile.ZipInfo(name)
        info.compress_type = zipfile.ZIP_DEFLATED
        info.header_offset = archive.start_dir
        info.CRC, info.compress_size, info.file_size = crc, len(body), length
        stream.seek(archive.start_dir)
        stream.write(info.FileHeader() + body)
        archive.filelist.append(info)
        archive.NameToInfo[name] = info
        archive.start_dir = stream.tell()
    return stream.getvalue()


def many_entries(count: int) -> bytes:
    """A zip file that lists so many entries, all of the same nothing."""
    local = struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, 0, 0, 33, 0, 0, 0, 1, 0) + b"a"
    entry = struct.pack(
        "<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 0, 0, 33, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0
    )
    listed = (entry + b"a") * count
    end = struct.pack(
        "<4s4H2LH", b"PK\x05\x06", 0, 0, count % 65535, count % 65535, len(listed), len(local), 0
    )
    return local + listed + end


def laughs(before: bytes = b"", encoding: str = "utf-8") -> bytes:
    """A Word file whose main part declares entities in entities, as values of an attribute."""
    levels = "".join(
        f'<!ENTITY e{k} "{f"&e{k - 1};" * 10}">' if k else '<!ENTITY e0 "ha">' for k in range(9)
    )
    document = (
        f'<?xml version="1.0" encoding="{encoding}"?>{before.decode()}'
        f"<!DOCTYPE w:document [{levels}]>"
        f'<w:document xmlns:w="{W}" a="&e8;"><w:body>{paragraph(run("ha"))}</w:body></w:document>'
    )
    return word_with(document.encode(encoding))
