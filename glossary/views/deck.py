"""Decks that were published: one a day, and the archive."""

from datetime import date
from itertools import groupby

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from glossary.models import Deck
from glossary.services.clock import today
from glossary.services.correction import beside_cards
from glossary.views.ready_page import public_page, shows_only

DECKS_A_PAGE = 62  # about two months


@public_page
@require_safe
def decks(request: HttpRequest) -> TemplateResponse:
    """List the published decks by month, newest first."""
    page = Paginator(Deck.objects.published().with_cards(), DECKS_A_PAGE).get_page(request.GET.get("page"))
    months = [(month, list(rows)) for month, rows in groupby(page, key=lambda deck: deck.day.replace(day=1))]
    response = TemplateResponse(request, "glossary/decks.html", {"months": months, "page": page})
    shows_only(response, any_deck=True)
    return response


@public_page
@require_safe
def latest(request: HttpRequest) -> HttpResponseRedirect:
    """Lead to the latest published deck."""
    deck = Deck.objects.published().first()
    if deck is None:
        raise Http404
    response = redirect(deck)
    shows_only(response, any_deck=True)
    return response


@public_page
@require_safe
def deck(request: HttpRequest, day: str) -> TemplateResponse:
    """Show the seven cards of one day as they were dealt; a future or unknown day is not found."""
    try:
        asked = date.fromisoformat(day)
    except ValueError as error:
        raise Http404 from error
    if day != asked.isoformat():  # 20260529 and 2026-W22-5 are dates too, and no addresses of ours
        raise Http404
    found = Deck.objects.published().with_cards().with_neighbours().filter(day=asked).first()
    if found is None:
        raise Http404
    beside = beside_cards(found)
    context = {
        "deck": found,
        "beside": beside,
        "today": today(),
    }
    response = TemplateResponse(request, "glossary/deck.html", context)
    shows_only(response, terms=beside.terms(), any_deck=True)
    return response
