"""Made-up stock for tests of the composer: skewed topics, makers, families, pairs, as a seed has it."""

import random
from datetime import date, timedelta

from glossary.domain.stock import StockCard
from glossary.domain.term import Level

DAY = date(2026, 6, 1)
FAR = DAY + timedelta(days=400)


def card(term, **over):
    """Return a card that may be dealt; each has a topic of its own and is easy unless said otherwise."""
    given = {"headword": f"Card {term}", "due_on": FAR, "topic": f"Topic {term}", "level": Level.EASY} | over
    return StockCard(term=term, **given)


def random_stock(number, seed, *, topics=12, vendors=6, dealt=True):
    """Return `number` cards drawn with this seed; a few have no topic, no level, a family, or are taken for another."""
    rng = random.Random(seed)
    return [
        card(
            term,
            topic=f"Topic {min(int(rng.expovariate(0.35)), topics - 1)}" if rng.random() > 0.05 else None,
            level=rng.choice([Level.EASY, Level.MEDIUM, Level.HARD, None]),
            vendor=f"Maker {rng.randrange(vendors)}" if rng.random() < 0.4 else None,
            priority=rng.choice([0, 0, 0, 50, 100, rng.randrange(101)]),
            dealt_on=DAY - timedelta(days=rng.randrange(1, 300)) if dealt and rng.random() < 0.7 else None,
            family=rng.randrange(number // 3 + 1) if rng.random() < 0.3 else None,
            contrast=rng.randrange(1, number + 1) if rng.random() < 0.1 else None,
        )
        for term in range(1, number + 1)
    ]
