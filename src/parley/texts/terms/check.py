"""Look for every element of the checklist in a text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from parley.errors import SettingError
from parley.texts.articles import Draft, TextKind
from parley.texts.terms import definitions, duties, head, order, references, times
from parley.texts.terms.by_words import by_words
from parley.texts.terms.checklist import Element, Severity, checklist
from parley.texts.terms.findings import Absent, Finding, Outcome, Status
from parley.texts.terms.reading import Reading

READ = frozenset({"en"})
"""Languages whose words the tests can read."""

TESTS: dict[str, Callable[[Reading], Outcome]] = {
    "parties": head.parties,
    "signatories": head.signatories,
    "kind": head.kind,
    "languages": head.languages,
    "start": head.start,
    "terms": definitions.terms,
    "circular": definitions.circular,
    "vague": duties.vague,
    "actor": duties.actor,
    "mirrored": duties.mirrored,
    "deadlines": times.resolvable,
    "order": order.order,
    "steps": order.each_step,
    "annexes": references.annexes,
    "references": references.cross_references,
}


@dataclass(frozen=True)
class Terms:
    """What a text defines and what not.

    `findings` has at least one entry for each element; an element with several problems has several.
    """

    draft: Draft
    kind: TextKind
    findings: tuple[Finding, ...]

    def of(self, *statuses: Status) -> tuple[Finding, ...]:
        """The findings of some statuses."""
        return tuple(f for f in self.findings if f.status in statuses)

    @property
    def blocks(self) -> tuple[Finding, ...]:
        """What keeps the text from being ready."""
        wrong = self.of(Status.ABSENT, Status.DEFECTIVE)
        return tuple(f for f in wrong if f.severity is Severity.BLOCK)


def check_terms(draft: Draft, kind: TextKind | None = None) -> Terms:
    """Look for every element of the checklist.

    Parameters
    ----------
    kind
        What the text sets out to be; left out: what its head says.

    Raises
    ------
    SettingError
        If neither says it.
    """
    wanted = kind or draft.front.kind
    if wanted is None:
        raise SettingError(
            "It is not said what kind of text this is.",
            f"Give --kind: {', '.join(k.value for k in TextKind)}.",
        )
    reading = Reading(draft)
    findings = tuple(f for element in checklist() for f in _look(element, reading, wanted))
    return Terms(draft, wanted, findings)


def _look(element: Element, reading: Reading, kind: TextKind) -> list[Finding]:
    draft = reading.draft
    on_purpose = [o for o in draft.front.deliberately_open if o.element == element.id]
    if on_purpose:
        at = on_purpose[0].at or ""
        return [_finding(element, Status.OPEN, draft, at, on_purpose[0].reason, "")]
    if draft.language.split("-")[0] not in READ:
        what = f"The tests do not read the language `{draft.language}`."
        return [_finding(element, Status.NOT_READ, draft, "", what, "Look for it by eye.")]
    run = TESTS.get(element.test)
    outcome = by_words(element, reading) if run is None else run(reading)
    if isinstance(outcome, Absent):
        asked = outcome.asked and kind in element.kinds
        status = Status.ABSENT if asked else Status.NOT_ASKED
        what = "The text does not speak of it." if asked else "There is no occasion for it."
        return [_finding(element, status, draft, "", what, element.why if asked else "")]
    if not outcome:
        return [_finding(element, Status.PASSES, draft, "", "", "")]
    return [_finding(element, Status.DEFECTIVE, draft, p.at, p.what, p.remedy) for p in outcome]


def _finding(
    element: Element, status: Status, draft: Draft, at: str, what: str, remedy: str
) -> Finding:
    place = draft.place(at) if at in draft.by_id else ""
    return Finding(
        element.id, element.element, status, element.severity, at, place, what, remedy, element.eye
    )
