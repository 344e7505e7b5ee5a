"""Release agents: all texts or none, and no lock is handed on that opens something else."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest

from parley.errors import ParleyError, ProofError, SettingError
from parley.exchange.charter import Charter
from parley.exchange.keys import new_identity
from parley.exchange.sealing import PAIRS, Deposit, seal
from parley.exchange.shares import (
    Share,
    check_own,
    from_json,
    given,
    header_of,
    opened_text,
    to_json,
)
from tests.unit.exchange.rooms import NONCE, PARTIES, charter_of, identity, sealed

TEXTS = {party: f"What {party} says.".encode() for party in PARTIES}


def laid_down(charter: Charter) -> dict[str, Deposit]:
    return {party: sealed(charter, party, TEXTS[party]) for party in PARTIES}


@pytest.mark.parametrize("pair", PAIRS)
def test_any_two_agents_open_all(pair: tuple[str, str]) -> None:
    charter = charter_of()
    deposits = laid_down(charter)
    layers = given(charter, deposits, identity(pair[0]), partner=pair[1])
    assert not layers.locks
    locks = given(charter, deposits, identity(pair[1]), from_json(to_json(layers)))
    share = from_json(to_json(locks))
    for party, deposit in deposits.items():
        assert check_own(charter, deposit) == party
        for reader in PARTIES:
            assert opened_text(deposit, share, identity(reader)) == TEXTS[party]
        for agent in ("server", "mediator", "witness"):
            with pytest.raises(ProofError):
                opened_text(deposit, share, identity(agent))


def test_who_begins() -> None:
    charter, two = charter_of(), charter_of("two-agents")
    assert given(charter, laid_down(charter), identity("server")).layers
    assert given(charter, laid_down(charter), identity("mediator")).layers
    with pytest.raises(SettingError):
        given(charter, laid_down(charter), identity("witness"))
    with pytest.raises(SettingError):
        given(two, laid_down(two), identity("mediator"))
    with pytest.raises(SettingError):
        given(two, laid_down(two), identity("server"), partner="witness")
    for name in ("north", "stranger"):
        with pytest.raises(SettingError):
            given(charter, laid_down(charter), identity(name))
    with pytest.raises(SettingError):
        given(two, laid_down(two), identity("witness"))
    with pytest.raises(ProofError, match="another key"):
        given(charter, laid_down(charter), replace(new_identity("server")))


def test_all_texts_or_none() -> None:
    charter = charter_of()
    deposits = laid_down(charter)
    layers = given(charter, deposits, identity("server"))
    for party in PARTIES:
        some = {p: d for p, d in deposits.items() if p != party}
        for before in (None, layers):
            name = "server" if before is None else "mediator"
            with pytest.raises(SettingError, match="all open at once"):
                given(charter, some, identity(name), before)


def test_layers_of_something_else() -> None:
    charter = charter_of()
    deposits = laid_down(charter)
    layers = given(charter, deposits, identity("server"))
    for_witness = given(charter, deposits, identity("server"), partner="witness")
    other = given(charter, laid_down(charter), identity("server"))
    for bad in (
        for_witness,
        other,
        replace(layers, exchange="ex2"),
        replace(layers, agent="witness"),
        replace(layers, agent="mediator"),
        replace(layers, layers={"north": layers.layers["north"]}),
        replace(layers, layers=dict.fromkeys(PARTIES, b"x")),
        replace(layers, layers={"north": layers.layers["south"], "south": layers.layers["north"]}),
    ):
        with pytest.raises(ProofError):
            given(charter, deposits, identity("mediator"), bad)


def test_a_text_that_is_not_what_was_signed_is_told_and_nothing_is_given() -> None:
    charter = charter_of()
    deposits = laid_down(charter)
    inner = replace(deposits["south"], inner_hash=bytes(32))
    layers = given(charter, deposits, identity("server"))
    with pytest.raises(ProofError) as told:
        given(charter, {**deposits, "south": inner}, identity("mediator"), layers)
    assert "south" in told.value.where


def test_a_mediator_who_reads_looks_into_every_text() -> None:
    charter = charter_of(recipients=(*PARTIES, "mediator"))
    deposits = laid_down(charter)
    layers = given(charter, deposits, identity("server"))
    assert given(charter, deposits, identity("mediator"), layers).locks
    # sealed to the parties alone, against the charter
    to, agents = charter.sealed_to()[:2], charter.agent_keys()
    signer = identity("south").signer
    bad = seal(header_of(charter, "south"), b"x", NONCE, to, agents, signer)
    mixed = {**deposits, "south": bad}
    layers = given(charter, mixed, identity("server"))
    with pytest.raises(ProofError) as told:
        given(charter, mixed, identity("mediator"), layers)
    assert "south" in told.value.where


def test_deposits_of_another_place_are_refused() -> None:
    charter = charter_of()
    deposit = sealed(charter, "north")
    for other in (charter_of(title="Other"), charter_of(exchange="ex2"), charter_of("two-agents")):
        with pytest.raises(ProofError):
            check_own(other, deposit)
    for changed in (
        replace(deposit, header=replace(deposit.header, party="south")),
        replace(deposit, header=replace(deposit.header, party="stranger")),
        replace(deposit, signature=sealed(charter, "north").signature),
    ):
        with pytest.raises(ProofError):
            check_own(charter, changed)


def test_locks_of_another_text() -> None:
    charter = charter_of()
    deposits, others = laid_down(charter), laid_down(charter)
    layers = given(charter, others, identity("server"))
    share = given(charter, others, identity("mediator"), layers)
    for bad in (share, replace(share, exchange="ex2"), replace(share, locks={}),
                replace(share, locks={"north": "x"})):  # fmt: skip
        with pytest.raises(ProofError):
            opened_text(deposits["north"], bad, identity("south"))


FORM = '{"agent":"server","exchange":"e","format":"parley-share-1",'


@pytest.mark.parametrize(
    "raw",
    [
        FORM + '"locks":{"north":5}}',
        FORM + '"locks":[]}',
        FORM + '"layers":{"north":"A"}}',
        FORM + '"layers":{"north":"AB=="}}',
        FORM + '"layers":{"north":"AA=="},"locks":{}}',
        FORM + '"more":1}',
        FORM[:-1] + "}",
        "{}",
        "",
    ],
)
def test_files_that_are_no_shares(raw: str) -> None:
    with pytest.raises(ProofError):
        from_json(raw.encode())


def test_shares_come_back() -> None:
    shares: list[Any] = [
        Share("e", "server", locks={"north": "AGE-SECRET-KEY-1"}),
        Share("e", "server", layers={"north": b"\0\xff"}),
        Share("e", "server"),
    ]
    for share in shares:
        assert from_json(to_json(share)) == share
    for one, other in combinations(shares, 2):
        assert to_json(one) != to_json(other)
    with pytest.raises(ParleyError):
        from_json(to_json(shares[0]) + b"\n")
