"""The form in which a reader says what is wrong."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from glossary.domain.address import address_key
from glossary.domain.errors import BadText
from glossary.domain.names import clean_text
from glossary.domain.report import MAX_QUOTE, MAX_SAID
from glossary.domain.subscriber import MAX_ADDRESS
from glossary.models import Claim

SHORTEST = 8  # characters that can say what is wrong
NO_ADDRESS = "This is not an address that mail can go to. Correct it, or leave it empty."


class ReportForm(forms.Form):
    """Which words, what is wrong with them, and an address for the outcome. `website` is left empty by people."""

    claim = forms.ModelChoiceField(
        Claim.objects.none(),
        label="Which words?",
        required=False,
        error_messages={"invalid_choice": "Choose the words once more."},
    )
    quote = forms.CharField(label="The exact words", required=False, max_length=MAX_QUOTE)
    said = forms.CharField(
        label="What is wrong?",
        max_length=MAX_SAID,
        min_length=SHORTEST,
        error_messages={
            "required": "Say in a sentence what is wrong.",
            "min_length": "Say in a sentence what is wrong.",
            "max_length": f"Say it in {MAX_SAID} characters or fewer.",
        },
    )
    email = forms.CharField(label="Your e-mail address", required=False, max_length=MAX_ADDRESS)
    website = forms.CharField(required=False, max_length=2_000)

    def __init__(self, *args: Any, claims: Any = None, **kwargs: Any) -> None:
        """Take the lines that can be chosen: those that readers have or had."""
        super().__init__(*args, **kwargs)
        if claims is not None:
            field = self.fields["claim"]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = claims

    def clean_said(self) -> str:
        """Return what was said as it can be stored; says which character cannot."""
        return self._storable("said", limit=MAX_SAID, what="What you wrote")

    def clean_quote(self) -> str:
        """Return the quoted words as they can be stored; says which character cannot."""
        return self._storable("quote", limit=MAX_QUOTE, what="The words you quoted")

    def clean_email(self) -> str:
        """Return the address as mail goes to it, in small letters, so that one mailbox is one address."""
        typed = self.cleaned_data["email"]
        try:
            return address_key(typed) if typed else ""
        except ValueError as refusal:
            raise ValidationError(NO_ADDRESS) from refusal

    def _storable(self, name: str, *, limit: int, what: str) -> str:
        try:
            return clean_text(self.cleaned_data[name], limit=limit, what=what)
        except BadText as refusal:
            raise ValidationError(str(refusal)) from refusal
