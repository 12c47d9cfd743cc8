"""The forms of the deck page and the calendar."""

from django import forms
from taggit.models import Tag

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
    out = forms.ModelChoiceField(Term.objects.all(), required=False)
    reason = forms.CharField(required=False, max_length=300)
    title = forms.CharField(required=False, max_length=MAX_TITLE)
    theme = forms.ModelChoiceField(Tag.objects.order_by("name"), required=False)
    relax = forms.BooleanField(required=False)


class BanForm(forms.Form):
    """A term to keep out of the decks of some days."""

    name = forms.CharField(max_length=200, label="Term")
    first = forms.DateField(label="From", widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label="Until", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    reason = forms.CharField(max_length=300)
