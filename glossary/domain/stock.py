"""What the composer chooses from: cards with what each is worth, how it counts, and the limits of a day."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from glossary.domain.deck import DECK_SIZE, barred_because, within_gap
from glossary.domain.term import Level

STALE_DAYS = 180  # from then on a term counts as never dealt
STALENESS_POINTS = 600
PRIORITY_POINTS = 4  # for each of the up to 100 points of an editor's priority
PAIR_POINTS = 100  # once a deck, for two terms that are taken for each other
TIE_BITS = 20
Resource = tuple[str, object]


@dataclass(frozen=True)
class StockCard:
    """A published term as the composer sees it.

    `dealt_on` is the nearest other day, past or planned, on which it or one of its `family` is dealt: the terms that
    succeed one another or share an ambiguous name. `contrast` is the term it is taken for.
    """

    term: int
    headword: str
    due_on: date
    topic: str | None = None
    level: Level | None = None
    vendor: str | None = None
    priority: int = 0
    dealt_on: date | None = None
    family: int | None = None
    prerequisites: frozenset[int] = frozenset()
    contrast: int | None = None


@dataclass(frozen=True)
class Rules:
    """The limits of a day. Cards without a topic share a limit of their own; those without a level count as medium."""

    gap: int
    per_topic: int = 2
    easy: int = 2
    hard: int = 2
    per_vendor: int = 2
    theme: str | None = None  # the topic of the day, of which there may be more

    def topic_limit(self, topic: str | None) -> int:
        """Return how many cards of a topic a deck may have."""
        return DECK_SIZE if topic is not None and topic == self.theme else self.per_topic


def points(card: StockCard, day: date) -> int:
    """Return what the card is worth on `day`: 600 · days since it was dealt ÷ 180, at most 600, + 4 · priority."""
    days = STALE_DAYS if card.dealt_on is None else min(STALE_DAYS, abs((day - card.dealt_on).days))
    return STALENESS_POINTS * days // STALE_DAYS + PRIORITY_POINTS * card.priority


def pairs_in(cards: Iterable[StockCard]) -> list[tuple[StockCard, StockCard]]:
    """Return the pairs of cards that are taken for each other, in the order of the cards."""
    by_term = {card.term: card for card in cards}
    found = []
    for card in by_term.values():
        other = by_term.get(card.contrast) if card.contrast is not None else None
        if other is not None and (other.contrast != card.term or card.term < other.term):
            found.append((card, other))
    return found


def total(cards: Sequence[StockCard], day: date) -> int:
    """Return the points of a deck."""
    return sum(points(card, day) for card in cards) + (PAIR_POINTS if pairs_in(cards) else 0)


def eligible(stock: Iterable[StockCard], *, day: date, gap: int) -> list[StockCard]:
    """Return the cards that may be dealt on `day`: their check stays good, and they were not dealt within the gap."""
    return [
        card
        for card in stock
        if not barred_because(card.due_on, day=day) and not within_gap(card.dealt_on, day=day, gap=gap)
    ]


def tie(term: int, day: date) -> int:
    """Return a number below 2²⁰ that settles ties: the same for a term and a day, without a pattern between days."""
    return int.from_bytes(hashlib.sha256(f"{day.isoformat()}:{term}".encode()).digest()[:4]) >> (32 - TIE_BITS)


def resources_of(card: StockCard) -> list[Resource]:
    """Return what a card takes of the limits of a day: its topic, and a hard level, a maker and a family it has."""
    found: list[Resource] = [("topic", card.topic)]
    if card.level == Level.HARD:
        found.append(("level", Level.HARD))
    if card.vendor is not None:
        found.append(("vendor", card.vendor))
    if card.family is not None:
        found.append(("family", card.family))
    return found
