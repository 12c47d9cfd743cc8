"""Search: the page, what a browser suggests while one types, and asking for a term that is not there."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.http import urlencode
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from glossary.domain.errors import BadText
from glossary.domain.search import read_query
from glossary.services.ask import TooManyAsks, ask_for
from glossary.services.clock import today
from glossary.services.search import Results, nearest, search, suggest
from glossary.views.ready_page import public_page

FRESH = 30  # seconds that a cache may keep an answer
MAX_PAGE_DIGITS = 3


@csrf_exempt  # any POST gets 405
@require_safe
def results(request: HttpRequest) -> HttpResponse:
    """Show what a query finds, best first; an exact hit stands first and redirects nobody."""
    return _page(request, request.GET.get("q", ""), asked="asked" in request.GET)


@csrf_exempt  # any POST gets 405
@require_safe
def suggestions(request: HttpRequest) -> JsonResponse:
    """Answer as the OpenSearch Suggestions extension 1.1 has it: the query, names, definitions, addresses."""
    text = request.GET.get("q", "")
    hits = suggest(text)
    names = [hit.words.headword for hit in hits]
    lines = [hit.words.definition for hit in hits]
    addresses = [f"{settings.SITE_URL}{hit.term.get_absolute_url()}" for hit in hits]
    response = JsonResponse(
        [read_query(text).text, names, lines, addresses], safe=False, content_type="application/x-suggestions+json"
    )
    response["X-Robots-Tag"] = "noindex"
    patch_cache_control(response, public=True, max_age=FRESH)
    return response


@csrf_exempt  # it needs no cookie and does nothing in anybody's name; another site's form is not counted
@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """Count that a reader wants this term, and show the search page with thanks."""
    text = request.POST.get("q", "")
    there = f"{reverse('search')}?{urlencode({'q': read_query(text).text})}"
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        return _see(there)
    try:
        ask_for(text)
    except BadText as refusal:
        return _page(request, text, refusal=str(refusal), status=400)
    except TooManyAsks as refusal:
        return _page(request, text, refusal=str(refusal), status=429)
    return _see(f"{there}&asked=1")


@public_page
@require_safe
def description(request: HttpRequest) -> TemplateResponse:
    """Tell browsers how to search here (OpenSearch 1.1)."""
    kind = "application/opensearchdescription+xml"
    response = TemplateResponse(request, "glossary/opensearch.xml", {}, content_type=kind)
    patch_cache_control(response, public=True, max_age=86_400)
    return response


def _see(address: str) -> HttpResponseRedirect:
    response = redirect(address)
    response.status_code = 303  # the answer to the POST is to be fetched, once
    assert isinstance(response, HttpResponseRedirect)
    return response


def _page(
    request: HttpRequest, text: str, *, asked: bool = False, refusal: str = "", status: int = 200
) -> TemplateResponse:
    wanted = request.GET.get("page", "1")
    number = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) <= MAX_PAGE_DIGITS else 1
    found: Results = search(text, page=number)
    near = nearest(text) if found.query.text and not found.hits else []
    exact = bool(found.hits) and found.is_exact
    context = {
        "results": found,
        "near": near,
        "asked": asked and not exact,
        "refusal": refusal,
        "may_ask": bool(found.query.words) and not exact and not refusal,
        "today": today(),
    }
    response = TemplateResponse(request, "glossary/search.html", context, status=status)
    patch_cache_control(response, public=True, max_age=0, s_maxage=FRESH if status == 200 else 0)
    return response
