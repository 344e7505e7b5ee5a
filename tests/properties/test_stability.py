"""The engine and the definitions word for word agree, on conflicts at random."""

from __future__ import annotations

import itertools
import random
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.case.moves import Moves
from parley.conflict.coalitions import CoalitionConcept, all_coalitions, coalition
from parley.conflict.horizon import limited
from parley.conflict.inverse import changed, count_rankings, whose_mind_must_change
from parley.conflict.model import Conflict
from parley.conflict.paths import reached_from, shortest_paths
from parley.conflict.reasons import why
from parley.conflict.stability import STRONG, Concept, Stability, stability
from parley.conflict.unknown import CONCEPTS, TYPES, relation, unknown_stability
from tests.conflicts import literal_of, random_moves, random_ranking

SEEDS = st.integers(0, 2**40)


def answers(found: Stability, concept: Concept, i: int, s: int) -> bool | None:
    if concept is Concept.SIM and found.undefined[i, s]:
        return None
    return bool(found.stable[concept][i, s])


@settings(max_examples=1500, deadline=None)
@given(SEEDS)
def test_all_concepts_agree_with_the_definitions(seed: int) -> None:
    conflict = Conflict.of(random_moves(random.Random(seed)))
    literal, found = literal_of(conflict), stability(conflict)
    for concept in Concept:
        for i in literal.makers:
            for s in literal.all:
                assert answers(found, concept, i, s) == literal.stable(concept.value, i, s)


@settings(max_examples=150, deadline=None)
@given(SEEDS)
def test_the_same_with_more_options_than_fit_one_fiber_each(seed: int) -> None:
    conflict = Conflict.of(random_moves(random.Random(seed), options=6))
    literal, found = literal_of(conflict), stability(conflict)
    for concept in (Concept.GMR, Concept.SMR, Concept.SEQ):
        for i in literal.makers:
            for s in list(literal.all)[:: max(1, conflict.size // 8)]:
                assert answers(found, concept, i, s) == literal.stable(concept.value, i, s)


@settings(max_examples=1000, deadline=None)
@given(SEEDS)
def test_implications_between_the_concepts(seed: int) -> None:
    conflict = Conflict.of(random_moves(random.Random(seed), options=7))
    found = stability(conflict)
    nash, gmr, smr, seq, sim = (found.stable[c] for c in Concept)
    assert not (nash & ~smr).any()
    assert not (smr & ~gmr).any()
    assert not (nash & ~seq).any()
    assert not (seq & ~gmr).any()
    assert not (nash & ~sim).any()


@settings(max_examples=300, deadline=None)
@given(SEEDS)
def test_renumbering_options_parties_and_states_changes_nothing(seed: int) -> None:
    rng = random.Random(seed)
    moves = random_moves(rng)
    conflict = Conflict.of(moves)
    makers = list(moves.decision_makers)
    rng.shuffle(makers)
    shuffled = []
    for maker in makers:
        options = list(maker.options)
        rng.shuffle(options)
        shuffled.append(maker.model_copy(update={"options": tuple(options)}))
    ids = [o.id for o in moves.options]
    new = [o.id for maker in shuffled for o in maker.options]
    patterns = [conflict.states.pattern(s) for s in range(conflict.size)]
    order = list(range(conflict.size))
    rng.shuffle(order)
    listed = ["".join(patterns[s][ids.index(name)] for name in new) for s in order]
    rankings = []
    for maker in shuffled:
        ranking = [
            [order.index(int(r) - 1) + 1 for r in ([tier] if isinstance(tier, int) else tier)]
            for tier in maker.ranking or ()
        ]
        rankings.append(maker.model_copy(update={"ranking": tuple(map(tuple, ranking))}))
    data: dict[str, Any] = {
        "decision_makers": [m.model_dump() for m in rankings],
        "states": listed,
        # a pattern of a merged state also fits what is infeasible: the rules go with it
        "infeasible": ["".join(b.when[ids.index(name)] for name in new) for b in moves.infeasible],
    }
    other = Conflict.of(Moves.model_validate(data))
    before, after = stability(conflict), stability(other)
    for concept in Concept:
        for i, party in enumerate(conflict.parties):
            j = other.parties.index(party)
            for place, s in enumerate(order):
                assert answers(before, concept, i, s) == answers(after, concept, j, place)


@settings(max_examples=200, deadline=None)
@given(SEEDS)
def test_a_model_given_as_a_graph_gives_the_same(seed: int) -> None:
    conflict = Conflict.of(random_moves(random.Random(seed), options=4))
    makers = []
    for i, maker in enumerate(conflict.moves.decision_makers):
        moves = [
            f"{s + 1} -> {t + 1}" for s in range(conflict.size) for t in conflict.reached(i, s)
        ]
        makers.append({"party": maker.party, "moves": moves, "ranking": maker.ranking})
    states = [{"name": f"state number {s}"} for s in range(conflict.size)]
    graph = Conflict.of(Moves.model_validate({"decision_makers": makers, "states": states}))
    before, after = stability(conflict), stability(graph)
    assert Concept.SIM not in after.stable
    for concept in after.stable:
        assert (before.stable[concept] == after.stable[concept]).all()


@settings(max_examples=300, deadline=None)
@given(SEEDS)
def test_strong_stability_agrees(seed: int) -> None:
    rng = random.Random(seed)
    moves = random_moves(rng)
    size = Conflict.of(moves).size
    makers = [
        m.model_dump() | {"ranking": random_ranking(rng, size, strong=True)}
        for m in moves.decision_makers
    ]
    data = moves.model_dump() | {"decision_makers": makers}
    conflict = Conflict.of(Moves.model_validate(data))
    literal, found = literal_of(conflict), stability(conflict)
    blocks = conflict.preferences.blocks.tolist()
    for concept in STRONG if found.strong else ():
        assert not (found.strong[concept] & ~found.stable[concept]).any()
        assert not (found.stable[Concept.NASH] & ~found.strong[concept]).any()
        for i, s in itertools.product(literal.makers, literal.all):
            assert found.strong[concept][i, s] == literal.strong(concept.value, i, s, blocks)


@settings(max_examples=200, deadline=None)
@given(SEEDS)
def test_unknown_preferences_agree(seed: int) -> None:
    rng = random.Random(seed)
    moves = random_moves(rng, options=4)
    size = Conflict.of(moves).size
    makers = []
    for maker in moves.decision_makers:
        order = rng.sample(range(1, size + 1), size)
        pairs = [
            f"{a} {rng.choice('>>=')} {b}"
            for a, b in itertools.combinations(order, 2)
            if rng.random() < 0.2
        ]
        known = [text for text in pairs if "=" not in text]
        makers.append({"party": maker.party, "options": maker.options, "known": known})
    data = moves.model_dump() | {"decision_makers": makers}
    conflict = Conflict.of(Moves.model_validate(data))
    literal, found = literal_of(conflict), unknown_stability(conflict)
    known_of = [relation(conflict, i) for i in literal.makers]

    def sign(i: int) -> Any:
        better, equal = known_of[i].better, known_of[i].equal
        return lambda t, s: (
            ">" if better[t, s] else "<" if better[s, t] else "=" if equal[t, s] else "?"
        )

    signs = [sign(i) for i in literal.makers]
    for kind, concept in itertools.product(TYPES, CONCEPTS):
        rows = found.stable[kind, concept]
        for i, s in itertools.product(literal.makers, literal.all):
            assert rows[i, s] == literal.unknown(kind, concept.value, i, s, signs)
    for concept in CONCEPTS:
        a, b, c, d = (found.stable[kind, concept] for kind in TYPES)
        assert not (a & ~b).any()
        assert not (a & ~c).any()
        assert not (c & ~d).any()
        assert not (b & ~d).any()


@settings(max_examples=150, deadline=None)
@given(SEEDS)
def test_without_unknowns_the_four_types_are_the_plain_concepts(seed: int) -> None:
    conflict = Conflict.of(random_moves(random.Random(seed), options=4))
    plain, four = stability(conflict), unknown_stability(conflict)
    for kind, concept in itertools.product(TYPES, CONCEPTS):
        assert (four.stable[kind, concept] == plain.stable[concept]).all()


@settings(max_examples=150, deadline=None)
@given(SEEDS)
def test_coalitions_agree(seed: int) -> None:
    conflict = Conflict.of(random_moves(random.Random(seed), options=4))
    literal = literal_of(conflict)
    for found in all_coalitions(conflict):
        members = [conflict.parties.index(name) for name in found.members]
        for s in literal.all:
            better = set(found.improvements.get(s, ()))
            assert better == literal.coalition_improvements(members, s)
            for concept in CoalitionConcept:
                expected = literal.coalition_stable(concept.value, members, s)
                assert found.stable[concept][s] == expected


@settings(max_examples=150, deadline=None)
@given(SEEDS)
def test_a_coalition_of_one_is_that_one(seed: int) -> None:
    conflict = Conflict.of(random_moves(random.Random(seed), options=4, merged=False))
    plain = stability(conflict)
    for i, party in enumerate(conflict.parties):
        found = coalition(conflict, [party])
        for concept, same in zip(CoalitionConcept, ("Nash", "GMR", "SMR", "SEQ"), strict=True):
            assert (found.stable[concept] == plain.stable[Concept(same)][i]).all()


@settings(max_examples=100, deadline=None)
@given(SEEDS)
def test_responding_together_deters_no_less(seed: int) -> None:
    conflict = Conflict.of(random_moves(random.Random(seed), parties=3, options=4))
    for members in ([conflict.parties[0]], list(conflict.parties[:2])):
        alone = coalition(conflict, members)
        together = coalition(conflict, members, responding_coalitions=True)
        cseq = CoalitionConcept.CSEQ
        assert not (alone.stable[cseq] & ~together.stable[cseq]).any()


@settings(max_examples=150, deadline=None)
@given(SEEDS, st.integers(1, 5))
def test_horizons_agree(seed: int, horizon: int) -> None:
    conflict = Conflict.of(random_moves(random.Random(seed), parties=2, options=4))
    literal, found = literal_of(conflict), limited(conflict, horizon)
    for i, s in itertools.product((0, 1), literal.all):
        assert found.ends[i, s] == literal.ahead(horizon, i, s)
    assert (limited(conflict, 1).stable == stability(conflict).stable[Concept.NASH]).all()


@settings(max_examples=150, deadline=None)
@given(SEEDS)
def test_ways_from_the_status_quo_agree(seed: int) -> None:
    conflict = Conflict.of(random_moves(random.Random(seed), options=4))
    literal, start = literal_of(conflict), conflict.status_quo
    assert start is not None
    for improving in (False, True):
        found = reached_from(conflict, start, improving=improving)
        fewest = {s: int(n) for s, n in enumerate(found.fewest) if n >= 0}
        assert fewest == literal.fewest_moves(start, improving)
        for goal, length in fewest.items():
            paths = shortest_paths(conflict, found, goal)
            assert paths.moves == length
            assert 1 <= len(paths.listed) <= paths.count
            for path in paths.listed:
                here, last = start, ""
                for step in path:
                    i = conflict.parties.index(step.party)
                    assert step.state in literal.moves[i][here]
                    assert step.party != last
                    assert step.improves == literal.prefers(i, step.state, here)
                    assert step.improves or not improving
                    here, last = step.state, step.party
                assert here == goal


@settings(max_examples=150, deadline=None)
@given(SEEDS)
def test_every_reason_is_one(seed: int) -> None:
    conflict = Conflict.of(random_moves(random.Random(seed), options=4))
    literal = literal_of(conflict)
    for concept, i, s in itertools.product(Concept, literal.makers, literal.all):
        reason = why(conflict, s, conflict.parties[i], concept)
        expected = literal.stable(concept.value, i, s)
        assert (None if reason.kind == "undefined" else reason.stable) == expected
        assert reason.free is None or literal.prefers(i, reason.free, s)
        for answer in reason.answers:
            assert not literal.prefers(i, answer.end, s)
            assert answer.equal == (literal.values[i][answer.end] == literal.values[i][s])
            here, last = answer.move, i
            for step in answer.steps:
                j = conflict.parties.index(step.party)
                assert j not in (i, last)
                assert step.state in literal.moves[j][here]
                assert concept is not Concept.SEQ or literal.prefers(j, step.state, here)
                here, last = step.state, j


@settings(max_examples=150, deadline=None)
@given(SEEDS)
def test_the_inverse_finds_the_fewest_changes(seed: int) -> None:
    rng = random.Random(seed)
    conflict = Conflict.of(random_moves(rng, options=4, merged=False))
    state, concept = rng.randrange(conflict.size), rng.choice(list(Concept))
    for i, change in enumerate(whose_mind_must_change(conflict, state, concept)):
        own = conflict.preferences.values[i]
        above = [int(s) for s in np.flatnonzero(own > own[state])]
        fewest = next(
            size
            for size in range(len(above) + 1)
            for some in itertools.combinations(above, size)
            if _holds(changed(conflict, change.party, state, some), concept, i, state)
        )
        assert change.fewest == fewest
        assert change.stable == (fewest == 0)
        for way in change.alternatives:
            assert len(way) == fewest
            assert _holds(changed(conflict, change.party, state, way), concept, i, state)


def _holds(conflict: Conflict, concept: Concept, i: int, state: int) -> bool:
    return bool(stability(conflict, [concept]).stable[concept][i, state])


@settings(max_examples=20, deadline=None)
@given(SEEDS)
def test_rankings_are_counted_as_by_trying_them(seed: int) -> None:
    rng = random.Random(seed)
    conflict = Conflict.of(random_moves(rng, parties=2, options=2, merged=False))
    state, concept = rng.randrange(conflict.size), rng.choice(list(Concept))
    count = 0
    for order in itertools.permutations(range(conflict.size)):
        values = conflict.preferences.values.copy()
        values[0, list(order)] = np.arange(conflict.size)
        count += _holds(conflict.with_values(values), concept, 0, state)
    assert count_rankings(conflict, "p0", state, concept) == count
