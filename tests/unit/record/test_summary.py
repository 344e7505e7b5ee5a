"""Sums of the record that judge nothing."""

from __future__ import annotations

from parley.record.summary import by_origin, figures, positions, reach, timeline, unsourced
from tests.build import case_of, record_of

CASE = case_of({"x": ["p", "q", "r"], "y": ["u", "v"]})


def test_independence_is_counted_by_origin() -> None:
    wish = {"party": "a", "issue": "x", "options": ["p"]}
    record = record_of(
        wish | {"origin": "o", "publications": ["k", "l"], "grade": "C3"},
        wish | {"origin": "o", "publications": ["m"], "grade": "B4"},
        wish | {"options": ["q"], "act": "offer"},
        origins=[{"id": "o", "name": "O"}],
        publications=[{"id": i, "outlet": i, "published": "2025"} for i in "klm"],
    )
    position = positions(CASE, record)[0]
    assert (position.origins, position.unknown_origin, position.publications) == (1, True, 3)
    assert (position.preferred, position.acceptable) == (("p",), ("q",))
    assert (position.firmness, position.grade) == ("demand", "B4")
    rows = by_origin(record)
    assert [(r.origin, len(r.assertions), r.publications) for r in rows] == [
        ("o", 2, 3),
        ("", 1, 0),
    ]
    assert unsourced(record) == ("s02",)


def test_what_was_withdrawn_is_no_position_but_stays_on_record() -> None:
    record = record_of(
        {"party": "a", "issue": "x", "options": ["p"], "id": "old"},
        {"party": "a", "act": "withdraw", "withdraws": ["old"], "id": "new"},
    )
    position = positions(CASE, record)[0]
    assert position.preferred == ()
    assert position.assertions == ("old",)


def test_figures_stand_side_by_side() -> None:
    def figure(**values: object) -> dict[str, object]:
        base = {"topic": "t", "counts": "people", "unit": "people", "phrase": "words"}
        return {"voice": "v", "act": "claim", "figure": base | values}

    (topic,) = figures(record_of(figure(best=14), figure(low=1000, bound="more than")))
    assert topic.contested
    assert [reach(row) for row in topic.rows] == [(14, 14), (1000, float("inf"))]
    (topic,) = figures(
        record_of(figure(low=10, high=20), figure(best=14), figure(high=15, bound="up to"))
    )
    assert not topic.contested


def test_time_line_falls_back_to_the_publication() -> None:
    record = record_of(
        {"voice": "v", "act": "claim", "publications": ["k"]},
        {"voice": "v", "act": "claim", "times": {"statement": "2025-01-01"}},
        {"voice": "v", "act": "claim"},
        publications=[{"id": "k", "outlet": "K", "published": "2025-03"}],
    )
    assert [(m.assertion, m.known_by) for m in timeline(record)] == [
        ("s01", "statement"),
        ("s00", "publication"),
    ]
