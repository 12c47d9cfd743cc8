"""Decks left: a look ahead over the stock as it stands, kept until anything at the desk changes."""

from datetime import date, timedelta

from django.conf import settings
from django.core.cache import cache
from django.db.models import F, Window
from django.db.models.functions import RowNumber

from glossary.domain.deck import DECK_SIZE, LONGEST_GAP, has_deck
from glossary.domain.runway import HORIZON, DecksLeft, decks_left
from glossary.domain.volatility import Volatility, due_on
from glossary.models import Card, Deck, Term, TrailEntry
from glossary.services.clock import today
from glossary.services.stock import cards_of_terms

KEPT = 24 * 60 * 60  # seconds
ALIKE = DECK_SIZE * (LONGEST_GAP + 1)  # terms of one topic, level and maker that decks within one gap could use


def look_ahead() -> DecksLeft:
    """Return how long valid decks can be dealt from today on; computed anew when the trail has grown, or the day.

    Of terms alike in topic, level and maker those with the latest due dates stand for all: no more of them than ALIKE
    can be dealt before the first may return.
    """
    day = today()
    last = TrailEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    key = f"decks-left:{day.isoformat()}:{last}:{settings.DATABASES['default']['NAME']}"
    found = cache.get(key)
    if not isinstance(found, DecksLeft):
        found = _look()
        cache.set(key, found, KEPT)
    return found


def _look() -> DecksLeft:
    day = today()
    days = [one for n in range(HORIZON) if has_deck(one := day + timedelta(days=n), settings.DECK_DAYS)]
    places = Window(
        RowNumber(), partition_by=[F("topic"), F("level"), F("vendor")], order_by=[F("due_on").desc(), F("pk").asc()]
    )
    readable = Term.objects.published().not_succeeded().filter(due_on__isnull=False)
    alike = readable.annotate(place=places).filter(place__lte=ALIKE)
    near = Card.objects.filter(deck__day__gte=day - timedelta(days=LONGEST_GAP), term__due_on__isnull=False)
    stock = cards_of_terms(day, {*alike.order_by().values_list("pk", flat=True), *near.values_list("term", flat=True)})
    planned: dict[date, list[int]] = {}
    for on, term in Card.objects.filter(deck__day__in=days).values_list("deck__day", "term"):
        planned.setdefault(on, []).append(term)
    full = {on: planned[on] for on in days if len(planned.get(on, [])) == DECK_SIZE}
    published = set(Deck.objects.published().filter(day__in=days).values_list("day", flat=True))
    classes = dict(Term.objects.filter(pk__in=[card.term for card in stock]).values_list("pk", "volatility"))
    renewal = {term: (due_on(day, Volatility(chosen)) - day).days for term, chosen in classes.items()}
    ahead = [on for on in days if on not in published or on == day]
    return decks_left(stock, days=ahead, planned=full, renewal=renewal)
