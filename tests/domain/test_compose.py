"""The best seven, against solvers that know nothing of how it is found."""

import random
from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from itertools import combinations

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from glossary.domain.compose import best_seven
from glossary.domain.hand import Rule, broken_rules
from glossary.domain.stock import PAIR_POINTS, Rules, pairs_in, points, total
from glossary.domain.term import Level
from tests.domain.stock import DAY, card, random_stock

OPEN = Rules(gap=0)


def keeps_the_rules(cards, rules, *, pins=()):
    broken = broken_rules(cards, day=DAY, rules=rules)
    return not [one for one in broken if one.rule not in {Rule.GAP, Rule.ORDER}]


def brute_force(stock, rules, pins=()):
    """Return the most points of any seven that keep the rules, by trying them all; None where none do."""
    held = {card.term for card in pins}
    rest = [card for card in stock if card.term not in held]
    worth = [
        total([*pins, *some], DAY)
        for some in combinations(rest, 7 - len(pins))
        if keeps_the_rules([*pins, *some], rules)
    ]
    return max(worth, default=None)


def by_integer_programming(stock, rules):
    """Return the most points by HiGHS, a solver of mixed-integer linear programs; None where the rules leave no seven.

    One 0/1 variable a card, and one for each pair, which may be 1 only where both cards are and once in all.
    """
    pairs = pairs_in(stock)
    index = {card.term: place for place, card in enumerate(stock)}
    width = len(stock) + len(pairs)
    worth = np.array([points(card, DAY) for card in stock] + [PAIR_POINTS] * len(pairs), dtype=float)
    rows, low, high = [], [], []

    def limit(places, least, most):
        row = np.zeros(width)
        for place, factor in places:
            row[place] += factor
        rows.append(row)
        low.append(least)
        high.append(most)

    limit([(index[card.term], 1) for card in stock], 7, 7)
    limit([(index[card.term], 1) for card in stock if card.level == Level.EASY], rules.easy, 7)
    limit([(index[card.term], 1) for card in stock if card.level == Level.HARD], 0, rules.hard)
    groups = defaultdict(list)
    for one in stock:
        groups["topic", one.topic].append(one)
        if one.vendor is not None:
            groups["vendor", one.vendor].append(one)
        if one.family is not None:
            groups["family", one.family].append(one)
    for (kind, which), cards in groups.items():
        most = {"topic": rules.topic_limit(which), "vendor": rules.per_vendor, "family": 1}[kind]
        limit([(index[card.term], 1) for card in cards], 0, most)
    for place, pair in enumerate(pairs, start=len(stock)):
        for one in pair:
            limit([(place, 1), (index[one.term], -1)], -1, 0)
    if pairs:
        limit([(place, 1) for place in range(len(stock), width)], 0, 1)
    answer = milp(
        -worth,
        constraints=LinearConstraint(np.array(rows), low, high),
        integrality=np.ones(width),
        bounds=Bounds(0, 1),
        options={"mip_rel_gap": 0},
    )
    return round(-answer.fun) if answer.success else None


@pytest.mark.parametrize("seed", range(40))
def test_it_finds_what_trying_all_sevens_finds(seed):
    stock = random_stock(12, seed, topics=5, vendors=3)
    found = best_seven(stock, day=DAY, rules=OPEN)
    assert (total(found, DAY) if found else None) == brute_force(stock, OPEN)
    assert found is None or (len({card.term for card in found}) == 7 and keeps_the_rules(found, OPEN))


@pytest.mark.parametrize("seed", range(15))
def test_it_does_so_around_pinned_cards(seed):
    stock = random_stock(13, seed, topics=6, vendors=4)
    pins = [one for one in stock[:2] if keeps_the_rules([*stock[:1], one], replace(OPEN, easy=0))][:2]
    pins = pins if keeps_the_rules(pins, replace(OPEN, easy=0)) else pins[:1]
    found = best_seven(stock, day=DAY, rules=OPEN, pins=pins)
    assert (total(found, DAY) if found else None) == brute_force(stock, OPEN, pins)
    assert found is None or set(pins) <= set(found)


@pytest.mark.parametrize("seed", range(200))
def test_it_finds_what_integer_programming_finds(seed):
    size = random.Random(seed).randrange(20, 120)
    rules = Rules(gap=0, theme="Topic 1" if seed % 5 == 0 else None)
    stock = random_stock(size, seed, vendors=2 + seed % 5)
    found = best_seven(stock, day=DAY, rules=rules)
    assert (total(found, DAY) if found else None) == by_integer_programming(stock, rules)
    assert found is None or keeps_the_rules(found, rules)


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_the_stock_changes_nothing(seed):
    stock = random_stock(80, seed)
    mixed = random.Random(seed).sample(stock, len(stock))
    assert {c.term for c in best_seven(stock, day=DAY, rules=OPEN)} == {
        c.term for c in best_seven(mixed, day=DAY, rules=OPEN)
    }


def test_ties_are_settled_by_the_day_so_that_all_have_their_turn():
    stock = [card(n) for n in range(1, 60)]
    days = [DAY + timedelta(days=n) for n in range(30)]
    decks = [frozenset(c.term for c in best_seven(stock, day=day, rules=OPEN)) for day in days]
    assert len(set(decks)) == 30
    assert len(frozenset().union(*decks)) > 50


def test_a_pair_is_dealt_together_where_it_costs_less_than_it_brings():
    stock = [card(n, priority=10) for n in range(1, 8)] + [card(8, contrast=9), card(9)]
    best = best_seven(stock, day=DAY, rules=OPEN)
    assert {8, 9} <= {one.term for one in best} and total(best, DAY) == 7 * 600 + 5 * 40 + 100
    stock = [replace(one, priority=40) if one.term < 8 else one for one in stock]
    assert not {8, 9} & {one.term for one in best_seven(stock, day=DAY, rules=OPEN)}


def test_a_theme_may_have_more_than_two_cards():
    stock = [card(n, topic="Vision", priority=100) for n in range(1, 6)] + [card(n) for n in range(6, 15)]
    plain = best_seven(stock, day=DAY, rules=OPEN)
    themed = best_seven(stock, day=DAY, rules=Rules(gap=0, theme="Vision"))
    assert [sum(one.topic == "Vision" for one in deck) for deck in (plain, themed)] == [2, 5]


def test_cards_without_topic_or_level_never_make_a_day_impossible():
    stock = [card(n) for n in range(1, 8)]
    bare = [card(n, topic=None, level=None, priority=100) for n in range(8, 60)]
    best = best_seven([*stock, *bare], day=DAY, rules=OPEN)
    assert sum(one.topic is None for one in best) == 2
