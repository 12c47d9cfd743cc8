"""The forms of the check page."""

from typing import Any

from django import forms

from glossary.domain.claim import ClaimKind, Part, Verdict
from glossary.domain.volatility import Volatility
from glossary.models import Claim, PassageKind, Source
from glossary.models.source import MAX_PASSAGE

EXPLANATION = "explanation"
VERDICTS = [*((verdict.value, verdict.value.capitalize()) for verdict in Verdict), (EXPLANATION, "Explanation")]
CLASSES = [("", "as its kind says"), *((v.value, f"class {v.value}") for v in Volatility)]


class VerdictForm(forms.Form):
    """One line's verdict with its passage: one of those that were ranked, or one that was typed."""

    verdict = forms.ChoiceField(choices=VERDICTS)
    source = forms.ModelChoiceField(Source.objects.all(), required=False)
    pick = forms.CharField(required=False, max_length=MAX_PASSAGE)
    passage = forms.CharField(required=False, max_length=MAX_PASSAGE)
    passage_kind = forms.ChoiceField(choices=PassageKind.choices, required=False)
    volatility = forms.ChoiceField(required=False, choices=CLASSES)
    note = forms.CharField(required=False, max_length=2_000)
    wording = forms.CharField(required=False, max_length=2_000)

    def found(self) -> tuple[Source | None, str, str]:
        """Return source, passage and its kind: a ranked passage stands in the source word for word."""
        data = self.cleaned_data
        if data["passage"].strip():
            return data["source"], data["passage"], data["passage_kind"] or PassageKind.PARAPHRASE
        return data["source"], data["pick"], PassageKind.VERBATIM

    def decision(self, claim: Claim) -> dict[str, Any]:
        """Return verdict, kind, class and note as the service takes them."""
        data = self.cleaned_data
        named = claim.sentence.part in {Part.HEADWORD, Part.ALIAS}
        explained = data["verdict"] == EXPLANATION
        kind = ClaimKind.NAME if named else ClaimKind.EXPLANATION if explained else ClaimKind.FACT
        return {
            "verdict": Verdict.SUPPORTED if explained else Verdict(data["verdict"]),
            "kind": kind,
            "volatility": Volatility(data["volatility"]) if data["volatility"] else None,
            "note": data["note"],
        }


class SourceForm(forms.Form):
    """A source new to the library, or text for one that is in it."""

    url = forms.URLField(max_length=500, label="Address", assume_scheme="https")
    title = forms.CharField(required=False, max_length=300)
    publisher = forms.CharField(required=False, max_length=200)
    published_on = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}))
    primary = forms.BooleanField(required=False)


class DecisionForm(forms.Form):
    """What the checker says of the whole card."""

    digest = forms.CharField(max_length=64, widget=forms.HiddenInput)
    whole_card = forms.BooleanField(required=False, label="I read the whole card; it is true")
    comment = forms.CharField(required=False, max_length=2_000)
