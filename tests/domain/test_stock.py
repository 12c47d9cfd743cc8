"""What a card is worth on a day, and which cards may be dealt."""

from datetime import timedelta

from glossary.domain.stock import eligible, points
from tests.domain.stock import DAY, card


def test_what_was_dealt_long_ago_and_what_is_wanted_counts():
    assert points(card(1), DAY) == 600
    assert points(card(1, dealt_on=DAY - timedelta(days=90)), DAY) == 300
    assert points(card(1, dealt_on=DAY + timedelta(days=90)), DAY) == 300
    assert points(card(1, dealt_on=DAY - timedelta(days=400), priority=25), DAY) == 700


def test_only_what_may_be_dealt_is_eligible():
    stock = [
        card(1),
        card(2, due_on=DAY + timedelta(days=7)),
        card(3, dealt_on=DAY - timedelta(days=5)),
        card(4, dealt_on=DAY - timedelta(days=6)),
    ]
    assert [one.term for one in eligible(stock, day=DAY, gap=5)] == [1, 4]
