"""The forms about rooms, their parties and their people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from parley.room.models import Party, Role

LONGEST = 30


class NewRoom(forms.Form):
    """A new room has a title; everything else is its mediator's."""

    title = forms.CharField(
        label=_("Title of the room"),
        max_length=200,
        help_text=_("Choose a neutral one: all sides will read it. You will not see it again."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class NewParty(forms.Form):
    """A side of the talks: its name, and the short id that stands in logs and receipts."""

    name = forms.CharField(
        label=_("Name of the party"),
        max_length=120,
        help_text=_("As all sides can accept it."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    slug = forms.CharField(
        label=_("Short id"),
        max_length=40,
        help_text=_(
            "Small letters, digits and hyphens, such as north. It stands in logs and receipts and"
            " cannot be changed."
        ),
        widget=forms.TextInput(
            attrs={"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}
        ),
    )


class Invite(forms.Form):
    """A place in the room for somebody: as what, of which party, for how long the link works."""

    role = forms.ChoiceField(label=_("As"))
    party = forms.ModelChoiceField(
        label=_("Party"),
        queryset=Party.objects.none(),
        required=False,
        empty_label=_("none"),
        help_text=_("For a member of a delegation; for others leave it."),
    )
    label = forms.CharField(
        label=_("For whom"),
        max_length=120,
        required=False,
        help_text=_("A note for you and the other mediators, so that you know your links apart."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    days = forms.IntegerField(
        label=_("Days that the link works"), min_value=1, max_value=LONGEST, initial=7
    )

    def __init__(
        self, *args: Any, parties: QuerySet[Party], roles: Iterable[Role], **kwargs: Any
    ) -> None:
        """`roles` are those that whoever invites may give."""
        super().__init__(*args, **kwargs)
        party: Any = self.fields["party"]
        role: Any = self.fields["role"]
        party.queryset = parties
        role.choices = [(one.value, one.label) for one in roles]

    def clean_role(self) -> Role:
        """The role itself, not its name."""
        return Role(self.cleaned_data["role"])

    def clean(self) -> dict[str, Any]:
        """A delegation has a party, and nobody else has."""
        given = super().clean() or {}
        is_delegation = given.get("role") == Role.DELEGATION
        if is_delegation and not given.get("party") and "party" not in self.errors:
            self.add_error("party", gettext("A delegation is of a party. Choose it."))
        if given.get("role") and not is_delegation and given.get("party"):
            self.add_error("party", gettext("Only a delegation has a party. Leave it."))
        return given
