"""The form in which an editor writes a term, and its rows of aliases."""

from typing import Any

from django import forms
from taggit.models import Tag

from glossary.domain.names import MAX_NAME, MAX_SLUG
from glossary.domain.term import MAX_BODY, AliasDraft, AliasKind, CardDraft, Level, Stage
from glossary.domain.volatility import Volatility
from glossary.models import Source, Term
from glossary.services.term import TermDetails

VOLATILITY_CHOICES = [
    (Volatility.STABLE.value, "A: stable, look again after 36 months"),
    (Volatility.SLOW.value, "B: slow, 18 months"),
    (Volatility.MOVING.value, "C: moving, 6 months"),
    (Volatility.FAST.value, "D: fast, 45 days"),
]


class TermForm(forms.Form):
    """The parts of a card; what may not be stored is refused by the service with a sentence."""

    headword = forms.CharField(max_length=MAX_NAME * 4, help_text="The term as readers know it.")
    ambiguous = forms.BooleanField(required=False, help_text="Another term goes by the same name, and both may stay.")
    definition = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="One sentence that says what it is, 200 characters at most. It stands alone on a card.",
    )
    body = forms.CharField(
        required=False,
        label="Paragraphs",
        max_length=MAX_BODY * 2,
        widget=forms.Textarea(attrs={"rows": 14}),
        help_text="Three to five short paragraphs with a blank line between. *emphasis*, `code`, [links](https://…) "
        "and plain lists may stand here.",
    )
    example = forms.CharField(
        required=False, widget=forms.Textarea(attrs={"rows": 2}), help_text="One sentence after “For example”."
    )
    slug = forms.CharField(
        required=False,
        label="Address",
        max_length=MAX_SLUG,
        help_text="Made from the headword if left empty. It is fixed once the term is published.",
    )
    topic = forms.ModelChoiceField(Tag.objects.order_by("name"), required=False)
    tags = forms.ModelMultipleChoiceField(
        Tag.objects.order_by("name"), required=False, help_text="Publishers keep the list of tags."
    )
    level = forms.ChoiceField(choices=[("", "—"), *((x.value, x.value) for x in Level)], required=False)
    volatility = forms.ChoiceField(choices=VOLATILITY_CHOICES, initial=Volatility.SLOW.value)
    successor = forms.ModelChoiceField(Term.objects.published().in_order(), required=False)
    sources = forms.ModelMultipleChoiceField(
        Source.objects.all(), required=False, label="Sources at hand", help_text="The checker gets these first."
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    @classmethod
    def initial_for(cls, term: Term) -> dict[str, Any]:
        """Return what the form shows for a saved term."""
        return {
            "headword": term.headword,
            "ambiguous": term.ambiguous,
            "definition": term.definition,
            "body": term.body,
            "example": term.example,
            "slug": term.slug,
            "topic": term.topic_id,
            "tags": list(term.tags.all()),
            "level": term.level,
            "volatility": term.volatility,
            "successor": term.successor_id,
            "sources": list(term.sources.all()),
            "version": term.version,
        }

    def draft(self, aliases: tuple[AliasDraft, ...]) -> CardDraft:
        """Return the words that were typed."""
        data = self.cleaned_data
        return CardDraft(
            headword=data["headword"],
            definition=data["definition"],
            body=data["body"],
            example=data["example"],
            aliases=aliases,
            ambiguous=data["ambiguous"],
        )

    def details(self, term: Term | None) -> TermDetails:
        """Return what was chosen besides the words; the address of a published term is left as it is."""
        data = self.cleaned_data
        frozen = term is not None and term.published_at is not None
        return TermDetails(
            slug="" if frozen else data["slug"],
            topic=data["topic"],
            tags=list(data["tags"]),
            level=data["level"],
            volatility=data["volatility"],
            successor=data["successor"],
            sources=list(data["sources"]),
        )


class AliasForm(forms.Form):
    """One alias."""

    text = forms.CharField(required=False, max_length=MAX_NAME * 4, label="Name")
    kind = forms.ChoiceField(choices=[(kind.value, kind.value) for kind in AliasKind])
    shown = forms.BooleanField(required=False, initial=True)
    ambiguous = forms.BooleanField(required=False)

    def has_changed(self) -> bool:
        """A row counts when a name was typed into it."""
        return bool(self.data.get(self.add_prefix("text"), "").strip())


AliasFormSet = forms.formset_factory(AliasForm, extra=3, can_delete=True, max_num=43, absolute_max=60)


def alias_initial(term: Term) -> list[dict[str, Any]]:
    """Return the rows of a saved term."""
    return [dict(row) for row in term.aliases.values("text", "kind", "shown", "ambiguous")]


def typed_aliases(formset: Any) -> tuple[AliasDraft, ...]:
    """Return the aliases of a valid formset in their order, without removed and empty rows."""
    return tuple(
        AliasDraft(row["text"], AliasKind(row["kind"]), row["shown"], row["ambiguous"])
        for row in (form.cleaned_data for form in formset)
        if row.get("text") and not row.get("DELETE")
    )


class ClosingForm(forms.Form):
    """What a publisher types to publish, withdraw, retire, merge or move a term."""

    digest = forms.CharField(required=False, max_length=64)
    version = forms.IntegerField(required=False)
    edition = forms.IntegerField(required=False)
    reason = forms.CharField(required=False, max_length=500)
    slug = forms.CharField(required=False, max_length=MAX_SLUG)
    other = forms.ModelChoiceField(Term.objects.filter(stage=Stage.PUBLISHED), required=False)
