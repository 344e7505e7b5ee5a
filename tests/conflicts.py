"""Conflicts for tests: at random, and from a file of published tables where that is present."""

from __future__ import annotations

import itertools
import random
from typing import Any

import numpy as np

from parley.case.moves import Moves
from parley.conflict.model import Conflict
from tests.literal import Combination, Literal, patterns


def moves_of(study: dict[str, Any]) -> Moves:
    """A study in the form of the published tables, as a section of moves."""
    letters = {0: "N", 1: "Y", None: "-"}
    makers: list[dict[str, Any]] = []
    number = 0
    for i, maker in enumerate(study["dms"]):
        options = []
        for name in maker["options"]:
            number += 1
            way = [x for x in study["irreversible"] if x["option_index"] == number]
            option: dict[str, Any] = {"id": f"o{number}", "name": name}
            if way:
                option["irreversible"] = "forward" if way[0]["allowed"] == "N->Y" else "back"
            options.append(option)
        makers.append({"party": f"p{i}", "options": options} | _preference(study, maker["name"]))
    data = {
        "decision_makers": makers,
        "states": ["".join(letters[x] for x in row) for row in study["states"]],
        "status_quo": study["status_quo"],
    }
    return Moves.model_validate(data)


def _preference(study: dict[str, Any], name: str) -> dict[str, Any]:
    known = study.get("known_pairs", {}).get(name)
    if known is not None:
        return {"known": [f"{a} > {b}" for a, b in known]}
    ranking: list[Any] = [tier[0] if len(tier) == 1 else tier for tier in study["ranking"][name]]
    blocks = study.get("strength_blocks", {}).get(name)
    if blocks:
        ranking = list(itertools.chain.from_iterable([*block, ">>"] for block in blocks))[:-1]
    return {"ranking": ranking}


def literal_of(conflict: Conflict) -> Literal:
    """The same conflict in the literal form, read from the section and not from the engine."""
    moves, states = conflict.moves, conflict.states
    owners = [i for i, maker in enumerate(moves.decision_makers) for _ in maker.options]
    combos: list[set[Combination]] = [set() for _ in range(states.size)]
    for code, state in zip(states.combinations.tolist(), states.state_of.tolist(), strict=True):
        combos[state].add(tuple(bool(code >> k & 1) for k in range(len(owners))))
    ways = {k: o.irreversible for k, o in enumerate(moves.options) if o.irreversible}
    values = conflict.preferences.values.tolist()
    return Literal([frozenset(c) for c in combos], owners, values, dict(ways))


def random_moves(
    rng: random.Random, *, parties: int | None = None, options: int = 5, merged: bool = True
) -> Moves:
    """A section at random: irreversible moves, ties, infeasible and merged states."""
    count = parties or rng.randint(1, min(5, options))
    total = rng.randint(count, max(count, options))
    owners = sorted([*range(count), *(rng.randrange(count) for _ in range(total - count))])
    makers: list[dict[str, Any]] = [{"party": f"p{i}", "options": []} for i in range(count)]
    for k, i in enumerate(owners):
        way = rng.choice([None, None, None, "forward", "back"])
        makers[i]["options"].append({"id": f"o{k}", "name": f"option {k}", "irreversible": way})
    alive = list(itertools.product((False, True), repeat=total))
    barred = [_random_pattern(rng, total) for _ in range(rng.choice([0, 0, 1, 2]))]
    for text in list(barred):
        left = [c for c in alive if c not in set(patterns(text))]
        if len(left) < 2:
            barred.remove(text)
        else:
            alive = left
    data: dict[str, Any] = {"decision_makers": makers, "infeasible": barred}
    if merged and rng.random() < 0.4:
        text = _random_pattern(rng, total)
        inside = [c for c in alive if c in set(patterns(text))]
        if 1 < len(inside) < len(alive):
            data["merged"] = [text]
            alive = [c for c in alive if c not in inside] + [inside[0]]
    for maker in makers:
        maker["ranking"] = random_ranking(rng, len(alive))
    data["status_quo"] = rng.randint(1, len(alive))
    return Moves.model_validate(data)


def _random_pattern(rng: random.Random, total: int) -> str:
    named = rng.sample(range(total), rng.randint(1, min(total, 3)))
    return "".join(rng.choice("YN") if k in named else "-" for k in range(total))


def random_ranking(rng: random.Random, size: int, strong: bool = False) -> list[Any]:
    """All states in random order, with ties, and marks of great preference if wanted."""
    states = rng.sample(range(1, size + 1), size)
    ranking: list[Any] = []
    for state in states:
        if ranking and rng.random() < 0.15:
            last = ranking[-1]
            if last != ">>":
                ranking[-1] = [*last, state] if isinstance(last, list) else [last, state]
                continue
        ranking.append(state)
        if strong and rng.random() < 0.3:
            ranking.append(">>")
    return ranking if ranking[-1] != ">>" else ranking[:-1]


def states_where(rows: np.ndarray) -> list[int]:
    """Numbers, from 1, of the states of a row of truths."""
    return [int(s) + 1 for s in np.flatnonzero(rows)]
