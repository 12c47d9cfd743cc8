"""A composed deck and its reasons: why each card, why not the others, and what to relax where no deck is possible."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from glossary.domain.compose import best_seven, feasible
from glossary.domain.deck import DECK_SIZE, barred_because
from glossary.domain.errors import IllegalMove
from glossary.domain.hand import gap_says, in_order, why_not
from glossary.domain.stock import PAIR_POINTS, PRIORITY_POINTS, Rules, StockCard, eligible, pairs_in, points, tie, total

NEAR_MISSES = 5
LIFTED: dict[str, dict[str, int]] = {  # each rule with what it looks like when it is not there
    "the gap of {gap} days between two appearances": {"gap": -1},
    "the limit of {per_topic} cards a topic": {"per_topic": DECK_SIZE},
    "the limit of {hard} hard cards": {"hard": DECK_SIZE},
    "the {easy} easy cards that a deck needs": {"easy": 0},
    "the limit of {per_vendor} cards on one maker": {"per_vendor": DECK_SIZE},
}


@dataclass(frozen=True)
class NearMiss:
    """A card that is not dealt, and the rule or the points that keep it out."""

    card: StockCard
    says: str


@dataclass(frozen=True)
class Composition:
    """Seven cards in their order, with the reasons."""

    cards: tuple[StockCard, ...]
    reasons: dict[int, str]
    near_misses: tuple[NearMiss, ...]
    rules: Rules
    points: int
    relaxed: str = ""  # which rules were relaxed for this day, in words; empty if none


class NoDeck(IllegalMove):
    """The rules leave no seven cards; `relaxation` are the nearest rules that do, if any, and `relaxed` says how."""

    def __init__(self, says: str, *, relaxation: Rules | None = None, relaxed: str = "") -> None:
        super().__init__(says)
        self.relaxation, self.relaxed = relaxation, relaxed


def compose(
    stock: Sequence[StockCard],
    *,
    day: date,
    rules: Rules,
    pins: Sequence[StockCard] = (),
    fixed: Mapping[int, int] | None = None,
    bans: Mapping[int, str] | None = None,
    relax: bool = False,
) -> Composition:
    """Return the best deck of `day` with its reasons; the same stock and day give the same deck.

    `pins` stay whatever they are, at the places (from 0) that `fixed` gives; `bans` says by term why it is kept out.
    Where the rules leave no seven, raises NoDeck, which names the rule that binds and the smallest relaxation; with
    `relax` that one is used instead.
    """
    bans = bans or {}
    pinned = frozenset(card.term for card in pins)
    open_cards = [card for card in stock if card.term not in bans or card.term in pinned]
    used, relaxed = rules, ""
    chosen = best_seven(eligible(open_cards, day=day, gap=rules.gap), day=day, rules=rules, pins=pins)
    if chosen is None:
        nearest = _nearest(open_cards, day, rules, pins)
        if nearest is None or not relax:
            raise _no_deck(open_cards, day, rules, pins, nearest)
        used = nearest
        relaxed = _relaxed(rules, used)
        chosen = best_seven(eligible(open_cards, day=day, gap=used.gap), day=day, rules=used, pins=pins)
    if chosen is None:
        raise _no_deck(open_cards, day, rules, pins, None)
    hand = in_order(chosen, day, fixed)
    return Composition(
        cards=tuple(hand),
        reasons={card.term: _reason(card, hand, day, pinned) for card in hand},
        near_misses=tuple(near_misses(stock, hand, day, used, pinned, bans)),
        rules=used,
        points=total(hand, day),
        relaxed=relaxed,
    )


def _reason(card: StockCard, hand: Sequence[StockCard], day: date, pinned: frozenset[int]) -> str:
    """Return why a card is in the deck: its points, in their parts."""
    if card.term in pinned:
        return "Pinned."
    staleness = points(card, day) - PRIORITY_POINTS * card.priority
    if card.dealt_on is None:
        told = [f"{staleness} points, as it was never dealt"]
    else:
        told = [f"{staleness} points for {abs((day - card.dealt_on).days)} days since it was dealt"]
    if card.priority:
        told.append(f"{PRIORITY_POINTS * card.priority} for its priority")
    for pair in pairs_in(hand)[:1]:
        if card in pair:
            other = pair[0] if pair[1] == card else pair[1]
            told.append(f"{PAIR_POINTS} for the deck, as readers take it for “{other.headword}”")
    return f"{'; '.join(told)}."


def near_misses(
    stock: Sequence[StockCard],
    hand: Sequence[StockCard],
    day: date,
    rules: Rules,
    pinned: frozenset[int],
    bans: Mapping[int, str],
) -> Iterator[NearMiss]:
    """Yield the cards with the most points that are not dealt, each with what keeps it out."""
    there = {card.term for card in hand}
    left = [card for card in stock if card.term not in there and not barred_because(card.due_on, day=day)]
    free = {card.term for card in eligible(left, day=day, gap=rules.gap)}
    for card in sorted(left, key=lambda card: (-points(card, day), tie(card.term, day), card.term))[:NEAR_MISSES]:
        if card.term in bans:
            says = f"It is kept out of this day: {bans[card.term]}"
        elif card.term not in free:
            says = gap_says(card, rules.gap)
        else:
            says = why_not(card, hand, day=day, rules=rules, pinned=pinned)
        yield NearMiss(card, says)


def _nearest(stock: Sequence[StockCard], day: date, rules: Rules, pins: Sequence[StockCard]) -> Rules | None:
    """Return the least relaxed rules that leave seven cards: first a shorter gap, then a third card of a topic, then a
    third hard one. What keeps the words fresh, the order and the families is never relaxed.
    """
    for wider in (rules, replace(rules, per_topic=max(3, rules.per_topic))):
        for limits in (wider, replace(wider, hard=max(3, wider.hard))) if wider is not rules else (wider,):
            low, high = -1, rules.gap  # a longer gap never makes a day possible, so halving finds the longest
            if not feasible(eligible(stock, day=day, gap=0), limits, pins):
                continue
            low = 0
            while low < high:
                middle = (low + high + 1) // 2
                if feasible(eligible(stock, day=day, gap=middle), limits, pins):
                    low = middle
                else:
                    high = middle - 1
            return replace(limits, gap=low)
    return None


def _no_deck(
    stock: Sequence[StockCard], day: date, rules: Rules, pins: Sequence[StockCard], nearest: Rules | None
) -> NoDeck:
    """Return the refusal: the rules that bind, and what to do."""
    fresh = [card for card in stock if not barred_because(card.due_on, day=day)]
    if len(pins) > DECK_SIZE:
        return NoDeck(f"{len(pins)} cards are pinned, and a deck has {DECK_SIZE}. Take a pin off.")
    if len({card.term for card in [*fresh, *pins]}) < DECK_SIZE:
        return NoDeck(
            f"Only {len(fresh)} terms may be dealt on {day:%B} {day.day}, {day.year}: the checks of others fall due "
            "too soon, or they are kept out. Check or publish more terms."
        )
    binding = [name.format(**_limits(rules)) for name, lift in LIFTED.items() if _helps(stock, day, rules, pins, lift)]
    because = f"What binds is {' or '.join(binding)}." if binding else "Several rules bind together."
    if nearest is None:
        return NoDeck(f"No seven cards keep all the rules on this day. {because} Check or publish more terms.")
    relaxed = _relaxed(rules, nearest)
    return NoDeck(
        f"No seven cards keep all the rules on this day. {because} The smallest relaxation: {relaxed}.",
        relaxation=nearest,
        relaxed=relaxed,
    )


def _helps(
    stock: Sequence[StockCard], day: date, rules: Rules, pins: Sequence[StockCard], lift: Mapping[str, int]
) -> bool:
    lifted = replace(rules, **lift)  # type: ignore[arg-type]  # every limit is a number of cards or days
    return feasible(eligible(stock, day=day, gap=lifted.gap), lifted, pins)


def _limits(rules: Rules) -> dict[str, int]:
    return {
        "gap": rules.gap,
        "per_topic": rules.per_topic,
        "hard": rules.hard,
        "easy": rules.easy,
        "per_vendor": rules.per_vendor,
    }


def _relaxed(rules: Rules, used: Rules) -> str:
    """Return in words how `used` is wider than `rules`."""
    told = []
    if used.gap != rules.gap:
        told.append(f"cards return after {used.gap} days instead of {rules.gap}")
    if used.per_topic != rules.per_topic:
        told.append(f"{used.per_topic} cards of a topic instead of {rules.per_topic}")
    if used.hard != rules.hard:
        told.append(f"{used.hard} hard cards instead of {rules.hard}")
    return ", ".join(told)
