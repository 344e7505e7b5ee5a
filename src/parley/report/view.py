"""What a briefing shows, put together from the findings: words, numbers, and what they rest on."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from parley.case.agenda import Agenda
from parley.case.dates import When
from parley.case.model import Case
from parley.deals.agreement import Agreement, PackageResult
from parley.preferences.contradictions import Contradiction
from parley.preferences.sensitivity import Decider, Decides
from parley.preferences.shares import Share
from parley.record.claims import Act, Assertion, Record
from parley.record.summary import FigureRow, FigureTopic, Moment, OriginCount, Position, reach
from parley.report import words
from parley.report.conflict_view import ConflictView
from parley.report.words import Names
from parley.texts.articles import Draft
from parley.texts.single.log import Kept
from parley.workbench import Finding, Holds, MustChange, OneWorld, Stakes, TextFinding

Result = TypeVar("Result")

SHOWN_DECIDERS = 12
"""Things that are shown of what decides."""

LEADING = "leading"
SOME = "some"


def said_by(case: Case, assertion: Assertion) -> str:
    """Whose statement an assertion is."""
    if assertion.judgement is not None:
        return "analyst's judgement"
    return case.party(assertion.party).name if assertion.party else str(assertion.voice)


def record_names(case: Case, record: Record) -> dict[str, str]:
    """How assertions and origins are called where something hangs on them."""
    names = {origin.id: origin.name for origin in record.origins}
    for assertion in record.assertions:
        names[assertion.id] = f"{said_by(case, assertion)}: {assertion.text.rstrip('.')}"
    return names


@dataclass(frozen=True)
class View:
    """A case with its findings, as pages and terminals show it.

    `places` gives for each assertion its file and line; `texts` are the proposals of the case, and
    `single` its single text.
    """

    case: Case
    record: Record
    findings: tuple[Finding, ...]
    places: Mapping[str, tuple[str, int]]
    texts: tuple[Draft, ...] = ()
    single: Kept | None = None

    @property
    def text_findings(self) -> list[tuple[Finding, TextFinding]]:
        """What was found of each proposal."""
        return self.results(TextFinding)

    @cached_property
    def names(self) -> Names:
        """The names of the case."""
        return Names(self.case)

    @cached_property
    def agenda(self) -> Agenda:
        """Issues and options in canonical order."""
        return Agenda.of(self.case)

    def find(self, name: str) -> Finding | None:
        """The finding of this name, if it was made."""
        return next((f for f in self.findings if f.name == name), None)

    def results(self, kind: type[Result]) -> list[tuple[Finding, Result]]:
        """All findings whose result is of a kind."""
        return [(f, f.result) for f in self.findings if isinstance(f.result, kind)]

    def _only(self, kind: type[Result]) -> Result | None:
        found = self.results(kind)
        return found[0][1] if found else None

    @property
    def stakes(self) -> Stakes | None:
        """What is on the table."""
        return self._only(Stakes)

    @property
    def agreement(self) -> Agreement | None:
        """What could be agreed."""
        return self._only(Agreement)

    @property
    def one_world(self) -> OneWorld | None:
        """The solutions, where everything is certain."""
        return self._only(OneWorld)

    @property
    def decides(self) -> Decides | None:
        """What decides where agreement lies."""
        found = self.find("what decides")
        return found.result if found and isinstance(found.result, Decides) else None

    @cached_property
    def conflict(self) -> ConflictView | None:
        """What would hold, where the case has moves."""
        holds = self._only(Holds)
        if holds is None:
            return None
        found = self.find("what decides what holds")
        decides = found.result if found and isinstance(found.result, Decides) else None
        names = {party.id: party.name for party in self.case.parties}
        return ConflictView(self.case.title, holds, decides, names, self.record_names)

    @property
    def must_change(self) -> list[tuple[Finding, MustChange]]:
        """What would make the states hold that the case asks about."""
        return self.results(MustChange)

    @property
    def leading(self) -> PackageResult | None:
        """The package that was picked as best."""
        agreed = self.agreement
        return agreed.best[0] if agreed and agreed.best else None

    @cached_property
    def positions(self) -> dict[tuple[str, str], tuple[Finding, Position]]:
        """Who wants what, by party and issue."""
        return {(p.party, p.issue): (f, p) for f, p in self.results(Position)}

    @property
    def speaking(self) -> list[str]:
        """Parties with a word on some issue, or whose consent is needed, as the case lists them."""
        said = {party for (party, _), (_, p) in self.positions.items() if p.assertions}
        return [p.id for p in self.case.parties if p.id in said or p.consent_needed]

    @property
    def consenting(self) -> list[str]:
        """Parties whose consent is needed, in the order of the case."""
        return [p.id for p in self.case.parties if p.consent_needed]

    @property
    def consenting_words(self) -> str:
        """The parties whose consent is needed, in words."""
        return words.listed(self.names.party(party) for party in self.consenting)

    def wish(self, position: Position) -> str:
        """A position in words: what is preferred, else acceptable, else rejected."""
        if not position.assertions:
            return "nothing on record"
        issue = position.issue
        for options, before in (
            (position.preferred, ""),
            (position.acceptable, "could accept: "),
            (position.rejected, "rejects: "),
        ):
            if options:
                named = [self.names.option(issue, option) for option in options]
                return before + words.listed(named, "or")
        return "no option named"

    def support(self, position: Position) -> str:
        """What a position rests on, in words."""
        parts = [position.firmness] if position.assertions else []
        if position.conditional:
            parts.append("conditional")
        if position.grade:
            parts.append(f"best grade {position.grade}")
        if position.origins:
            plural = "" if position.origins == 1 else "s"
            parts.append(f"{position.origins} origin{plural}")
        if position.unknown_origin:
            parts.append("also of unknown origin" if position.origins else "unknown origin")
        return ", ".join(parts)

    @property
    def topics(self) -> list[tuple[Finding, FigureTopic]]:
        """Figures by topic; contested ones first."""
        return sorted(self.results(FigureTopic), key=lambda pair: not pair[1].contested)

    @property
    def contradictions(self) -> list[tuple[Finding, Contradiction]]:
        """What contradicts what."""
        return self.results(Contradiction)

    @property
    def origins(self) -> list[tuple[Finding, OriginCount]]:
        """What came from where."""
        return self.results(OriginCount)

    @property
    def moments(self) -> tuple[Moment, ...]:
        """The time line."""
        finding = self.find("timeline")
        return finding.result if finding and isinstance(finding.result, tuple) else ()

    @property
    def unsourced(self) -> tuple[str, ...]:
        """Assertions without a source."""
        finding = self.find("without source")
        return finding.assertions if finding else ()

    def who(self, assertion: Assertion) -> str:
        """Whose statement it is."""
        return said_by(self.case, assertion)

    @cached_property
    def said(self) -> dict[str, Assertion]:
        """The assertions by id."""
        return {assertion.id: assertion for assertion in self.record.assertions}

    @cached_property
    def record_names(self) -> dict[str, str]:
        """How assertions and origins are called where they decide."""
        return record_names(self.case, self.record)

    def top_deciders(self, outcome: str) -> list[Decider]:
        """What decides an outcome, most first; statements that always go together are one."""
        found = self.decides
        if found is None or found.settled.get(outcome, True):
            return []
        joined: dict[object, Decider] = {}
        for decider in sorted(found.ranked, key=lambda d: (d.kind == "origin", d.name)):
            effect = decider.effects[outcome]
            same = (
                (effect.explained, effect.low, effect.high) if decider.assertions else decider.name
            )
            first = joined.setdefault(same, decider)
            names = tuple(sorted({*first.assertions, *decider.assertions}))
            joined[same] = dataclasses.replace(first, assertions=names)
        ranked = sorted(
            joined.values(), key=lambda d: (-d.effects[outcome].explained, d.kind, d.name)
        )
        return [d for d in ranked if _is_clear(d, outcome)][:SHOWN_DECIDERS]

    def bearing(self, decider: Decider) -> list[str]:
        """The statements that bear on something: its own, or those about an unknown."""
        if decider.assertions:
            return list(decider.assertions)
        return [a.id for a in self.record.assertions if _bears_on(a, decider)]

    def decider(self, decider: Decider) -> str:
        """What an outcome hangs on, in words."""
        return self.names.decider(decider, self.record_names)

    def chain(self, assertion: Assertion) -> list[str]:
        """The chain from origin to publication, a line for each step."""
        steps = [words.hop(hop) for hop in assertion.hops]
        pages = {publication.id: publication for publication in self.record.publications}
        for name in assertion.publications:
            page = pages[name]
            title = f", “{page.title}”" if page.title else ""
            steps.append(f"{page.outlet}{title}, {page.published}")
        return steps

    def wish_options(self, assertion: Assertion) -> str:
        """The options that a statement names, in words."""
        issue = str(assertion.issue)
        named = [self.names.option(issue, option) for option in assertion.options]
        over = assertion.over if assertion.act is Act.PREFER and assertion.over != "all" else ()
        less = [self.names.option(issue, option) for option in over]
        return words.listed(named, "or") + (f" over {words.listed(less)}" if less else "")

    def conditions(self, assertion: Assertion) -> str:
        """The condition of a statement, in words."""
        return words.listed(self.names.reference(c) for c in assertion.condition)

    def times(self, assertion: Assertion) -> list[tuple[str, When]]:
        """The times of a statement that are known, each with its name."""
        times = assertion.times
        named = (
            ("Event", times.event),
            ("Said", times.statement),
            ("Published", times.publication),
        )
        return [(name, when) for name, when in named if when is not None]

    @property
    def silent_words(self) -> str:
        """Which parties the record lets say nothing on any issue."""
        silent = [p.name for p in self.case.parties if p.id not in self.speaking]
        if not silent:
            return ""
        return f"The record has no word of {words.listed(silent)} on any issue."

    def figure_words(self, row: FigureRow) -> str:
        """A figure with its bounds, in words."""
        low, high = reach(row)
        if low == high:
            return f"{'' if row.bound == 'exactly' else row.bound + ' '}{words.number(low)}"
        if high == float("inf") or low == float("-inf"):
            return f"{row.bound} {words.number(low if high == float('inf') else high)}"
        best = f", best {words.number(row.best)}" if row.best is not None else ""
        return f"{words.number(low)} to {words.number(high)}{best}"

    def contradiction_about(self, found: Contradiction) -> str:
        """What contradicting statements are about."""
        party, issue = found.about
        if not party:
            return "one denies the other"
        about = self.names.issue(issue) if issue else "which issues matter more"
        return f"{self.names.party(party)} on {about}"

    def in_words(self, package: list[int]) -> str:
        """A package, given as flat options, in words."""
        chosen = self.names.package(self.agenda.package(package))
        return "; ".join(f"{issue}: {option}" for issue, option in chosen)

    def by_party(self, result: PackageResult) -> list[tuple[str, Share]]:
        """Own shares of a package, in the order of the case."""
        order = [party.id for party in self.case.parties]
        return [(party, result.by_party[party]) for party in order if party in result.by_party]

    def differences(self, k: int) -> list[tuple[str, str]]:
        """The first package whole; of the others what differs from it."""
        assert self.agreement is not None
        first, this = self.agreement.best[0].package, self.agreement.best[k].package
        chosen = zip(self.case.issues, self.names.package(this), strict=True)
        return [named for issue, named in chosen if not k or first[issue.id] != this[issue.id]]

    def change_words(self, result: PackageResult) -> str:
        """The single change that wins most for all, where it stands out."""
        change = result.best_change
        if change is None or not _stands_out(change.gain):
            return "none stands out"
        return f"{self.names.change(change)} ({words.points(change.gain)})"

    def win_words(self, result: PackageResult, party: str) -> str:
        """The single change that wins a party most, where it stands out."""
        name, change = self.names.party(party), result.best_change_for.get(party)
        if change is None or not _stands_out(change.gain):
            return f"{name}: no single change of option wins it in clearly more worlds."
        after = words.with_margin(change.share)
        return (
            f"{name}: {self.names.change(change)}. It then accepts in {after} of the worlds "
            f"({words.points(change.gain)})."
        )

    @property
    def settled_words(self) -> str:
        """Which outcomes are the same in all worlds."""
        settled = self.decides.settled if self.decides else {}
        named = {SOME: "whether some package suits all", LEADING: "whether the leading one does"}
        same = [words_ for key, words_ in named.items() if settled.get(key)]
        if not same:
            return ""
        return f"In all worlds it comes out the same {words.listed(same)}: nothing decides that."

    def links(self, assertion: Assertion) -> Iterator[tuple[str, tuple[str, ...]]]:
        """What it denies, corrects or withdraws, and what does so to it."""
        for verb, past in (
            ("denies", "denied"),
            ("corrects", "corrected"),
            ("withdraws", "withdrawn"),
        ):
            named = getattr(assertion, verb)
            if named:
                yield verb, named
            by = tuple(a.id for a in self.record.assertions if assertion.id in getattr(a, verb))
            if by:
                yield f"is {past} by", by


def _bears_on(assertion: Assertion, decider: Decider) -> bool:
    if decider.kind == "no agreement":
        bearing = assertion.without_agreement
        return bearing is not None and bearing.party == decider.party
    if assertion.party != decider.party:
        return False
    if decider.kind == "weight":
        return assertion.act is Act.PRIORITY
    return assertion.issue == decider.issue and bool(assertion.options)


def _stands_out(gain: Share) -> bool:
    """Whether a gain is larger than what another seed could move it by."""
    return gain.value > gain.margin


def _is_clear(decider: Decider, outcome: str) -> bool:
    """Whether the effect stands out from the sampling error."""
    effect = decider.effects[outcome]
    return effect.explained > 2 * effect.standard_error and effect.explained >= 0.002
