"""Choosing the seven cards of a day: the best that the rules allow, exactly, and the same each time it is asked.

Each card has points of its own, so the best deck is the one with the largest sum. The exact answer comes from dynamic
programming over topics, whose states count cards, easy ones and hard ones. Makers and families are counted too, but
only those that a first answer had too many of: a state more for every rule that binds, and none for the others.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from heapq import heappop, heappush
from itertools import count

from glossary.domain.deck import DECK_SIZE
from glossary.domain.stock import PAIR_POINTS, TIE_BITS, Resource, Rules, StockCard, pairs_in, points, resources_of, tie
from glossary.domain.term import Level

SHIFT = TIE_BITS + 3  # seven ties never sum up to a point
Usage = tuple[int, ...]


def best_seven(
    free: Sequence[StockCard],
    *,
    day: date,
    rules: Rules,
    pins: Sequence[StockCard] = (),
    extra: Mapping[int, int] | None = None,
) -> list[StockCard] | None:
    """Return the seven cards with the most points, `pins` among them; None where the rules leave no seven.

    `free` are the cards that may be dealt; `extra` adds points by term. Where pins break a rule themselves, the others
    do not break it further. A contrast pair is worth PAIR_POINTS once, so a best deck without regard to pairs is
    compared with the best decks that hold each pair worth trying.
    """
    taken = {card.term for card in pins}
    cards = [card for card in free if card.term not in taken]
    more = extra or {}
    weights = {
        card.term: (points(card, day) + more.get(card.term, 0) << SHIFT) + tie(card.term, day)
        for card in [*cards, *pins]
    }
    best = _without_pairs(cards, pins, rules, weights)
    if best is None or pairs_in(pins):
        return best
    bonus = PAIR_POINTS << SHIFT
    worth = sum(weights[card.term] for card in best) + (bonus if pairs_in(best) else 0)
    heaviest = sorted((weights[card.term] for card in cards), reverse=True)[:DECK_SIZE]
    pinned = sum(weights[card.term] for card in pins)
    tries = []
    for pair in pairs_in([*pins, *cards]):
        new = [card for card in pair if card.term not in taken]
        rest = DECK_SIZE - len(pins) - len(new)
        if rest >= 0:
            bound = pinned + sum(weights[card.term] for card in new) + sum(heaviest[:rest]) + bonus
            tries.append((-bound, min(card.term for card in new), new))
    for below, _, new in sorted(tries, key=lambda one: one[:2]):
        if -below <= worth:
            break
        held = {card.term for card in new}
        if _too_many([*pins, *new], pins, rules):
            continue
        found = _without_pairs([c for c in cards if c.term not in held], [*pins, *new], rules, weights, pins)
        if found and (value := sum(weights[card.term] for card in found) + bonus) > worth:
            best, worth = found, value
    return best


def _without_pairs(
    cards: Sequence[StockCard],
    held: Sequence[StockCard],
    rules: Rules,
    weights: Mapping[int, int],
    pins: Sequence[StockCard] | None = None,
) -> list[StockCard] | None:
    """Return the heaviest seven with the `held` ones among them, makers and families counted as far as they bind."""
    pins = held if pins is None else pins
    counted: list[Resource] = []
    while True:
        found = _Search(cards, held, rules, weights, counted, pins).best()
        if found is None:
            return None
        over = sorted(_too_many(found, pins, rules) - set(counted), key=str)
        if not over:
            return found
        counted += over


def _too_many(cards: Sequence[StockCard], pins: Sequence[StockCard], rules: Rules) -> set[Resource]:
    """Return the topics, levels, makers and families of which there are more than the rules and the pins allow."""
    had = Counter(resource for card in pins for resource in resources_of(card))
    have = Counter(resource for card in cards for resource in resources_of(card))
    limits = {"vendor": rules.per_vendor, "family": 1, "level": rules.hard}
    return {
        (kind, which)
        for (kind, which), many in have.items()
        if many > max(had[kind, which], rules.topic_limit(_topic(which)) if kind == "topic" else limits[kind])
    }


def _topic(which: object) -> str | None:
    return which if isinstance(which, str) else None


@dataclass(frozen=True, order=True)
class _State:
    """How many cards a deck has so far, how many easy ones (as far as they are needed), hard ones, and the counted."""

    cards: int
    easy: int
    hard: int
    used: Usage = ()


@dataclass
class _Option:
    """What may be taken of one topic: how it counts, what it weighs, which cards it is."""

    state: _State
    weight: int
    cards: tuple[StockCard, ...]


@dataclass
class _Search:
    """One search for the heaviest deck: A* over topics, guided by the exact answer to the same without the counted."""

    cards: Sequence[StockCard]
    held: Sequence[StockCard]
    rules: Rules
    weights: Mapping[int, int]
    counted: Sequence[Resource]
    pins: Sequence[StockCard]
    limits: Usage = field(init=False)
    topics: list[list[_Option]] = field(init=False)
    ahead: list[dict[tuple[int, int, int], int]] = field(init=False)

    def __post_init__(self) -> None:
        """Sort the cards into topics, and what may be taken of each into options."""
        had = Counter(resource for card in self.pins for resource in resources_of(card))
        caps = {"vendor": self.rules.per_vendor, "family": 1}
        self.limits = tuple(max(had[one], caps[one[0]]) for one in self.counted)
        hard = sum(card.level == Level.HARD for card in self.pins)
        self.most_hard = max(self.rules.hard, hard)
        shelves: dict[str | None, list[StockCard]] = defaultdict(list)
        for card in sorted(self.cards, key=lambda card: (-self.weights[card.term], card.term)):
            shelves[card.topic].append(card)
        there = Counter(card.topic for card in self.held)
        rooms = {topic: max(self.rules.topic_limit(topic) - there[topic], 0) for topic in shelves}
        self.topics = [self._options(shelves[t], rooms[t]) for t in sorted(shelves, key=str) if rooms[t]]
        self.ahead = self._look_ahead()

    def best(self) -> list[StockCard] | None:
        """Return the heaviest deck; None if there is none."""
        start = _State(0, 0, 0, (0,) * len(self.counted))
        for card in self.held:
            start = self._add(start, self._state_of(card))
        value = sum(self.weights[card.term] for card in self.held)
        if start.cards > DECK_SIZE or (bound := self._bound(0, start)) is None:
            return None
        turns = count()  # cards themselves have no order
        heap: list[tuple[int, int, int, _State, int, tuple[StockCard, ...]]] = []
        heappush(heap, (-(value + bound), next(turns), 0, start, value, tuple(self.held)))
        done: dict[tuple[int, _State], int] = {}
        while heap:
            _, _, depth, state, value, cards = heappop(heap)
            if done.get((depth, state), -1) >= value:
                continue
            done[depth, state] = value
            if depth == len(self.topics):
                return list(cards)
            for option in self.topics[depth]:
                new = self._add(state, option.state)
                if new.cards > DECK_SIZE or new.hard > self.most_hard or not self._within(new.used):
                    continue
                bound = self._bound(depth + 1, new)
                worth = value + option.weight
                if bound is not None and done.get((depth + 1, new), -1) < worth:
                    heappush(heap, (-(worth + bound), next(turns), depth + 1, new, worth, (*cards, *option.cards)))
        return None

    def _within(self, used: Usage) -> bool:
        return all(number <= limit for number, limit in zip(used, self.limits, strict=True))

    def _bound(self, depth: int, state: _State) -> int | None:
        return self.ahead[depth].get((state.cards, state.easy, state.hard))

    def _state_of(self, card: StockCard) -> _State:
        has = set(resources_of(card))
        used = tuple(int(one in has) for one in self.counted)
        return _State(1, int(card.level == Level.EASY), int(card.level == Level.HARD), used)

    def _add(self, one: _State, other: _State) -> _State:
        easy = min(self.rules.easy, one.easy + other.easy)
        used = tuple(a + b for a, b in zip(one.used, other.used, strict=True))
        return _State(one.cards + other.cards, easy, one.hard + other.hard, used)

    def _options(self, shelf: list[StockCard], room: int) -> list[_Option]:
        """Return the heaviest way to take cards of a topic for each way in which they count.

        Of cards that count alike only the heaviest are ever taken, as many as there is room for.
        """
        alike: dict[_State, list[StockCard]] = defaultdict(list)
        for card in shelf:
            same = alike[self._state_of(card)]
            if len(same) < room:
                same.append(card)
        empty = _State(0, 0, 0, (0,) * len(self.counted))
        options = {empty: _Option(empty, 0, ())}
        for state, cards in sorted(alike.items()):
            for option in list(options.values()):
                at, weight, taken = option.state, option.weight, option.cards
                for card in cards[: room - at.cards]:
                    at, weight, taken = self._add(at, state), weight + self.weights[card.term], (*taken, card)
                    if not self._within(at.used):
                        break
                    if at not in options or options[at].weight < weight:
                        options[at] = _Option(at, weight, taken)
        return sorted(options.values(), key=lambda option: -option.weight)

    def _look_ahead(self) -> list[dict[tuple[int, int, int], int]]:
        """Return, from each topic on, the most that can still be had from a state on; states without an end miss.

        The counted resources are left out here, so the answer is never too small: what A* needs of its guide.
        """
        end = {(DECK_SIZE, self.rules.easy, hard): 0 for hard in range(self.most_hard + 1)}
        ahead = [end]
        for options in reversed(self.topics):
            heaviest: dict[tuple[int, int, int], int] = {}
            for option in options:
                key = (option.state.cards, option.state.easy, option.state.hard)
                heaviest[key] = max(heaviest.get(key, 0), option.weight)
            now: dict[tuple[int, int, int], int] = {}
            for (cards, easy, hard), value in ahead[0].items():
                for (n, e, h), weight in heaviest.items():
                    # an easy card more than is needed counts as one that is not easy, so several states lead here
                    for before in range(max(0, easy - e), easy + 1) if easy == self.rules.easy else [easy - e]:
                        key = (cards - n, before, hard - h)
                        if min(key) >= 0 and min(self.rules.easy, before + e) == easy:
                            now[key] = max(now.get(key, -1), value + weight)
            ahead.insert(0, now)
        return ahead


def feasible(free: Sequence[StockCard], rules: Rules, pins: Sequence[StockCard] = ()) -> bool:
    """Return whether the rules leave seven cards."""
    taken = {card.term for card in pins}
    cards = [card for card in free if card.term not in taken]
    return _without_pairs(cards, pins, rules, {card.term: 0 for card in [*cards, *pins]}) is not None
