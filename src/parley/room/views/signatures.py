"""Signatures that come with a form: made in the page, pasted, or in a file of the offline tool."""

from __future__ import annotations

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest

from parley.errors import ProofError
from parley.exchange.charter import parts
from parley.exchange.own_steps import Kind, OwnStep, from_json
from parley.room.access import Actor
from parley.room.models import Round


def line_in(request: HttpRequest) -> str | None:
    """The line of a signature in a form: made in the page, or pasted."""
    line = str(request.POST.get("signature", "")).replace("\r\n", "\n").strip()
    return f"{line}\n" if line else None


def line_under_charter(request: HttpRequest, actor: Actor) -> str | None:
    """One's own line of signature in the charter that `parley charter sign` has signed.

    Raises
    ------
    ProofError
        If it is not under the charter that came.
    """
    file = request.FILES.get("signed")
    if not isinstance(file, UploadedFile):
        return None
    lines = parts(file.read().decode(errors="replace"))[1]
    mine = [line for line in lines if line.startswith(f"\u2014 {actor.who} ")]
    if not mine:
        raise ProofError("Your signature is not under this charter.", "Sign it, then send it.")
    return mine[0]


def own_step_in(
    request: HttpRequest, actor: Actor, round_: Round, kind: Kind, core: str
) -> OwnStep | None:
    """What `parley withdraw` or `parley lay-open` has signed; `core` is the text that is there.

    The signature itself is checked where the step is taken.

    Raises
    ------
    ProofError
        If it is no such file, or of another step, round, party or text.
    """
    file = request.FILES.get("step")
    if not isinstance(file, UploadedFile):
        return None
    step = from_json(file.read())
    if step.kind != kind:
        what = "This file is of another step than this page."
        raise ProofError(what, "Take the file that the command on this page has made.")
    if (step.exchange, step.party) != (round_.id, actor.who):
        raise ProofError("This file is of another round or party.", "Make it anew.")
    if step.core != core:
        what = "This file is of another text than the one that is laid down now."
        raise ProofError(what, "Make it anew, with the newest receipt.")
    return step
