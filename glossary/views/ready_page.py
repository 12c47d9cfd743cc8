"""Public pages: what every view that answers the same to everybody is marked with."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from glossary.domain.ready_page import CACHE_CONTROL, RENDERING, Page, valid_until
from glossary.models import Term
from glossary.services.build import build_name
from glossary.services.clock import moment
from glossary.services.ready_page import Shows, keep_page, mark

View = Callable[..., HttpResponseBase]


@dataclass
class Rendering:
    """An answer on its way: what it was made from, and the mark of public changes from before."""

    path: str
    before: int
    until: int
    shows: Shows = field(default_factory=Shows)
    later: bytes = b""

    def keep(self, page: Page) -> int:
        """Keep the page unless something public has changed since the view began; return its key, 0 if not kept."""
        return keep_page(self.path, page, build=build_name(), shows=self.shows, before=self.before, until=self.until)


def public_page(view: View) -> View:
    """Mark a view whose answer to a GET is the same for everybody, staff among them: it may be kept ready and cached.

    Such a view reads neither the session nor the person nor a cookie, needs no CSRF token, and depends on the path, the
    rows, the day at the desk and the settings alone. An answer to an address with a query is never kept. By default any
    public change drops the page, and midnight at the desk or an hour ends it; `shows_only` narrows that. Statuses
    other than 200, 302 and 410 are not kept. Any method but GET and HEAD gets 405.
    """

    @wraps(view)
    def kept(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        environ = getattr(request, "environ", {})
        asked = RENDERING in environ  # the wrapper is there
        now = moment()
        if asked:
            environ[RENDERING] = Rendering(request.path, mark(), valid_until(now, settings.EDITORIAL_TIME_ZONE))
        response = view(request, *args, **kwargs)
        if request.method in {"GET", "HEAD"} and not response.has_header("Cache-Control"):
            response["Cache-Control"] = CACHE_CONTROL
        if asked:
            environ[RENDERING].shows = getattr(response, "shows", environ[RENDERING].shows)
        return response

    # Nothing is done for a POST, so it needs no token: the method is what is wrong with it.
    return csrf_exempt(require_safe(kept))


def shows_only(
    response: HttpResponseBase, *, terms: Iterable[Term | int] = (), any_term: bool = False, any_deck: bool = False
) -> None:
    """Say what a page shows, so that other changes leave it: some terms (or their keys), any term, any deck.

    A page that shows none of these stands until midnight or the next build.
    """
    keys = frozenset(term if isinstance(term, int) else term.pk for term in terms)
    response.shows = Shows(keys, any_term=any_term, any_deck=any_deck)  # type: ignore[attr-defined]


def turns_at_midnight(response: TemplateResponse) -> None:
    """Have the page rendered as of tomorrow as well, for an outage that outlasts midnight; it has `today` to say so."""

    def render_later(rendered: TemplateResponse) -> None:
        rendering = getattr(rendered._request, "environ", {}).get(RENDERING)
        if isinstance(rendering, Rendering):
            context = dict(rendered.context_data or {})
            context["today"] += timedelta(days=1)
            template = rendered.resolve_template(rendered.template_name)
            rendering.later = template.render(context, rendered._request).encode()

    response.add_post_render_callback(render_later)
