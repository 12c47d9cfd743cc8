"""Is this still true? The lasting address of words that somebody read, and what changed since they were new."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from glossary.services.version import is_still_true, published_edition, term_once_public, what_changed
from glossary.views.address import beside_its_term
from glossary.views.ready_page import public_page


@beside_its_term("version", merged=True)
@public_page
@require_safe
def version(request: HttpRequest, slug: str, digest: str) -> HttpResponse:
    """Say what became of an edition that readers had; any other digest is not found."""
    term = term_once_public(slug)
    edition = published_edition(term, digest) if term is not None else None
    if term is None or edition is None:
        raise Http404
    found = is_still_true(term, edition)
    target = term.merged_into or term
    context = {"version": found, "term": term, "canonical": f"{settings.SITE_URL}{target.get_absolute_url()}"}
    return TemplateResponse(request, "glossary/version.html", context)


@beside_its_term("changes", merged=False)
@public_page
@require_safe
def changes(request: HttpRequest, slug: str) -> HttpResponse:
    """List what readers had when, with the differences by words, newest first."""
    term = term_once_public(slug)
    shown = term.shown() if term is not None and term.published is not None else None
    if term is None or shown is None:
        raise Http404
    page, rows = what_changed(term, request.GET.get("page"))
    context = {"term": term, "words": shown[0], "page": page, "changes": rows}
    return TemplateResponse(request, "glossary/changes.html", context)
