"""The home page: today's deck, the newest cards beside it, and what this site is about."""

from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from glossary.forms.start import make_stamp
from glossary.models import Deck, Term
from glossary.services.clock import today
from glossary.services.correction import beside_cards
from glossary.services.sign_up import closed_because
from glossary.services.tag import topics
from glossary.views.ready_page import public_page, shows_only, turns_at_midnight

NEWEST = 4  # one for each column of the hand


@public_page
@require_safe
def home(request: HttpRequest) -> TemplateResponse:
    """Show the latest published deck, the newest terms that are not in it, and the topics."""
    deck = Deck.objects.published().with_cards().first()
    dealt = [one.term_id for one in deck.cards.all()] if deck else []
    newest = Term.objects.for_readers().exclude(pk__in=dealt).order_by("-published_at", "-pk")[:NEWEST]
    beside = beside_cards(deck) if deck else None
    context = {
        "deck": deck,
        "beside": beside,
        "newest": list(newest),
        "topics": topics(),
        "today": today(),
        "closed": bool(closed_because()),
        "stamp": make_stamp(today()),
    }
    response = TemplateResponse(request, "glossary/home.html", context)
    shows_only(response, any_term=True, any_deck=True)
    turns_at_midnight(response)
    return response
