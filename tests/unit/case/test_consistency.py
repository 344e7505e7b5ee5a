"""Whether the parts of a case fit together."""

from __future__ import annotations

import random
from pathlib import Path

from parley.case.consistency import _package_with, check_case
from parley.case.file import read_yaml
from tests.build import agenda_of, packages_of, random_clause

CASE = """\
parley: 1
title: T
as_of: 2025-05-30
parties: [{id: a, name: A}, {id: b, name: B}]
issues:
  - {id: x, name: X, options: [{id: p, name: P}, {id: q, name: Q}]}
  - {id: y, name: Y, options: [{id: r, name: R}, {id: s, name: S}]}
rules:
  - {if: x.p, excludes: y.r}
  - {if: x.p, excludes: y.s}
"""


def test_an_option_that_no_package_can_hold_is_a_doubt(tmp_path: Path) -> None:
    file = tmp_path / "case.yaml"
    file.write_text(CASE)
    case, mistakes = check_case(read_yaml(file, "case.yaml"))
    assert case is not None
    (mistake,) = mistakes
    assert (mistake.line, mistake.severity) == (6, "warning")
    assert "`x.p`" in mistake.what


def test_all_mistakes_are_found_at_once(tmp_path: Path) -> None:
    file = tmp_path / "case.yaml"
    text = CASE.replace("title: T", "titel: T").replace("y.s}", "y.nowhere}")
    file.write_text(text.replace("id: b, name: B", "id: a, name: A"))
    case, mistakes = check_case(read_yaml(file, "case.yaml"))
    assert case is None
    assert {m.code for m in mistakes} == {"unknown-key", "missing", "id-twice", "no-such-option"}


def test_feasibility_equals_listing_all_packages() -> None:
    rng = random.Random(7)
    seen = set()
    for _ in range(600):
        agenda = agenda_of([rng.randint(2, 3) for _ in range(rng.randint(2, 4))])
        rules = [random_clause(rng, agenda, 2, 2) for _ in range(rng.randint(0, 8))]
        wanted = rng.choice([None, rng.randrange(agenda.size)])
        truth = any(
            not any(rule.matches(p) for rule in rules) and (wanted is None or wanted in p)
            for p in packages_of(agenda)
        )
        assert _package_with(agenda, rules, wanted) == truth
        seen.add(truth)
    assert seen == {True, False}
