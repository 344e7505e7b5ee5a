"""Who may enter, and as what: accounts, rooms, parties, members, invitations."""

from __future__ import annotations

import base64
import secrets
from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
ID_LENGTH = 12


def new_id() -> str:
    """Twelve random characters, 60 bits: an id that nobody can count or guess."""
    # base 32 in small letters is this alphabet: five bits of chance to a character
    return base64.b32encode(secrets.token_bytes(ID_LENGTH)).decode().lower()[:ID_LENGTH]


class Role(models.TextChoices):
    """What a member is in a room. The operator is none of these: it is no member."""

    MEDIATOR = "mediator", _("Mediator")
    CO_MEDIATOR = "co-mediator", _("Co-mediator")
    DELEGATION = "delegation", _("Delegation")
    WITNESS = "witness", _("Witness")
    OBSERVER = "observer", _("Observer")


class Accounts(BaseUserManager["Account"]):
    """All accounts; a login name is found whatever its case."""

    def get_by_natural_key(self, username: str | None) -> Account:
        return self.get(username__iexact=username)


class Account(AbstractBaseUser):
    """A person who can log in. There is no e-mail address: no message leaves a room."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id, editable=False)
    username = models.CharField(
        _("Login name"),
        max_length=64,
        unique=True,
        validators=[
            RegexValidator(
                r"\A[a-z0-9][a-z0-9._-]+\Z",
                _("Use small letters, digits, dots and hyphens; begin with a letter or digit."),
            )
        ],
    )
    display_name = models.CharField(_("Name that others see"), max_length=120)
    is_operator = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    language = models.CharField(max_length=8, blank=True, default="")
    created = models.DateTimeField(default=timezone.now)

    objects = Accounts()

    USERNAME_FIELD = "username"

    def __str__(self) -> str:
        return self.display_name or self.username


class Room(models.Model):
    """A place for one mediation."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id, editable=False)
    title = models.CharField(_("Title"), max_length=200)
    created = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.title


class Party(models.Model):
    """A side of the talks in a room."""

    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="parties")
    slug = models.CharField(
        max_length=40,
        validators=[
            RegexValidator(r"\A[a-z][a-z0-9-]*\Z", _("Use small letters, digits, hyphens."))
        ],
    )
    name = models.CharField(_("Name"), max_length=120)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["room", "slug"], name="one_party_of_a_name")]

    def __str__(self) -> str:
        return self.name


class Member(models.Model):
    """An account's place in a room; it stays when it has ended, with the time it ended."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id, editable=False)
    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="members")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="places")
    role = models.CharField(max_length=16, choices=Role.choices)
    party = models.ForeignKey(Party, null=True, blank=True, on_delete=models.PROTECT)
    joined = models.DateTimeField(default=timezone.now)
    removed = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["room", "account"], name="one_place_in_a_room"),
            models.CheckConstraint(
                condition=models.Q(role=Role.DELEGATION, party__isnull=False)
                | (~models.Q(role=Role.DELEGATION) & models.Q(party__isnull=True)),
                name="only_a_delegation_has_a_party",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} ({self.get_role_display()})"


class Invitation(models.Model):
    """A link that makes an account or gives it a place; the link itself is not kept.

    Without a room it makes an operator. With `account` it is a reset: that person sets a new
    password and a new second factor.
    """

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id, editable=False)
    token_hash = models.CharField(max_length=64, unique=True)
    room = models.ForeignKey(Room, null=True, blank=True, on_delete=models.PROTECT)
    role = models.CharField(max_length=16, choices=Role.choices, blank=True, default="")
    party = models.ForeignKey(Party, null=True, blank=True, on_delete=models.PROTECT)
    label = models.CharField(max_length=120, blank=True, default="")
    created = models.DateTimeField(default=timezone.now)
    expires = models.DateTimeField()
    used = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(
        Account, null=True, blank=True, on_delete=models.PROTECT, related_name="invitations_made"
    )
    account = models.ForeignKey(
        Account, null=True, blank=True, on_delete=models.PROTECT, related_name="invitations_of"
    )

    def __str__(self) -> str:
        return self.label or self.id

    def is_open(self, now: datetime) -> bool:
        """Whether the link still works at a moment."""
        return self.used is None and now < self.expires
