"""A composed deck with its reasons, and what is said where there is none."""

from dataclasses import replace
from datetime import timedelta

import pytest

from glossary.domain.composition import NoDeck, compose
from glossary.domain.hand import rules_for
from glossary.domain.stock import Rules
from glossary.domain.term import Level
from tests.domain.stock import DAY, card, random_stock


def test_each_card_says_why_and_each_near_miss_why_not():
    stock = [card(n, dealt_on=DAY - timedelta(days=90)) for n in range(1, 9)]
    stock += [card(9, priority=50), card(10, contrast=11), card(11), card(12, dealt_on=DAY - timedelta(days=1))]
    done = compose(stock, day=DAY, rules=Rules(gap=5), bans={8: "Being rewritten."})
    assert done.reasons[9] == "600 points, as it was never dealt; 200 for its priority."
    pair = "600 points, as it was never dealt; 100 for the deck, as readers take it for “Card 11”."
    assert done.reasons[10] == pair
    assert done.points == 800 + 600 + 600 + 100 + 4 * 300
    told = {miss.card.term: miss.says for miss in done.near_misses}
    assert told[12] == "“Card 12” is dealt on May 31, 2026; cards return after 5 days." if 12 in told else True
    assert told[8] == "It is kept out of this day: Being rewritten."
    assert all(says for says in told.values()) and len(told) == 5


def test_a_pinned_card_says_that_it_is_pinned_and_keeps_its_place():
    stock = [card(n) for n in range(1, 20)]
    done = compose(stock, day=DAY, rules=Rules(gap=0), pins=[stock[4]], fixed={5: 6})
    assert done.cards[6].term == 5 and done.reasons[5] == "Pinned."


def test_the_same_stock_and_day_give_the_same_deck():
    stock = random_stock(100, 3)
    first, second = (compose(stock, day=DAY, rules=rules_for(100)) for _ in range(2))
    assert first == second


def test_an_impossible_day_names_the_rule_that_binds_and_the_smallest_relaxation():
    recent = [card(n, dealt_on=DAY - timedelta(days=n)) for n in range(1, 15)]
    with pytest.raises(NoDeck) as none:
        compose(recent, day=DAY, rules=Rules(gap=20))
    assert "the gap of 20 days" in str(none.value)
    assert none.value.relaxed == "cards return after 7 days instead of 20"
    done = compose(recent, day=DAY, rules=Rules(gap=20), relax=True)
    assert {one.term for one in done.cards} == set(range(8, 15))
    assert done.relaxed == "cards return after 7 days instead of 20"


def test_topics_are_relaxed_after_the_gap_and_hard_cards_last():
    stock = [card(n, topic=f"Topic {n % 3}") for n in range(1, 20)]
    with pytest.raises(NoDeck, match="the limit of 2 cards a topic") as none:
        compose(stock, day=DAY, rules=Rules(gap=3))
    assert none.value.relaxed == "3 cards of a topic instead of 2"
    hard = [replace(one, level=Level.HARD if one.term > 4 else Level.EASY) for one in stock[:8]]
    with pytest.raises(NoDeck) as none:
        compose(hard, day=DAY, rules=Rules(gap=3))
    assert none.value.relaxed == "3 cards of a topic instead of 2, 3 hard cards instead of 2"


def test_words_that_fall_due_and_families_are_never_relaxed():
    due = [card(n, due_on=DAY + timedelta(days=n)) for n in range(1, 14)]
    with pytest.raises(NoDeck, match="Only 6 terms may be dealt") as none:
        compose(due, day=DAY, rules=Rules(gap=0), relax=True)
    assert none.value.relaxation is None
    family = [card(n, family=1) for n in range(1, 5)] + [card(n) for n in range(5, 10)]
    with pytest.raises(NoDeck) as none:
        compose(family, day=DAY, rules=Rules(gap=0), relax=True)
    assert none.value.relaxation is None


def test_it_never_deals_six():
    for number in range(7):
        with pytest.raises(NoDeck):
            compose([card(n) for n in range(1, number + 1)], day=DAY, rules=Rules(gap=0), relax=True)


def test_easy_cards_that_are_missing_are_named():
    stock = [card(n, level=Level.MEDIUM) for n in range(1, 20)]
    with pytest.raises(NoDeck, match="the 2 easy cards that a deck needs"):
        compose(stock, day=DAY, rules=Rules(gap=0), relax=True)


def test_too_many_pins_are_said():
    stock = [card(n) for n in range(1, 20)]
    with pytest.raises(NoDeck, match="Take a pin off"):
        compose(stock, day=DAY, rules=Rules(gap=0), pins=stock[:8])
