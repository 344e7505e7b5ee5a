"""The commands about texts: what they write, what they refuse, and that nothing leaks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from lxml import html

from tests.unit.test_cli import EXAMPLES, run

Patch = pytest.MonkeyPatch
Capture = pytest.CaptureFixture[str]
ISTANBUL = EXAMPLES / "istanbul-2025"
RUSSIA, UKRAINE = (str(ISTANBUL / "proposals" / f"{name}.md") for name in ("russia", "ukraine"))
TEXT = "---\nparley: 1\ntitle: T\nparty: {0}\n---\n\n## Article 1. A\n\n1. {1} {{#one}}\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: Patch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path


def test_a_briefing_links_to_pages_that_are_there(
    here: Path, monkeypatch: Patch, capsys: Capture
) -> None:
    out = here / "out"
    arguments = ("brief", str(ISTANBUL), "--worlds", "200", "--out", str(out))
    assert run(monkeypatch, capsys, *arguments)[0] == 0
    page = html.parse(str(out / "briefing.html"))
    files = {link for link in page.xpath("//a/@href") if not link.startswith("#")}
    pages = {path.name for path in out.glob("*.html")} - {"briefing.html"}
    assert files == pages
    assert pages == {
        "comparison.html",
        "single-text.html",
        "text-russia.html",
        "text-ukraine.html",
    }
    for path in out.iterdir():
        assert str(EXAMPLES) not in path.read_text(encoding="utf-8")
    names = {f["name"] for f in json.loads((out / "findings.json").read_text())["findings"]}
    assert {"text russia", "text ukraine"} <= names


def test_compare_in_every_form(here: Path, monkeypatch: Patch, capsys: Capture) -> None:
    forms = ("t.html", "t.xlsx", "t.docx", "t.json")
    wanted = [word for form in forms for word in ("--out", form)]
    arguments = ("compare", RUSSIA, UKRAINE, "--case", str(ISTANBUL), "--worlds", "100")
    code, out, _ = run(monkeypatch, capsys, *arguments, *wanted, "--redline", "r.docx")
    assert code == 0
    assert "Exchange of the written proposals" in " ".join(out.split())
    assert {path.name for path in here.iterdir()} == {*forms, "r.docx"}
    data = json.loads((here / "t.json").read_text())
    assert data["format"] == "parley-comparison-1"
    assert [text["file"] for text in data["texts"]] == ["russia.md", "ukraine.md"]
    for form in ("t.html", "t.json"):
        assert str(EXAMPLES) not in (here / form).read_text()
    code, out, _ = run(monkeypatch, capsys, *arguments, "--json")
    assert json.loads(out)["issues"][0]["relation"] == "conflicting"


def test_check_covers_proposals_and_the_single_text(
    here: Path, monkeypatch: Patch, capsys: Capture
) -> None:
    assert run(monkeypatch, capsys, "new", "mine")[0] == 0
    proposals = here / "mine" / "proposals"
    proposals.mkdir()
    (proposals / "a.md").write_text(TEXT.format("nobody", "Words."))
    (here / "mine" / "single-text.yaml").write_text("parley: 1\n")
    code, out, _ = run(monkeypatch, capsys, "check", "mine", "--json")
    found = {(Path(m["file"]).name, m["code"]) for m in json.loads(out)["mistakes"]}
    assert code == 2
    assert {("a.md", "no-such-party"), ("single-text.yaml", "missing")} <= found
    code, _, err = run(monkeypatch, capsys, "brief", "mine", "--worlds", "50")
    assert (code, "Traceback" in err) == (2, False)


def test_a_single_text_from_word_to_word(here: Path, monkeypatch: Patch, capsys: Capture) -> None:
    (here / "a.md").write_text(TEXT.format("a", "It lasts 60 days."))
    (here / "b.md").write_text(TEXT.format("b", "It lasts 30 days."))
    for name in "ab":
        assert run(monkeypatch, capsys, "convert", f"{name}.md", f"{name}.docx")[0] == 0
    assert run(monkeypatch, capsys, "text", "bridge", "m.md", "a.docx", "b.docx")[0] == 0
    start = ("text", "start", ".", "--from", "m.md", "--delegations", "a,b")
    assert run(monkeypatch, capsys, *start)[0] == 0
    code, out, _ = run(monkeypatch, capsys, "text", "show", ".")
    assert "It lasts [b1.1 a: 60] [b1.2 b: 30] days." in " ".join(out.split())
    code, _, err = run(monkeypatch, capsys, "text", "clean", ".", "c.docx")
    assert (code, (here / "c.docx").exists()) == (2, False)
    assert "A clean text has none." in err
    adopt = ("text", "adopt", ".", "--who", "mediator", "--bracket", "b1", "--alternative", "2")
    assert run(monkeypatch, capsys, *adopt, "--agreed-by", "a,b")[0] == 0
    assert run(monkeypatch, capsys, "text", "clean", ".", "c.docx")[0] == 0
    assert run(monkeypatch, capsys, "convert", "c.docx", "c.txt")[0] == 0
    assert "It lasts 30 days." in (here / "c.txt").read_text()


@pytest.mark.parametrize(
    "arguments",
    [
        ("compare", "a.md"),
        ("compare", "a.md", "a.md", "--out", "x.pdf"),
        ("compare", "a.md", "a.md", "--redline", "x.md"),
        ("compare", "a.md", "nothing.md"),
        ("terms", "a.md", "--kind", "war"),
        ("terms", "a.md"),
        ("terms", "a.md", "--kind", "pause", "--out", "s.svg"),
        ("convert", "a.md", "a.exe"),
        ("convert", "a.md", "b.md", "--version", "both"),
        ("convert", "a.md", "b.md", "--party", "Not An Id"),
        ("parallel", "a.md", "a.md"),
        ("text", "show", "."),
        ("text", "start", ".", "--from", "open.md", "--delegations", "a,b"),
        ("text", "start", ".", "--from", "a.md", "--delegations", "a"),
        ("text", "reserve", ".", "--who", "a", "--on", "one"),
        ("schema", "nothing"),
    ],
    ids=" ".join,
)
def test_wrong_input_is_told_in_words(
    here: Path, monkeypatch: Patch, capsys: Capture, arguments: tuple[str, ...]
) -> None:
    (here / "a.md").write_text(TEXT.format("a", "Words."))
    (here / "open.md").write_text(TEXT.format("a", "Words [a: never closed."))
    before = sorted(path.name for path in here.iterdir())
    code, _, err = run(monkeypatch, capsys, *arguments)
    assert code == 2
    assert err.strip()
    assert "Traceback" not in err
    assert sorted(path.name for path in here.iterdir()) == before


def test_languages_that_a_text_names(here: Path, monkeypatch: Patch, capsys: Capture) -> None:
    (here / "en.md").write_text(
        TEXT.format("a", "30 days.").replace("---\n\n", "authentic: {uk: uk.md}\n---\n\n", 1)
    )
    ukrainian = TEXT.format("a", "60 днів.").replace("---\n\n", "language: uk\n---\n\n", 1)
    (here / "uk.md").write_text(ukrainian, encoding="utf-8")
    code, out, _ = run(monkeypatch, capsys, "parallel", "en.md", "--json")
    assert code == 0
    assert [d["id"] for d in json.loads(out)["divergences"]] == ["one"]
