"""The charter: signed by all, by nobody else, and only in one form."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest

from parley.errors import ProofError, SettingError
from parley.exchange.charter import (
    Keys,
    Side,
    hash_of,
    joined,
    parse,
    parts,
    read_charter,
    signatures,
    words,
)
from parley.exchange.notes import Signer
from tests.unit.exchange.rooms import charter_of, identity, note_of

MODES = ("sealed", "two-agents", "simple")


@pytest.mark.parametrize("mode", MODES)
def test_it_comes_back_as_it_was(mode: Any) -> None:
    charter = charter_of(mode, template="Article 1", title="Вода \u2028 …")
    assert read_charter(note_of(charter)) == charter
    assert parse(charter.text()).hash() == charter.hash() == hash_of(charter.text())


def test_who_signs_and_who_reads() -> None:
    charter = charter_of("sealed", recipients=("north", "south", "mediator"))
    assert set(charter.signers()) == {"north", "south", "mediator", "witness"}
    assert charter.sealed_to() == [
        identity(name).public.age for name in ("north", "south", "mediator")
    ]
    assert set(charter.agent_keys()) == {"server", "mediator", "witness"}
    assert set(charter_of("two-agents").signers()) == {"north", "south", "mediator"}
    assert charter_of("simple").signers() == {}


def test_signatures_come_in_any_order_and_all_are_needed() -> None:
    charter = charter_of()
    text = charter.text()
    lines = {name: identity(name).signer.sign(text) for name in charter.signers()}
    for order in list(permutations(lines))[::5]:
        assert read_charter(joined(text, [lines[name] for name in order])) == charter
    for name in lines:
        without = joined(text, [line for other, line in lines.items() if other != name])
        with pytest.raises(ProofError, match=f"`{name}` has not signed"):
            read_charter(without)
        assert set(signatures(without)) == set(lines) - {name}
        assert read_charter(without, signed_by=set(lines) - {name}) == charter
    with pytest.raises(ProofError):
        read_charter(text)
    assert read_charter(text, signed_by=()) == charter


def test_signatures_that_do_not_belong_there() -> None:
    charter = charter_of()
    text, lines = parts(note_of(charter))
    stranger = Signer("stranger", bytes(32)).sign(text)
    false = Signer("north", bytes(32)).sign(text)
    of_other_text = identity("north").signer.sign(text + "more\n")
    others = [line for line in lines if "north" not in line]
    for bad in (
        [*lines, stranger],
        [*lines, lines[0]],
        [*others, false],
        [*others, of_other_text],
        [*lines, "— north AAAA\n"],
        [*lines, "\n"],
        [lines[0].strip(), *lines[1:]],
    ):
        with pytest.raises(ProofError):
            read_charter(joined(text, bad))
    for end in ("", "\n", "\n\n", "x"):
        note = joined(text, lines)
        if end:
            with pytest.raises(ProofError):
                read_charter(note + end)
    with pytest.raises(ProofError):
        read_charter(joined(text, lines)[:-1])
    simple = charter_of("simple").text()
    for more in ("\n", "\nx", "\n\nx\n", stranger, "\n" + stranger):
        with pytest.raises(ProofError):
            read_charter(simple + more)


WRONG: dict[str, Any] = {
    "agents of another mode": {"mode": "two-agents"},
    "no mode": {"mode": "open"},
    "one party": {"parties": {"north": Side("North", Keys("age1", bytes(32)))}},
    "a party called as an agent": {
        "parties": {n: Side(n, Keys("age1", bytes(32))) for n in ("north", "witness")},
        "recipients": ("north", "witness"),
    },
    "an id that is none": {
        "parties": {n: Side(n, Keys("age1", bytes(32))) for n in ("north", "The South")},
        "recipients": ("north", "The South"),
    },
    "a party that may not read": {"recipients": ("north",)},
    "a reader that is nobody": {"recipients": ("north", "south", "press")},
    "a deadline in words": {"deadline": "tomorrow"},
    "a deadline in another zone": {"deadline": "2026-11-25T14:00:00+02:00"},
    "a day that is none": {"deadline": "2026-02-30T14:00:00Z"},
    "a party without keys": {"parties": {n: Side(n) for n in ("north", "south")}},
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_a_charter(case: str) -> None:
    with pytest.raises(SettingError):
        replace(charter_of(), **WRONG[case])


def test_an_agent_without_a_key_to_sign() -> None:
    agents = {**charter_of().agents, "mediator": Keys(identity("mediator").age)}
    with pytest.raises(SettingError):
        replace(charter_of(), agents=agents)


def test_other_texts_are_no_charter() -> None:
    text = charter_of().text()
    head, body, _ = text.split("\n")
    fields = json.loads(body)
    changed = [
        {**fields, "more": 1},
        {k: v for k, v in fields.items() if k != "quorum"},
        {**fields, "parties": []},
        {**fields, "mode": ["sealed"]},
        {**fields, "deadline": 5},
        {**fields, "title": 5},
        {**fields, "round": True},
        {**fields, "round": "1"},
        {**fields, "template": []},
        {**fields, "parties": {**fields["parties"], "north": None}},
        {**fields, "recipients": "north"},
        {**fields, "log": {"name": "a b", "key": fields["log"]["key"]}},
    ]
    forms = [f"{head}\n{json.dumps(f, sort_keys=True, separators=(',', ':'))}\n" for f in changed]
    forms += [
        "",
        "\n",
        text[:-1],
        text + "\n",
        text.replace(":", ": ", 1),
        "parley-charter-2\n{}\n",
    ]
    forms += [f"{head}\n[]\n", f"{head}\nnull\n", f"{head}\n" + "[" * 10_000 + "\n"]
    for form in forms:
        with pytest.raises(ProofError):
            parse(form)


def test_twelve_words() -> None:
    """Vectors of BIP 39 for 16 bytes (trezor/python-mnemonic, vectors.json)."""
    assert words("00" * 32) == "abandon " * 11 + "about"
    assert words("7f" * 16 + "00" * 16) == (
        "legal winner thank year wave sausage worth useful legal winner thank yellow"
    )
    assert words("ff" * 32) == "zoo " * 11 + "wrong"
    assert words(charter_of().hash()) != words(charter_of(title="Other").hash())
