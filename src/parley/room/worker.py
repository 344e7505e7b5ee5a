"""The process in which files that people bring are read; started by `parley.room.workshop` only.

It stands in a folder of its own with `task.json`, `in` and `out`. First it gives up what it does
not need; then it looks at the files. It knows nothing of the room: no database, no settings, no
keys. What is slow to load is loaded after what is quick to refuse.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import parley
from parley.errors import MistakesError, OperationError, ParleyError
from parley.room.landlock import only
from parley.room.unpack import open_zip, refuse_depth, unpack_case

if TYPE_CHECKING:
    from parley.texts.articles import Draft

IN, OUT = Path("in"), Path("out")
REFUSED = 2
QUICK = 2.0
COMMANDS = frozenset({"check", "brief"})
NEW_USER, NEW_NET = 0x10000000, 0x40000000
NO_NEW_RIGHTS = 38
_OLD_WORD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HEAD = "---\nparley: 1\ntitle: {title}\n---\n\n"


def shut_in(limits: dict[str, Any], own: tuple[Path, ...]) -> None:
    """Give up time, memory, new rights, the network, and all folders but one's own; for good."""
    memory, space = int(limits["memory"]), int(limits["space"])
    _limit(resource.RLIMIT_CPU, int(limits["cpu"]))
    _limit(resource.RLIMIT_DATA, memory)
    if space:
        _limit(resource.RLIMIT_AS, space)
    _limit(resource.RLIMIT_FSIZE, int(limits["file"]))
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NOFILE, 256)
    os.nice(10)
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(NO_NEW_RIGHTS, 1, 0, 0, 0)
        # where neither is permitted there is still no line of code that opens a connection
        if libc.unshare(NEW_USER | NEW_NET) != 0:
            libc.unshare(NEW_NET)
        only(own)


def _own(task: str) -> tuple[Path, ...]:
    """The folders that a task may write to: its own, and where compiled loops are kept."""
    if task not in COMMANDS:
        os.environ["NUMBA_CACHE_DIR"] = str(Path("cache").absolute())  # nothing is compiled here
        return (Path.cwd(),)
    kept = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "parley"
    with suppress(OSError):
        kept.mkdir(parents=True, exist_ok=True)
    return (Path.cwd(), kept, Path(parley.__file__).parent / "__pycache__")


def _limit(what: int, most: int) -> None:
    _, hard = resource.getrlimit(what)
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)
    with suppress(ValueError, OSError):  # some systems do not know some limits
        resource.setrlimit(what, (most, most))


def compare(options: dict[str, Any]) -> dict[str, Any]:
    """Texts side by side: as a page, for Excel, for Word."""
    drafts, told = _drafts(options["texts"])
    from parley.report.text_page import comparison_page
    from parley.report.text_tables import write_docx, write_xlsx
    from parley.texts.comparing.table import compare as put_together

    comparison = put_together(drafts, None)
    _write("comparison.html", comparison_page(comparison))
    write_xlsx(comparison, OUT / "comparison.xlsx")
    write_docx(comparison, OUT / "comparison.docx")
    return {"told": told}


def read(options: dict[str, Any]) -> dict[str, Any]:
    """One text, as Markdown."""
    (draft,), told = _drafts(options["texts"])
    return _first(draft) | {"told": told}


def bridge(options: dict[str, Any]) -> dict[str, Any]:
    """A bridging draft of several texts, as Markdown."""
    drafts, told = _drafts(options["texts"])
    from parley.texts.single.bridging import bridge as put_together

    return _first(put_together(drafts)) | {"told": told}


def _first(draft: Draft) -> dict[str, Any]:
    """The first text of a single text; the server will read it again, so it must be quick to."""
    from parley.texts.markdown import markdown, parse_markdown
    from parley.texts.single.state import begin

    words = markdown(draft)
    before = time.process_time()
    begin(parse_markdown(words, draft.name), ("one", "other"))
    if time.process_time() - before > QUICK:
        what = "The text is too long, or too much of a tangle, to be worked on together."
        raise OperationError(what, "Take a part of it.")
    _write("text.md", words)
    return {"title": draft.front.title}


def single(options: dict[str, Any]) -> dict[str, Any]:
    """A single text in the forms in which it is taken away."""
    from parley.report.text_page import single_page
    from parley.texts.single.log import open_log
    from parley.texts.single.views import draft_of
    from parley.texts.word.writing import write_word

    kept = open_log(IN / "single-text.yaml")
    draft = replace(draft_of(kept.text), name="single text")
    write_word(draft, OUT / "single-text.docx")
    _write("single-text.html", single_page(kept, str(options["title"])))
    return {}


def clean(_options: dict[str, Any]) -> dict[str, Any]:
    """The agreed text, in Word; refused while brackets or reservations are left."""
    from parley.texts.single.log import open_log
    from parley.texts.single.views import clean as agreed
    from parley.texts.word.writing import write_word

    kept = open_log(IN / "single-text.yaml")
    write_word(replace(agreed(kept.text), name="agreed text"), OUT / "agreed-text.docx")
    return {}


def check(_options: dict[str, Any]) -> dict[str, Any]:
    """Check a packed case folder, as the command line does."""
    _unpacked()
    return _command("check", "case", "--json")


def brief(options: dict[str, Any]) -> dict[str, Any]:
    """Write the briefing of a packed case folder, as the command line does."""
    _unpacked()
    worlds = str(int(options["worlds"]))
    return _command("brief", "case", "--out", "out", "--worlds", worlds)


def _unpacked() -> None:
    left_out = unpack_case((IN / "case.zip").read_bytes(), _folder("case"))
    _write("left-out.json", json.dumps(left_out))


def _folder(name: str) -> Path:
    path = Path(name)
    path.mkdir(mode=0o700)
    return path


def _command(*words: str) -> dict[str, Any]:
    """Become the command line; its words go into files, and all limits stay."""
    for number, name in ((1, "said.txt"), (2, "errors.txt")):
        handle = os.open(OUT / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        os.dup2(handle, number)
    os.execv(sys.executable, [sys.executable, "-I", "-m", "parley", *words])


def _drafts(texts: list[dict[str, Any]]) -> tuple[list[Draft], list[list[str]]]:
    """The texts that were brought, each with the party whose it is in the room."""
    told: list[list[str]] = []
    for k in range(len(texts)):  # what is quick to refuse, of all of them, first
        _look_at((IN / f"text-{k}").read_bytes())
    return [_draft(IN / f"text-{k}", text, told) for k, text in enumerate(texts)], told


def _look_at(raw: bytes) -> None:
    if raw[:2] == b"PK":
        open_zip(raw)
    elif raw[:5] == b"%PDF-":
        what = "This is a PDF file, from which words cannot be taken with certainty."
        raise OperationError(what, "Ask for the text in Word (.docx), or as plain text.")
    elif raw[:4] == b"---\n" or raw[:5] == b"---\r\n":
        refuse_depth(raw[: raw.find(b"\n---", 4)])


def _draft(path: Path, text: dict[str, Any], told: list[list[str]]) -> Draft:
    from parley.texts.markdown import parse_markdown

    raw, name = path.read_bytes(), str(text["name"])
    if raw[:2] == b"PK" or raw[:8] == _OLD_WORD:
        from parley.texts.word.reading import read_word

        word = read_word(path, name)
        told += [[f"{name}:", mistake.what, mistake.remedy] for mistake in word.told]
        if word.revisions:
            count = len(word.revisions)
            what = f"The text after all of its {count} tracked changes is taken."
            told.append([f"{name}:", what])
        draft = word.draft()
    else:
        draft = parse_markdown(_with_head(raw, text), name)
    front = draft.front.model_copy(update={"party": text.get("party") or draft.front.party})
    return replace(draft, front=front)


def _with_head(raw: bytes, text: dict[str, Any]) -> str:
    """Words with a head; one is made for words that come without."""
    try:
        words = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        what = "The file is neither Word (.docx) nor plain text in UTF-8."
        raise OperationError(what, "Save it as one of the two.") from None
    if words.startswith(("---\n", "---\r\n")):
        return words
    return _HEAD.format(title=json.dumps(str(text["title"]), ensure_ascii=False)) + words


def _write(name: str, text: str) -> None:
    (OUT / name).write_text(text, encoding="utf-8")


TASKS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    task.__name__: task for task in (compare, read, bridge, single, clean, check, brief)
}


def main() -> int:
    """Do the one task; say in words why not, if not."""
    wanted = json.loads(Path("task.json").read_bytes())
    shut_in(wanted["limits"], _own(wanted["task"]))
    try:
        said, code = TASKS[wanted["task"]](wanted["options"]), 0
    except MistakesError as error:
        rows = [[m.file, m.line, m.code, m.what, m.remedy, m.severity] for m in error.mistakes]
        said, code = {"mistakes": rows[:200]}, REFUSED
    except ParleyError as error:
        said, code = {"what": error.what, "remedy": error.remedy}, REFUSED
    except (MemoryError, RecursionError):
        what = "The file needs more time or memory than a text does; it was not read."
        said, code = {"what": what, "remedy": "Ask for a clean copy."}, REFUSED
    except Exception:
        what = "The file could not be read, and Parley does not know why."
        said, code = {"what": what, "remedy": "Save it anew, or as plain text."}, REFUSED
    _write("result.json", json.dumps(said))
    return code


if __name__ == "__main__":
    sys.exit(main())
