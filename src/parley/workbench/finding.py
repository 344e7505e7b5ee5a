"""A finding: a result with all that is needed to trust it, or to repeat it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import parley


@dataclass(frozen=True)
class Method:
    """How a finding was made.

    `page` is the method page in the documentation, `source` the publication that it follows.
    """

    name: str
    page: str
    source: str


@dataclass(frozen=True)
class Finding:
    """A result with all that is needed to trust it, or to repeat it.

    Parameters
    ----------
    name
        Stable name, by which it is found in ``findings.json``.
    method
        How it was made.
    settings
        What was asked for.
    seed
        Seed of what was sampled; ``None`` if nothing was.
    exact
        Whether it is exact. If not, the result carries standard errors.
    assertions
        Ids of the assertions that it rests on, sorted.
    result
        The result: a frozen dataclass, or a tuple of such.
    version
        The version of Parley.
    """

    name: str
    method: Method
    settings: Mapping[str, int]
    seed: int | None
    exact: bool
    assertions: tuple[str, ...]
    result: object
    version: str = field(default=parley.__version__)
