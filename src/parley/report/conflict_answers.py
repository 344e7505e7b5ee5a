"""Answers to what is asked of a conflict: for the terminal, for programs, and as files."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from parley.case.file import write_text
from parley.conflict.coalitions import CoalitionConcept, all_coalitions, jumps
from parley.conflict.horizon import limited
from parley.conflict.stability import Concept
from parley.errors import SettingError
from parley.report import conflict_terminal as terminal
from parley.report.conflict_export import (
    FORMAT,
    conflict_csv,
    conflict_data,
    conflict_dot,
    conflict_graphml,
    conflict_json,
)
from parley.report.conflict_view import ConflictView
from parley.report.state_graph import standing_alone, state_graph
from parley.workbench.conflict import HEADLINE, ConflictStudy

WRITERS = {
    ".json": lambda view: conflict_json(view.holds, view.words),
    ".csv": lambda view: conflict_csv(view.holds, view.words),
    ".graphml": lambda view: conflict_graphml(view.holds, view.words),
    ".dot": lambda view: conflict_dot(view.holds, view.words),
    ".svg": lambda view: standing_alone(state_graph(view)),
}
"""What is written, by the end of the file's name."""


@dataclass(frozen=True)
class Question:
    """What is asked: see ``parley moves --help``."""

    state: str | None = None
    path: bool = False
    inverse: str | None = None
    coalitions: bool = False
    horizon: int | None = None
    concept: str = HEADLINE.value
    export: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Answered:
    """The answer for the terminal, as JSON text, and the files that were written."""

    shown: RenderableType
    data: str
    written: tuple[Path, ...]


def conflict_view(
    study: ConflictStudy, title: str, names: dict[str, str], record_names: dict[str, str]
) -> ConflictView:
    """A conflict as it is shown."""
    return ConflictView(title, study.holds, study.decides, names, record_names)


def answer(study: ConflictStudy, view: ConflictView, asked: Question) -> Answered:
    """Answer a question, and write what is to be written.

    Raises
    ------
    SettingError
        If something asked for is unknown or not defined for this conflict.
    OutputError
        If a file cannot be written; it is then as it was before.
    """
    _refuse_unknown_ends(asked.export)
    concept = read_concept(asked.concept)
    state = None if asked.state is None else study.conflict.state(asked.state)
    shown: list[RenderableType] = []
    more: dict[str, Any] = {}
    if asked.path:
        shown.append(_paths(view, state))
        more["paths"] = _paths_data(view, state)
    elif state is not None:
        shown.append(terminal.one_state(view, state))
    if asked.inverse is not None:
        found = study.must_change(asked.inverse, concept)
        shown.append(terminal.inverse(view, found))
        more["must_change"] = [
            view.words.must_change(change, found.state - 1) for change in found.changes
        ]
    if asked.coalitions:
        coalitions = all_coalitions(study.conflict)
        fixed = study.holds.stability.equilibria[HEADLINE] if study.holds.stability else ()
        leaps = jumps(coalitions, fixed)
        shown.append(terminal.together(view, coalitions, leaps))
        more["coalitions"] = [
            {
                "members": some.members,
                "improvements": {
                    str(s + 1): [t + 1 for t in goals] for s, goals in some.improvements.items()
                },
                "stable": {
                    c.value: (some.stable[c].nonzero()[0] + 1).tolist() for c in CoalitionConcept
                },
            }
            for some in coalitions
        ]
        more["equilibrium_jumps"] = [
            {"members": j.members, "from": j.start + 1, "to": j.goal + 1} for j in leaps
        ]
    if asked.horizon is not None:
        ahead = limited(study.conflict, asked.horizon)
        shown.append(terminal.horizon(view, ahead))
        more["horizon"] = {
            "moves": ahead.horizon,
            "stable": {
                party: (ahead.stable[i].nonzero()[0] + 1).tolist()
                for i, party in enumerate(study.conflict.parties)
            },
        }
    shown = shown or [terminal.overview(view)]
    data = {"format": FORMAT, "title": view.title} | conflict_data(view.holds, view.words) | more
    for file in asked.export:
        write_text(file, WRITERS[file.suffix.lower()](view))
    spaced = [part for block in shown for part in (block, Text(""))][:-1]
    return Answered(Group(*spaced), _json(data), asked.export)


def read_concept(name: str) -> Concept:
    """A concept by its name, in small or capital letters.

    Raises
    ------
    SettingError
        If there is none of that name.
    """
    for concept in Concept:
        if concept.value.lower() == name.lower():
            return concept
    raise SettingError(
        f"There is no concept `{name}`.", f"Known are: {', '.join(c.value for c in Concept)}."
    )


def _refuse_unknown_ends(files: tuple[Path, ...]) -> None:
    for file in files:
        if file.suffix.lower() not in WRITERS:
            raise SettingError(
                f"`{file}` ends in nothing that can be written.",
                f"Let its name end in one of: {', '.join(WRITERS)}.",
            )


def _asked_states(view: ConflictView, state: int | None) -> list[int]:
    if view.holds.conflict.status_quo is None:
        raise SettingError(
            "The moves do not say which state is that of today.", "Add `status_quo: …`."
        )
    if state is not None:
        return [state]
    wanted = [view.holds.conflict.state(ref) for ref in view.holds.conflict.moves.wanted]
    return list(dict.fromkeys([*view.holds.ranked[: terminal.TOLD], *wanted]))


def _paths(view: ConflictView, state: int | None) -> RenderableType:
    return terminal.paths(view, _asked_states(view, state))


def _paths_data(view: ConflictView, state: int | None) -> list[dict[str, Any]]:
    result = []
    for goal in _asked_states(view, state):
        found = view.holds.paths(goal)
        if found is None:
            continue
        for kind, paths in zip(("any", "improving"), found, strict=True):
            if paths is not None and paths.moves >= 0:
                ways = [[{"party": s.party, "state": s.state + 1} for s in w] for w in paths.listed]
                entry = {"to": goal + 1, "moves": paths.moves, "by": kind, "count": paths.count}
                result.append(entry | {"ways": ways})
    return result


def _json(data: dict[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
