"""How long valid decks can be dealt, and what to re-check."""

from datetime import timedelta
from itertools import combinations

import pytest

from glossary.domain.compose import best_seven
from glossary.domain.deck import barred_because, effective_gap
from glossary.domain.runway import HORIZON, decks_left
from glossary.domain.stock import Rules, eligible
from tests.domain.stock import DAY, card

DAYS = [DAY + timedelta(days=n) for n in range(HORIZON)]


def days(number):
    return DAY + timedelta(days=number)


def look(stock, ahead=DAYS, planned=None, renewal=100):
    return decks_left(stock, days=ahead, planned=planned or {}, renewal=dict.fromkeys((c.term for c in stock), renewal))


def test_a_stock_that_stays_good_has_an_open_end():
    left = look([card(n) for n in range(1, 30)])
    assert (left.open_end, left.until, left.rechecks) == (True, DAYS[-1], ())
    assert left.fresh == (29,) * HORIZON


def test_decks_end_when_too_few_checks_are_good():
    left = look([card(n, due_on=days(20)) for n in range(1, 30)])
    assert (left.open_end, left.until) == (False, days(12))  # barred from seven days before they are due
    assert left.fresh[12:14] == (29, 0)


def test_the_topic_that_ends_first_is_named():
    stock = [card(n, topic="Vision" if n < 4 else f"Topic {n}", due_on=days(30 if n < 4 else 60)) for n in range(1, 30)]
    left = look(stock)
    assert left.first_topic == ("Vision", days(22))


def test_the_fewest_re_checks_for_a_day_are_found():
    stock = [card(n, due_on=days(10)) for n in range(1, 4)] + [card(n) for n in range(4, 10)]
    left = look(stock)
    assert left.until == days(2)
    assert [(one.card.term in {1, 2, 3}, one.needed_on) for one in left.rechecks] == [(True, days(3))]
    assert left.then == DAYS[-1]


@pytest.mark.parametrize("bad", [2, 3, 4])
def test_no_shorter_list_would_do_for_the_first_day(bad):
    stock = [card(n, due_on=days(3)) for n in range(1, bad + 4)] + [card(n) for n in range(bad + 4, 11 + 3 - bad)]
    left = look(stock, ahead=DAYS[:1])
    chosen = {one.card.term for one in left.rechecks}

    def works(terms):
        renewed = [one for one in stock if one.term in terms or not barred_because(one.due_on, day=DAY)]
        fresh = [card(one.term, topic=one.topic) for one in renewed]
        rules = Rules(gap=effective_gap(len(fresh)))
        return best_seven(eligible(fresh, day=DAY, gap=rules.gap), day=DAY, rules=rules) is not None

    stale = [one.term for one in stock if barred_because(one.due_on, day=DAY)]
    fewest = min(size for size in range(len(stale) + 1) for some in combinations(stale, size) if works(some))
    assert len(chosen) == fewest and works(chosen)


def test_re_checked_terms_last_only_as_long_as_their_class():
    stock = [card(1, due_on=days(10))] + [card(n) for n in range(2, 8)]
    left = look(stock, renewal=20)
    assert [one.needed_on for one in left.rechecks[:2]] == [days(3), days(16)]


def test_planned_decks_stand_and_their_cards_come_back_only_after_the_gap():
    stock = [card(n) for n in range(1, 15)]
    planned = {DAY: [1, 2, 3, 4, 5, 6, 7]}
    assert look(stock, planned=planned).open_end
    late = [card(n, due_on=days(8)) if n < 8 else card(n) for n in range(1, 15)]
    assert look(late, planned=planned).open_end  # the planned deck of today does not need them fresh to be there


def test_no_stock_no_decks():
    left = look([])
    assert (left.until, left.open_end, left.first_topic, left.rechecks) == (None, False, None, ())
