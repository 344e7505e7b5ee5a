"""The form of a case."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _


class Files(forms.FileInput):
    """A field that takes several files."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One file or several."""

    widget = Files

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Each of the files as one."""
        several = data if isinstance(data, (list, tuple)) else [data]
        return [super(FilesField, self).clean(one, initial) for one in several or [None]]


class BringCase(forms.Form):
    """A case folder: packed as a zip file, or its files."""

    files = FilesField(  # type: ignore[assignment]  # of the class; a form's own are its uploads
        label=_("Case"),
        max_length=200,
        help_text=_("The case folder as a .zip file, or its files: case.yaml, record.yaml, texts."),
        widget=Files(attrs={"accept": ".zip,.yaml,.md", "multiple": True}),
    )

    def contents(self) -> list[tuple[str, bytes]]:
        """Names and contents of the files."""
        files: list[UploadedFile[bytes]] = self.cleaned_data["files"]
        return [(file.name or "", file.read()) for file in files]
