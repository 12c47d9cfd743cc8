"""The forms of the deck page."""

from django import forms

from glossary.domain.deck import MAX_TITLE
from glossary.models import Term


class NewDeckForm(forms.Form):
    """The day of a new deck."""

    day = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}))
    title = forms.CharField(required=False, max_length=MAX_TITLE)


class DeckActForm(forms.Form):
    """What a scheduler does with a deck; `version` is the deck as it was when the page was opened."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    term = forms.ModelChoiceField(Term.objects.all(), required=False)
    reason = forms.CharField(required=False, max_length=300)
    title = forms.CharField(required=False, max_length=MAX_TITLE)
