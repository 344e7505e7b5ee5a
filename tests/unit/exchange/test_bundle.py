"""The archive of a room: in one form, in bounds, never on the disk."""

from __future__ import annotations

import io
import os
import random
import struct
import tracemalloc
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest

from parley.errors import ParleyError, ProofError, TooLargeError
from parley.exchange import archive, bundle
from parley.exchange.archive import Place
from parley.exchange.bundle import Bundle, Channel, Listed, check_seal, head_file, open_bundle
from tests.unit.exchange.rooms import AT, LOG, ROOM, packed, sealed_files, whole

FILES = {"a": b"", "b/c.json": b"{}", "d-e/f": bytes(range(256)) * 40}


def zipped(files: Any = FILES, **changes: Any) -> bytes:
    """An archive as Python's own library writes it."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as packer:
        for name, data in files.items():
            info = zipfile.ZipInfo(name)
            for key, value in changes.items():
                setattr(info, key, value)
            packer.writestr(info, data)
    return stream.getvalue()


def written(files: Any = FILES) -> bytes:
    stream = io.BytesIO()
    archive.write(files.items(), stream)
    return stream.getvalue()


def read(raw: bytes) -> dict[str, bytes]:
    return dict(archive.read(io.BytesIO(raw)))


def test_any_program_opens_it_and_python_writes_the_same() -> None:
    assert written() == zipped()
    with zipfile.ZipFile(io.BytesIO(written())) as other:
        assert other.testzip() is None
        assert {name: other.read(name) for name in other.namelist()} == FILES
    assert read(written()) == FILES
    assert read(written({})) == {}


def test_deflated_archives_are_read_too() -> None:
    assert read(zipped(compress_type=zipfile.ZIP_DEFLATED)) == FILES
    noise = {"n": random.Random(1).randbytes(5000)}
    assert read(zipped(noise, compress_type=zipfile.ZIP_DEFLATED)) == noise


def test_more_files_than_the_old_form_of_zip_can_count() -> None:
    many = {f"f{k}": b"x" for k in range(65_600)}
    raw = written(many)
    assert len(archive.read(io.BytesIO(raw))) == 65_600
    assert raw == zipped(many)
    for place in range(len(raw) - 98, len(raw), 30):
        changed = bytearray(raw)
        changed[place] ^= 4
        with pytest.raises(ParleyError):
            archive.read(io.BytesIO(bytes(changed)))


@pytest.mark.parametrize(
    "changes",
    [
        {"compress_type": zipfile.ZIP_BZIP2},
        {"compress_type": zipfile.ZIP_LZMA},
        {"date_time": (2026, 1, 1, 0, 0, 0)},
        {"comment": b"x"},
        {"extra": b"\xff\xff\0\0"},
        {"external_attr": 0o777 << 16},
        {"create_system": 0},
        {"internal_attr": 1},
    ],
    ids=str,
)
def test_other_forms_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ProofError):
        read(zipped(**changes))


def test_what_stands_before_between_and_after_is_refused() -> None:
    raw = written()
    with zipfile.ZipFile(stream := io.BytesIO(raw), "a") as packer:
        packer.comment = b"hidden"
    second = raw.index(b"PK\3\4", 1)
    for bad in (
        b"x" + raw,
        raw + b"x",
        raw + raw,
        raw[:second] + b"x" + raw[second:],
        stream.getvalue(),
        raw[:-1],
        raw[:-22],
        b"",
        b"PK\5\6",
        b"PK\5\6" + b"\xff" * 18,
        bytes(22),
        os.urandom(500),
    ):
        with pytest.raises(ParleyError):
            read(bad)


@pytest.mark.parametrize(
    "name",
    ["../a", "/a", "a/../b", "a//b", "A", "a b", "a\\b", "a\0", "ä", "", ".", "a/", "a" * 201,
     "a\n", "c:a"],
)  # fmt: skip
def test_names_that_no_room_gives_are_refused(name: str) -> None:
    with pytest.raises(ParleyError):
        written({name: b""})
    place = Place(name, 0, 0, 0, 0, 0)
    try:
        local, central = place.local(), place.central()
    except struct.error:
        return
    size = len(central)
    end = archive._END.pack(b"PK\5\6", 0, 0, 1, 1, size, len(local), 0)
    with pytest.raises(ParleyError):
        read(local + central + end)


def test_a_name_cannot_stand_twice() -> None:
    stream = io.BytesIO()
    with pytest.raises(ProofError, match="twice"):
        archive.write([("a", b"1"), ("a", b"2")], stream)
    places = [Place("a", 0, zlib.crc32(b"1"), 1, 1, 0), Place("a", 0, zlib.crc32(b"2"), 1, 1, 32)]
    raw = places[0].local() + b"1" + places[1].local() + b"2"
    raw += archive._directory(places, len(raw))
    with pytest.raises(ProofError, match="twice"):
        read(raw)


def declared(size: int, method: int = 8, data: bytes = b"\3\0", count: int = 1) -> bytes:
    """An archive whose files are said to unpack to `size`."""
    places, raw, offset = [], b"", 0
    for k in range(count):
        place = Place(f"f{k}", method, 0, len(data), size, offset)
        raw += place.local() + data
        offset = place.end
        places.append(place)
    return raw + archive._directory(places, offset)


def test_bombs_are_refused_before_anything_is_unpacked() -> None:
    for raw in (
        declared(2_000_000_000),
        declared(100_000_000),
        declared(999_999, count=5_000),
        zipped({"a": bytes(50_000_000)}, compress_type=zipfile.ZIP_DEFLATED),
    ):
        tracemalloc.start()
        with pytest.raises(TooLargeError):
            archive.read(io.BytesIO(raw))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 20_000_000


def test_a_file_that_unpacks_to_more_than_it_says_is_cut_short() -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = packer.compress(bytes(100_000_000)) + packer.flush()
    raw = declared(1000, data=bomb)
    tracemalloc.start()
    with pytest.raises(ProofError):
        read(raw)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000
    with pytest.raises(ProofError):
        read(declared(1000))  # less than it says
    for data in (b"", b"\xff\xff", b"\3\0\0"):
        with pytest.raises(ProofError):
            read(declared(0, data=data))


def test_too_many_files(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = declared(0, method=0, data=b"", count=50)
    assert len(read(raw)) == 50
    monkeypatch.setattr(archive, "MOST", 49)
    with pytest.raises(TooLargeError):
        read(raw)
    with pytest.raises(TooLargeError):
        written({f"f{k}": b"" for k in range(50)})


def test_nothing_is_written_to_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    room, _ = whole("sealed")
    found = bundle.read(io.BytesIO(packed(room.export())))
    assert dict(found.files)
    assert list(tmp_path.iterdir()) == []


def head(**changes: Any) -> dict[str, bytes]:
    fields: dict[str, Any] = {
        "room": ROOM,
        "made": AT,
        "log": LOG.verifier,
        "channels": (Channel("plenary", "plenary", None),),
        "exchanges": (Listed("ex1", 1, "sealed", "plenary"),),
        "files": {},
    }
    return {"bundle.json": head_file(Bundle(**{**fields, **changes}))}


def test_the_head_of_a_bundle() -> None:
    assert open_bundle(head()).room == ROOM
    assert open_bundle(head()).heads == "heads"
    own = (Channel("plenary", "plenary", None), Channel("xyz", "heads", None))
    assert open_bundle(head(channels=own)).heads == "xyz"
    plenary = Channel("plenary", "plenary", None)
    for bad in (
        {},
        {"bundle.json": b"{}"},
        head(channels=(Channel("plenary", "public", None),)),
        head(channels=(plenary, plenary)),
        head(channels=(Channel("heads", "plenary", None),)),
        head(channels=(*own, Channel("two", "heads", None))),
        head(exchanges=(Listed("ex1", 1, "sealed", "other"),)),
        head(exchanges=(Listed("ex1", 1, "sealed", "plenary"),) * 2),
        head(exchanges=(Listed("ex1", True, "sealed", "plenary"),)),
    ):
        with pytest.raises(ProofError):
            open_bundle(bad)


@pytest.mark.parametrize(
    "name",
    ["logs/other.jsonl", "logs/plenary.txt", "charters/ex2.charter", "deposits/ex1.json",
     "deposits/ex2.north.json", "opened/ex1.north.json", "contents/a.b.bin", "more", "x/y"],
)  # fmt: skip
def test_files_that_belong_to_nothing(name: str) -> None:
    with pytest.raises(ProofError, match="belongs to nothing"):
        open_bundle({**head(), name: b""})


def test_the_seal_is_over_every_file() -> None:
    room, _ = whole("sealed")
    files = sealed_files(room.export())
    check_seal(open_bundle(files))
    note = files["bundle.note"].decode()
    for bad in (
        {**files, "bundle.note": files["bundle.note"] + note.splitlines()[-1].encode() + b"\n"},
        {**files, "bundle.note": b"\xff"},
        {**files, "bundle.note": b""},
        {**files, "contents/m1.bin": b"x"},
        {n: d for n, d in files.items() if n != "contents/m1.bin"},
        {**files, "contents/m2.bin": b"x"},
    ):
        with pytest.raises(ProofError):
            check_seal(open_bundle(bad))


def test_salts() -> None:
    found = {"plenary": {3: (b"s" * 32, 5), 11: (b"t" * 32, 6)}}
    files = {**head(), "salts.json": bundle.salt_file(found)}
    assert bundle.salts(open_bundle(files)) == found
    assert bundle.salts(open_bundle(head())) == {}
    raw = files["salts.json"]
    for bad in (
        raw.replace(b'"11"', b'"011"'),
        raw.replace(b'"3":5', b'"3":-5'),
        raw.replace(b'"3":5', b'"3":true'),
        raw.replace(b'"3":5', b'"4":5'),
        raw.replace(b'"sizes"', b'"sized"'),
        raw.replace(b'"plenary":{"11":6', b'"plenarx":{"11":6'),
        b"{}",
    ):
        assert bad != raw
        with pytest.raises(ProofError):
            bundle.salts(open_bundle({**head(), "salts.json": bad}))
