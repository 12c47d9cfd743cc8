"""The quality of the decks of the last weeks, from the cards as they were dealt."""

from collections import defaultdict
from datetime import timedelta

from glossary.domain.deck import DeckState
from glossary.domain.deck_quality import Dealt, DeckQuality, quality_of
from glossary.models import Card, Term
from glossary.services.clock import today

DAYS = 90


def recent_quality(days: int = DAYS) -> DeckQuality:
    """Return the measures of the decks published in so many days up to today; three queries."""
    day = today()
    cards = Card.objects.filter(
        deck__state=DeckState.PUBLISHED, deck__day__gt=day - timedelta(days=days), deck__day__lte=day
    )
    names = "deck__day", "position", "term", "term__topic__name", "term__level", "term__vendor__name", "override"
    dealt = [
        Dealt(on, position, term, topic or "", level or "", vendor or "", bool(override))
        for on, position, term, topic, level, vendor, override in cards.order_by().values_list(*names)
    ]
    stock = {pk: topic or "" for pk, topic in Term.objects.dealable(day=day).values_list("pk", "topic__name")}
    needs: dict[int, set[int]] = defaultdict(set)
    through = Term.prerequisites.through.objects.filter(from_term__in={card.term for card in dealt})
    for later, first in through.values_list("from_term", "to_term"):
        needs[later].add(first)
    return quality_of(dealt, stock=stock, prerequisites={term: frozenset(first) for term, first in needs.items()})
