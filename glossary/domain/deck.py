"""A deck: seven cards for one editorial day; its states, who is fit to be dealt, and when it is published."""

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from glossary.domain.errors import IllegalMove

DECK_SIZE = 7
FRESH_DAYS = 7  # a card must not fall due within so many days of the deck's day
LONGEST_GAP = 28  # days before a term is dealt again
MAX_TITLE = 60
MAX_PRIORITY = 100
EVERY_DAY = frozenset(range(7))  # of the week, Monday 0
GATES = {"T-12 h": timedelta(hours=12), "T-1 h": timedelta(hours=1)}  # before publication a deck is looked at again
LATE = timedelta(minutes=30)  # after its moment an unpublished deck is an alarm


class DeckState(StrEnum):
    """Where a deck stands. Published is final."""

    DRAFT = "draft"
    READY = "ready"
    LOCKED = "locked"
    PUBLISHED = "published"
    MISSED = "missed"


MOVES: dict[DeckState, frozenset[DeckState]] = {
    DeckState.DRAFT: frozenset({DeckState.READY, DeckState.MISSED}),
    DeckState.READY: frozenset({DeckState.DRAFT, DeckState.LOCKED, DeckState.MISSED}),
    DeckState.LOCKED: frozenset({DeckState.DRAFT, DeckState.PUBLISHED, DeckState.MISSED}),
    DeckState.PUBLISHED: frozenset(),
    DeckState.MISSED: frozenset(),
}
EDITABLE = frozenset({DeckState.DRAFT, DeckState.READY})


def check_move(state: DeckState, to: DeckState, *, day: date, today: date) -> None:
    """Raise IllegalMove if a deck may not go from `state` to `to` on `today`."""
    if to not in MOVES[state]:
        raise IllegalMove(f"A {state.value} deck cannot become {to.value}.")
    if day < today and to in {DeckState.READY, DeckState.LOCKED}:
        raise IllegalMove(f"{day:%B} {day.day}, {day.year} is past. A deck is prepared for today or a later day.")


def check_seven(cards: Sequence[object]) -> None:
    """Raise IllegalMove unless there are exactly seven cards."""
    missing = DECK_SIZE - len(cards)
    if missing > 0:
        raise IllegalMove(f"The deck has {len(cards)} of {DECK_SIZE} cards. Choose {missing} more, or fill the deck.")
    if missing < 0:
        raise IllegalMove(f"The deck has {len(cards)} cards. A deck has exactly {DECK_SIZE}.")


def barred_because(due_on: date, *, day: date) -> str:
    """Return why a term whose check falls due on `due_on` cannot be dealt on `day`; empty if it can."""
    if due_on <= day:
        return f"its check is due on {due_on:%B} {due_on.day}, {due_on.year}"
    if due_on <= day + timedelta(days=FRESH_DAYS):
        return f"its check falls due within {FRESH_DAYS} days of the deck, on {due_on:%B} {due_on.day}, {due_on.year}"
    return ""


def effective_gap(eligible: int) -> int:
    """Return the days before a term returns, as far as the stock allows: min(28, ⌊eligible ÷ 7⌋ − 1), at least 0."""
    return max(0, min(LONGEST_GAP, eligible // DECK_SIZE - 1))


def within_gap(dealt_on: date | None, *, day: date, gap: int) -> bool:
    """Return whether a term dealt on `dealt_on` would come back too soon on `day`."""
    return dealt_on is not None and abs((day - dealt_on).days) <= gap


def editorial_day(now: datetime, zone: ZoneInfo) -> date:
    """Return the calendar day that it is at the desk."""
    return now.astimezone(zone).date()


def has_deck(day: date, weekdays: Collection[int] = EVERY_DAY) -> bool:
    """Return whether a deck is published on such a day of the week."""
    return day.weekday() in weekdays


def publishing_moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Return the instant at which the deck of `day` is due, in UTC.

    A time that the clock skips becomes the next valid instant; one that comes twice is taken at its first.
    """
    wall = datetime.combine(day, at, zone)
    instant = wall.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return instant
    earlier = wall.replace(fold=1).astimezone(UTC)  # the time was skipped: fold 1 counts it by the clock after the skip
    while earlier < instant and earlier.astimezone(zone).replace(tzinfo=None) < wall.replace(tzinfo=None):
        earlier += timedelta(minutes=1)
    return earlier
