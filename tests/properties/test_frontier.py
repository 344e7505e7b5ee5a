"""The frontier, the solutions and the counts against listing all packages."""

from __future__ import annotations

import random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.case.agenda import Clause
from parley.deals.counting import count_rational
from parley.deals.frontier import efficient_frontier, packages_at, partial_fronts
from parley.deals.solutions import solve
from parley.deals.space import Space
from parley.deals.utilities import Utilities
from tests.build import agenda_of, packages_of, random_space

SEEDS = st.integers(0, 10**6)


def trial(seed: int, least: int = 1) -> tuple[Space, Utilities, np.ndarray]:
    rng, generator = random.Random(seed), np.random.default_rng(seed)
    space = random_space(rng, issues=5)
    parties = rng.randint(least, 5)
    shape = (parties, space.agenda.size)
    values = generator.random(shape) if seed % 2 else generator.integers(0, 4, shape).astype(float)
    disagreement = values.mean(axis=1) * len(space.agenda.issues) * generator.random(parties) * 1.2
    names = tuple("abcde"[:parties])
    active = generator.random(len(space.vetoes)) < 0.6
    return space, Utilities(names, values, disagreement), active


def worths(space: Space, utilities: Utilities, active: np.ndarray) -> np.ndarray:
    """Worths of all packages that the rules and the vetoes in force allow."""
    allowed = [
        package
        for package in packages_of(space.agenda, space)
        if not any(v.matches(package) for v, a in zip(space.vetoes, active, strict=True) if a)
    ]
    if not allowed:
        return np.empty((0, len(utilities.parties)))
    return utilities.worth(np.array(allowed, dtype=np.int64))


@given(SEEDS)
@settings(max_examples=400, deadline=None, derandomize=True)
def test_frontier_equals_brute_force(seed: int) -> None:
    space, utilities, active = trial(seed)
    every = np.unique(np.round(worths(space, utilities, active), 9), axis=0)
    better = (every[None] >= every[:, None]).all(axis=2) & (every[None] > every[:, None]).any(
        axis=2
    )
    expected = every[~np.logical_or.reduce(better, axis=1)]
    frontier = efficient_frontier(space, utilities, active)
    assert np.array_equal(np.unique(np.round(frontier.points, 9), axis=0), expected)
    if len(expected):
        assert np.allclose(utilities.worth(frontier.packages), frontier.points)
        assert all(space.allows(package) for package in frontier.packages.tolist())


@given(SEEDS)
@settings(max_examples=250, deadline=None, derandomize=True)
def test_counts_and_solutions_equal_brute_force(seed: int) -> None:
    space, utilities, active = trial(seed)
    every = worths(space, utilities, active)
    rational = every[(every >= utilities.disagreement - 1e-9).all(axis=1)]
    count = count_rational(space, utilities, active)
    assert (count.exact, count.value) == (True, len(rational))
    found = {s.name: s for s in solve(space, utilities, active).found}
    assert bool(found) == bool(len(rational))
    if not found:
        return
    gains = np.maximum(rational - utilities.disagreement, 0)
    best = gains.max(axis=0)
    values = {"egalitarian": gains.min(axis=1), "utilitarian": gains.sum(axis=1)}
    if (best > 1e-9).all():
        values |= {"Nash": gains.prod(axis=1), "Kalai-Smorodinsky": (gains / best).min(axis=1)}
    for name, value in values.items():
        assert abs(found[name].value - value.max()) < 1e-9
        if name in {"Nash", "utilitarian"} and value.max() > 1e-6:
            ties = (value >= value.max() - 1e-9 * max(1.0, value.max())).sum()
            assert len(found[name].packages) == min(ties, 100)


@given(SEEDS, st.floats(0.01, 100), st.floats(-50, 50))
@settings(max_examples=150, deadline=None, derandomize=True)
def test_scaling_or_shifting_a_party_changes_no_nash_or_kalai_smorodinsky(
    seed: int, scale: float, shift: float
) -> None:
    space, utilities, active = trial(seed, least=2)
    values, disagreement = utilities.values.copy(), utilities.disagreement.copy()
    values[0] *= scale
    values[0, : int(space.agenda.offsets[1])] += shift  # one issue carries the shift
    disagreement[0] = disagreement[0] * scale + shift
    changed = Utilities(utilities.parties, values, disagreement)
    one, two = solve(space, utilities, active), solve(space, changed, active)
    for name in ("Nash", "Kalai-Smorodinsky"):
        first = [s for s in one.found if s.name == name]
        second = [s for s in two.found if s.name == name]
        assert len(first) == len(second)
        for a, b in zip(first, second, strict=True):
            shared = {tuple(p) for p in a.packages.tolist()} & {
                tuple(p) for p in b.packages.tolist()
            }
            assert shared  # ties within 1e-9 may be cut elsewhere by rounding


@given(SEEDS)
@settings(max_examples=100, deadline=None, derandomize=True)
def test_the_order_of_parties_changes_nothing(seed: int) -> None:
    space, utilities, active = trial(seed, least=2)
    turned = Utilities(
        utilities.parties[::-1], utilities.values[::-1].copy(), utilities.disagreement[::-1].copy()
    )
    one = efficient_frontier(space, utilities, active).points
    two = efficient_frontier(space, turned, active).points[:, ::-1]
    assert np.allclose(np.unique(np.round(one, 9), axis=0), np.unique(np.round(two, 9), axis=0))


@given(SEEDS, st.sampled_from([1e-9, 1e-3, 0.3, 7.0, 1e9]))
@settings(max_examples=150, deadline=None, derandomize=True)
def test_the_unit_of_a_party_changes_nothing(seed: int, unit: float) -> None:
    space, utilities, active = trial(seed, least=2)
    values, disagreement = utilities.values.copy(), utilities.disagreement.copy()
    values[0] *= unit
    disagreement[0] *= unit
    changed = Utilities(utilities.parties, values, disagreement)
    one, two = solve(space, utilities, active), solve(space, changed, active)
    picked = [
        [s.packages.tolist() for s in found.found if s.name in {"Nash", "Kalai-Smorodinsky"}]
        for found in (one, two)
    ]
    assert picked[0] == picked[1]
    counts = [count_rational(space, u, active).value for u in (utilities, changed)]
    assert counts[0] == counts[1]


@given(SEEDS)
@settings(max_examples=150, deadline=None, derandomize=True)
def test_packages_at_are_all_that_have_the_point(seed: int) -> None:
    space, utilities, active = trial(seed)
    every = worths(space, utilities, active)
    fronts = partial_fronts(space, utilities, active)
    for point in fronts.frontier.points:
        packages, whole = packages_at(fronts, point, limit=1000)
        assert whole
        assert len(packages) == (np.abs(every - point) <= 1e-9).all(axis=1).sum()
        assert np.allclose(utilities.worth(packages), point)
        assert all(space.allows(package) for package in packages.tolist())


@given(SEEDS)
@settings(max_examples=100, deadline=None, derandomize=True)
def test_the_order_of_issues_and_options_changes_nothing(seed: int) -> None:
    space, utilities, active = trial(seed, least=2)
    agenda, rng = space.agenda, random.Random(seed)
    issues = rng.sample(range(len(agenda.issues)), len(agenda.issues))
    blocks = [list(range(*map(int, agenda.offsets[i : i + 2]))) for i in issues]
    old = [flat for block in blocks for flat in rng.sample(block, len(block))]  # by new number
    new = {flat: k for k, flat in enumerate(old)}

    def turned(clauses: tuple[Clause, ...]) -> list[Clause]:
        return [Clause(tuple(frozenset(new[f] for f in s) for s in c.sets)) for c in clauses]

    other = Space.of(agenda_of([len(b) for b in blocks]), turned(space.rules), turned(space.vetoes))
    moved = Utilities(utilities.parties, utilities.values[:, old], utilities.disagreement)
    one, two = solve(space, utilities, active), solve(other, moved, active)
    assert len(one.found) == len(two.found)
    for a, b in zip(one.found, two.found, strict=True):
        back = {tuple(sorted(old[f] for f in package)) for package in b.packages.tolist()}
        if a.complete and b.complete:
            assert back == {tuple(package) for package in a.packages.tolist()}
