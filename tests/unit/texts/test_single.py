"""The single text: what each operation does, and what is refused, in words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from parley.errors import OperationError, SettingError, TextError
from parley.texts.single.brackets import (
    DEEPEST,
    Bracket,
    BracketError,
    deepest,
    read,
    written,
)
from parley.texts.single.bridging import bridge
from parley.texts.single.log import Kept, add, open_log, start
from parley.texts.single.operations import Operation
from parley.texts.single.views import (
    clean,
    count_by_article,
    count_by_round,
    draft_of,
    open_points,
    reading_of,
)
from tests.texts import text_of

BASE = "## Article 1. Truce {#truce}\n\n1. Fire ceases within 60 days. {#t1}\n\n2. It ends. {#t2}\n"


def begun(folder: Path, body: str = BASE) -> Kept:
    return start(folder / "s.yaml", text_of(body), ("north", "south"))


def do(kept: Kept, op: str, who: str = "north", **data: Any) -> Kept:
    data = {"op": op, "who": who, "when": "2025-06-02", **data}
    step: Operation = TypeAdapter(Operation).validate_python(data)
    return add(kept, step)


def refused(kept: Kept, op: str, who: str = "north", **data: Any) -> str:
    before = kept.path.read_bytes()
    with pytest.raises(OperationError) as caught:
        do(kept, op, who, **data)
    assert kept.path.read_bytes() == before
    assert caught.value.remedy
    return caught.value.what


BOTH = ["north", "south"]


def words(kept: Kept, name: str = "t1") -> str:
    return draft_of(kept.text).by_id[name].words


def test_from_bracket_to_clean_text(tmp_path: Path) -> None:
    kept = begun(tmp_path)
    kept = do(kept, "round", "mediator", number=1)
    kept = do(kept, "bracket", at="t1", words="60", text="30")
    assert words(kept) == "Fire ceases within [60] [north: 30] days."
    kept = do(kept, "propose", "south", bracket="b1", text="45")
    kept = do(kept, "support", "south", bracket="b1", alternative=2)
    assert words(kept) == "Fire ceases within [60] [north+south: 30] [south: 45] days."
    kept = do(kept, "drop", "south", bracket="b1", alternative=3)
    kept = do(kept, "reserve", "south", on="truce")
    what = refused(kept, "adopt", "mediator", bracket="b1", alternative=2, agreed_by=BOTH)
    assert "`south` on `truce`" in what
    kept = do(kept, "lift", "south", on="truce")
    kept = do(kept, "adopt", "mediator", bracket="b1", alternative=2, agreed_by=BOTH)
    assert [p.words for p in clean(kept.text).all] == [
        "Truce",
        "Fire ceases within 30 days.",
        "It ends.",
    ]
    assert count_by_round(kept.states) == {0: 0, 1: 0}
    assert open_log(kept.path).text == kept.text


def test_inserting_and_taking_back(tmp_path: Path) -> None:
    kept = begun(tmp_path)
    kept = do(kept, "insert", after="t1", id="new", text="A hotline is staffed.")
    assert [p.words for p in draft_of(kept.text).all][2] == "[north: A hotline is staffed.]"
    assert open_points(kept.text)[0].place == "after Article 1, 1."
    assert reading_of(kept.text, "south").by_id.get("new") is None
    assert count_by_article(kept.text) == {"Article 1 Truce": 1}
    kept = do(kept, "drop", bracket="b1", alternative=1)
    assert "new" not in draft_of(kept.text).by_id


def test_what_is_refused(tmp_path: Path) -> None:
    kept = do(begun(tmp_path), "bracket", at="t1", words="60", text="30")
    assert "no part" in refused(kept, "reserve", "west", on="t1")
    assert "no provision" in refused(kept, "bracket", at="zz", text="x")
    assert "do not stand here" in refused(kept, "bracket", at="t1", words="90", text="x")
    assert "stand here 3 times" in refused(kept, "bracket", at="t1", words="s", text="x")
    assert "no open bracket" in refused(kept, "propose", bracket="b7", text="x")
    assert "stand in `b1` already" in refused(kept, "propose", bracket="b1", text="30")
    assert "brackets of their own" in refused(kept, "propose", bracket="b1", text="[x]")
    assert "not proposed by" in refused(kept, "drop", "south", bracket="b1", alternative=2)
    assert "there is no 3" in refused(kept, "support", bracket="b1", alternative=3)
    assert "Not agreed by: south" in refused(
        kept, "adopt", "mediator", bracket="b1", alternative=2, agreed_by=["north"]
    )
    assert "Not agreed by: south" in refused(
        kept, "merge", "mediator", bracket="b1", alternatives=[1, 2], text="45", agreed_by=["north"]
    )
    assert "takes no side" in refused(kept, "support", "mediator", bracket="b1", alternative=2)
    assert "no reservation" in refused(kept, "lift", on="t1")
    later = do(kept, "round", "mediator", number=2, when="2025-07-01")
    assert "not after round 2" in refused(later, "round", "mediator", number=2, when="2025-07-02")
    assert "The last operation is of" in refused(later, "reserve", on="t1", when="2025-06-01")
    with pytest.raises(OperationError):
        clean(kept.text)
    with pytest.raises(OperationError):
        start(kept.path, text_of(BASE), ("north", "south"))
    with pytest.raises(OperationError):
        start(tmp_path / "t.yaml", text_of(BASE), ("north",))


@pytest.mark.parametrize("words", ["It [ends.", "It ends].", "[a [b] c", "[[a]"])
def test_a_bracket_that_is_not_closed(tmp_path: Path, words: str) -> None:
    with pytest.raises(BracketError):
        read(words)
    with pytest.raises(OperationError) as caught:
        begun(tmp_path, f"## Article 1. A\n\n1. {words}\n")
    assert caught.value.where == "t.md:8"
    assert not (tmp_path / "s.yaml").exists()


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "within [north: 30] [south: 60] days",
        "[a: x [b: y] [c: z] w]",
        "a[^1] [north+south: b]",
        "[: x]",
        "[]",
    ],
)
def test_brackets_are_written_as_they_were_read(text: str) -> None:
    assert written(read(text)) == text


def test_nested_alternatives() -> None:
    (outer,) = read("[a: x [b: y] [c+d: z]]")
    assert isinstance(outer, Bracket)
    inner = outer.alternatives[0].content[1]
    assert isinstance(inner, Bracket)
    assert [a.by for a in inner.alternatives] == [("b",), ("c", "d")]


def test_a_log_that_was_changed_by_hand(tmp_path: Path) -> None:
    kept = do(begun(tmp_path), "bracket", at="t1", words="60", text="30")
    kept = do(kept, "drop", bracket="b1", alternative=2)
    text = kept.path.read_text(encoding="utf-8")
    kept.path.write_text(text.replace("words: '60'", "words: '61'"), encoding="utf-8")
    with pytest.raises(TextError) as caught:
        open_log(kept.path)
    (mistake,) = caught.value.mistakes
    assert mistake.code == "operation"
    assert "Operation 1" in mistake.what
    assert "op: bracket" in text.splitlines()[mistake.line - 1]
    for size in range(0, len(text), 23):
        kept.path.write_text(text[:size], encoding="utf-8")
        mistakes = ["none"]
        try:
            open_log(kept.path)
        except TextError as error:
            mistakes = [mistake.what for mistake in error.mistakes]
        assert mistakes


def test_two_at_once_lose_nothing(tmp_path: Path) -> None:
    kept = begun(tmp_path)
    do(open_log(kept.path), "bracket", at="t1", words="60", text="30")
    assert "meanwhile" in refused(kept, "bracket", "south", at="t2", words="ends", text="lasts")
    again = do(open_log(kept.path), "bracket", "south", at="t2", words="ends", text="lasts")
    assert list(again.text.open) == ["b1", "b2"]


HEAD = "---\nparley: 1\ntitle: {0}\nparty: {0}\n---\n\n## Article 1. Truce\n\n"


def test_bridging() -> None:
    one = text_of("1. Fire ceases within 60 days.\n\n2. Guns leave the zone.\n", HEAD.format("a"))
    two = text_of("1. Fire ceases within 30 days.\n\n2. Guns leave the zone.\n", HEAD.format("b"))
    three = text_of("1. Prisoners go home at once.\n", HEAD.format("c"))
    found = [p.words for p in bridge([one, two]).all]
    assert found[1:] == ["Fire ceases within [a: 60] [b: 30] days.", "Guns leave the zone."]
    found = [p.words for p in bridge([one, three]).all]
    assert "[c: Prisoners go home at once.]" in found
    assert "[a: Guns leave the zone.]" in found
    with pytest.raises(SettingError):
        bridge([one, one])
    with pytest.raises(SettingError):
        bridge([one, text_of("## Article 1. A\n\n1. B.\n")])


def test_brackets_do_not_stand_deeper_than_anybody_can_read(tmp_path: Path) -> None:
    kept = do(begun(tmp_path), "bracket", at="t1", words="60", text="30 or 31")
    for depth in range(2, DEEPEST + 1):
        step: dict[str, Any] = {
            "bracket": f"b{depth - 1}",
            "alternative": 2,
            "words": f"30 or {29 + depth}",
        }
        kept = do(kept, "within", text=f"30 or {30 + depth}", **step)
    step = {"bracket": "b8", "alternative": 2, "words": "30 or 38"}
    assert "more than 8 deep" in refused(kept, "within", text="x", **step)
    with pytest.raises(BracketError, match="more than 8 deep"):
        read("[" * 5_000 + "x" + "]" * 5_000)
    assert deepest(read("[" * 8 + "x" + "]" * 8)) == 8


def test_a_long_chain_of_insertions_has_an_order(tmp_path: Path) -> None:
    text = begun(tmp_path).text
    names = [f"n{k}" for k in range(3_000)]
    chained = dict(zip(names, ["t1", *names], strict=False))
    content = {**text.content, **dict.fromkeys(names, ("x",))}
    order = replace(text, content=content, inserted=chained).order()
    assert order[order.index("t1") + 1 :][:3_000] == tuple(names)
