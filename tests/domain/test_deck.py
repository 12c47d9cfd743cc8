"""The rules of decks, without a database."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from glossary.domain.deck import (
    MOVES,
    Candidate,
    DeckState,
    barred_because,
    check_move,
    check_seven,
    editorial_day,
    effective_gap,
    fill,
    publishing_moment,
    within_gap,
)
from glossary.domain.errors import IllegalMove

DAY = date(2026, 5, 29)
FAR = DAY + timedelta(days=100)
LONDON = ZoneInfo("Europe/London")


@pytest.mark.parametrize("state", DeckState)
@pytest.mark.parametrize("to", DeckState)
def test_only_the_moves_of_the_table_are_legal(state, to):
    if to in MOVES[state]:
        check_move(state, to, day=DAY, today=DAY)
    else:
        with pytest.raises(IllegalMove, match="cannot become"):
            check_move(state, to, day=DAY, today=DAY)


@pytest.mark.parametrize("state", [DeckState.PUBLISHED, DeckState.MISSED])
def test_published_and_missed_are_final(state):
    assert not MOVES[state]


@pytest.mark.parametrize(("state", "to"), [(DeckState.DRAFT, DeckState.READY), (DeckState.READY, DeckState.LOCKED)])
def test_a_deck_of_a_past_day_is_never_made_ready_nor_locked(state, to):
    with pytest.raises(IllegalMove, match="May 29, 2026 is past"):
        check_move(state, to, day=DAY, today=DAY + timedelta(days=1))


@pytest.mark.parametrize("number", [0, 6, 8])
def test_six_cards_or_eight_are_no_deck(number):
    with pytest.raises(IllegalMove, match=f"has {number}"):
        check_seven(range(number))
    check_seven(range(7))


@pytest.mark.parametrize(
    ("days", "why"), [(-1, "is due"), (0, "is due"), (1, "within 7 days"), (7, "within 7 days"), (8, "")]
)
def test_a_check_must_stay_good_for_seven_days_after_the_deck(days, why):
    reason = barred_because(DAY + timedelta(days=days), day=DAY)
    assert why in reason and bool(reason) == bool(why)


@pytest.mark.parametrize(("stock", "gap"), [(0, 0), (7, 0), (14, 1), (21, 2), (202, 27), (203, 28), (2000, 28)])
def test_the_gap_follows_the_stock_up_to_twenty_eight_days(stock, gap):
    assert effective_gap(stock) == gap


def test_the_gap_counts_days_on_both_sides():
    assert within_gap(DAY - timedelta(days=3), day=DAY, gap=3)
    assert within_gap(DAY + timedelta(days=3), day=DAY, gap=3)
    assert not within_gap(DAY - timedelta(days=4), day=DAY, gap=3)
    assert not within_gap(None, day=DAY, gap=28)


def test_free_places_go_to_those_longest_not_dealt_then_by_name():
    old, new = DAY - timedelta(days=90), DAY - timedelta(days=60)
    given = [Candidate(1, "b", FAR, new), Candidate(2, "C", FAR), Candidate(3, "a", FAR, old), Candidate(4, "B", FAR)]
    assert [c.term for c in fill(given, day=DAY, places=7, taken=set())] == [4, 2, 3, 1]
    assert [c.term for c in fill(given, day=DAY, places=1, taken={4})] == [2]


def test_barred_and_recent_terms_fill_no_place():
    stock = [Candidate(n, f"w{n:02}", FAR) for n in range(14)]
    given = [*stock, Candidate(90, "due", DAY), Candidate(91, "yesterday", FAR, DAY - timedelta(days=1))]
    assert {c.term for c in fill(given, day=DAY, places=20, taken=set())} == set(range(14))


def test_the_day_is_the_desks():
    assert editorial_day(datetime(2026, 5, 28, 23, 30, tzinfo=UTC), LONDON) == DAY


@pytest.mark.parametrize(
    ("day", "at", "instant"),
    [
        (date(2026, 3, 28), time(7), datetime(2026, 3, 28, 7, tzinfo=UTC)),
        (date(2026, 3, 29), time(7), datetime(2026, 3, 29, 6, tzinfo=UTC)),
        (date(2026, 3, 29), time(1, 30), datetime(2026, 3, 29, 1, tzinfo=UTC)),  # skipped: the next valid instant
        (date(2026, 10, 25), time(1, 30), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # twice: the first
        (date(2026, 10, 25), time(7), datetime(2026, 10, 25, 7, tzinfo=UTC)),
    ],
)
def test_the_moment_follows_the_clock_change_in_london(day, at, instant):
    assert publishing_moment(day, at, LONDON) == instant
