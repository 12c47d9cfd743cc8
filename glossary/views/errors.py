"""The pages for addresses that lead nowhere and for faults of ours."""

from urllib.parse import unquote

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse

from glossary.domain.search import read_query
from glossary.services.clock import today
from glossary.services.search import nearest


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Say that nothing is here, and name the published terms that come nearest to the address."""
    asked = read_query(unquote(request.path.strip("/").rpartition("/")[2])).text
    of_a_day = request.path.startswith(reverse("decks"))
    terms = [] if of_a_day else nearest(asked)
    context = {"asked": asked, "terms": terms, "today": today(), "of_a_day": of_a_day}
    return TemplateResponse(request, "404.html", context, status=404).render()


def server_error(request: HttpRequest) -> HttpResponse:
    """Say that the fault is ours, without asking the database anything."""
    context = {"SITE_NAME": settings.SITE_NAME, "STATIC_URL": settings.STATIC_URL}
    return HttpResponse(render_to_string("500.html", context), status=500)
