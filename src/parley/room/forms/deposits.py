"""The forms about texts that are laid down."""

from __future__ import annotations

import secrets
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

KINDS = ".docx,.pdf,.md,.txt"


def new_key() -> str:
    """A fresh key for a form: what is sent with it again is the same deposit, not another."""
    return secrets.token_urlsafe(18)


class Text(forms.Form):
    """A text in words or as a file; a file is kept as it is and never looked into."""

    key = forms.CharField(max_length=80, min_length=8, widget=forms.HiddenInput)
    text = forms.CharField(
        label=_("Text"),
        required=False,
        strip=False,
        help_text=_("Write or paste it here, or choose a file below."),
        widget=forms.Textarea(attrs={"rows": 12}),
    )
    file = forms.FileField(
        label=_("Or a file"),
        required=False,
        allow_empty_file=True,
        help_text=_("Word, PDF, Markdown or plain text."),
        widget=forms.FileInput(attrs={"accept": KINDS}),
    )

    def clean(self) -> dict[str, Any]:
        """One of the two, and not nothing."""
        given = super().clean() or {}
        text, file = given.get("text") or "", given.get("file")
        if text.strip() and file:
            self.add_error("file", gettext("There is a text and a file. Send one of them."))
        elif file:
            given["body"] = file.read()
            if not given["body"]:
                self.add_error("file", gettext("There is nothing in this file."))
        elif text.strip():
            given["body"] = text.replace("\r\n", "\n").encode()
        else:
            self.add_error("text", gettext("Write your text, or choose a file."))
        return given
