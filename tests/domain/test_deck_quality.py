"""Measures of decks, against values worked out by hand."""

from datetime import date, timedelta
from math import log2

import pytest

from glossary.domain.deck_quality import Dealt, divergence, entropy, gini, quality_of

DAY = date(2026, 6, 1)


def dealt(day, position, term, topic="A", level="easy", vendor="", override=False):
    return Dealt(DAY + timedelta(days=day), position, term, topic, level, vendor, override)


def test_entropy_in_bits():
    assert entropy([1] * 7) == pytest.approx(log2(7))
    assert entropy([7]) == 0 and entropy([]) == 0
    assert entropy([2, 2]) == 1


def test_divergence_from_the_stock():
    assert divergence({"A": 5, "B": 5}, {"A": 50, "B": 50}) == 0
    assert divergence({"A": 1}, {"A": 1, "B": 3}) == 0  # of topics that were shown, in the shares they have among them
    assert divergence({"A": 3, "B": 1}, {"A": 1, "B": 1}) == pytest.approx(0.75 * log2(1.5) + 0.25 * log2(0.5))


def test_gini_of_how_often_each_was_shown():
    assert gini([3, 3, 3, 3]) == 0
    assert gini([0, 0, 0, 4]) == pytest.approx(0.75)
    assert gini([0, 0]) == 0


def test_the_measures_of_two_small_decks():
    cards = [
        dealt(0, 1, 1, "A", vendor="Acme"),
        dealt(0, 2, 2, "B", level="hard", override=True),
        dealt(3, 1, 1, "A"),
        dealt(3, 2, 3, "A", level="medium"),
    ]
    quality = quality_of(cards, stock={1: "A", 2: "B", 3: "A", 4: "C"}, prerequisites={1: frozenset({3})})
    assert (quality.decks, quality.cards, quality.coverage) == (2, 4, 0.75)
    assert (quality.shortest_gap, quality.median_gap) == (3, 3)
    assert quality.entropy == pytest.approx(0.5)  # one bit and none
    assert (quality.easy, quality.hard, quality.overrides) == (0.5, 0.25, 0.25)
    assert (quality.vendor, quality.vendor_share) == ("Acme", 0.25)
    assert quality.out_of_order == 1
    assert quality.topics == (("A", 3, 0.5), ("B", 1, 0.25), ("C", 0, 0.25))


def test_nothing_dealt_gives_no_division_by_zero():
    quality = quality_of([], stock={}, prerequisites={})
    assert (quality.decks, quality.coverage, quality.shortest_gap, quality.gini) == (0, 0.0, None, 0.0)
