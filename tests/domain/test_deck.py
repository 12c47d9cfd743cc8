"""The rules of decks, without a database."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from glossary.domain.deck import (
    MOVES,
    DeckState,
    barred_because,
    check_move,
    check_seven,
    editorial_day,
    effective_gap,
    has_deck,
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


# twenty changes of the clock; that of Cairo takes the hour after midnight
CHANGES = [
    *[
        ("Europe/London", date(year, month, day))
        for year, month, day in (
            (2025, 3, 30),
            (2025, 10, 26),
            (2026, 3, 29),
            (2026, 10, 25),
            (2027, 3, 28),
            (2027, 10, 31),
            (2028, 3, 26),
        )
    ],
    *[
        ("America/New_York", date(year, month, day))
        for year, month, day in (
            (2025, 3, 9),
            (2025, 11, 2),
            (2026, 3, 8),
            (2026, 11, 1),
            (2027, 3, 14),
            (2027, 11, 7),
            (2028, 3, 12),
        )
    ],
    *[
        ("Africa/Cairo", date(year, month, day))
        for year, month, day in (
            (2023, 4, 28),
            (2023, 10, 27),
            (2024, 4, 26),
            (2024, 11, 1),
            (2025, 4, 25),
            (2025, 10, 31),
        )
    ],
]


@pytest.mark.parametrize(("name", "changed"), CHANGES)
@pytest.mark.parametrize("at", [time(0, 0), time(0, 30), time(1, 30), time(2, 30), time(7, 0), time(23, 59)])
def test_each_day_has_one_moment_and_it_never_comes_before_the_hour(name, changed, at):
    zone = ZoneInfo(name)
    for day in (changed - timedelta(days=1), changed, changed + timedelta(days=1)):
        moment = publishing_moment(day, at, zone)
        wall = moment.astimezone(zone)
        assert (wall.date(), wall.time() >= at) == (day, True)
        before = moment - timedelta(minutes=1)
        assert before.astimezone(zone).replace(tzinfo=None) < wall.replace(tzinfo=None) or wall.fold == 0
        assert before.astimezone(zone).date() < day or before.astimezone(zone).time() < at


@pytest.mark.parametrize(("name", "changed"), CHANGES)
def test_every_minute_around_a_change_of_the_clock_exactly_one_day_is_due(name, changed):
    zone, at = ZoneInfo(name), time(0, 30)
    start = datetime.combine(changed - timedelta(days=1), time(12), zone).astimezone(UTC)
    published = []
    for minute in range(48 * 60):
        now = start + timedelta(minutes=minute)
        day = editorial_day(now, zone)
        if day not in published and now >= publishing_moment(day, at, zone):
            assert now.astimezone(zone).time() >= at or minute == 0
            published.append(day)
    assert published == [changed - timedelta(days=1), changed, changed + timedelta(days=1)]


def test_decks_have_their_days_of_the_week():
    week = [DAY + timedelta(days=n) for n in range(7)]
    assert all(has_deck(day) for day in week)
    assert [f"{day:%a}" for day in week if has_deck(day, {0, 2})] == ["Mon", "Wed"]
