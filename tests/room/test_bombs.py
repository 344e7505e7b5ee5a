"""Files that are traps: refused at once and in words, while the server stays small and up.

Each is shown to be a trap: with its guard taken out (`WITHOUT`), it is no longer refused quickly,
or not refused, or for another reason.
"""

from __future__ import annotations

import io
import json
import resource
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from parley.errors import OperationError, ProofError, TextError
from parley.exchange import canonical
from parley.room import unpack, workshop
from parley.room.models import Kind, Paper
from parley.room.workshop import work
from tests.room import bringing, world
from tests.room.bringing import text

SECOND = 1.0
MOST_MEMORY = 100 * 1024  # kilobytes
LAZY = "import sys, parley.room.unpack as u, parley.room.worker as w\n{}\nsys.exit(w.main())"
NO_SIZES = "u.MOST_PART = u.MOST_ALL = u.MOST_RATIO = u.MOST_LISTED = u.MOST_ENTRIES = 10**12"
NO_PACKAGE = (
    "import parley.texts.word.package as p\n"
    "p.MAX_PART = p.MAX_ALL = p.MAX_MEMBERS = 10**12\n"
    "p._refuse_bombs = lambda package: None"
)
NO_ENTITIES = (
    "import parley.texts.word.package as p\np.Package._refuse_entities = lambda *given: None"
)
NESTED = """
import io, zipfile
one = u.part
def deep(archive, info):
    content = one(archive, info)
    if content[:2] == b"PK":
        for inner in zipfile.ZipFile(io.BytesIO(content)).infolist():
            zipfile.ZipFile(io.BytesIO(content)).read(inner)
    return content
u.part = deep
"""


@dataclass(frozen=True)
class Outcome:
    """How a trap went: how long it took beyond starting a process, and what was said."""

    seconds: float
    said: str
    grown: int


def spent() -> float:
    """Seconds of computing so far, by this process and all that it started.

    Not by the clock: on a machine that is busy with something else that would say nothing.
    """
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


@pytest.fixture(scope="module")
def start() -> float:
    """What a process costs that starts, and looks at nothing."""
    took = []
    for _ in range(3):
        began = spent()
        subprocess.run([sys.executable, "-I", "-c", "import parley.room.worker"], check=True)
        took.append(spent() - began)
    return min(took)


def sprung(start: float, task: str, brought: dict[str, bytes]) -> Outcome:
    """What the workshop does with a trap."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = spent()
    try:
        made = work(task, brought, texts=[text("North")])
        said = made.files.get("said.txt", b"made").decode()
    except (OperationError, TextError) as error:
        said = f"refused: {error} {' '.join(map(str, getattr(error, 'mistakes', ())))}"
    took = spent() - began - start
    return Outcome(took, said, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)


def without(monkeypatch: pytest.MonkeyPatch, *guards: str) -> None:
    """The worker with guards taken out."""
    code = LAZY.format("\n".join(guards))
    monkeypatch.setattr(workshop, "WORKER", (sys.executable, "-I", "-c", code))


def refused(outcome: Outcome, words: str) -> bool:
    """Whether it was refused at once, in these words, and the server stayed small."""
    return (
        outcome.said.startswith("refused")
        and words in outcome.said
        and outcome.seconds < SECOND
        and outcome.grown < MOST_MEMORY
    )


TRAPS: dict[str, tuple[Callable[[], bytes], str, tuple[str, ...]]] = {
    "100 KB that are 100 MB": (
        lambda: bringing.blown_up(100 * 10**6),
        "unpacks to",
        (NO_SIZES, NO_PACKAGE),
    ),
    "2 MB that are 2 GB": (
        lambda: bringing.blown_up(2 * 10**9),
        "unpacks to",
        (NO_SIZES, NO_PACKAGE),
    ),
    "100,000 entries": (
        lambda: bringing.many_entries(100_000),
        "too many parts",
        (NO_SIZES, NO_PACKAGE),
    ),
    "entities": (bringing.laughs, "declares entities", (NO_ENTITIES,)),
    "entities behind a long remark": (
        lambda: bringing.laughs(b"<!--" + b"x" * 5000 + b"-->"),
        "entities",
        (NO_ENTITIES,),
    ),
    "entities in wide letters": (
        lambda: bringing.laughs(encoding="utf-16"),
        "entities",
        (NO_ENTITIES,),
    ),
    "entities in an old encoding": (
        lambda: bringing.laughs("<!--й-->".encode(), encoding="koi8-r"),
        "an encoding that Word files do not have",
        (NO_ENTITIES,),
    ),
}


@pytest.mark.parametrize("name", TRAPS)
def test_a_word_file_that_is_a_trap(
    name: str, start: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, words, guards = TRAPS[name]
    raw = make()
    assert len(raw) <= workshop.LARGEST
    outcome = sprung(start, "read", {"text-0": raw})
    assert refused(outcome, words), outcome
    without(monkeypatch, *guards)
    assert not refused(sprung(start, "read", {"text-0": raw}), words)


def test_how_large_the_traps_are() -> None:
    assert len(bringing.blown_up(100 * 10**6)) < 400_000
    with zipfile.ZipFile(io.BytesIO(bringing.blown_up(100 * 10**6))) as archive:
        assert archive.testzip() is None
        assert archive.getinfo("word/document.xml").file_size > 99 * 10**6
    assert len(bringing.blown_up(2 * 10**9)) < 8 * 10**6


def test_a_million_entries_are_not_listed() -> None:
    raw = bringing.many_entries(1_000_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = spent()
    with pytest.raises(OperationError, match="too many parts"):
        unpack.open_zip(raw)
    assert spent() - began < SECOND
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MOST_MEMORY
    with pytest.raises(OperationError, match="too large"):
        work("check", {"case.zip": raw})


def test_a_packed_file_within_a_packed_case(start: float, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = bringing.blown_up(2 * 10**9)
    raw = bringing.packed({"case.yaml": b"parley: 1\n", "record/a.yaml": inner})
    assert len(raw) < 100_000
    quick = sprung(start, "check", {"case.zip": raw})
    assert quick.grown < MOST_MEMORY
    assert "record/a.yaml" in quick.said or "unpacks to" in quick.said
    without(monkeypatch, NO_SIZES, NESTED)
    slow = sprung(start, "check", {"case.zip": raw})
    assert slow.seconds > quick.seconds + SECOND or slow.said != quick.said


def aliases() -> str:
    """Lists in lists by their names: a few lines that stand for a thousand million words."""
    lines = ['a0: &a0 ["lol"]']
    lines += [f"a{k}: &a{k} [{', '.join([f'*a{k - 1}'] * 10)}]" for k in range(1, 10)]
    return "\n".join(lines) + "\n"


def test_names_that_stand_for_more_and_more(start: float) -> None:
    head = f"---\nparley: 1\ntitle: A\n{aliases()}---\n\n1. We stop.\n".encode()
    outcome = sprung(start, "read", {"text-0": head})
    assert refused(outcome, "Anchors and aliases"), outcome
    raw = bringing.packed({"case.yaml": aliases().encode(), "record.yaml": b"parley: 1\n"})
    checked = sprung(start, "check", {"case.zip": raw})
    assert "Anchors and aliases" in checked.said
    assert checked.seconds < 3 * SECOND  # the command line takes its own time to start
    assert checked.grown < MOST_MEMORY


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b"- ", b"? "])
def test_lists_in_lists_without_end(opening: bytes, start: float) -> None:
    deep = b"title: " * (opening[:1] in b"[{") + opening * 100_000
    outcome = sprung(start, "read", {"text-0": b"---\nparley: 1\n" + deep + b"\n---\n\n1. A.\n"})
    assert refused(outcome, "levels deep" if deep[:1] in b"t?" else "broken"), outcome
    raw = bringing.packed({"case.yaml": b"parley: 1\n", "record/a.yaml": deep})
    checked = sprung(start, "check", {"case.zip": raw})
    assert "levels deep" in checked.said
    assert checked.seconds < 3 * SECOND


def test_without_its_guard_such_a_list_takes_long(
    start: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    without(monkeypatch, "w.refuse_depth = lambda raw: None")
    raw = b"---\nparley: 1\ntitle: " + b"[" * 200_000 + b"\n---\n\n1. A.\n"
    assert not refused(sprung(start, "read", {"text-0": raw}), "levels deep")


def test_json_of_great_depth() -> None:
    for opening in (b"[", b'{"a":'):
        began = spent()
        with pytest.raises(ProofError):
            canonical.decode(opening * 100_000)
        assert spent() - began < SECOND


@pytest.fixture
def talks() -> world.Talks:
    """A room."""
    return world.talks()


def test_the_server_only_keeps_what_is_put_into_a_channel(talks: world.Talks) -> None:
    """A trap that nobody opens is a document like any other, and does nothing."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    from parley.room.models import Channel

    channel = Channel.objects.get(room=talks.room, kind=Kind.PLENARY)
    north = world.client_for(talks.account("north"))
    raw = bringing.blown_up(2 * 10**9)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    address = f"/r/{talks.room.id}/c/{channel.id}/"
    file = SimpleUploadedFile("draft.docx", raw)
    given = {"what": "document", "key": "k" * 20, "file": file}
    assert north.post(f"{address}send/", given).status_code == 302
    paper = Paper.objects.get(channel=channel)
    taken = world.client_for(talks.account("south")).get(f"{address}papers/{paper.id}/")
    assert taken.content == raw
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MOST_MEMORY
    begin = {"source": f"paper-{paper.id}", "title": "One text"}
    mediator = world.client_for(talks.account("mediator"))
    answer = mediator.post(f"/r/{talks.room.id}/texts/", begin)
    assert answer.status_code == 409
    assert "unpacks to" in answer.content.decode()
    assert mediator.get(address).status_code == 200


def test_a_case_that_is_a_trap_is_not_kept(talks: world.Talks) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    from parley.room.models import CaseFile

    mediator = world.client_for(talks.account("mediator"))
    file = SimpleUploadedFile("case.zip", bringing.blown_up(10**9))
    answer = mediator.post(f"/r/{talks.room.id}/case/", {"files": file})
    assert answer.status_code == 409
    assert "unpacks to" in answer.content.decode()
    assert not CaseFile.objects.exists()


def test_json_of_great_depth_in_a_request(talks: world.Talks) -> None:
    deep = json.dumps("x")[:1] + "[" * 100_000
    for name in ("north", "mediator"):
        client = world.client_for(talks.account(name))
        began = spent()
        answer = client.post(f"/r/{talks.room.id}/keys/", deep, content_type="application/json")
        assert answer.status_code < 500
        assert spent() - began < SECOND
