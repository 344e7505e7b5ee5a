"""Every address of a room. What is not here does not exist, and what needs e-mail is not here."""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from django.urls import URLPattern, URLResolver, path
from django.views.decorators.http import require_POST

from parley.room.views import (
    accounts,
    bundle,
    cases,
    channels,
    compare,
    deposits,
    home,
    keys,
    logs,
    opened,
    opening,
    papers,
    people,
    readings,
    rooms,
    rounds,
    singles,
)

handler404 = "parley.room.views.errors.missing"
handler429 = "parley.room.views.errors.too_many"
handler500 = "parley.room.views.errors.failed"

# under the names that the templates of allauth look up
ACCOUNTS = [
    path("join/", accounts.join, name="join"),
    path("join/<str:token>/", accounts.join_link, name="join_link"),
    path("language/", accounts.language, name="language"),
    path("account/login/", account.login, name="account_login"),
    path("account/logout/", require_POST(account.logout), name="account_logout"),
    path("account/inactive/", account.account_inactive, name="account_inactive"),
    path("account/confirm/", account.reauthenticate, name="account_reauthenticate"),
    path("account/password/", account.password_change, name="account_change_password"),
    path("account/second-step/", accounts.second_step, name="second_step"),
    path("account/", mfa.index, name="mfa_index"),
    path("account/code/", mfa.authenticate, name="mfa_authenticate"),
    path("account/code/confirm/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("account/app/add/", totp.activate_totp, name="mfa_activate_totp"),
    path("account/app/remove/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("account/codes/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("account/codes/new/", codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("account/codes/file/", codes.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("account/passkeys/", passkeys.list_webauthn, name="mfa_list_webauthn"),
    path("account/passkeys/add/", passkeys.add_webauthn, name="mfa_add_webauthn"),
    path("account/passkeys/login/", passkeys.login_webauthn, name="mfa_login_webauthn"),
    path(
        "account/passkeys/confirm/",
        passkeys.reauthenticate_webauthn,
        name="mfa_reauthenticate_webauthn",
    ),
    path("account/passkeys/<int:pk>/remove/", accounts.remove_passkey, name="mfa_remove_webauthn"),
    path("account/passkeys/<int:pk>/edit/", passkeys.edit_webauthn, name="mfa_edit_webauthn"),
]

IN_CHANNEL = "r/<str:room>/c/<str:channel>/"
CHANNELS = [
    path(IN_CHANNEL, channels.channel, name="channel"),
    path(IN_CHANNEL + "send/", channels.send, name="send"),
    path(IN_CHANNEL + "papers/<str:paper>/", papers.paper, name="paper"),
    path(IN_CHANNEL + "papers/<str:paper>/erase/", papers.erase, name="paper-erase"),
    path(IN_CHANNEL + "papers/<str:paper>/carry/", papers.carry_over, name="paper-carry"),
    path("r/<str:room>/readings/", readings.readings, name="readings"),
]

# what is worked on: open texts side by side, the single text, the mediators' case
IN_ROOM = "r/<str:room>/"
COMPARE = IN_ROOM + "rounds/<str:round>/compare/"
SINGLE = IN_ROOM + "texts/<str:single>/"
CASE = IN_ROOM + "case/<str:case>/"
WORK = [
    path(COMPARE, compare.compare, name="compare"),
    path(COMPARE + "<str:form>/", compare.comparison, name="comparison"),
    path(IN_ROOM + "texts/", singles.singles, name="singles"),
    path(SINGLE, singles.single, name="single"),
    path(SINGLE + "do/", singles.do, name="single-do"),
    path(SINGLE + "motions/<str:motion>/", singles.motion, name="single-motion"),
    path(SINGLE + "file/<str:form>/", singles.single_file, name="single-file"),
    path(IN_ROOM + "case/", cases.case, name="case"),
    path(CASE, cases.packed, name="case-packed"),
    path(CASE + "brief/", cases.brief, name="case-brief"),
    path(CASE + "remove/", cases.remove, name="case-remove"),
    path(CASE + "briefing/", cases.briefing, name="briefing"),
    path(CASE + "briefing/<str:name>", cases.briefing, name="briefing-file"),
]

# the room itself, its people and keys, its rounds
ROOM = "r/<slug:room>/"
ROUND = f"{ROOM}rounds/<slug:round>/"
ROUNDS = [
    path(ROOM, rooms.overview, name="room"),
    path(f"{ROOM}people/", people.page, name="people"),
    path(f"{ROOM}people/invite/", people.invite, name="invite"),
    path(f"{ROOM}people/invite/<slug:invitation>/revoke/", people.revoke, name="invite-revoke"),
    path(f"{ROOM}people/party/", people.party_add, name="party-add"),
    path(f"{ROOM}people/remove/", people.remove, name="remove"),
    path(f"{ROOM}people/reset/", people.reset, name="reset"),
    path(f"{ROOM}keys/", keys.keys, name="keys"),
    path(f"{ROOM}log/", logs.page, name="log"),
    path(f"{ROOM}log/checkpoint/", logs.checkpoint, name="checkpoint"),
    path(f"{ROOM}bundle/", bundle.bundle, name="bundle"),
    path(f"{ROOM}rounds/new/", rounds.new, name="round-new"),
    path(ROUND, rounds.page, name="round"),
    path(f"{ROUND}charter/", rounds.charter, name="charter"),
    path(f"{ROUND}agree/", rounds.agree, name="agree"),
    path(f"{ROUND}call-off/", rounds.call_off, name="call-off"),
    path(f"{ROUND}deposit/", deposits.deposit, name="deposit"),
    path(f"{ROUND}deposit/withdraw/", deposits.withdraw, name="withdraw"),
    path(f"{ROUND}deposit/alone/", deposits.alone, name="alone"),
    path(f"{ROUND}receipts/", deposits.receipts_page, name="receipts"),
    path(f"{ROUND}receipts/<slug:receipt>/", deposits.receipt, name="receipt"),
    path(f"{ROUND}opening/", opening.page, name="opening"),
    path(f"{ROUND}opening/request/", opening.ask, name="opening-request"),
    path(f"{ROUND}opening/share/", opening.share, name="share"),
    path(f"{ROUND}opened/", opened.page, name="opened"),
    path(f"{ROUND}opened/<slug:deposit>/", opened.text, name="opened-text"),
    path(f"{ROUND}opened/<slug:deposit>/publish/", opened.publish, name="publish"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("operator/", home.operator, name="operator"),
    path("operator/health/", home.health, name="health"),
    path("rooms/new/", home.make_room, name="make_room"),
    *ACCOUNTS,
    *ROUNDS,
    *CHANNELS,
    *WORK,
]
