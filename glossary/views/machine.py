"""What programs ask for: robots.txt, the manifest, the package for Anki, and the pictures that go with links."""

from datetime import date

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.dateformat import format as format_date
from django.views.decorators.http import require_safe

from glossary.domain.picture import draw_picture
from glossary.domain.ready_page import known_etag
from glossary.models import Deck, Term
from glossary.services.anki import kept_package
from glossary.views.address import beside_its_term
from glossary.views.ready_page import public_page, shows_only

APKG = "application/apkg"  # Anki has registered none; its own site sends this
RETRY = 5  # seconds
ICONS = [
    ("icon-192.png", "192x192", "any"),
    ("icon-512.png", "512x512", "any"),
    ("icon-mask.png", "512x512", "maskable"),
]


@public_page
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Ask crawlers to leave the desk alone, and name the sitemap."""
    return render(request, "robots.txt", content_type="text/plain; charset=utf-8")


@public_page
@require_safe
def manifest(request: HttpRequest) -> JsonResponse:
    """Say how the site looks when it is kept on a phone's first screen (W3C Web Application Manifest)."""
    icons = [
        {"src": staticfiles_storage.url(f"glossary/{file}"), "sizes": sizes, "type": "image/png", "purpose": purpose}
        for file, sizes, purpose in ICONS
    ]
    data = {
        "name": settings.SITE_NAME,
        "short_name": settings.SITE_NAME,
        "description": "Seven AI terms a day, in plain words, each fact-checked.",
        "start_url": reverse("home"),
        "display": "minimal-ui",
        "background_color": "#f6f0e4",
        "theme_color": "#f6f0e4",
        "lang": "en",
        "icons": icons,
    }
    return JsonResponse(data, content_type="application/manifest+json")


@public_page
@require_safe
def anki(request: HttpRequest) -> HttpResponse:
    """Hand out the whole glossary for Anki; a large one takes some seconds to be made, by one reader's request only."""
    kept = kept_package()
    if kept is None:
        said = "The package is being made. Ask again in some seconds.\n"
        headers = {"Retry-After": str(RETRY), "Cache-Control": "no-store"}
        return HttpResponse(said, status=503, content_type="text/plain; charset=utf-8", headers=headers)
    if had := known_etag(kept.etag, request.headers.get("If-None-Match", ""), packed=False):
        return HttpResponse(status=304, headers={"ETag": had})
    kept.refresh_from_db(fields=["etag", "body"])  # together: it may have been made anew since
    answer = HttpResponse(bytes(kept.body), content_type=APKG, headers={"ETag": kept.etag})
    answer["Content-Disposition"] = 'attachment; filename="glossary.apkg"'
    return answer


@beside_its_term("term-picture", merged=False)
@public_page
@require_safe
def term_picture(request: HttpRequest, slug: str) -> HttpResponse:
    """Draw the picture that goes with a link to a term: its checked headword, and no word besides."""
    term = Term.objects.for_readers().filter(slug=slug).first()
    shown = term.shown() if term is not None else None
    if shown is None:
        raise Http404
    picture = _picture(shown[0].headword)
    shows_only(picture, terms=[term] if term else [])
    return picture


@public_page
@require_safe
def deck_picture(request: HttpRequest, day: str) -> HttpResponse:
    """Draw the picture that goes with a link to a deck: its title, or its day."""
    try:
        asked = date.fromisoformat(day)
    except ValueError as error:
        raise Http404 from error
    deck = Deck.objects.published().filter(day=asked).first() if day == asked.isoformat() else None
    if deck is None:
        raise Http404
    picture = _picture(deck.title or format_date(deck.day, settings.DATE_FORMAT))
    shows_only(picture, any_deck=True)
    return picture


@public_page
@require_safe
def site_picture(request: HttpRequest) -> HttpResponse:
    """Draw the picture that goes with a link to any other page."""
    picture = _picture("Seven AI terms a day, in plain words")
    shows_only(picture)
    return picture


def _picture(name: str) -> HttpResponse:
    font = finders.find("glossary/fonts/deck-serif.woff2")
    assert isinstance(font, str)  # it is part of the project
    png = draw_picture(name, site=settings.SITE_NAME, note="Seven cards a day, free", font=font)
    return HttpResponse(png, content_type="image/png")
