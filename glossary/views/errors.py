"""The pages for addresses that lead nowhere and for faults of ours."""

import re
from urllib.parse import unquote

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse

from glossary.domain.names import is_slug
from glossary.domain.search import read_query
from glossary.models import Term
from glossary.services.clock import today
from glossary.services.search import nearest

# What hangs on a term's address: its name comes before it
BESIDE_A_TERM = re.compile(r"^/terms/(?P<slug>[^/]+)/(?:(?P<version>v/[^/]+)|v|report|report/thanks|preview)/?$")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Say that nothing is here, and name the published terms that come nearest to the address."""
    beside = BESIDE_A_TERM.search(request.path)
    asked = read_query(unquote(beside["slug"] if beside else request.path.strip("/").rpartition("/")[2])).text
    of_a_day = request.path.startswith(reverse("decks"))
    of_a_tag = request.path.startswith(reverse("tags"))
    term = _published(beside["slug"]) if beside and beside["version"] else None
    terms = [] if of_a_day or of_a_tag or term else nearest(asked)
    context = {"asked": asked, "terms": terms, "today": today(), "of_a_day": of_a_day, "of_a_tag": of_a_tag}
    context |= {"of_a_version": bool(beside and beside["version"]), "term": term}
    return TemplateResponse(request, "404.html", context, status=404).render()


def _published(slug: str) -> Term | None:
    """Return the term of this address if readers have words of it now."""
    found = Term.objects.for_readers().filter(slug=slug).first() if is_slug(slug) else None
    return found if found is not None and found.shown() else None


def server_error(request: HttpRequest) -> HttpResponse:
    """Say that the fault is ours, without asking the database anything."""
    context = {"SITE_NAME": settings.SITE_NAME, "STATIC_URL": settings.STATIC_URL}
    return HttpResponse(render_to_string("500.html", context), status=500)
