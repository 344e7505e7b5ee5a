"""Word files that LibreOffice writes, and those of ours that it has had in its hands."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from parley.texts.comparing.tracked import tracked
from parley.texts.markdown import read_markdown
from parley.texts.word.reading import read_word
from parley.texts.word.writing import word_bytes, write_word
from tests.parts import missing
from tests.texts import text_of

EXAMPLES = Path(__file__).parents[3] / "examples"
OFFICE = shutil.which("soffice") or shutil.which("libreoffice")
pytestmark = pytest.mark.office


def through(path: Path, folder: Path, form: str = "docx") -> Path:
    """The file as LibreOffice writes it anew."""
    if OFFICE is None:
        missing("LibreOffice is not installed; .ci/run installs it")
    profile = f"-env:UserInstallation=file://{folder}/profile"
    target = folder / "out"
    command = [OFFICE, profile, "--headless", "--convert-to", form, "--outdir", str(target)]
    subprocess.run([*command, str(path)], check=True, capture_output=True, timeout=180)
    return target / f"{path.stem}.{form}"


def test_a_whole_text_comes_back_as_it_was(tmp_path: Path) -> None:
    draft = read_markdown(EXAMPLES / "ceasefire-text" / "complete.md")
    path = tmp_path / "a.docx"
    write_word(draft, path)
    again = read_word(through(path, tmp_path)).draft()
    assert again.provisions == draft.provisions
    assert again.front.title == draft.front.title
    assert again.front.kind == draft.front.kind


def test_footnotes_tables_scripts_and_comments_come_back(tmp_path: Path) -> None:
    head = (
        "---\nparley: 1\ntitle: T\ncomments:\n"
        '  - {at: one, by: Adviser, date: "2025-05-30T10:00:00Z", text: Which hour?}\n---\n\n'
    )
    body = (
        "## Article 1. Cessation {#a issue=ceasefire.full}\n\n1. Fire ceases.[^1] {#one}\n"
        "   (a) Українська мова; {#two}\n   (b) اللغة العربية. {#three}\n\n"
        "| Guns | 100 mm |\n| Tanks | all |\n\n[^1]: At six.\n"
    )
    draft = text_of(body, head)
    path = tmp_path / "a.docx"
    write_word(draft, path)
    again = read_word(through(path, tmp_path)).draft()
    assert again.provisions == draft.provisions
    assert again.footnotes == draft.footnotes
    assert again.front.comments == draft.front.comments


def test_tracked_changes_come_back_as_both_versions(tmp_path: Path) -> None:
    before = text_of("## Article 1. Time\n\n1. It lasts 60 days.\n\n2. It ends.")
    after = text_of("## Article 1. Time\n\n1. It lasts 30 days.\n\n2. It is renewed.\n\n3. New.")
    path = tmp_path / "a.docx"
    path.write_bytes(word_bytes(after, tracked(before, after, "B", "2025-06-02T10:00:00Z")))
    read = read_word(through(path, tmp_path))
    assert [p.words for p in read.draft("original").all] == [p.words for p in before.all]
    assert [p.words for p in read.draft("final").all] == [p.words for p in after.all]
    assert {r.change.author for r in read.revisions} == {"B"}


FLAT = """<?xml version="1.0" encoding="UTF-8"?>
<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 xmlns:dc="http://purl.org/dc/elements/1.1/" office:version="1.2"
 office:mimetype="application/vnd.oasis.opendocument.text">
<office:body><office:text>
<text:tracked-changes>
<text:changed-region text:id="c1"><text:deletion><office:change-info>
<dc:creator>North</dc:creator><dc:date>2025-06-01T10:00:00</dc:date></office:change-info>
<text:p>60</text:p></text:deletion></text:changed-region>
<text:changed-region text:id="c2"><text:insertion><office:change-info>
<dc:creator>South</dc:creator><dc:date>2025-06-02T10:00:00</dc:date></office:change-info>
</text:insertion></text:changed-region>
</text:tracked-changes>
<text:h text:outline-level="1">Article 1. Duration</text:h>
<text:list><text:list-item><text:p>It lasts <text:change text:change-id="c1"/><text:change-start
 text:change-id="c2"/>30<text:change-end text:change-id="c2"/> days.<text:note text:id="n1"
 text:note-class="footnote"><text:note-citation>1</text:note-citation><text:note-body>
<text:p>Counted from T0.</text:p></text:note-body></text:note></text:p></text:list-item>
</text:list>
</office:text></office:body></office:document>
"""


def test_a_file_that_libreoffice_made(tmp_path: Path) -> None:
    path = tmp_path / "b.fodt"
    path.write_text(FLAT, encoding="utf-8")
    read = read_word(through(path, tmp_path))
    assert [p.text for p in read.draft("original").all][1:] == ["It lasts 60 days.[^1]"]
    assert [p.text for p in read.draft("final").all][1:] == ["It lasts 30 days.[^1]"]
    assert read.draft().footnotes == (("1", "Counted from T0."),)
    assert {(r.change.kind, r.change.author) for r in read.revisions} == {
        ("deleted", "North"),
        ("inserted", "South"),
    }
