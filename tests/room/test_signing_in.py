"""Signing in takes two steps; sessions end; nobody changes what belongs to another."""

from __future__ import annotations

import time

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test import Client
from django.urls import reverse

from parley.room import people
from parley.room.middleware import BEGAN, SEEN
from parley.room.models import Account
from tests.room import world
from tests.room.world import PASSWORD

LOGIN = reverse("account_login")
CODE = reverse("mfa_authenticate")


def first_step(browser: Client, name: str, password: str = PASSWORD) -> str:
    """Give name and password; where one is sent."""
    answer = browser.post(LOGIN, {"login": name, "password": password})
    return answer.headers.get("Location", "")


def signed_in(browser: Client) -> bool:
    """Whether the pages of an account are open."""
    return browser.get("/account/").status_code == 200


def code_at(account: Account, offset: int, monkeypatch: pytest.MonkeyPatch) -> str:
    """The code that an app shows whose clock is off by so many seconds."""
    now = time.time()
    with monkeypatch.context() as clock:
        clock.setattr("time.time", lambda: now + offset)
        return world.code_for(account)


def test_the_password_alone_opens_nothing() -> None:
    world.account("hala")
    browser = world.client()
    assert first_step(browser, "hala") == CODE
    assert not signed_in(browser)
    assert browser.get("/").headers["Location"].startswith(LOGIN)


def test_the_code_of_this_half_minute_opens_and_no_other_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    account = world.account("hala")
    browser = world.client()
    first_step(browser, "HALA")
    for offset in (-60, -30, 30, 60):
        code = code_at(account, offset, monkeypatch)
        if code != world.code_for(account):
            assert browser.post(CODE, {"code": code}).status_code == 200
    assert not signed_in(browser)
    assert browser.post(CODE, {"code": world.code_for(account)}).status_code == 302
    assert signed_in(browser)


def test_signing_in_brings_back_the_language_of_the_account() -> None:
    account = world.account("hala")
    Account.objects.filter(id=account.id).update(language="fr")
    browser = world.client()
    first_step(browser, "hala")
    browser.post(CODE, {"code": world.code_for(account)})
    assert '<html lang="fr">' in browser.get("/account/").content.decode()


def test_a_code_works_once() -> None:
    account = world.account("hala")
    code = world.code_for(account)
    first, second = world.client(), world.client()
    for browser in (first, second):
        first_step(browser, "hala")
        browser.post(CODE, {"code": code})
    assert signed_in(first)
    assert not signed_in(second)


def test_a_recovery_code_works_once() -> None:
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

    account = world.account("hala")
    codes = RecoveryCodes.activate(account).generate_codes()
    for expected in (True, False):
        browser = world.client()
        first_step(browser, "hala")
        browser.post(CODE, {"code": codes[3]})
        assert signed_in(browser) is expected


def test_an_account_without_a_second_step_cannot_sign_in() -> None:
    world.account("hala", second_factor=False)
    browser = world.client()
    answer = browser.post(LOGIN, {"login": "hala", "password": PASSWORD}, follow=True)
    assert "no second step yet" in answer.content.decode()
    assert not signed_in(browser)


def test_unknown_names_and_wrong_passwords_get_the_same_answer() -> None:
    world.account("hala")
    answers = {
        world.client()
        .post(LOGIN, {"login": name, "password": "wrong"})
        .context["form"]
        .errors.as_json()
        for name in ("hala", "nobody")
    }
    assert len(answers) == 1


@pytest.mark.parametrize(
    ("began", "seen", "holds"),
    [
        (0, 0, True),
        (-12 * 3600 + 60, -30, True),
        (-12 * 3600, -30, False),
        (-3600, -3600, False),
        (-3600, -3500, True),
        (3600, 0, False),  # a clock that was set back
    ],
)
def test_a_session_ends_after_twelve_hours_or_an_hour_of_silence(
    began: int, seen: int, holds: bool
) -> None:
    browser = world.client_for(world.account("hala"))
    session = browser.session
    now = int(time.time())
    session[BEGAN], session[SEEN] = now + began, now + seen
    session.save()
    assert signed_in(browser) is holds
    told = browser.get("/account/", follow=True).content.decode()
    assert ("Your session has ended" in told) is not holds


def test_who_sent_something_after_the_end_of_a_session_is_told_that_it_was_not_taken() -> None:
    browser = world.client_for(world.account("hala"))
    session = browser.session
    session[SEEN] = int(time.time()) - 4000
    session.save()
    told = browser.post("/rooms/new/", {"title": "Talks"}, follow=True).content.decode()
    assert "What you sent meanwhile was not taken" in told


def test_a_session_that_does_not_say_when_it_began_is_none() -> None:
    browser = world.client_for(world.account("hala"))
    session = browser.session
    del session[BEGAN]
    session.save()
    assert not signed_in(browser)


def test_a_new_password_ends_the_other_sessions() -> None:
    account = world.account("hala")
    here, elsewhere = world.client_for(account), world.client_for(account)
    new = "another table, by a river"
    given = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert here.post(reverse("account_change_password"), given).status_code == 302
    assert signed_in(here)
    assert not signed_in(elsewhere)


def test_a_closed_account_is_out_at_once() -> None:
    account = world.account("hala")
    browser = world.client_for(account)
    Account.objects.filter(id=account.id).update(is_active=False)
    assert not signed_in(browser)
    assert first_step(world.client(), "hala") == reverse("account_inactive")


def test_signing_out_takes_a_form_with_its_token() -> None:
    account = world.account("hala")
    browser = world.client_for(account, csrf=True)
    assert browser.get(reverse("account_logout")).status_code == 405
    assert browser.post(reverse("account_logout")).status_code == 403
    assert signed_in(browser)
    plain = world.client_for(account)
    assert plain.post(reverse("account_logout")).status_code == 302
    assert not signed_in(plain)


@pytest.mark.parametrize(
    "name",
    [
        "join",
        "language",
        "account_login",
        "account_logout",
        "account_reauthenticate",
        "account_change_password",
        "mfa_authenticate",
        "mfa_reauthenticate",
        "mfa_activate_totp",
        "mfa_deactivate_totp",
        "mfa_generate_recovery_codes",
        "mfa_add_webauthn",
        "mfa_login_webauthn",
        "mfa_reauthenticate_webauthn",
    ],
)
def test_no_form_is_taken_without_its_token(name: str) -> None:
    account = world.account("hala")
    for browser in (world.client(csrf=True), world.client_for(account, csrf=True)):
        answer = browser.post(reverse(name), {"code": "123456", "language": "fr"})
        assert answer.status_code == 403, name
        assert "Not sent" in answer.content.decode()


def confirmed(account: Account) -> Client:
    """A browser of somebody who has just given his password again."""
    browser = world.client_for(account)
    answer = browser.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert answer.status_code == 302
    return browser


def test_changing_the_second_step_takes_the_password_again() -> None:
    browser = world.client_for(world.account("hala"))
    for name in ("mfa_add_webauthn", "mfa_deactivate_totp", "mfa_generate_recovery_codes"):
        answer = browser.get(reverse(name))
        assert answer.headers["Location"].startswith(reverse("account_reauthenticate")), name
    answer = browser.post(reverse("mfa_deactivate_totp"))
    assert answer.headers["Location"].startswith(reverse("account_reauthenticate"))


def test_the_last_second_step_stays() -> None:
    account = world.account("hala")
    browser = confirmed(account)
    page = browser.post(reverse("mfa_deactivate_totp"))
    assert "only second step" in page.content.decode()
    assert people.has_second_factor(account)
    key = Authenticator.objects.create(user=account, type="webauthn", data={"name": "k"})
    assert browser.post(reverse("mfa_deactivate_totp")).status_code == 302
    browser.post(reverse("mfa_remove_webauthn", args=[key.pk]))
    assert list(people.second_factors(account)) == [key]


def test_the_passkeys_of_another_are_not_there() -> None:
    owner, other = world.account("hala"), world.account("omar")
    mine = Authenticator.objects.create(user=owner, type="webauthn", data={"name": "mine"})
    browser = confirmed(other)
    for name in ("mfa_remove_webauthn", "mfa_edit_webauthn"):
        for method in (browser.get, browser.post):
            answer = method(reverse(name, args=[mine.pk]), {"name": "taken"})
            assert answer.status_code == 404, name
    mine.refresh_from_db()
    assert mine.data == {"name": "mine"}


def test_the_secret_of_an_app_is_set_in_the_session_and_cannot_be_given() -> None:
    """Nobody can enrol another's second step, nor one with a secret that he chose."""
    owner, other = world.account("hala"), world.account("omar", second_factor=False)
    browser = world.client_for(other)
    browser.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    browser.get(reverse("mfa_activate_totp"))
    chosen = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    given = {
        "code": world.code_of(chosen),
        "secret": chosen,
        "user": owner.id,
        "user_id": owner.id,
    }
    browser.post(reverse("mfa_activate_totp"), given)
    assert not people.has_second_factor(other)
    assert people.second_factors(owner).count() == 1


def test_the_database_alone_gives_no_codes() -> None:
    from allauth.mfa.utils import decrypt

    account = world.account("hala")
    with connection.cursor() as cursor:
        rows = cursor.execute("SELECT data FROM mfa_authenticator").fetchall()
    secret = decrypt(people.second_factors(account).get().data["secret"])
    assert len(secret) == 32
    assert secret not in repr(rows)
