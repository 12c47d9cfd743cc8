"""What the composer chooses from: no more than it needs, and never less."""

import random
from datetime import UTC, date, datetime, timedelta

import pytest

from glossary.domain.compose import best_seven
from glossary.domain.roles import Role
from glossary.domain.stock import eligible, total
from glossary.models import Ban, Card, Deck, Party, Term
from glossary.services.stock import cards_of_terms, load_stock
from tests.factories import make_published_term, make_tag, make_user

pytestmark = pytest.mark.django_db
DAY = date(2026, 6, 1)
BEFORE = datetime(2026, 5, 20, 12, tzinfo=UTC)


@pytest.fixture
def terms():
    people = {"author": make_user(Role.EDITOR), "checker": make_user(Role.CHECKER, Role.PUBLISHER)}
    return [make_published_term(f"Word {n}", now=BEFORE, **people) for n in range(60)]


def test_terms_alike_are_not_forgotten_when_the_first_of_them_were_dealt(terms):
    deck = Deck.objects.create(day=DAY - timedelta(days=1))
    Card.objects.bulk_create(Card(deck=deck, position=n + 1, term=term) for n, term in enumerate(terms[:7]))
    loaded = {card.term for card in load_stock(DAY).cards}
    assert len(loaded - {term.pk for term in terms[:7]}) >= 7


@pytest.mark.parametrize("seed", range(8))
def test_the_best_of_what_is_loaded_is_the_best_of_all(terms, seed):
    rng = random.Random(seed)
    topics = [make_tag(f"Topic {n}") for n in range(4)]
    makers = [None, None, *[Party.objects.create(name=f"Maker {n}") for n in range(3)]]
    for term in terms:
        term.topic, term.vendor = rng.choice(topics), rng.choice(makers)
        term.level, term.priority = rng.choice(["easy", "medium", "hard"]), rng.choice([0, 0, 0, 10, 90])
        term.contrast = rng.choice(terms) if rng.random() < 0.1 else None
        term.contrast = None if term.contrast == term else term.contrast
        term.successor = None
    for term in rng.sample(terms[:50], 8):
        term.successor = rng.choice(terms[50:])
    Term.objects.bulk_update(terms, ["topic", "vendor", "level", "priority", "contrast", "successor"])
    for days in (1, 2, 3, 40, 150, 400):
        deck = Deck.objects.create(day=DAY - timedelta(days=days))
        chosen = rng.sample(terms, 7)
        Card.objects.bulk_create(Card(deck=deck, position=n + 1, term=term) for n, term in enumerate(chosen))
    user = make_user(Role.SCHEDULER)
    Ban.objects.create(term=terms[3], first=DAY, reason="Rewritten.", by=user, at=BEFORE)
    stock = load_stock(DAY)
    dealable = set(Term.objects.dealable(day=DAY).values_list("pk", flat=True))
    everything = cards_of_terms(DAY, dealable)

    def best(cards):
        free = [card for card in eligible(cards, day=DAY, gap=stock.rules.gap) if card.term not in stock.bans]
        chosen = best_seven(free, day=DAY, rules=stock.rules)
        return total(chosen, DAY) if chosen else None

    assert best(stock.cards) == best(everything)
    assert {card.term for card in stock.cards} <= dealable
