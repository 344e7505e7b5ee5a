"""A sealed exchange over the pages; no key comes to the server. And what goes wrong."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from typer.testing import CliRunner

from parley.cli import app
from parley.errors import SettingError
from parley.exchange import canonical, keys, sealing
from parley.exchange.charter import parse, read_charter
from parley.exchange.core import LARGEST, core_of
from parley.exchange.own_steps import OwnStep, step_text
from parley.exchange.own_steps import to_json as step_json
from parley.exchange.receipts import check_receipt, from_json
from parley.room import charters, clock, deposits, papers, people
from parley.room.check.logs import read_log
from parley.room.check.members import member_problems, names_of
from parley.room.check.papers import paper_problems
from parley.room.logbook import plenary
from parley.room.models import Channel, Deposit, Member, Paper, Receipt, Role
from parley.room.places import note_place
from tests.room import rounds, world
from tests.room.rounds import KEY, Keyring, Table, words
from tests.unit.exchange import light

JSON = {"Accept": "application/json"}


class Sealed(Table):
    """A sealed round, and what the devices of all do."""

    def __init__(self, mode: str = "sealed", *, with_mediator: bool = False) -> None:
        talks = world.talks()
        self.keyring = Keyring(talks)
        self.keyring.register()
        super().__init__(talks, rounds.planned(talks, mode, with_mediator=with_mediator))

    def agree(self) -> Sealed:
        """All sign over the page."""
        for who in parse(self.round.charter).signers():
            line = self.keyring.line(who, self.round.charter)
            # a form in a browser sends line breaks so
            self.post(who, "agree/", {"signature": line.replace("\n", "\r\n")})
        assert self.state == "OPEN"
        return self

    def seal(self, who: str, text: bytes, key: str = KEY, *, damage: bool = False) -> Any:
        """Somebody's page seals a text and sends it."""
        body = self.keyring.sealed(self.round, who, text, damage=damage)
        return self.send(who, body, key)

    def send(self, who: str, body: bytes, key: str = KEY) -> Any:
        """Somebody's page sends a deposit."""
        headers = {**JSON, "Idempotency-Key": key}
        return self.client(who).post(
            self.at("deposit/"), body, content_type="application/json", headers=headers
        )

    def asked(self, who: str) -> dict[str, Any]:
        """What an agent's page asks for."""
        answer = self.post(who, "opening/request/", headers=JSON)
        assert answer.status_code == 200, answer.content
        found: dict[str, Any] = answer.json()
        return found

    def share(self, who: str, **fields: object) -> Any:
        """An agent's page gives its share."""
        whole = {"format": "parley-share-1", "exchange": self.round.id, "agent": who, **fields}
        return self.client(who).post(
            self.at("opening/share/"),
            canonical.encode(whole),
            content_type="application/json",
            headers=JSON,
        )

    def peeled(self, who: str, layers: dict[str, str]) -> dict[str, str]:
        """Layers without that of an agent."""
        identity = self.keyring.identities[who].age
        return {
            party: sealing.peel(base64.b64decode(layer), identity).decode()
            for party, layer in layers.items()
        }

    def read(self, who: str, party: str) -> bytes:
        """Somebody's page opens the text of a party."""
        deposit = Deposit.objects.get(round=self.round, party__slug=party, current=True)
        raw = self.get(who, f"opened/{deposit.id}/").content
        page = self.get(who, "opened/").content.decode()
        lock = rounds.fresh(self.round).locks[party]
        assert f'data-lock="{lock}"' in page
        found = sealing.from_json(raw)
        inner = sealing.open_lock(found, lock.encode())
        return sealing.read(found, inner, self.keyring.identities[who].age)


def test_from_the_charter_to_the_texts_without_a_key_on_the_server() -> None:
    table = Sealed().agree()
    note = table.get("observer", "charter/").content.decode()
    assert set(read_charter(note).signers()) == {"north", "south", "mediator", "witness"}
    answer = table.seal("north", b"The crossing opens on Monday.")
    assert answer.json()["next"] == table.at("receipts/")
    kept = Receipt.objects.get(round=table.round)
    check_receipt(from_json(table.get("north", f"receipts/{kept.id}/").content))
    table.seal("south", b"The crossing opens in May.")
    assert table.state == "ARMED"
    asked = table.asked("mediator")
    assert set(asked["deposits"]) == {"north", "south"}
    for party, receipt in asked["receipts"].items():
        _, charter = check_receipt(from_json(receipt.encode()))
        assert charter == read_charter(asked["charter"])
        assert (
            json.loads(receipt)["statement"]
            == sealing.from_json(asked["deposits"][party].encode()).signed_text()
        )
    answer = table.share("mediator", locks=table.peeled("mediator", asked["layers"]))
    assert answer.json()["state"] == "RELEASED"
    assert answer.json()["next"] == table.at("")  # the mediator is no reader here
    assert table.read("north", "south") == b"The crossing opens in May."
    assert table.read("south", "north") == b"The crossing opens on Monday."
    for who in ("mediator", "witness", "observer", "stranger"):
        assert table.get(who, "opened/").status_code == 404


def test_a_signature_is_needed_and_must_be_ones_own() -> None:
    table = Sealed()
    south = table.keyring.line("south", table.round.charter)
    other = table.keyring.line("north", "parley-charter-1\n{}\n")
    stolen = keys.new_identity("north").signer.sign(table.round.charter)
    for line in ("", "x", south, other, stolen):
        page = table.client("north").post(table.at("agree/"), {"signature": line}, follow=True)
        assert 'class="notice error"' in page.content.decode()
    assert rounds.fresh(table.round).standing["agreed"] == []
    assert table.get("observer", "agree/").status_code == 404


def test_a_deposit_is_of_its_party_and_round_and_whole() -> None:
    table = Sealed().agree()
    own = table.keyring.sealed(table.round, "north", b"Text")
    later = table.keyring.agreed(rounds.planned(table.talks, "sealed"))
    elsewhere = table.keyring.sealed(later, "north", b"Text")
    theirs = table.keyring.sealed(table.round, "south", b"Text")
    changed = own.replace(b'"core":"', b'"core":"0')
    for body in (elsewhere, theirs, changed, b"{}", b"\xff", b""):
        answer = table.send("north", body)
        assert answer.status_code == 422, body[:40]
        assert answer.json()["error"]
    assert not Deposit.objects.filter(round=table.round).exists()
    assert table.send("north", own, key="short").status_code == 422
    assert table.send("north", own).status_code == 200


def test_the_largest_text_that_can_be_sealed_can_be_laid_down_and_laid_open() -> None:
    table = Sealed().agree()
    header = deposits.header_of(table.round, "north")
    head = len(core_of(header, b"", bytes(32)).rstrip(b"\0")) + 32
    text = b"x" * (LARGEST - head - 20)
    assert table.seal("north", text).status_code == 200
    with pytest.raises(SettingError, match="larger than 10 MB"):
        table.seal("north", text + b"x" * 40, "another-key")
    rounds.expired(table.round)
    core = core_of(header, text, bytes(32))
    digest = hashlib.sha256(core).hexdigest()
    line = table.keyring.line("north", step_text("alone", table.round.id, "north", digest))
    step = OwnStep("alone", table.round.id, "north", digest, line, core)
    file = SimpleUploadedFile("step", step_json(step))
    answer = table.post("north", "deposit/alone/", {"step": file})
    assert answer.headers["Location"] == table.at("opened/")


def test_a_sealed_deposit_is_laid_down_once_and_another_under_its_key_refused() -> None:
    table = Sealed().agree()
    body = table.keyring.sealed(table.round, "north", b"Text")
    first = table.send("north", body).json()
    assert table.send("north", body).json() == first
    assert table.send("north", body, "another-key").status_code == 409
    assert table.seal("north", b"Other").status_code == 409
    assert Deposit.objects.filter(round=table.round).count() == 1


def test_a_text_is_taken_back_with_a_signature_of_that_very_text() -> None:
    table = Sealed().agree()
    table.seal("north", b"Text")
    core = rounds.fresh(table.round).standing["deposits"]["north"]
    text = step_text("withdraw", table.round.id, "north", core)
    assert text in table.get("north", "deposit/withdraw/").content.decode().replace("&quot;", '"')
    wrong = step_text("withdraw", table.round.id, "north", "0" * 64)
    for line in ("", table.keyring.line("north", wrong), table.keyring.line("south", text)):
        table.post("north", "deposit/withdraw/", {"signature": line})
        assert rounds.fresh(table.round).standing["deposits"] == {"north": core}
    table.post("north", "deposit/withdraw/", {"signature": table.keyring.line("north", text)})
    assert rounds.fresh(table.round).standing["deposits"] == {}


def test_after_the_deadline_a_party_lays_its_own_text_open_with_its_signature() -> None:
    table = Sealed().agree()
    table.seal("north", b"Text")
    rounds.expired(table.round)
    table.get("north")
    core = core_of(deposits.header_of(table.round, "north"), b"Text", bytes(32))
    digest = rounds.fresh(table.round).standing["deposits"]["north"]
    text = step_text("alone", table.round.id, "north", digest)
    assert text in table.get("north", "deposit/alone/").content.decode().replace("&quot;", '"')
    file = SimpleUploadedFile("core", core)
    table.post("north", "deposit/alone/", {"core": file, "signature": ""})
    assert rounds.fresh(table.round).standing["alone"] == {}
    given = {
        "core": SimpleUploadedFile("core", core),
        "signature": table.keyring.line("north", text),
    }
    table.post("north", "deposit/alone/", given)
    assert "Text" in words(table.get("south", "opened/")).partition("<h1>")[2]
    deposit = Deposit.objects.get(round=table.round)
    assert table.get("mediator", f"opened/{deposit.id}/").content == b"Text"


def test_the_witness_opens_when_the_mediator_does_not() -> None:
    table = Sealed().agree()
    for who in ("north", "south"):
        table.seal(who, who.encode())
    asked = table.asked("witness")
    table.share("witness", locks=table.peeled("witness", asked["layers"]))
    assert table.state == "RELEASED"
    assert table.read("north", "south") == b"south"


def test_mediator_and_witness_open_without_the_server() -> None:
    table = Sealed().agree()
    for who in ("north", "south"):
        table.seal(who, who.encode())
    asked = table.asked("mediator")
    wraps = {p: sealing.from_json(raw.encode()).wraps[2] for p, raw in asked["deposits"].items()}
    mine = table.keyring.identities["mediator"].age
    layers = {p: base64.b64encode(sealing.peel(w, mine)).decode() for p, w in wraps.items()}
    answer = table.share("mediator", layers=layers)
    assert answer.json()["state"] == "ARMED"
    assert "One more release agent is needed" in answer.json()["words"]
    assert "Another release agent has given a share" in words(table.get("witness", "opening/"))
    assert "You have given your share" in words(table.get("mediator", "opening/"))
    asked = table.asked("witness")
    assert asked["others"] == layers
    table.share("witness", locks=table.peeled("witness", asked["others"]))
    assert table.state == "RELEASED"


def test_a_lock_that_no_agent_can_open_makes_it_void() -> None:
    table = Sealed("two-agents").agree()
    table.seal("north", b"Text")
    table.seal("south", b"Trick", damage=True)
    asked = table.asked("mediator")
    assert set(asked["layers"]) == {"north"}
    locks = table.peeled("mediator", asked["layers"])
    assert table.share("mediator", locks=locks).status_code == 409  # not of all parties
    layers = dict.fromkeys(locks, "eA==")
    answer = table.share("mediator", layers=layers, failed=["south"])
    assert answer.json()["state"] == "VOID"
    assert "The text of South was not what it had signed" in words(table.get("north"))
    assert not any(bytes(d.blob) for d in Deposit.objects.filter(round=table.round))


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"locks": {"north": "x", "south": "y"}},
        {"locks": {"north": 1}},
        {"locks": ["north"]},
        {"locks": {"north": "x", "south": "y"}, "failed": ["north"]},
        {"failed": "north"},
        {"locks": {"north": "x", "south": "y", "east": "z"}},
    ],
)
def test_a_share_that_is_none_opens_nothing(fields: dict[str, object]) -> None:
    table = Sealed().agree()
    for who in ("north", "south"):
        table.seal(who, who.encode())
    assert table.share("mediator", **fields).status_code in {409, 422}
    assert table.share("mediator", **{**fields, "agent": "witness"}).status_code in {409, 422}
    assert table.state == "ARMED"


def test_who_is_no_agent_is_told_so() -> None:
    table = Sealed("two-agents").agree()
    for who in ("north", "south"):
        table.seal(who, who.encode())
    page = table.client("witness").get(table.at("opening/"), follow=True)
    assert "You are no release agent of this exchange" in words(page)
    assert table.post("witness", "opening/request/", headers=JSON).status_code == 409
    assert table.post("north", "opening/request/", headers=JSON).status_code == 404


def test_the_later_of_two_mediators_is_told_in_words() -> None:
    table = Sealed().agree()
    for who in ("north", "south"):
        table.seal(who, who.encode())
    asked = table.asked("mediator")
    locks = table.peeled("mediator", asked["layers"])
    table.share("mediator", locks=locks)
    whole = {"format": "parley-share-1", "exchange": table.round.id, "agent": "mediator"}
    late = table.client("co-mediator").post(
        table.at("opening/share/"),
        canonical.encode({**whole, "locks": locks}),
        content_type="application/json",
        headers=JSON,
    )
    assert late.status_code == 409
    assert "Somebody else opened the texts a moment ago" in late.json()["error"]


def test_a_reader_lays_a_sealed_text_before_all_by_what_his_device_opened() -> None:
    table = Sealed(with_mediator=True).agree()
    for who in ("north", "south"):
        table.seal(who, b"Text of " + who.encode())
    asked = table.asked("mediator")
    table.share("mediator", locks=table.peeled("mediator", asked["layers"]))
    deposit = Deposit.objects.get(round=table.round, party__slug="south")
    core = core_of(deposits.header_of(table.round, "south"), b"Text of south", bytes(32))
    wrong = core_of(deposits.header_of(table.round, "south"), b"Text of smith", bytes(32))
    at = f"opened/{deposit.id}/publish/"
    table.post("mediator", at, {"core": SimpleUploadedFile("core", wrong)})
    table.post("mediator", at)
    assert not Paper.objects.filter(round=table.round).exists()
    assert table.post("north", at, {"core": SimpleUploadedFile("core", core)}).status_code == 404
    answer = table.post("mediator", at, {"core": SimpleUploadedFile("core", core)}, headers=JSON)
    assert answer.json() == {"next": table.at("opened/")}
    assert Paper.objects.get(round=table.round).size == len("Text of south")


def _parley(*words: object) -> None:
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == 0, result.output


def test_the_offline_tool_does_it_with_the_files_of_the_pages(tmp_path: Path) -> None:
    passphrase = tmp_path / "passphrase"
    passphrase.write_text("seven quiet boats at dawn\n")
    secret = ("--passphrase-file", passphrase)
    table = Sealed()
    for who in ("north", "mediator"):
        _parley("keys", who, "--out", tmp_path, *secret)
        card = (tmp_path / f"{who}.parley-public").read_bytes()
        at = f"/r/{table.talks.room.id}/keys/"
        table.client(who).post(at, {"file": SimpleUploadedFile("card", card)})
    table.round = rounds.planned(table.talks, "sealed")
    for who in ("south", "witness"):
        charters.agree(
            table.talks.actor(who), table.round, table.keyring.line(who, table.round.charter)
        )
    charter = tmp_path / "round.charter"
    for who in ("north", "mediator"):
        charter.write_bytes(table.get(who, "charter/").content)
        _parley("charter", "sign", charter, "--key", tmp_path / f"{who}.parley-key", *secret)
        signed = SimpleUploadedFile("charter", charter.read_bytes())
        table.post(who, "agree/", {"signed": signed})
    assert table.state == "OPEN"
    charter.write_bytes(table.get("north", "charter/").content)
    text, sealed = tmp_path / "text.md", tmp_path / "north.parley-deposit"
    text.write_text("The crossing opens on Monday.")
    key = ("--key", tmp_path / "north.parley-key")
    _parley("seal", text, "--charter", charter, *key, "--out", sealed, *secret)
    file = SimpleUploadedFile("deposit", sealed.read_bytes())
    assert table.post("north", "deposit/", {"sealed": file, "key": KEY}).status_code == 302
    table.seal("south", b"In May.")
    packed = table.post("mediator", "opening/request/").content
    zipfile.ZipFile(io.BytesIO(packed)).extractall(tmp_path / "asked")
    there = tmp_path / "asked"
    parties = ("north", "south")
    given = [there / f"{party}.parley-deposit" for party in parties]
    receipts = [x for party in parties for x in ("--receipt", there / f"{party}.parley")]
    layers = ("--layers", there / "server.parley-share", "--out", tmp_path / "share")
    mine = ("--charter", next(there.glob("*.charter")), "--key", tmp_path / "mediator.parley-key")
    _parley("open", *given, *receipts, "--share", *layers, *mine, *secret)
    share = SimpleUploadedFile("share", (tmp_path / "share").read_bytes())
    table.post("mediator", "opening/share/", {"share": share})
    assert table.state == "RELEASED"
    assert table.read("south", "north") == b"The crossing opens on Monday."


def receipt_file(table: Sealed, who: str) -> Path:
    """The newest receipt of a party, as it is downloaded."""
    kept = Receipt.objects.filter(round=table.round, party__slug=who).latest("entry__index")
    file = Path("north.receipt")
    file.write_bytes(table.get(who, f"receipts/{kept.id}/").content)
    return file


def on_ones_own_device(table: Sealed, who: str, *words: str) -> SimpleUploadedFile:
    """The file that an offline command makes with somebody's keys."""
    Path("step").unlink(missing_ok=True)
    own = light.key_file(table.keyring.identities[who], "a long passphrase")
    Path("own.parley-key").write_bytes(own)
    Path("pass").write_text("a long passphrase\n")
    given = (*words, "--key", "own.parley-key", "--passphrase-file", "pass", "--out", "step")
    done = CliRunner().invoke(app, list(given))
    assert done.exit_code == 0, done.output
    return SimpleUploadedFile("step", Path("step").read_bytes())


def test_a_text_is_taken_back_with_a_file_made_offline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    table = Sealed().agree()
    table.seal("north", b"Text")
    assert "parley withdraw receipt-" in words(table.get("north", "deposit/withdraw/"))
    old = receipt_file(table, "north")
    early = on_ones_own_device(table, "north", "withdraw", str(old))
    table.seal("north", b"Another text", "another-key")
    page = table.client("north").post(table.at("deposit/withdraw/"), {"step": early}, follow=True)
    assert "of another text than the one that is laid down now" in words(page)
    for file in (SimpleUploadedFile("step", b"{}"), SimpleUploadedFile("step", b"\xff")):
        table.post("north", "deposit/withdraw/", {"step": file})
    assert set(rounds.fresh(table.round).standing["deposits"]) == {"north"}
    new = receipt_file(table, "north")
    step = on_ones_own_device(table, "north", "withdraw", str(new))
    page = table.client("south").post(table.at("deposit/withdraw/"), {"step": step}, follow=True)
    assert "of another round or party" in words(page)
    step.seek(0)
    table.post("north", "deposit/withdraw/", {"step": step})
    assert rounds.fresh(table.round).standing["deposits"] == {}


def test_a_text_is_laid_open_alone_with_a_file_made_offline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    table = Sealed().agree()
    table.seal("north", b"Text")
    receipt = receipt_file(table, "north")
    header, mine = deposits.header_of(table.round, "north"), table.keyring.identities["north"]
    copy = sealing.sealed_core(header, b"Text", bytes(32), mine.public.age)
    Path("own").write_bytes(copy)
    lay_open = ("lay-open", "own", "--receipt", str(receipt))
    step = on_ones_own_device(table, "north", *lay_open)
    page = table.client("north").post(table.at("deposit/alone/"), {"step": step}, follow=True)
    assert "There is nothing to open now" in words(page)  # the deadline has not passed
    assert rounds.fresh(table.round).standing["alone"] == {}
    rounds.expired(table.round)
    assert "parley lay-open" in words(table.get("north", "deposit/alone/"))
    back = on_ones_own_device(table, "north", "withdraw", str(receipt))
    page = table.client("north").post(table.at("deposit/alone/"), {"step": back}, follow=True)
    assert "of another step than this page" in words(page)
    step = on_ones_own_device(table, "north", *lay_open)
    changed = step.read().replace(
        b'"signature":"\xe2\x80\x94 north ', b'"signature":"\xe2\x80\x94 north A'
    )
    table.post("north", "deposit/alone/", {"step": SimpleUploadedFile("step", changed)})
    assert rounds.fresh(table.round).standing["alone"] == {}
    step.seek(0)
    assert table.post("north", "deposit/alone/", {"step": step}).headers["Location"] == table.at(
        "opened/"
    )
    assert "Text" in words(table.get("south", "opened/")).partition("<h1>")[2]


def test_who_is_no_party_of_an_exchange_is_told_so() -> None:
    table = Sealed().agree()
    party = world._party(table.talks, "east")
    account = table.talks.people["east"] = world.account("east")
    role = Role.DELEGATION
    Member.objects.create(room=table.talks.room, account=account, role=role, party=party)
    answer = table.send("east", table.keyring.sealed(table.round, "north", b"x"))
    assert (answer.status_code, "no party of this exchange" in answer.json()["error"]) == (
        409,
        True,
    )
    assert not Deposit.objects.filter(round=table.round).exists()


def test_a_clock_that_ran_ahead_and_was_set_right_keeps_nobody_out() -> None:
    """Who came and went is ordered as it was written, not by the times beside it."""
    table = Sealed()
    talks, real = table.talks, clock.now()
    member = Member.objects.get(room=talks.room, account=talks.account("co-mediator"))
    Member.objects.filter(room=talks.room).update(joined=real)
    for each in Member.objects.filter(room=talks.room).select_related("party"):
        note_place(each, "joined")
    with mock.patch.object(clock, "now", return_value=real + timedelta(hours=1)):
        papers.put(talks.actor("co-mediator"), plenary(talks.room), b"x", "key-1", is_message=True)
    with mock.patch.object(clock, "now", return_value=real + timedelta(minutes=5)):
        member.removed = clock.now()
        member.save(update_fields=["removed"])
        note_place(member, "left")
    with mock.patch.object(clock, "now", return_value=real + timedelta(minutes=5)):
        _, token = people.invite(talks.room, Role.WITNESS)
        people.accept_as(people.hashed(token), talks.account("co-mediator"))
    logs = {c.id: read_log(c, [], lambda _: None) for c in Channel.objects.filter(room=talks.room)}
    names = names_of(logs)
    assert names[member.id] == {"mediator", "witness"}
    assert [p for p in member_problems(talks.room, logs) if member.id in p.where] == []
    assert list(paper_problems(talks.room, logs, lambda _: None, {}, names)) == []
