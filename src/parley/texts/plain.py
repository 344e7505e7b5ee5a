"""A text as plain text, for e-mail: numbers, headings and words, wrapped; nothing else."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from parley.texts.articles import CELL, HEADED, Draft, Provision, ProvisionKind

WIDTH = 72


def plain(draft: Draft) -> str:
    """A text as plain text."""
    parts = [draft.front.title, "=" * min(WIDTH, len(draft.front.title)), ""]
    for top in draft.provisions:
        parts += _lines(top, 0)
    if draft.footnotes:
        parts += ["", "Notes"]
        parts += [_wrapped(f"[{mark}] {text}", 0, 4) for mark, text in draft.footnotes]
    return "\n".join(parts).replace("[^", "[") + "\n"


def _lines(provision: Provision, depth: int) -> Iterator[str]:
    if provision.kind in HEADED:
        heading = ". ".join(p for p in (provision.label, provision.heading) if p)
        yield from ("", heading, "-" * min(WIDTH, len(heading)), "")
        for child in provision.children:
            yield from _lines(child, 0)
        return
    words = provision.text
    if provision.kind is ProvisionKind.ROW:
        words = " | ".join(words.split(CELL))
    label = f"{provision.label} " if provision.label else ""
    yield _wrapped(label + words, 4 * depth, 4 * depth + len(label))
    yield ""
    for child in provision.children:
        yield from _lines(child, depth + 1)


def _wrapped(text: str, first: int, rest: int) -> str:
    lines = []
    for k, part in enumerate(text.split("\n")):
        begin = " " * (first if k == 0 else rest)
        wrapped = textwrap.wrap(
            part, WIDTH, initial_indent=begin, subsequent_indent=" " * rest, break_long_words=False
        )
        lines += wrapped or [begin]
    return "\n".join(lines)
