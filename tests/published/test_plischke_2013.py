"""Plischke, Borgonovo & Smith 2013, EJOR 226: sensitivity from given data.

Checked on models whose first-order indices are known in closed form, with fair coins X1 and X2:
Y = X1 has 1 and 0; Y = X1 xor X2 has 0 for each (all is in their play together);
Y = X1 and X2 has p(1-p)Δ²/Var = (1/4)(1/4)/(3/16) = 1/3 for each.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from parley.deals.space import Space
from parley.preferences.sensitivity import what_decides
from tests.build import agenda_of, random_worlds

COINS = np.random.default_rng(8).random((20_000, 2)) < 0.5
WORLDS = replace(
    random_worlds(2, Space.of(agenda_of([2]), []), 1, size=20_000),
    assertions=("one", "two"),
    holds=COINS,
    origins=("o", "p"),
)


@pytest.mark.parametrize(
    ("outcome", "index"),
    [(COINS[:, 0] ^ COINS[:, 1], 0.0), (COINS[:, 0] & COINS[:, 1], 1 / 3), (COINS[:, 0], None)],
)
def test_first_order_indices(outcome: np.ndarray, index: float | None) -> None:
    ranked = what_decides(WORLDS, {"y": outcome}).ranked
    found = {d.name: d.effects["y"] for d in ranked if d.kind == "assertion"}
    expected = (1.0, 0.0) if index is None else (index, index)
    for name, truth in zip(("one", "two"), expected, strict=True):
        error = max(5 * found[name].standard_error, 1e-3)
        assert abs(found[name].explained - truth) < error
    others = [
        d.effects["y"].explained for d in ranked if d.kind in {"weight", "score", "no agreement"}
    ]
    assert max(others, default=0) < 0.005
