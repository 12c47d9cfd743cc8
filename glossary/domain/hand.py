"""Seven cards as a hand: their order, the rules they break, and what could take a place."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from glossary.domain.deck import barred_because, effective_gap, within_gap
from glossary.domain.stock import Resource, Rules, StockCard, pairs_in, points, tie, total
from glossary.domain.term import Level

WEIGHT_OF_LEVEL = {Level.EASY: 0, None: 1, Level.MEDIUM: 1, Level.HARD: 2}


class Rule(StrEnum):
    """A rule of the deck; the soft ones may be broken by hand, for a reason."""

    FRESH = "fresh"
    ONCE = "once"
    ORDER = "order"
    FAMILY = "family"
    BAN = "ban"
    GAP = "gap"
    TOPIC = "topic"
    EASY = "easy"
    HARD = "hard"
    VENDOR = "vendor"


SOFT = frozenset({Rule.BAN, Rule.GAP, Rule.TOPIC, Rule.EASY, Rule.HARD, Rule.VENDOR})


@dataclass(frozen=True)
class Broken:
    """A rule that a hand breaks, by which terms, in a sentence for staff."""

    rule: Rule
    terms: tuple[int, ...]
    says: str

    @property
    def soft(self) -> bool:
        """Whether a person may break it for a reason."""
        return self.rule in SOFT


@dataclass(frozen=True)
class Swap:
    """A card that could take a place of the hand, and what would change by it."""

    card: StockCard
    gain: int  # points; the best deck has none to gain
    effect: str


def broken_rules(
    cards: Sequence[StockCard], *, day: date, rules: Rules, bans: Mapping[int, str] | None = None, full: bool = True
) -> list[Broken]:
    """Return the rules that this hand breaks, in its order, the worst first.

    `bans` says by term why it is kept out of the day's deck; an unfinished hand (`full` false) may lack easy ones.
    """
    found = [
        Broken(Rule.FRESH, (card.term,), f"“{card.headword}”: {why}.")
        for card in cards
        if (why := barred_because(card.due_on, day=day))
    ]
    twice = [term for term, count in Counter(card.term for card in cards).items() if count > 1]
    names = {card.term: card.headword for card in cards}
    found += [Broken(Rule.ONCE, (term,), f"“{names[term]}” stands in the deck twice.") for term in twice]
    found += out_of_order(cards)
    shared = _more_than(cards, "family", 1)
    for group in shared:
        says = f"{_named(group)} are one family: a deck has one of them."
        found.append(Broken(Rule.FAMILY, tuple(card.term for card in group), says))
    for card in cards:
        if banned := (bans or {}).get(card.term):
            found.append(Broken(Rule.BAN, (card.term,), f"“{card.headword}” is kept out of this day: {banned}"))
        if within_gap(card.dealt_on, day=day, gap=rules.gap) and card.dealt_on:
            found.append(Broken(Rule.GAP, (card.term,), gap_says(card, rules.gap)))
    return found + _mix(cards, rules, full=full)


def _mix(cards: Sequence[StockCard], rules: Rules, *, full: bool) -> list[Broken]:
    found = []
    for group in _more_than(cards, "topic", rules.per_topic):
        limit = rules.topic_limit(group[0].topic)
        if len(group) > limit:
            topic = f"of {group[0].topic}" if group[0].topic else "without a topic"
            says = f"{_named(group)}: {len(group)} cards {topic}, where a deck has {limit} at most."
            found.append(Broken(Rule.TOPIC, tuple(card.term for card in group), says))
    for group in _more_than(cards, "vendor", rules.per_vendor):
        says = f"{_named(group)}: {len(group)} cards on {group[0].vendor}, where a deck has {rules.per_vendor} at most."
        found.append(Broken(Rule.VENDOR, tuple(card.term for card in group), says))
    hard = [card for card in cards if card.level == Level.HARD]
    if len(hard) > rules.hard:
        says = f"{_named(hard)}: {len(hard)} hard cards, where a deck has {rules.hard} at most."
        found.append(Broken(Rule.HARD, tuple(card.term for card in hard), says))
    easy = [card for card in cards if card.level == Level.EASY]
    if full and len(easy) < rules.easy:
        says = f"The deck has {len(easy)} easy cards; readers get {rules.easy} at least."
        found.append(Broken(Rule.EASY, tuple(card.term for card in easy), says))
    return found


def out_of_order(cards: Sequence[StockCard]) -> list[Broken]:
    """Return the cards that stand before one which is to be read first."""
    place = {card.term: number for number, card in enumerate(cards)}
    names = {card.term: card.headword for card in cards}
    return [
        Broken(
            Rule.ORDER,
            (card.term, first),
            f"“{card.headword}” stands before “{names[first]}”, which is to be read first.",
        )
        for card in cards
        for first in sorted(card.prerequisites)
        if place.get(first, -1) > place[card.term]
    ]


def in_order(cards: Sequence[StockCard], day: date, fixed: Mapping[int, int] | None = None) -> list[StockCard]:
    """Return the cards in the order in which they are read best, by dynamic programming over the sets laid down.

    What is to be read first comes first; then no two of a topic side by side; then easy ones at both ends and hard
    ones in the middle. Ties are settled by the day, so that no term always comes first. `fixed` says by term which
    place, from 0, a card keeps.
    """
    count = len(cards)
    kept = {place: term for term, place in (fixed or {}).items()}
    index = {card.term: number for number, card in enumerate(cards)}
    needs = [sum(1 << index[first] for first in card.prerequisites if first in index) for card in cards]
    middle = (count - 1) / 2
    ties = {card.term: place for place, card in enumerate(sorted(cards, key=lambda c: (tie(c.term, day), c.term)))}
    best: dict[tuple[int, int], tuple[tuple[int, int, float, int], tuple[int, ...]]] = {
        (0, -1): ((0, 0, 0.0, 0), ()),
    }
    for _ in range(count):
        grown: dict[tuple[int, int], tuple[tuple[int, int, float, int], tuple[int, ...]]] = {}
        for (laid, last), (cost, order) in best.items():
            place = len(order)
            for one, card in enumerate(cards):
                if laid >> one & 1 or kept.get(place, card.term) != card.term:
                    continue
                if card.term in kept.values() and kept.get(place) != card.term:
                    continue
                beside = last >= 0 and card.topic is not None and cards[last].topic == card.topic
                new = (
                    cost[0] + (needs[one] & ~laid).bit_count(),
                    cost[1] + int(beside),
                    cost[2] + WEIGHT_OF_LEVEL[card.level] * abs(place - middle),
                    cost[3] + ties[card.term] * (count - place),
                )
                key, told = (laid | 1 << one, one), (new, (*order, one))
                if key not in grown or told < grown[key]:
                    grown[key] = told
        best = grown
    _, order = min(best.values())
    return [cards[one] for one in order]


def rank_swaps(
    hand: Sequence[StockCard],
    place: int,
    stock: Sequence[StockCard],
    *,
    day: date,
    rules: Rules,
    bans: Mapping[int, str] | None = None,
) -> list[Swap]:
    """Return the cards that can take a place of the hand (0 for the first) without breaking a rule anew, best first."""
    before = {(one.rule, one.terms) for one in broken_rules(hand, day=day, rules=rules, bans=bans)}
    there = {card.term for card in hand}
    worth, out = total(hand, day), hand[place]
    kept = [card for number, card in enumerate(hand) if number != place]
    full = Counter(resource for card in kept for resource in _shared(card))
    swaps = []
    for card in stock:
        if card.term in there or any(full[one] >= _limit(one, rules) for one in _shared(card)):
            continue
        new = [*hand[:place], card, *hand[place + 1 :]]
        broken = broken_rules(new, day=day, rules=rules, bans=bans)
        if all(one.rule == Rule.ORDER or (one.rule, one.terms) in before for one in broken):
            swaps.append(Swap(card, total(new, day) - worth, _effect(hand, new, out, card)))
    return sorted(swaps, key=lambda swap: (-swap.gain, tie(swap.card.term, day), swap.card.term))


def why_not(card: StockCard, hand: Sequence[StockCard], *, day: date, rules: Rules, pinned: frozenset[int]) -> str:
    """Return why a card that may be dealt is not in the best hand: the rule that keeps it out, or what it lacks."""
    lacks, refused = None, None
    for place in sorted(range(len(hand)), key=lambda number: points(hand[number], day)):
        out = hand[place]
        if out.term in pinned:
            continue
        new = [*hand[:place], card, *hand[place + 1 :]]
        broken = [one for one in broken_rules(new, day=day, rules=rules) if one.rule != Rule.ORDER]
        if broken:
            refused = refused or broken[0]
            continue
        lack = total(hand, day) - total(new, day)
        if lacks is None or lack < lacks[0]:
            lacks = (lack, out)
    if lacks is not None:
        mine, theirs = points(card, day), points(lacks[1], day)
        if lacks[0] == 0:
            return f"It has as many points as “{lacks[1].headword}” ({theirs}); the day decides between them."
        return f"It lacks {lacks[0]} points: it has {mine}, “{lacks[1].headword}” {theirs}."
    return refused.says if refused else "Every card of the deck is pinned."


def gap_says(card: StockCard, gap: int) -> str:
    """Return why a card dealt too near to the day is kept out."""
    dealt = card.dealt_on
    return f"“{card.headword}” is dealt on {_written(dealt)}; cards return after {gap} days." if dealt else ""


def rules_for(eligible: int, *, theme: str | None = None) -> Rules:
    """Return the limits of a day on which so many cards may be dealt, whenever they were dealt last."""
    return Rules(gap=effective_gap(eligible), theme=theme)


def _shared(card: StockCard) -> list[Resource]:
    found: list[Resource] = [("topic", card.topic)]
    found += [("vendor", card.vendor)] if card.vendor is not None else []
    found += [("family", card.family)] if card.family is not None else []
    return found


def _limit(resource: Resource, rules: Rules) -> int:
    kind, which = resource
    if kind == "topic":
        return rules.topic_limit(which if isinstance(which, str) else None)
    return rules.per_vendor if kind == "vendor" else 1


def _more_than(cards: Sequence[StockCard], kind: str, limit: int) -> list[list[StockCard]]:
    groups: dict[object, list[StockCard]] = defaultdict(list)
    for card in cards:
        which = getattr(card, kind)
        if which is not None or kind == "topic":
            groups[which].append(card)
    return [group for group in groups.values() if len(group) > limit]


def _effect(hand: Sequence[StockCard], new: Sequence[StockCard], out: StockCard, card: StockCard) -> str:
    """Return in words how topics, levels and pairs change."""
    told = []
    if card.topic != out.topic:
        told.append(f"{card.topic or 'no topic'} for {out.topic or 'no topic'}")
    if card.level != out.level:
        told.append(f"{card.level or 'no level'} for {out.level or 'no level'}")
    had, has = pairs_in(hand), pairs_in(new)
    if has and not had:
        told.append(f"beside “{(has[0][0] if has[0][1] == card else has[0][1]).headword}”, for which it is taken")
    if had and not has:
        told.append("the pair that readers confuse is parted")
    return "; ".join(told) or "topic and level stay"


def _named(cards: Sequence[StockCard]) -> str:
    names = [f"“{card.headword}”" for card in cards]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _written(day: date) -> str:
    return f"{day:%B} {day.day}, {day.year}"
