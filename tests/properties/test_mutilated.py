"""Whatever happens to a file on its way: mistakes with their place, never a traceback."""

from __future__ import annotations

import tempfile
from importlib.resources import files
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from parley.errors import CaseError, ParleyError
from parley.record.folder import open_folder
from parley.workbench import Study, run

STARTER = files("parley.case") / "starter"
FILES = {name: (STARTER / name).read_bytes() for name in ("case.yaml", "record.yaml")}


@given(
    st.sampled_from(sorted(FILES)),
    st.sampled_from(["cut", "drop line", "swap lines", "insert", "replace", "double", "unindent"]),
    st.integers(0, 10**6),
    st.binary(min_size=1, max_size=6) | st.text(min_size=1, max_size=6).map(str.encode),
)
@settings(max_examples=250, deadline=None, derandomize=True)
def test_mutilated_files(name: str, how: str, place: int, what: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for other, text in FILES.items():
            data = mutilated(text, how, place, what) if other == name else text
            (Path(folder) / other).write_bytes(data)
        told = complaints(Path(folder))
    for what_is_wrong, remedy in told:
        assert what_is_wrong.strip()
        assert remedy.strip()
        assert "Input should be" not in what_is_wrong


def complaints(folder: Path) -> list[tuple[str, str]]:
    """What is wrong and the remedies; empty if the case can be analysed. Anything else escapes."""
    try:
        opened = open_folder(folder)
        run(Study(opened.case, opened.record, worlds=5), ["stakes", "wants", "contested"])
    except CaseError as error:
        return [(mistake.what, mistake.remedy) for mistake in error.mistakes]
    except ParleyError as error:
        return [(error.what, error.remedy)]
    return []


def mutilated(text: bytes, how: str, place: int, what: bytes) -> bytes:
    """The text with one thing done to it."""
    at = place % len(text)
    lines = text.split(b"\n")
    row = place % (len(lines) - 1)
    if how == "cut":
        return text[:at]
    if how == "insert":
        return text[:at] + what + text[at:]
    if how == "replace":
        return text[:at] + what + text[at + len(what) :]
    if how == "drop line":
        del lines[row]
    elif how == "swap lines":
        lines[row], lines[row + 1] = lines[row + 1], lines[row]
    elif how == "double":
        lines.insert(row, lines[row])
    else:
        lines[row] = lines[row].removeprefix(b"  ")
    return b"\n".join(lines)
