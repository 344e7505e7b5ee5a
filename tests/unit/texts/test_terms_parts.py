"""What the tests of terms rest on: sentences, duties, definitions, references, deadlines, steps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from lxml import etree

from parley.errors import SettingError
from parley.report.step_picture import step_picture
from parley.report.text_page import terms_page
from parley.texts.articles import TextKind
from parley.texts.terms.check import check_terms
from parley.texts.terms.definitions import term_graph
from parley.texts.terms.duties import actor
from parley.texts.terms.findings import Status
from parley.texts.terms.ledger import ledger
from parley.texts.terms.order import circles, order, steps_of
from parley.texts.terms.reading import Reading, split_sentences
from parley.texts.terms.references import references
from parley.texts.terms.times import deadlines, hours_of, t0_of
from tests.texts import text_of


def reading(body: str, head: str = "") -> Reading:
    return Reading(text_of(body, f"---\nparley: 1\ntitle: T\n{head}---\n\n"))


def test_sentences() -> None:
    text = "Under Art. 5 fire ceases. It ends at 12.30; then all go. “So” it is."
    assert split_sentences(text) == [
        "Under Art. 5 fire ceases.",
        "It ends at 12.30; then all go.",
        "“So” it is.",
    ]


@pytest.mark.parametrize(
    ("words", "who", "mode"),
    [
        ("Each Party shall leave.", "Each Party", "must"),
        ("After T0, the Mission may enter.", "the Mission", "may"),
        ("Within 3 days, if it rains, the Republic shall not fly.", "the Republic", "must not"),
    ],
)
def test_duties(words: str, who: str, mode: str) -> None:
    (duty,) = reading(words).duties
    assert (duty.actor, duty.mode) == (who, mode)


def test_points_are_read_with_what_leads_to_them() -> None:
    found = reading("1. The Republic shall:\n   (a) leave;\n   (b) report.\n").duties
    assert [(d.actor, d.act) for d in found] == [
        ("The Republic", "leave;"),
        ("The Republic", "report."),
    ]


def test_what_the_head_declares_comes_before_what_is_read() -> None:
    body = "Guns shall be withdrawn. {#g}"
    assert len(actor(reading(body))) == 1  # type: ignore[arg-type]
    head = "obligations:\n  - {at: g, actor: [the Republic], mode: must, act: withdraw its guns}\n"
    declared = reading(body, head)
    assert actor(declared) == ()
    (duty,) = declared.duties
    assert (duty.actor, duty.mode, duty.act) == ("the Republic", "must", "withdraw its guns")


def test_defined_terms() -> None:
    graph = term_graph(
        reading(
            "“Zone” means the strip along the Line. “Line” means the edge of the Zone. "
            "“Guns” means all guns. “Spare” means nothing. The Zone is shown. The Guns leave.\n\n"
            "The Republic of Arvia (the “Republic”) and others. “Guns” means mortars too."
        )
    )
    assert set(graph.twice) == {"Gun"}
    assert set(graph.unused) >= {"Spare", "Republic"}
    assert graph.circles == (("Zone", "Line"),)


def test_references() -> None:
    text = (
        "## Article 1. A\n\n1. See Articles 2 to 4, Article 2, paragraph 1, paragraph 9 of Article "
        "2, Annex A and Annexes B and C, and Article 51 of the Charter of the United Nations.\n\n"
        "## Article 2. B\n\n1. C.\n\n## Annex A. D\n\n1. E.\n"
    )
    found = {(r.words, r.target is not None) for r in references(reading(text))}
    assert found == {
        ("Article 2", True),
        ("Article 3", False),
        ("Article 4", False),
        ("Article 2, paragraph 1", True),
        ("Article 2, paragraph 9", False),
        ("Annex A", True),
        ("Annex B", False),
        ("Annex C", False),
    }


@pytest.mark.parametrize(
    ("words", "hours"),
    [
        ("T0 + 72 hours", 72),
        ("T0+72h", 72),
        ("T0 − 6 hours", -6),
        ("not later than 6 hours before T0", -6),
        ("within thirty days of T0", 720),
        ("within seventy-two hours of T0", 72),
        ("T0 + 10 d", 240),
        ("at T0", 0),
        ("within 3 days of signature", None),
    ],
)
def test_hours_from_t0(words: str, hours: float | None) -> None:
    assert hours_of(words) == hours


def test_deadlines_become_dates() -> None:
    body = "“T0” means 06:00 UTC+3 on 10 June 2025. Each Party shall report within 2 days of T0."
    found = reading(body)
    zone = timezone(timedelta(hours=3))
    assert t0_of(found) == datetime(2025, 6, 10, 6, tzinfo=zone)
    assert [d.date for d in deadlines(found)] == [datetime(2025, 6, 12, 6, tzinfo=zone)]
    later = reading("Each Party shall report within 2 days of T0.", "t0: 2025-06-01T00:00Z\n")
    assert [d.date for d in deadlines(later)] == [datetime(2025, 6, 3, tzinfo=UTC)]


STEPS = """steps:
  - {id: a, name: fire ceases, actor: [North, South], deadline: T0 + 1 hour, can_lose: surprise}
  - {id: b, name: guns leave, actor: [South], after: [a], deadline: T0 + 72 hours}
  - {id: c, name: lists, actor: [North], after: [a], deadline: T0 + 24 hours, can_lose: the lists}
"""


def test_what_each_side_has_done_by_then() -> None:
    points = ledger(steps_of(reading("Text.", STEPS)))
    assert [(p.step.id, p.depth) for p in points] == [("a", 0), ("c", 1), ("b", 1)]
    assert points[-1].done == {
        "North": ("fire ceases", "lists"),
        "South": ("fire ceases", "guns leave"),
    }
    assert points[0].lost == {"North": ("surprise",), "South": ("surprise",)}
    assert points[-1].lost["North"] == ("surprise", "the lists")


def test_the_picture_of_steps_says_what_it_shows() -> None:
    plot = step_picture(steps_of(reading("Text.", STEPS)))
    root = etree.fromstring(plot.svg)
    said = " ".join("".join(root.itertext()).split())
    for words in ("fire ceases", "guns leave", "T0 + 3 days", "T0 + 1 h"):
        assert words in said
    assert root.get("aria-label") == plot.text
    assert "guns leave (South) after a, due T0 + 72 hours" in plot.text


def test_steps_in_a_circle_are_told_and_drawn() -> None:
    head = STEPS.replace("actor: [North, South],", "actor: [North, South], after: [b],")
    found = reading("Text.", head)
    (problem,) = [p for p in order(found) if "wait for one another" in p.what]  # type: ignore[union-attr]
    assert problem.what == "Steps wait for one another: a → b → a."
    assert "<svg" in step_picture(steps_of(found)).svg
    assert circles({"a": ("a",), "b": ("a",), "c": ()}) == (("a",),)


def test_open_on_purpose_is_no_defect_and_other_languages_are_not_read() -> None:
    head = (
        "---\nparley: 1\ntitle: T\ndeliberately_open:\n  - {element: 13, reason: Later.}\n---\n\n"
    )
    found = check_terms(text_of("Fire ceases at noon.", head), TextKind.PAUSE)
    assert [(f.element, f.what) for f in found.of(Status.OPEN)] == [(13, "Later.")]
    other = text_of("Вогонь припиняється.", "---\nparley: 1\ntitle: T\nlanguage: uk\n---\n\n")
    assert len(check_terms(other, TextKind.PAUSE).of(Status.NOT_READ)) == 60
    assert "Later." in terms_page(found)
    with pytest.raises(SettingError):
        check_terms(text_of("Fire ceases."))


def test_what_is_asked_depends_on_the_kind() -> None:
    text = text_of("Delegates wear a badge.")
    asked = {
        kind: {f.element for f in check_terms(text, kind).of(Status.ABSENT)} for kind in TextKind
    }
    assert 34 in asked[TextKind.DEFINITIVE]
    assert 34 not in asked[TextKind.CESSATION]
    assert 13 not in asked[TextKind.FRAMEWORK]
    assert len(asked[TextKind.PAUSE]) < len(asked[TextKind.DEFINITIVE])
