"""The form with which a file of terms is uploaded."""

from django import forms
from django.core.files.uploadedfile import UploadedFile

from glossary.domain.intake_file import Format

MAX_UPLOAD = 20_000_000  # bytes; larger files are for the command line


class IntakeForm(forms.Form):
    """A CSV or JSON Lines file."""

    file = forms.FileField(label="CSV or JSON Lines file")

    def clean_file(self) -> UploadedFile:
        """Refuse what is too large to be read while somebody waits."""
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > MAX_UPLOAD:
            raise forms.ValidationError("The file is over 20 MB. Use the command import_terms for it.")
        return file

    def format(self) -> Format:
        """Return the format that the name of the file says; CSV where it says nothing."""
        name = str(self.cleaned_data["file"].name).lower()
        return Format.JSONL if name.endswith((".jsonl", ".ndjson", ".json")) else Format.CSV
