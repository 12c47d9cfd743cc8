"""What may be dealt on a day: the terms that the composer chooses from, read flat whatever the size of the glossary."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import F, Q, Window
from django.db.models.functions import RowNumber

from glossary.domain.deck import DECK_SIZE
from glossary.domain.hand import rules_for
from glossary.domain.stock import STALE_DAYS, Rules, StockCard
from glossary.domain.term import Level
from glossary.models import Ban, Card, Deck, Meaning, Term


@dataclass(frozen=True)
class Stock:
    """What may be dealt on a day, as far as it can matter, with the limits of the day and what is kept out of it."""

    day: date
    cards: tuple[StockCard, ...]
    rules: Rules
    bans: dict[int, str]
    eligible: int  # terms whose check stays good, whenever they were dealt

    def card(self, term: int) -> StockCard | None:
        """Return the card of a term; None where it may not be dealt."""
        return next((card for card in self.cards if card.term == term), None)


def load_stock(day: date, *, deck: Deck | None = None, named: Collection[int] = (), search: str = "") -> Stock:
    """Return what the composer chooses from for `day`, in a constant number of queries whatever the size.

    Of the terms that were not dealt within STALE_DAYS and belong to no family or pair, only those of the highest
    priority can come into the best deck: as many as a deck has cards, of each topic, level and maker. The rest is read
    whole: those dealt lately, families, pairs, the cards of `deck`, bans, and the `named` terms. `search` adds those
    whose name holds it.
    """
    besides = deck.pk if deck else None
    dealable = Term.objects.dealable(day=day)
    bans = {ban.term_id: ban.reason for ban in Ban.objects.on(day)}
    families = _families()
    dealt = _family_days(Card.objects.dealt_around(day, days=STALE_DAYS, besides=besides), families, day)
    standing = list(deck.cards.values_list("term_id", flat=True)) if deck else []
    whole = {*families, *dealt, *bans, *standing, *named}
    pairs = Q(contrast__isnull=False) | Q(contrasted_by__isnull=False)
    kept = set(dealable.filter(Q(pk__in=whole) | pairs).values_list("pk", flat=True))
    places = Window(
        RowNumber(), partition_by=[F("topic"), F("level"), F("vendor")], order_by=[F("priority").desc(), F("pk").asc()]
    )
    best = dealable.exclude(pk__in={*kept, *bans}).annotate(place=places).filter(place__lte=DECK_SIZE)
    kept |= set(best.order_by().values_list("pk", flat=True))
    if search:
        found = dealable.filter(headword__icontains=search).order_by("sort_key")
        kept |= set(found.values_list("pk", flat=True)[: DECK_SIZE * 10])
    count = dealable.count()
    rules = rules_for(count, theme=deck.theme.name if deck and deck.theme else None)
    return Stock(day, tuple(_stock_cards(kept, dealt, families)), rules, bans, count)


def cards_of_terms(day: date, keys: Collection[int]) -> list[StockCard]:
    """Return these terms as the composer sees them on `day`."""
    families = _families()
    dealt = _family_days(Card.objects.dealt_around(day, days=STALE_DAYS), families, day)
    return _stock_cards(keys, dealt, families)


def _stock_cards(kept: Iterable[int], dealt: dict[int, date], families: dict[int, int]) -> list[StockCard]:
    needs: dict[int, set[int]] = defaultdict(set)
    keys = set(kept)
    through = Term.prerequisites.through.objects.filter(from_term__in=keys)
    for later, first in through.values_list("from_term", "to_term"):
        needs[later].add(first)
    rows = Term.objects.filter(pk__in=keys).order_by("pk")
    names = "pk", "published__words_json__headword", "due_on", "topic__name", "level", "vendor__name", "priority"
    return [
        StockCard(
            term=pk,
            headword=headword,
            due_on=due_on,
            topic=topic,
            level=Level(level) if level else None,
            vendor=vendor,
            priority=priority,
            dealt_on=dealt.get(pk),
            family=families.get(pk),
            prerequisites=frozenset(needs[pk]),
            contrast=contrast,
        )
        for pk, headword, due_on, topic, level, vendor, priority, contrast in rows.values_list(*names, "contrast")
        if due_on is not None
    ]


def _families() -> dict[int, int]:
    """Return for each term that succeeds another, or shares an ambiguous name, the least key among its family."""
    links = list(Term.objects.filter(successor__isnull=False).values_list("pk", "successor"))
    shared: dict[str, int] = {}
    for name, term in Meaning.objects.order_by("term").values_list("name", "term"):
        links.append((shared.setdefault(name, term), term))
    head: dict[int, int] = {}

    def first(term: int) -> int:
        while head.get(term, term) != term:
            head[term] = head.get(head[term], head[term])
            term = head[term]
        return term

    for one, other in links:
        a, b = sorted((first(one), first(other or one)))
        head[a], head[b] = a, a
    return {term: first(term) for term in head}


def _family_days(dealt: dict[int, date], families: dict[int, int], day: date) -> dict[int, date]:
    """Return the nearest day on which each term, or any of its family, is dealt."""
    nearest: dict[int, date] = {}
    for term, on in dealt.items():
        family = families.get(term)
        if family is not None and (family not in nearest or abs(on - day) < abs(nearest[family] - day)):
            nearest[family] = on
    return dealt | {term: nearest[family] for term, family in families.items() if family in nearest}
