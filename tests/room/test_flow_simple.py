"""A simple exchange over the pages alone: agreed, laid down, opened, read; and what goes wrong."""

from __future__ import annotations

from unittest import mock

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError

from parley.exchange import bundle as bundles
from parley.exchange.audit import verify
from parley.exchange.receipts import check_receipt, from_json
from parley.room import deposits, export
from parley.room.logbook import content
from parley.room.models import Deposit, Entry, Member, Paper, Receipt, Role
from tests.room import rounds, world
from tests.room.rounds import KEY, Table, words
from tests.room.world import Talks


@pytest.fixture
def talks() -> Talks:
    return world.talks()


@pytest.fixture
def table(talks: Talks) -> Table:
    """A round whose charter all have agreed to."""
    return Table(talks, rounds.agreed(talks, rounds.planned(talks)))


def test_from_the_charter_to_the_texts(talks: Talks) -> None:
    table = Table(talks, rounds.planned(talks))
    for who in ("north", "south", "mediator"):
        assert table.post(who, "agree/").headers["Location"] == table.at("")
    assert table.state == "OPEN"
    answer = table.lay("north", "The crossing opens on Monday.")
    assert answer.headers["Location"] == table.at("receipts/")
    assert "Keep the receipt" in words(table.get("north", "receipts/"))
    table.lay("south", "The crossing opens in May.")
    assert table.state == "ARMED"
    assert "Open all texts now" in words(table.get("mediator", "opening/"))
    assert table.post("mediator", "opening/share/").status_code == 302
    assert table.state == "RELEASED"
    page = words(table.get("north", "opened/"))
    assert "The crossing opens in May." in page
    assert "The crossing opens on Monday." in page
    for who in ("mediator", "witness", "observer", "stranger", "operator"):
        assert table.get(who, "opened/").status_code == 404


def test_the_receipt_proves_what_was_laid_down_and_is_of_ones_own_party(table: Table) -> None:
    table.lay("north", "Our text")
    kept = Receipt.objects.get(round=table.round)
    answer = table.get("north", f"receipts/{kept.id}/")
    check_receipt(from_json(answer.content))
    name = f'attachment; filename="receipt-{kept.entry.index}.parley"'
    assert answer.headers["Content-Disposition"] == name
    assert table.get("north-2", f"receipts/{kept.id}/").content == answer.content
    assert table.get("south", f"receipts/{kept.id}/").status_code == 404
    assert table.get("mediator", f"receipts/{kept.id}/").status_code == 404


def test_the_same_form_sent_again_is_one_deposit(table: Table) -> None:
    for _ in range(3):
        assert table.lay("north", "Our text").status_code == 302
    assert Deposit.objects.filter(round=table.round).count() == 1
    assert Receipt.objects.filter(round=table.round).count() == 1


def test_another_text_from_the_same_form_is_refused_and_kept_in_the_page(table: Table) -> None:
    table.lay("north", "Our text")
    answer = table.lay("north", "Our other text")
    assert answer.status_code == 409
    page = words(answer)
    assert "another text was laid down before" in page
    assert "Our other text</textarea>" in page
    assert KEY not in page
    assert Deposit.objects.filter(round=table.round).count() == 1


def test_a_text_is_replaced_and_the_receipts_say_which_counts(table: Table) -> None:
    table.lay("north", "Our text")
    assert "What you send now takes its place" in words(table.get("north", "deposit/"))
    table.lay("north", "Our better text", "another-key")
    page = words(table.get("north", "receipts/"))
    assert page.count("counts now") == 1
    assert page.count("replaced or taken back") == 1
    assert [d.current for d in Deposit.objects.filter(round=table.round).order_by("at")] == [
        False,
        True,
    ]


def test_a_text_is_taken_back_and_laid_down_anew(table: Table) -> None:
    table.lay("north", "Our text")
    assert "Take my text back" in words(table.get("north", "deposit/withdraw/"))
    assert table.post("north", "deposit/withdraw/").status_code == 302
    kept = Deposit.objects.get(round=table.round)
    assert (kept.current, bytes(kept.blob)) == (False, b"")
    again = table.client("north").post(table.at("deposit/withdraw/"), follow=True)
    assert "There is no text to take back" in words(again)
    assert table.lay("north", "Our text", "another-key").status_code == 302


def test_once_all_texts_are_there_nothing_is_taken_back_or_added(table: Table) -> None:
    table.lay("north", "Our text")
    table.lay("south", "Our text too")
    answer = table.lay("north", "A better text", "another-key")
    assert answer.status_code == 409
    assert "from here nothing can be taken back or added" in words(answer)
    assert "A better text" in words(answer)
    assert table.get("north", "deposit/").headers["Location"] == table.at("")
    table.post("north", "deposit/withdraw/")
    table.post("mediator", "call-off/")
    assert table.state == "ARMED"


def test_others_see_that_a_text_is_there_and_nothing_of_it(table: Table) -> None:
    table.lay("north", "Zanzibar " * 600)
    for who in ("south", "mediator", "observer", "witness"):
        page = words(table.get(who))
        assert "16 KB" in page
        assert Deposit.objects.get(round=table.round).core[:16] in page
        assert "Zanzibar" not in page


@pytest.mark.parametrize(
    ("content", "ending"),
    [
        (b"PK\x03\x04 something", "docx"),
        (b"%PDF-1.7 something", "pdf"),
        (b"# Words", "txt"),
        (b"\xff\xfe\x00broken", "txt"),
    ],
)
def test_a_file_comes_out_as_it_went_in(table: Table, content: bytes, ending: str) -> None:
    file = SimpleUploadedFile("../../secret name.exe", content)
    assert table.post("north", "deposit/", {"file": file, "key": KEY}).status_code == 302
    table.lay("south", "<script>alert(1)</script>")
    table.post("witness", "opening/share/")
    deposit = Deposit.objects.get(round=table.round, party__slug="north")
    answer = table.get("south", f"opened/{deposit.id}/")
    assert answer.content == content
    name = f'attachment; filename="round-{table.round.number}-north.{ending}"'
    assert answer.headers["Content-Disposition"] == name
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    page = table.get("north", "opened/").content.decode()
    assert "secret name" not in page
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


@pytest.mark.parametrize(
    "given",
    [
        {"text": "  \n "},
        {"text": "x", "key": ""},
        {"text": "x", "key": "short"},
        {"text": "x", "key": "k" * 81},
        {"file": SimpleUploadedFile("empty.txt", b"")},
        {"text": "x", "file": SimpleUploadedFile("too.txt", b"y")},
    ],
)
def test_a_form_that_cannot_be_is_shown_again_with_what_was_written(
    table: Table, given: dict[str, object]
) -> None:
    answer = table.post("north", "deposit/", {"key": KEY, **given})
    assert answer.status_code == 422
    if str(given.get("text", "")).strip():
        assert ">x</textarea>" in " ".join(words(answer).split("\n")).replace("> x", ">x")
    assert not Deposit.objects.filter(round=table.round).exists()


def test_a_script_gets_json(table: Table) -> None:
    accept = {"headers": {"Accept": "application/json"}}
    given = {"text": "Our text", "key": KEY}
    answer = table.post("north", "deposit/", given, **accept)
    kept = Receipt.objects.get(round=table.round)
    assert answer.json() == {
        "receipt": table.at(f"receipts/{kept.id}/"),
        "next": table.at("receipts/"),
    }
    other = table.post("north", "deposit/", {"text": "Other", "key": KEY}, **accept)
    assert (other.status_code, list(other.json())) == (409, ["error"])
    empty = table.post("north", "deposit/", {"text": "", "key": KEY}, **accept)
    assert "Write your text" in empty.json()["error"]


def test_a_disk_that_is_full_is_told_and_the_same_form_can_be_sent_again(table: Table) -> None:
    full = mock.Mock(side_effect=OperationalError("database or disk is full"))
    with mock.patch.object(deposits, "lay_down", full):
        answer = table.lay("north", "Our text")
        json = table.post(
            "north", "deposit/", {"text": "x", "key": KEY}, headers={"Accept": "application/json"}
        )
    assert answer.status_code == json.status_code == 503
    assert "has given no receipt" in words(answer)
    assert "disk" not in words(answer).replace("disk is", "")
    assert f'value="{KEY}"' in answer.content.decode()
    assert "Our text</textarea>" in words(answer)
    assert table.lay("north", "Our text").status_code == 302


def test_two_who_open_at_once_one_opens_and_the_other_is_told(table: Table) -> None:
    table.lay("north", "Our text")
    table.lay("south", "Our text too")
    for who in ("mediator", "co-mediator"):
        assert "Open all texts now" in words(table.get(who, "opening/"))
    table.post("mediator", "opening/share/")
    late = table.client("co-mediator").post(table.at("opening/share/"), follow=True)
    assert "Somebody else opened the texts a moment ago" in words(late)
    kinds = [e.body for e in Entry.objects.filter(about=table.round.id)]
    assert sum(b'"kind":"released"' in bytes(body) for body in kinds) == 1


def test_after_the_deadline_nothing_opens_but_ones_own_text_alone(table: Table) -> None:
    table.lay("north", "Our text\nof two lines")
    rounds.expired(table.round)
    page = words(table.get("north"))
    assert table.state == "EXPIRED"
    assert "Lay my text open alone" in page
    assert bytes(Deposit.objects.get(round=table.round).blob) == b""
    assert table.lay("south", "Late", "another-key").status_code == 409
    assert table.get("south", "deposit/alone/").headers["Location"] == table.at("")
    wrong = table.client("north").post(
        table.at("deposit/alone/"), {"text": "Our text", "key": KEY}, follow=True
    )
    assert "This is not the text that was laid down" in words(wrong)
    right = {"text": "Our text\r\nof two lines", "key": KEY}
    assert table.post("north", "deposit/alone/", right).headers["Location"] == table.at("opened/")
    for who in ("north", "south", "mediator"):
        assert "Our text of two lines" in words(table.get(who, "opened/"))
    for who in ("witness", "observer"):
        assert table.get(who, "opened/").status_code == 404
    assert table.get("north", "deposit/alone/").headers["Location"] == table.at("opened/")


def test_what_is_not_open_cannot_be_had_as_a_file(table: Table) -> None:
    table.lay("north", "Our text")
    deposit = Deposit.objects.get(round=table.round)
    for who in ("north", "south", "mediator"):
        assert table.get(who, f"opened/{deposit.id}/").status_code == 404
    rounds.expired(table.round)
    for who in ("north", "south", "mediator"):
        assert table.get(who, f"opened/{deposit.id}/").status_code == 404


def test_calling_off_erases_and_ends(table: Table) -> None:
    table.lay("north", "Our text")
    assert "cannot be undone" in words(table.get("mediator", "call-off/"))
    table.post("mediator", "call-off/")
    assert table.state == "WITHDRAWN"
    assert bytes(Deposit.objects.get(round=table.round).blob) == b""
    assert "called the exchange off" in words(table.get("south"))
    for who in ("north", "co-mediator", "witness"):
        assert table.post(who, "call-off/").status_code == 404


def test_a_party_lays_its_own_open_text_before_all_and_not_the_others(table: Table) -> None:
    table.lay("north", "Zanzibar")
    table.lay("south", "Quito")
    table.post("mediator", "opening/share/")
    ids = {d.party.slug: d.id for d in Deposit.objects.filter(round=table.round)}
    assert table.post("north", f"opened/{ids['south']}/publish/").status_code == 404
    assert table.post("mediator", f"opened/{ids['south']}/publish/").status_code == 404
    for _ in range(2):
        assert table.post("north", f"opened/{ids['north']}/publish/").status_code == 302
    paper = Paper.objects.get(round=table.round)
    assert (paper.party and paper.party.slug, paper.size) == ("north", len("Zanzibar"))
    assert "laid before all" in words(table.get("north", "opened/"))


def test_a_mediator_who_reads_by_the_charter_reads(talks: Talks) -> None:
    table = Table(talks, rounds.agreed(talks, rounds.planned(talks, with_mediator=True)))
    table.lay("north", "Zanzibar")
    table.lay("south", "Quito")
    answer = table.post("mediator", "opening/share/")
    assert answer.headers["Location"] == table.at("opened/")
    assert "Zanzibar" in words(table.get("co-mediator", "opened/"))
    assert table.get("witness", "opened/").status_code == 404
    deposit = Deposit.objects.get(round=table.round, party__slug="south")
    assert table.post("mediator", f"opened/{deposit.id}/publish/").status_code == 302


def test_what_the_server_changed_does_not_open_and_says_so(table: Table) -> None:
    table.lay("north", "Our text")
    table.lay("south", "Our text too")
    Deposit.objects.filter(round=table.round, party__slug="south").update(blob=b"something else")
    table.post("mediator", "opening/share/")
    assert table.state == "VOID"
    page = words(table.get("north"))
    assert "Nothing was opened" in page
    assert table.get("north", "opened/").headers["Location"] == table.at("")


def test_a_signature_where_there_are_no_keys_is_not_written_into_the_log(table: Table) -> None:
    sent = {"signature": "\u2014 north AAAA"}
    table.lay("north", "Our text")
    table.post("north", "deposit/withdraw/", sent)
    table.lay("north", "Our text", "another-key")
    rounds.expired(table.round)
    table.post("north", "deposit/alone/", {"text": "Our text", "key": KEY, **sent})
    assert "north" in rounds.fresh(table.round).standing["alone"]
    steps = [content(entry) for entry in Entry.objects.filter(about=table.round.id)]
    assert [e["signature"] for e in steps if e["kind"] in {"withdraw", "alone"}] == [None, None]
    with export.bundle_of(table.talks.actor("north")) as file:
        assert verify({}, bundles.read(file)).outcome == "valid"


def test_a_party_that_came_later_reads_nothing_of_before(table: Table) -> None:
    for who in ("north", "south"):
        table.lay(who, f"Text of {who}")
    rounds.opened(table.talks, table.round)
    party = world._party(table.talks, "east")
    account = table.talks.people["east"] = world.account("east")
    role = Role.DELEGATION
    Member.objects.create(room=table.talks.room, account=account, role=role, party=party)
    assert table.get("east", "opened/").status_code == 404
    with export.bundle_of(table.talks.actor("east")) as file:
        assert not [name for name in bundles.read(file).files if name.startswith("opened/")]
    assert table.get("north", "opened/").status_code == 200
