"""The forms about rooms."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class NewRoom(forms.Form):
    """A new room has a title; everything else is its mediator's."""

    title = forms.CharField(
        label=_("Title of the room"),
        max_length=200,
        help_text=_("Choose a neutral one: all sides will read it."),
    )
