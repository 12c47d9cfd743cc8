"""A deck: seven cards for one editorial day; its states, who is fit to be dealt, and when it is published."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from glossary.domain.errors import IllegalMove

DECK_SIZE = 7
FRESH_DAYS = 7  # a card must not fall due within so many days of the deck's day
LONGEST_GAP = 28  # days before a term is dealt again
MAX_TITLE = 60
MAX_PRIORITY = 100


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


@dataclass(frozen=True)
class Candidate:
    """A published term as the dealer sees it."""

    term: int
    headword: str
    due_on: date
    dealt_on: date | None = None  # the nearest other day, past or planned


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


def fill(candidates: Sequence[Candidate], *, day: date, places: int, taken: Collection[int]) -> list[Candidate]:
    """Return up to `places` candidates for the free places of a deck, longest not dealt first, then by name.

    Barred terms and those within the gap are left out; `taken` are the terms that stand in the deck already.
    """
    eligible = [candidate for candidate in candidates if not barred_because(candidate.due_on, day=day)]
    gap = effective_gap(len(eligible))
    free = [
        candidate
        for candidate in eligible
        if candidate.term not in taken and not within_gap(candidate.dealt_on, day=day, gap=gap)
    ]
    free.sort(key=lambda candidate: (candidate.dealt_on or date.min, candidate.headword.casefold(), candidate.term))
    return free[:places]


def editorial_day(now: datetime, zone: ZoneInfo) -> date:
    """Return the calendar day that it is at the desk."""
    return now.astimezone(zone).date()


def publishing_moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Return the instant at which the deck of `day` is due, in UTC.

    A time that the clock skips becomes the next valid instant; one that comes twice is taken at its first.
    """
    wall = datetime.combine(day, at, zone)
    instant = wall.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) != wall.replace(tzinfo=None):  # the hour was skipped
        before, after = wall.replace(fold=0).utcoffset(), wall.replace(fold=1).utcoffset()
        assert before is not None and after is not None
        gap = abs(after - before)
        start = (wall.replace(tzinfo=None) - gap).replace(tzinfo=zone)
        return _first_after_skip(start.astimezone(UTC), instant, zone, at)
    return instant


def _first_after_skip(low: datetime, high: datetime, zone: ZoneInfo, at: time) -> datetime:
    """Return the first minute between two instants at which the wall clock has passed `at`."""
    moment = low.replace(second=0, microsecond=0)
    while moment < high and moment.astimezone(zone).time() < at:
        moment += timedelta(minutes=1)
    return moment
