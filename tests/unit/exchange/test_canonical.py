"""One form of JSON: what is written comes back, and nothing else is read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.errors import ProofError
from parley.exchange.canonical import DEEPEST, decode, encode, record, shaped

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda below: st.lists(below, max_size=4) | st.dictionaries(st.text(), below, max_size=4),
    max_leaves=20,
)


@given(PLAIN)
def test_what_is_written_comes_back(value: object) -> None:
    raw = encode(value)
    assert decode(raw) == value
    assert encode(decode(raw)) == raw


def test_the_form() -> None:
    value = {"b": [1, True, None], "a": "Вода\n\u007f", "é": {}}
    assert encode(value).decode() == '{"a":"Вода\\n\u007f","b":[1,true,null],"é":{}}'


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b" 1",
        b'{"a": 1}',
        b'{"b":1,"a":1}',
        b'{"a":1,"a":1}',
        b"1.0",
        b"1e3",
        b"NaN",
        b"Infinity",
        b"-0",
        b"01",
        b'"\\u0041"',
        b'"\\/"',
        b'"\\ud800"',
        b'"\xff"',
        b"\xef\xbb\xbf1",
        b"[1,]",
        b"[" * 100_000,
        b"9" * 10_000,
        b'{"a":1}\n',
    ],
    ids=lambda raw: repr(raw[:12]),
)
def test_what_is_in_another_form_is_refused(raw: bytes) -> None:
    with pytest.raises(ProofError):
        decode(raw)


@pytest.mark.parametrize(
    "value", [1.5, {1: 2}, (1, 2), {"a": b"x"}, "\ud800", {"a": {2: 1}}, {1}], ids=repr
)
def test_what_has_no_one_form_cannot_be_written(value: object) -> None:
    with pytest.raises(ProofError):
        encode(value)


def test_depth_has_an_end() -> None:
    value: object = 1
    for _ in range(DEEPEST):
        value = [value]
    assert decode(encode(value)) == value
    with pytest.raises(ProofError):
        encode([value])
    with pytest.raises(ProofError):
        decode(b"[" * (DEEPEST + 1) + b"1" + b"]" * (DEEPEST + 1))


def test_records_and_shapes() -> None:
    raw = encode({"format": "x-1", "n": 3})
    assert record(raw, "x-1")["n"] == 3
    for other in (b"[]", encode({"format": "x-2"}), encode({})):
        with pytest.raises(ProofError):
            record(other, "x-1")
    assert shaped({"a": 1, "b": None, "more": 2}, a=int, b=(str, type(None)))
    others: list[object] = [{"a": True}, {"a": "1"}, {}, [], None, {"b": 1}]
    for value in others:
        with pytest.raises(ProofError):
            shaped(value, a=int)
    assert shaped({"a": True}, a=bool)
