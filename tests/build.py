"""Small cases for tests, made in code."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from parley.case.agenda import Agenda, Clause
from parley.case.model import Case
from parley.deals.space import Space
from parley.preferences.worlds import Veto, Worlds
from parley.record.claims import Record


def agenda_of(sizes: Sequence[int]) -> Agenda:
    """An agenda with issues a, b, … of so many options each."""
    issues = tuple(f"i{k:03}" for k in range(len(sizes)))
    options = tuple(tuple(f"o{j:02}" for j in range(n)) for n in sizes)
    return Agenda(issues, options, (None,) * len(sizes))


def packages_of(agenda: Agenda, space: Space | None = None) -> list[tuple[int, ...]]:
    """All packages, or those that the rules of a space allow, by listing them."""
    ranges = [
        range(int(agenda.offsets[k]), int(agenda.offsets[k + 1])) for k in range(len(agenda.issues))
    ]
    listed = itertools.product(*ranges)
    return [p for p in listed if space is None or space.allows(p)]


def random_clause(rng: random.Random, agenda: Agenda, most: int, least: int = 1) -> Clause:
    """A clause over some issues of an agenda."""
    count = len(agenda.issues)
    issues = rng.sample(range(count), rng.randint(min(least, count), min(most, count)))
    sets = []
    for i in issues:
        flats = range(int(agenda.offsets[i]), int(agenda.offsets[i + 1]))
        sets.append(frozenset(rng.sample(flats, rng.randint(1, max(1, len(flats) - 1)))))
    return Clause(tuple(sets))


def random_space(rng: random.Random, issues: int = 4, vetoes: int = 3) -> Space:
    """A space with a few rules and vetoes."""
    agenda = agenda_of([rng.randint(2, 4) for _ in range(rng.randint(1, issues))])
    rules = [random_clause(rng, agenda, 3, 2) for _ in range(rng.randint(0, 3))]
    rules = [rule for rule in rules if len(rule.sets) > 1]
    barred = [random_clause(rng, agenda, 2) for _ in range(rng.randint(0, vetoes))]
    return Space.of(agenda, rules, barred)


def random_worlds(
    seed: int, space: Space, parties: int, size: int = 40, consent: int | None = None
) -> Worlds:
    """Worlds drawn without any record; the vetoes of the space go round the consenting parties."""
    generator = np.random.default_rng(seed)
    agenda = space.agenda
    needed = parties if consent is None else consent
    issues = len(agenda.issues)
    return Worlds(
        agenda=agenda,
        parties=tuple(f"p{k}" for k in range(parties)),
        consent=np.arange(parties) < needed,
        weights=generator.dirichlet(np.ones(issues), size=(size, parties)),
        scores=generator.random((size, parties, agenda.size)),
        reservation=generator.uniform(-0.2, 0.9, (size, parties)),
        vetoes=tuple(Veto(k % needed, c, f"v{k}") for k, c in enumerate(space.vetoes)),
        active=generator.random((size, len(space.vetoes))) < 0.5,
        assertions=(),
        holds=np.zeros((size, 0), dtype=bool),
        origins=(),
        seed=seed,
        stream="test",
    )


def case_of(
    issues: Mapping[str, Sequence[str]],
    *,
    ordered: Iterable[str] = (),
    parties: Sequence[str] = ("a", "b"),
    **more: Any,
) -> Case:
    """A case with these issues and options."""
    data: dict[str, Any] = {
        "parley": 1,
        "title": "A case",
        "as_of": "2025-05-30",
        "parties": [{"id": p, "name": p.upper()} for p in parties],
        "issues": [
            {
                "id": issue,
                "name": issue,
                "ordered": issue in set(ordered),
                "options": [{"id": o, "name": o} for o in options],
            }
            for issue, options in issues.items()
        ],
    }
    return Case.model_validate(data | more)


def record_of(*assertions: dict[str, Any], **more: Any) -> Record:
    """A record with these assertions; ids and texts are filled in where missing."""
    filled = [
        {"id": f"s{k:02}", "text": "Something.", "act": "demand"} | item
        for k, item in enumerate(assertions)
    ]
    return Record.model_validate({"parley": 1, "assertions": filled} | more)
