"""The doubts of the desk: what was found, which cards it touches, and how it ends."""

from collections import Counter
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from glossary.admin.site import DeskAdmin
from glossary.desk import line_number, member
from glossary.domain.content import LooseEnd
from glossary.domain.doubt import OF_SENTENCE, DoubtKind
from glossary.domain.errors import BadText, IllegalMove
from glossary.domain.roles import Action
from glossary.models import Doubt, Sentence
from glossary.services.clock import today
from glossary.services.content import content_report, write_csv
from glossary.services.doubt import doubt_sentence, settle_doubt
from glossary.services.impact import impact_of, impacts, same_words
from glossary.services.roles import may, require
from glossary.services.watch import move_source

PAGE = 50  # doubts, or terms of one
ROW = ("source__publisher", "source__watch", "sentence__term", "raised_by", "settled_by")
LINKS = (DoubtKind.DEAD_LINK, DoubtKind.REDIRECTED)  # doubts that another address may end


@admin.register(Doubt)
class DoubtAdmin(DeskAdmin):
    """What is in doubt: each row names its cards; a checker settles it."""

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """List the doubts that are open, or those that were settled, of one kind if one is asked for."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        kind, settled = request.GET.get("kind", ""), request.GET.get("settled") == "yes"
        doubts = Doubt.objects.filter(settled_at__isnull=False) if settled else Doubt.objects.open()
        if kind in set(DoubtKind):
            doubts = doubts.filter(kind=kind)
        page = Paginator(doubts.select_related(*ROW), PAGE).get_page(request.GET.get("page"))
        found = impacts([doubt.pk for doubt in page.object_list])
        asked = {"kind": kind} if kind in set(DoubtKind) else {}
        context = {
            **self.admin_site.each_context(request),
            "title": "In doubt",
            "page": page,
            "rows": [(doubt, found[doubt.pk]) for doubt in page.object_list],
            "kinds": [one.value for one in DoubtKind],
            "kind": asked.get("kind", ""),
            "settled": settled,
            "asked": urlencode(asked | ({"settled": "yes"} if settled else {})),
        }
        return TemplateResponse(request, "admin/glossary/doubt/list.html", context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show one doubt with everything it touches; on POST settle it, or give its source another address."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        doubt = get_object_or_404(Doubt.objects.select_related(*ROW), pk=line_number(object_id))
        refused = ""
        if request.method == "POST":
            require(member(request), Action.CHECK)
            try:
                return self._end(request, doubt)
            except (BadText, IllegalMove) as refusal:
                refused = str(refusal)
        found = impacts([doubt.pk])[doubt.pk]
        watch = getattr(doubt.source, "watch", None) if doubt.source else None
        context = {
            **self.admin_site.each_context(request),
            "title": f"In doubt: {doubt.kind}",
            "doubt": doubt,
            "watch": watch,
            "page": Paginator(found.terms, PAGE).get_page(request.GET.get("page")),
            "decks": found.decks,
            "refused": refused,
            "typed": request.POST,
            "may_check": may(request.user, Action.CHECK),
            "may_move": doubt.kind in LINKS,
            "new_address": watch.moved_url if watch else "",
        }
        status = 422 if refused else 200
        return TemplateResponse(request, "admin/glossary/doubt/doubt.html", context, status=status)

    def get_urls(self) -> list[Any]:
        """Add the page of a sentence, and the content report."""
        sentence = self.admin_site.admin_view(self.sentence_view)
        return [
            path("sentence/<int:pk>/", sentence, name="glossary_doubt_sentence"),
            path("content/", self.admin_site.admin_view(self.content_view), name="glossary_doubt_content"),
            *super().get_urls(),
        ]

    def content_view(self, request: HttpRequest) -> HttpResponse:
        """Show the content report, or hand it over as a file for a spreadsheet (`?format=csv`)."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        kind = request.GET.get("kind", "")
        rows = content_report()
        shown = [row for row in rows if row.kind == kind] if kind in set(LooseEnd) else rows
        if request.GET.get("format") == "csv":
            response = HttpResponse(content_type="text/csv; charset=utf-8")
            response["Content-Disposition"] = f'attachment; filename="content-report-{today().isoformat()}.csv"'
            write_csv(response, shown)
            return response
        counts = Counter(row.kind for row in rows)
        context = {
            **self.admin_site.each_context(request),
            "title": "Content report",
            "page": Paginator(shown, PAGE).get_page(request.GET.get("page")),
            "kinds": [(one.value, counts[one]) for one in LooseEnd],
            "kind": kind if kind in set(LooseEnd) else "",
            "asked": urlencode({"kind": kind}) if kind in set(LooseEnd) else "",
            "all": len(rows),
        }
        return TemplateResponse(request, "admin/glossary/doubt/content.html", context)

    def sentence_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show every card that says the same words; on POST mark them as outdated or contradicted in all of them."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        sentence = get_object_or_404(Sentence.objects.select_related("term"), pk=pk)
        refused = ""
        if request.method == "POST":
            require(member(request), Action.CHECK)
            try:
                kind, reason = chosen_kind(request), request.POST.get("reason", "")
                made = doubt_sentence(sentence, kind, reason, by=member(request))
            except (BadText, IllegalMove) as refusal:
                refused = str(refusal)
            else:
                number = len(made)
                self.message_user(request, f"Marked. {number} card{'' if number == 1 else 's'} went to the checkers.")
                return redirect("admin:glossary_doubt_sentence", pk)
        twins = same_words(sentence)
        found = impact_of(twin.pk for twin in twins)
        context = {
            **self.admin_site.each_context(request),
            "title": "One sentence, many cards",
            "sentence": sentence,
            "page": Paginator(found.terms, PAGE).get_page(request.GET.get("page")),
            "decks": found.decks,
            "doubts": Doubt.objects.open().filter(sentence__in=twins).select_related("sentence__term"),
            "kinds": [kind.value for kind in OF_SENTENCE],
            "refused": refused,
            "typed": request.POST,
            "may_check": may(request.user, Action.CHECK),
        }
        status = 422 if refused else 200
        return TemplateResponse(request, "admin/glossary/doubt/sentence.html", context, status=status)

    def _end(self, request: HttpRequest, doubt: Doubt) -> HttpResponse:
        by = member(request)
        match request.POST.get("do", ""):
            case "settle":
                settle_doubt(doubt, request.POST.get("reason", ""), by=by)
                self.message_user(request, "Settled. Its cards leave the queue unless something else waits there.")
            case "move" if doubt.source is not None and doubt.kind in LINKS:
                move_source(doubt.source, request.POST.get("url", ""), by=by)
                self.message_user(request, "The source has its new address.", messages.SUCCESS)
            case _:
                raise IllegalMove("Choose what to do with the doubt.")
        return redirect(reverse("admin:glossary_doubt_changelist"))


def chosen_kind(request: HttpRequest) -> DoubtKind:
    """Return the kind of doubt that a form names; raises IllegalMove where it names none."""
    kind = request.POST.get("kind", "")
    if kind not in set(DoubtKind):
        raise IllegalMove("Choose what is wrong.")
    return DoubtKind(kind)
