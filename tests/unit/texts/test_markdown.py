"""Texts in Markdown: what is read from them, and every mistake at its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from parley.errors import TextError
from parley.texts.articles import ProvisionKind
from parley.texts.folder import check_links, proposals_in
from parley.texts.markdown import markdown, parse_markdown
from tests.build import case_of
from tests.texts import HEAD, text_of

BODY = """An opening
over two lines.

## Article 1. Cease {#cease issue=truce.full}

1. The Parties shall:
   (a) cease fire; {#land}
   (i) with all guns;
   (ii) with all drones;
   (b) keep to it.
2. Without a blank line before.

A paragraph without a number.

# Part II. More

## Section 2 — Return

(1) One.
(2) Two.[^a]

| a | b \\| c |
|---|---|
| d | e |

## Annex A. Map

- a dash
- another

[^a]: A note.
"""


def test_what_stands_in_what() -> None:
    text = text_of(BODY)
    shown = [(text.place(p.id), p.kind.value, p.words) for p in text.all]
    assert shown == [
        ("the opening words", "paragraph", "An opening over two lines."),
        ("Article 1", "article", "Cease"),
        ("Article 1, 1.", "paragraph", "The Parties shall:"),
        ("Article 1, 1. (a)", "point", "cease fire;"),
        ("Article 1, 1. (a) (i)", "point", "with all guns;"),
        ("Article 1, 1. (a) (ii)", "point", "with all drones;"),
        ("Article 1, 1. (b)", "point", "keep to it."),
        ("Article 1, 2.", "paragraph", "Without a blank line before."),
        ("Article 1", "paragraph", "A paragraph without a number."),
        ("Part II", "part", "More"),
        ("Section 2", "article", "Return"),
        ("Section 2, (1)", "paragraph", "One."),
        ("Section 2, (2)", "paragraph", "Two.[^a]"),
        ("Section 2", "row", "a\tb | c"),
        ("Section 2", "row", "d\te"),
        ("Annex A", "annex", "Map"),
        ("Annex A, -", "paragraph", "a dash"),
        ("Annex A, -", "paragraph", "another"),
    ]
    assert text.footnotes == (("a", "A note."),)
    assert text.by_id["cease"].issues == ("truce.full",)
    assert text.by_id["land"].kind is ProvisionKind.POINT
    assert [p.line for p in text.all][:4] == [6, 9, 11, 12]


def test_identifiers_survive_renumbering() -> None:
    first = text_of(BODY)
    written = markdown(first)
    later = written.replace("1. The Parties", "1. New. {#new}\n\n2. The Parties")
    later = later.replace("\n2. Without", "\n3. Without")
    again = parse_markdown(later, "t.md")
    old = {p.id: p.words for p in first.all}
    assert {p.id: p.words for p in again.all} == old | {"new": "New."}
    assert again.by_id["cease.2"].label == "3."


@pytest.mark.parametrize(
    ("text", "line", "code"),
    [
        ("", 1, "no-front-matter"),
        ("# A\n\nText.\n", 1, "no-front-matter"),
        ("---\nparley: 1\ntitle: T\n", 1, "front-matter-open"),
        ("---\nparley: 1\n---\n\nText.\n", 2, "missing"),
        ("---\nparley: 1\ntitle: T\ncolour: red\n---\n\nText.\n", 4, "unknown-key"),
        ("---\nparley: 1\ntitle: T\nkind: war\n---\n\nText.\n", 4, "choice"),
        ("---\nparley: 1\ntitle: T\ntitle: U\n---\n\nText.\n", 4, "duplicate-key"),
        ("---\nparley: 1\ntitle: [T\n---\n\nText.\n", 4, "broken-yaml"),
        (HEAD, 5, "empty"),
        (HEAD + "## Article 1. A\n\n1. X\n\n## Article 1. B\n\n1. Y\n", 10, "number-twice"),
        (HEAD + "## Article 1. A\n\n1. X\n\n1. Y\n", 10, "number-twice"),
        (HEAD + "Text. {#a}\n\nMore. {#a}\n", 8, "id-twice"),
        (HEAD + "Text. {#A b=c}\n", 6, "braces"),
        (HEAD + "Text.[^1]\n\n[^1]: A.\n\n[^1]: B.\n", 10, "footnote-twice"),
        (HEAD + "Te\x00xt.\n", 6, "control-character"),
        (
            "---\nparley: 1\ntitle: T\nobligations:\n  - {at: x, actor: [a], mode: must, act: b}\n"
            "---\n\nText. {#y}\n",
            1,
            "no-such-provision",
        ),
    ],
)
def test_mistakes_are_told_at_their_place(text: str, line: int, code: str) -> None:
    with pytest.raises(TextError) as caught:
        parse_markdown(text, "t.md")
    found = [(m.line, m.code) for m in caught.value.mistakes]
    assert (line, code) in found
    assert all(m.what and m.remedy for m in caught.value.mistakes)


def test_all_mistakes_at_once() -> None:
    with pytest.raises(TextError) as caught:
        parse_markdown(HEAD + "A {#x}\n\nB {#x}\n\n1. C\n\n1. D\n", "t.md")
    assert {m.code for m in caught.value.mistakes} == {"id-twice", "number-twice"}


def test_links_to_what_the_case_does_not_have(tmp_path: Path) -> None:
    case = case_of({"truce": ["none", "full"]})
    head = "---\nparley: 1\ntitle: T\nparty: z\n---\n\n"
    text = text_of("A {issue=truce.fulll}\n\nB {issue=trade}\n\nC {issue=truce}\n", head)
    found = [(m.line, m.code) for m in check_links(text, case)]
    assert found == [(1, "no-such-party"), (7, "no-such-option"), (9, "no-such-issue")]
    (tmp_path / "proposals").mkdir()
    (tmp_path / "proposals" / "a.md").write_text(HEAD + "A {issue=trade}\n")
    (tmp_path / "proposals" / "b.md").write_text("no head")
    texts, mistakes = proposals_in(tmp_path, case)
    assert len(texts) == 1
    assert [m.code for m in mistakes] == ["no-such-issue", "no-front-matter"]


def test_every_cut_of_a_file_is_read_or_told_in_words() -> None:
    whole = HEAD + BODY
    for size in range(len(whole)):
        mistakes = ["none"]
        try:
            parse_markdown(whole[:size], "t.md")
        except TextError as error:
            mistakes = [mistake.what for mistake in error.mistakes]
        assert mistakes
