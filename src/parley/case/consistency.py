"""Whether the parts of a case fit together: ids, references, scales, rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from parley.case.agenda import Agenda, Clause, clauses
from parley.case.check import did_you_mean, twice, valid_items, validate
from parley.case.file import Document, Path_
from parley.case.known import Known, known_in, listed
from parley.case.model import Case, Issue, Rule
from parley.case.moves_check import moves_mistakes
from parley.case.parts import Party
from parley.errors import Mistake

MAX_TRIES = 200_000
"""Choices tried in looking for a package that the rules allow."""


def check_case(document: Document) -> tuple[Case | None, list[Mistake]]:
    """Check a case file; the case is ``None`` if it has errors."""
    case, mistakes = validate(document, Case)
    known = known_in(document)
    mistakes += _same_ids(document)
    mistakes += _shared_names(document)
    mistakes += _who_must_agree(document)
    for k, issue in valid_items(document, "issues", Issue):
        mistakes += _scale(document, k, issue)
    for k, rule in valid_items(document, "rules", Rule):
        mistakes += _rule(document, ("rules", k), rule, known)
    mistakes += moves_mistakes(document, known)
    if case is not None and not mistakes:
        mistakes += _feasibility(document, case)
    broken = any(mistake.severity == "error" for mistake in mistakes)
    return (None if broken else case), mistakes


def _same_ids(document: Document) -> Iterator[Mistake]:
    data = document.data
    yield from twice(document, ("parties",), data.get("parties"))
    yield from twice(document, ("issues",), data.get("issues"))
    for k, issue in enumerate(listed(data.get("issues"))):
        if isinstance(issue, dict):
            yield from twice(document, ("issues", k, "options"), issue.get("options"))


def _shared_names(document: Document) -> Iterator[Mistake]:
    owner: dict[str, str] = {}
    for k, party in valid_items(document, "parties", Party):
        for name in (party.name, *party.aliases):
            first = owner.setdefault(name.lower(), party.id)
            if first != party.id:
                yield document.mistake(
                    ("parties", k, "name" if name == party.name else "aliases"),
                    "name-twice",
                    f"`{name}` names both `{first}` and `{party.id}`.",
                    "Leave it to one of them.",
                )


def _who_must_agree(document: Document) -> Iterator[Mistake]:
    parties = [party for _, party in valid_items(document, "parties", Party)]
    all_read = len(parties) == len(listed(document.data.get("parties")))
    needed = sum(party.consent_needed for party in parties)
    if all_read and len(parties) >= 2 and needed < 2:
        yield document.mistake(
            ("parties",),
            "too-few-principals",
            f"An agreement needs the consent of two parties; here {needed} must agree.",
            "Give two of them `role: principal`, or `must_agree: true`.",
        )


def _scale(document: Document, k: int, issue: Issue) -> Iterator[Mistake]:
    values = [option.value for option in issue.options]
    given = [value for value in values if value is not None]
    place: Path_ = ("issues", k)
    if given and len(given) < len(values) and issue.ordered:
        yield document.mistake(
            place,
            "scale",
            f"Some options of `{issue.id}` have a value on the scale and some have none.",
            "Give each a value, or none.",
        )
    elif len(set(given)) < len(given):
        yield document.mistake(
            place,
            "scale",
            f"Two options of `{issue.id}` have the same value.",
            "Give each its own place on the scale.",
        )
    elif issue.ordered and given not in (sorted(given), sorted(given, reverse=True)):
        yield document.mistake(
            place,
            "scale",
            f"The options of `{issue.id}` are not listed in the order of their values.",
            "List them from one end of the scale to the other.",
        )


def unknown_option(known: Known, reference: str) -> tuple[str, str] | None:
    """What is wrong with ``issue.option`` and the remedy; ``None`` if it resolves."""
    issue, _, option = reference.partition(".")
    if issue not in known.issues:
        return f"There is no issue `{issue}`.", did_you_mean(issue, known.issues)
    if option not in known.issues[issue]:
        what = f"The issue `{issue}` has no option `{option}`."
        return what, did_you_mean(option, known.issues[issue])
    return None


def _rule(document: Document, place: Path_, rule: Rule, known: Known) -> Iterator[Mistake]:
    named = {"if": (rule.if_,), "implies": rule.implies, "excludes": rule.excludes}
    for key, references in named.items():
        for reference in references:
            wrong = unknown_option(known, reference)
            if wrong:
                yield document.mistake((*place, key), "no-such-option", *wrong)
            elif key != "if" and reference.split(".")[0] == rule.if_.split(".")[0]:
                yield document.mistake(
                    (*place, key),
                    "rule",
                    f"The rule binds `{reference}` to `{rule.if_}`, an option of the same issue.",
                    "Only one option of an issue is chosen anyway; name another issue.",
                )
    if not rule.implies and not rule.excludes:
        yield document.mistake(
            place, "rule", "The rule says nothing.", "Add `implies: …` or `excludes: …`."
        )
    for reference in sorted(set(rule.implies) & set(rule.excludes)):
        yield document.mistake(
            place, "rule", f"The rule both implies and excludes `{reference}`.", "Keep one."
        )


def _feasibility(document: Document, case: Case) -> Iterator[Mistake]:
    agenda = Agenda.of(case)
    rules = clauses(agenda, case.rules)
    if _package_with(agenda, rules, None) is False:
        core = _smallest_core(agenda, case.rules)
        listed = ", ".join(str(document.line(("rules", k))) for k in core)
        yield document.mistake(
            ("rules", core[0]),
            "nothing-feasible",
            f"The rules together forbid every package (rules in line {listed}).",
            "Take one of them out, or let it exclude less.",
        )
        return
    tied = sorted({option for clause in rules for options in clause.sets for option in options})
    for flat in tied:
        if _package_with(agenda, rules, flat) is False:
            yield _never_chosen(document, case, agenda.name(flat))


def _never_chosen(document: Document, case: Case, name: tuple[str, str]) -> Mistake:
    issue = [i.id for i in case.issues].index(name[0])
    option = [o.id for o in case.issues[issue].options].index(name[1])
    place: Path_ = ("issues", issue, "options", option)
    what = f"The rules leave no package with `{name[0]}.{name[1]}`."
    remedy = "If that is meant, take the option out; if not, look at the rules that name it."
    return Mistake(document.name, document.line(place), "never-chosen", what, remedy, "warning")


def _smallest_core(agenda: Agenda, rules: tuple[Rule, ...]) -> list[int]:
    core = list(range(len(rules)))
    for k in range(len(rules)):
        fewer = [j for j in core if j != k]
        if _package_with(agenda, clauses(agenda, [rules[j] for j in fewer]), None) is False:
            core = fewer
    return core


def _package_with(agenda: Agenda, rules: Iterable[Clause], wanted: int | None) -> bool | None:
    """Whether the rules allow a package (that holds `wanted`); ``None`` if it took too long."""
    rules = list(rules)
    tied = sorted({int(agenda.issue_of[min(s)]) for c in rules for s in c.sets if s})
    domains = {i: set(range(agenda.offsets[i], agenda.offsets[i + 1])) for i in tied}
    if wanted is not None:
        domains[int(agenda.issue_of[wanted])] = {wanted}
    budget = [MAX_TRIES]
    return _search(rules, domains, budget)


def _search(rules: list[Clause], domains: dict[int, set[int]], budget: list[int]) -> bool | None:
    """Backtracking: whatever a rule leaves without a choice is struck out first."""
    budget[0] -= 1
    if budget[0] < 0:
        return None
    domains = {issue: set(options) for issue, options in domains.items()}
    if not _propagate(rules, domains):
        return False
    open_issues = [issue for issue, options in domains.items() if len(options) > 1]
    if not open_issues:
        return True
    issue = min(open_issues, key=lambda i: (len(domains[i]), i))
    verdicts = []
    for option in sorted(domains[issue]):
        verdict = _search(rules, domains | {issue: {option}}, budget)
        if verdict:
            return True
        verdicts.append(verdict)
    return None if None in verdicts else False


def _propagate(rules: list[Clause], domains: dict[int, set[int]]) -> bool:
    """Strike out options that cannot be chosen; ``False`` if an issue has none left."""
    changed = True
    while changed:
        changed = False
        for rule in rules:
            sure = [any(domain <= s for domain in domains.values()) for s in rule.sets]
            if sum(sure) < len(sure) - 1:
                continue
            for options, certain in zip(rule.sets, sure, strict=True):
                if certain and sum(sure) == len(sure) - 1:
                    continue
                for domain in domains.values():
                    if domain & options:
                        domain.difference_update(options)
                        changed = True
        if not all(domains.values()):
            return False
    return True
