"""Decks that were published: one a day, and the archive."""

from datetime import date
from itertools import groupby
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.dateformat import format as format_date
from django.views.decorators.http import require_safe

from glossary.domain.json_ld import deck_page
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
    found = _published(day)
    beside = beside_cards(found)
    context = {
        "deck": found,
        "beside": beside,
        "json_ld": _json_ld(found),
        "picture": f"{settings.SITE_URL}{reverse('deck-picture', args=[day])}",
        "today": today(),
    }
    response = TemplateResponse(request, "glossary/deck.html", context)
    shows_only(response, terms=beside.terms(), any_deck=True)
    return response


@public_page
@require_safe
def sheet(request: HttpRequest, day: str) -> TemplateResponse:
    """Show the seven cards of one day on one sheet, to print and cut."""
    found = _published(day)
    beside = beside_cards(found)
    context = {
        "deck": found,
        "beside": beside,
        "today": today(),
        "canonical": f"{settings.SITE_URL}{found.get_absolute_url()}",
    }
    response = TemplateResponse(request, "glossary/deck_print.html", context)
    shows_only(response, terms=beside.terms(), any_deck=True)
    return response


def _published(day: str) -> Deck:
    """Return the published deck of a day written as 2026-05-29; raises Http404 for any other."""
    try:
        asked = date.fromisoformat(day)
    except ValueError as error:
        raise Http404 from error
    if day != asked.isoformat():  # 20260529 and 2026-W22-5 are dates too, and no addresses of ours
        raise Http404
    found = Deck.objects.published().with_cards().with_neighbours().filter(day=asked).first()
    if found is None:
        raise Http404
    return found


def _json_ld(deck: Deck) -> dict[str, Any]:
    """Return what search engines read of a deck: the cards whose words stand, with their addresses."""
    names = [
        (card.edition.words.headword, f"{settings.SITE_URL}{card.term.get_absolute_url()}")
        for card in deck.cards.all()
        if card.edition is not None and card.edition.check_standing() is not None
    ]
    title = deck.title or f"Seven cards, {format_date(deck.day, settings.DATE_FORMAT)}"
    return deck_page(names, address=f"{settings.SITE_URL}{deck.get_absolute_url()}", title=title)
