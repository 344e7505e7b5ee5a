"""The forms about rounds of talks and their charters."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from parley.room import clock
from parley.room.models import Mode

LOCAL = "%Y-%m-%dT%H:%M"

LONGEST_TEMPLATE = 10_000
"""Most letters of the headings: the charter with them stands in every receipt."""


class LocalTime(forms.CharField):
    """A time on the clocks of some zone, which another field names."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=LOCAL)

    def clean(self, value: object) -> datetime | None:
        """The time without its zone."""
        text = str(super().clean(value))
        if not text:
            return None
        try:
            return datetime.strptime(text[:16], LOCAL)
        except ValueError:
            raise ValidationError(_("This is no time. Write it as 2026-11-25T14:00.")) from None


class NewRound(forms.Form):
    """A round of talks: where, when, about what, and whether texts are exchanged in it."""

    title = forms.CharField(
        label=_("Title"),
        max_length=200,
        help_text=_("Neutral: all sides read it, and it stands in the log for good."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    place = forms.CharField(label=_("Place"), max_length=200, required=False)
    zone = forms.CharField(
        label=_("Time zone of the talks"),
        max_length=60,
        help_text=_("As in Europe/Istanbul. All times of this page are in this zone."),
        widget=forms.TextInput(
            attrs={"list": "zones", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    begins = LocalTime(label=_("Begins"), required=False)
    agenda = forms.CharField(
        label=_("Agenda"), required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    mode = forms.ChoiceField(
        label=_("Exchange of texts"),
        choices=[*Mode.choices, ("none", _("None"))],
        widget=forms.RadioSelect,
    )
    deadline = LocalTime(
        label=_("Deadline for the texts"),
        required=False,
        help_text=_(
            "An exchange needs one. If not all texts are there by then, none of them opens."
        ),
    )
    template = forms.CharField(
        label=_("Headings that a text should have"),
        required=False,
        max_length=LONGEST_TEMPLATE,
        help_text=_("One on each line. They stand in the charter; nothing forces anybody."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    with_mediator = forms.BooleanField(
        label=_("The mediator reads the texts too, once they are open"),
        required=False,
        help_text=_("It stands in the charter, to which all agree."),
    )

    def __init__(self, *args: Any, missing: dict[str, list[str]], **kwargs: Any) -> None:
        """`missing` has the names of those whose keys a mode lacks."""
        super().__init__(*args, **kwargs)
        self._missing = missing

    def clean_zone(self) -> str:
        """A zone that is known."""
        name = str(self.cleaned_data["zone"]).strip()
        if name not in available_timezones():
            raise ValidationError(gettext("This zone is not known. Choose one from the list."))
        return name

    def clean(self) -> dict[str, Any]:
        """Times in the zone; what the mode needs is there."""
        given = super().clean() or {}
        if given.get("zone"):
            for name in ("begins", "deadline"):
                given[name] = self._placed(name, given.get(name), ZoneInfo(given["zone"]))
        mode = given.get("mode", "")
        given["mode"] = "" if mode == "none" else mode
        if given["mode"]:
            self._check_exchange(given)
        return given

    def _placed(self, name: str, local: datetime | None, zone: ZoneInfo) -> datetime | None:
        """A time in its zone; a time that does not come that day, or comes twice, is refused."""
        if local is None:
            return None
        at = local.replace(tzinfo=zone)
        if at.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != local:
            words = gettext("On that day the clocks go forward, and this time does not come.")
            self.add_error(name, words)
        elif at.utcoffset() != at.replace(fold=1).utcoffset():
            words = gettext("On that day the clocks go back, and this time comes twice.")
            self.add_error(name, words)
        return at

    def _check_exchange(self, given: dict[str, Any]) -> None:
        # without a zone nobody can say when the deadline is
        if given.get("zone") and "deadline" not in self.errors:
            if given.get("deadline") is None:
                self.add_error("deadline", gettext("An exchange of texts needs a deadline."))
            elif given["deadline"] <= clock.now():
                self.add_error("deadline", gettext("The deadline has to be ahead."))
        names = self._missing.get(given["mode"], [])
        if names:
            words = gettext("Keys are missing of: %(names)s. Ask for them, or take another mode.")
            self.add_error("mode", words % {"names": ", ".join(names)})
