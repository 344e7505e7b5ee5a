"""The forms by which people get in."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import ChangePasswordForm, LoginForm
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from parley.room.models import Account

JOINERS = "\u200c\u200d"  # scripts such as Persian need them within words


class Open(forms.Form):
    """Nothing but a button: opening an invitation takes a person, not a preview of a link."""


class NewPassword(forms.Form):
    """A password, typed twice."""

    password1 = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=1024,
        help_text=_("At least 12 characters; a few words that do not belong together are good."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    password2 = forms.CharField(
        label=_("Password again"),
        strip=False,
        max_length=1024,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    account: Account | None = None

    def clean(self) -> dict[str, Any]:
        """Both the same, and not easy to guess."""
        given = super().clean() or {}
        first, second = given.get("password1"), given.get("password2")
        if first and second and first != second:
            self.add_error("password2", gettext("The two passwords are not the same."))
        elif first:
            try:
                validate_password(first, self.account or self._account(given))
            except ValidationError as error:
                self.add_error("password1", error)
        return given

    def _account(self, _given: dict[str, Any]) -> Account | None:
        return None


class Join(NewPassword):
    """A new account: the name to sign in with, the name that others see, a password."""

    username = forms.CharField(
        label=_("Login name"),
        max_length=64,
        help_text=_("Small letters, digits, dots and hyphens. Only you need to know it."),
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    display_name = forms.CharField(
        label=_("Name that others see"),
        max_length=120,
        help_text=_("As you would be introduced at the table. A function is enough."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    field_order = ("username", "display_name", "password1", "password2")

    def clean_username(self) -> str:
        """A login name that nobody has, whatever its case."""
        name = str(self.cleaned_data["username"]).strip().lower()
        for check in Account._meta.get_field("username").validators:
            check(name)
        if Account.objects.filter(username__iexact=name).exists():
            raise ValidationError(gettext("This login name is taken. Choose another."))
        return name

    def clean_display_name(self) -> str:
        """A name without signs that cannot be seen, which could make it look like another."""
        name = str(self.cleaned_data["display_name"])
        if not all(char.isprintable() or char in JOINERS for char in name):
            raise ValidationError(gettext("This name holds signs that cannot be seen."))
        return name

    def _account(self, given: dict[str, Any]) -> Account | None:
        return Account(
            username=given.get("username", ""), display_name=given.get("display_name", "")
        )


class Reset(NewPassword):
    """A new password for an account that exists."""


class Login(LoginForm):
    """As allauth's, with the words of this product."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("Login name")
        attributes = {"autocapitalize": "none", "spellcheck": "false", "autofocus": True}
        self.fields["login"].widget.attrs.update(attributes)
        _without_placeholders(self)


class ChangePassword(ChangePasswordForm):
    """As allauth's, without grey words inside the fields."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _without_placeholders(self)


class SetUpApp(ActivateTOTPForm):
    """As allauth's; the key can be read in groups of four, as one types it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("Code")
        self.fields["code"].widget.attrs["inputmode"] = "numeric"
        _without_placeholders(self)

    def secret_in_fours(self) -> str:
        """The key, with a space after each four characters."""
        return " ".join(self.secret[at : at + 4] for at in range(0, len(self.secret), 4))


class SecondStep(AuthenticateForm):
    """As allauth's, without grey words inside the field."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs["autofocus"] = True
        _without_placeholders(self)


class ConfirmByCode(ReauthenticateForm):
    """As allauth's, without grey words inside the field."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _without_placeholders(self)


class AddPasskey(AddWebAuthnForm):
    """A passkey signs in by itself, and so asks the device for a finger, a face or a PIN."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("A name for this passkey")
        self.fields["name"].help_text = _("For example the device it is on.")
        self.fields["passwordless"].initial = True
        self.fields["passwordless"].label = _("Sign in with this passkey alone")
        self.fields["passwordless"].help_text = _(
            "The device then asks for a finger, a face or a PIN each time."
        )


def _without_placeholders(form: forms.Form) -> None:
    """What a field is for stands in its label, where it stays while one types."""
    for field in form.fields.values():
        field.widget.attrs.pop("placeholder", None)
