"""Agreement over worlds: shares, search, blocks, changes, ranks."""

from __future__ import annotations

import random

import numpy as np
import pytest

from parley.deals import search as module
from parley.deals.acceptance import Acceptance, suited
from parley.deals.agreement import agreement
from parley.deals.search import best_packages, single_changes
from parley.deals.space import Space
from tests.build import agenda_of, packages_of, random_space, random_worlds


def test_search_finds_what_trying_all_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    rng, found = random.Random(5), 0
    for trial in range(25):
        space = random_space(rng, issues=5)
        if space.count < 2:
            continue
        worlds = random_worlds(trial, space, 2, size=120)
        on = Acceptance(worlds)
        every = packages_of(space.agenda, space)
        held = on.by_all(np.array(every)).sum(axis=1)
        monkeypatch.setattr(module, "MAX_LISTED", 0)
        climbed = best_packages(space, on, suited(space, worlds).package, 3)
        monkeypatch.setattr(module, "MAX_LISTED", 10**6)
        listed = best_packages(space, on, suited(space, worlds).package, 3)
        scores = dict(zip(every, held.tolist(), strict=True))
        assert [scores[p] for p in listed] == sorted(scores.values(), reverse=True)[: len(listed)]
        found += scores[climbed[0]] == scores[listed[0]]
    assert found >= 23  # a climb may end beside the peak; it is described as a search


def test_the_best_of_many_is_not_flattered() -> None:
    """Where all packages are alike but for chance, the search share of the best is too high."""
    space = Space.of(agenda_of([3] * 5), [])
    gaps = []
    for seed in range(6):
        one, two = (random_worlds(10 * seed + k, space, 2, size=150) for k in (1, 2))
        result, _ = agreement(space, one, two)
        gaps.append(result.best[0].search_share.value - result.best[0].share.value)
    assert np.mean(gaps) > 0.02


def test_the_parts_add_up() -> None:
    space = Space.of(agenda_of([3, 3, 2]), [])
    worlds = random_worlds(3, space, 3, size=400, consent=2)
    result, outcomes = agreement(space, random_worlds(4, space, 3, 400, consent=2), worlds)
    assert result.packages == 18
    assert result.some.value == outcomes.some.mean()
    leading = result.best[0]
    assert leading.share.value == outcomes.leading.mean()
    assert leading.gap.value == pytest.approx(result.some.value - leading.share.value)
    assert set(leading.by_party) == {"p0", "p1", "p2"}
    assert set(leading.refuses) == set(result.alone) == {"p0", "p1"}
    for party in ("p0", "p1"):
        assert leading.refuses[party].value == pytest.approx(1 - leading.by_party[party].value)
        assert leading.refuses_alone[party].value <= leading.refuses[party].value
        table = np.array([b.ranks[party] for b in result.best] + [result.no_agreement_ranks[party]])
        assert np.allclose(table.sum(axis=1), 1)
    both = 1 - leading.share.value
    alone = sum(s.value for s in leading.refuses_alone.values())
    assert both == pytest.approx(sum(s.value for s in leading.refuses.values()) - (both - alone))
    if leading.best_change is not None:
        assert leading.best_change.share.value == pytest.approx(
            leading.share.value + leading.best_change.gain.value
        )
    assert len(result.cloud) == 18  # all, since there are few


def test_single_changes_keep_the_rules() -> None:
    rng = random.Random(9)
    space = random_space(rng, issues=5)
    start = packages_of(space.agenda, space)[0]
    near = list(single_changes(space, start))
    assert all(space.allows(p) for p in near)
    assert all(sum(a != b for a, b in zip(p, start, strict=True)) == 1 for p in near)


def test_a_search_that_does_not_end_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("parley.deals.acceptance.MAX_TRIES", 1)
    space = Space.of(agenda_of([3] * 6), [])
    found = suited(space, random_worlds(1, space, 3, size=200))
    assert not found.decided.all()
    assert (found.decided | ~found.some).all()
