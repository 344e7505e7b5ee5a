"""The documentation is run, and says all that there is: no more, no less."""

from __future__ import annotations

import inspect
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from parley import errors
from parley.case.parts import Level
from parley.cli import app, main
from parley.deals.solutions import solve
from parley.deals.space import Space
from parley.deals.utilities import Utilities
from parley.preferences.grades import ICD_203
from parley.preferences.sampling import BANDS
from parley.record.claims import Act
from parley.report.export import FORMAT
from parley.workbench import ANALYSES, Study, run
from tests.build import agenda_of, case_of, record_of
from tests.docs.reference import FOLDER, PAGES

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
EXECUTED = [
    ROOT / "README.md",
    *sorted(DOCS.glob("tutorial/*.md")),
    *sorted(DOCS.glob("how-to/*.md")),
]
BY_OTHERS = ("git ", "make ", "cd ")  # what CI itself runs on a clean clone
STEP = re.compile(
    r"```console\n(?P<console>.*?)```"
    r"|<!-- append: (?P<append>\S+) -->\n```yaml\n(?P<text>.*?)```"
    r"|<!-- replace: (?P<file>\S+): (?P<old>.+?) -> (?P<new>.+?) -->",
    re.DOTALL,
)


@pytest.mark.parametrize("page", EXECUTED, ids=lambda p: p.name)
def test_what_a_page_tells_to_do_does_what_it_says(
    page: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    for step in STEP.finditer(page.read_text(encoding="utf-8")):
        if step["append"]:
            file = tmp_path / step["append"]
            file.write_text(file.read_text() + "\n" + step["text"])
        elif step["file"]:
            file = tmp_path / step["file"]
            assert step["old"] in file.read_text()
            file.write_text(file.read_text().replace(step["old"], step["new"], 1))
        else:
            for command, expected in commands(step["console"]):
                said = execute(command, monkeypatch, capsys)
                for line in expected:
                    assert " ".join(line.split()) in said, f"{command}: {line!r} not in {said}"


def commands(block: str) -> list[tuple[str, list[str]]]:
    """The commands of a console block, each with the lines that it must print."""
    found: list[tuple[str, list[str]]] = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif line.strip() and found:
            found[-1][1].append(line)
    return [(c, e) for c, e in found if not c.startswith(BY_OTHERS)]


def execute(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> str:
    program, *arguments = shlex.split(command)
    assert program == "parley", command
    if arguments[0] == "room":
        return in_a_process_of_its_own(arguments)
    monkeypatch.setattr("sys.argv", [program, *arguments])
    with pytest.raises(SystemExit):
        main()
    streams = capsys.readouterr()
    assert "Traceback" not in streams.err
    return " ".join((streams.out + streams.err).split())


def in_a_process_of_its_own(arguments: list[str]) -> str:
    """What a command says about a room: a process serves one data folder, and no other."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("PARLEY_")}
    done = subprocess.run(
        [sys.executable, "-m", "parley", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=env,
        timeout=120,
    )
    assert "Traceback" not in done.stderr
    return " ".join((done.stdout + done.stderr).split())


@pytest.mark.parametrize("name", sorted(PAGES))
def test_reference_pages_are_up_to_date(name: str) -> None:
    written = (FOLDER / name).read_text(encoding="utf-8")
    assert written == PAGES[name]().rstrip() + "\n", "run `make docs`"


def test_every_command_has_its_page_and_every_page_its_command() -> None:
    known = {str(c.name or (c.callback and c.callback.__name__)) for c in app.registered_commands}
    known |= {str(g.typer_instance.info.name) for g in app.registered_groups if g.typer_instance}
    assert known == {page.stem for page in (DOCS / "how-to").glob("*.md")}


def test_every_error_is_in_the_tree_and_in_the_reference() -> None:
    kinds = {
        name
        for name, kind in vars(errors).items()
        if inspect.isclass(kind) and issubclass(kind, errors.ParleyError)
    }
    tree = inspect.getdoc(errors) or ""
    assert kinds == set(re.findall(r"\b\w+Error\b", tree))
    assert kinds == set(re.findall(r"^## (\w+)$", (FOLDER / "errors.md").read_text(), re.MULTILINE))


def test_every_method_has_its_page() -> None:
    case = case_of({"x": ["p", "q"]})
    record = record_of(
        {"party": "a", "issue": "x", "options": ["p"]},
        {"party": "b", "issue": "x", "options": ["q"]},
    )
    findings = run(Study(case, record, worlds=20))
    assert {f.method.page for f in findings} <= {
        str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md")
    }
    table = (FOLDER / "findings.md").read_text()
    assert set(re.findall(r"^\| (\w+) \| [A-Z]", table, re.MULTILINE)) == set(ANALYSES)
    assert FORMAT in (DOCS / "how-to" / "brief.md").read_text()


def test_the_method_pages_say_what_the_code_does() -> None:
    worlds = (DOCS / "methods" / "worlds.md").read_text()
    for act in Act:
        assert re.search(rf"\b{act.value}", worlds, re.IGNORECASE), act
    for term, (low, high) in ICD_203.items():
        assert f"{term} {f'{low:.2f}'[1:]}–{f'{high:.2f}'[1:]}" in " ".join(worlds.split())
    for level in Level:
        low, high = BANDS[level]
        assert f"| {level.value} | {str(low).replace('-', '−')} to {high} |" in worlds
    space = Space.of(agenda_of([2]), [])
    found = solve(space, Utilities(("a",), np.ones((1, 2)), np.zeros(1))).found
    deals = (DOCS / "methods" / "deals.md").read_text()
    for solution in found[:4]:
        assert f"| {solution.name} |" in deals


def test_no_dead_link_in_the_documentation() -> None:
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *DOCS.rglob("*.md")]:
        for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            if "://" not in link:
                assert (page.parent / link).exists(), f"{page.name}: {link}"
