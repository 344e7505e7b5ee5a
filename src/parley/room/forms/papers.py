"""The forms of the channels."""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from django import forms
from django.utils.translation import gettext_lazy as _

from parley.room.models import Channel
from parley.room.papers import LONGEST_NAME

LONGEST_MESSAGE = 50_000
FORMS_OF_TEXTS = ".docx,.md,.txt,.pdf,.odt,.xlsx,.zip,.parley-bid,.parley-outcome"


def new_key() -> str:
    """An idempotency key: what is sent twice with it is there once."""
    return secrets.token_urlsafe(16)


class Keyed(forms.Form):
    """A form that may be sent twice."""

    key = forms.CharField(widget=forms.HiddenInput, initial=new_key, min_length=8, max_length=80)


class Say(Keyed):
    """A message."""

    words = forms.CharField(
        label=_("Message"),
        max_length=LONGEST_MESSAGE,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class Bring(Keyed):
    """A document."""

    file = forms.FileField(
        label=_("Document"),
        max_length=LONGEST_NAME,
        help_text=_("Up to 10 MB. It is kept as it is, and nobody opens it here."),
        widget=forms.FileInput(attrs={"accept": FORMS_OF_TEXTS}),
    )


class Carry(Keyed):
    """Where a paper is carried, and under what name."""

    to = forms.ChoiceField(label=_("Carry it to"), widget=forms.RadioSelect)
    name = forms.CharField(
        label=_("Name of the file there"),
        max_length=LONGEST_NAME,
        required=False,
        help_text=_("Choose a name that does not tell where it comes from."),
    )

    def __init__(self, channels: Iterable[tuple[Channel, str]], *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self.fields["to"].choices = [(channel.id, name) for channel, name in channels]  # type: ignore[attr-defined]
