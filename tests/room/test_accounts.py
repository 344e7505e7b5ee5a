"""Invitations: what they show, what they make, and that each works once."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from parley.errors import RoomError
from parley.room import clock, people, ticks
from parley.room.models import Account, Invitation, Member, Role
from tests.room import world
from tests.room.world import PASSWORD

NEW = {
    "username": "hala",
    "display_name": "Hala, for the north",
    "password1": PASSWORD,
    "password2": PASSWORD,
}


def masked(page: bytes) -> bytes:
    """A page without the tokens against forged forms, which differ each time."""
    return re.sub(rb'name="csrfmiddlewaretoken" value="[^"]*"', b"", page)


def opened(token: str) -> Client:
    """A browser in which the link of an invitation was opened."""
    browser = world.client()
    assert browser.get(f"/join/{token}/").headers["Location"] == "/join/"
    assert browser.post("/join/").headers["Location"] == "/join/"
    return browser


def test_a_link_tells_nothing_until_it_is_opened_and_makes_the_account_it_is_for() -> None:
    talks = world.talks("Talks at the lake")
    party = talks.parties["north"]
    made, token = people.invite(
        talks.room, Role.DELEGATION, party=party, by=talks.account("mediator")
    )
    browser = world.client()
    first = browser.get(f"/join/{token}/", follow=True)
    assert b"<title>Invitation" in first.content
    for secret in ("lake", "North", "north", "elegation", token):
        assert secret not in first.content.decode()
    browser.get("/join/")
    assert Invitation.objects.get(id=made.id).used is None, "a preview of the link used it up"
    shown = browser.post("/join/", follow=True).content.decode()
    assert "Talks at the lake" in shown
    assert "North" in shown
    assert token not in shown
    answer = browser.post("/join/", NEW)
    assert answer.headers["Location"] == reverse("second_step")
    account = Account.objects.get(username="hala")
    member = Member.objects.get(account=account)
    assert (member.room, member.role, member.party) == (talks.room, Role.DELEGATION, party)
    assert account.check_password(PASSWORD)
    assert account.password.startswith("argon2")
    assert not account.is_operator


def test_nothing_else_is_reachable_before_there_is_a_second_step() -> None:
    talks = world.talks()
    browser = opened(people.invite(talks.room, Role.OBSERVER)[1])
    browser.post("/join/", NEW)
    for name in ("home", "mfa_index", "mfa_view_recovery_codes", "account_change_password", "join"):
        assert browser.get(reverse(name)).headers["Location"] == reverse("second_step"), name
    page = browser.get(reverse("mfa_activate_totp"))
    secret = page.context["form"].secret
    wrong = "000000" if world.code_of(secret) != "000000" else "000001"
    assert browser.post(reverse("mfa_activate_totp"), {"code": wrong}).status_code == 200
    assert browser.get("/account/").headers["Location"] == reverse("second_step")
    done = browser.post(reverse("mfa_activate_totp"), {"code": world.code_of(secret)}, follow=True)
    assert done.redirect_chain[-1][0] == reverse("mfa_view_recovery_codes")
    assert len(re.findall(r"<code>\d{8}</code>", done.content.decode())) == 10
    assert browser.get("/account/").status_code == 200


def test_used_expired_and_unknown_links_have_the_same_page() -> None:
    talks = world.talks()
    _, token = people.invite(talks.room, Role.OBSERVER)
    people.accept(people.hashed(token), username="one", display_name="One", password=PASSWORD)
    old, old_token = people.invite(talks.room, Role.OBSERVER)
    Invitation.objects.filter(id=old.id).update(expires=timezone.now() - timedelta(seconds=1))
    pages = {
        masked(world.client().get(f"/join/{link}/", follow=True).content)
        for link in (token, old_token, "nothing-like-it")
    }
    assert len(pages) == 1
    assert b"does not work" in pages.pop()
    for link in (token, old_token):
        with pytest.raises(RoomError, match="does not work any more"):
            people.accept(people.hashed(link), username="two", display_name="2", password=PASSWORD)
    assert not Account.objects.filter(username="two").exists()


def test_the_database_does_not_hold_what_would_open_an_invitation() -> None:
    made, token = people.invite(None)
    with connection.cursor() as cursor:
        row = cursor.execute("SELECT * FROM room_invitation WHERE id = %s", [made.id]).fetchone()
    assert token not in repr(row)
    assert people.open_invitation(people.hashed(token)) == made


def test_a_taken_name_is_refused_and_the_invitation_stays_good() -> None:
    talks = world.talks()
    made, token = people.invite(talks.room, Role.OBSERVER)
    browser = opened(token)
    for name in ("north", "NORTH", " North "):
        page = browser.post("/join/", {**NEW, "username": name})
        assert page.status_code == 422
        assert "is taken" in page.content.decode()
    assert Invitation.objects.get(id=made.id).used is None
    assert browser.post("/join/", NEW).status_code == 302


@pytest.mark.parametrize(
    "change",
    [
        {"password1": "short", "password2": "short"},
        {"password2": PASSWORD + "."},
        {"password1": "123456789012", "password2": "123456789012"},
        {"password1": "hala for the north", "password2": "hala for the north"},
        {"username": "a b"},
        {"username": "../../etc"},
        {"username": ""},
        {"display_name": " "},
        {"display_name": "rotaide\u202eM"},
        {"display_name": "Hala\u0000"},
    ],
)
def test_weak_or_wrong_entries_are_told_at_their_field(change: dict[str, str]) -> None:
    browser = opened(people.invite(None)[1])
    page = browser.post("/join/", NEW | change)
    assert page.status_code == 422
    told = page.content.decode()
    field = re.search(r'<ul class="errorlist" id="(id_\w+)_error"', told)
    assert field, told
    assert re.search(rf'aria-describedby="[^"]*{field[1]}_error"', told)
    assert not Account.objects.filter(username="hala").exists()


def test_somebody_with_an_account_takes_a_place_in_another_room() -> None:
    talks = world.talks("First")
    other = world.talks("Second", mark=".2")
    token = people.invite(other.room, Role.WITNESS)[1]
    browser = world.client_for(talks.account("observer"))
    browser.get(f"/join/{token}/")
    assert "Second" not in browser.get("/join/").content.decode()
    assert "Second" in browser.post("/join/", follow=True).content.decode()
    assert browser.post("/join/").headers["Location"] == "/"
    place = Member.objects.get(account=talks.account("observer"), room=other.room)
    assert place.role == Role.WITNESS
    with pytest.raises(RoomError, match="does not work any more"):
        people.accept_as(people.hashed(token), talks.account("witness"))


def test_somebody_with_an_account_may_sign_in_from_the_invitation() -> None:
    talks = world.talks("First")
    other = world.talks("Second", mark=".2")
    browser = opened(people.invite(other.room, Role.WITNESS)[1])
    page = browser.get("/join/").content.decode()
    assert f"{reverse('account_login')}?next=/join/" in page
    given = {"login": "observer", "password": PASSWORD, "next": "/join/"}
    browser.post(reverse("account_login"), given)
    code = world.code_for(talks.account("observer"))
    answer = browser.post(reverse("mfa_authenticate"), {"code": code})
    assert answer.headers["Location"] == "/join/"
    assert "Take it as Observer" in browser.get("/join/").content.decode()


def test_who_has_a_place_already_keeps_it_and_who_was_removed_can_be_invited_again() -> None:
    talks = world.talks()
    token = people.invite(talks.room, Role.OBSERVER)[1]
    with pytest.raises(RoomError, match="already have a place"):
        people.accept_as(people.hashed(token), talks.account("mediator"))
    assert talks.actor("mediator").role == Role.MEDIATOR
    people.accept_as(people.hashed(token), talks.account("removed"))
    assert talks.actor("removed").role == Role.OBSERVER
    assert talks.actor("removed").party is None


def test_an_operator_never_gets_a_place() -> None:
    talks = world.talks()
    token = people.invite(talks.room, Role.OBSERVER)[1]
    with pytest.raises(RoomError, match="new account"):
        people.accept_as(people.hashed(token), talks.account("operator"))
    assert people.open_invitation(people.hashed(token)) is not None


def test_places_that_cannot_be_are_refused() -> None:
    talks, other = world.talks(), world.talks(mark=".2")
    for role, party in (
        (Role.DELEGATION, None),
        (Role.MEDIATOR, talks.parties["north"]),
        (Role.DELEGATION, other.parties["north"]),
        (None, None),
    ):
        with pytest.raises(RoomError):
            people.invite(talks.room, role, party=party)
    with pytest.raises(RoomError):
        people.invite(None, Role.MEDIATOR)
    assert not Invitation.objects.exists()


def test_a_reset_ends_the_old_password_the_old_second_step_and_all_sessions() -> None:
    talks = world.talks()
    north = talks.account("north")
    elsewhere = world.client_for(north)
    token = people.invite(None, by=talks.account("mediator"), account=north)[1]
    browser = opened(token)
    shown = browser.get("/join/").content.decode()
    assert "New password" in shown
    new = "another table, by a river"
    answer = browser.post("/join/", {"password1": new, "password2": new})
    assert answer.headers["Location"] == reverse("second_step")
    north.refresh_from_db()
    assert north.check_password(new)
    assert not people.has_second_factor(north)
    assert elsewhere.get("/account/").headers["Location"].startswith("/account/login/")
    assert Member.objects.filter(account=north).count() == 1


def test_a_mediator_resets_those_of_his_room_alone() -> None:
    talks, other = world.talks(), world.talks(mark=".2")
    mediator = talks.account("mediator")
    Member.objects.create(room=other.room, account=talks.account("south"), role=Role.OBSERVER)
    may = {name for name, one in talks.people.items() if people.may_reset(mediator, one)}
    assert may == {"co-mediator", "north", "north-2", "witness", "observer", "removed"}
    for name in ("north", "co-mediator", "operator", "witness"):
        assert not any(people.may_reset(talks.account(name), one) for one in talks.people.values())
    with pytest.raises(RoomError, match="not of your room alone"):
        people.invite(None, by=mediator, account=talks.account("south"))


# a link works as long as whoever made it may make such a one


def test_of_several_links_to_reset_only_the_newest_works_and_none_after_it_was_used() -> None:
    talks = world.talks()
    by, account = talks.account("mediator"), talks.account("north")
    tokens = [people.invite(None, by=by, account=account)[1] for _ in range(3)]
    works = [people.open_invitation(people.hashed(token)) is not None for token in tokens]
    assert works == [False, False, True]
    people.reset(people.hashed(tokens[2]), PASSWORD)
    for token in tokens:
        with pytest.raises(RoomError, match="does not work any more"):
            people.reset(people.hashed(token), PASSWORD)


def test_a_link_to_reset_ends_when_the_account_has_come_to_more_than_its_maker_may_see() -> None:
    talks, other = world.talks(), world.talks("Another room", mark="-b")
    account = talks.account("north")
    _, token = people.invite(None, by=talks.account("mediator"), account=account)
    _, place = people.invite(other.room, Role.MEDIATOR)
    people.accept_as(people.hashed(place), account)
    before = account.password
    assert people.open_invitation(people.hashed(token)) is None
    with pytest.raises(RoomError, match="does not work any more"):
        people.reset(people.hashed(token), PASSWORD)
    account.refresh_from_db()
    assert account.password == before


def test_links_of_somebody_who_was_removed_end_with_his_place() -> None:
    talks = world.talks()
    by = talks.account("co-mediator")
    _, token = people.invite(talks.room, Role.OBSERVER, by=by)
    assert people.open_invitation(people.hashed(token)) is not None
    Member.objects.filter(room=talks.room, account=by).update(removed=timezone.now())
    assert people.open_invitation(people.hashed(token)) is None
    with pytest.raises(RoomError, match="does not work any more"):
        people.accept(people.hashed(token), username="x", display_name="X", password=PASSWORD)
    assert not Account.objects.filter(username="x").exists()
    made = Invitation.objects.get(token_hash=people.hashed(token))
    assert made.used is None


def test_a_co_mediator_who_was_a_mediator_makes_no_mediator_any_more() -> None:
    talks = world.talks()
    by = talks.account("mediator")
    _, token = people.invite(talks.room, Role.MEDIATOR, by=by)
    Member.objects.filter(room=talks.room, account=by).update(role=Role.CO_MEDIATOR)
    assert people.open_invitation(people.hashed(token)) is None


def test_a_link_that_opens_nothing_writes_nothing() -> None:
    world.talks()
    before = Session.objects.count()
    for k in range(5):
        assert world.client().get(f"/join/{'x' * k}y/", follow=True).status_code == 404
    assert Session.objects.count() == before


def test_what_has_expired_is_forgotten_at_a_tick(monkeypatch: pytest.MonkeyPatch) -> None:
    talks = world.talks()
    world.client_for(talks.account("north"))
    cache.set("count", 1, 60)
    later = timezone.now() + timedelta(days=2)
    ticks.tick()
    assert (Session.objects.exists(), cache.get("count")) == (True, 1)
    monkeypatch.setattr(clock, "now", lambda: later)
    ticks.tick()
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM room_cache")
        assert (Session.objects.exists(), cursor.fetchone()) == (False, (0,))
