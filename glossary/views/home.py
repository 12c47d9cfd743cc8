"""The home page: today's deck and what this site is about."""

from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from glossary.forms.start import make_stamp
from glossary.models import Deck, Term
from glossary.services.clock import today
from glossary.services.correction import beside_cards
from glossary.services.sign_up import closed_because
from glossary.views.ready_page import public_page, shows_only, turns_at_midnight

NEWEST = 5  # cards shown while no deck was published yet


@public_page
@require_safe
def home(request: HttpRequest) -> TemplateResponse:
    """Show the latest published deck; while there is none, the newest terms."""
    deck = Deck.objects.published().with_cards().first()
    newest = [] if deck else list(Term.objects.for_readers().order_by("-published_at", "-pk")[:NEWEST])
    beside = beside_cards(deck) if deck else None
    context = {
        "deck": deck,
        "beside": beside,
        "newest": newest,
        "today": today(),
        "closed": bool(closed_because()),
        "stamp": make_stamp(today()),
    }
    response = TemplateResponse(request, "glossary/home.html", context)
    if beside:
        shows_only(response, terms=beside.terms(), any_deck=True)
    turns_at_midnight(response)
    return response
