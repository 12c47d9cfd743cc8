"""The desk's page of one term: the writing form, and a publisher's acts."""

from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.forms.utils import ErrorList
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html

from glossary.admin.edition import EditionPages
from glossary.admin.intake import intake_view
from glossary.admin.link import links_on, say, take
from glossary.admin.wording import noticed, with_fix
from glossary.desk import line_number, member
from glossary.domain.claim import LineState, lines_of
from glossary.domain.diff import Change, LineDiff, compare_lines
from glossary.domain.errors import BadText, IllegalMove
from glossary.domain.fact_check import Result
from glossary.domain.names import MAX_NAME
from glossary.domain.paste import parse_card
from glossary.domain.roles import Action
from glossary.forms.term import AliasFormSet, ClosingForm, TermForm, alias_initial, typed_aliases
from glossary.models import Claim, Edition, FactCheck, Suggestion, Term
from glossary.services.clock import today
from glossary.services.closing import merge_term, retire_term
from glossary.services.fact_check import withdraw_check
from glossary.services.link_policy import name_rows
from glossary.services.names import NameTaken
from glossary.services.publication import publish_term
from glossary.services.roles import may
from glossary.services.term import StaleWords, change_slug, save_term, submit_term
from glossary.services.working_text import bin_draft, discard_changes, recall_submission, restore_draft, revert_words

SHOWN_CHANGES = 6  # differences to what readers see that stand beside the form


@admin.register(Term)
class TermAdmin(EditionPages):
    """Terms; writing goes through the form below, and the form through the services."""

    def get_urls(self) -> list[Any]:
        """Add the acts of a publisher to the admin's own addresses."""
        wrap = self.admin_site.admin_view
        return [
            path("import/", wrap(partial(intake_view, self.admin_site)), name="glossary_term_import"),
            path("<int:pk>/act/", wrap(self.act_view), name="glossary_term_act"),
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

    def act_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Do what was asked for besides writing: put words back, recall, bin; publish, withdraw, retire, merge."""
        term = self.readable(request, pk)
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
