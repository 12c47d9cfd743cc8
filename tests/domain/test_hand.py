"""Seven cards as a hand: order, rules, swaps."""

from datetime import timedelta
from itertools import permutations

import pytest

from glossary.domain.compose import best_seven
from glossary.domain.hand import Rule, broken_rules, in_order, out_of_order, rank_swaps, why_not
from glossary.domain.stock import Rules, eligible, total
from glossary.domain.term import Level
from tests.domain.stock import DAY, card, random_stock

OPEN = Rules(gap=5)


def hand(**over):
    """Return seven cards that keep all rules; `over` is by term: `_3={...}`."""
    return [card(n, **over.get(f"_{n}", {})) for n in range(1, 8)]


@pytest.mark.parametrize(
    ("over", "rule", "says"),
    [
        ({"_2": {"due_on": DAY + timedelta(days=3)}}, Rule.FRESH, "falls due within 7 days"),
        ({"_2": {"family": 1}, "_3": {"family": 1}}, Rule.FAMILY, "“Card 2” and “Card 3” are one family"),
        ({"_2": {"prerequisites": frozenset({5})}}, Rule.ORDER, "“Card 2” stands before “Card 5”"),
        ({"_2": {"dealt_on": DAY - timedelta(days=5)}}, Rule.GAP, "May 27, 2026; cards return after 5 days"),
        ({f"_{n}": {"topic": "Vision"} for n in (1, 2, 3)}, Rule.TOPIC, "3 cards of Vision, where a deck has 2"),
        ({f"_{n}": {"vendor": "Acme"} for n in (1, 2, 3)}, Rule.VENDOR, "3 cards on Acme, where a deck has 2"),
        ({f"_{n}": {"level": Level.HARD} for n in (1, 2, 3)}, Rule.HARD, "3 hard cards, where a deck has 2"),
        ({f"_{n}": {"level": Level.MEDIUM} for n in range(1, 7)}, Rule.EASY, "1 easy cards; readers get 2"),
    ],
)
def test_each_rule_is_named_with_its_cards(over, rule, says):
    broken = broken_rules(hand(**over), day=DAY, rules=OPEN)
    assert [one.rule for one in broken] == [rule] and says in broken[0].says


def test_a_hand_that_keeps_the_rules_breaks_none():
    assert broken_rules(hand(), day=DAY, rules=OPEN) == []
    assert broken_rules(hand()[:3], day=DAY, rules=OPEN, full=False) == []


def test_a_card_twice_and_a_banned_one_are_named():
    assert broken_rules([*hand()[:6], card(1)], day=DAY, rules=OPEN)[0].rule == Rule.ONCE
    banned = broken_rules(hand(), day=DAY, rules=OPEN, bans={3: "Being rewritten."})
    assert (banned[0].rule, banned[0].soft) == (Rule.BAN, True) and "Being rewritten." in banned[0].says


@pytest.mark.parametrize("rule", [Rule.FRESH, Rule.ONCE, Rule.ORDER, Rule.FAMILY])
def test_what_keeps_the_words_fresh_and_readable_is_never_soft(rule):
    over = {
        Rule.FRESH: {"_2": {"due_on": DAY}},
        Rule.ORDER: {"_2": {"prerequisites": frozenset({5})}},
        Rule.FAMILY: {"_2": {"family": 1}, "_3": {"family": 1}},
    }
    cards = [*hand()[:6], card(1)] if rule == Rule.ONCE else hand(**over[rule])
    assert not broken_rules(cards, day=DAY, rules=OPEN)[0].soft


def cost(cards):
    """What an order is judged by, written down anew: early cards, neighbours of a topic, hard ones off the middle."""
    level = {Level.EASY: 0, Level.MEDIUM: 1, None: 1, Level.HARD: 2}
    beside = sum(a.topic is not None and a.topic == b.topic for a, b in zip(cards, cards[1:], strict=False))
    off = sum(level[one.level] * abs(place - 3) for place, one in enumerate(cards))
    return len(out_of_order(cards)), beside, off


@pytest.mark.parametrize("seed", range(6))
def test_no_other_order_is_better(seed):
    cards = random_stock(7, seed, topics=4)
    cards[0] = card(1, topic="Topic 0", prerequisites=frozenset({3, 5}))
    cards[2] = card(3, topic="Topic 0", level=Level.HARD, prerequisites=frozenset({6}))
    assert cost(in_order(cards, DAY)) == min(cost(list(order)) for order in permutations(cards))


def test_easy_ones_stand_at_both_ends_and_hard_ones_in_the_middle():
    levels = [Level.HARD, Level.EASY, Level.MEDIUM, Level.HARD, Level.EASY, Level.MEDIUM, Level.EASY]
    laid = in_order([card(n, level=level) for n, level in enumerate(levels, start=1)], DAY)
    assert laid[0].level == laid[-1].level == Level.EASY
    assert Level.HARD in {laid[3].level} and {laid[2].level, laid[4].level} & {Level.HARD}


def test_a_fixed_card_keeps_its_place():
    laid = in_order(hand(), DAY, {4: 0, 2: 6})
    assert (laid[0].term, laid[6].term) == (4, 2)


@pytest.mark.parametrize("seed", range(5))
def test_nothing_can_be_gained_on_the_best_deck_by_a_swap(seed):
    stock = random_stock(80, seed)
    rules = Rules(gap=5)
    best = best_seven(eligible(stock, day=DAY, gap=5), day=DAY, rules=rules)
    for place in range(7):
        swaps = rank_swaps(best, place, stock, day=DAY, rules=rules)
        gains = [swap.gain for swap in swaps]
        assert gains == sorted(gains, reverse=True) and all(gain <= 0 for gain in gains)
        for swap in swaps[:5]:
            new = [*best[:place], swap.card, *best[place + 1 :]]
            assert [b for b in broken_rules(new, day=DAY, rules=rules) if b.rule != Rule.ORDER] == []
            assert total(new, DAY) - total(best, DAY) == swap.gain


def test_a_swap_says_what_changes():
    stock = [*hand(), card(8, topic="Vision", level=Level.HARD)]
    swap = rank_swaps(hand(), 0, stock, day=DAY, rules=OPEN)[0]
    assert swap.effect == "Vision for Topic 1; hard for easy"


def test_why_a_card_is_not_in_the_deck():
    cards = [*hand(_1={"topic": "Vision"}, _2={"topic": "Vision"})]
    third = card(8, topic="Vision", priority=0, dealt_on=DAY - timedelta(days=90))
    weak = why_not(third, cards, day=DAY, rules=OPEN, pinned=frozenset())
    assert weak == "It lacks 300 points: it has 300, “Card 1” 600."
    told = why_not(third, cards, day=DAY, rules=OPEN, pinned=frozenset({1, 2}))
    assert "3 cards of Vision" in told
    assert "pinned" in why_not(third, cards, day=DAY, rules=OPEN, pinned=frozenset(range(1, 8)))
