"""Random walks through an exchange of three parties: nobody is ever read early or let out late.

A hundred walks in the short form, ten thousand in the long one (``PARLEY_LONG=1``). Next to the
rules of `rounds` runs a judge that keeps nothing but the plain promises of the exchange; a walk
through rules that were spoiled on purpose must be convicted by it.
"""

from __future__ import annotations

import os
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine

from parley.errors import OperationError
from parley.exchange import rounds
from parley.exchange.charter import Mode
from parley.exchange.rounds import Exchange, Kind, Step, apply, begin
from tests.unit.exchange.rooms import charter_of

PARTIES = ("north", "south", "west")
AGENTS = ("server", "mediator", "witness")
KINDS: tuple[Kind, ...] = tuple(rounds.WHEN)
EXAMPLES = 10_000 if os.environ.get("PARLEY_LONG") == "1" else 100
SETTINGS = settings(
    max_examples=EXAMPLES,
    stateful_step_count=25,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
ENDS = {"RELEASED", "WITHDRAWN", "EXPIRED", "VOID"}
ALLOWED = {
    "DRAFT": {"OPEN", "WITHDRAWN", "EXPIRED"},
    "OPEN": {"ARMED", "WITHDRAWN", "EXPIRED"},
    "ARMED": {"CHECKED", "VOID"},
    "CHECKED": {"RELEASED"},
    "EXPIRED": set(),
    "WITHDRAWN": set(),
    "RELEASED": set(),
    "VOID": set(),
}


class Walk(RuleBasedStateMachine):
    """Steps taken at random, most of them likely, some of them not; refused ones change nothing."""

    mode: ClassVar[Mode] = "sealed"

    def __init__(self) -> None:
        super().__init__()
        self.exchange: Exchange = begin(charter_of(self.mode, PARTIES))
        self.texts = 0
        self.held: dict[str, str] = {}  # what the judge knows to be laid down
        self.bound: dict[str, str] | None = None  # … when all was there
        self.shares: set[str] = set()
        self.steps: list[str] = []

    def take(self, kind: Kind, who: str = "", commitment: str = "") -> bool:
        """Try a step; whether it was taken."""
        before = self.exchange
        try:
            self.exchange = apply(before, Step(kind, who, commitment))
        except OperationError:
            assert self.exchange is before
            return False
        self.steps.append(kind)
        self.judge(before, kind, who, commitment)
        return True

    def judge(self, before: Exchange, kind: Kind, who: str, commitment: str) -> None:
        """The promises, told again without looking at the rules."""
        after = self.exchange.state
        assert after == before.state or after in ALLOWED[before.state], (before.state, kind, after)
        if before.state == "EXPIRED":
            assert kind == "alone"
            assert self.held[who] == commitment
        if kind == "withdraw":
            assert self.bound is None, "a text was taken back after all were there"
            self.held.pop(who)
        elif kind == "deposit":
            assert self.bound is None, "a text was exchanged after all were there"
            assert commitment not in self.held.values()
            self.held[who] = commitment
        elif kind == "armed":
            assert set(self.held) == set(PARTIES)
            self.bound = dict(self.held)
        elif kind == "share":
            assert self.bound is not None
            self.shares.add(who)

    @initialize(all_=st.sampled_from([True, True, True, False]))
    def everybody_agrees(self, all_: bool) -> None:
        names = sorted(self.exchange.must_agree)
        for name in names if all_ else names[1:]:
            assert self.take("agree", name)

    @rule(times=st.integers(1, 4), bad_text=st.integers(0, 3))
    def what_comes_next(self, times: int, bad_text: int) -> None:
        """The step that an exchange without much incident would take."""
        for _ in range(times):
            exchange = self.exchange
            if exchange.state == "DRAFT":
                self.take("agree", min(exchange.must_agree - exchange.agreed))
            elif exchange.missing and exchange.state == "OPEN":
                self.a_text(min(exchange.missing))
            elif exchange.state == "OPEN":
                self.take("armed")
            elif len(exchange.shares) < 2:
                self.take("share", min(exchange.agents - exchange.shares))
            elif exchange.state == "ARMED":
                self.take("checked" if bad_text else "void", "north")
            else:
                self.take("released")

    @rule(party=st.sampled_from(PARTIES))
    def a_text(self, party: str) -> None:
        self.texts += 1
        self.take("deposit", party, f"{self.texts:064d}")

    @rule(party=st.sampled_from(PARTIES))
    def take_back(self, party: str) -> None:
        self.take("withdraw", party)

    @rule(party=st.sampled_from(PARTIES), other=st.sampled_from(PARTIES))
    def a_text_of_another(self, party: str, other: str) -> None:
        taken = self.take("deposit", party, self.held.get(other, ""))
        assert not taken

    @rule(agent=st.sampled_from(AGENTS))
    def a_share(self, agent: str) -> None:
        self.take("share", agent)

    @rule(kind=st.sampled_from(["armed", "checked", "released", "void"]))
    def go_on(self, kind: Kind) -> None:
        self.take(kind, "north" if kind == "void" else "")

    @rule(kind=st.sampled_from(["deadline", "call-off"]), really=st.integers(0, 9))
    def end(self, kind: Kind, really: int) -> None:
        if really == 0 or self.exchange.state not in {"DRAFT", "OPEN"}:
            self.take(kind, "mediator")

    @rule(party=st.sampled_from(PARTIES))
    def alone(self, party: str) -> None:
        self.take("alone", party, self.held.get(party, ""))

    @rule(kind=st.sampled_from(KINDS), who=st.sampled_from([*PARTIES, *AGENTS, "stranger", ""]))
    def anything(self, kind: Kind, who: str) -> None:
        if kind == "deposit":
            self.texts += 1
        self.take(kind, who, f"{self.texts:064d}" if kind in {"deposit", "alone"} else "")

    @invariant()
    def the_promises_hold(self) -> None:
        exchange = self.exchange
        assert dict(exchange.deposits) == self.held
        if exchange.state in {"ARMED", "CHECKED", "RELEASED", "VOID"}:
            assert dict(exchange.deposits) == self.bound
        if exchange.state in {"CHECKED", "RELEASED"}:
            assert len(self.shares) >= 2, "opened with fewer than two agents"
        if exchange.state == "RELEASED":
            assert self.steps.index("armed") < self.steps.index("checked")
            assert self.steps.index("checked") < self.steps.index("released")
        assert self.steps.count("armed") <= 1
        assert exchange.is_over == (exchange.state in ENDS)


class SimpleWalk(Walk):
    """Where the server holds the texts."""

    mode: ClassVar[Mode] = "simple"


class TwoAgentsWalk(Walk):
    """Where there is no witness."""

    mode: ClassVar[Mode] = "two-agents"


@pytest.mark.parametrize("machine", [Walk, SimpleWalk, TwoAgentsWalk])
def test_no_walk_breaks_a_promise(machine: type[Walk]) -> None:
    run_machine(machine, settings=SETTINGS)


def test_the_walks_come_to_every_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else they would show little."""
    seen: set[str] = set()
    plain = Walk.teardown

    def teardown(self: Walk) -> None:
        seen.add(self.exchange.state)
        plain(self)

    monkeypatch.setattr(Walk, "teardown", teardown)
    run_machine(Walk, settings=settings(SETTINGS, derandomize=True))
    assert seen >= ENDS


SPOILED: dict[str, tuple[Kind, tuple[str, ...]]] = {
    "taking back after all are there": ("withdraw", ("OPEN", "ARMED")),
    "exchanging after all are there": ("deposit", ("OPEN", "ARMED")),
    "opening without a check": ("released", ("ARMED", "CHECKED")),
    "going on after the deadline": ("deposit", ("OPEN", "EXPIRED")),
    "checking before all are there": ("share", ("OPEN", "ARMED")),
    "the deadline after all are there": ("deadline", ("DRAFT", "OPEN", "ARMED")),
}


@pytest.mark.parametrize("defect", SPOILED)
def test_rules_that_are_spoiled_are_found_out(defect: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kind, states = SPOILED[defect]
    monkeypatch.setitem(rounds.WHEN, kind, states)
    quick = settings(SETTINGS, max_examples=1_000, phases=[Phase.generate], derandomize=True)
    with pytest.raises(AssertionError):
        run_machine(Walk, settings=quick)


def test_an_agent_that_counts_twice_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "can_open", lambda exchange: len(exchange.shares) >= 1)
    quick = settings(SETTINGS, max_examples=1_000, phases=[Phase.generate], derandomize=True)
    with pytest.raises(AssertionError, match="fewer than two"):
        run_machine(Walk, settings=quick)
