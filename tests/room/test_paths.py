"""Names of files are words: whatever they are, nothing is written anywhere because of them."""

from __future__ import annotations

import contextlib
import io
import stat
import zipfile
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from parley.errors import OperationError
from parley.room import config, unpack, vault
from parley.room.models import CaseFile, Channel, Kind, Paper
from parley.room.workshop import work
from tests.room import bringing, world

NAMES = [
    "../../../etc/passwd",
    "..",
    ".",
    "/etc/passwd",
    "C:\\Windows\\win.ini",
    "\\\\server\\share\\a.docx",
    "..\\..\\a.docx",
    "a\x00b.docx",
    "a\r\nSet-Cookie: a=b\r\n\r\n.docx",
    'a"; filename="b.exe',
    "CON",
    "nul.docx",
    "COM1.md",
    "-rf",
    "~root",
    "$(id).docx",
    "%2e%2e%2fa",
    "draft\u202excod.exe",
    "Проєкт угоди — остаточний.docx",
    "مسودة.docx",
    "e\u0301.docx",
    "a" * 199,
    "<script>alert(1)</script>.html",
]


def everything() -> set[str]:
    """Every file of the data folder apart from the database's own."""
    folder = config.current().folder
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if not path.name.startswith("room.sqlite")
    }


def header(name: str) -> bytes:
    """A name as the request of a rude client has it, between its quotation marks."""
    return name.encode().replace(b'"', b"%22").replace(b"\r", b"%0D").replace(b"\n", b"%0A")


def sent(talks: world.Talks, name: str) -> Paper:
    """A document that north sends under a name, byte for byte."""
    channel = Channel.objects.get(room=talks.room, kind=Kind.PLENARY)
    parts = [
        b'--x\r\nContent-Disposition: form-data; name="what"\r\n\r\ndocument',
        b'--x\r\nContent-Disposition: form-data; name="key"\r\n\r\n' + b"k" * 20,
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="' + header(name) + b'"\r\n'
        b"Content-Type: application/octet-stream\r\n\r\nwords",
    ]
    body = b"\r\n".join(parts) + b"\r\n--x--\r\n"
    answer = world.client_for(talks.account("north")).post(
        f"/r/{talks.room.id}/c/{channel.id}/send/",
        body,
        content_type="multipart/form-data; boundary=x",
    )
    assert answer.status_code in {302, 422}, answer.content
    return Paper.objects.get(channel=channel) if answer.status_code == 302 else Paper()


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_only_shown(name: str) -> None:
    talks = world.talks()
    vault.mark(talks.room.id, b"")  # the room's own key is made when it is first needed
    before = everything()
    paper = sent(talks, name)
    assert everything() == before
    if not paper.name:
        return
    assert not set(paper.name) & set("/\\\r\n\x00")
    client = world.client_for(talks.account("south"))
    address = f"/r/{talks.room.id}/c/{paper.channel_id}/"
    taken = client.get(f"{address}papers/{paper.id}/")
    assert taken.content == b"words"
    assert taken["Content-Disposition"].startswith("attachment; filename")
    assert "\n" not in taken["Content-Disposition"]
    assert taken["Content-Type"] == "application/octet-stream"
    assert taken["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in taken["Content-Security-Policy"]
    assert "<script>alert" not in client.get(address).content.decode()


def test_a_name_in_any_letters_comes_back_whole() -> None:
    talks = world.talks()
    paper = sent(talks, "Проєкт угоди — остаточний.docx")
    assert paper.name == "Проєкт угоди — остаточний.docx"
    taken = world.client_for(talks.account("south")).get(
        f"/r/{talks.room.id}/c/{paper.channel_id}/papers/{paper.id}/"
    )
    assert "filename*=utf-8''%D0%9F" in taken["Content-Disposition"]


CASE = {"case.yaml": b"parley: 1\n", "record.yaml": b"parley: 1\n"}
EVIL = [
    "../case.yaml",
    "record/../../../evil.yaml",
    "/etc/evil.yaml",
    "record//evil.yaml",
    "record\\..\\evil.yaml",
    "C:evil.yaml",
    "record/CON.yaml",
    "record/aux",
    "record/evil.yaml.",
    "record/evil.yaml ",
    "record/evil\x01.yaml",
    "record/evil\u202e.yaml",
    "record/" + "a" * 200 + ".yaml",
    "record/evil.yaml:stream",
]


@pytest.mark.parametrize("name", EVIL)
def test_a_name_in_a_packed_case_that_could_lead_elsewhere(name: str, tmp_path: Path) -> None:
    above = tmp_path / "above"
    folder = above / "case"
    folder.mkdir(parents=True)
    with pytest.raises(OperationError, match="could lead elsewhere"):
        unpack.unpack_case(bringing.packed({**CASE, name: b"evil"}), folder)
    assert [path.name for path in above.rglob("*") if "evil" in path.name] == []


@pytest.mark.parametrize("name", EVIL)
def test_if_such_names_were_let_through_they_would_still_not_be_paths(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second guard, with the first one taken out: files get places, not their paths."""
    monkeypatch.setattr(unpack, "_is_plain", lambda _name: True)
    above = tmp_path / "above"
    folder = above / "case"
    folder.mkdir(parents=True)
    with contextlib.suppress(OperationError, OSError):
        unpack.unpack_case(bringing.packed({**CASE, name: b"evil"}), folder)
    outside = [p for p in tmp_path.rglob("*") if p.is_file() and not p.is_relative_to(folder)]
    assert outside == []


def test_nul_in_a_name_does_not_hide_what_follows(tmp_path: Path) -> None:
    raw = bringing.packed({**CASE, "record/a.yamlX../evil": b"evil"})
    raw = raw.replace(b"record/a.yamlX../evil", b"record/a.yaml\x00../evil")
    with pytest.raises(OperationError, match="could lead elsewhere"):
        unpack.unpack_case(raw, tmp_path)


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFDIR])
def test_a_link_or_a_device_in_a_packed_case(kind: int, tmp_path: Path) -> None:
    stream = io.BytesIO(bringing.packed(CASE))
    with zipfile.ZipFile(stream, "a") as archive:
        info = zipfile.ZipInfo("record/a.yaml")
        info.external_attr = (kind | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    with pytest.raises(OperationError, match="a link or a device"):
        unpack.unpack_case(stream.getvalue(), tmp_path)
    assert not any(path.is_symlink() for path in tmp_path.rglob("*"))


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("other", ["record/a.yaml", "record/A.yaml"])
def test_the_same_name_twice_in_a_packed_case(other: str, tmp_path: Path) -> None:
    stream = io.BytesIO(bringing.packed({**CASE, "record/a.yaml": b"1"}))
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr(other, b"2")
    with pytest.raises(OperationError, match="twice"):
        unpack.unpack_case(stream.getvalue(), tmp_path)


def test_what_belongs_to_no_case_is_left_out_and_named(tmp_path: Path) -> None:
    raw = bringing.packed(
        {f"talks/{name}": content for name, content in CASE.items()}
        | {"talks/run.sh": b"#!/bin/sh", "__MACOSX/talks/._case.yaml": b"x", "talks/.git/a": b"x"}
    )
    assert unpack.unpack_case(raw, tmp_path) == ["run.sh", ".git/a"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["case.yaml", "record.yaml"]


def test_files_of_a_case_are_placed_by_what_they_are() -> None:
    talks = world.talks()
    client = world.client_for(talks.account("mediator"))
    files = [
        SimpleUploadedFile("case.yaml", (bringing.ISTANBUL / "case.yaml").read_bytes()),
        SimpleUploadedFile("../../record.yaml", (bringing.ISTANBUL / "record.yaml").read_bytes()),
    ]
    before = everything()
    assert client.post(f"/r/{talks.room.id}/case/", {"files": files}).status_code == 302
    assert everything() - before <= {"workshop"}
    packed = bytes(CaseFile.objects.get(room=talks.room).packed)
    assert zipfile.ZipFile(io.BytesIO(packed)).namelist() == ["case.yaml", "record.yaml"]


@pytest.mark.parametrize("name", ["../evil", "/tmp/evil", "a/b", "a\x00", "A", ""])
def test_the_workshop_takes_no_name_but_its_own(name: str) -> None:
    with pytest.raises(ValueError, match="no name of ours"):
        work("read", {name: b"words"}, texts=[])
