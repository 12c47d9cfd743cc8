"""What becomes of words that readers lose: asked before another edition takes their place, and kept in a list."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path

from glossary.admin.site import DeskAdmin
from glossary.desk import member
from glossary.domain.correction import Fate
from glossary.domain.diff import word_diff
from glossary.domain.errors import BadText, IllegalMove
from glossary.domain.roles import Action
from glossary.models import Correction, Edition, Term
from glossary.services.correction import going_lines, said_from
from glossary.services.publication import publish_term
from glossary.services.roles import require

FATES = [
    (Fate.STILL_TRUE.value, "still true", "A minor edit; readers are not told."),
    (Fate.COULD_MISLEAD.value, "could mislead", "A clarification, in the public log."),
    (Fate.NO_LONGER_TRUE.value, "no longer true", "An update, in the public log."),
    (Fate.WAS_WRONG.value, "was wrong", "A correction: on the page, in the log, and to readers of the old words."),
]


def going_rows(term: Term, edition: Edition, typed: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the lines that readers lose by this edition, each with what is chosen for it; quiet ones are left out."""
    rows = []
    for one in going_lines(term, edition):
        if one.gone.quiet:
            continue
        place = one.gone.place
        suggested = one.suggested.value if one.suggested else ""
        rows.append(
            {
                "place": place,
                "pieces": word_diff(one.gone.was, one.gone.now) if one.gone.now else (),
                "was": one.gone.was,
                "suggested": suggested,
                "fate": typed.get(f"fate-{place}", suggested),
                "why": typed.get(f"why-{place}", ""),
                "fates": FATES,
            }
        )
    return rows


@admin.register(Correction)
class CorrectionAdmin(DeskAdmin):
    """What was said of words that readers had."""

    list_display = ["term", "kind", "was", "now", "why", "on", "by"]
    list_filter = ["kind"]
    list_select_related = ["term", "by", "from_edition"]
    search_fields = ["term__headword", "was", "why"]

    def get_urls(self) -> list[Any]:
        """Add the page on which a publisher gives readers another passed edition."""
        publish = self.admin_site.admin_view(self.publish_view)
        return [path("publish/<int:pk>/", publish, name="glossary_correction_publish"), *super().get_urls()]

    def publish_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what readers lose and get; on POST publish the edition, with what is said of the words that go."""
        edition = get_object_or_404(Edition.objects.select_related("term__published"), pk=pk)
        if not self.has_view_permission(request):
            raise PermissionDenied
        term, refused, status = edition.term, "", 200
        if request.method == "POST":
            require(member(request), Action.PUBLISH)
            try:
                publish_term(
                    term,
                    edition=edition,
                    by=member(request),
                    digest=request.POST.get("digest", ""),
                    old_words=said_from(going_lines(term, edition), request.POST),
                )
            except (IllegalMove, BadText) as refusal:
                refused, status = str(refusal), 422
            else:
                self.message_user(request, "Published. Readers see these words now.", messages.SUCCESS)
                return redirect(term.get_desk_url())
        context = {
            **self.admin_site.each_context(request),
            "title": f"Publish edition {edition.number} of {edition.words.headword}",
            "edition": edition,
            "term": term,
            "going": going_rows(term, edition, request.POST),
            "refused": refused,
        }
        return TemplateResponse(request, "admin/glossary/edition/publish.html", context, status=status)
