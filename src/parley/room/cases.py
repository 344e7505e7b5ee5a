"""The mediators' case: packed, checked and briefed in the workshop, and kept as it came."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from parley.errors import Mistake, OperationError
from parley.room import clock
from parley.room.access import Actor
from parley.room.logbook import append
from parley.room.models import CaseFile, Channel, Kind
from parley.room.workshop import BRIEFING, LARGEST, MEGABYTE, Made, work

WORLDS = 10_000
MOST_CASES = 20
PAGE = "briefing.html"


@dataclass(frozen=True)
class Checked:
    """What the check of a case said: mistakes and doubts, and files that belong to no case."""

    mistakes: tuple[Mistake, ...]
    left_out: tuple[str, ...]
    refusal: str = ""

    @property
    def is_fit(self) -> bool:
        """Whether a briefing can be made of it."""
        return not self.refusal and all(m.severity != "error" for m in self.mistakes)


def pack(files: Sequence[tuple[str, bytes]]) -> bytes:
    """Files of a case as one packed folder; a folder that came packed is taken as it is.

    Raises
    ------
    OperationError
        If they are too large, or two have the same name.
    """
    is_packed = len(files) == 1 and files[0][1][:2] == b"PK"
    packed = files[0][1] if is_packed else _packed(files)
    if len(packed) > LARGEST:
        raise OperationError(f"It is larger than {LARGEST // MEGABYTE} MB.", "Leave files out.")
    return packed


def _packed(files: Sequence[tuple[str, bytes]]) -> bytes:
    stream = io.BytesIO()
    taken: set[str] = set()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            place = _place(name)
            if place in taken:
                raise OperationError("Two of the files have the same name.", "Rename one.")
            taken.add(place)
            archive.writestr(place, content)
    return stream.getvalue()


def _place(name: str) -> str:
    """Where a single file belongs in a case folder."""
    plain = name.replace("\\", "/").rpartition("/")[2]
    if plain in {"case.yaml", "record.yaml", "single-text.yaml"}:
        return plain
    return f"{'proposals' if plain.endswith('.md') else 'record'}/{plain}"


def put(actor: Actor, packed: bytes) -> CaseFile:
    """Check a case and keep it, with its mistakes if it has any.

    Raises
    ------
    OperationError
        If it cannot be unpacked; then it is not kept.
    """
    made = work("check", {"case.zip": packed})
    now = clock.now()
    with transaction.atomic():
        among_mediators = Channel.objects.get(room=actor.room, kind=Kind.MEDIATION)
        if CaseFile.objects.filter(room=actor.room).count() >= MOST_CASES:
            raise OperationError("There are many cases here already.", "Remove an old one first.")
        case = CaseFile(room=actor.room, member=actor.here, packed=packed, said=_said(made), at=now)
        case.save(force_insert=True)
        digest = hashlib.sha256(packed).hexdigest()
        fields = {"id": case.id, "who": actor.here.id, "digest": digest}
        append(among_mediators.id, "case", now, case.id, **fields)
    return case


def _said(made: Made) -> str:
    """What the check printed, with names of files as they are in the case."""
    try:
        rows = json.loads(made.files["said.txt"])["mistakes"]
    except (ValueError, KeyError):
        rows = []
    words = made.files.get("errors.txt", b"").decode("utf-8", "replace")
    left_out = json.loads(made.files.get("left-out.json", b"[]"))
    return json.dumps({"mistakes": rows, "left_out": left_out, "refusal": words.strip()})


def checked(case: CaseFile) -> Checked:
    """What the check of a case said."""
    said: dict[str, Any] = json.loads(case.said or "{}")
    mistakes = [
        Mistake(
            str(row["file"]).removeprefix("case/"),
            int(row["line"]),
            str(row["code"]),
            str(row["what"]),
            str(row["remedy"]),
            "error" if row["severity"] == "error" else "warning",
        )
        for row in said.get("mistakes", ())
    ]
    return Checked(tuple(mistakes), tuple(said.get("left_out", ())), said.get("refusal", ""))


def brief(actor: Actor, case: CaseFile) -> None:
    """Make the briefing of a case, and keep its pages.

    Raises
    ------
    OperationError
        If the case has mistakes, or it takes too long.
    """
    if not checked(case).is_fit:
        raise OperationError("The case has mistakes.", "Mend them and bring it anew.")
    made = work("brief", {"case.zip": bytes(case.packed)}, BRIEFING, worlds=WORLDS)
    if PAGE not in made.files:
        words = made.files.get("errors.txt", b"").decode("utf-8", "replace").strip()
        raise OperationError(words[:500] or "No briefing came out of it.")
    pages = {n: c for n, c in made.files.items() if n.endswith((".html", "findings.json"))}
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in pages.items():
            archive.writestr(name, content)
    CaseFile.objects.filter(id=case.id, room=actor.room).update(briefing=stream.getvalue())


def page_of(case: CaseFile, name: str) -> bytes | None:
    """One file of a briefing, as it was made; ``None`` if there is none of that name."""
    if not case.briefing:
        return None
    with zipfile.ZipFile(io.BytesIO(bytes(case.briefing))) as archive:
        return archive.read(name) if name in archive.namelist() else None


def remove(actor: Actor, case: CaseFile) -> None:
    """Remove a case and its briefing; the mediators' log keeps that it was there."""
    with transaction.atomic():
        among_mediators = Channel.objects.get(room=actor.room, kind=Kind.MEDIATION)
        fields = {"id": case.id, "who": actor.here.id}
        append(among_mediators.id, "case-removed", clock.now(), case.id, **fields)
        case.delete()
