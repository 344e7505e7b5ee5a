"""A single text under any operations by three delegations and a mediator."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from parley.errors import OperationError
from parley.texts.single.brackets import all_words, brackets_in, read, written
from parley.texts.single.log import Kept, add, open_log, start
from parley.texts.single.operations import Operation
from parley.texts.single.views import clean, count_by_article, draft_of, open_points, reading_of
from tests.texts import text_of

WHO = ("north", "south", "east")
BASE = """
## Article 1. Cease {#cease}

1. All fire shall cease within thirty days. {#cease-1}

2. Heavy weapons shall leave [north: the zone] [south+east: the zone and the strip]. {#cease-2}

## Article 2. Return {#return}

1. Prisoners shall be exchanged. {#return-1}
"""
WORDS = ("thirty", "days", "fire", "Prisoners", "exchanged", "sixty", "zone", "ten weeks")
NAMES = st.sampled_from(WHO)
PLACES = st.sampled_from(["cease", "cease-1", "cease-2", "return-1", "new-1", "new-2"])
BRACKETS = st.integers(1, 12).map(lambda k: f"b{k}")
TEXTS = st.sampled_from(WORDS)
NUMBERS = st.integers(1, 3)


class Talks(RuleBasedStateMachine):
    """Does what is allowed, and keeps its own account of what was proposed and reserved."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.kept: Kept = start(Path(self.folder.name) / "s.yaml", text_of(BASE), WHO)
        self.proposed: set[str] = set()
        self.reserved: set[tuple[str, str]] = set()

    def teardown(self) -> None:
        self.folder.cleanup()

    def do(self, **data: object) -> bool:
        from pydantic import TypeAdapter

        step: Operation = TypeAdapter(Operation).validate_python({"when": "2025-06-02", **data})
        try:
            self.kept = add(self.kept, step)
        except OperationError:
            return False
        if data.get("text"):
            self.proposed.add(str(data["text"]))
        return True

    @rule(who=NAMES, at=PLACES, words=st.one_of(st.none(), TEXTS), text=TEXTS)
    def bracket(self, who: str, at: str, words: str | None, text: str) -> None:
        self.do(op="bracket", who=who, at=at, words=words, text=text)

    @rule(who=NAMES, b=BRACKETS, text=st.one_of(TEXTS, st.just("")))
    def propose(self, who: str, b: str, text: str) -> None:
        self.do(op="propose", who=who, bracket=b, text=text)

    @rule(who=NAMES, b=BRACKETS, k=NUMBERS, words=TEXTS, text=TEXTS)
    def within(self, who: str, b: str, k: int, words: str, text: str) -> None:
        self.do(op="within", who=who, bracket=b, alternative=k, words=words, text=text)

    @rule(who=NAMES, after=PLACES, name=st.sampled_from(["new-1", "new-2"]), text=TEXTS)
    def insert(self, who: str, after: str, name: str, text: str) -> None:
        self.do(op="insert", who=who, after=after, id=name, text=text)

    @rule(b=BRACKETS, i=NUMBERS, j=NUMBERS, text=TEXTS, agreed=st.sets(NAMES))
    def merge(self, b: str, i: int, j: int, text: str, agreed: set[str]) -> None:
        before = self.kept.text.open.get(b)
        done = self.do(
            op="merge",
            who="mediator",
            bracket=b,
            alternatives=[i, j],
            text=text,
            agreed_by=sorted(agreed),
        )
        if done:
            assert before is not None
            merged = [before.alternatives[k - 1] for k in {i, j}]
            assert {who for a in merged for who in a.by} <= agreed

    @rule(who=NAMES, b=BRACKETS, k=NUMBERS)
    def support(self, who: str, b: str, k: int) -> None:
        self.do(op="support", who=who, bracket=b, alternative=k)

    @rule(b=BRACKETS, k=NUMBERS, agreed=st.sampled_from([WHO, WHO, WHO[:2]]))
    def adopt(self, b: str, k: int, agreed: tuple[str, ...]) -> None:
        before = self.kept.text
        place = before.place_of(b) if b in before.open else ""
        done = self.do(op="adopt", who="mediator", bracket=b, alternative=k, agreed_by=list(agreed))
        if done:
            assert set(agreed) == set(WHO)
            assert not [who for who, on in self.reserved if on in {b, place}]

    @rule(who=NAMES, b=BRACKETS, k=NUMBERS)
    def drop(self, who: str, b: str, k: int) -> None:
        before = self.kept.text.open.get(b)
        if self.do(op="drop", who=who, bracket=b, alternative=k):
            assert before is not None
            assert who in before.alternatives[k - 1].by

    @rule(who=NAMES, on=st.one_of(BRACKETS, PLACES))
    def reserve(self, who: str, on: str) -> None:
        if self.do(op="reserve", who=who, on=on):
            self.reserved.add((who, on))

    @rule(who=NAMES, on=st.one_of(BRACKETS, PLACES))
    def lift(self, who: str, on: str) -> None:
        if self.do(op="lift", who=who, on=on):
            self.reserved.discard((who, on))

    @rule(number=st.integers(1, 5))
    def next_round(self, number: int) -> None:
        self.do(op="round", who="mediator", number=number)

    @invariant()
    def replaying_the_log_gives_the_text(self) -> None:
        again = open_log(self.kept.path)
        assert again.text == self.kept.text
        assert again.log == self.kept.log

    @invariant()
    def no_words_are_lost(self) -> None:
        ever = " ".join(
            word
            for state in self.kept.states
            for content in state.content.values()
            for word in all_words(content)
        )
        assert all(words in ever for words in self.proposed)
        assert "All" in ever

    @invariant()
    def brackets_have_names_of_their_own_and_are_counted(self) -> None:
        text = self.kept.text
        names = [b.id for content in text.content.values() for b in brackets_in(content)]
        assert len(names) == len(set(names)) == len(open_points(text))
        assert sum(count_by_article(text).values()) == len(names)
        assert all(b.alternatives for b in text.open.values())

    @invariant()
    def every_view_can_be_shown(self) -> None:
        text = self.kept.text
        shown = draft_of(text)
        for who in WHO:
            for provision in reading_of(text, who).all:
                assert "[" not in provision.words
        for provision in shown.all:
            assert written(read(provision.words)) == provision.words
        if not text.open and not text.reservations:
            assert "[" not in "".join(p.words for p in clean(text).all)


TestTalks = Talks.TestCase
TestTalks.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
