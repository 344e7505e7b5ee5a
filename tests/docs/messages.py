"""Gather all that the room says, for translators: ``make messages``.

The sentences of errors are found in the code of the parts whose errors reach a page, and written
to ``room/error_texts.py``; then Django's own tool gathers them with those of pages and forms.
Needs GNU gettext.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src" / "parley"
TEXTS = SOURCE / "room" / "error_texts.py"
PARTS = (
    "case",
    "exchange",
    "record",
    "room",
    "texts/folder.py",
    "texts/markdown.py",
    "texts/outline.py",
    "texts/single",
    "texts/word",
)
OF_COMMANDS = (
    "audit",
    "backup.py",
    "bid_files.py",
    "bidding.py",
    "bids.py",
    "bundle.py",
    "check",
    "config.py",
    "database.py",
    "restore.py",
    "serve.py",
    "settling.py",
    "storage.py",
    "upgrade.py",
)
"""Files and folders whose errors are told by a command, and never on a page."""
TOLD_BY = ("error", "wrong", "mistake")
"""How the names end of what is called with the sentences of an error."""
COUNTS = ("The text has {} mistake.", "The text has {} mistakes.")
"""What :class:`parley.errors.TextError` puts together."""
LANGUAGES = ("fr",)
HEAD = '''"""The sentences of errors that reach a page. Written by `make messages`; do not edit."""

from django.utils.translation import gettext_noop as _

SENTENCES = (
'''


def sentences() -> list[str]:
    """The sentences of errors, each with a mark in the place of names and numbers, sorted."""
    from parley.room.told import pattern_of

    found = {pattern_of(text) for path in _files() for text in _in_file(path)}
    # what has no blank is the code of a mistake, and what has no letter is no sentence
    return sorted(text for text in found if " " in text and any(c.isalpha() for c in text))


def _files() -> Iterator[Path]:
    for part in PARTS:
        place = SOURCE / part
        files = [place] if place.is_file() else sorted(place.rglob("*.py"))
        # only within the source: the folder that all stands in may be called `check` as well
        yield from (f for f in files if not set(f.relative_to(SOURCE).parts) & set(OF_COMMANDS))


def _in_file(path: Path) -> Iterator[str]:
    """Every sentence that an error or mistake is made of, or that is called `what` or `remedy`."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    fixed = {
        node.targets[0].id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func).lower().endswith(TOLD_BY):
            given = [*node.args, *(k.value for k in node.keywords)]
            yield from (text for value in given for text in _texts(fixed.get(_name(value), value)))
        elif isinstance(node, ast.Assign) and _is_sentence(node.targets[0]):
            yield from _texts(node.value)
        elif isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            yield from (text for key, value in pairs if _is_part(key) for text in _texts(value))


def _is_part(key: ast.expr | None) -> bool:
    return isinstance(key, ast.Constant) and key.value in {"what", "remedy"}


def _is_sentence(target: ast.expr) -> bool:
    return _name(target) in {"what", "remedy", "words", "reason"}


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _texts(node: ast.expr) -> list[str]:
    """The text of a literal; a value within it is a mark, as a name or number would be."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.JoinedStr):
        return ["".join(_part(part) for part in node.values)]
    if isinstance(node, ast.IfExp):
        return [*_texts(node.body), *_texts(node.orelse)]
    return []


def _part(part: ast.expr) -> str:
    # a digit becomes a mark alone, and a mark between backticks joins them
    return str(part.value) if isinstance(part, ast.Constant) else "0"


def error_texts() -> str:
    """The module that holds them."""
    lines = "".join(f"    _({_quoted(text)}),\n" for text in (*sentences(), *_refusals(), *COUNTS))
    return f"{HEAD}{lines})\n"


def _refusals() -> list[str]:
    from parley.exchange.rounds import REFUSED

    return sorted(set(REFUSED.values()) - set(sentences()))


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def main() -> None:
    """Write the sentences, the catalogues, and their compiled form."""
    TEXTS.write_text(error_texts(), encoding="utf-8")
    os.environ["DJANGO_SETTINGS_MODULE"] = "parley.room.settings"
    import django
    from django.core.management import call_command

    django.setup()
    os.chdir(SOURCE / "room")
    for language in LANGUAGES:
        call_command("makemessages", locale=[language], no_location=True, no_wrap=True, verbosity=0)
        call_command("compilemessages", locale=[language], verbosity=0)


if __name__ == "__main__":
    main()
