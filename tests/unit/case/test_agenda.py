"""The agenda: one canonical order, clauses out of rules."""

from __future__ import annotations

from parley.case.agenda import Agenda, clauses, others
from parley.case.model import Rule
from tests.build import case_of


def test_canonical_order_does_not_depend_on_the_file() -> None:
    one = case_of({"b": ["y", "x"], "a": ["z", "w", "v"]}, ordered=["a"])
    two = case_of({"a": ["v", "w", "z"], "b": ["x", "y"]}, ordered=["a"])
    assert Agenda.of(one) == Agenda.of(two)
    agenda = Agenda.of(one)
    assert agenda.issues == ("a", "b")
    assert agenda.options == (("v", "w", "z"), ("x", "y"))
    assert agenda.axes == ((0, 1, 2), None)  # z, w, v along the scale, from either end
    assert agenda.offsets.tolist() == [0, 3, 5]
    assert agenda.name(agenda.flat("b", "y")) == ("b", "y")
    assert agenda.choices(agenda.package((1, 4))) == (1, 4)


def test_values_give_the_scale() -> None:
    case = case_of({"a": ["x", "y", "z"], "b": ["u", "v"]})
    issue = case.issues[0].model_copy(
        update={
            "ordered": True,
            "options": tuple(
                o.model_copy(update={"value": v})
                for o, v in zip(case.issues[0].options, (5.0, 1.0, 3.0), strict=True)
            ),
        }
    )
    agenda = Agenda.of(case.model_copy(update={"issues": (issue, case.issues[1])}))
    assert agenda.axes[0] == (0, 2, 1)


def test_rules_as_clauses() -> None:
    agenda = Agenda.of(case_of({"a": ["x", "y", "z"], "b": ["u", "v"]}))
    implies = Rule.model_validate({"if": "b.u", "implies": ["a.x", "a.y"]})
    excludes = Rule.model_validate({"if": "b.u", "excludes": "a.z"})
    assert clauses(agenda, [implies]) == clauses(agenda, [excludes])
    (clause,) = clauses(agenda, [implies])
    assert clause.matches((2, 3))
    assert not clause.matches((1, 3))
    assert others(agenda, [0]) == {1, 2}
