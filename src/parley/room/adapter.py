"""How allauth is bent to a room: by invitation only, no e-mail, never without a second factor."""

from __future__ import annotations

import base64
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.internal.ratelimit import truncate_ip
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet
from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from parley.room.config import current
from parley.room.middleware import begin_session


class AccountAdapter(DefaultAccountAdapter):
    """Accounts: made by invitation, locked by account and address together."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Nobody makes an account without an invitation."""
        return False

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        # by account and address together: whoever guesses from elsewhere locks himself out, not
        # the owner; and not those who share his address, as delegations at one venue do
        login = str(credentials.get("username", "")).strip().lower()
        return f"{truncate_ip(self.get_client_ip(request))} {login}"

    def pre_login(
        self, request: HttpRequest, user: AbstractBaseUser, **how: Any
    ) -> HttpResponse | None:
        """Refuse an account that has never set a second factor: a password is not enough."""
        from parley.room.people import has_second_factor

        refused: HttpResponse | None = super().pre_login(request, user, **how)
        if refused is None and not has_second_factor(user):
            words = _(
                "This account has no second step yet. Ask whoever invited you for a new link."
            )
            messages.error(request, words)
            return redirect("account_login")
        return refused

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        """Sign in; the session has its end from now on."""
        super().login(request, user)
        begin_session(request)

    def post_login(self, request: HttpRequest, user: AbstractBaseUser, **how: Any) -> HttpResponse:
        """Go on after signing in, in the language that the account has chosen."""
        from parley.room.models import Account
        from parley.room.views.accounts import set_language

        answer: HttpResponse = super().post_login(request, user, **how)
        if isinstance(user, Account) and user.language:
            set_language(answer, user.language)
        return answer

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:  # noqa: ARG002
        """Where one goes on after a new password."""
        from django.urls import reverse

        return reverse("mfa_index")

    def send_mail(self, *_args: object, **_kwargs: object) -> None:
        """Send nothing: no message leaves a room."""


class SecondFactorAdapter(DefaultMFAAdapter):
    """Second factors: their secrets are encrypted in the database, the last one stays."""

    def encrypt(self, text: str) -> str:
        """Encrypt under a key of the data folder: the database alone opens nothing."""
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """What `encrypt` was given."""
        return _cipher().decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Any) -> bool:
        """Whether another second factor is left afterwards."""
        from parley.room.people import second_factors

        return second_factors(authenticator.user).exclude(pk=authenticator.pk).exists()

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Any) -> str:
        """A first name for a passkey."""
        from parley.room.people import second_factors

        number = second_factors(user).filter(type=type).count() + 1
        return _("Passkey") if number == 1 else _("Passkey {number}").format(number=number)

    def build_totp_svg(self, url: str) -> str:
        """The code to scan, as an element that stands in the page itself."""
        found = str(super().build_totp_svg(url))
        return found[found.index("<svg") :]

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """What a passkey is bound to: the name of the host, and what the device shows for it."""
        return {**super().get_public_key_credential_rp_entity(), "name": "Parley"}


def _cipher() -> Fernet:
    return Fernet(base64.urlsafe_b64encode(current().key_file("second-factor")))
