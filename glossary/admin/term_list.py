"""The desk's list of terms: where each one stands, and acts on many of them at once."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from taggit.models import Tag

from glossary.admin.site import DeskAdmin
from glossary.desk import line_number, member
from glossary.domain.errors import IllegalMove
from glossary.domain.roles import Action
from glossary.domain.term import Stage
from glossary.models import Term
from glossary.services.desk_word import find_terms
from glossary.services.roles import checkers, may
from glossary.services.take import assign_card
from glossary.services.term import submit_term, tag_term


class BinFilter(admin.SimpleListFilter):
    """Drafts in the bin are listed only where they are asked for."""

    title = "bin"
    parameter_name = "bin"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer the bin beside everything else."""
        return [("yes", "In the bin")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Term]) -> QuerySet[Term]:
        """Return what is in the bin, or all but that."""
        return queryset.filter(binned_at__isnull=self.value() != "yes")


class BulkForm(ActionForm):
    """What a bulk action needs to know: which tag, which person."""

    tag = forms.ModelChoiceField(Tag.objects.order_by("name"), required=False, empty_label="tag…")
    person = forms.ModelChoiceField(User.objects.none(), required=False, empty_label="person…")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["person"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = User.objects.filter(pk__in=[person.pk for person in checkers()]).order_by("username")


class TermList(DeskAdmin):
    """The list of terms, found by the desk's index of words, with what is done to many at once."""

    list_display = ["headword", "state", "topic", "level", "due_on", "readers_need"]
    list_filter = ["stage", BinFilter, "topic", "level"]
    list_select_related = ["topic", "working", "published"]
    list_per_page = 50
    show_full_result_count = False
    search_fields = ["headword"]  # shows the box; what is searched is the desk's index of words
    search_help_text = "Headword, alias, words of a sentence, or address of a source"
    actions = ["submit_cards", "tag_cards", "assign_cards"]
    action_form = BulkForm

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Editors begin new terms."""
        return may(request.user, Action.WRITE)

    @admin.display(description="Stands at")
    def state(self, term: Term) -> str:
        """Say where the term stands, in the words of the desk."""
        if term.stage == Stage.DRAFT:
            state = "Withdrawn" if term.published_at else "Draft"
        else:
            state = term.get_stage_display()
        working = term.working
        if working is not None and working.submitted_at is not None:
            return f"{state} · with checker"
        return f"{state} · changes not sent" if term.published_id and term.has_unpublished_words() else state

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Show the list under its own name."""
        return super().changelist_view(request, {"title": "Terms", **(extra_context or {})})

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Term], search_term: str
    ) -> tuple[QuerySet[Term], bool]:
        """Find terms through the desk's index of words."""
        return find_terms(queryset, search_term), False

    @admin.action(description="Send to the checkers")
    def submit_cards(self, request: HttpRequest, queryset: QuerySet[Term]) -> None:
        """Send each chosen card in; those that cannot go are named with the reason."""
        self._each(request, queryset, lambda term: submit_term(term, by=member(request)), "sent to the checkers")

    @admin.action(description="Add the tag")
    def tag_cards(self, request: HttpRequest, queryset: QuerySet[Term]) -> None:
        """Put each chosen term under a tag of the list."""
        tag = Tag.objects.filter(pk=line_number(request.POST.get("tag", ""))).first()
        if tag is None:
            self.message_user(request, "Choose a tag beside the action.", messages.ERROR)
            return
        self._each(request, queryset, lambda term: tag_term(term, tag, by=member(request)), f"tagged {tag}")

    @admin.action(description="Assign to")
    def assign_cards(self, request: HttpRequest, queryset: QuerySet[Term]) -> None:
        """Give each chosen card to one checker."""
        person = User.objects.filter(pk=line_number(request.POST.get("person", ""))).first()
        if person is None:
            self.message_user(request, "Choose a person beside the action.", messages.ERROR)
            return
        self._each(request, queryset, lambda term: assign_card(term, person, by=member(request)), f"with {person}")

    def _each(self, request: HttpRequest, terms: QuerySet[Term], act: Callable[[Term], Any], done: str) -> None:
        """Do one act to each term in its own transaction, and say what became of them all."""
        good = 0
        for term in terms:
            try:
                act(term)
                good += 1
            except IllegalMove as refusal:
                self.message_user(request, f"{term}: {refusal}", messages.WARNING)
        if good:
            self.message_user(request, f"{good} card{'' if good == 1 else 's'} {done}.", messages.SUCCESS)
