"""The desk's pages of a term's editions: its history, the comparison of two, and the draft as readers would see it."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path

from glossary.admin.term_list import TermList
from glossary.desk import line_number
from glossary.domain.claim import LineState, lines_of
from glossary.domain.diff import Change, LineDiff, compare_lines
from glossary.domain.roles import Action
from glossary.models import Claim, Term
from glossary.models.claim import ClaimLine
from glossary.services.lexicon import mentions_on
from glossary.services.roles import may

TRAIL_PAGE = 100  # entries of the trail


class EditionPages(TermList):
    """What there is to read about the words of a term; nothing is written here."""

    def get_urls(self) -> list[Any]:
        """Add the comparison and the preview."""
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/compare/", wrap(self.compare_view), name="glossary_term_compare"),
            path("<int:pk>/preview/", wrap(self.preview_view), name="glossary_term_preview"),
            *super().get_urls(),
        ]

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
        term = self.readable(request, pk)
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
        term = self.readable(request, pk)
        if term.working is None:
            raise Http404("Nothing has been saved yet.")
        words = term.working.words
        mentions = mentions_on(words, own=term.pk)
        context = {"term": term, "words": words, "mentions": mentions, "tags": term.tags.all(), "preview": True}
        response = TemplateResponse(request, "glossary/term.html", context)
        response["X-Robots-Tag"] = "noindex"
        response["Cache-Control"] = "no-store"
        return response

    def readable(self, request: HttpRequest, pk: int) -> Term:
        """Return a term for whoever may look at the desk."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return get_object_or_404(Term.objects.with_desk_state(), pk=pk)


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
