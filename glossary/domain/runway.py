"""How long valid decks can be dealt as checks fall due, which topic ends first, and what to re-check for more."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from glossary.domain.compose import best_seven
from glossary.domain.deck import FRESH_DAYS, barred_because, effective_gap
from glossary.domain.stock import Rules, StockCard, eligible

HORIZON = 90  # days looked ahead
FRESH_FIRST = 1_000_000  # points by which a card that needs no re-check beats any number that do
MOST_RECHECKS = 10


@dataclass(frozen=True)
class Recheck:
    """A term to check again, and the day from which a deck needs it."""

    card: StockCard
    needed_on: date


@dataclass(frozen=True)
class DecksLeft:
    """What a look ahead found.

    `until` is the last day before the first one without a deck; None where there is none today already. `ends` says
    by topic the last day on which one of its terms may be dealt. With the `rechecks` done in time, decks last until
    `then`. `open_end` says that nothing ends within HORIZON.
    """

    until: date | None
    open_end: bool
    ends: tuple[tuple[str, date], ...]
    fresh: tuple[int, ...]  # terms that may be dealt on each day looked at
    rechecks: tuple[Recheck, ...] = ()
    then: date | None = None

    @property
    def first_topic(self) -> tuple[str, date] | None:
        """The topic that runs out first."""
        return self.ends[0] if self.ends else None


@dataclass
class _Table:
    """The stock as it stands while days go by: what was dealt when, what was re-checked until when."""

    stock: Sequence[StockCard]
    dealt: dict[int, list[date]] = field(default_factory=lambda: defaultdict(list))
    renewed: dict[int, date] = field(default_factory=dict)

    def at(self, day: date) -> list[StockCard]:
        """Return the cards as a composer sees them on `day`."""
        return [self._card(card, day) for card in self.stock]

    def deal(self, terms: Sequence[int], day: date) -> None:
        """Note that these terms, and with them their families, were dealt."""
        families = {card.family for card in self.stock if card.term in set(terms) and card.family is not None}
        for card in self.stock:
            if card.term in terms or card.family in families:
                self.dealt[card.term].append(day)

    def _card(self, card: StockCard, day: date) -> StockCard:
        days = self.dealt.get(card.term)
        if days is None and card.term not in self.renewed:
            return card
        known = [*(days or []), *([card.dealt_on] if card.dealt_on else [])]
        nearest = min(known, key=lambda one: abs((one - day).days), default=None)
        return replace(card, dealt_on=nearest, due_on=self.renewed.get(card.term, card.due_on))


def decks_left(
    stock: Sequence[StockCard],
    *,
    days: Sequence[date],
    planned: Mapping[date, Sequence[int]],
    renewal: Mapping[int, int],
) -> DecksLeft:
    """Look ahead over `days`, the days with a deck, in order, as though each were composed and nothing re-checked.

    `planned` are the cards of decks that are full already. `renewal` says by term for how many days a new check is
    good. The list of re-checks is the smallest for each day by itself, and the smallest ones are added up day after
    day: over all days together another list may be shorter.
    """
    until, stopped, fresh = _run(stock, days, planned)
    ends = sorted(_ends(stock).items(), key=lambda one: (one[1], one[0]))
    if stopped is None:
        return DecksLeft(until, True, tuple(ends), tuple(fresh))
    rechecks, then = _shortest(stock, days, planned, renewal)
    return DecksLeft(until, False, tuple(ends), tuple(fresh), tuple(rechecks), then)


def _run(
    stock: Sequence[StockCard], days: Sequence[date], planned: Mapping[date, Sequence[int]]
) -> tuple[date | None, date | None, list[int]]:
    """Return the last day with a deck, the first without one, and how many terms are fresh each day."""
    table, until, stopped, fresh = _table(stock, planned), None, None, []
    for day in days:
        cards = table.at(day)
        good = [card for card in cards if not barred_because(card.due_on, day=day)]
        fresh.append(len(good))
        if stopped is not None:
            continue
        if day not in planned:
            rules = Rules(gap=effective_gap(len(good)))
            chosen = best_seven(eligible(good, day=day, gap=rules.gap), day=day, rules=rules)
            if chosen is None:
                stopped = day
                continue
            table.deal([card.term for card in chosen], day)
        until = day
    return until, stopped, fresh


def _shortest(
    stock: Sequence[StockCard],
    days: Sequence[date],
    planned: Mapping[date, Sequence[int]],
    renewal: Mapping[int, int],
) -> tuple[list[Recheck], date | None]:
    """Return the re-checks that keep the decks coming, the fewest for each day, and until when they do."""
    table, until = _table(stock, planned), None
    needed: list[Recheck] = []
    for day in days:
        if day in planned:
            until = day
            continue
        cards = table.at(day)
        good = {card.term for card in cards if not barred_because(card.due_on, day=day)}
        could = [replace(card, due_on=day + timedelta(days=FRESH_DAYS + 1)) for card in cards if card.term not in good]
        rules = Rules(gap=effective_gap(len(good)))
        open_cards = eligible([card for card in cards if card.term in good] + could, day=day, gap=rules.gap)
        extra = dict.fromkeys(good, FRESH_FIRST)
        chosen = best_seven(open_cards, day=day, rules=rules, extra=extra)
        if chosen is None:
            break
        new = [card for card in chosen if card.term not in good]
        if len(needed) + len(new) > MOST_RECHECKS:
            break
        for card in new:
            needed.append(Recheck(card, day))
            table.renewed[card.term] = day + timedelta(days=renewal.get(card.term, FRESH_DAYS + 1))
        table.deal([card.term for card in chosen], day)
        until = day
    return needed, until


def _table(stock: Sequence[StockCard], planned: Mapping[date, Sequence[int]]) -> _Table:
    table = _Table(stock)
    for day, terms in planned.items():
        table.deal(list(terms), day)
    return table


def _ends(stock: Sequence[StockCard]) -> dict[str, date]:
    """Return by topic the last day on which one of its terms may be dealt."""
    ends: dict[str, date] = {}
    for card in stock:
        if card.topic is not None:
            last = card.due_on - timedelta(days=FRESH_DAYS + 1)
            ends[card.topic] = max(ends.get(card.topic, last), last)
    return ends
