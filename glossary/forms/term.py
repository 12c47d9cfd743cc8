"""The form in which an editor writes a term, and its rows of aliases."""

from collections.abc import Iterable
from typing import Any

from django import forms
from taggit.models import Tag

from glossary.domain.deck import MAX_PRIORITY
from glossary.domain.link_policy import LinkPolicy
from glossary.domain.names import MAX_NAME, MAX_SLUG
from glossary.domain.relations import Relations
from glossary.domain.term import MAX_BODY, AliasDraft, AliasKind, CardDraft, Level, Stage
from glossary.domain.volatility import Volatility
from glossary.models import Source, Term
from glossary.services.relations import terms_named
from glossary.services.term import TermDetails

VOLATILITY_CHOICES = [
    (Volatility.STABLE.value, "A: stable, look again after 36 months"),
    (Volatility.SLOW.value, "B: slow, 18 months"),
    (Volatility.MOVING.value, "C: moving, 6 months"),
    (Volatility.FAST.value, "D: fast, 45 days"),
]
LINK_CHOICES = [("", "—"), *((policy.value, policy.value) for policy in LinkPolicy)]


class TermForm(forms.Form):
    """The parts of a card; what may not be stored is refused by the service with a sentence."""

    headword = forms.CharField(max_length=MAX_NAME * 4, help_text="The term as readers know it.")
    ambiguous = forms.BooleanField(required=False, help_text="Another term goes by the same name, and both may stay.")
    link_policy = forms.ChoiceField(
        required=False,
        choices=LINK_CHOICES,
        label="Links",
        help_text="What becomes of the headword in other cards: auto links it; exact case, only as it is written here; "
        "suggest shows it to the editor; never. Left open, a new name is linked unless it is a single everyday word.",
    )
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
    vendor = forms.CharField(
        required=False, max_length=200, label="Maker", help_text="A deck has two cards on one maker at most."
    )
    priority = forms.IntegerField(
        required=False, min_value=0, max_value=MAX_PRIORITY, help_text="0 to 100; decks prefer a higher one."
    )
    prerequisites = forms.CharField(
        required=False, max_length=2_000, label="Read first", help_text="Names of terms, with commas between."
    )
    broader = forms.CharField(required=False, max_length=2_000, label="A kind of", help_text="Broader terms.")
    related = forms.CharField(required=False, max_length=2_000, help_text="Terms that a reader may want next.")
    contrast = forms.CharField(
        required=False, max_length=200, label="Taken for", help_text="The one term that readers confuse it with."
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    @classmethod
    def initial_for(cls, term: Term) -> dict[str, Any]:
        """Return what the form shows for a saved term."""
        return {
            "headword": term.headword,
            "ambiguous": term.ambiguous,
            "link_policy": term.link_policy,
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
            "vendor": term.vendor.name if term.vendor else "",
            "priority": term.priority,
            "prerequisites": _listed(term.prerequisites.all()),
            "broader": _listed(term.broader.all()),
            "related": _listed(term.related.all()),
            "contrast": term.contrast.headword if term.contrast else "",
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
            link_policy=LinkPolicy(data["link_policy"]) if data["link_policy"] else None,
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
            relations=self.relations(term) if "priority" in self.data else None,
        )

    def relations(self, term: Term | None) -> Relations:
        """Return the relations that were typed, by name; raises IllegalMove for a name of no term."""
        data = self.cleaned_data

        def keys(field: str) -> tuple[int, ...]:
            return tuple(sorted(one.pk for one in terms_named(data[field].split(","), besides=term)))

        return Relations(
            vendor=data["vendor"],
            priority=data["priority"] or 0,
            prerequisites=keys("prerequisites"),
            broader=keys("broader"),
            related=keys("related"),
            contrast=next(iter(keys("contrast")), None),
        )


def _listed(terms: Iterable[Term]) -> str:
    return ", ".join(sorted(term.headword for term in terms))


class AliasForm(forms.Form):
    """One alias."""

    text = forms.CharField(required=False, max_length=MAX_NAME * 4, label="Name")
    kind = forms.ChoiceField(choices=[(kind.value, kind.value) for kind in AliasKind])
    shown = forms.BooleanField(required=False, initial=True)
    ambiguous = forms.BooleanField(required=False)
    link_policy = forms.ChoiceField(required=False, choices=LINK_CHOICES, label="Links")

    def has_changed(self) -> bool:
        """A row counts when a name was typed into it."""
        return bool(self.data.get(self.add_prefix("text"), "").strip())


AliasFormSet = forms.formset_factory(AliasForm, extra=3, can_delete=True, max_num=43, absolute_max=60)


def alias_initial(term: Term) -> list[dict[str, Any]]:
    """Return the rows of a saved term."""
    return [dict(row) for row in term.aliases.values("text", "kind", "shown", "ambiguous", "link_policy")]


def typed_aliases(formset: Any) -> tuple[AliasDraft, ...]:
    """Return the aliases of a valid formset in their order, without removed and empty rows."""
    return tuple(
        AliasDraft(
            row["text"],
            AliasKind(row["kind"]),
            row["shown"],
            row["ambiguous"],
            LinkPolicy(row["link_policy"]) if row.get("link_policy") else None,
        )
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
