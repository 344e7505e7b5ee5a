"""Write the reference pages from the code: ``make docs``."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

import typer.main
from pydantic import BaseModel

from parley import errors
from parley.case import model, moves, parts
from parley.cli import app
from parley.record import claims, figures, sources
from parley.texts import articles
from parley.texts.single import log, operations
from parley.workbench import ANALYSES, Finding

FOLDER = Path(__file__).parents[2] / "docs" / "reference"
NOTE = "<!-- Written by `make docs` from the code; change it there. -->\n\n"
PARTS: tuple[type[BaseModel], ...] = (
    model.Case,
    parts.Party,
    parts.Range,
    model.Issue,
    model.Option,
    model.Rule,
    moves.Moves,
    moves.DecisionMaker,
    moves.MoveOption,
    moves.Statement,
    moves.Barred,
    moves.Merged,
    moves.NamedState,
    moves.MovesFile,
    claims.Record,
    sources.Origin,
    sources.Publication,
    claims.Assertion,
    sources.Hop,
    sources.Speaker,
    sources.Passage,
    sources.Times,
    sources.Grade,
    figures.Figure,
    claims.Judgement,
    claims.Bounds,
    claims.Bearing,
    articles.Front,
    articles.Obligation,
    articles.Step,
    articles.Open,
    articles.Comment,
    log.Log,
    operations.Propose,
    operations.Alternative,
    operations.Within,
    operations.Insert,
    operations.Merge,
    operations.Support,
    operations.Adopt,
    operations.Drop,
    operations.Reserve,
    operations.Lift,
    operations.OpenRound,
)


def commands() -> str:
    """Every command with its help."""
    group: Any = typer.main.get_command(app)
    lines = ["# Commands\n\n" + NOTE]
    for name, command in sorted(group.commands.items()):
        context = typer.Context(command, info_name=f"parley {name}", max_content_width=88)
        context.terminal_width = 88
        text = "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
        lines.append(
            f"## parley {name}\n\nSee [how to](../how-to/{name}.md).\n\n```text\n{text}\n```\n"
        )
        for part, below in getattr(command, "commands", {}).items():
            inner = typer.Context(below, info_name=f"parley {name} {part}", max_content_width=88)
            inner.terminal_width = 88
            text = "\n".join(line.rstrip() for line in below.get_help(inner).splitlines())
            lines.append(f"### parley {name} {part}\n\n```text\n{text}\n```\n")
    return "\n".join(lines)


def case_folder() -> str:
    """Every part of the case folder with its keys."""
    lines = [
        "# The case folder\n\n" + NOTE,
        "`case.yaml` is a [Case](#case); `record.yaml` and `record/*.yaml` are [Records](#record). "
        "The head of `proposals/*.md` is a [Front](#front); `single-text.yaml` is a [Log](#log).",
        "Dates are 2025, 2025-05, 2025-05-28, 2025-05-28T14:00+03:00 or 2025-05-20/2025-05-28; a "
        "closing `~` means *about*.\n",
    ]
    for part in PARTS:
        lines.append(f"## {part.__name__}\n\n{_plain(inspect.getdoc(part) or '')}\n")
        lines.append("| key | must be there | values | meaning |\n|---|---|---|---|")
        properties = part.model_json_schema(by_alias=True)
        own = properties["properties"]
        for name, field in part.model_fields.items():
            key = field.alias or name
            needed = "yes" if field.is_required() else "no"
            shape = own[key]
            meaning = _plain(shape.get("description", field.description or ""))
            lines.append(f"| `{key}` | {needed} | {_values(shape)} | {meaning} |")
        lines.append("")
    return "\n".join(lines)


_NAMED = {
    "Role": ", ".join(role.value for role in parts.Role),
    "Level": ", ".join(level.value for level in parts.Level),
    "Act": ", ".join(act.value for act in claims.Act),
    "TextKind": ", ".join(kind.value for kind in articles.TextKind),
}
_TYPES = {
    "string": "text",
    "number": "number",
    "integer": "whole number",
    "boolean": "true, false",
    "object": "keys and values",
}


def _values(shape: dict[str, Any]) -> str:
    """What a JSON Schema allows, in a few words."""
    if "$ref" in shape:
        name = shape["$ref"].rsplit("/", 1)[-1]
        return _NAMED.get(name, f"[{name}](#{name.lower()})")
    if "enum" in shape or "const" in shape:
        return ", ".join(map(str, shape.get("enum", [shape.get("const")])))
    if "oneOf" in shape:
        return " or ".join(_values(s) for s in shape["oneOf"])
    if "anyOf" in shape:
        some = [_values(s) for s in shape["anyOf"] if s.get("type") != "null"]
        return " or ".join(dict.fromkeys(some))
    if shape.get("type") == "array":
        return f"list of {_values(shape['items'])}"
    kind = shape.get("type", "string")
    return " or ".join(_TYPES[k] for k in ([kind] if isinstance(kind, str) else kind))


def error_tree() -> str:
    """Every error, as the tree in its module, and what each means."""
    lines = ["# Errors\n\n" + NOTE, inspect.getdoc(errors) or "", ""]
    for name, kind in sorted(vars(errors).items()):
        if inspect.isclass(kind) and issubclass(kind, errors.ParleyError):
            lines.append(f"## {name}\n\n{_plain(inspect.getdoc(kind) or '')}\n")
    return "\n".join(lines)


def findings() -> str:
    """Every analysis, and the fields of a finding."""
    lines = [
        "# Findings\n\n" + NOTE,
        "`findings.json` holds what these analyses found, in this order.\n",
    ]
    lines.append("| analysis | what it asks |\n|---|---|")
    for name, analysis in ANALYSES.items():
        lines.append(f"| {name} | {_plain(inspect.getdoc(analysis) or '')} |")
    lines.append("\n## A finding\n")
    lines.append("```text\n" + (inspect.getdoc(Finding) or "") + "\n```\n")
    return "\n".join(lines)


def _plain(text: str) -> str:
    return re.sub(r"\s*\n\s*", " ", text.replace("``", "`")).replace("|", "\\|").strip()


PAGES = {
    "commands.md": commands,
    "case-folder.md": case_folder,
    "errors.md": error_tree,
    "findings.md": findings,
}


def main() -> None:
    """Write all pages."""
    for name, write in PAGES.items():
        (FOLDER / name).write_text(write().rstrip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
