"""Whether the record fits the case and itself: references, links, times, sources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from parley.case.check import did_you_mean, twice, valid_items, validate
from parley.case.consistency import unknown_option
from parley.case.dates import When
from parley.case.file import Document, Path_
from parley.case.known import Known
from parley.case.model import Case
from parley.errors import Mistake
from parley.record.claims import Act, Assertion, Record
from parley.record.sources import Origin, Publication

LINKS = ("denies", "corrects", "withdraws")


@dataclass(frozen=True)
class Entry:
    """An assertion at its place in a file."""

    document: Document
    path: Path_
    assertion: Assertion

    def mistake(self, key: str, code: str, what: str, remedy: str) -> Mistake:
        """A mistake at one key of the assertion."""
        return self.document.mistake((*self.path, key), code, what, remedy)

    def warning(self, key: str, code: str, what: str, remedy: str) -> Mistake:
        """A doubt at one key of the assertion, which stops nothing."""
        line = self.document.line((*self.path, key))
        return Mistake(self.document.name, line, code, what, remedy, "warning")


def check_record(
    documents: Iterable[Document], known: Known, case: Case | None
) -> tuple[list[Record], list[Entry], list[Mistake]]:
    """Check the files of a record together.

    `known` is what the case file declares, `case` the case if it has no errors. Returns the
    records that could be read, all assertions that could be read, and the mistakes.
    """
    records, entries, mistakes = [], [], []
    sources: dict[str, dict[str, tuple[Document, Path_]]] = {"origins": {}, "publications": {}}
    seen: dict[str, Entry] = {}
    for document in documents:
        record, found = validate(document, Record)
        mistakes += found
        records += [record] if record else []
        for key, places in sources.items():
            mistakes += twice(document, (key,), document.data.get(key))
            mistakes += _register(document, key, places)
        for k, assertion in valid_items(document, "assertions", Assertion):
            entry = Entry(document, ("assertions", k), assertion)
            entries.append(entry)
            first = seen.setdefault(assertion.id, entry)
            if first is not entry:
                mistakes.append(_id_twice(entry, first))
    declared = _declared_ids(documents, "assertions")
    for entry in entries:
        mistakes += _references(entry, known)
        mistakes += _sources(entry, sources)
        mistakes += _links(entry, declared, seen)
        mistakes += _times(entry, case)
    mistakes += _cycles(entries)
    mistakes += _unused(sources, entries)
    return records, entries, mistakes


def _register(
    document: Document, key: str, places: dict[str, tuple[Document, Path_]]
) -> Iterator[Mistake]:
    model: type[Origin] | type[Publication] = Origin if key == "origins" else Publication
    for k, item in valid_items(document, key, model):
        where = (document, (key, k))
        other, path = places.setdefault(item.id, where)
        if other.name != document.name:
            yield document.mistake(
                (key, k, "id"),
                "id-twice",
                f"The id `{item.id}` stands also in {other.name}:{other.line(path)}.",
                "Give each its own.",
            )


def _id_twice(entry: Entry, first: Entry) -> Mistake:
    place = f"{first.document.name}:{first.document.line((*first.path, 'id'))}"
    what = f"The id `{entry.assertion.id}` stands here twice (first in {place})."
    return entry.mistake("id", "id-twice", what, "Give each assertion its own id.")


def _declared_ids(documents: Iterable[Document], key: str) -> frozenset[str]:
    found: set[str] = set()
    for document in documents:
        items: Any = document.data.get(key)
        for item in items if isinstance(items, list) else []:
            if isinstance(item, dict) and isinstance(item.get("id"), str):
                found.add(item["id"])
    return frozenset(found)


def _references(entry: Entry, known: Known) -> Iterator[Mistake]:
    claim = entry.assertion
    bearing = claim.without_agreement.party if claim.without_agreement else None
    for key, party in (("party", claim.party), ("without_agreement", bearing)):
        if party is not None and party not in known.parties:
            what = f"There is no party `{party}`."
            yield entry.mistake(key, "no-such-party", what, known.remedy_for_party(party))
    for reference in claim.condition:
        wrong = unknown_option(known, reference)
        if wrong:
            yield entry.mistake("condition", "no-such-option", *wrong)
        elif claim.issue == reference.split(".")[0]:
            what = f"The condition `{reference}` is about the assertion's own issue."
            yield entry.mistake("condition", "condition", what, "A condition names other issues.")
    if claim.issue is not None and claim.issue not in known.issues:
        what = f"There is no issue `{claim.issue}`."
        yield entry.mistake("issue", "no-such-issue", what, did_you_mean(claim.issue, known.issues))
    elif claim.issue is not None:
        yield from _named_options(entry, known, claim.issue)
    if claim.utilities is not None:
        yield from _utilities(entry, known, claim.utilities)


def _named_options(entry: Entry, known: Known, issue: str) -> Iterator[Mistake]:
    claim = entry.assertion
    over = claim.over if claim.over != "all" else ()
    if claim.act is Act.PRIORITY:
        for name in over:
            if name not in known.issues:
                remedy = did_you_mean(name, known.issues)
                yield entry.mistake("over", "no-such-issue", f"There is no issue `{name}`.", remedy)
            elif name == issue:
                what = f"The issue `{name}` is said to matter more than itself."
                yield entry.mistake("over", "no-such-issue", what, "Take it out of `over`.")
        over = ()
    for key, options in (("options", claim.options), ("over", over)):
        for option in options:
            wrong = unknown_option(known, f"{issue}.{option}")
            if wrong:
                yield entry.mistake(key, "no-such-option", *wrong)
    for option in sorted(set(claim.options) & set(over)):
        what = f"The option `{option}` is said to be liked more than itself."
        yield entry.mistake("over", "no-such-option", what, "Take it out of `over`.")
    if claim.act in {Act.DEMAND, Act.REJECT} and set(claim.options) == set(known.issues[issue]):
        what = f"The {claim.act.value} names every option of `{issue}`, which says nothing."
        yield entry.mistake("options", "every-option", what, "Name those that are meant.")


def _utilities(
    entry: Entry, known: Known, given: Mapping[str, Mapping[str, float]]
) -> Iterator[Mistake]:
    expected = {f"{issue}.{option}" for issue, row in known.issues.items() for option in row}
    written = {f"{issue}.{option}" for issue, row in given.items() for option in row}
    for name in sorted(expected - written):
        what = f"The utilities give no value for `{name}`."
        yield entry.mistake("utilities", "utilities", what, "Give a value for every option.")
    for name in sorted(written - expected):
        remedy = did_you_mean(name, expected)
        what = f"The utilities name `{name}`, which is no option."
        yield entry.mistake("utilities", "no-such-option", what, remedy)
    if entry.assertion.no_agreement is None:
        yield entry.warning(
            "utilities",
            "no-agreement",
            "The utilities do not say what no agreement is worth.",
            "Add `no_agreement: …`; without it the case's `without_agreement` is used.",
        )


def _sources(
    entry: Entry, sources: Mapping[str, Mapping[str, tuple[Document, Path_]]]
) -> Iterator[Mistake]:
    claim = entry.assertion
    origins = (claim.origin,) if claim.origin is not None else ()
    for key, list_key, names in (
        ("origin", "origins", origins),
        ("publications", "publications", claim.publications),
    ):
        for name in names:
            if name not in sources[list_key]:
                what = f"There is no {key.rstrip('s')} `{name}`."
                remedy = did_you_mean(name, sources[list_key])
                yield entry.mistake(key, f"no-such-{key.rstrip('s')}", what, remedy)
    given = claim.utilities is not None and claim.certain
    if not (claim.publications or claim.hops or claim.judgement or given):
        yield entry.warning(
            "id",
            "no-source",
            f"The assertion `{claim.id}` has no source.",
            "Add `publications`, `hops`, or `judgement` if it is your own.",
        )


def _links(entry: Entry, declared: frozenset[str], seen: Mapping[str, Entry]) -> Iterator[Mistake]:
    claim = entry.assertion
    for key in LINKS:
        for name in getattr(claim, key):
            if name not in declared:
                what = f"There is no assertion `{name}`."
                yield entry.mistake(key, "no-such-assertion", what, did_you_mean(name, declared))
            elif name in seen and _is_earlier(claim, seen[name].assertion):
                what = f"`{claim.id}` {key} `{name}`, but was said before it."
                yield entry.warning(key, "link-order", what, "Look at the times of both.")


def _is_earlier(claim: Assertion, other: Assertion) -> bool:
    mine, theirs = claim.times.statement, other.times.statement
    return mine is not None and theirs is not None and mine.precedes(theirs)


def _times(entry: Entry, case: Case | None) -> Iterator[Mistake]:
    times = entry.assertion.times
    order: tuple[tuple[str, When | None], ...] = (
        ("statement", times.statement),
        ("publication", times.publication),
        ("recording", times.recording),
    )
    known = [(name, when) for name, when in order if when is not None]
    for (first, before), (second, after) in pairwise(known):
        if after.precedes(before):
            what = f"The {second} ({after}) lies before the {first} ({before})."
            yield entry.mistake("times", "times", what, "Look at both dates.")
    late = [(name, when) for name, when in known if name != "recording"]
    for name, when in late:
        if case is not None and case.as_of.precedes(when):
            what = f"The {name} ({when}) lies after the day of the case ({case.as_of})."
            yield entry.warning("times", "after-as-of", what, "Move `as_of` in case.yaml on.")


def _cycles(entries: list[Entry]) -> Iterator[Mistake]:
    """Chains of corrections or withdrawals that come back to where they began."""
    later: dict[str, list[str]] = {}
    where = {entry.assertion.id: entry for entry in entries}
    for entry in entries:
        claim = entry.assertion
        later[claim.id] = sorted({*claim.corrects, *claim.withdraws} - {claim.id})
    found: set[frozenset[str]] = set()
    for start in sorted(later):
        chain = _way_back(later, start)
        if chain and frozenset(chain) not in found:
            found.add(frozenset(chain))
            shown = " → ".join(f"`{name}`" for name in (*chain, start))
            yield where[start].mistake(
                "id",
                "correction-cycle",
                f"Corrections and withdrawals run in a circle: {shown}.",
                "The later statement corrects the earlier one, never the other way round.",
            )


def _way_back(later: Mapping[str, list[str]], start: str) -> list[str]:
    """The shortest chain from `start` back to itself; empty if there is none."""
    chains = [[start]]
    seen: set[str] = set()
    while chains:
        chain = chains.pop(0)
        for following in later.get(chain[-1], ()):
            if following == start:
                return chain
            if following not in seen:
                seen.add(following)
                chains.append([*chain, following])
    return []


def _unused(
    sources: Mapping[str, Mapping[str, tuple[Document, Path_]]], entries: list[Entry]
) -> Iterator[Mistake]:
    used: dict[str, set[str | None]] = {
        "origins": {entry.assertion.origin for entry in entries},
        "publications": {name for entry in entries for name in entry.assertion.publications},
    }
    for key, places in sources.items():
        for name, (document, path) in places.items():
            if name not in used[key]:
                what = f"No assertion names the {key.rstrip('s')} `{name}`."
                line = document.line(path)
                remedy = "Take it out, or name it where it belongs."
                yield Mistake(document.name, line, "unused", what, remedy, "warning")
