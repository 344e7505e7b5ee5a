"""Word files as delegations send them: every tracked change read, nothing dropped, nothing run."""

from __future__ import annotations

import tracemalloc
import zipfile
from pathlib import Path

import pytest

from parley.errors import TextError
from parley.texts.articles import Draft
from parley.texts.folder import read_text_file
from parley.texts.word.package import MAX_PART
from parley.texts.word.reading import read_word
from tests.word_files import (
    OFFICE,
    RELS,
    TYPES,
    W,
    deleted,
    inserted,
    paragraph,
    run,
    word_file,
)


def words(draft: Draft) -> list[str]:
    return [f"{p.label} {p.words}".strip() for p in draft.all]


def both(path: Path) -> tuple[list[str], list[str]]:
    read = read_word(path)
    return words(read.draft("original")), words(read.draft("final"))


def test_a_number_changed_is_read_as_both_versions(tmp_path: Path) -> None:
    body = paragraph(run("It lasts "), deleted("60"), inserted("30"), run(" days."))
    path = word_file(tmp_path / "a.docx", body)
    assert both(path) == (["It lasts 60 days."], ["It lasts 30 days."])
    revisions = read_word(path).revisions
    assert [(r.change.kind, r.change.author, r.text) for r in revisions] == [
        ("deleted", "B", "60"),
        ("inserted", "A", "30"),
    ]


def test_inserted_by_one_and_deleted_by_another(tmp_path: Path) -> None:
    inner = deleted("perhaps ")
    body = paragraph(run("We "), f'<w:ins w:id="3" w:author="A">{inner}</w:ins>', run("agree."))
    path = word_file(tmp_path / "a.docx", body)
    assert both(path) == (["We agree."], ["We agree."])
    assert len(read_word(path).revisions) == 2


def test_moved_paragraphs(tmp_path: Path) -> None:
    def moved(kind: str, mark: str) -> str:
        head = f'<w:rPr><w:{mark} w:id="9" w:author="A"/></w:rPr>'
        inside = f'<w:{kind} w:id="8" w:author="A">{run("Moved.")}</w:{kind}>'
        return paragraph(inside, properties=head)

    body = moved("moveFrom", "moveFrom") + paragraph(run("Stays.")) + moved("moveTo", "moveTo")
    path = word_file(tmp_path / "a.docx", body)
    assert both(path) == (["Moved.", "Stays."], ["Stays.", "Moved."])


@pytest.mark.parametrize(
    ("mark", "original", "final"),
    [
        ("del", ["One.", "Two."], ["One.Two."]),
        ("ins", ["One.Two."], ["One.", "Two."]),
    ],
)
def test_a_break_between_paragraphs_that_was_tracked(
    tmp_path: Path, mark: str, original: list[str], final: list[str]
) -> None:
    head = f'<w:rPr><w:{mark} w:id="9" w:author="A"/></w:rPr>'
    body = paragraph(run("One."), properties=head) + paragraph(run("Two."))
    assert both(word_file(tmp_path / "a.docx", body)) == (original, final)


def test_tables_rows_and_cells(tmp_path: Path) -> None:
    def row(properties: str, *cells: str) -> str:
        inner = "".join(f"<w:tc>{cell}</w:tc>" for cell in cells)
        return f"<w:tr>{properties}{inner}</w:tr>"

    new = '<w:trPr><w:ins w:id="9" w:author="A"/></w:trPr>'
    body = (
        "<w:tbl>"
        + row("", paragraph(run("Guns")), paragraph(deleted("100"), inserted("85"), run(" mm")))
        + row(new, paragraph(inserted("Tanks")), paragraph(inserted("all")))
        + "</w:tbl>"
        + paragraph(run("End."))
    )
    original, final = both(word_file(tmp_path / "a.docx", body))
    assert original == ["Guns\t100 mm", "End."]
    assert final == ["Guns\t85 mm", "Tanks\tall", "End."]


def test_footnotes_with_changes(tmp_path: Path) -> None:
    note = f'<w:footnotes xmlns:w="{W}"><w:footnote w:id="5"><w:p>{run("Within ")}'
    note += f"{deleted('two')}{inserted('three')}{run(' days.')}</w:p></w:footnote></w:footnotes>"
    relation = f'<Relationship Id="r9" Type="{OFFICE}/footnotes" Target="footnotes.xml"/>'
    reference = '<w:r><w:footnoteReference w:id="5"/></w:r>'
    body = paragraph(run("Fire ceases."), reference)
    path = word_file(tmp_path / "a.docx", body, {"word/footnotes.xml": note}, relation)
    read = read_word(path)
    assert words(read.draft()) == ["Fire ceases.[^1]"]
    assert read.draft("original").footnotes == (("1", "Within two days."),)
    assert read.draft("final").footnotes == (("1", "Within three days."),)


NUMBERING = (
    f'<w:numbering xmlns:w="{W}"><w:abstractNum w:abstractNumId="0">'
    '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/>'
    '<w:lvlText w:val="%1."/></w:lvl>'
    '<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="lowerLetter"/>'
    '<w:lvlText w:val="(%2)"/></w:lvl>'
    '<w:lvl w:ilvl="2"><w:start w:val="1"/><w:numFmt w:val="decimal"/>'
    '<w:lvlText w:val="%1.%3"/></w:lvl>'
    '</w:abstractNum><w:num w:numId="7"><w:abstractNumId w:val="0"/></w:num>'
    '<w:num w:numId="8"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0">'
    '<w:startOverride w:val="5"/></w:lvlOverride></w:num></w:numbering>'
)
NUMBERED = f'<Relationship Id="r9" Type="{OFFICE}/numbering" Target="numbering.xml"/>'


def numbered(text: str, level: int = 0, number: int = 7, more: str = "") -> str:
    properties = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>{more}'
    return paragraph(text, properties=properties)


def test_numbers_that_word_counts(tmp_path: Path) -> None:
    body = (
        numbered(run("One"))
        + numbered(run("a"), 1)
        + numbered(run("b"), 1)
        + numbered(run("Two"))
        + numbered(run("a again"), 1)
        + numbered(run("Five"), 0, 8)
        + numbered(run("Six"), 0, 8)
    )
    path = word_file(tmp_path / "a.docx", body, {"word/numbering.xml": NUMBERING}, NUMBERED)
    labels = [(p.label, p.text) for p in read_word(path).draft().all]
    assert labels == [
        ("1.", "One"),
        ("(a)", "a"),
        ("(b)", "b"),
        ("2.", "Two"),
        ("(a)", "a again"),
        ("5.", "Five"),
        ("6.", "Six"),
    ]


def test_numbers_of_each_version_are_counted_in_it(tmp_path: Path) -> None:
    gone = '<w:rPr><w:del w:id="9" w:author="A"/></w:rPr>'
    body = numbered(run("One")) + numbered(deleted("Two"), more=gone) + numbered(run("Three"))
    path = word_file(tmp_path / "a.docx", body, {"word/numbering.xml": NUMBERING}, NUMBERED)
    assert both(path) == (["1. One", "2. Two", "3. Three"], ["1. One", "2. Three"])


def test_changes_of_form_are_counted_and_change_no_word(tmp_path: Path) -> None:
    change = '<w:pPrChange w:id="4" w:author="A"><w:pPr/></w:pPrChange>'
    path = word_file(tmp_path / "a.docx", paragraph(run("Text."), properties=change))
    assert read_word(path).formatting == 1
    assert both(path) == (["Text."], ["Text."])


def test_fields_breaks_symbols_and_boxes(tmp_path: Path) -> None:
    field = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> REF x </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r>' + run("Article 3") + ""
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    box = f"<w:r><w:pict><w:txbxContent>{paragraph(run('Boxed.'))}</w:txbxContent></w:pict></w:r>"
    body = paragraph(run("See "), field, "<w:r><w:br/></w:r>", run("there."), box)
    assert both(word_file(tmp_path / "a.docx", body))[1] == ["See Article 3\nthere.", "Boxed."]


@pytest.mark.parametrize("kind", ["cellIns", "cellDel", "cellMerge"])
def test_a_revision_that_cannot_be_read_is_refused(tmp_path: Path, kind: str) -> None:
    cell = f'<w:tc><w:tcPr><w:{kind} w:id="1" w:author="A"/></w:tcPr>{paragraph(run("x"))}</w:tc>'
    body = f"<w:tbl><w:tr>{cell}<w:tc>{paragraph(run('y'))}</w:tc></w:tr></w:tbl>"
    with pytest.raises(TextError) as caught:
        read_word(word_file(tmp_path / "a.docx", body))
    assert caught.value.mistakes[0].code == "unread-revision"


def refused(path: Path) -> str:
    with pytest.raises(TextError) as caught:
        read_text_file(path)
    return caught.value.mistakes[0].code


def test_what_could_do_harm_is_refused(tmp_path: Path) -> None:
    body = paragraph(run("x"))
    macro = word_file(tmp_path / "m.docx", body, {"word/vbaProject.bin": b"x"})
    assert refused(macro) == "macros"
    types = TYPES.replace("document.main+xml", "document.macroEnabled.main+xml")
    assert refused(word_file(tmp_path / "n.docx", body, types=types)) == "macros"
    embedded = word_file(tmp_path / "e.docx", body, {"word/embeddings/o.bin": b"x"})
    assert refused(embedded) == "embedded"
    chunk = f'<Relationship Id="r9" Type="{OFFICE}/aFChunk" Target="afchunk.mht"/>'
    assert refused(word_file(tmp_path / "c.docx", body, relations=chunk)) == "embedded"
    entity = b'<!DOCTYPE x [<!ENTITY a "b">]><w:styles/>'
    styles = f'<Relationship Id="r9" Type="{OFFICE}/styles" Target="styles.xml"/>'
    path = word_file(tmp_path / "d.docx", body, {"word/styles.xml": entity}, styles)
    assert refused(path) == "doctype"


def test_links_outside_are_told_and_never_followed(tmp_path: Path) -> None:
    link = (
        f'<Relationship Id="r9" Type="{OFFICE}/image" Target="http://192.0.2.1/x.png" '
        'TargetMode="External"/>'
    )
    read = read_word(word_file(tmp_path / "a.docx", paragraph(run("x")), relations=link))
    assert [told.code for told in read.told] == ["external-link"]


def test_other_files_are_told_apart(tmp_path: Path) -> None:
    old = tmp_path / "old.doc"
    old.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000)
    assert refused(old) == "old-word"
    locked = tmp_path / "locked.docx"
    locked.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"))
    assert refused(locked) == "password"
    cut = tmp_path / "cut.docx"
    whole = word_file(tmp_path / "w.docx", paragraph(run("x"))).read_bytes()
    for size in (0, 1, 30, len(whole) // 2, len(whole) - 1):
        cut.write_bytes(whole[:size])
        assert refused(cut) in {"not-word", "broken-word"}
    other = tmp_path / "z.docx"
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("a.txt", "x")
    assert refused(other) == "not-word"
    assert refused(tmp_path / "missing.docx") == "unreadable"
    odd = tmp_path / "a.rtf"
    odd.write_text("x")
    assert refused(odd) == "unknown-form"


def test_every_cut_of_the_inside_is_told_in_words(tmp_path: Path) -> None:
    body = paragraph(run("It lasts "), deleted("60"), inserted("30"), run(" days."))
    document = (
        f'<?xml version="1.0"?><w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>'
    )
    for size in range(0, len(document), 17):
        path = tmp_path / "a.docx"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("[Content_Types].xml", TYPES)
            archive.writestr("_rels/.rels", RELS.format(""))
            archive.writestr("word/document.xml", document[:size])
        with pytest.raises(TextError):
            read_word(path).draft()


def test_a_bomb_is_refused_with_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "bomb.docx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", TYPES)
        with archive.open("word/document.xml", "w", force_zip64=True) as stream:
            for _ in range(MAX_PART // 1_000_000 + 8):
                stream.write(b"0" * 1_000_000)
    tracemalloc.start()
    try:
        assert refused(path) in {"too-large", "broken-word"}
        assert tracemalloc.get_traced_memory()[1] < 3 * MAX_PART
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("entity", "code"),
    [
        (b"<!--" + b"x" * 5000 + b'--><!DOCTYPE x [<!ENTITY a "b">]><w:styles/>', "doctype"),
        ('<?xml version="1.0"?><!DOCTYPE x []><w:styles/>'.encode("utf-16"), "doctype"),
        ('<?xml version="1.0" encoding="koi8-r"?><!--й--><x/>'.encode("koi8-r"), "encoding"),
    ],
)
def test_entities_are_found_wherever_they_hide(tmp_path: Path, entity: bytes, code: str) -> None:
    styles = f'<Relationship Id="r9" Type="{OFFICE}/styles" Target="styles.xml"/>'
    path = word_file(tmp_path / "d.docx", paragraph(run("x")), {"word/styles.xml": entity}, styles)
    assert refused(path) == code
