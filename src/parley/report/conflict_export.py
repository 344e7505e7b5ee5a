"""A conflict for programs: JSON, CSV, GraphML and DOT. States are counted from 1."""

from __future__ import annotations

import csv
import io
import json
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from parley.conflict.reasons import why
from parley.conflict.stability import STRONG, Concept
from parley.conflict.unknown import TYPES
from parley.errors import TooLargeError
from parley.preferences.shares import Share
from parley.report.conflict_words import ConflictWords
from parley.workbench.conflict import Holds

FORMAT = "parley-moves-1"
"""Name and version of the format of exported results."""

MAX_TOLD = 512
"""Most states of which reasons are told one by one."""

MAX_ROWS = 1 << 20
"""Most states that are exported."""

MAX_EDGES = 1_000_000
"""Most moves that are exported as a graph."""


def conflict_json(holds: Holds, words: ConflictWords, more: dict[str, Any] | None = None) -> str:
    """All results as JSON text; the same results give the same bytes."""
    data = {"format": FORMAT} | conflict_data(holds, words) | (more or {})
    return json.dumps(data, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def conflict_data(
    holds: Holds, words: ConflictWords, shown: Sequence[int] | None = None
) -> dict[str, Any]:
    """All results as plain data; in detail of the states `shown`, or of all if they are few."""
    conflict = holds.conflict
    _refuse_too_many(conflict.size)
    if shown is None:
        shown = range(conflict.size) if conflict.size <= MAX_TOLD else holds.shown
    start = conflict.status_quo
    return {
        "decision_makers": [
            {"party": maker.party, "options": [option.id for option in maker.options]}
            for maker in conflict.moves.decision_makers
        ],
        "states": conflict.size,
        "status_quo": None if start is None else start + 1,
        "equilibria": _equilibria(holds),
        "most_robust": [s + 1 for s in holds.ranked[:MAX_TOLD]],
        "detail": [_state(holds, words, s) for s in shown],
    }


def _equilibria(holds: Holds) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    if holds.stability is not None:
        for concept, states in holds.stability.equilibria.items():
            found[concept.value] = [s + 1 for s in states]
        for concept, states in holds.stability.strong_equilibria.items():
            found[f"strong {concept.value}"] = [s + 1 for s in states]
    if holds.unknown is not None:
        for kind, concept in holds.unknown.stable:
            states = holds.unknown.equilibria(kind, concept)
            found[f"{concept.value} {kind}"] = [s + 1 for s in states]
    return found


def _state(holds: Holds, words: ConflictWords, state: int) -> dict[str, Any]:
    conflict = holds.conflict
    data: dict[str, Any] = {
        "state": state + 1,
        "pattern": words.pattern(state),
        "name": conflict.states.name(state),
        "description": words.describe(state),
        "stable": {label: dict(row) for label, row in _stable(holds, state)},
    }
    if holds.stability is not None:
        data["why"] = {
            concept.value: {
                party: words.why(why(conflict, state, party, concept)) for party in conflict.parties
            }
            for concept in holds.stability.stable
        }
    if holds.ensemble is not None:
        ensemble = holds.ensemble
        data["share_of_worlds"] = {
            concept.value: {
                "equilibrium": _share(ensemble.equilibrium(concept, state)),
                "stable": {
                    party: _share(ensemble.for_party(concept, party, state))
                    for party in conflict.parties
                },
            }
            for concept in ensemble.counts
        }
    ways = holds.paths(state)
    if ways is not None:
        by_any, improving = ways
        data["from_today"] = {
            "moves": by_any.moves if by_any.moves >= 0 else None,
            "ways": by_any.count,
            "improving_moves": improving.moves if improving and improving.moves >= 0 else None,
            "improving_ways": improving.count if improving else 0,
        }
    return data


def _share(share: Share) -> dict[str, float]:
    return {"value": share.value, "standard_error": share.standard_error}


def _stable(holds: Holds, state: int) -> Iterator[tuple[str, list[tuple[str, bool | None]]]]:
    """For each concept, for whom a state is stable; ``None`` where it is not defined."""
    parties = holds.conflict.parties
    found = holds.stability
    if found is not None:
        for concept, rows in found.stable.items():
            undefined = found.undefined[:, state] if concept is Concept.SIM else [False] * len(rows)
            yield (
                concept.value,
                [
                    (p, None if undefined[i] else bool(rows[i, state]))
                    for i, p in enumerate(parties)
                ],
            )
        for concept in STRONG:
            if concept in found.strong:
                rows = found.strong[concept]
                row = [(p, bool(rows[i, state])) for i, p in enumerate(parties)]
                yield f"strong {concept.value}", [*row]
    if holds.unknown is not None:
        for kind in TYPES:
            for (other, concept), rows in holds.unknown.stable.items():
                if other == kind:
                    known = [(p, bool(rows[i, state])) for i, p in enumerate(parties)]
                    yield f"{concept.value} {kind}", [*known]


def conflict_csv(holds: Holds, words: ConflictWords) -> str:
    """One row for each state: options, for whom it is stable, and the shares of worlds."""
    conflict = holds.conflict
    _refuse_too_many(conflict.size)
    options = conflict.states.options
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    labels = [label for label, _ in _stable(holds, 0)]
    head = ["state", "name", "description", *options]
    for label in labels:
        head += [f"{label} {party}" for party in conflict.parties] + [f"{label} equilibrium"]
    if holds.ensemble is not None:
        head += [f"{c.value} share of worlds" for c in holds.ensemble.counts]
    writer.writerow([_cell(h) for h in head])
    for state in range(conflict.size):
        letters = ["either" if x == "-" else x for x in words.pattern(state)]
        name = conflict.states.name(state)
        row: list[object] = [state + 1, name, words.describe(state), *letters]
        for _, stable in _stable(holds, state):
            row += ["" if x is None else int(x) for _, x in stable]
            row.append(int(all(x is True for _, x in stable)))
        if holds.ensemble is not None:
            row += [f"{rows[state]:.6f}" for rows in holds.ensemble.frequency.values()]
        writer.writerow([_cell(x) for x in row])
    return text.getvalue()


def _cell(value: object) -> object:
    """A text that a spreadsheet would take for a formula is marked as text."""
    if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t"}:
        return f"'{value}"
    return value


def edges(holds: Holds) -> Iterator[tuple[int, int, str, bool | None]]:
    """All moves: from, to (from 0), by whom, and whether it improves (``None``: not known)."""
    conflict = holds.conflict
    _refuse_too_many(conflict.size)
    arcs = conflict.arcs
    if len(arcs.targets) > MAX_EDGES:
        raise TooLargeError(
            f"The graph has {len(arcs.targets):,} moves.",
            f"Up to {MAX_EDGES:,} are exported; rule out states, or export CSV.",
        )
    for i, party in enumerate(conflict.parties):
        for s in range(conflict.size):
            for t in arcs.targets[arcs.starts[i, s] : arcs.starts[i, s + 1]].tolist():
                yield s, t, party, conflict.improves(i, s, t)


def conflict_graphml(holds: Holds, words: ConflictWords) -> str:
    """The graph of states and moves as GraphML."""
    root = ET.Element("graphml", xmlns="http://graphml.graphdrawing.org/xmlns")
    for key, where, kind in (
        ("label", "node", "string"),
        ("description", "node", "string"),
        ("equilibrium", "node", "string"),
        ("status_quo", "node", "boolean"),
        ("party", "edge", "string"),
        ("improves", "edge", "string"),
    ):
        attributes = {"id": key, "for": where, "attr.name": key, "attr.type": kind}
        ET.SubElement(root, "key", attributes)
    graph = ET.SubElement(root, "graph", id="conflict", edgedefault="directed")
    for s in range(holds.conflict.size):
        node = ET.SubElement(graph, "node", id=f"s{s + 1}")
        for key, text in _node(holds, words, s):
            ET.SubElement(node, "data", key=key).text = text
    for k, (s, t, party, improves) in enumerate(edges(holds)):
        ends = {"id": f"m{k + 1}", "source": f"s{s + 1}", "target": f"s{t + 1}"}
        edge = ET.SubElement(graph, "edge", ends)
        ET.SubElement(edge, "data", key="party").text = words.party(party)
        ET.SubElement(edge, "data", key="improves").text = _improves(improves)
    ET.indent(root, " ")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _node(holds: Holds, words: ConflictWords, state: int) -> Iterable[tuple[str, str]]:
    yield "label", str(state + 1)
    yield "description", words.describe(state)
    yield "equilibrium", " ".join(equilibrium_in(holds, state))
    yield "status_quo", "true" if state == holds.conflict.status_quo else "false"


def equilibrium_in(holds: Holds, state: int) -> list[str]:
    """The concepts, as written, under which a state (from 0) is an equilibrium."""
    return [label for label, row in _stable(holds, state) if all(x is True for _, x in row)]


def _improves(improves: bool | None) -> str:
    return "not known" if improves is None else "yes" if improves else "no"


def conflict_dot(holds: Holds, words: ConflictWords) -> str:
    """The graph of states and moves in the language of Graphviz."""
    lines = ["digraph conflict {", '  node [shape=box, fontname="sans-serif"];']
    for s in range(holds.conflict.size):
        style = ", peripheries=2" if equilibrium_in(holds, s) else ""
        style += ", style=bold" if s == holds.conflict.status_quo else ""
        label = f"{s + 1}\\n{_quoted(words.describe(s))}"
        lines.append(f'  s{s + 1} [label="{label}"{style}];')
    for s, t, party, improves in edges(holds):
        style = "" if improves else ", style=dashed"
        lines.append(f'  s{s + 1} -> s{t + 1} [label="{_quoted(words.party(party))}"{style}];')
    return "\n".join([*lines, "}"]) + "\n"


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")


def _refuse_too_many(size: int) -> None:
    if size > MAX_ROWS:
        raise TooLargeError(
            f"{size:,} states are too many to write out.", f"Up to {MAX_ROWS:,} can be."
        )
