"""The checklist as data: what a text has to define, why, and the test that looks for it."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Annotated, Any

from pydantic import BeforeValidator, Field
from ruamel.yaml import YAML

from parley.case.parts import Part, Text
from parley.texts.articles import TextKind

LETTERS = {
    "P": TextKind.PAUSE,
    "C": TextKind.CESSATION,
    "D": TextKind.DEFINITIVE,
    "F": TextKind.FRAMEWORK,
}


class Severity(StrEnum):
    """How grave it is if an element is not there."""

    BLOCK = "block"
    WARN = "warn"
    INFO = "info"


def _kinds(value: Any) -> Any:
    return tuple(LETTERS[letter] for letter in value) if isinstance(value, str) else value


class Need(Part):
    """Something that must stand with a subject, and what to say where it does not."""

    has: Annotated[tuple[str, ...], Field(min_length=1)]
    missing: Text
    remedy: Text
    scope: Text | None = None
    case: bool = False
    each: bool = False


class Bar(Part):
    """Something that must not stand with a subject."""

    has: Annotated[tuple[str, ...], Field(min_length=1)]
    wrong: Text
    remedy: Text


class Element(Part):
    """One element of the checklist.

    `subject` are patterns that tell that a text speaks of it, `context` patterns one of which must
    stand in the same paragraph; `needs` and `bars` are what must and must not stand with it.
    """

    id: Annotated[int, Field(ge=1, le=60)]
    element: Text
    test: Text
    severity: Severity
    kinds: Annotated[tuple[TextKind, ...], BeforeValidator(_kinds)]
    why: Text
    source: Text
    eye: bool = Field(default=False, description="Whether a human eye is needed either way.")
    if_mentioned: bool = False
    scope: Text = "article"
    subject: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    needs: tuple[Need, ...] = ()
    bars: tuple[Bar, ...] = ()


@cache
def _data() -> dict[str, Any]:
    source = files("parley.texts.terms") / "checklist.yaml"
    data: dict[str, Any] = YAML(typ="safe", pure=True).load(source.read_text(encoding="utf-8"))
    return data


@cache
def checklist() -> tuple[Element, ...]:
    """The 60 elements, in order."""
    return tuple(Element.model_validate(item) for item in _data()["elements"])


@cache
def pattern(name: str) -> str:
    """A named pattern of the checklist, with the names in it filled in."""
    return _filled(str(_data()["patterns"][name]))


def _filled(text: str) -> str:
    return re.sub(r"<([a-z]+)>", lambda m: f"(?:{pattern(m[1])})", text)


@cache
def compiled(texts: tuple[str, ...], case: bool = False) -> re.Pattern[str]:
    """Patterns of the checklist as one; letters large and small alike unless told otherwise."""
    joined = "|".join(f"(?:{_filled(text)})" for text in texts)
    return re.compile(joined, re.DOTALL if case else re.IGNORECASE | re.DOTALL)
