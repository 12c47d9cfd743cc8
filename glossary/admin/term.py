"""The desk's pages of terms: the list, the writing form, and a publisher's acts."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.forms.utils import ErrorList
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from taggit.models import Tag

from glossary.admin.intake import intake_view
from glossary.admin.link import links_on, say, take
from glossary.admin.site import DeskAdmin
from glossary.admin.wording import noticed, with_fix
from glossary.desk import line_number, member
from glossary.domain.claim import LineState, lines_of
from glossary.domain.diff import Change, LineDiff, compare_lines
from glossary.domain.errors import BadText, IllegalMove
from glossary.domain.fact_check import Result
from glossary.domain.names import MAX_NAME
from glossary.domain.paste import parse_card
from glossary.domain.roles import Action
from glossary.domain.term import Stage
from glossary.forms.term import AliasFormSet, ClosingForm, TermForm, alias_initial, typed_aliases
from glossary.models import Claim, Edition, FactCheck, Suggestion, Term
from glossary.models.claim import ClaimLine
from glossary.services.clock import today
from glossary.services.desk_word import find_terms
from glossary.services.fact_check import withdraw_check
from glossary.services.lexicon import mentions_on
from glossary.services.link_policy import name_rows
from glossary.services.names import NameTaken
from glossary.services.publication import publish_term
from glossary.services.roles import checkers, may
from glossary.services.take import assign_card
from glossary.services.term import (
    StaleWords,
    change_slug,
    merge_term,
    retire_term,
    save_term,
    submit_term,
    tag_term,
)
from glossary.services.working_text import bin_draft, discard_changes, recall_submission, restore_draft, revert_words

TRAIL_PAGE = 100  # entries of the trail
SHOWN_CHANGES = 6  # differences to what readers see that stand beside the form


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


@admin.register(Term)
class TermAdmin(DeskAdmin):
    """Terms; writing goes through the form below, and the form through the services."""

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

    def get_urls(self) -> list[Any]:
        """Add the acts of a publisher to the admin's own addresses."""
        wrap = self.admin_site.admin_view
        return [
            path("import/", wrap(partial(intake_view, self.admin_site)), name="glossary_term_import"),
            path("<int:pk>/act/", wrap(self.act_view), name="glossary_term_act"),
            path("<int:pk>/compare/", wrap(self.compare_view), name="glossary_term_compare"),
            path("<int:pk>/preview/", wrap(self.preview_view), name="glossary_term_preview"),
            *super().get_urls(),
        ]

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show the writing form; on POST save, or save and send to a checker."""
        if object_id is not None and not object_id.isdecimal():
            raise Http404("There is no such term.")
        term = get_object_or_404(Term.objects.with_desk_state(), pk=object_id) if object_id else None
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            initial = TermForm.initial_for(term) if term else {"headword": request.GET.get("headword", "")[:MAX_NAME]}
            rows = alias_initial(term) if term else []
            return self._page(request, term, TermForm(initial=initial), AliasFormSet(initial=rows, prefix="alias"))
        if not may(request.user, Action.WRITE):
            raise PermissionDenied("You may not write terms.")
        if "_paste" in request.POST:
            return self._pasted(request, term)
        return self._saved(request, term)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Show the trail of the term."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if not object_id.isdecimal():
            raise Http404("There is no such term.")
        term = get_object_or_404(Term, pk=object_id)
        context = {
            **self.admin_site.each_context(request),
            "term": term,
            "title": f"History of {term}",
            "editions": term.editions.order_by("-number").select_related("made_by").with_check(),
            "page": Paginator(term.trail.all(), TRAIL_PAGE).get_page(request.GET.get("page")),
            "may_write": may(request.user, Action.WRITE),
        }
        return TemplateResponse(request, "admin/glossary/term/history.html", context)

    def compare_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the differences between any two editions, first of all between the draft and what readers see."""
        term = self._readable(request, pk)
        editions = list(term.editions.order_by("-number").select_related("made_by").with_check())
        by_key = {edition.pk: edition for edition in editions}
        to = by_key.get(line_number(request.GET.get("to", ""))) or by_key.get(term.working_id or 0)
        before = by_key.get(line_number(request.GET.get("from", ""))) or by_key.get(term.published_id or 0)
        if to is None:
            raise Http404("Nothing has been saved yet.")
        if before is None or before.pk == to.pk:
            before = next((edition for edition in editions if edition.number < to.number), to)
        changes = compare_lines(lines_of(before.words), lines_of(to.words))
        states = {line.number: line for line in Claim.objects.lines(to.pk)}
        context = {
            **self.admin_site.each_context(request),
            "title": f"Compare {term}",
            "term": term,
            "editions": editions,
            "before": before,
            "to": to,
            "states": states,
            "rows": _folded(changes, states),
            "changed": sum(change.change != Change.SAME for change in changes),
            "may_write": may(request.user, Action.WRITE),
        }
        return TemplateResponse(request, "admin/glossary/term/compare.html", context)

    def preview_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the draft as the public page, marked as not checked; for staff only."""
        term = self._readable(request, pk)
        if term.working is None:
            raise Http404("Nothing has been saved yet.")
        words = term.working.words
        mentions = mentions_on(words, own=term.pk)
        context = {"term": term, "words": words, "mentions": mentions, "tags": term.tags.all(), "preview": True}
        response = TemplateResponse(request, "glossary/term.html", context)
        response["X-Robots-Tag"] = "noindex"
        response["Cache-Control"] = "no-store"
        return response

    def _readable(self, request: HttpRequest, pk: int) -> Term:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return get_object_or_404(Term.objects.with_desk_state(), pk=pk)

    def act_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Do what was asked for besides writing: put words back, recall, bin; publish, withdraw, retire, merge."""
        term = self._readable(request, pk)
        form = ClosingForm(request.POST)
        if request.method == "POST" and form.is_valid():
            try:
                self.message_user(request, self._act(request, term, form.cleaned_data), messages.SUCCESS)
            except (IllegalMove, BadText) as refusal:
                self.message_user(request, str(refusal), messages.ERROR)
        return redirect("admin:glossary_term_change", term.pk)

    def _act(self, request: HttpRequest, term: Term, data: dict[str, Any]) -> str:
        by = member(request)
        do = request.POST.get("do", "")
        if do in {"revert", "discard", "recall", "bin", "restore"}:
            return self._redo(term, do, data, by=by)
        match do:
            case "publish":
                edition = get_object_or_404(Edition, pk=data["edition"], term=term)
                publish_term(term, edition=edition, by=by, digest=data["digest"])
                return "Published. Readers see these words now."
            case "withdraw":
                withdraw_check(term, by=by, reason=data["reason"])
                return "Withdrawn. Readers see the last words that still stand, or that the card was taken back."
            case "retire":
                retire_term(term, by=by, reason=data["reason"], successor=data["other"])
                return "Retired. Its address says why."
            case "merge" if data["other"]:
                merge_term(term, into=data["other"], by=by, reason=data["reason"])
                return f"Merged into {data['other']}."
            case "move":
                change_slug(term, data["slug"], by=by)
                return "The address was changed; the old one leads here."
        raise IllegalMove("Choose what to do, and with which term.")

    def _redo(self, term: Term, do: str, data: dict[str, Any], *, by: User) -> str:
        """Do what an editor may undo by hand: earlier words, a submission, the bin."""
        match do:
            case "revert":
                edition = get_object_or_404(Edition, pk=data["edition"], term=term)
                revert_words(term, edition, by=by, version=data["version"])
                return f"The words of edition {edition.number} are the working text again."
            case "discard":
                discard_changes(term, by=by, version=data["version"])
                return "The changes were discarded; they stay in the history."
            case "recall":
                recall_submission(term, by=by)
                return "Recalled. Verdicts already given are kept."
            case "bin":
                bin_draft(term, by=by)
                return "Put into the bin. It can be restored from there."
            case _:
                restore_draft(term, by=by)
                return "Restored."

    def _pasted(self, request: HttpRequest, term: Term | None) -> HttpResponse:
        """Fill the form from a pasted card, without saving."""
        card = parse_card(request.POST.get("pasted", "")[:100_000])
        initial = TermForm.initial_for(term) if term else {}
        initial |= {
            "headword": card.headword,
            "definition": card.definition,
            "body": card.body,
            "example": card.example,
        }
        rows = [{"text": a.text, "kind": a.kind.value, "shown": a.shown} for a in card.aliases]
        form, formset = TermForm(initial=initial), AliasFormSet(initial=rows, prefix="alias")
        self.message_user(request, "The card was taken apart. Look it over, then save.", messages.INFO)
        return self._page(request, term, form, formset, pasted=True)

    def _saved(self, request: HttpRequest, term: Term | None) -> HttpResponse:
        form, formset = TermForm(request.POST), AliasFormSet(request.POST, prefix="alias")
        if "_look" in request.POST:
            return self._looked(request, term, form, formset)
        if "say" in request.POST or "take" in request.POST:
            return self._said(request, term)
        if "fix" in request.POST:
            return self._fixed(request, term, form, formset)
        if not (form.is_valid() & formset.is_valid()):
            return self._page(request, term, form, formset, status=422)
        by: Any = request.user
        try:
            saved = save_term(
                term,
                form.draft(typed_aliases(formset)),
                details=form.details(term),
                by=by,
                version=form.cleaned_data["version"] or 0,
            )
        except StaleWords as stale:
            again = request.POST.copy()
            again["version"] = str(stale.saved.version)  # the next save is a conscious choice
            form.data = again
            form.add_error(None, str(stale))
            return self._page(request, term, form, formset, status=409, saved=stale.saved)
        except NameTaken as taken:
            url = reverse("admin:glossary_term_change", args=[taken.other.pk])
            link = format_html('{} <a href="{}">Open “{}”</a>', str(taken), url, taken.other.headword)
            form.errors.setdefault("__all__", ErrorList()).append(link)  # add_error would escape the link
            return self._page(request, term, form, formset, status=422)
        except (BadText, IllegalMove) as refusal:
            form.add_error(None, str(refusal))
            return self._page(request, term, form, formset, status=422)
        return self._after_save(request, saved)

    def _looked(self, request: HttpRequest, term: Term | None, form: TermForm, formset: Any) -> HttpResponse:
        """Show what the rules and the lexicon say of the form as it is typed; a word on a link is kept first."""
        refusal = ""
        if "say" in request.POST:
            try:
                say(term, request.POST["say"], by=member(request))
            except IllegalMove as error:
                refusal = str(error)
        context = {**noticed(form, formset, term), **links_on(form, formset, term), "refusal": refusal}
        context["may_write"] = True
        return TemplateResponse(request, "admin/glossary/term/_noticed.html", context)

    def _said(self, request: HttpRequest, term: Term | None) -> HttpResponse:
        """Keep a word on a link, or give a name another policy; what is typed stays as it is and is not saved."""
        data: QueryDict = request.POST
        done = "Kept. The words are as you typed them; they are not saved by it."
        refusal = ""
        try:
            if "say" in data:
                say(term, str(data["say"]), by=member(request))
            else:
                data, done = take(term, str(data["take"]), data, by=member(request))
        except IllegalMove as error:
            refusal = str(error)
        self.message_user(request, refusal or done, messages.ERROR if refusal else messages.SUCCESS)
        if term is not None:
            term = Term.objects.with_desk_state().get(pk=term.pk)
        form, formset = TermForm(data), AliasFormSet(data, prefix="alias")
        return self._page(request, term, form, formset, pasted=True, status=422 if refusal else 200)

    def _fixed(self, request: HttpRequest, term: Term | None, form: TermForm, formset: Any) -> HttpResponse:
        """Show the form with a fix put into its words; nothing is saved by it."""
        found = noticed(form, formset, term)["noticed"] or []
        try:
            data = with_fix(request.POST, found, line_number(request.POST["fix"]) - 1)
        except IllegalMove as refusal:
            form.add_error(None, str(refusal))
            return self._page(request, term, form, formset, status=422)
        self.message_user(request, "Changed. Look it over, then save.", messages.INFO)
        return self._page(request, term, TermForm(data), AliasFormSet(data, prefix="alias"), pasted=True)

    def _after_save(self, request: HttpRequest, term: Term) -> HttpResponseRedirect:
        by: Any = request.user
        self.message_user(request, "Saved. Readers see nothing of it before it is checked.", messages.SUCCESS)
        if "_submit" in request.POST:
            try:
                submit_term(term, by=by)
                self.message_user(request, "Sent to the checkers.", messages.SUCCESS)
            except IllegalMove as refusal:
                self.message_user(request, f"Not sent: {refusal}", messages.WARNING)
        return redirect("admin:glossary_term_change", term.pk)

    def _page(
        self,
        request: HttpRequest,
        term: Term | None,
        form: TermForm,
        formset: Any,
        *,
        status: int = 200,
        saved: Term | None = None,
        pasted: bool = False,
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": term.headword if term else "New term",
            "opts": self.opts,
            "term": term,
            "form": form,
            "formset": formset,
            "saved": saved,
            "pasted": pasted,
            **(self._standing(term) if term else {}),
            **noticed(form, formset, term),
            **links_on(form, formset, term),
            "names": name_rows(term) if term else [],
            "may_write": may(request.user, Action.WRITE),
            "may_publish": may(request.user, Action.PUBLISH),
            "closing": ClosingForm(),
        }
        return TemplateResponse(request, "admin/glossary/term/write.html", context, status=status)

    def _standing(self, term: Term) -> dict[str, Any]:
        """Return where the term stands: what readers see, what differs, what a checker said of it."""
        working, published = term.working, term.published
        changes: list[LineDiff] = []
        if working is not None and published is not None and working.pk != published.pk:
            changes = [
                change
                for change in compare_lines(lines_of(published.words), lines_of(working.words))
                if change.change != Change.SAME
            ]
        waiting = working is not None and working.pk != term.published_id
        lines = Claim.objects.lines(working.pk) if working is not None and waiting else []
        back = FactCheck.objects.filter(edition__term=term, result=Result.SENT_BACK).select_related("by").first()
        answered = back is None or working is None or working.submitted_at is not None or not waiting
        return {
            "shown": term.shown(),
            "late": term.overdue_on is not None and term.overdue_on <= today(),
            "waiting": waiting,
            "changes": changes[:SHOWN_CHANGES],
            "more_changes": max(0, len(changes) - SHOWN_CHANGES),
            "to_settle": sum(line.state != LineState.SETTLED for line in lines),
            "lines": len(lines),
            "sent_back": None if answered else back,
            "suggestions": Suggestion.objects.waiting().filter(claim__edition=working).select_related("by", "claim")
            if working
            else [],
            "editions": [e for e in term.editions.standing().order_by("-number") if e.pk != term.published_id],
        }


def _folded(changes: list[LineDiff], states: dict[int, ClaimLine]) -> list[dict[str, Any]]:
    """Return the lines of a comparison with each run of those that are the same and settled folded into one row."""
    rows: list[dict[str, Any]] = []
    for change in changes:
        waits = change.after is not None and states[change.after].state != LineState.SETTLED
        if change.change != Change.SAME or waits:
            rows.append({"change": change})
        elif rows and "same" in rows[-1]:
            rows[-1]["same"].append(change)
        else:
            rows.append({"same": [change]})
    return rows
