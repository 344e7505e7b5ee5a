"""The oracle: who may reach what (oracle.csv), which addresses there are, what to ask them for.

The table is written by hand from the specification. It never imports `parley.room.policy`; where
the two differ, one of them is wrong, and a test fails until somebody has decided which.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.room.population import ALL, MEDIATION, NORTH, SOUTH, Place, Population, Thing

LONG = os.environ.get("PARLEY_LONG") == "1"
TABLE = Path(__file__).with_name("oracle.csv")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
OWNERS = {"north": NORTH, "south": SOUTH, "": ()}
GROUPS: dict[str, tuple[str, ...]] = {
    "all": ALL,
    "table": (*NORTH, *SOUTH, *MEDIATION),
    "mediation": MEDIATION,
    "mediator": ("mediator",),
    "delegation": (*NORTH, *SOUTH),
    "north": NORTH,
    "witness": ("witness",),
    "observer": ("observer",),
    "A1": ("A1",),
}
UNKNOWN = "aaaaaaaaaaaa"
CONSTANTS = {
    "comparison": ("page", "docx") if LONG else ("page",),
    "single-file": ("page", "md", "yaml", "agreed") if LONG else ("page", "md"),
    "briefing-file": ("briefing.html",),
}
"""Addresses that end in a form of a file, not in an object; which forms."""
FORM = ("form", "name")
KINDS = {"pk": "passkey"}
QUERIES = {"log": "channel", "checkpoint": "channel", "remove": "member", "reset": "member"}
"""Addresses that name their object in the query: by the kind of it."""
FIELDS = {"channel": "log", "member": "member"}


@dataclass(frozen=True)
class Row:
    """A row of the table."""

    url: str
    method: str
    object: str
    allowed: tuple[str, ...]
    does: tuple[str, ...]


@cache
def rows() -> tuple[Row, ...]:
    """The table."""
    lines = [x for x in TABLE.read_text(encoding="utf-8").splitlines() if not x.startswith("#")]
    return tuple(
        Row(url, method, label, tuple(allowed.split()), tuple(does.split()))
        for url, method, label, allowed, does in list(csv.reader(lines))[1:]
    )


def row_of(url: str, method: str, label: str) -> Row | None:
    """The row that decides; there is none where nobody may."""
    wanted = "GET" if method == "HEAD" else method
    fits = (r for r in rows() if r.url == url and r.method == wanted)
    return next((r for r in fits if fnmatchcase(label, r.object)), None)


def people(population: Population, words: tuple[str, ...], place: Place, thing: Thing) -> set[str]:
    """Names in the cast for whom the words of a row stand, for an object of a room."""
    found: set[str] = set()
    signed_in = set(population.cast) - {"anonymous"}
    for word in words:
        if word in GROUPS:
            found |= {name + place.mark for name in GROUPS[word]}
        elif word == "own":
            found |= {name + place.mark for name in OWNERS[thing.owner]}
        elif word == "author":
            found.add(thing.author + place.mark)
        elif word == "self":
            found.add(thing.label + place.mark)
        elif word == "passkey":
            found |= {t.label + p.mark for p in population.places for t in p.of("passkey")}
        elif word == "operator":
            found.add("operator")
        elif word in {"anyone", "signed-in"}:
            found |= signed_in | ({"anonymous"} if word == "anyone" else set())
        else:
            raise ValueError(f"{word!r} is no word of the oracle")
    return found & set(population.cast)


@dataclass(frozen=True)
class Target:
    """An address with an object, of a room."""

    url: str
    path: str
    place: Place = field(compare=False, repr=False)
    thing: Thing
    query: Mapping[str, str] = field(default_factory=dict, compare=False)
    unknown: str = field(default="", compare=False)
    """The same address with an object that does not exist."""
    unknown_query: Mapping[str, str] = field(default_factory=dict, compare=False)


def addresses() -> dict[str, tuple[str, ...]]:
    """Every name of an address, with the parts that it needs."""
    found: dict[str, tuple[str, ...]] = {}

    def walk(patterns: list[URLPattern | URLResolver], before: tuple[str, ...]) -> None:
        for pattern in patterns:
            parts = (*before, *pattern.pattern.regex.groupindex)
            if isinstance(pattern, URLResolver):
                walk(pattern.url_patterns, parts)
            else:
                found[str(pattern.name)] = parts

    walk(get_resolver().url_patterns, ())
    return found


def targets(population: Population) -> Iterator[Target]:
    """Every address with every object of both rooms."""
    for url, parts in addresses().items():
        for place in population.places:
            if "room" in parts or parts:
                yield from _of_place(url, parts, place)
            elif not place.mark:
                yield Target(url, reverse(url), place, Thing("", "", ""))


def _of_place(url: str, parts: tuple[str, ...], place: Place) -> Iterator[Target]:
    kind = next(KINDS.get(part, part) for part in reversed(parts) if part not in FORM)
    if url in QUERIES:
        for thing in place.of(QUERIES[url]):
            name = FIELDS[thing.kind]
            path = reverse(url, args=[place.room.id])
            yield Target(url, path, place, thing, {name: thing.id}, path, {name: UNKNOWN})
        return
    *_, leaf = (part for part in parts if part not in FORM)
    no_such = "999999999" if kind == "passkey" else UNKNOWN
    form_part = next((part for part in parts if part in FORM), "")
    for form in CONSTANTS.get(url, ("",)):
        for thing in place.of(kind):
            values = _values(parts, place, thing, leaf) | ({form_part: form} if form else {})
            unknown = reverse(url, kwargs=values | {leaf: no_such})
            yield Target(url, reverse(url, kwargs=values), place, thing, unknown=unknown)


def _values(parts: tuple[str, ...], place: Place, thing: Thing, leaf: str) -> dict[str, str]:
    """What stands in each part of an address, for an object."""
    values = {"room": place.room.id} if "room" in parts else {}
    values[leaf] = thing.id
    above = [part for part in parts if part not in {*values, *FORM}]
    return values | dict.fromkeys(above, thing.within)
