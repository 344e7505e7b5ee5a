"""Numbers and names in words: one place for how they are said.

Wording about parties is symmetrical, and a share of worlds is always called that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from parley.case.model import Case, option_of
from parley.deals.agreement import Change
from parley.deals.counting import Count
from parley.preferences.sensitivity import Decider
from parley.preferences.shares import Share
from parley.record.claims import Assertion
from parley.record.sources import Hop, Speaker


def percent(value: float) -> str:
    """A share as a whole percentage; "under 1%" and "over 99%" at the ends."""
    if 0 < value < 0.005:
        return "under 1%"
    if 0.995 < value < 1:
        return "over 99%"
    return f"{100 * value:.0f}%"


def with_margin(share: Share) -> str:
    """A share with how far another seed might move it, in percentage points."""
    if share.standard_error == 0:
        return percent(share.value)
    margin = 100 * share.margin
    return (
        f"{percent(share.value)} ± {margin:.0f}"
        if margin >= 0.95
        else (f"{percent(share.value)} ± {max(margin, 0.1):.1f}")
    )


def capital(text: str) -> str:
    """The text with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def points(share: Share) -> str:
    """A difference of shares, in percentage points with its sign and margin."""
    return f"{100 * share.value:+.1f} ± {100 * share.margin:.1f} points".replace("-", "−")


def listed(parts: Iterable[str], word: str = "and") -> str:
    """Words in a row: "a, b and c"."""
    items = list(parts)
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {word} {items[-1]}"


def number(value: float) -> str:
    """A number as people write it."""
    return f"{value:,.0f}" if value == round(value) else f"{value:,.4g}"


def large(value: int) -> str:
    """A count that may be astronomically large."""
    if value < 10**12:
        return f"{value:,}"
    digits = str(value)
    return f"about {digits[0]}.{digits[1]} × 10^{len(digits) - 1}"


def several(count: int, noun: str) -> str:
    """A number of things: "1 option", "1,024 states"."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def counted(count: Count) -> str:
    """A number of packages; an estimate is called one, with its margin."""
    if count.exact:
        return large(count.value)
    return (
        f"about {large(count.value).removeprefix('about ')} "
        f"(± {large(2 * count.standard_error).removeprefix('about ')}: "
        f"estimated from {count.samples:,} packages drawn at random)"
    )


@dataclass(frozen=True)
class Names:
    """The names that a case gives its parties, issues and options."""

    case: Case

    def party(self, party: str) -> str:
        """Name of a party."""
        return self.case.party(party).name

    def issue(self, issue: str) -> str:
        """Name of an issue."""
        return self.case.issue(issue).name

    def option(self, issue: str, option: str) -> str:
        """Name of an option."""
        return option_of(self.case.issue(issue), option).name

    def reference(self, reference: str) -> str:
        """Name of an option written issue.option, with its issue."""
        issue, option = reference.split(".")
        return f"{self.issue(issue)}: {self.option(issue, option)}"

    def package(self, package: Mapping[str, str]) -> list[tuple[str, str]]:
        """A package as names, in the order of the case."""
        return [
            (issue.name, self.option(issue.id, package[issue.id])) for issue in self.case.issues
        ]

    def change(self, change: Change) -> str:
        """A change of one option, in words."""
        before = self.option(change.issue, change.from_option)
        after = self.option(change.issue, change.to_option)
        return f"{self.issue(change.issue)}: from “{before}” to “{after}”"

    def solution(self, name: str) -> str:
        """Name of a solution, with the name of a party where it holds an id."""
        for party in self.case.parties:
            if name == f"best for {party.id}":
                return f"best for {party.name}"
        return name

    def definition(self, text: str) -> str:
        """A definition, with the name of a party where it holds an id."""
        for party in self.case.parties:
            text = text.replace(f"gain of {party.id} ", f"gain of {party.name} ")
        return text

    def decider(self, decider: Decider, record_names: Mapping[str, str]) -> str:
        """What an outcome hangs on, in words."""
        if decider.kind == "assertion":
            more = len(decider.assertions) - 1
            with_it = f" (and {more} more of the same origin and grade)" if more else ""
            return f"whether this holds: {record_names.get(decider.name, decider.name)}{with_it}"
        if decider.kind == "origin":
            count = len(decider.assertions)
            what = record_names.get(decider.name, decider.name) or "unknown origin"
            return f"whether what comes from {what} holds ({count} statements)"
        party = self.party(decider.party)
        if decider.kind == "no agreement":
            return f"what {party} can expect without an agreement"
        issue = self.issue(decider.issue)
        if decider.kind == "weight":
            return f"how much {issue} matters to {party}"
        option = self.option(decider.issue, decider.option)
        return f"how {party} values “{option}” on {issue}"


def speaker(who: Speaker) -> str:
    """Who spoke, as far as it is told."""
    count = f"{who.count} " if who.count is not None and who.count > 1 else ""
    role = f"{count}{who.role}" if who.role else ""
    name = f"{who.name} ({role})" if who.name and role else who.name or role
    affiliation = f", {who.affiliation}" if who.affiliation else ""
    access = f"; access: {who.access}" if who.access else ""
    reason = f"; unnamed, reason: {who.anonymous}" if who.anonymous else ""
    return f"{name}{affiliation}{access}{reason}"


def hop(step: Hop) -> str:
    """One step of a chain."""
    to = f" {step.to}" if step.to else ""
    return f"{speaker(step.speaker)} {step.verb}{to}"


def act(assertion: Assertion) -> str:
    """What kind of statement it is."""
    words = assertion.act.value
    if assertion.red_line:
        words += " (red line)"
    if assertion.condition:
        words += " (conditional)"
    return words


def likelihood(assertion: Assertion) -> str:
    """The likelihood of a judgement, in words."""
    if assertion.judgement is None:
        return ""
    given = assertion.judgement.likelihood
    return given if isinstance(given, str) else f"probability {given.low:g} to {given.high:g}"
