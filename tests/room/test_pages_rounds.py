"""Pages of rooms, people, keys, rounds and the log: who gets them, and what they say to whom."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from parley.exchange import keys
from parley.room import charters, clock
from parley.room.logbook import content
from parley.room.models import Channel, Entry, Invitation, Kind, Member, Party, Round
from parley.room.templatetags.room_times import when
from tests.room import rounds, world
from tests.room.world import Talks

WHO = ("mediator", "co-mediator", "north", "south", "witness", "observer")
OUTSIDE = ("stranger", "operator", "removed")
ALL = set(WHO)
MEDIATION = {"mediator", "co-mediator"}
DELEGATIONS = {"north", "south"}
PAGES = {
    "": ALL,
    "people/": ALL,
    "people/invite/": MEDIATION,
    "people/party/": MEDIATION,
    "keys/": ALL,
    "log/": ALL,
    "rounds/new/": MEDIATION,
    "rounds/{round}/": ALL,
    "rounds/{round}/charter/": ALL,
    "rounds/{round}/agree/": {*MEDIATION, *DELEGATIONS},
    "rounds/{round}/receipts/": DELEGATIONS,
    "rounds/{round}/call-off/": {"mediator"},
}


@pytest.fixture
def talks() -> Talks:
    return world.talks()


def get(talks: Talks, who: str, path: str) -> str:
    """What somebody sees on a page of the room."""
    answer = world.client_for(talks.account(who)).get(f"/r/{talks.room.id}/{path}")
    assert answer.status_code == 200, (who, path)
    return answer.content.decode()


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_there_for_some_and_for_no_one_else(talks: Talks, path: str) -> None:
    there = path.format(round=rounds.planned(talks).id)
    clients = {who: world.client_for(talks.account(who)) for who in (*WHO, *OUTSIDE)}
    found = {who: c.get(f"/r/{talks.room.id}/{there}").status_code for who, c in clients.items()}
    allowed = PAGES[path]
    others = {who: 302 if path.endswith("agree/") and who == "witness" else 404 for who in found}
    assert found == others | dict.fromkeys(allowed, 200)
    assert world.client().get(f"/r/{talks.room.id}/{there}").status_code == 302


def test_one_room_is_gone_to_at_once_and_the_operator_goes_to_his_page(talks: Talks) -> None:
    north = world.client_for(talks.account("north"))
    assert north.get("/").headers["Location"] == f"/r/{talks.room.id}/"
    operator = world.client_for(talks.account("operator"))
    assert operator.get("/").headers["Location"] == "/operator/"
    assert north.get("/operator/").status_code == 404
    gone = world.client_for(talks.account("removed")).get("/")
    assert "You have no place in a room now" in gone.content.decode()


def test_who_is_in_two_rooms_chooses(talks: Talks) -> None:
    elsewhere = world.talks("Others", mark="-b")
    Member.objects.create(room=elsewhere.room, account=talks.account("north"), role="observer")
    page = world.client_for(talks.account("north")).get("/").content.decode()
    assert f'href="/r/{talks.room.id}/"' in page
    assert f'href="/r/{elsewhere.room.id}/"' in page


def test_the_operator_sees_that_a_room_is_there_and_not_its_title() -> None:
    talks = world.talks("Zanzibar and the canal")
    operator = world.client_for(talks.account("operator"))
    page = operator.get("/operator/").content.decode()
    assert talks.room.id in page
    assert "Zanzibar" not in page
    made = operator.post("/rooms/new/", {"title": "Quito"}).content.decode()
    assert "/join/" in made
    assert "Quito" not in made
    assert operator.post("/rooms/new/", {"title": ""}).status_code == 422
    assert operator.post("/operator/health/").status_code == 200
    assert world.client_for(talks.account("north")).post("/operator/health/").status_code == 404


def test_no_title_of_a_page_tells_what_it_is_about() -> None:
    talks = world.talks("Zanzibar")
    round_ = rounds.planned(talks)
    Round.objects.filter(id=round_.id).update(title="Quito")
    for path in PAGES:
        page = (
            get(talks, "mediator", path.format(round=round_.id)) if "receipts" not in path else ""
        )
        title = page.partition("<title>")[2].partition("</title>")[0]
        assert "Zanzibar" not in title
        assert "Quito" not in title


def test_the_overview_says_what_waits_for_whom(talks: Talks) -> None:
    assert "Nothing waits for you now" in get(talks, "north", "")
    assert "plan a round" in get(talks, "mediator", "")
    round_ = rounds.planned(talks)
    assert "Read and agree" in get(talks, "north", "")
    charters.agree(talks.actor("north"), round_)
    assert "Waiting for agreement to the charter by: South, the mediator." in get(
        talks, "north", ""
    )
    for who in ("south", "mediator"):
        charters.agree(talks.actor(who), round_)
    assert "Lay down a text" in get(talks, "south", "")
    rounds.laid(talks, round_, "north")
    assert "Waiting for the text of: South." in get(talks, "mediator", "")
    assert "Your text is there" in get(talks, "north", "")
    rounds.laid(talks, round_, "south")
    assert "Open the texts" in get(talks, "witness", "")
    assert "They are opened by: the mediator, the witness." in get(talks, "north", "")
    rounds.opened(talks, round_)
    assert "Read the texts" in get(talks, "south", "")
    told = get(talks, "observer", f"rounds/{round_.id}/")
    assert "open to those who may read them" in told


def test_a_delegation_does_not_see_who_sits_in_the_other(talks: Talks) -> None:
    assert "South</th>" not in get(talks, "north", "people/").partition("Parties</h2>")[0]
    assert get(talks, "mediator", "people/").count("Remove South") == 1


def test_an_invitation_is_shown_once_and_can_be_revoked(talks: Talks) -> None:
    mediator = world.client_for(talks.account("mediator"))
    at = f"/r/{talks.room.id}/people/"
    given = {"role": "delegation", "party": Party.objects.get(room=talks.room, slug="north").pk}
    page = mediator.post(f"{at}invite/", {**given, "label": "Counsel", "days": 3}).content.decode()
    assert page.count("/join/") == 1
    made = Invitation.objects.get(label="Counsel")
    assert made.expires - made.created == timedelta(days=3)
    people = mediator.get(at).content.decode()
    assert "Counsel" in people
    assert "/join/" not in people
    assert mediator.post(f"{at}invite/{made.id}/revoke/").status_code == 302
    made.refresh_from_db()
    assert not made.is_open(clock.now())
    assert "Counsel" not in mediator.get(at).content.decode().partition("<h1>")[2]


@pytest.mark.parametrize(
    "wrong",
    [
        {"role": "delegation", "days": 3},
        {"role": "witness", "party": "north", "days": 3},
        {"role": "king", "days": 3},
        {"role": "witness", "days": 31},
        {"role": "witness", "days": 0},
    ],
)
def test_an_invitation_that_cannot_be_is_refused(talks: Talks, wrong: dict[str, object]) -> None:
    if wrong.get("party"):
        wrong = {**wrong, "party": Party.objects.get(room=talks.room, slug="north").pk}
    mediator = world.client_for(talks.account("mediator"))
    before = Invitation.objects.count()
    answer = mediator.post(f"/r/{talks.room.id}/people/invite/", wrong)
    assert answer.status_code == 422
    assert Invitation.objects.count() == before


def test_a_party_is_added_with_an_id_that_can_be_one(talks: Talks) -> None:
    mediator = world.client_for(talks.account("mediator"))
    at = f"/r/{talks.room.id}/people/party/"
    for slug in ("north", "witness", "East Side", ""):
        assert mediator.post(at, {"name": "East", "slug": slug}).status_code == 422
    assert mediator.post(at, {"name": "East", "slug": "east"}).status_code == 302
    assert Channel.objects.filter(room=talks.room, party__slug="east", kind=Kind.SHUTTLE).exists()


def test_removing_somebody_takes_a_second_look_and_ends_it_at_once(talks: Talks) -> None:
    mediator = world.client_for(talks.account("mediator"))
    north = world.client_for(talks.account("north"))
    at = f"/r/{talks.room.id}/people/remove/"
    member = talks.actor("north").here.id
    assert "can see and do nothing" in mediator.get(at, {"member": member}).content.decode()
    assert north.get(f"/r/{talks.room.id}/").status_code == 200
    assert mediator.post(at, {"member": member}).status_code == 302
    assert north.get(f"/r/{talks.room.id}/").status_code == 404
    myself = talks.actor("mediator").here.id
    mediator.post(at, {"member": myself})
    assert mediator.get(f"/r/{talks.room.id}/").status_code == 200
    assert mediator.post(at, {"member": "aaaaaaaaaaaa"}).status_code == 404


def test_a_new_way_in_for_who_lost_a_device(talks: Talks) -> None:
    mediator = world.client_for(talks.account("mediator"))
    at = f"/r/{talks.room.id}/people/reset/"
    member = talks.actor("south").here.id
    assert mediator.get(at, {"member": member}).status_code == 200
    assert "/join/" in mediator.post(at, {"member": member}).content.decode()
    Member.objects.create(
        room=world.talks("Others", mark="-b").room, account=talks.account("north"), role="observer"
    )
    elsewhere = mediator.post(at, {"member": talks.actor("north").here.id}, follow=True)
    assert "/join/" not in elsewhere.content.decode()
    assert "not of your room alone" in elsewhere.content.decode()


def test_keys_are_registered_by_file_or_form_under_ones_own_name_alone(talks: Talks) -> None:
    north = world.client_for(talks.account("north"))
    at = f"/r/{talks.room.id}/keys/"
    card = keys.card(keys.new_identity("north"))
    assert "No keys yet" in north.get(at).content.decode()
    page = north.post(at, {"card": card.replace("\n", "\r\n")}, follow=True).content.decode()
    assert "Your public keys are registered" in page
    assert charters.keys_of(talks.room, "north") is not None
    stolen = keys.card(keys.new_identity("south"))
    answer = north.post(at, {"card": stolen}, follow=True).content.decode()
    assert "The card is of `south`" in answer
    assert charters.keys_of(talks.room, "south") is None
    garbage = north.post(at, {"card": "x\n\ny"}, follow=True).content.decode()
    assert "no card of public keys" in garbage
    observer = world.client_for(talks.account("observer"))
    assert observer.post(at, {"card": card}).status_code == 404


def _plan(client: Client, talks: Talks, **given: str) -> str:
    fields = {"title": "Talks", "zone": "Europe/Istanbul", "mode": "simple", **given}
    answer = client.post(f"/r/{talks.room.id}/rounds/new/", fields)
    return answer.content.decode() if answer.status_code == 422 else ""


def test_planning_names_whose_keys_are_missing_before_and_after(talks: Talks) -> None:
    mediator = world.client_for(talks.account("mediator"))
    charters.register(talks.actor("north"), keys.card(keys.new_identity("north")))
    page = mediator.get(f"/r/{talks.room.id}/rounds/new/").content.decode()
    assert "Keys are missing of: South, the mediator, the witness." in _words(page)
    refused = _plan(mediator, talks, mode="two-agents", deadline="2090-01-01T10:00")
    assert "Keys are missing of: South, the mediator. Ask for them" in refused
    assert Round.objects.filter(room=talks.room).count() == 0


def _words(page: str) -> str:
    return " ".join(page.split())


def test_times_of_a_round_are_those_of_its_zone(talks: Talks) -> None:
    mediator = world.client_for(talks.account("mediator"))
    given = {"begins": "2090-01-02T14:30", "deadline": "2090-01-01T10:00"}
    assert _plan(mediator, talks, **given) == ""
    round_ = Round.objects.get(room=talks.room)
    assert round_.begins == datetime(2090, 1, 2, 11, 30, tzinfo=UTC)
    page = _words(get(talks, "north", f"rounds/{round_.id}/"))
    assert "2 January 2090, 14:30 Europe/Istanbul</time> (11:30 UTC)" in page


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"deadline": ""}, "needs a deadline"),
        ({"deadline": "2001-01-01T10:00"}, "has to be ahead"),
        ({"deadline": "soon"}, "This is no time"),
        ({"zone": "Mars/Olympus", "deadline": "2090-01-01T10:00"}, "zone is not known"),
        ({"zone": "Europe/Berlin", "deadline": "2037-03-29T02:30"}, "does not come"),
        ({"zone": "Europe/Berlin", "deadline": "2037-10-25T02:30"}, "comes twice"),
        ({"title": "", "deadline": "2090-01-01T10:00"}, "required"),
        ({"mode": "open", "deadline": "2090-01-01T10:00"}, "not one of the"),
    ],
)
def test_what_cannot_be_planned_is_told_and_not_planned(
    talks: Talks, given: dict[str, str], words: str
) -> None:
    page = _plan(world.client_for(talks.account("mediator")), talks, **given)
    assert words in page
    assert not Round.objects.filter(room=talks.room).exists()


def test_a_round_without_texts_has_no_charter(talks: Talks) -> None:
    mediator = world.client_for(talks.account("mediator"))
    assert _plan(mediator, talks, mode="none") == ""
    round_ = Round.objects.get(room=talks.room)
    page = get(talks, "north", f"rounds/{round_.id}/")
    assert "without an exchange of texts" in page
    for path in ("charter/", "agree/", "opening/", "call-off/"):
        answer = mediator.get(f"/r/{talks.room.id}/rounds/{round_.id}/{path}")
        assert answer.status_code == 302
    assert mediator.get(f"/r/{talks.room.id}/rounds/{round_.id}/opened/").status_code == 404


def test_every_page_of_a_simple_exchange_warns_of_the_operator(talks: Talks) -> None:
    warning = "The operator of this server could read the texts before they open."
    simple = rounds.agreed(talks, rounds.planned(talks))
    for path in ("", "deposit/", "receipts/"):
        assert warning in get(talks, "north", f"rounds/{simple.id}/{path}")
    keyring = rounds.Keyring(talks)
    keyring.register()
    sealed = keyring.agreed(rounds.planned(talks, "sealed"))
    for path in ("", "deposit/", "receipts/"):
        assert warning not in get(talks, "north", f"rounds/{sealed.id}/{path}")


def test_the_words_of_the_charter_are_there_to_be_read_aloud(talks: Talks) -> None:
    from parley.exchange.charter import hash_of, words

    round_ = rounds.planned(talks)
    page = get(talks, "observer", f"rounds/{round_.id}/")
    for word in words(hash_of(round_.charter)).split():
        assert f"<li>{word}</li>" in page


def test_a_log_is_there_for_those_who_see_its_channel(talks: Talks) -> None:
    shuttle = Channel.objects.get(room=talks.room, party__slug="north", kind=Kind.SHUTTLE)
    plenary = Channel.objects.get(room=talks.room, kind=Kind.PLENARY)
    heads = Channel.objects.get(room=talks.room, kind=Kind.HEADS)
    assert "A party was added: north" in _words(get(talks, "observer", "log/"))
    assert shuttle.id in get(talks, "north", "log/")
    assert shuttle.id not in get(talks, "south", "log/")
    at = f"/r/{talks.room.id}/log/checkpoint/"
    south = world.client_for(talks.account("south"))
    found = {c.id: south.get(at, {"log": c.id}).status_code for c in (shuttle, plenary, heads)}
    assert found == {shuttle.id: 404, plenary.id: 200, heads.id: 404}
    assert south.get(at, {"log": plenary.id}).content.decode() == plenary.checkpoint
    # a log that is not his shows him the log of all, not that one
    page = south.get(f"/r/{talks.room.id}/log/", {"log": shuttle.id}).content.decode()
    assert "Entry 0 as it is written" in page


def test_a_log_is_paged(talks: Talks) -> None:
    north = talks.actor("mediator")
    for k in range(60):
        charters.register(north, keys.card(keys.new_identity("mediator")))
        charters.register(north, keys.card(keys.new_identity("mediator"))) if k < 45 else None
    page = get(talks, "north", "log/")
    assert "Page 1 of 2" in page
    assert "The room was founded" not in page
    assert "The room was founded" in get(talks, "north", "log/?page=2")


def test_a_time_names_its_zone_and_utc() -> None:
    at = datetime(2026, 11, 25, 22, 30, tzinfo=UTC)
    here = Round(zone="Asia/Tokyo")
    assert ">26 November 2026, 07:30 Asia/Tokyo</time> (25 November 2026, 22:30 UTC)" in when(
        at, here
    )
    assert when(at) == '<time datetime="2026-11-25T22:30:00Z">25 November 2026, 22:30 UTC</time>'
    assert "22:30 UTC" in when("2026-11-25T22:30:00Z", Round(zone="Nowhere"))
    assert when(None) == ""


def test_whatever_happens_in_a_room_has_words_in_its_log() -> None:
    from parley.room.views.logs import WORDS
    from tests.room.lived_in import lived_in

    talks = lived_in().talks
    seen = Entry.objects.filter(channel__room=talks.room).exclude(channel__kind=Kind.HEADS)
    kinds = {content(entry)["kind"] for entry in seen}
    assert len(kinds) > 20
    assert kinds - set(WORDS) == set()
