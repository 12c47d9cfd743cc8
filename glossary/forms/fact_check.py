"""The forms of the check page."""

from django import forms

from glossary.domain.claim import ClaimKind, Verdict
from glossary.domain.volatility import Volatility
from glossary.models import PassageKind, Source
from glossary.models.source import MAX_PASSAGE


class VerdictForm(forms.Form):
    """One line's verdict, with the source it rests on: one of the library, or a new one."""

    verdict = forms.ChoiceField(
        choices=[(verdict.value, verdict.value.capitalize()) for verdict in Verdict], widget=forms.RadioSelect
    )
    kind = forms.ChoiceField(choices=[(kind.value, kind.value.capitalize()) for kind in ClaimKind])
    source = forms.ModelChoiceField(Source.objects.none(), required=False, empty_label="— a new one, below —")
    url = forms.URLField(required=False, max_length=500, label="Address", assume_scheme="https")
    title = forms.CharField(required=False, max_length=300)
    publisher = forms.CharField(required=False, max_length=200)
    published_on = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}))
    primary = forms.BooleanField(required=False, label="It comes from those who made or measured the thing")
    passage = forms.CharField(required=False, max_length=MAX_PASSAGE, widget=forms.Textarea(attrs={"rows": 3}))
    passage_kind = forms.ChoiceField(choices=PassageKind.choices, initial=PassageKind.PARAPHRASE)
    volatility = forms.ChoiceField(
        required=False,
        label="Look again",
        choices=[("", "as its kind says"), *((v.value, f"class {v.value}") for v in Volatility)],
    )
    note = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 2}))


class DecisionForm(forms.Form):
    """What the checker says of the whole card."""

    digest = forms.CharField(max_length=64, widget=forms.HiddenInput)
    whole_card = forms.BooleanField(required=False, label="I read the whole card; it is true")
    comment = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 2}))
