"""Tags: shelves of published terms."""

from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_safe
from taggit.models import Tag

from glossary.domain.term import Stage
from glossary.models import Term
from glossary.services.clock import today
from glossary.views.ready_page import public_page

TERMS_A_PAGE = 200


@public_page
@require_safe
def tags(request: HttpRequest) -> TemplateResponse:
    """List the tags that published terms carry, with how many."""
    published = Q(term__stage=Stage.PUBLISHED)
    rows = Tag.objects.annotate(n=Count("term", filter=published)).filter(n__gt=0).order_by("name")
    return TemplateResponse(request, "glossary/tags.html", {"tags": rows})


@public_page
@require_safe
def tag(request: HttpRequest, slug: str) -> HttpResponse:
    """List the published terms of one tag; another spelling of its address gets one redirect."""
    found = Tag.objects.filter(slug=slug.lower()).first() if "\x00" not in slug else None
    if found is None:
        raise Http404
    page = Paginator(Term.objects.for_readers().filter(tags=found).in_order(), TERMS_A_PAGE)
    if not page.count:
        raise Http404
    if slug != found.slug or not request.path.endswith("/"):
        query = request.META.get("QUERY_STRING", "")
        return redirect(reverse("tag", args=[found.slug]) + (f"?{query}" if query else ""), permanent=True)
    shown = page.get_page(request.GET.get("page"))
    return TemplateResponse(request, "glossary/tag.html", {"tag": found, "page": shown, "today": today()})
