"""The workbench: analyses by name, each giving findings.

A `Finding` is frozen and carries everything that is needed to trust it or to repeat it: the
method and its source, the settings and the seed, whether it is exact or sampled and with what
error, the assertions that it rests on, and the version of Parley.
"""

from parley.workbench.analyses import ANALYSES, OneWorld, Stakes, run
from parley.workbench.conflict import ConflictStudy, Holds, MustChange
from parley.workbench.finding import Finding, Method
from parley.workbench.study import DEFAULT_WORLDS, Study
from parley.workbench.texts import TextFinding, text_in_case

__all__ = [
    "ANALYSES",
    "DEFAULT_WORLDS",
    "ConflictStudy",
    "Finding",
    "Holds",
    "Method",
    "MustChange",
    "OneWorld",
    "Stakes",
    "Study",
    "TextFinding",
    "run",
    "text_in_case",
]
