"""Addresses that hang on a term's: each has one spelling, and every other gets exactly one redirect there."""

from collections.abc import Callable
from functools import wraps
from urllib.parse import unquote

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from glossary.domain.names import is_slug
from glossary.services.names import find_addressed

View = Callable[..., HttpResponseBase]


def beside_its_term(name: str, *, merged: bool) -> Callable[[View], View]:
    """Mark the view of the address called `name`, whose arguments are the term's `slug` and what follows it.

    The view is asked under the one spelling only; where it finds nothing, the term is looked for as its own page is:
    by an old address or any of its names. `merged` says whether a merged term keeps its own addresses of this kind.
    What was posted is posted again to the right address (308), so that nothing typed is lost.
    """

    def marked(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, slug: str, **rest: str) -> HttpResponseBase:
            rest = {key: value.lower() for key, value in rest.items()}
            if is_slug(slug) and request.path == unquote(reverse(name, kwargs={"slug": slug, **rest})):
                try:
                    return view(request, slug, **rest)
                except Http404:
                    pass
            term = find_addressed(slug, merged=merged)
            address = reverse(name, kwargs={"slug": term.slug, **rest}) if term is not None else request.path
            if unquote(address) == request.path:
                raise Http404
            query = request.META.get("QUERY_STRING", "")
            address += f"?{query}" if query else ""
            return redirect(address, permanent=True, preserve_request=request.method not in {"GET", "HEAD"})

        return answer

    return marked
