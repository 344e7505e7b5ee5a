"""The forms of the single text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

WORDS = 20_000
_NAME = RegexValidator(r"\A[a-z0-9][a-z0-9.-]*\Z")


class Start(forms.Form):
    """With what a single text begins."""

    source = forms.ChoiceField(label=_("Begin with"), widget=forms.RadioSelect)
    title = forms.CharField(
        label=_("Title"),
        max_length=200,
        help_text=_("Choose a neutral one: all sides will read it."),
    )

    def __init__(self, sources: Iterable[tuple[str, str]], *args: Any) -> None:
        super().__init__(*args)
        self.fields["source"].choices = list(sources)  # type: ignore[attr-defined]


class Do(forms.Form):
    """Something done to a single text; which of the fields it needs, the rules of texts say.

    Who does it is never among them: that is whoever has signed in.
    """

    version = forms.IntegerField(min_value=1, max_value=1_000_000)
    op = forms.CharField(max_length=20)
    place = forms.IntegerField(required=False, min_value=0, max_value=100_000)
    at = forms.CharField(required=False, max_length=120, validators=[_NAME])
    after = forms.CharField(required=False, max_length=120, validators=[_NAME])
    on = forms.CharField(required=False, max_length=120, validators=[_NAME])
    bracket = forms.CharField(required=False, max_length=12, validators=[_NAME])
    alternative = forms.IntegerField(required=False, min_value=1, max_value=1000)
    alternatives = forms.TypedMultipleChoiceField(
        required=False, coerce=int, choices=[(k, k) for k in range(1, 1001)]
    )
    number = forms.IntegerField(required=False, min_value=1, max_value=10_000)
    words = forms.CharField(required=False, max_length=WORDS)
    text = forms.CharField(required=False, max_length=WORDS)
    why = forms.CharField(required=False, max_length=1000)

    FIELDS = {  # noqa: RUF012  (a table, never changed)
        "bracket": ("at", "words", "text", "why"),
        "propose": ("bracket", "text", "why"),
        "within": ("bracket", "alternative", "words", "text", "why"),
        "insert": ("after", "text", "why"),
        "merge": ("bracket", "alternatives", "text"),
        "support": ("bracket", "alternative"),
        "adopt": ("bracket", "alternative"),
        "drop": ("bracket", "alternative"),
        "reserve": ("on", "why"),
        "lift": ("on",),
        "round": ("number",),
    }
    """Of each operation the fields that it takes."""

    EMPTY_COUNTS = frozenset({"bracket", "propose", "within", "merge"})
    """Operations in which an empty text says something: that there should be no words."""

    def step(self) -> dict[str, Any]:
        """The operation, without who and when."""
        given = self.cleaned_data
        names = self.FIELDS.get(given["op"], ())
        step = {name: _flat(given[name]) for name in names if given[name] not in (None, "", [])}
        if given["op"] in self.EMPTY_COUNTS:
            step.setdefault("text", "")
        return {"op": given["op"], **step}


def _flat(value: Any) -> Any:
    """Words on one line: a paragraph of a text has no lines of its own."""
    return " ".join(value.split()) if isinstance(value, str) else value
