"""Reading and writing the files of a case folder."""

from __future__ import annotations

import os
import resource
import time
from pathlib import Path

import pytest

from parley.case.file import MAX_BYTES, edit_yaml, read_yaml, write_text
from parley.errors import OutputError


def test_lines_of_keys_and_items(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text("a: 1\nb:\n  - c: {d: 2}\n    e: x\n  - f\n")
    read = read_yaml(file, "x.yaml")
    assert read.data == {"a": 1, "b": [{"c": {"d": 2}, "e": "x"}, "f"]}
    assert read.line(("b", 0, "e")) == 4
    assert read.line(("b", 1)) == 5
    assert read.line(("b", 0, "nowhere", "at", "all")) == 3


def test_dates_and_words_stay_text(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text("a: [2025-05-28, no, on, ~, 1.5, .inf, 0x1f, '7', true]\n")
    assert read_yaml(file, "x").data == {
        "a": ["2025-05-28", "no", "on", None, 1.5, float("inf"), 31, "7", True]
    }


def test_folded_text_is_clean(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text("a: >-\n  one\n  two\n")
    assert read_yaml(file, "x").data == {"a": "one two"}


def test_byte_order_mark_is_taken(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_bytes(b"\xef\xbb\xbfa: \xd0\x9a\xd0\xb8\xd1\x97\xd0\xb2\n")
    assert read_yaml(file, "x").data == {"a": "Київ"}


def test_fifty_megabytes_are_refused_unread(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    with file.open("wb") as stream:
        stream.truncate(50_000_000)
    began = time.monotonic()
    (mistake,) = read_yaml(file, "x.yaml").mistakes
    assert "over 5 MB" in mistake.what
    assert MAX_BYTES == 5_000_000
    assert "record/" in mistake.remedy
    assert time.monotonic() - began < 1


def test_an_alias_bomb_takes_no_memory(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{k}: &a{k} [{', '.join([f'*a{k - 1}'] * 10)}]" for k in range(1, 30)]
    file.write_text("\n".join(rows))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    (mistake,) = read_yaml(file, "x.yaml").mistakes
    assert mistake.code == "alias"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # kilobytes


def test_unreadable_file(tmp_path: Path) -> None:
    (mistake,) = read_yaml(tmp_path / "no.yaml", "no.yaml").mistakes
    assert mistake.code == "unreadable"
    (mistake,) = read_yaml(tmp_path, "folder").mistakes
    assert mistake.code == "not-a-file"
    loop = tmp_path / "loop.yaml"
    loop.symlink_to(loop)
    (mistake,) = read_yaml(loop, "loop.yaml").mistakes
    assert mistake.code == "unreadable"


def test_writing_is_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "out.txt"
    write_text(file, "before\n")

    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OutputError, match="No space left"):
        write_text(file, "after\n")
    assert file.read_text() == "before\n"
    assert [p.name for p in tmp_path.iterdir()] == ["out.txt"]


def test_interrupted_writing_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", stop)
    with pytest.raises(KeyboardInterrupt):
        write_text(tmp_path / "out.txt", "text")
    assert list(tmp_path.iterdir()) == []


def test_editing_keeps_comments_and_order(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text("# head\nb: 1  # why\na:\n  - x\n# tail\n")
    edit_yaml(file, lambda data: data.update(b=2))
    assert file.read_text() == "# head\nb: 2  # why\na:\n  - x\n# tail\n"
