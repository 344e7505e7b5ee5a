"""Getting in: an invitation, a second step, a language."""

from __future__ import annotations

from typing import cast

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.webauthn.views import remove_webauthn
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import IntegrityError
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from parley.errors import RoomError
from parley.room import people
from parley.room.forms.accounts import Join, Open, Reset
from parley.room.models import Account, Invitation
from parley.room.told import told

INVITATION, OPENED = "invitation", "invitation_opened"


@require_safe
def join_link(request: HttpRequest, token: str) -> HttpResponse:
    """Take the secret out of the address, where others could read it, into the session."""
    token_hash = people.hashed(token)
    for key in {INVITATION, OPENED} & set(request.session.keys()):
        del request.session[key]
    # of a link that opens nothing, nothing is written
    if people.open_invitation(token_hash) is not None:
        request.session[INVITATION] = token_hash
    return redirect("join")


@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest) -> HttpResponse:
    """Open an invitation, and make the account or take the place that it gives."""
    made = people.open_invitation(request.session.get(INVITATION, ""))
    if made is None:
        return _closed(request)
    if not request.session.get(OPENED):
        if request.method != "POST":
            return render(request, "room/accounts/join_open.html")
        request.session[OPENED] = True
        return redirect("join")
    if made.account is None and request.user.is_authenticated:
        return _join_as(request, made)
    return _join_new(request, made)


def _closed(request: HttpRequest, error: RoomError | None = None) -> HttpResponse:
    if INVITATION in request.session:
        del request.session[INVITATION]
    page = {"problem": told(error) if error else ""}
    return render(request, "room/accounts/join_closed.html", page, status=404)


def _join_as(request: HttpRequest, made: Invitation) -> HttpResponse:
    """Somebody who has signed in takes the place that an invitation gives."""
    if request.method == "POST":
        form = Open(request.POST)
        if form.is_valid():
            try:
                people.accept_as(made.token_hash, cast("Account", request.user))
            except RoomError as error:
                return _closed(request, error)
            request.session.pop(INVITATION, None)
            return redirect("home")
    return render(request, "room/accounts/join_as.html", {"invitation": made})


def _join_new(request: HttpRequest, made: Invitation) -> HttpResponse:
    """Somebody makes an account, or sets a new password for his own."""
    form: Form = _form_for(made, request)
    if request.method == "POST" and form.is_valid():
        try:
            account = _accepted(made, form)
        except RoomError as error:
            return _closed(request, error)
        except IntegrityError:
            form.add_error("username", _("This login name is taken. Choose another."))
        else:
            _sign_in(request, account)
            return redirect("second_step")
    page = "room/accounts/join.html" if made.account is None else "room/accounts/reset.html"
    status = 200 if not form.errors else 422
    return render(request, page, {"form": form, "invitation": made}, status=status)


def _form_for(made: Invitation, request: HttpRequest) -> Form:
    given = request.POST if request.method == "POST" else None
    if made.account is None:
        return Join(given)
    form = Reset(given)
    form.account = made.account
    return form


def _accepted(made: Invitation, form: Form) -> Account:
    given = form.cleaned_data
    if made.account is not None:
        return people.reset(made.token_hash, given["password1"])
    return people.accept(
        made.token_hash,
        username=given["username"],
        display_name=given["display_name"],
        password=given["password1"],
    )


def _sign_in(request: HttpRequest, account: Account) -> None:
    """Sign in whoever has just chosen a password, so that he can set his second step."""
    request.session.flush()
    get_adapter().login(request, account)
    record_authentication(request, account, "password", reauthenticated=True)


@login_required
@require_safe
def second_step(request: HttpRequest) -> HttpResponse:
    """Choose a second step; until then there is nowhere else to go."""
    if people.has_second_factor(cast("Account", request.user)):
        return redirect("mfa_index")
    return render(request, "room/accounts/second_step.html")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def remove_passkey(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a passkey, unless it is the last second step."""
    left = people.second_factors(cast("Account", request.user)).exclude(pk=pk)
    if not left.exists():
        messages.error(request, _("This is your only second step. Add another one first."))
        return redirect("mfa_index")
    answer: HttpResponse = remove_webauthn(request, pk=pk)
    return answer


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Choose the language of all pages, for this browser and (signed in) for the account."""
    chosen = request.POST.get("language", "")
    to = request.POST.get("next", "")
    if not to.startswith("/") or not url_has_allowed_host_and_scheme(to, allowed_hosts=None):
        to = "/"
    answer = redirect(to)
    if chosen in dict(settings.LANGUAGES):
        set_language(answer, chosen)
        if isinstance(request.user, Account) and request.user.language != chosen:
            request.user.language = chosen
            request.user.save(update_fields=["language"])
    return answer


def set_language(answer: HttpResponse, chosen: str) -> None:
    """Have the browser keep a language."""
    answer.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        chosen,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )
