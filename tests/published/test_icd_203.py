"""Intelligence Community Directive 203 (2015): seven terms of likelihood.

The bounds run on from 1 to 99 per cent without gap or overlap.
"""

from __future__ import annotations

from itertools import pairwise

from parley.preferences.grades import ICD_203


def test_terms_meet_end_to_end() -> None:
    bounds = list(ICD_203.values())
    assert len(bounds) == 7
    assert (bounds[0][0], bounds[-1][1]) == (0.01, 0.99)
    assert all(high == low for (_, high), (low, _) in pairwise(bounds))
