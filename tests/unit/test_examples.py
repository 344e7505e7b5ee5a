"""The shipped cases: complete, even-handed, in our own words, and right."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from parley.record.folder import open_folder
from parley.workbench import OneWorld, Study, run

ROOT = Path(__file__).parents[2]
ISTANBUL, VILLAGES = ROOT / "examples" / "istanbul-2025", ROOT / "examples" / "two-villages"
SOURCE = ROOT.parent / "shared" / "source"


@pytest.mark.parametrize("folder", [ISTANBUL, VILLAGES])
def test_no_mistakes_and_no_doubts(folder: Path) -> None:
    assert open_folder(folder).warnings == ()
    assert (folder / "README.md").exists()


def test_istanbul_is_a_full_record() -> None:
    record = open_folder(ISTANBUL).record
    assert len(record.assertions) >= 35
    assert all(a.publications or a.judgement for a in record.assertions)
    assert all(a.grade or a.judgement for a in record.assertions)
    assert {"demand", "offer", "threat", "deny", "no comment"} <= {a.act for a in record.assertions}
    slant = [a for a in record.assertions if a.voice]
    assert len(slant) >= 5
    assert all(a.origin == "outlet" for a in slant)


def test_the_parties_are_treated_alike() -> None:
    opened = open_folder(ISTANBUL)
    principals = [p for p in opened.case.parties if p.consent_needed]
    assert len({p.without_agreement for p in principals}) == 1
    judged = [a for a in opened.record.assertions if a.judgement and a.without_agreement]
    assert len({a.judgement.likelihood for a in judged if a.judgement}) == 1
    assert {a.party for a in judged} == {p.id for p in principals}


def test_no_sentence_is_copied_from_the_source() -> None:
    if not SOURCE.exists():
        pytest.skip("the source report is not beside this checkout")
    words = re.findall(r"\w+", " ".join(p.read_text() for p in SOURCE.glob("*.txt")).lower())
    runs = {tuple(words[k : k + 8]) for k in range(len(words))}
    opened = open_folder(ISTANBUL)
    texts = [a.text for a in opened.record.assertions]
    texts += [opened.case.summary or "", *(i.name for i in opened.case.issues)]
    for text in texts:
        mine = re.findall(r"\w+", text.lower())
        assert not any(tuple(mine[k : k + 8]) in runs for k in range(len(mine) - 7)), text


def test_two_villages_as_in_its_readme() -> None:
    opened = open_folder(VILLAGES)
    findings = run(Study(opened.case, opened.record))
    one = next(f.result for f in findings if isinstance(f.result, OneWorld))
    assert all(f.exact and f.seed is None for f in findings)
    worths = {s.name: [tuple(p) for p in s.points.tolist()] for s in one.solutions.found}
    assert one.utilities.parties == ("lower", "upper")
    assert worths["Nash"] == worths["egalitarian"] == [(50, 45)]
    assert worths["Kalai-Smorodinsky"] == [(55, 40)]
    assert worths["utilitarian"] == [(85, 20)]
    assert one.rational.value == 6
    table = (VILLAGES / "README.md").read_text()
    rows = re.findall(r"^\| \w+ \| [^|]+ \| [^|]+ \| (\d+) \| (\d+) \|", table, re.MULTILINE)
    assert {(float(lower), float(upper)) for upper, lower in rows} == {
        tuple(point) for point in one.frontier.points.tolist()
    }
