"""The desk's library of sources: what the watch saw of each, and every card that rests on it."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse

from glossary.admin.doubt import PAGE, chosen_kind
from glossary.admin.site import DeskAdmin
from glossary.desk import line_number, member
from glossary.domain.doubt import OF_SOURCE
from glossary.domain.errors import BadText, IllegalMove
from glossary.domain.roles import Action
from glossary.models import Doubt, Source
from glossary.services.doubt import doubt_source
from glossary.services.impact import impact_of, resting_on
from glossary.services.roles import may, require


@admin.register(Source)
class SourceAdmin(DeskAdmin):
    """The library of sources."""

    list_display = ["title", "publisher", "published_on", "primary", "url"]
    list_select_related = ["publisher"]
    search_fields = ["title", "url", "publisher__name"]
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show a source with every card that rests on it; on POST mark it, which sends all of them to the checkers."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = Source.objects.select_related("publisher", "watch")
        source = get_object_or_404(rows, pk=line_number(object_id))
        refused = ""
        if request.method == "POST":
            require(member(request), Action.CHECK)
            try:
                doubt_source(source, chosen_kind(request), request.POST.get("reason", ""), by=member(request))
            except (BadText, IllegalMove) as refusal:
                refused = str(refusal)
            else:
                self.message_user(request, "Marked. Every card that rests on it went to the checkers.")
                return redirect("admin:glossary_source_change", source.pk)
        found = impact_of(resting_on(source))
        context = {
            **self.admin_site.each_context(request),
            "title": source.title,
            "source": source,
            "watch": getattr(source, "watch", None),
            "page": Paginator(found.terms, PAGE).get_page(request.GET.get("page")),
            "decks": found.decks,
            "doubts": Doubt.objects.open().filter(source=source).select_related("sentence__term", "source"),
            "kinds": [kind.value for kind in OF_SOURCE],
            "refused": refused,
            "typed": request.POST,
            "may_check": may(request.user, Action.CHECK),
        }
        status = 422 if refused else 200
        return TemplateResponse(request, "admin/glossary/source/source.html", context, status=status)
