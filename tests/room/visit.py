"""Somebody goes through every address with every object; the oracle says what he should get."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import ModuleType

from django.http import HttpResponse
from django.test import override_settings
from django.urls import URLPattern, path

from parley.room import urls
from tests.room import oracle
from tests.room.oracle import LONG, Target
from tests.room.population import ALL, TWIN, Population
from tests.room.walk import Answer, Walker

OTHERS = ("PUT", "PATCH", "DELETE", "OPTIONS")
ALL_METHODS = ("anonymous", "A1", "operator")
"""Who tries every method in the short form; in the long form everybody does."""
ACCOUNT = ("account_", "mfa_")
"""Addresses of allauth; whoever has no business there is sent to the login page or home."""
READS = {"room_reading", "room_entry", "room_node", "room_channel"}
"""What a first reading writes."""
READING = {"channel", "paper", "comparison"}
"""Addresses under which papers are read."""
THOROUGH = ("A1", "B1", "mediator")
"""Who sends every form about every object, also where nothing should come of it."""
IN = {name + mark for name in ALL for mark in ("", TWIN)}


@dataclass
class Visit:
    """Somebody goes through everything: what was wrong, what he came to know."""

    walker: Walker
    wrong: list[str] = field(default_factory=list)
    known: set[str] = field(default_factory=set)
    asked: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.missing = self.walker.request("GET", "/no/such/page/").masked

    @property
    def name(self) -> str:
        return self.walker.name

    def everything(self, *urls: str) -> None:
        """Ask for all there is; or for some addresses only."""
        tried: Counter[tuple[object, ...]] = Counter()
        found = list(oracle.targets(self.walker.population))
        random.Random(self.name).shuffle(found)  # each tries other objects in the short form
        for target in found:
            if urls and target.url not in urls:
                continue
            for method in ("GET", "POST"):
                may, does = self._expected(method, target)
                kind = (target.url, method, target.place.mark, may, does, self._row(method, target))
                stranger = not may and not self._is_of(target)
                stranger = stranger or self.name.endswith(TWIN)  # whose room is of the same shape
                enough = _most(
                    method, may=may, does=does or self.name in THOROUGH, stranger=stranger
                )
                if tried[kind] >= enough and not (LONG or urls):
                    continue
                tried[kind] += 1
                self._one(method, target, may=may, does=does, first=tried[kind] == 1)

    def _is_of(self, target: Target) -> bool:
        return self.name.removesuffix(TWIN) + target.place.mark == self.name and self.name in IN

    def _row(self, method: str, target: Target) -> str:
        found = oracle.row_of(target.url, method, target.thing.label)
        return found.object if found else ""

    def _expected(self, method: str, target: Target) -> tuple[bool, bool]:
        row = oracle.row_of(target.url, method, target.thing.label)
        if row is None:
            return False, False
        here = (self.walker.population, row.allowed, target.place, target.thing)
        does = oracle.people(here[0], row.does, target.place, target.thing)
        return self.name in oracle.people(*here), self.name in does

    def _one(self, method: str, target: Target, *, may: bool, does: bool, first: bool) -> None:
        answer = self._ask(method, target)
        if may:
            self._allowed(method, target, answer, does=does)
        else:
            self._refused(method, target, answer)
        if method != "GET" or not (LONG or (first and self.name in ALL_METHODS)):
            return
        head = self._ask("HEAD", target)
        if head.status != answer.status or head.content or head.changed != answer.changed:
            self._say("HEAD", target, f"differs from GET: {head.status}")
        for other in OTHERS:
            self._no_method(other, target, self._ask(other, target))

    def _ask(self, method: str, target: Target) -> Answer:
        answer = self.walker.ask(method, target)
        self.asked[method] += 1
        canaries = self.walker.population.canaries
        found = canaries.found_in(*answer.all)
        self.known |= found
        for secret in canaries.leaked(self.name, found - canaries.named_in(target.path)):
            self._say(method, target, f"tells {secret}")
        if answer.status >= 500:
            self._say(method, target, f"fails with {answer.status}: {answer.logged[-300:]}")
        if answer.mails:
            self._say(method, target, "sends mail")
        return answer

    def _allowed(self, method: str, target: Target, answer: Answer, *, does: bool) -> None:
        is_account = not target.url.startswith(ACCOUNT)
        if (
            answer.masked == self.missing
            or answer.status in {403, 405}
            or (self._to_login(answer) and is_account)
        ):
            self._say(method, target, f"is refused with {answer.status}, and is allowed")
        if method == "POST" and does != bool(answer.changed):
            changed = ", ".join(sorted(answer.changed)) or "nothing"
            self._say(method, target, f"changes {changed} ({answer.status})")
        if method == "GET" and not answer.changed <= _may_note(target):
            self._say(method, target, f"changes {', '.join(sorted(answer.changed))}")

    def _refused(self, method: str, target: Target, answer: Answer) -> None:
        if not answer.changed <= _may_note(target):
            self._say(method, target, f"changes {', '.join(sorted(answer.changed))}, is refused")
        if answer.masked == self.missing or answer.status == 405:
            return
        if target.url.startswith(ACCOUNT) and answer.status == 302:
            return
        if self.name == "anonymous" and self._to_login(answer):
            return
        unknown = self.walker.ask(method, target, unknown=True) if target.unknown else None
        if unknown is None or answer.masked != unknown.masked:
            self._say(method, target, f"is answered with {answer.status}, and is not allowed")

    def _no_method(self, method: str, target: Target, answer: Answer) -> None:
        fine = answer.masked == self.missing or answer.status == 405 or self._to_login(answer)
        if target.url.startswith(ACCOUNT):
            # allauth: OPTIONS tells the methods, PUT is taken as a POST without fields; and
            # whoever need not be there is sent on, whatever the method
            fine = fine or (method == "OPTIONS" and not answer.content) or method == "PUT"
            fine = fine or answer.status == 302
        fine = fine and (not answer.changed or target.url.startswith(ACCOUNT))
        if not fine:
            self._say(method, target, f"is answered with {answer.status}")

    def _to_login(self, answer: Answer) -> bool:
        return answer.status == 302 and answer.headers["Location"].startswith("/account/login/")

    def _say(self, method: str, target: Target, words: str) -> None:
        label = f"{target.thing.label}{target.place.mark}"
        self.wrong.append(f"{self.name}: {method} {target.url} {label} {words}")


def _most(method: str, *, may: bool, does: bool, stranger: bool) -> int:
    """How many objects of a kind are tried in the short form, if the answer should be the same."""
    if method == "GET":
        return 1 if stranger else 1000
    return 1 if stranger or not may else 1000 if does else 2


def _may_note(target: Target) -> set[str]:
    """What looking at something may write."""
    if target.url.endswith("_recovery_codes"):
        return {"mfa_authenticator"}  # that one has seen one's own codes
    return READS if target.url in READING else set()


def told_of(wrong: list[str]) -> str:
    return "\n".join([f"{len(wrong)} wrong:", *wrong[:40]])


def wrong_with(population: Population, name: str, *urls: str) -> str:
    visit = Visit(Walker(population, name))
    visit.everything(*urls)
    return "\n".join(visit.wrong)


@contextmanager
def instead(**views: Callable[..., HttpResponse]) -> Iterator[None]:
    """Within, other views stand at some addresses; what is not there yet is new."""
    made = ModuleType("other_urls")
    vars(made).update({k: v for k, v in vars(urls).items() if k.startswith("handler")})
    there = [p for p in urls.urlpatterns if isinstance(p, URLPattern)]
    known = {p.name: str(p.pattern) for p in there}
    others = [p for p in there if p.name not in views]
    fresh = [path(known.get(n, f"r/<str:room>/{n}/"), v, name=n) for n, v in views.items()]
    vars(made)["urlpatterns"] = [*fresh, *others]
    with override_settings(ROOT_URLCONF=made):
        yield
