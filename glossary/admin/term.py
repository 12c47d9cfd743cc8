"""The desk's pages of terms: the list, the writing form, and a publisher's acts."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.forms.utils import ErrorList
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html

from glossary.admin.site import DeskAdmin
from glossary.domain.errors import BadText, IllegalMove
from glossary.domain.paste import parse_card
from glossary.domain.roles import Action
from glossary.domain.term import Stage
from glossary.forms.term import AliasFormSet, ClosingForm, TermForm, alias_initial, typed_aliases
from glossary.models import Edition, Term
from glossary.services.fact_check import withdraw_check
from glossary.services.names import NameTaken
from glossary.services.publication import publish_term
from glossary.services.roles import may
from glossary.services.term import StaleWords, change_slug, merge_term, retire_term, save_term, submit_term


@admin.register(Term)
class TermAdmin(DeskAdmin):
    """Terms; writing goes through the form below, and the form through the services."""

    list_display = ["headword", "state", "topic", "level", "due_on"]
    list_filter = ["stage", "topic", "level"]
    list_select_related = ["topic", "working", "published"]
    list_per_page = 50
    search_fields = ["headword", "aliases__text", "sentences__text", "sources__url"]
    search_help_text = "Headword, alias, sentence or address of a source"

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

    def get_urls(self) -> list[Any]:
        """Add the acts of a publisher to the admin's own addresses."""
        act = self.admin_site.admin_view(self.act_view)
        return [path("<int:pk>/act/", act, name="glossary_term_act"), *super().get_urls()]

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
            initial = TermForm.initial_for(term) if term else {}
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
        context = {**self.admin_site.each_context(request), "term": term, "title": f"History of {term}"}
        context["trail"] = term.trail.all()[:200]
        return TemplateResponse(request, "admin/glossary/term/history.html", context)

    def act_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Do what a publisher asks for: publish, withdraw, retire, merge, change the address."""
        term = get_object_or_404(Term, pk=pk)
        form = ClosingForm(request.POST)
        if request.method == "POST" and form.is_valid():
            try:
                self.message_user(request, self._act(request, term, form.cleaned_data), messages.SUCCESS)
            except (IllegalMove, BadText) as refusal:
                self.message_user(request, str(refusal), messages.ERROR)
        return redirect("admin:glossary_term_change", term.pk)

    def _act(self, request: HttpRequest, term: Term, data: dict[str, Any]) -> str:
        by: Any = request.user
        match request.POST.get("do"):
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
        return self._page(request, term, form, formset)

    def _saved(self, request: HttpRequest, term: Term | None) -> HttpResponse:
        form, formset = TermForm(request.POST), AliasFormSet(request.POST, prefix="alias")
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
    ) -> HttpResponse:
        shown = term.shown() if term else None
        waiting = term.working if term and term.working_id != term.published_id else None
        context = {
            **self.admin_site.each_context(request),
            "title": term.headword if term else "New term",
            "opts": self.opts,
            "term": term,
            "form": form,
            "formset": formset,
            "saved": saved,
            "shown": shown,
            "editions": [e for e in term.editions.standing().order_by("-number") if e.pk != term.published_id]
            if term
            else [],
            "waiting": waiting,
            "may_write": may(request.user, Action.WRITE),
            "may_publish": may(request.user, Action.PUBLISH),
            "closing": ClosingForm(),
        }
        return TemplateResponse(request, "admin/glossary/term/write.html", context, status=status)
